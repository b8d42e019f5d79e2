//! What can be named: the values of a model's slot types, and what each household has.

use std::collections::BTreeMap;
use std::fmt;

use super::grammar;
use super::model::{Model, TypeValue};
use super::normalise;
use super::resolver::{self, Candidate, Naming, Reason, Resolution, Sounds};
use crate::household::{Contact, Household};

/// Slot types that a household fills.
pub const CONTACT: &str = "CONTACT";
pub const ROOM: &str = "ROOM";
pub const DEVICE: &str = "DEVICE";
pub const GROUP: &str = "GROUP";
pub const PERSON: &str = "AMAZON.Person";
pub const FIRST_NAME: &str = "AMAZON.FirstName";
/// Alexa's older name for first names.
pub const US_FIRST_NAME: &str = "AMAZON.US_FIRST_NAME";

/// Whether a household fills this slot type.
#[must_use]
pub fn is_filled_by_households(slot_type: &str) -> bool {
    [CONTACT, ROOM, DEVICE, GROUP].contains(&slot_type) || is_name(slot_type)
}

/// Whether this slot type holds the names of people.
#[must_use]
pub fn is_name(slot_type: &str) -> bool {
    [CONTACT, PERSON, FIRST_NAME, US_FIRST_NAME].contains(&slot_type)
}

/// How well a phrase names an entry; the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// The name itself.
    Name,
    Nickname,
    /// "my sister".
    Relation,
    /// The first name of somebody with several, or a name without its title.
    Part,
    /// A pronounce-as spelling.
    Hint,
    /// A usual short form of the first name.
    ShortForm,
}

impl fmt::Display for Tie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Name => "name",
            Self::Nickname => "nickname",
            Self::Relation => "relation",
            Self::Part => "part of a name",
            Self::Hint => "hint how a name sounds",
            Self::ShortForm => "short form",
        })
    }
}

/// One list: phrases and the entries they name.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// By first word, the longest phrases first.
    by_first: BTreeMap<String, Vec<Phrase>>,
    /// The longest phrase, in words.
    pub longest: usize,
}

#[derive(Debug, Clone)]
pub struct Phrase {
    words: Vec<String>,
    /// The entries named so, the closest first.
    entries: Vec<(Tie, String)>,
}

impl Phrase {
    /// The one entry this phrase certainly names: no other is named so equally well.
    #[must_use]
    pub fn certain(&self) -> Option<&str> {
        match &self.entries[..] {
            [(_, id)] => Some(id),
            [(_, id), ..] if self.closest().count() == 1 => Some(id),
            _ => None,
        }
    }

    /// Every entry that is named so equally well. How a name sounds counts as much as how another is written: nobody
    /// hears the difference.
    pub fn closest(&self) -> impl Iterator<Item = &str> {
        let best = self.entries.first().map(|(tie, _)| *tie);
        let equal = move |tie: Tie| Some(tie) == best || tie == Tie::Hint;
        self.entries.iter().filter(move |(tie, _)| equal(*tie)).map(|(_, id)| id.as_str())
    }

    /// Whether it is hardly said without meaning its entry: "mate" is, "my sister" and "Henrik" are not.
    #[must_use]
    pub fn stands_out(&self) -> bool {
        match self.tie() {
            Some(Tie::Relation) => self.words.len() > 1,
            Some(Tie::ShortForm) | None => false,
            Some(_) => true,
        }
    }

    /// How well the closest entries are named.
    #[must_use]
    pub fn tie(&self) -> Option<Tie> {
        self.entries.first().map(|(tie, _)| *tie)
    }
}

/// A phrase found in an utterance.
#[derive(Debug, Clone, Copy)]
pub struct Match<'l> {
    pub phrase: &'l Phrase,
    /// The token after the last.
    pub end: usize,
    /// The last word was said with a possessive 's that the phrase has not.
    pub possessive: bool,
}

impl List {
    /// Adds a phrase for an entry.
    pub fn add(&mut self, text: &str, tie: Tie, id: &str) {
        let words: Vec<String> = normalise::tokens(text)
            .unwrap_or_default()
            .into_iter()
            .map(|token| token.text)
            .collect();
        let Some(first) = words.first() else { return };
        self.longest = self.longest.max(words.len());
        let phrases = self.by_first.entry(first.clone()).or_default();
        let place = phrases.iter().position(|phrase| phrase.words == words);
        let entries = match place {
            Some(at) => &mut phrases[at].entries,
            None => {
                let at = phrases.partition_point(|phrase| phrase.words.len() >= words.len());
                phrases.insert(at, Phrase { words, entries: vec![] });
                &mut phrases[at].entries
            }
        };
        if let Some(known) = entries.iter_mut().find(|(_, known)| known == id) {
            known.0 = known.0.min(tie);
        } else {
            entries.push((tie, id.to_owned()));
        }
        entries.sort_by_key(|(tie, _)| *tie);
    }

    /// The phrases that stand in `tokens` at `at`, the longest first.
    pub fn at<'l>(
        &'l self,
        tokens: &[normalise::Token],
        at: usize,
    ) -> impl Iterator<Item = Match<'l>> {
        let found = tokens.get(at).into_iter().flat_map(|token| {
            let stem = token.stem.as_ref().map(|(stem, _)| stem.as_str());
            [Some(token.text.as_str()), stem]
                .into_iter()
                .flatten()
                .filter_map(|word| self.by_first.get(word))
                .flatten()
        });
        let rest = tokens.get(at..).unwrap_or_default();
        found
            .filter_map(|phrase| {
                // In "I'll" nobody is called Will.
                if phrase.words.len() == 1 && normalise::is_part(tokens, at) {
                    return None;
                }
                let possessive = said(&phrase.words, rest)?;
                Some(Match { phrase, end: at + phrase.words.len(), possessive })
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The phrase that is exactly `text`.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<&Phrase> {
        let tokens = normalise::tokens(text)?;
        self.at(&tokens, 0).find(|found| found.end == tokens.len()).map(|found| found.phrase)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }
}

/// Whether `tokens` begin with `words`; says whether the last word carries a possessive 's.
fn said(words: &[String], tokens: &[normalise::Token]) -> Option<bool> {
    let (last, before) = words.split_last()?;
    if tokens.len() < words.len() || !normalise::starts_with(tokens, before) {
        return None;
    }
    let token = &tokens[before.len()];
    if token.text == *last {
        return Some(false);
    }
    token.stem.as_ref().filter(|(stem, _)| stem == last).map(|_| true)
}

/// The values of a model's types.
#[must_use]
pub fn of_model(model: &Model) -> BTreeMap<String, List> {
    model
        .types
        .iter()
        .map(|(name, values)| {
            let mut list = List::default();
            for TypeValue { id, value, synonyms } in values {
                let id = id.as_deref().unwrap_or(value);
                list.add(value, Tie::Name, id);
                for synonym in synonyms {
                    list.add(synonym, Tie::Nickname, id);
                }
            }
            (name.clone(), list)
        })
        .collect()
}

/// What one household can name; swapped in for each utterance without compiling anything again.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    lists: BTreeMap<&'static str, List>,
    sounds: BTreeMap<&'static str, Sounds>,
}

impl Lists {
    /// Nothing: the model's own values stand.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn of(household: &Household) -> Self {
        let mut contacts = List::default();
        for contact in &household.contacts {
            add_contact(&mut contacts, contact);
        }
        let mut people = contacts.clone();
        for person in &household.people {
            add_name(&mut people, &person.name, person.id.as_str());
        }
        let sounds = Sounds::of(household);
        for list in [&mut contacts, &mut people] {
            add_homophones(list, household, &sounds);
        }
        let mut lists = BTreeMap::from([
            (CONTACT, contacts),
            (FIRST_NAME, people.clone()),
            (US_FIRST_NAME, people.clone()),
            (PERSON, people),
        ]);
        let mut sounds = BTreeMap::from([(CONTACT, sounds)]);
        for (slot_type, named) in places(household) {
            let list = lists.entry(slot_type).or_default();
            for (id, naming) in
                named.iter().flat_map(|(id, all)| all.iter().map(move |one| (id, one)))
            {
                list.add(&naming.words, naming.tie, id);
            }
            sounds.insert(slot_type, Sounds::of_named(named));
        }
        Self { lists, sounds }
    }

    /// This household's list for a slot type; `None` if households do not fill it.
    #[must_use]
    pub fn list(&self, slot_type: &str) -> Option<&List> {
        self.lists.get(slot_type)
    }

    /// Says how much each entry is in use, 0 to 1 by id ([`resolver::habit`]): of names that sound alike the
    /// usual one is offered first.
    #[must_use]
    pub fn with_habits(mut self, habits: &BTreeMap<String, f32>) -> Self {
        self.set_habits(habits);
        self
    }

    /// The same, in place.
    pub fn set_habits(&mut self, habits: &BTreeMap<String, f32>) {
        for sounds in self.sounds.values_mut() {
            sounds.set_habits(habits);
        }
    }

    /// The contact behind what was heard.
    #[must_use]
    pub fn contact(&self, spoken: &str) -> Resolution {
        self.contact_of(&[(spoken, 1.0)])
    }

    /// The contact behind what may have been heard, each with its likelihood in any one unit.
    #[must_use]
    pub fn contact_of(&self, hearings: &[(&str, f32)]) -> Resolution {
        self.resolve(CONTACT, hearings)
    }

    /// The entry of a slot type behind what may have been heard, each with its likelihood in any one unit.
    #[must_use]
    pub fn resolve(&self, slot_type: &str, hearings: &[(&str, f32)]) -> Resolution {
        self.weigh(slot_type, hearings).0
    }

    /// The same, and who else may have been meant if it is one, best first.
    #[must_use]
    pub fn weigh(&self, slot_type: &str, hearings: &[(&str, f32)]) -> (Resolution, Vec<Candidate>) {
        let likeliest =
            hearings.iter().map(|(_, weight)| *weight).fold(f32::MIN_POSITIVE, f32::max);
        let mut best: BTreeMap<String, Candidate> = BTreeMap::new();
        for (spoken, weight) in hearings {
            for mut candidate in self.candidates(slot_type, spoken) {
                candidate.score -= resolver::unlikely(weight / likeliest);
                let known = best.entry(candidate.id.clone()).or_insert_with(|| candidate.clone());
                if known.score < candidate.score {
                    *known = candidate;
                }
            }
        }
        let only_grammar =
            |spoken: &str| normalise::key(spoken).split(' ').all(grammar::is_grammar);
        match resolver::decide(best.into_values().collect()) {
            // What a recogniser heard as grammar was not heard well enough to reach anybody by.
            (Resolution::One(one), _)
                if matches!(one.why, Reason::Sounds(_))
                    && hearings.iter().all(|(spoken, _)| only_grammar(spoken)) =>
            {
                (Resolution::Ask(vec![one]), vec![])
            }
            decided => decided,
        }
    }

    /// Who or what is named so, else who sounds so.
    fn candidates(&self, slot_type: &str, spoken: &str) -> Vec<Candidate> {
        let sounds = self.sounds.get(slot_type);
        let Some(phrase) = self.list(slot_type).and_then(|list| list.get(spoken)) else {
            return sounds.map_or_else(Vec::new, |sounds| sounds.like(&name_key(spoken)));
        };
        let mut candidates = resolver::exactly(phrase);
        for candidate in &mut candidates {
            candidate.score += sounds.map_or(0.0, |sounds| sounds.habit(&candidate.id));
        }
        candidates
    }
}

/// The key of a name, without a possessive 's: "Siwan's" messages are Siwan's.
fn name_key(spoken: &str) -> String {
    let mut tokens = normalise::tokens(spoken).unwrap_or_default();
    let last = tokens.last_mut();
    if let Some((token, (stem, _))) =
        last.and_then(|token| token.stem.take().map(|stem| (token, stem)))
    {
        token.text = stem;
    }
    tokens.into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
}

fn add_contact(list: &mut List, contact: &Contact) {
    let id = contact.id.as_str();
    for naming in resolver::namings(contact) {
        list.add(&naming.words, naming.tie, id);
        if naming.tie == Tie::Relation {
            for owner in ["my", "our", "the"] {
                list.add(&format!("{owner} {}", naming.words), naming.tie, id);
            }
        }
    }
}

/// Whose name sounds as another's name is written may be meant by it: a recogniser writes the spelling it knows.
fn add_homophones(list: &mut List, household: &Household, sounds: &Sounds) {
    for contact in &household.contacts {
        for hint in &contact.sounds_like {
            for written in sounds.homophones(&normalise::key(hint), contact.id.as_str()) {
                list.add(&written, Tie::Hint, contact.id.as_str());
            }
        }
    }
}

fn add_name(list: &mut List, name: &str, id: &str) {
    for naming in resolver::namings_of(name, &[]) {
        list.add(&naming.words, naming.tie, id);
    }
}

/// Entries by id, with their names.
type Named<'h> = Vec<(&'h str, Vec<Naming>)>;

/// The rooms, devices and groups, by slot type, with their names.
fn places(household: &Household) -> [(&'static str, Named<'_>); 3] {
    let named = |name: &str| resolver::namings_of_place(name);
    let rooms = household.rooms.iter().map(|room| (room.id.as_str(), named(&room.name)));
    let devices = household.devices.iter().map(|device| (device.id.as_str(), named(&device.name)));
    let groups = household.groups.iter().map(|group| {
        let mut namings = named(&group.name);
        if !namings[0].words.ends_with("group") {
            namings.push(Naming::nickname(&format!("{} group", namings[0].words)));
        }
        (group.id.as_str(), namings)
    });
    [(ROOM, rooms.collect()), (DEVICE, devices.collect()), (GROUP, groups.collect())]
}
