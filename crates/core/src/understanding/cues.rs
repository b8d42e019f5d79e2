//! What the statistical layer sees of an utterance: stems, meanings, what is listed where, and the features made of them.

use super::grammar::Grammar;
use super::lexicon::{self, Meaning, Symbol, pair, symbol};
use super::lists::Lists;
use super::normalise::Token;

/// The slot types that a word may belong to, one bit each.
pub type Kinds = u64;

/// Features are numbered by their hash, below this. A power of two, large enough that the thirty
/// thousand features of a big model seldom meet.
pub const FEATURES: usize = 1 << 15;
/// Pairs of meaning words are formed within so many of them; what comes later is mostly a message.
const PAIRED: usize = 7;

/// One word.
#[derive(Debug, Clone)]
pub struct Cue {
    stem: Symbol,
    /// What the phrase means that begins here, if the thesaurus has it.
    meaning: Option<Meaning>,
    empty: bool,
    digits: bool,
    /// Slot types with a value that begins here.
    pub begins: Kinds,
    /// Slot types with a value that began before and goes on here.
    pub inside: Kinds,
    /// Hashes of its letters, three at a time.
    grams: [Symbol; MOST_GRAMS],
}

impl Cue {
    /// What the word means, unless it is an empty one.
    #[must_use]
    pub fn meaning(&self) -> Option<Symbol> {
        match self.meaning {
            Some(meaning) => Some(meaning.group),
            None => (!self.empty).then_some(self.stem),
        }
    }
}

/// Whether anything is said but values: a name alone says whom, and not what for.
#[must_use]
pub fn say_something(cues: &[Cue], is_word: impl Fn(usize) -> bool) -> bool {
    let says = |(at, cue): (usize, &Cue)| {
        (cue.begins | cue.inside) == 0 && (cue.meaning.is_some() || !cue.empty && is_word(at))
    };
    cues.iter().enumerate().any(says)
}

/// Whether an intent that takes values of `kinds` leaves few values of other kinds aside: "I meant Dad" is no mere yes.
#[must_use]
pub fn takes_values(cues: &[Cue], kinds: Kinds) -> bool {
    let aside = |cue: &&Cue| {
        let here = cue.begins | cue.inside;
        here != 0 && here & kinds == 0 && !cue.empty && !cue.digits
    };
    cues.iter().filter(aside).count() * MOST_ASIDE < cues.len()
}

/// One word in so many may be a value that an intent has no slot for.
const MOST_ASIDE: usize = 3;
/// The most groups of three letters of a word.
const MOST_GRAMS: usize = 8;

/// The words of an utterance as they are seen, in a household.
#[must_use]
pub fn see(tokens: &[Token], grammar: &Grammar, lists: &Lists) -> Vec<Cue> {
    let stems: Vec<Symbol> = tokens.iter().map(|t| symbol(lexicon::stem(&t.text))).collect();
    let mut cues: Vec<Cue> = tokens
        .iter()
        .enumerate()
        .map(|(at, token)| Cue {
            stem: stems[at],
            meaning: lexicon::group(&stems[at..]),
            empty: lexicon::is_empty(&token.text),
            digits: token.text.bytes().all(|byte| byte.is_ascii_digit()),
            begins: 0,
            inside: 0,
            grams: grams(&token.text),
        })
        .collect();
    grammar.listed(tokens, lists, |kind, from, to| mark(&mut cues, 1 << (kind % 64), from, to));
    cues
}

/// Notes that a value of these slot types stands at `from..to`.
pub fn mark(cues: &mut [Cue], kinds: Kinds, from: usize, to: usize) {
    if let Some(([first], rest)) = cues.get_mut(from..to).map(|cues| cues.split_at_mut(1)) {
        first.begins |= kinds;
        rest.iter_mut().for_each(|cue| cue.inside |= kinds);
    }
}

fn grams(word: &str) -> [Symbol; MOST_GRAMS] {
    let mut grams = [0; MOST_GRAMS];
    let letters: Vec<Symbol> =
        std::iter::once(94).chain(word.chars().map(Symbol::from)).chain([36]).collect();
    for (gram, window) in grams.iter_mut().zip(letters.windows(3)) {
        *gram = pair(pair(window[0], window[1]), window[2]) | 1;
    }
    grams
}

/// Families of features: equal symbols in different roles are different features.
#[derive(Debug, Clone, Copy)]
enum Role {
    Bias,
    Stem,
    Group,
    Kind,
    Gram,
    Next,
    NextKind,
    Near,
    Word,
    Before,
    After,
    Before2,
    After2,
    BeforeHere,
    HereAfter,
    Begins,
    Inside,
    KindBefore,
    KindAfter,
    Of,
    OfBefore,
    OfAfter,
    Shape,
}

const fn feature(role: Role, symbol: Symbol) -> u32 {
    let mixed = pair(symbol, (role as Symbol).wrapping_mul(0x85eb_ca6b));
    mixed & (FEATURES as u32 - 1)
}

/// What tells intents apart, each feature once.
#[must_use]
pub fn features(cues: &[Cue]) -> Vec<u32> {
    let mut features = vec![feature(Role::Bias, 0)];
    for cue in cues {
        features.push(feature(Role::Stem, cue.stem));
        let groups = cue.meaning.into_iter().flat_map(|it| [Some(it.group), it.second]).flatten();
        features.extend(groups.map(|group| feature(Role::Group, group)));
        each(cue.begins, |kind| features.push(feature(Role::Kind, kind)));
        if !cue.empty {
            let grams = cue.grams.iter().filter(|gram| **gram != 0);
            features.extend(grams.map(|gram| feature(Role::Gram, *gram)));
        }
    }
    let plain = units(cues, false);
    neighbours(&plain, Role::Next, &mut features);
    let typed = units(cues, true);
    if typed != plain {
        neighbours(&typed, Role::NextKind, &mut features);
    }
    let meaning: Vec<Symbol> =
        typed.iter().filter(|unit| !unit.1).map(|unit| unit.0).take(PAIRED).collect();
    for (at, first) in meaning.iter().enumerate() {
        for second in &meaning[at + 1..] {
            features.push(feature(Role::Near, pair(*first, *second)));
        }
    }
    features.sort_unstable();
    features.dedup();
    features
}

/// Phrases of one meaning as one symbol each, and whether it is an empty word; with `kinds`, values of
/// slot types too.
fn units(cues: &[Cue], kinds: bool) -> Vec<(Symbol, bool)> {
    let mut units = Vec::with_capacity(cues.len());
    let mut at = 0;
    while at < cues.len() {
        let cue = &cues[at];
        let (unit, length) = if kinds && cue.begins != 0 {
            let goes_on = |next: &&Cue| next.inside & cue.begins != 0;
            let kinds = symbol("kinds") ^ fold(cue.begins);
            ((kinds, false), 1 + cues[at + 1..].iter().take_while(goes_on).count())
        } else {
            let (symbol, length) = cue.meaning.map_or((cue.stem, 1), |it| (it.group, it.words));
            ((symbol, cue.empty && length == 1), length)
        };
        units.push(unit);
        at += length;
    }
    units
}

fn neighbours(units: &[(Symbol, bool)], role: Role, features: &mut Vec<u32>) {
    let mut before = symbol("^");
    for (unit, _) in units.iter().copied().chain([(symbol("$"), false)]) {
        features.push(feature(role, pair(before, unit)));
        before = unit;
    }
}

const fn fold(kinds: Kinds) -> Symbol {
    (kinds ^ (kinds >> 32)) as Symbol
}

/// Calls `take` with the number of each kind.
fn each(kinds: Kinds, mut take: impl FnMut(Symbol)) {
    let mut left = kinds;
    while left != 0 {
        take(left.trailing_zeros());
        left &= left - 1;
    }
}

/// What tells the slots of an intent apart at the word `at`. `intent` is any number for the intent.
pub fn word_features(cues: &[Cue], at: usize, intent: Symbol, features: &mut Vec<u32>) {
    features.clear();
    let stem = |at: Option<usize>, outside: &str| {
        at.and_then(|at| cues.get(at)).map_or_else(|| symbol(outside), |cue| cue.stem)
    };
    let cue = &cues[at];
    let (before, after) = (stem(at.checked_sub(1), "^"), stem(Some(at + 1), "$"));
    features.extend([
        feature(Role::Bias, 0),
        feature(Role::Word, cue.stem),
        feature(Role::Before, before),
        feature(Role::After, after),
        feature(Role::Before2, stem(at.checked_sub(2), "^")),
        feature(Role::After2, stem(Some(at + 2), "$")),
        feature(Role::BeforeHere, pair(before, cue.stem)),
        feature(Role::HereAfter, pair(cue.stem, after)),
        feature(Role::Of, pair(intent, cue.stem)),
        feature(Role::OfBefore, pair(intent, before)),
        feature(Role::OfAfter, pair(intent, after)),
        feature(Role::Shape, Symbol::from(cue.digits) * 2 + Symbol::from(cue.empty)),
    ]);
    if let Some(meaning) = cue.meaning {
        features.push(feature(Role::Group, meaning.group));
    }
    each(cue.begins, |kind| features.push(feature(Role::Begins, kind)));
    each(cue.inside, |kind| features.push(feature(Role::Inside, kind)));
    if let Some(before) = at.checked_sub(1).and_then(|at| cues.get(at)) {
        each(before.begins | before.inside, |kind| features.push(feature(Role::KindBefore, kind)));
    }
    if let Some(after) = cues.get(at + 1) {
        each(after.begins | after.inside, |kind| features.push(feature(Role::KindAfter, kind)));
    }
}
