//! Things people name: films, dishes, plants. A gazetteer, longest name first.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Rewrites, Segment};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    pub(crate) name: String,
    /// "I never had a dog": it is named, and not meant.
    pub(crate) denied: bool,
}

/// How far a negation reaches to the name that it denies. In words.
const NEGATION_REACH: usize = 4;

#[derive(Debug, Clone, Default)]
pub(crate) struct Gazetteer {
    /// By first word.
    entries: BTreeMap<String, Vec<(Vec<String>, Entity)>>,
    pub(crate) kinds: Vec<String>,
}

impl Gazetteer {
    pub(crate) fn new(kinds: &BTreeMap<String, Vec<String>>, rewrites: &Rewrites) -> Self {
        let mut gazetteer = Self { kinds: kinds.keys().cloned().collect(), ..Self::default() };
        for (kind, names) in kinds {
            for entry in names {
                let name = entry.split('|').next().unwrap_or(entry).trim().to_owned();
                for way in entry.split('|') {
                    let words = rewrites.words(way);
                    let entity = Entity { kind: kind.clone(), name: name.clone(), denied: false };
                    // People drop the article: "matrix" for "The Matrix".
                    if words.len() > 1 && words.first().is_some_and(|w| w == "the") {
                        gazetteer.add(words[1..].to_vec(), entity.clone());
                    }
                    gazetteer.add(words, entity);
                }
            }
        }
        for entries in gazetteer.entries.values_mut() {
            entries.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        gazetteer
    }

    fn add(&mut self, words: Vec<String>, entity: Entity) {
        if let Some(first) = words.first() {
            self.entries.entry(first.clone()).or_default().push((words, entity));
        }
    }

    pub(crate) fn find(&self, segment: &Segment, negations: &BTreeSet<String>) -> Vec<Entity> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < segment.words.len() {
            let rest = &segment.words[at..];
            let entries = self.entries.get(&rest[0]).map_or(&[][..], Vec::as_slice);
            let mut length = 1;
            // The same words may be two things: a fruit and a colour.
            for (words, entity) in entries.iter().filter(|(words, _)| rest.starts_with(words)) {
                if words.len() >= length {
                    length = words.len();
                    let before = &segment.words[at.saturating_sub(NEGATION_REACH)..at];
                    let denied = before.iter().any(|word| negations.contains(word));
                    found.push(Entity { denied, ..entity.clone() });
                }
            }
            at += length;
        }
        found
    }
}
