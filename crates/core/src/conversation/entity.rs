//! Things people name: films, dishes, plants. A gazetteer, longest name first.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Rewrites, Segment};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) kind: String,
    pub(crate) name: String,
    /// The words that named it here.
    pub(crate) said: String,
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
                    let entity = Entity {
                        kind: kind.clone(),
                        name: name.clone(),
                        said: String::new(),
                        denied: false,
                    };
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
        let mut found: Vec<Entity> = Vec::new();
        // Up to where a name of each kind reaches: the same words may be two things, a fruit and a colour, but
        // "toy story two" is not also the film "Toy Story".
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        for at in 0..segment.words.len() {
            let rest = &segment.words[at..];
            let entries = self.entries.get(&rest[0]).map_or(&[][..], Vec::as_slice);
            for (words, entity) in entries.iter().filter(|(words, _)| rest.starts_with(words)) {
                let end = taken.entry(&entity.kind).or_default();
                if *end <= at {
                    *end = at + words.len();
                    let before = &segment.words[at.saturating_sub(NEGATION_REACH)..at];
                    let denied = before.iter().any(|word| negations.contains(word));
                    let said = segment.said[at..at + words.len()].join(" ");
                    found.push(Entity { denied, said, ..entity.clone() });
                }
            }
        }
        found
    }
}
