//! The thing a turn is about, as a noun phrase seen from our side: "my old bicycle" -> "your old bicycle".
//!
//! No grammar of English, only its small words: a phrase begins after an article, a possessive or a word such
//! as "about", and ends at the next small word or verb. What is not surely a phrase is not picked up, because
//! a reply without an echo is better than one with a crooked echo.

use std::collections::{BTreeMap, BTreeSet};

use super::pattern::Concepts;
use super::sheet::PhrasesSheet;
use super::words::Segment;

/// A longer phrase is a clause that we failed to see the end of.
const MAX_WORDS: usize = 3;
/// After a word such as "about" only so much is surely one thing.
const MAX_BARE_WORDS: usize = 2;
/// A phrase longer than this is not spoken back. In bytes.
const MAX_BYTES: usize = 40;
/// Words of kinship and friendship are complete by themselves: in "my sister lives there" nothing follows.
const PEOPLE: [&str; 3] = ["relative", "friend", "pet"];

#[derive(Debug, Clone, Default)]
pub(crate) struct Phrases {
    determiners: BTreeSet<String>,
    possessives: BTreeMap<String, String>,
    before: BTreeSet<String>,
    hollow: BTreeSet<String>,
    ends: BTreeSet<String>,
    people: BTreeSet<String>,
    auxiliaries: BTreeSet<String>,
    turned: BTreeMap<String, String>,
}

/// How surely a phrase is one, and how much it is what the turn is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    Bare,
    Article,
    Possessive,
    Person,
}

impl Phrases {
    pub(crate) fn new(sheet: PhrasesSheet, concepts: &Concepts) -> Self {
        let mut ends: BTreeSet<String> = sheet.small.into_iter().chain(sheet.forms).collect();
        ends.extend(sheet.verbs.iter().flat_map(|verb| inflected(verb)));
        let people = PEOPLE.iter().filter_map(|kind| concepts.get(*kind));
        Self {
            determiners: sheet.determiners.into_iter().collect(),
            possessives: sheet.possessives,
            before: sheet.before.into_iter().collect(),
            hollow: sheet.hollow.into_iter().collect(),
            ends,
            people: people
                .flatten()
                .filter(|way| way.len() == 1)
                .map(|way| way[0].clone())
                .collect(),
            auxiliaries: sheet.auxiliaries.into_iter().collect(),
            turned: sheet.turned,
        }
    }

    /// The phrase that the turn is most about, if one stands out.
    pub(crate) fn about(&self, segments: &[Segment]) -> Option<String> {
        let found = segments.iter().flat_map(|segment| self.phrases(segment));
        // The first of the surest: people come to the point before they explain it.
        let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        Some(best.1)
    }

    fn phrases(&self, segment: &Segment) -> Vec<(Hold, String)> {
        let words = &segment.words;
        let mut found = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let (hold, lead) = if let Some(ours) = self.possessives.get(word) {
                (Hold::Possessive, Some(ours.as_str()))
            } else if self.determiners.contains(word) {
                let indefinite = matches!(word.as_str(), "any" | "every" | "each" | "another");
                (Hold::Article, (!indefinite).then_some(word.as_str()))
            } else if self.before.contains(word) {
                (Hold::Bare, None)
            } else {
                continue;
            };
            let most = if hold == Hold::Bare { MAX_BARE_WORDS } else { MAX_WORDS };
            let Some((people, length)) = self.run(&words[at + 1..], most) else { continue };
            let hold = if people && hold == Hold::Possessive { Hold::Person } else { hold };
            let thing = segment.said[at + 1..=at + length].join(" ");
            let phrase = lead.map_or_else(|| thing.clone(), |lead| format!("{lead} {thing}"));
            if phrase.len() <= MAX_BYTES {
                found.push((hold, phrase));
            }
        }
        found
    }

    /// How many of the next words make up one thing, and whether it is a person or a pet.
    fn run(&self, words: &[String], most: usize) -> Option<(bool, usize)> {
        let length = words.iter().take_while(|word| !self.ends.contains(*word)).count();
        let first = words.first()?;
        if self.people.contains(first) {
            return Some((true, 1));
        }
        // "the good soup": what may end a phrase as a remark may also stand inside it; leave such alone.
        let fits = (1..=most).contains(&length) && !self.hollow.contains(&words[length - 1]);
        let spoken = words[..length.min(words.len())]
            .iter()
            .all(|word| word.chars().count() > 1 && !self.hollow.contains(word));
        (fits && spoken).then_some((false, length))
    }

    /// People's words from our side: "my cats" -> "your cats".
    pub(crate) fn turn_round(&self, words: &str) -> String {
        let turned =
            words.split(' ').map(|word| self.turned.get(word).map_or(word, String::as_str));
        turned.collect::<Vec<_>>().join(" ")
    }

    /// Whether a thing's name may begin so.
    pub(crate) fn may_begin(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.determiners.contains(&word) || !self.ends.contains(&word)
    }

    /// "How planes stay up": it begins like a question and is an answer.
    pub(crate) fn is_indirect(&self, segment: &Segment) -> bool {
        let [first, second, ..] = segment.words.as_slice() else { return false };
        let asking = matches!(first.as_str(), "how" | "when" | "where" | "why");
        asking && !segment.marked && !self.auxiliaries.contains(second)
    }

    pub(crate) fn is_possessive(&self, word: &str) -> bool {
        self.possessives.contains_key(word)
    }

    /// Whether nobody talks of this for its own sake.
    pub(crate) fn is_hollow(&self, word: &str) -> bool {
        self.hollow.contains(word)
    }

    /// Whether a word carries meaning of its own.
    pub(crate) fn is_content(&self, word: &str) -> bool {
        word.chars().count() > 2 && !self.ends.contains(word) && !self.before.contains(word)
    }
}

fn inflected(verb: &str) -> [String; 5] {
    let stem = verb.strip_suffix('e').unwrap_or(verb);
    let es = if verb.ends_with(['s', 'h', 'x']) { "es" } else { "s" };
    [
        verb.to_owned(),
        format!("{verb}{es}"),
        format!("{stem}ed"),
        format!("{stem}ing"),
        format!("{verb}ing"),
    ]
}
