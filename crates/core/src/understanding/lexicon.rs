//! Words as the statistical layer sees them: their stems, and which of them mean about the same in a request.
//!
//! A skill has a dozen samples for each intent; without knowing that "ring" and "phone" mean the same, nobody
//! could learn from them what people say. The thesaurus is about English, not about any skill.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::normalise;

/// Groups of words and phrases of like meaning, one a line.
const THESAURUS: &str = include_str!("synonyms.txt");
/// The longest phrase of the thesaurus, in words.
const LONGEST_PHRASE: usize = 4;

/// Words without a meaning of their own: pairs of words are also formed without them.
const EMPTY: &[&str] = &[
    "a", "actually", "also", "am", "an", "and", "are", "as", "at", "be", "been", "but", "can",
    "could", "do", "does", "ever", "for", "have", "if", "in", "is", "it", "just", "let", "like",
    "may", "maybe", "me", "my", "need", "of", "oh", "ok", "on", "or", "our", "out", "please",
    "really", "so", "some", "that", "the", "then", "there", "this", "to", "us", "want", "was",
    "we", "well", "were", "will", "with", "would", "you", "your",
];

/// A number for a word, a phrase or a pair of them; equal for equal ones.
pub type Symbol = u32;

/// Whether a word carries no meaning of its own.
#[must_use]
pub fn is_empty(word: &str) -> bool {
    EMPTY.binary_search(&word).is_ok()
}

/// What is left of a word without its regular ending: "calling", "called" and "calls" are "call".
#[must_use]
pub fn stem(word: &str) -> &str {
    let long = |rest: &str| rest.len() >= 3 && rest.bytes().any(|byte| b"aeiouy".contains(&byte));
    let ending = ["ing", "ed", "es"].iter().find_map(|ending| word.strip_suffix(ending));
    let mut stem = ending.filter(|rest| long(rest)).unwrap_or(word);
    if stem.len() == word.len() && word.len() > 3 && !word.ends_with("ss") {
        stem = word.strip_suffix('s').unwrap_or(word);
    }
    let bytes = stem.as_bytes();
    let doubled = bytes.len() > 3
        && stem.len() < word.len()
        && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
        && !b"lsz".contains(&bytes[bytes.len() - 1]);
    if doubled {
        stem = &stem[..stem.len() - 1];
    }
    if stem.len() > 3 { stem.strip_suffix('e').unwrap_or(stem) } else { stem }
}

/// A hash that is the same on every machine and in every run (FNV-1a, 32 bits).
#[must_use]
pub fn symbol(text: &str) -> Symbol {
    text.bytes()
        .fold(0x811c_9dc5, |hash, byte| (hash ^ Symbol::from(byte)).wrapping_mul(16_777_619))
}

/// Two symbols as one; the order counts.
#[must_use]
pub const fn pair(first: Symbol, second: Symbol) -> Symbol {
    let mixed = (first.rotate_left(13) ^ second).wrapping_mul(0x9e37_79b1);
    mixed ^ (mixed >> 15)
}

/// A phrase of the thesaurus in stems, and its group.
#[derive(Debug)]
struct Phrase {
    stems: Vec<Symbol>,
    group: Symbol,
}

/// The thesaurus, by the first stem of each phrase, the longest first.
fn thesaurus() -> &'static BTreeMap<Symbol, Vec<Phrase>> {
    static READ: OnceLock<BTreeMap<Symbol, Vec<Phrase>>> = OnceLock::new();
    READ.get_or_init(|| {
        let mut phrases: BTreeMap<Symbol, Vec<Phrase>> = BTreeMap::new();
        let lines = THESAURUS.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        for (at, line) in lines {
            let group = symbol(&format!("group {at}"));
            for text in line.split(',') {
                let words = normalise::tokens(text).unwrap_or_default();
                let stems: Vec<_> = words.iter().map(|word| symbol(stem(&word.text))).collect();
                if let Some(first) = stems.first() {
                    phrases.entry(*first).or_default().push(Phrase { stems, group });
                }
            }
        }
        for of_word in phrases.values_mut() {
            of_word.sort_by_key(|phrase| std::cmp::Reverse(phrase.stems.len()));
        }
        phrases
    })
}

/// The group of the longest phrase that begins `stems`, a second one if the phrase has two meanings, and its
/// length in words.
#[must_use]
pub fn group(stems: &[Symbol]) -> Option<Meaning> {
    let stems = &stems[..stems.len().min(LONGEST_PHRASE)];
    let phrases = thesaurus().get(stems.first()?)?;
    let mut found = phrases.iter().filter(|phrase| stems.starts_with(&phrase.stems));
    let first = found.next()?;
    let second = found.find(|phrase| phrase.stems == first.stems && phrase.group != first.group);
    Some(Meaning {
        group: first.group,
        second: second.map(|phrase| phrase.group),
        words: first.stems.len(),
    })
}

/// What a word or phrase means, as a group of the thesaurus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    pub group: Symbol,
    pub second: Option<Symbol>,
    /// The length of the phrase.
    pub words: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_set_aside() {
        let check = |words: &str, expected: &str| {
            for word in words.split(' ') {
                assert_eq!(stem(word), expected, "{word:?}");
            }
        };
        check("call calls called calling", "call");
        check("message messages messaged messaging", "messag");
        check("stop stops stopped stopping", "stop");
        check("play plays played", "play");
        check("miss missed", "miss");
        check("ring", "ring");
        check("bed", "bed");
        check("is", "is");
        check("this", "thi");
        check("позвони", "позвони");
    }

    #[test]
    fn empty_words_are_sorted_for_searching() {
        assert!(EMPTY.is_sorted());
    }

    #[test]
    fn what_means_the_same_has_one_group() {
        let of = |text: &str| {
            let words = normalise::tokens(text).expect("few words");
            let stems: Vec<_> = words.iter().map(|word| symbol(stem(&word.text))).collect();
            group(&stems)
        };
        let alike = |one: &str, other: &str| {
            assert_eq!(
                of(one).map(|found| found.group),
                of(other).map(|found| found.group),
                "{one}, {other}"
            );
            assert!(of(one).is_some(), "{one}");
        };
        alike("phone", "calling");
        alike("delete", "erased");
        assert_ne!(of("mute"), of("unmute"));
        assert_eq!(of("xylophone"), None);
    }
}
