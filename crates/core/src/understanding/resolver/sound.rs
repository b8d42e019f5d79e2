//! How a name sounds, read from its spelling, and how far apart two names sound.
//!
//! Names reach us in two spellings: the address book's and the recogniser's, which writes whatever English
//! words sound alike. Both are read aloud by the same rules, so that they meet: "see o mara" is Xiomara
//! where a hint says so, and "the meet tree" is nearly Dmitri.
//!
//! A sound is one ASCII letter:
//!
//! | | |
//! |---|---|
//! | `i I e E A a` | see, sit, bed, day, cat, father |
//! | `U o O u` | cut and every weak vowel, law, go, moon |
//! | `Y W Q` | my, now, boy |
//! | `'` | a final e: silent in Kate, spoken in Dante |
//! | `T S Z C J N` | thin, she, vision, church, judge, sing |
//! | `X j q` | ch, j, and g before e: languages disagree on them |
//! | others | as usual |

use std::sync::LazyLock;

/// The most sounds kept of a name: some eight words. Fewer than the bits of the comparison's rows.
const LONGEST: usize = 48;

/// A reading rule: between `left` and `right`, these letters sound so. The first that fits is taken, so within
/// a letter the special ones come first.
///
/// In a context, `_` is the edge of a word, `#` a vowel letter, `%` a consonant letter, `+` one of e, i, y.
/// The form is that of Elovitz et al., "Letter-to-sound rules for automatic translation of English text to
/// phonetics" (1976); the rules are fewer and made for names.
type Rule = (&'static str, &'static str, &'static str, &'static str);

/// Sorted by the first of the letters. A letter alone is said by its name: "g woo" is Ji-woo.
const RULES: &[Rule] = &[
    // Digits: the recogniser writes "2" for Tu and "1" for Juan.
    ("", "0", "", "zirO"),
    ("", "10", "", "ten"),
    ("", "1", "", "wUn"),
    ("", "2", "", "tu"),
    ("", "3", "", "Tri"),
    ("", "4", "", "for"),
    ("", "5", "", "fYv"),
    ("", "6", "", "sIks"),
    ("", "7", "", "sevUn"),
    ("", "8", "", "Et"),
    ("", "9", "", "nYn"),
    ("", "augh", "", "o"),
    ("", "aigh", "", "E"),
    ("", "aoi", "", "i"),
    ("", "ae", "", "E"),
    ("", "ai", "_", "Y"),
    ("", "ai", "", "E"),
    ("", "ay", "", "E"),
    ("", "au", "", "o"),
    ("", "aw", "#", "ow"),
    ("", "aw", "", "o"),
    ("", "aa", "", "a"),
    ("", "ah", "#", "ah"),
    ("", "ah", "", "a"),
    ("", "ar", "%", "ar"),
    ("", "ar", "_", "ar"),
    ("", "all", "_", "ol"),
    ("", "a", "%e_", "E"),
    ("", "a", "_", "U"),
    ("", "a", "", "A"),
    ("_", "b", "_", "bi"),
    ("m", "b", "_", ""),
    ("_", "bh", "", "b"),
    ("", "bh", "", "v"),
    ("", "b", "", "b"),
    ("_", "c", "_", "si"),
    ("", "ck", "", "k"),
    ("", "ch", "r", "k"),
    ("", "ch", "l", "k"),
    ("", "ch", "", "X"),
    ("", "cz", "", "C"),
    ("", "cc", "+", "ks"),
    ("", "c", "+", "s"),
    ("", "c", "", "k"),
    ("_", "d", "_", "di"),
    ("_", "dr", "_", "doktUr"),
    ("", "dg", "+", "J"),
    ("", "dj", "", "J"),
    ("", "dh", "", "d"),
    ("n", "d", "m", ""),
    ("n", "d", "p", ""),
    ("", "d", "", "d"),
    ("_", "e", "_", "i"),
    ("", "eigh", "", "E"),
    ("", "eau", "", "O"),
    ("", "ee", "", "i"),
    ("", "ea", "_", "iU"),
    ("", "ea", "", "i"),
    ("", "ei", "", "E"),
    ("", "ey", "_", "i"),
    ("", "ey", "", "E"),
    ("", "ew", "", "u"),
    ("_", "eu", "", "yu"),
    ("", "eu", "", "u"),
    ("", "eo", "", "iO"),
    ("", "er", "_", "Ur"),
    ("", "er", "%", "Ur"),
    ("", "e", "%e_", "i"),
    ("_th", "e", "_", "U"),
    ("_sh", "e", "_", "i"),
    ("_%", "e", "_", "i"),
    ("%", "e", "s_", "'"),
    ("%", "e", "_", "'"),
    ("", "e", "", "e"),
    ("_", "f", "_", "ef"),
    ("", "f", "", "f"),
    ("_", "g", "_", "Ji"),
    ("_", "gh", "", "g"),
    ("", "gh", "#", "g"),
    ("", "gh", "", ""),
    ("_", "gn", "", "n"),
    ("", "gn", "_", "n"),
    ("", "gu", "+", "g"),
    ("", "gg", "", "g"),
    ("", "g", "+", "q"),
    ("", "g", "", "g"),
    ("_", "h", "_", "EC"),
    ("#", "h", "_", ""),
    ("#", "h", "%", ""),
    ("", "h", "", "h"),
    ("", "igh", "", "Y"),
    ("", "ie", "", "i"),
    ("", "ia", "_", "iU"),
    ("", "ij", "", "Y"),
    ("", "ir", "%", "Ur"),
    ("_%", "i", "%e_", "Y"),
    ("_%%", "i", "%e_", "Y"),
    ("", "i", "%e_", "i"),
    ("_", "i", "_", "Y"),
    ("", "i", "_", "i"),
    ("", "i", "#", "i"),
    ("", "i", "", "I"),
    ("_", "j", "_", "JE"),
    ("", "j", "", "j"),
    ("_", "k", "_", "kE"),
    ("_", "kn", "", "n"),
    ("", "kh", "", "k"),
    ("", "k", "", "k"),
    ("_", "l", "_", "el"),
    ("", "l", "", "l"),
    ("_", "m", "_", "em"),
    ("_", "mrs", "_", "mIsIz"),
    ("_", "mr", "_", "mIstUr"),
    ("_", "ms", "_", "mIz"),
    ("_", "mc", "", "mUk"),
    ("", "mh", "", "v"),
    ("", "mn", "_", "m"),
    ("", "m", "", "m"),
    ("_", "n", "_", "en"),
    ("_", "ng", "", "n"),
    ("", "ng", "_", "N"),
    ("", "ng", "+", "nq"),
    ("", "ng", "#", "Ng"),
    ("", "ng", "", "N"),
    ("", "n", "", "n"),
    ("_", "o", "_", "O"),
    ("", "ough", "", "O"),
    ("", "oui", "", "ui"),
    ("", "oo", "", "u"),
    ("", "oa", "", "O"),
    ("", "oe", "_", "Oi"),
    ("", "oe", "", "O"),
    ("", "oi", "", "Q"),
    ("", "oy", "", "Q"),
    ("", "ou", "", "u"),
    ("", "ow", "_", "O"),
    ("", "ow", "#", "Ow"),
    ("", "ow", "", "W"),
    ("", "oh", "#", "Oh"),
    ("", "oh", "", "O"),
    ("", "o", "%e_", "O"),
    ("", "o", "_", "O"),
    ("", "o", "%#", "O"),
    ("", "o", "", "o"),
    ("_", "p", "_", "pi"),
    ("_", "prof", "_", "prUfesUr"),
    ("", "ph", "", "f"),
    ("_", "pf", "", "f"),
    ("_", "ps", "", "s"),
    ("", "p", "", "p"),
    ("_", "q", "_", "kyu"),
    ("", "que", "_", "k"),
    ("", "qu", "", "kw"),
    ("", "q", "", "k"),
    ("_", "r", "_", "ar"),
    ("", "rh", "", "r"),
    ("", "r", "", "r"),
    ("_", "s", "_", "es"),
    ("", "sch", "", "S"),
    ("", "sh", "", "S"),
    ("", "sz", "", "S"),
    ("", "sj", "", "S"),
    ("", "sc", "+", "s"),
    ("#", "s", "#", "z"),
    ("", "s", "", "s"),
    ("_", "t", "_", "ti"),
    ("", "tsch", "", "C"),
    ("", "tch", "", "C"),
    ("", "th", "", "T"),
    ("", "tz", "_", "ts"),
    ("", "ti", "on", "S"),
    ("", "t", "", "t"),
    ("_", "u", "_", "yu"),
    ("", "ue", "_", "u"),
    ("", "uy", "_", "Y"),
    ("", "ui", "", "uI"),
    ("", "ua", "_", "uU"),
    ("", "ua", "", "wa"),
    ("", "ur", "%", "Ur"),
    ("", "ur", "_", "Ur"),
    ("_", "u", "%#", "yu"),
    ("", "u", "%e_", "u"),
    ("", "u", "%#", "u"),
    ("", "u", "_", "u"),
    ("", "u", "", "U"),
    ("_", "v", "_", "vi"),
    ("", "v", "", "v"),
    ("_", "w", "_", "dUbUlyu"),
    ("_", "wr", "", "r"),
    ("_", "who", "_", "hu"),
    ("_", "who", "", "hO"),
    ("", "wh", "", "w"),
    ("", "w", "", "w"),
    ("_", "x", "_", "eks"),
    ("_", "x", "", "z"),
    ("", "x", "", "ks"),
    ("_", "y", "_", "wY"),
    ("_", "y", "#", "y"),
    ("_%", "y", "_", "Y"),
    ("", "y", "_", "i"),
    ("", "y", "%e_", "Y"),
    ("", "y", "#", "y"),
    ("", "y", "", "I"),
    ("_", "z", "_", "zi"),
    ("", "zh", "", "Z"),
    ("", "z", "", "z"),
];

/// Which rules begin with a letter: from, to.
const BY_LETTER: [(u8, u8); 128] = {
    let mut places = [(0, 0); 128];
    let mut at = 0;
    while at < RULES.len() {
        let letter = RULES[at].1.as_bytes()[0] as usize;
        if places[letter].1 == 0 {
            places[letter].0 = at as u8;
        }
        at += 1;
        places[letter].1 = at as u8;
    }
    places
};

/// The sounds of a normalised name. What is not written in Latin letters has none.
fn read(key: &str) -> Vec<u8> {
    let mut sounds: Vec<u8> = Vec::with_capacity(LONGEST);
    for word in key.as_bytes().split(|letter| *letter == b' ') {
        let mut at = 0;
        while at < word.len() {
            let Some((_, letters, _, said)) = rule(word, at) else {
                at += 1;
                continue;
            };
            for sound in said.bytes() {
                push(&mut sounds, sound);
            }
            at += letters.len();
        }
    }
    sounds
}

/// Double letters, and a sound carried over to the next word, are said once; so is the stop that ch and j begin
/// with: "kit chin".
fn push(sounds: &mut Vec<u8>, sound: u8) {
    match (sounds.last(), sound) {
        (Some(b't'), b'C' | b'X') | (Some(b'd'), b'J' | b'j') => {
            sounds.pop();
            sounds.push(sound);
        }
        (last, _) if last == Some(&sound) || sounds.len() == LONGEST => {}
        _ => sounds.push(sound),
    }
}

/// The rule for the letters of `word` at `at`.
fn rule(word: &[u8], at: usize) -> Option<&'static Rule> {
    let (from, to) = *BY_LETTER.get(usize::from(word[at]))?;
    RULES[usize::from(from)..usize::from(to)].iter().find(|(left, letters, right, _)| {
        let letters = letters.as_bytes();
        word[at..].starts_with(letters)
            && fits(right.bytes(), word[at + letters.len()..].iter())
            && fits(left.bytes().rev(), word[..at].iter().rev())
    })
}

/// Whether the letters, walking away from what is read, fit a context.
fn fits<'w>(
    mut context: impl Iterator<Item = u8>,
    mut letters: impl Iterator<Item = &'w u8>,
) -> bool {
    context.all(|wanted| match (wanted, letters.next()) {
        (b'_', letter) => letter.is_none(),
        (_, None) => false,
        (b'#', Some(letter)) => b"aeiouy".contains(letter),
        (b'%', Some(letter)) => !b"aeiouy".contains(letter),
        (b'+', Some(letter)) => b"eiy".contains(letter),
        (wanted, Some(letter)) => wanted == *letter,
    })
}

/// Sounds that are taken for one another: any two in a group cost so much, in hundredths; where two groups
/// hold both, the lesser. Made from what tells sounds apart: place, manner and voice (Ladefoged).
const ALIKE: &[(&str, u8)] = &[
    ("iI'", 10),
    ("Ie'", 15),
    ("iE", 20),
    ("eE'", 15),
    ("EI", 20),
    ("eA", 15),
    ("AaU", 10),
    ("aoU", 15),
    ("IeU", 15),
    ("'U", 15),
    ("oO", 15),
    ("uO", 20),
    ("uU", 20),
    ("EA", 20),
    ("YaIEi", 25),
    ("WaoOu", 25),
    ("QoOY", 25),
    ("iIeEAaUoOuYWQ'", 40),
    ("pb", 25),
    ("td", 25),
    ("kg", 25),
    ("fv", 25),
    ("sz", 15),
    ("SZ", 20),
    ("CJ", 25),
    ("Tt", 35),
    ("Td", 40),
    ("Tf", 25),
    ("Ts", 40),
    ("sS", 35),
    ("zZ", 35),
    ("SC", 30),
    ("ZJ", 30),
    ("zJ", 50),
    ("sC", 50),
    ("tC", 45),
    ("dJ", 45),
    ("XC", 5),
    ("XSk", 20),
    ("Xh", 30),
    ("jJ", 5),
    ("jyZ", 20),
    ("jh", 30),
    ("jqC", 15),
    ("qgJ", 10),
    ("qkZ", 35),
    ("qh", 45),
    ("mn", 40),
    ("nN", 15),
    ("mN", 45),
    ("vw", 30),
    ("vb", 40),
    ("wb", 60),
    ("wm", 70),
    ("lrw", 60),
    ("yJ", 50),
    ("kh", 60),
    ("fh", 60),
    ("hr", 60),
    ("ptk", 60),
    ("bdg", 60),
    ("bm", 60),
    ("dn", 60),
    ("dr", 70),
    ("yi", 20),
    ("yI", 30),
    ("yE", 50),
    ("wu", 20),
    ("wO", 40),
    ("wo", 60),
    ("rU", 40),
    ("ro", 60),
    ("loOU", 70),
];

/// What it costs to hear a sound that was not said, or to miss one; also its weight in a name.
const SLIPS: &[(&str, u8)] =
    &[("'", 5), ("U", 35), ("h", 35), ("iIeEAaoOuYWQ", 50), ("wy", 45), ("r", 55), ("tdn", 80)];
/// Every other sound.
const MISSED: u8 = 100;
/// Two sounds with nothing in common, and a vowel for a consonant.
const UNLIKE: u8 = 100;
const UNLIKE_KINDS: u8 = 130;

const VOWELS: &str = "iIeEAaUoOuYWQ'";

/// The costs of every two sounds, and of every slip.
struct Costs {
    instead: [[u8; 128]; 128],
    slip: [u8; 128],
    /// One bit for each of [`KINDS`].
    kinds: [u16; 128],
}

static COSTS: LazyLock<Costs> = LazyLock::new(|| {
    let mut instead = [[UNLIKE; 128]; 128];
    let mut slip = [MISSED; 128];
    let mut kinds = [0; 128];
    for (one, row) in instead.iter_mut().enumerate() {
        for (other, cost) in row.iter_mut().enumerate() {
            let vowel = |sound: usize| VOWELS.bytes().any(|vowel| usize::from(vowel) == sound);
            if vowel(one) != vowel(other) {
                *cost = UNLIKE_KINDS;
            }
            if one == other {
                *cost = 0;
            }
        }
    }
    for (group, cost) in ALIKE {
        for one in group.bytes().map(usize::from) {
            for other in group.bytes().map(usize::from) {
                instead[one][other] = instead[one][other].min(*cost);
            }
        }
    }
    for (group, cost) in SLIPS {
        for sound in group.bytes() {
            slip[usize::from(sound)] = *cost;
        }
    }
    for (kind, sounds) in KINDS.iter().enumerate() {
        for sound in sounds.bytes() {
            kinds[usize::from(sound)] |= 1 << kind;
        }
    }
    Costs { instead, slip, kinds }
});

/// Kinds of consonant that stay apart when a name is misheard; vowels are not counted on. A sound that languages
/// disagree on is of several kinds.
const KINDS: [&str; 10] = ["pb", "fvwT", "tdT", "kgqX", "szZ", "SZCJjqX", "mnN", "lr", "yj", "hj"];
/// How many pairs of kinds there are; the edge of a name is a kind too.
pub(super) const PAIRS: usize = (KINDS.len() + 1) * (KINDS.len() + 1);

/// How a name sounds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sound {
    sounds: Vec<u8>,
    /// One bit for each of [`PAIRS`] it has, next to each other or with one between: names that share few
    /// differ, and one consonant more or less changes only some.
    pub(super) signature: u128,
}

impl Sound {
    pub(super) fn of(key: &str) -> Self {
        let sounds = read(key);
        let signature = signature(&sounds);
        Self { sounds, signature }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sounds.is_empty()
    }

    /// What all its sounds weigh, in hundredths.
    pub(super) fn weight(&self) -> u16 {
        self.sounds.iter().map(|sound| u16::from(COSTS.slip[place(*sound)])).sum()
    }

    /// Whether both begin with sounds that are taken for one another.
    pub(super) fn begins_like(&self, other: &Self) -> bool {
        match (self.sounds.first(), other.sounds.first()) {
            (Some(one), Some(other)) => COSTS.instead[place(*one)][place(*other)] <= 45,
            _ => false,
        }
    }

    /// The least that makes one of the other, in hundredths: the edit distance of Wagner and Fischer (1974) with
    /// a cost for each pair of sounds. `None` if it is more than `most`.
    pub(super) fn distance(&self, other: &Self, most: u16) -> Option<u16> {
        let costs = &*COSTS;
        let mut row = [0_u16; LONGEST + 1];
        let row = &mut row[..=other.sounds.len()];
        for (at, sound) in other.sounds.iter().enumerate() {
            row[at + 1] = row[at] + u16::from(costs.slip[place(*sound)]);
        }
        for mine in &self.sounds {
            let missed = u16::from(costs.slip[place(*mine)]);
            let instead = &costs.instead[place(*mine)];
            let mut diagonal = row[0];
            row[0] += missed;
            let (mut before, mut least) = (row[0], row[0]);
            for (cell, theirs) in row[1..].iter_mut().zip(&other.sounds) {
                let added = before + u16::from(costs.slip[place(*theirs)]);
                let taken = diagonal + u16::from(instead[place(*theirs)]);
                diagonal = *cell;
                *cell = taken.min(added).min(diagonal + missed);
                before = *cell;
                least = least.min(before);
            }
            if least > most {
                return None;
            }
        }
        row.last().copied().filter(|distance| *distance <= most)
    }
}

/// Where a sound stands in the tables; it is ASCII, which the compiler sees here.
const fn place(sound: u8) -> usize {
    (sound & 127) as usize
}

fn signature(sounds: &[u8]) -> u128 {
    const EDGE: u16 = 1 << KINDS.len();
    let (mut before_that, mut before) = (0, EDGE);
    let mut bits = 0;
    let kinds = sounds.iter().map(|sound| COSTS.kinds[place(*sound)]);
    for kinds in kinds.filter(|kinds| *kinds != 0).chain([EDGE]) {
        for from in ones(u128::from(before | before_that)) {
            bits |= u128::from(kinds) << (from * (KINDS.len() + 1));
        }
        (before_that, before) = (before, kinds);
    }
    bits
}

/// The bits that are set: the pairs of a signature.
pub(super) fn ones(mut bits: u128) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let one = (bits != 0).then_some(bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(one)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_said() {
        let check = |name: &str, expected: &str| {
            assert_eq!(String::from_utf8(read(name)).expect("ASCII"), expected, "{name:?}");
        };
        check("kate", "kEt'");
        check("cate", "kEt'");
        check("philippa", "fIlIpU");
        check("knight", "nYt");
        check("kit chin", "kIXIn");
        check("g woo", "Jiwu");
        check("wright", "rYt");
        check("", "");
        check("мама", "");
    }

    #[test]
    fn rules_are_sorted_by_letter() {
        assert!(RULES.is_sorted_by_key(|rule| rule.1.as_bytes()[0]));
        assert!(RULES.len() < 256, "places are kept in a byte");
    }
}
