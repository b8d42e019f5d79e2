//! A model's samples as a trie of words and slots, and the search for the reading of an utterance.
//!
//! Most literal text wins, then listed values, then forms (numbers, times), then unknown names, and
//! free text last. Lists are looked up while searching, so that a household is swapped in without
//! compiling anything again.

mod fill;
mod kinds;
mod names;

use std::collections::BTreeMap;

use super::builtin;
use super::lists::{self, List, Lists, Phrase};
use super::model::{Model, Piece};
use super::normalise::{self, Token};
use super::resolver;
use super::typed::Typed;
pub use names::is_grammar;
use names::{could_be_misheard, could_be_name};

/// Steps after which a search ends with what it has found: an utterance is read in about a hundred.
const MAX_STEPS: usize = 20_000;
/// The longest unknown name, in words.
const MAX_NAME_WORDS: usize = 4;
/// The longest name that fell into pieces.
const MOST_HEARD_WORDS: usize = 5;
/// A slot type that lists a value of so many words is a place for free text.
const FREE_FROM_WORDS: usize = 6;
/// The most readings a search keeps.
const KEPT: usize = 12;

// Points for each way to take words; what matters is their order.
const LITERAL: i32 = 100;
const LISTED: i32 = 90;
const FORMED: i32 = 80;
/// A slot whose words nobody lists costs more than a literal word brings, so that a listed value wins.
const UNKNOWN: i32 = -110;
const UNKNOWN_WORD: i32 = -20;
/// A name that sounds like somebody's, at its best: less than a listed one, so that a listed name stands unless the longer
/// one lets more of the sample's own words be heard.
const HEARD: f32 = 84.0;
/// Between spans that sound about alike, the longer explains more.
const HEARD_WORD: i32 = 3;
/// How close to somebody's name words must come that are taken for it.
const LIKE_A_NAME: f32 = 0.68;
/// So many spans of one utterance are compared with the names of the household.
const MOST_LISTENED: usize = 12;
/// Fewer, shorter slots are simpler.
const SLOT: i32 = -2;

/// How a slot takes words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Taking {
    /// Values of a list, and unknown words up to a number; `name` keeps to words names are made of.
    Listed {
        slot_type: String,
        unknown: usize,
        name: bool,
    },
    Formed(Typed),
    /// Any words.
    Free {
        slot_type: String,
    },
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Sorted by word.
    words: Vec<(u32, u32)>,
    slots: Vec<(u16, u32)>,
    ends: Vec<End>,
}

/// A sample ends here.
#[derive(Debug, Clone)]
struct End {
    intent: u16,
    /// Its slots in the order they were said.
    slots: Box<[u16]>,
    literals: u16,
}

/// A compiled model.
#[derive(Debug, Clone, Default)]
pub struct Grammar {
    nodes: Vec<Node>,
    vocabulary: BTreeMap<String, u32>,
    takings: Vec<Taking>,
    intents: Vec<String>,
    slots: Vec<String>,
    values: BTreeMap<String, List>,
    /// How each slot of each intent takes words.
    takes: BTreeMap<(usize, u16), u16>,
}

/// Words taken by a slot.
#[derive(Debug, Clone, Copy)]
pub struct Fill<'g> {
    pub slot: &'g str,
    pub slot_type: &'g str,
    pub from: usize,
    pub to: usize,
    pub how: How<'g>,
}

#[derive(Debug, Clone, Copy)]
pub enum How<'g> {
    /// A listed value; `possessive` if the last word has an 's of its own.
    Listed {
        phrase: &'g Phrase,
        possessive: bool,
        household: bool,
    },
    Formed(Typed),
    /// Unknown words where a listed value was expected.
    Unknown,
    Free,
}

/// A sample that fits.
#[derive(Debug, Clone)]
pub struct Found<'g> {
    pub intent: &'g str,
    pub points: i32,
    pub literals: usize,
    pub fills: Vec<Fill<'g>>,
    /// The sample's place in the model; decides between equals.
    order: usize,
}

impl<'g> Found<'g> {
    /// A reading that no sample fits, without slots yet.
    #[must_use]
    pub fn guessed(intent: &'g str) -> Self {
        Self { intent, points: 0, literals: 0, fills: vec![], order: usize::MAX }
    }

    /// Whether a slot has taken some of the words of `fill` already.
    #[must_use]
    pub fn overlaps(&self, fill: &Fill<'_>) -> bool {
        self.fills.iter().any(|known| known.from < fill.to && fill.from < known.to)
    }

    /// Whether a slot whose values are listed holds words that are not. People have names that nobody listed; of other
    /// things that is a sign of a wrong reading.
    #[must_use]
    pub fn has_unlisted_value(&self) -> bool {
        let unlisted = |fill: &Fill<'_>| {
            matches!(fill.how, How::Unknown) && !lists::is_filled_by_households(fill.slot_type)
        };
        self.fills.iter().any(unlisted)
    }

    /// How many slots hold a value that is listed or has a form.
    #[must_use]
    pub fn known(&self) -> usize {
        let known = |fill: &&Fill<'_>| matches!(fill.how, How::Listed { .. } | How::Formed(_));
        self.fills.iter().filter(known).count()
    }
}

impl Grammar {
    #[must_use]
    pub fn compile(model: &Model) -> Self {
        let mut grammar = Self { values: lists::of_model(model), ..Self::default() };
        grammar.nodes.push(Node::default());
        for intent in &model.intents {
            let number = grammar.intents.len();
            grammar.intents.push(intent.name.clone());
            let types: BTreeMap<&str, &str> = intent
                .slots
                .iter()
                .map(|slot| (slot.name.as_str(), slot.slot_type.as_str()))
                .collect();
            for sample in &intent.samples {
                grammar.add(number, &sample.pieces, &types);
            }
            for slot in &intent.slots {
                let taking = grammar.taking(&slot.slot_type);
                let slot = index(&mut grammar.slots, &slot.name);
                grammar.takes.insert((number, slot), taking);
            }
        }
        // Alexa knows what to say to its own intents; a model's own samples come first.
        for number in 0..grammar.intents.len() {
            for phrase in builtin::phrases(&grammar.intents[number]) {
                grammar.add(number, &[Piece::Words((*phrase).to_owned())], &BTreeMap::new());
            }
        }
        for node in &mut grammar.nodes {
            node.words.sort_unstable();
        }
        grammar
    }

    /// Adds a sample; one that is there already is left as it is.
    fn add(&mut self, intent: usize, pieces: &[Piece], types: &BTreeMap<&str, &str>) {
        let Ok(intent) = u16::try_from(intent) else { return };
        let (mut node, mut literals, mut slots) = (0, 0_u16, vec![]);
        for piece in pieces {
            match piece {
                Piece::Words(words) => {
                    for token in normalise::tokens(words).unwrap_or_default() {
                        node = self.word(node, token.text);
                        literals = literals.saturating_add(1);
                    }
                }
                Piece::Slot(name) => {
                    let Some(slot_type) = types.get(name.as_str()) else { return };
                    let taking = self.taking(slot_type);
                    node = self.slot(node, taking);
                    slots.push(index(&mut self.slots, name));
                }
            }
        }
        if node == 0 {
            return;
        }
        let slots = slots.into_boxed_slice();
        let ends = &mut self.nodes[node].ends;
        if !ends.iter().any(|end| end.slots == slots) {
            ends.push(End { intent, slots, literals });
        }
    }

    fn word(&mut self, node: usize, word: String) -> usize {
        let known = u32::try_from(self.vocabulary.len()).unwrap_or(u32::MAX);
        let word = *self.vocabulary.entry(word).or_insert(known);
        if let Some((_, next)) = self.nodes[node].words.iter().find(|(known, _)| *known == word) {
            return *next as usize;
        }
        let next = self.nodes.len();
        self.nodes.push(Node::default());
        self.nodes[node].words.push((word, u32::try_from(next).unwrap_or(u32::MAX)));
        next
    }

    fn slot(&mut self, node: usize, taking: u16) -> usize {
        if let Some((_, next)) = self.nodes[node].slots.iter().find(|(known, _)| *known == taking) {
            return *next as usize;
        }
        let next = self.nodes.len();
        self.nodes.push(Node::default());
        self.nodes[node].slots.push((taking, u32::try_from(next).unwrap_or(u32::MAX)));
        next
    }

    fn taking(&mut self, slot_type: &str) -> u16 {
        let longest = self.values.get(slot_type).map(|list| list.longest);
        let slot_type = slot_type.to_owned();
        let taking = if let Some(typed) = Typed::of(&slot_type) {
            Taking::Formed(typed)
        } else if slot_type == "AMAZON.SearchQuery" {
            Taking::Free { slot_type }
        } else if lists::is_filled_by_households(&slot_type) {
            Taking::Listed { slot_type, unknown: MAX_NAME_WORDS, name: true }
        } else {
            match longest {
                Some(longest) if longest >= FREE_FROM_WORDS => Taking::Free { slot_type },
                Some(longest) => Taking::Listed { slot_type, unknown: longest.max(2), name: false },
                // One of Alexa's own lists (cities, films): we have no values, it may be anything.
                None => Taking::Listed { slot_type, unknown: FREE_FROM_WORDS, name: false },
            }
        };
        let at = self.takings.iter().position(|known| *known == taking).unwrap_or_else(|| {
            self.takings.push(taking);
            self.takings.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// Every reading of `tokens[from..to]`, the best first, each intent and filling once.
    #[must_use]
    pub fn read<'g>(
        &'g self,
        tokens: &'g [Token],
        span: (usize, usize),
        lists: &'g Lists,
    ) -> Vec<Found<'g>> {
        self.read_by_ear(tokens, span, lists, None)
    }

    /// The same, also with names that are only heard: `ear` says how much the words of a span sound like the name of
    /// somebody known, 0 to 1.
    #[must_use]
    pub fn read_by_ear<'g>(
        &'g self,
        tokens: &'g [Token],
        (from, to): (usize, usize),
        lists: &'g Lists,
        ear: Option<&mut Ear<'_>>,
    ) -> Vec<Found<'g>> {
        let tokens = &tokens[..to];
        let words = tokens.iter().map(|token| self.vocabulary.get(&token.text).copied()).collect();
        let (fills, found) = (vec![], vec![]);
        let mut search = Search {
            grammar: self,
            tokens,
            words,
            lists,
            ear,
            listened: 0,
            steps: 0,
            fills,
            found,
        };
        search.walk(0, from, 0);
        let mut found = search.found;
        found.sort_by(|a, b| b.points.cmp(&a.points).then(a.order.cmp(&b.order)));
        found.truncate(KEPT);
        found
    }

    #[must_use]
    pub fn has_slots(&self, intent: usize) -> bool {
        self.takes.range((intent, 0)..=(intent, u16::MAX)).next().is_some()
    }

    /// The type of an intent's slot, if its values are listed.
    #[must_use]
    pub fn slot_type(&self, intent: &str, slot: &str) -> Option<&str> {
        let intent = self.intents.iter().position(|known| known == intent)?;
        let taking = self.takes.get(&(intent, self.slot_number(slot)?))?;
        match &self.takings[usize::from(*taking)] {
            Taking::Listed { slot_type, .. } => Some(slot_type),
            Taking::Formed(_) | Taking::Free { .. } => None,
        }
    }

    /// The form that the values of an intent's slot have, if they have one.
    #[must_use]
    pub fn form(&self, intent: &str, slot: &str) -> Option<Typed> {
        let intent = self.intents.iter().position(|known| known == intent)?;
        let taking = self.takes.get(&(intent, self.slot_number(slot)?))?;
        match self.takings[usize::from(*taking)] {
            Taking::Formed(typed) => Some(typed),
            Taking::Listed { .. } | Taking::Free { .. } => None,
        }
    }

    /// Whether some sample has this word.
    #[must_use]
    pub fn has_word(&self, word: &str) -> bool {
        self.vocabulary.contains_key(word)
    }

    /// The name of an intent by its number.
    #[must_use]
    pub fn intent(&self, number: usize) -> &str {
        &self.intents[number]
    }

    #[must_use]
    pub fn slot_number(&self, name: &str) -> Option<u16> {
        self.slots.iter().position(|known| known == name).and_then(|at| u16::try_from(at).ok())
    }

    /// The names of slots by their numbers.
    #[must_use]
    pub fn slot_names(&self) -> &[String] {
        &self.slots
    }

    /// The intents of the model, in its order.
    pub fn intents(&self) -> impl Iterator<Item = &str> {
        self.intents.iter().map(String::as_str)
    }

    /// The size of the trie, in nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }
}

fn index(names: &mut Vec<String>, name: &str) -> u16 {
    let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Whether a span ends within a relation that begins as a shorter one: "my sister in" of "my sister in law". `listed` are the
/// ends of listed names that begin where it does.
fn cuts_a_relation(tokens: &[Token], (from, to): (usize, usize), listed: &[usize]) -> bool {
    listed.iter().filter(|end| (from + 1..to).contains(*end)).any(|end| {
        let words: Vec<&str> = tokens[from..].iter().map(|token| token.text.as_str()).collect();
        let (said, after) = words.split_at(end - from);
        let more = resolver::goes_on(said, after);
        more > 0 && to < end + more
    })
}

/// How much the words from one token to before another sound like somebody's name, 0 to 1.
pub type Ear<'e> = dyn FnMut(usize, usize) -> f32 + 'e;

struct Search<'g, 'e, 'f> {
    grammar: &'g Grammar,
    tokens: &'g [Token],
    words: Vec<Option<u32>>,
    lists: &'g Lists,
    ear: Option<&'e mut Ear<'f>>,
    listened: usize,
    steps: usize,
    fills: Vec<(u16, usize, usize, How<'g>)>,
    found: Vec<Found<'g>>,
}

impl<'g> Search<'g, '_, '_> {
    fn walk(&mut self, node: usize, at: usize, points: i32) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return;
        }
        let here = &self.grammar.nodes[node];
        if at == self.tokens.len() {
            self.end(here, node, points);
            return;
        }
        if let Some(next) = self.words[at].and_then(|word| follow(here, word)) {
            self.walk(next, at + 1, points + LITERAL);
        }
        for (taking, next) in &here.slots {
            self.take(*taking, *next as usize, at, points + SLOT);
        }
    }

    fn take(&mut self, number: u16, next: usize, at: usize, points: i32) {
        match &self.grammar.takings[usize::from(number)] {
            Taking::Formed(typed) => {
                for to in typed.ends(self.tokens, at) {
                    let how = How::Formed(*typed);
                    self.fill(number, next, (at, to), how, points + FORMED * words(to - at));
                }
            }
            Taking::Free { slot_type } => {
                self.listed(number, slot_type, next, at, points, FORMED);
                let last = self.grammar.nodes[next].words.is_empty()
                    && self.grammar.nodes[next].slots.is_empty();
                let first = if last { self.tokens.len() } else { at + 1 };
                for to in first..=self.tokens.len() {
                    if self.could_go_on(next, to) {
                        self.fill(number, next, (at, to), How::Free, points);
                    }
                }
            }
            Taking::Listed { slot_type, unknown, name } => {
                let listed = self.listed(number, slot_type, next, at, points, LISTED);
                if lists::is_name(slot_type) {
                    self.heard(number, next, at, points, &listed);
                }
                for length in 1..=(*unknown).min(self.tokens.len() - at) {
                    let to = at + length;
                    if listed.contains(&to) {
                        continue;
                    }
                    if *name && !could_be_name(&self.tokens[at..to]) {
                        continue;
                    }
                    if self.could_go_on(next, to) {
                        let points = points + UNKNOWN + UNKNOWN_WORD * words(length);
                        self.fill(number, next, (at, to), How::Unknown, points);
                    }
                }
            }
        }
    }

    /// Takes words that sound like somebody's name: damage makes other words of it, of any kind.
    fn heard(&mut self, number: u16, next: usize, at: usize, points: i32, listed: &[usize]) {
        let tokens = self.tokens;
        for to in at + 1..=(at + MOST_HEARD_WORDS).min(tokens.len()) {
            if listed.contains(&to)
                || !could_be_misheard(&tokens[at..to])
                || cuts_a_relation(tokens, (at, to), listed)
                || !self.could_go_on(next, to)
            {
                continue;
            }
            let Some(ear) = self.ear.as_mut().filter(|_| self.listened < MOST_LISTENED) else {
                return;
            };
            self.listened += 1;
            let likeness = ear(at, to);
            if likeness >= LIKE_A_NAME {
                let points = points + (HEARD * likeness) as i32 + HEARD_WORD * words(to - at);
                self.fill(number, next, (at, to), How::Unknown, points);
            }
        }
    }

    /// Takes listed values, and says before which tokens they end (none ends before the first).
    fn listed(
        &mut self,
        number: u16,
        slot_type: &'g str,
        next: usize,
        at: usize,
        points: i32,
        each: i32,
    ) -> [usize; 8] {
        let (tokens, lists, grammar) = (self.tokens, self.lists, self.grammar);
        let home = lists.list(slot_type).map(|list| (list, true));
        let model = grammar.values.get(slot_type).map(|list| (list, false));
        let mut seen = [0_usize; 8];
        let mut count = 0;
        for (list, household) in home.into_iter().chain(model) {
            for found in list.at(tokens, at) {
                if seen[..count].contains(&found.end) {
                    continue; // the household's own entry was there first
                }
                if count < seen.len() {
                    seen[count] = found.end;
                    count += 1;
                }
                let possessive = found.possessive;
                let how = How::Listed { phrase: found.phrase, possessive, household };
                // A model's placeholder is a known word, but nobody of this household.
                let each = if household || home.is_none() { each } else { each - 15 };
                let points = points + each * words(found.end - at) - i32::from(possessive);
                self.fill(number, next, (at, found.end), how, points);
            }
        }
        seen
    }

    fn fill(
        &mut self,
        number: u16,
        next: usize,
        (from, to): (usize, usize),
        how: How<'g>,
        points: i32,
    ) {
        self.fills.push((number, from, to, how));
        self.walk(next, to, points);
        self.fills.pop();
    }

    /// Whether anything can follow a slot that ends before `at`: spares most of the search.
    fn could_go_on(&self, node: usize, at: usize) -> bool {
        let node = &self.grammar.nodes[node];
        match self.words.get(at) {
            None => !node.ends.is_empty(),
            Some(word) => {
                !node.slots.is_empty() || word.is_some_and(|word| follow(node, word).is_some())
            }
        }
    }

    fn end(&mut self, node: &'g Node, place: usize, points: i32) {
        let grammar = self.grammar;
        for end in &node.ends {
            let unknown =
                self.fills.iter().any(|(_, _, _, how)| matches!(how, How::Unknown | How::Free));
            if unknown && end.literals == 0 {
                continue; // any words at all would fit
            }
            let fills = self
                .fills
                .iter()
                .zip(&end.slots)
                .map(|((taking, from, to, how), slot)| Fill {
                    slot: &grammar.slots[usize::from(*slot)],
                    slot_type: match &grammar.takings[usize::from(*taking)] {
                        Taking::Listed { slot_type, .. } | Taking::Free { slot_type } => slot_type,
                        Taking::Formed(_) => "",
                    },
                    from: *from,
                    to: *to,
                    how: *how,
                })
                .collect();
            self.found.push(Found {
                intent: &grammar.intents[usize::from(end.intent)],
                points,
                literals: usize::from(end.literals),
                fills,
                order: place,
            });
        }
    }
}

fn follow(node: &Node, word: u32) -> Option<usize> {
    let at = node.words.binary_search_by_key(&word, |(word, _)| *word).ok()?;
    Some(node.words[at].1 as usize)
}

fn words(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 1000)
}
