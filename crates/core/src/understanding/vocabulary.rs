//! What can be said to a model in a household: its samples, and what may stand in their slots.
//!
//! For a recogniser, which hears better when it knows. [`Vocabulary`] holds phrases as people would
//! write them; nothing in it depends on what an intent or slot is called.

use std::collections::{BTreeMap, BTreeSet};

use super::builtin;
use super::lists;
use super::model::{Model, Piece};
use super::normalise;
use super::resolver;
use super::typed::Typed;
use crate::household::{Contact, Household};

/// A slot type that lists a value of so many words is a place for free text, as in the grammar.
const FREE_FROM_WORDS: usize = 6;

/// One part of a sample.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Words(String),
    /// One of the phrases of [`Vocabulary::lists`] under this name.
    Listed(String),
    /// Any words: free text, numbers, times.
    Open,
}

/// What can be said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    pub samples: Vec<Vec<Part>>,
    /// What may stand in a slot, by its type.
    pub lists: BTreeMap<String, BTreeSet<String>>,
    /// Sentences that say every name once, as different as the samples are.
    pub examples: Vec<String>,
}

/// The most examples: more than a recogniser takes.
const MOST_EXAMPLES: usize = 200;

impl Vocabulary {
    /// Without a household, the model's own values stand for its names.
    #[must_use]
    pub fn of(model: &Model, household: Option<&Household>) -> Self {
        let mut lists: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, values) in &model.types {
            let phrases: BTreeSet<String> = values
                .iter()
                .flat_map(|value| value.synonyms.iter().chain([&value.value]))
                .cloned()
                .collect();
            let free = phrases.iter().any(|phrase| words(phrase) >= FREE_FROM_WORDS);
            if !free && Typed::of(name).is_none() {
                lists.insert(name.clone(), phrases);
            }
        }
        if let Some(home) = household {
            lists.extend(of_household(home));
        }
        let mut samples: BTreeSet<Vec<Part>> = BTreeSet::new();
        for intent in &model.intents {
            let part = |piece: &Piece| match piece {
                Piece::Words(words) => Part::Words(words.clone()),
                Piece::Slot(name) => intent
                    .slots
                    .iter()
                    .find(|slot| slot.name == *name && lists.contains_key(&slot.slot_type))
                    .map_or(Part::Open, |slot| Part::Listed(slot.slot_type.clone())),
            };
            let own = intent.samples.iter().map(|sample| sample.pieces.iter().map(part).collect());
            let usual = builtin::phrases(&intent.name)
                .iter()
                .map(|phrase| vec![Part::Words((*phrase).to_owned())]);
            samples.extend(own.chain(usual));
        }
        // A sample of nothing but open slots would make anything at all worth hearing.
        samples.retain(|sample| sample.iter().any(|part| *part != Part::Open));
        let examples = examples(model, household, &lists);
        Self { samples: samples.into_iter().collect(), lists, examples }
    }
}

/// What may stand in a slot, as it is usually written.
fn canonical<'m>(
    model: &'m Model,
    household: Option<&'m Household>,
) -> BTreeMap<&'m str, Vec<&'m str>> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (slot_type, values) in &model.types {
        names.insert(slot_type, values.iter().map(|value| value.value.as_str()).collect());
    }
    if let Some(home) = household {
        let contacts: Vec<&str> = home.contacts.iter().map(|c| c.name.as_str()).collect();
        for slot_type in [lists::CONTACT, lists::PERSON, lists::FIRST_NAME, lists::US_FIRST_NAME] {
            names.insert(slot_type, contacts.clone());
        }
        names.insert(lists::ROOM, home.rooms.iter().map(|room| room.name.as_str()).collect());
        names.insert(lists::DEVICE, home.devices.iter().map(|d| d.name.as_str()).collect());
        names.insert(lists::GROUP, home.groups.iter().map(|group| group.name.as_str()).collect());
    }
    names.retain(|_, names| !names.is_empty());
    names
}

/// The names of people are the same in each of their lists.
fn list_of(slot_type: &str) -> &str {
    if lists::is_name(slot_type) { lists::CONTACT } else { slot_type }
}

/// One sample of each intent that can hold a name, then another of each, until every name has been
/// said. Free text is filled with the model's own examples of it.
///
/// Only names of people, if the model knows any: other lists are words that a recogniser knows.
fn examples(
    model: &Model,
    household: Option<&Household>,
    listed: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let names = canonical(model, household);
    let people = names.keys().any(|slot_type| lists::is_name(slot_type));
    let wanted =
        |slot_type: &str| listed.contains_key(slot_type) && (!people || lists::is_name(slot_type));
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    let mut examples = Vec::new();
    let rounds = model.intents.iter().map(|intent| intent.samples.len()).max().unwrap_or(0);
    for round in 0..rounds {
        for intent in &model.intents {
            let types: BTreeMap<&str, &str> =
                intent.slots.iter().map(|s| (s.name.as_str(), s.slot_type.as_str())).collect();
            let of = |piece: &Piece| match piece {
                Piece::Words(_) => None,
                Piece::Slot(slot) => types.get(slot.as_str()).copied(),
            };
            let mut useful = intent.samples.iter().filter(|sample| {
                let slots: Vec<&str> = sample.pieces.iter().filter_map(of).collect();
                slots.iter().any(|slot_type| wanted(slot_type))
                    && slots.iter().all(|slot_type| names.contains_key(slot_type))
            });
            let Some(sample) = useful.nth(round) else { continue };
            let fresh = |slot_type: &str| {
                let said = said.get(list_of(slot_type)).copied().unwrap_or(0);
                wanted(slot_type) && said < names[slot_type].len()
            };
            if !sample.pieces.iter().filter_map(of).any(fresh) {
                continue;
            }
            let words = sample.pieces.iter().map(|piece| match piece {
                Piece::Words(words) => words.trim(),
                Piece::Slot(slot) => {
                    let slot_type = types[slot.as_str()];
                    let said = said.entry(list_of(slot_type)).or_default();
                    *said += 1;
                    names[slot_type][(*said - 1) % names[slot_type].len()]
                }
            });
            examples.push(words.collect::<Vec<_>>().join(" "));
            if examples.len() == MOST_EXAMPLES {
                return examples;
            }
        }
    }
    examples
}

fn words(phrase: &str) -> usize {
    phrase.split_whitespace().count()
}

/// What a household can name, by slot type.
fn of_household(home: &Household) -> BTreeMap<String, BTreeSet<String>> {
    let contacts: BTreeSet<String> = home.contacts.iter().flat_map(names).collect();
    let mut people = contacts.clone();
    people.extend(home.people.iter().flat_map(|person| parts(&person.name)));
    let places = |names: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
        names.map(|name| normalise::key(name)).collect()
    };
    BTreeMap::from([
        (lists::CONTACT.to_owned(), contacts),
        (lists::PERSON.to_owned(), people.clone()),
        (lists::FIRST_NAME.to_owned(), people.clone()),
        (lists::US_FIRST_NAME.to_owned(), people),
        (lists::ROOM.to_owned(), places(&mut home.rooms.iter().map(|room| &room.name))),
        (lists::DEVICE.to_owned(), places(&mut home.devices.iter().map(|device| &device.name))),
        (lists::GROUP.to_owned(), places(&mut home.groups.iter().map(|group| &group.name))),
    ])
}

/// Everything a contact is called, and how it may be written by somebody who only heard it.
fn names(contact: &Contact) -> Vec<String> {
    let mut names = parts(&contact.name);
    names.extend(contact.nicknames.iter().chain(&contact.sounds_like).cloned());
    if let Some(relation) = &contact.relation {
        for word in resolver::relation_words(relation) {
            names.push(word.to_owned());
            names.push(format!("my {word}"));
        }
    }
    names
}

/// A name, the part of it that people use alone, and its usual short forms.
fn parts(name: &str) -> Vec<String> {
    let key = normalise::key(name);
    let words: Vec<&str> = key.split(' ').collect();
    let (titles, rest) = resolver::split_title(&words);
    let mut parts = vec![name.to_owned()];
    if !titles.is_empty() {
        parts.push(rest.join(" "));
    }
    if let Some(first) = rest.first() {
        parts.push((*first).to_owned());
        parts.extend(resolver::short_forms(first).iter().map(|short| (*short).to_owned()));
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"{"interactionModel":{"languageModel":{"invocationName":"tea time","intents":[
        {"name":"Brew","slots":[{"name":"kind","type":"TEA"},{"name":"for","type":"CONTACT"},
            {"name":"count","type":"AMAZON.NUMBER"},{"name":"note","type":"AMAZON.SearchQuery"}],
         "samples":["brew {kind} for {for}","make {kind} for {for}","{count} cups","write {note}","{note}"]},
        {"name":"AMAZON.StopIntent","samples":[]}],
        "types":[{"name":"TEA","values":[{"name":{"value":"assam","synonyms":["black tea"]}}]},
            {"name":"CONTACT","values":[{"name":{"value":"Anna"}}]}]}}}"#;

    fn show(household: Option<&Household>) -> (Vec<String>, BTreeMap<String, BTreeSet<String>>) {
        let model = Model::read(MODEL).expect("a model");
        let Vocabulary { samples, lists, .. } = Vocabulary::of(&model, household);
        let part = |part: &Part| match part {
            Part::Words(words) => words.trim().to_owned(),
            Part::Listed(name) => format!("<{name}>"),
            Part::Open => "*".to_owned(),
        };
        let line = |parts: &Vec<Part>| parts.iter().map(part).collect::<Vec<_>>().join(" ");
        (samples.iter().map(line).collect(), lists)
    }

    #[test]
    fn samples_keep_their_words_and_say_what_may_stand_in_their_slots() {
        let model = Model::read(MODEL).expect("a model");
        let (samples, lists) = show(None);
        assert_eq!(Vocabulary::of(&model, None).examples, ["brew assam for Anna"]);
        for sample in ["brew <TEA> for <CONTACT>", "* cups", "write *", "stop"] {
            assert!(samples.iter().any(|known| known == sample), "{sample} in {samples:?}");
        }
        assert!(!samples.contains(&"*".to_owned()));
        assert!(lists["TEA"].contains("black tea") && lists["CONTACT"].contains("Anna"));
    }

    #[test]
    fn a_household_brings_its_own_names() {
        let home = Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[
            {"id":"ines","name":"Grandma Ines","relation":"grandmother"},
            {"id":"niamh","name":"Niamh","sounds_like":["neev"]}]}"#,
        )
        .expect("a household");
        let (_, lists) = show(Some(&home));
        for name in ["Grandma Ines", "ines", "my granny", "Niamh", "neev"] {
            assert!(lists["CONTACT"].contains(name), "{name} in {:?}", lists["CONTACT"]);
        }
        let model = Model::read(MODEL).expect("a model");
        let examples = Vocabulary::of(&model, Some(&home)).examples;
        assert_eq!(examples, ["brew assam for Grandma Ines", "make assam for Niamh"]);
        assert!(!lists["CONTACT"].contains("Anna"));
        assert!(lists["TEA"].contains("assam"));
    }
}
