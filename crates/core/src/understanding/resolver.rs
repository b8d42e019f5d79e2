//! The contact behind a name as it was heard: exact, nickname, relation, or by its sound.
//!
//! [`sound`] reads a spelling aloud, [`tables`] knows what people call each other. Two sources name who may be
//! meant, so that one's blind spot is covered by the other: names that share kinds of consonants, and names with
//! the same double metaphone code. Only those are compared sound by sound.

#[cfg(test)]
mod measured;
mod sound;
mod tables;

use std::collections::BTreeMap;
use std::fmt;

use rphonetic::DoubleMetaphone;

use super::grammar;
use super::lists::{Lists, Phrase, Tie};
use super::normalise;
use crate::household::{Contact, Household};
use sound::Sound;
pub use tables::{first_name, relation_words, short_forms, split_title};

/// From this certainty on the best is taken for the one that was meant: its score and half its lead.
///
/// Chosen on the damaged names of `tests/understanding/names.tsv` marked `tuned`: the surest stranger stays a little
/// below, since a question costs a second and a call to the wrong person cannot be taken back.
pub const SURE: f32 = 0.92;
/// A longer lead says nothing more: in a small address book every stranger has a long one.
const LONG_LEAD: f32 = 0.24;
/// Two names closer than this are asked about.
pub const MARGIN: f32 = 0.08;
/// Below this score nobody is offered.
pub const OFFERED: f32 = 0.50;
/// The most names we ask between: more cannot be kept in mind when heard.
pub const MAX_OFFERED: usize = 3;
/// How far behind the best a name may lie to be offered with it.
const OFFERED_WITHIN: f32 = 0.15;
/// How many names are compared sound by sound; the others share too few sounds to be meant.
const COMPARED: usize = 100;
/// Of how many of them, the closest, the letters are looked at too.
const CLOSE: usize = 16;
/// The rate at which two names share all pairs of sounds.
const BEST_RATE: usize = 64;
/// How many contacts are kept of each hearing; more than are ever offered, since hearings are weighed together.
const KEPT: usize = 8;
/// The longest code of a name's sound; long enough for four words.
const CODE_LENGTH: usize = 16;

// How a score is made up: mostly of sounds, with a little of the letters, since recognisers do write names
// they know. A name that begins otherwise than what was heard is seldom the one: beginnings are heard best.
const LETTERS: f32 = 0.1;
const BEGINS_OTHERWISE: f32 = 0.05;
// Where the codes agree, the recogniser has nearly written the name as it is spelt ("Niam", "Shabban"), which our
// reading may have missed: then letters count as much as sounds, and the code itself, the more the longer it is.
const PER_CODE_LETTER: f32 = 0.13;
const MOST_BY_CODE: f32 = 0.4;
/// Hearing "uncle Bob" speaks only weakly for a Bob who is no uncle.
const TITLE_SET_ASIDE: f32 = 0.16;
/// How far a hearing that is far less likely than the best falls behind.
const UNLIKELY_HEARING: f32 = 0.15;
/// What being called daily adds. Less than [`MARGIN`]: habit orders a question, it never answers it.
const HABIT: f32 = 0.04;

/// From here on a name and a hint are one sound, if their codes agree as well: "Neve" and "neev".
const HOMOPHONE: f32 = 0.8;

/// Why a contact is thought to be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Just these words are one of the contact's names.
    Said(Tie),
    /// They sound like one of its names.
    Sounds(Tie),
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(tie) => write!(out, "is a {tie}"),
            Self::Sounds(tie) => write!(out, "sounds like a {tie}"),
        }
    }
}

/// A contact and how well the name fits, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The entry's id.
    pub id: String,
    pub score: f32,
    pub why: Reason,
}

/// Who was meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    One(Candidate),
    /// Several fit about equally well, or one not well enough, best first: "did you mean Niamh or Neve?"
    Ask(Vec<Candidate>),
    None,
}

/// Finds the contact behind `spoken`. To ask more than once, keep the [`Lists`].
#[must_use]
pub fn contact(spoken: &str, household: &Household) -> Resolution {
    Lists::of(household).contact(spoken)
}

/// Whom a phrase of a list names.
#[must_use]
pub fn named(phrase: &Phrase) -> Resolution {
    let mut candidates = exactly(phrase);
    candidates.truncate(MAX_OFFERED);
    match phrase.certain() {
        Some(_) => Resolution::One(candidates.swap_remove(0)),
        None => Resolution::Ask(candidates),
    }
}

/// The entries a phrase names best.
pub(super) fn exactly(phrase: &Phrase) -> Vec<Candidate> {
    let Some(tie) = phrase.tie() else { return vec![] };
    let candidate =
        |id: &str| Candidate { id: id.to_owned(), score: fit(tie), why: Reason::Said(tie) };
    phrase.closest().map(candidate).collect()
}

/// How surely a phrase of this kind means its entry.
#[must_use]
pub const fn fit(tie: Tie) -> f32 {
    match tie {
        Tie::Name => 1.0,
        Tie::Nickname | Tie::Relation | Tie::Hint => 0.99,
        Tie::Part => 0.96,
        Tie::ShortForm => 0.92,
    }
}

/// How surely what sounds like such a phrase means its entry. Recognisers know the words for relations and write them
/// right: what only sounds like "granny" seldom is.
const fn fit_by_sound(tie: Tie) -> f32 {
    match tie {
        Tie::Relation => 0.9,
        Tie::Name | Tie::Nickname | Tie::Part | Tie::Hint | Tie::ShortForm => fit(tie),
    }
}

impl Resolution {
    /// The entry that fits best, taken or asked about.
    #[must_use]
    pub fn best(&self) -> Option<&Candidate> {
        match self {
            Self::One(one) => Some(one),
            Self::Ask(several) => several.first(),
            Self::None => None,
        }
    }
}

/// How many of the words after a relation belong to it and make somebody else of whom it names: "in law", or the name
/// that a title was said with.
pub(super) fn goes_on(relation: &[&str], after: &[&str]) -> usize {
    if after.starts_with(&["in", "law"]) {
        return 2;
    }
    let [title] = relation else { return 0 };
    let Some(next) = after.first() else { return 0 };
    let named = if tables::wants_a_name(title) {
        !grammar::is_grammar(next)
    } else {
        tables::is_title(title) && tables::is_first_name(next)
    };
    usize::from(named)
}

/// Takes the best, asks, or gives up; and who else may have been meant if the best is taken. `candidates` are in any
/// order, each contact once.
pub(super) fn decide(mut candidates: Vec<Candidate>) -> (Resolution, Vec<Candidate>) {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.retain(|candidate| candidate.score >= OFFERED);
    let Some(best) = candidates.first().map(|best| best.score) else {
        return (Resolution::None, vec![]);
    };
    let lead = best - candidates.get(1).map_or(0.0, |next| next.score);
    let sure = lead >= MARGIN && best + lead.min(LONG_LEAD) / 2.0 >= SURE;
    if !sure {
        candidates.retain(|candidate| best - candidate.score <= OFFERED_WITHIN);
    }
    candidates.truncate(MAX_OFFERED);
    // Habit may have lifted a score above what words alone can reach.
    for candidate in &mut candidates {
        candidate.score = candidate.score.min(1.0);
    }
    if sure {
        return (Resolution::One(candidates.remove(0)), candidates);
    }
    (Resolution::Ask(candidates), vec![])
}

/// How far a hearing that is so likely, next to the likeliest, falls behind.
pub(super) fn unlikely(likelihood: f32) -> f32 {
    UNLIKELY_HEARING * (1.0 - likelihood.clamp(0.0, 1.0))
}

/// How much somebody is in use, 0 to 1: reached often, and lately. It halves in a month without a call; the tenth call
/// counts less than the first.
#[must_use]
pub fn habit(times_reached: u32, days_since: u32) -> f32 {
    const MONTH_DAYS: f32 = 30.0;
    const DAILY: f32 = 30.0;
    let often = ((times_reached as f32).ln_1p() / DAILY.ln_1p()).min(1.0);
    often * (-(days_since as f32) / MONTH_DAYS).exp2()
}

/// One way to name somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Naming {
    /// Normalised.
    pub(super) words: String,
    /// How many of the words are a title.
    titles: usize,
    pub(super) tie: Tie,
}

impl Naming {
    fn new(words: &[&str], titles: usize, tie: Tie) -> Self {
        Self { words: words.join(" "), titles, tie }
    }

    pub(super) fn nickname(words: &str) -> Self {
        Self::new(&[words], 0, Tie::Nickname)
    }
}

/// Every way to name a contact, the closest first.
pub(super) fn namings(contact: &Contact) -> Vec<Naming> {
    let keys = |texts: &[String]| texts.iter().map(|text| normalise::key(text)).collect::<Vec<_>>();
    let (nicknames, hints) = (keys(&contact.nicknames), keys(&contact.sounds_like));
    let given = nicknames.iter().map(|given| (given.as_str(), Tie::Nickname));
    let given = given.chain(hints.iter().map(|given| (given.as_str(), Tie::Hint)));
    let mut all = namings_of(&contact.name, &given.collect::<Vec<_>>());
    for word in contact.relation.iter().flat_map(|relation| relation_words(relation)) {
        all.push(Naming::new(&[word], 0, Tie::Relation));
    }
    all
}

/// The ways to use a name: whole, without its title, the first name alone; and with the first name replaced by a
/// nickname, by how it sounds, or by a usual short form.
pub(super) fn namings_of(name: &str, given: &[(&str, Tie)]) -> Vec<Naming> {
    let key = normalise::key(name);
    let words: Vec<&str> = key.split(' ').collect();
    let (titles, names) = split_title(&words);
    let Some((first, last)) = names.split_first() else { return vec![] };
    let mut all = vec![Naming::new(&words, titles.len(), Tie::Name)];
    if !titles.is_empty() {
        all.push(Naming::new(names, 0, Tie::Part));
    }
    if !last.is_empty() {
        all.push(Naming::new(&[first], 0, Tie::Part));
    }
    let short = short_forms(first).iter().map(|short| (*short, Tie::ShortForm));
    for (given, tie) in given.iter().copied().chain(short) {
        all.push(Naming::new(&[given], 0, tie));
        if !last.is_empty() {
            all.push(Naming::new(&[&[given], last].concat(), 0, tie));
        }
        if !titles.is_empty() {
            all.push(Naming::new(&[titles, &[given], last].concat(), titles.len(), tie));
        }
    }
    all
}

/// A name somebody has, or several have.
#[derive(Debug, Clone)]
struct Name {
    words: String,
    letters: String,
    codes: Vec<String>,
    sound: Sound,
    /// What its title weighs: being somebody's uncle does not tell Theo from Joe.
    title: u16,
    weight: u16,
    /// Places in [`Sounds::ids`].
    bearers: Vec<(usize, Tie)>,
}

/// The sounds of everybody in an address book, or of every room.
#[derive(Debug, Clone, Default)]
pub struct Sounds {
    names: Vec<Name>,
    /// Names by the pairs of sounds in them.
    by_pair: Vec<Vec<u32>>,
    /// How many pairs each name has, and what it weighs; apart from the names, so that they are walked quickly.
    sizes: Vec<(u8, u16)>,
    /// Names by double metaphone code.
    by_code: BTreeMap<String, Vec<usize>>,
    ids: Vec<String>,
    /// What habit adds to each; empty if nothing is known of it.
    habits: Vec<f32>,
}

impl Sounds {
    #[must_use]
    pub fn of(household: &Household) -> Self {
        Self::of_named(household.contacts.iter().map(|contact| {
            let mut namings = namings(contact);
            namings.extend(last_name(&contact.name));
            (contact.id.as_str(), namings)
        }))
    }

    /// The sounds of anything that has names.
    pub(super) fn of_named<'e>(entries: impl IntoIterator<Item = (&'e str, Vec<Naming>)>) -> Self {
        let mut sounds = Self { by_pair: vec![vec![]; sound::PAIRS], ..Self::default() };
        let mut places: BTreeMap<(String, usize), usize> = BTreeMap::new();
        for (id, namings) in entries {
            sounds.ids.push(id.to_owned());
            for naming in namings {
                sounds.add(&mut places, naming);
            }
        }
        sounds
    }

    /// Adds a name of the entry that was added last.
    fn add(&mut self, places: &mut BTreeMap<(String, usize), usize>, naming: Naming) {
        // A letter alone sounds like too many names.
        if naming.words.chars().count() < 2 {
            return;
        }
        let bearer = self.ids.len() - 1;
        let key = (naming.words, naming.titles);
        if let Some(at) = places.get(&key) {
            self.names[*at].bearers.push((bearer, naming.tie));
            return;
        }
        let sound = Sound::of(&key.0);
        if sound.is_empty() {
            return;
        }
        let title: Vec<&str> = key.0.split(' ').take(key.1).collect();
        let letters = letters(&key.0);
        let at = self.names.len();
        // The others are no spelling that a recogniser would come near.
        let spelt = matches!(naming.tie, Tie::Name | Tie::Part | Tie::Nickname);
        let codes = if spelt { codes(&letters) } else { vec![] };
        for code in &codes {
            self.by_code.entry(code.clone()).or_default().push(at);
        }
        for pair in sound::ones(sound.signature) {
            self.by_pair[pair].push(at as u32);
        }
        self.sizes.push((sound.signature.count_ones() as u8, sound.weight()));
        let title = Sound::of(&title.join(" ")).weight();
        let weight = sound.weight();
        let bearers = vec![(bearer, naming.tie)];
        self.names.push(Name {
            words: key.0.clone(),
            letters,
            codes,
            sound,
            title,
            weight,
            bearers,
        });
        places.insert(key, at);
    }

    /// The names that sound as good as these words and are those of others than `id`.
    pub(super) fn homophones(&self, words: &str, id: &str) -> Vec<String> {
        let hint = Heard::of(words);
        let same = |name: &&Name| {
            name.codes.iter().any(|code| hint.codes.contains(code))
                && hint.sounds_like(name).is_some_and(|alike| alike >= HOMOPHONE)
        };
        let others = |name: &&Name| {
            name.bearers
                .iter()
                .any(|(bearer, tie)| self.ids[*bearer] != id && *tie != Tie::Relation)
        };
        let names = self.names.iter().filter(others).filter(same);
        names.map(|name| name.words.clone()).collect()
    }

    /// Says how much each contact is in use, 0 to 1, by id; who is not in it, is not.
    pub(super) fn set_habits(&mut self, habits: &BTreeMap<String, f32>) {
        let habit = |id: &String| habits.get(id).map_or(0.0, |habit| habit.clamp(0.0, 1.0) * HABIT);
        self.habits = self.ids.iter().map(habit).collect();
    }

    /// What habit adds to a contact's score.
    pub(super) fn habit(&self, id: &str) -> f32 {
        let place = self.ids.iter().position(|known| !self.habits.is_empty() && known == id);
        place.map_or(0.0, |place| self.habits[place])
    }

    /// Who sounds like `key`, a normalised name: each contact once, the best first.
    #[must_use]
    pub fn like(&self, key: &str) -> Vec<Candidate> {
        let article = ["my ", "our ", "the "].iter().find_map(|word| key.strip_prefix(word));
        let bare = article.unwrap_or(key);
        // "My brother" where nobody is: not the mother.
        if tables::is_relation(bare) {
            return vec![];
        }
        let mut best = Best::default();
        self.hear(key, 0.0, &mut best);
        if article.is_some() {
            self.hear(bare, 0.0, &mut best);
        }
        let words: Vec<&str> = bare.split(' ').collect();
        let (titles, rest) = split_title(&words);
        let rest = rest.join(" ");
        if !titles.is_empty() && !tables::is_relation(&rest) {
            self.hear(&rest, TITLE_SET_ASIDE, &mut best);
        }
        let candidate = |(place, score, tie): (usize, f32, Tie)| Candidate {
            id: self.ids[place].clone(),
            score,
            why: Reason::Sounds(tie),
        };
        best.0.into_iter().map(candidate).collect()
    }

    /// Notes who fits what was heard, and how well, less `discount`.
    fn hear(&self, key: &str, discount: f32, best: &mut Best) {
        let heard = Heard::of(key);
        if heard.letters.len() < 2 {
            return;
        }
        let near = self.near(&heard).into_iter().map(|at| &self.names[at]);
        let mut close: Vec<(f32, &Name)> =
            near.filter_map(|name| Some((heard.sounds_like(name)?, name))).collect();
        close.sort_by(|a, b| b.0.total_cmp(&a.0));
        close.truncate(CLOSE);
        for (sounds, name) in close {
            let likeness = heard.likeness(name, sounds);
            for (bearer, tie) in &name.bearers {
                let habit = self.habits.get(*bearer).unwrap_or(&0.0);
                best.note(*bearer, likeness * fit_by_sound(*tie) - discount + habit, *tie);
            }
        }
    }

    /// The names that may be meant: those that share the most pairs of sounds, and those with the same code.
    fn near(&self, heard: &Heard) -> Vec<usize> {
        let rates = self.rates(heard);
        let mut by_rate = [0_usize; BEST_RATE + 1];
        for rate in &rates {
            by_rate[usize::from(*rate)] += 1;
        }
        let (mut room, mut least) = (COMPARED, BEST_RATE);
        while least > 1 && by_rate[least] <= room {
            room -= by_rate[least];
            least -= 1;
        }
        let mut near = Vec::with_capacity(2 * COMPARED);
        for (at, rate) in rates.iter().map(|rate| usize::from(*rate)).enumerate() {
            if rate > least {
                near.push(at);
            } else if rate == least && room > 0 {
                room -= 1;
                near.push(at);
            }
        }
        let alike = heard.codes.iter().filter_map(|code| self.by_code.get(code)).flatten();
        near.extend(alike.take(COMPARED / 2));
        near.sort_unstable();
        near.dedup();
        near
    }

    /// How many of its pairs and of those heard each name shares, 0 to [`BEST_RATE`] (the Dice coefficient), less
    /// a little for another length, which tells short names apart.
    fn rates(&self, heard: &Heard) -> Vec<u8> {
        let mut rates = vec![0_u8; self.names.len()];
        let signature = heard.sound.signature;
        for pair in sound::ones(signature) {
            for at in self.by_pair.get(pair).into_iter().flatten() {
                rates[*at as usize] += 1;
            }
        }
        // One division for each number of pairs rather than for each name.
        let pairs = signature.count_ones() as usize;
        let per_pair: [usize; sound::PAIRS + 1] =
            std::array::from_fn(|others| ((2 * BEST_RATE) << 8) / (pairs + others));
        for (rate, (others, weight)) in rates.iter_mut().zip(&self.sizes) {
            let shared = (usize::from(*rate) * per_pair[usize::from(*others)]) >> 8;
            let longer = usize::from(heard.weight.abs_diff(*weight) / 32).min(BEST_RATE / 4);
            *rate = shared.saturating_sub(longer) as u8;
        }
        rates
    }
}

/// The contacts that fit best so far, the best first, with how well and by which of their names.
#[derive(Debug, Default)]
struct Best(Vec<(usize, f32, Tie)>);

impl Best {
    fn note(&mut self, place: usize, score: f32, tie: Tie) {
        if self.0.len() == KEPT && self.0[KEPT - 1].1 >= score {
            return;
        }
        if let Some(known) = self.0.iter().position(|known| known.0 == place) {
            if self.0[known].1 >= score {
                return;
            }
            self.0.remove(known);
        }
        let at = self.0.partition_point(|known| known.1 >= score);
        self.0.insert(at, (place, score, tie));
        self.0.truncate(KEPT);
    }
}

/// What was heard, ready to be compared.
struct Heard {
    letters: String,
    sound: Sound,
    weight: u16,
    codes: Vec<String>,
}

impl Heard {
    fn of(key: &str) -> Self {
        let letters = letters(key);
        let sound = Sound::of(key);
        let weight = sound.weight();
        let codes = codes(&letters);
        Self { letters, sound, weight, codes }
    }

    /// How alike this and a name sound, 0 to 1; `None` if so little that not even the same letters would have it
    /// offered.
    fn sounds_like(&self, name: &Name) -> Option<f32> {
        let whole = self.weight.max(name.weight).saturating_sub(name.title).max(1);
        let most = f32::from(whole) * (1.0 - OFFERED + LETTERS);
        let distance = self.sound.distance(&name.sound, most as u16)?;
        Some(1.0 - f32::from(distance) / f32::from(whole))
    }

    /// How alike this and a name are that sounds so much like it.
    fn likeness(&self, name: &Name, sounds: f32) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
        let letters = strsim::jaro_winkler(&self.letters, &name.letters) as f32;
        let same =
            self.codes.iter().filter(|code| name.codes.contains(code)).map(String::len).max();
        let code = same.map_or(0.0, |length| (length as f32 * PER_CODE_LETTER).min(MOST_BY_CODE));
        let by_sound = sounds.mul_add(1.0 - LETTERS, letters * LETTERS);
        let by_code = (sounds + letters).mul_add((1.0 - code) / 2.0, code);
        let likeness = if same.is_some() { by_sound.max(by_code) } else { by_sound };
        let alike = self.sound.begins_like(&name.sound);
        (likeness - if alike { 0.0 } else { BEGINS_OTHERWISE }).max(0.0)
    }
}

/// The ways to name a room, device or group: with and without its article.
pub(super) fn namings_of_place(name: &str) -> Vec<Naming> {
    let key = normalise::key(name);
    let bare = ["the ", "my ", "our "].iter().find_map(|article| key.strip_prefix(article));
    let bare = bare.map(Naming::nickname);
    [Naming::new(&[&key], 0, Tie::Name)].into_iter().chain(bare).collect()
}

/// The letters of a key, without spaces.
fn letters(key: &str) -> String {
    key.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The double metaphone codes of a name; names that are only vowels have none worth comparing.
fn codes(letters: &str) -> Vec<String> {
    // The encoder is made for Latin letters.
    let latin: String = letters.chars().filter(char::is_ascii_alphabetic).collect();
    let code = DoubleMetaphone::new(Some(CODE_LENGTH)).double_metaphone(&latin);
    let mut codes = vec![code.primary(), code.alternate()];
    codes.dedup();
    codes.retain(|code| code.len() > 1);
    codes
}

/// The last name of somebody with several: only its sound counts, since many last names are words.
fn last_name(name: &str) -> Option<Naming> {
    let key = normalise::key(name);
    let words: Vec<&str> = key.split(' ').collect();
    let (_, names) = split_title(&words);
    let last = names.last().filter(|_| names.len() > 1)?;
    Some(Naming::new(&[last], 0, Tie::Part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Household {
        Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[
            {"id":"ines","name":"Grandma Ines","relation":"grandmother"},
            {"id":"rafael","name":"Rafael","nicknames":["Raf"],"relation":"father"},
            {"id":"anna","name":"Anna Kowalski","relation":"sister"},
            {"id":"priya","name":"Priya","relation":"neighbour"},
            {"id":"theo","name":"Uncle Theo"},
            {"id":"niamh","name":"Niamh","sounds_like":["neev"]},
            {"id":"neve","name":"Neve"},
            {"id":"siobhan","name":"Siobhan","sounds_like":["shivawn"]},
            {"id":"cath","name":"Katharine Moss"},
            {"id":"bob","name":"Robert Stone"}]}"#,
        )
        .expect("a household")
    }

    #[test]
    fn the_person_behind_a_name_is_found() {
        let lists = Lists::of(&home());
        let check = |spoken: &str, expected: &str| {
            let got = match lists.contact(spoken) {
                Resolution::One(one) => one.id,
                Resolution::Ask(several) => {
                    let ids: Vec<_> = several.into_iter().map(|c| c.id).collect();
                    format!("{}?", ids.join(" or "))
                }
                Resolution::None => "-".to_owned(),
            };
            assert_eq!(got, expected, "{spoken:?}");
        };
        check("Grandma Ines", "ines");
        check("grandma", "ines");
        check("my gran", "ines");
        check("Ines", "ines");
        check("dad", "rafael");
        check("my father", "rafael");
        check("raf", "rafael");
        check("our neighbor", "priya");
        check("anna", "anna");
        check("my sister", "anna");
        check("theo", "theo");
        check("Bob", "bob");
        check("bob stone", "bob");
        // By sound.
        check("catherine moss", "cath");
        check("Preeya", "priya");
        check("Raphael", "rafael");
        check("shivaun", "siobhan");
        check("shivaun's", "siobhan");
        check("neeve", "neve or niamh?");
        // Nobody.
        check("Wolfgang", "-");
        check("my brother", "-");
        check("", "-");
        check("🙂", "-");
        check("мама", "-");
    }

    #[test]
    fn of_two_that_sound_alike_the_usual_one_is_offered_first() {
        let habits = BTreeMap::from([("niamh".to_owned(), habit(20, 1))]);
        let Resolution::Ask(both) = Lists::of(&home()).with_habits(&habits).contact("neeve") else {
            panic!("must ask")
        };
        assert_eq!(both[0].id, "niamh");
        assert_eq!(both[0].why.to_string(), "sounds like a hint how a name sounds");
    }

    #[test]
    fn rooms_and_groups_are_found_by_their_sound() {
        let home = Household::read(
            r#"{"household":{"id":"h","name":"Home"},
            "rooms":[{"id":"kitchen","name":"Kitchen"},{"id":"study","name":"The study"}],
            "groups":[{"id":"club","name":"Book club"}]}"#,
        )
        .expect("a household");
        let lists = Lists::of(&home);
        let check = |slot_type: &str, spoken: &str, expected: Option<&str>| {
            let found = match lists.resolve(slot_type, &[(spoken, 1.0)]) {
                Resolution::One(one) => Some(one.id),
                Resolution::Ask(_) | Resolution::None => None,
            };
            assert_eq!(found.as_deref(), expected, "{spoken:?}");
        };
        check("ROOM", "kit chin", Some("kitchen"));
        check("ROOM", "studdy", Some("study"));
        check("ROOM", "attic", None);
        check("GROUP", "the book clap", Some("club"));
        check("GROUP", "book club group", Some("club"));
        check("AMAZON.Color", "red", None);
    }

    #[test]
    fn hearings_are_weighed_together() {
        let lists = Lists::of(&home());
        let sure = |hearings: &[(&str, f32)]| match lists.contact_of(hearings) {
            Resolution::One(one) => Some(one.id),
            Resolution::Ask(_) | Resolution::None => None,
        };
        assert_eq!(sure(&[("wolfgang", 0.6), ("priya", 0.5)]), Some("priya".to_owned()));
        assert_eq!(sure(&[("anna", 0.5), ("priya", 0.5)]), None, "must ask");
        assert_eq!(sure(&[("anna", 0.9), ("priya", 0.1)]), Some("anna".to_owned()));
        assert_eq!(sure(&[]), None);
    }

    #[test]
    fn two_of_a_name_are_asked_about() {
        let home = Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[
            {"id":"a","name":"Ana Lima"},{"id":"b","name":"Ana Reis"}]}"#,
        )
        .expect("a household");
        let Resolution::Ask(both) = contact("ana", &home) else { panic!("must ask") };
        assert_eq!(both.len(), 2);
    }
}
