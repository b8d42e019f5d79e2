//! The contact behind a name as it was heard: exact, nickname, relation, or by its sound.

use rphonetic::DoubleMetaphone;

use super::lists::{Lists, Phrase, Tie};
use super::normalise;
use crate::household::Household;

/// From this score on a name that sounds alike is taken for the one that was meant.
///
/// Chosen so that spellings of one sound pass ("Siwan" for a Siobhan with a hint, "Catherine" for
/// Katharine) while names that share only their beginning do not ("Marcus" and "Maria").
pub const SURE: f32 = 0.82;
/// Below this score nobody is offered.
pub const OFFERED: f32 = 0.70;
/// Two names closer than this are asked about.
pub const MARGIN: f32 = 0.06;
/// The most names we ask between: more cannot be kept in mind when heard.
pub const MAX_OFFERED: usize = 3;
/// How many names are compared in full; the others share too few sounds to be meant.
const COMPARED: usize = 24;
/// The longest code of a name's sound; long enough for four words.
const CODE_LENGTH: usize = 16;

/// A contact and how well the name fits, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The entry's id.
    pub id: String,
    pub score: f32,
}

/// Who was meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolution {
    One(Candidate),
    /// Several fit about equally well, best first: "did you mean Niamh or Neve?"
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
    let score = phrase.tie().map_or(0.0, fit);
    match phrase.certain() {
        Some(id) => Resolution::One(Candidate { id: id.to_owned(), score }),
        None => Resolution::Ask(
            phrase
                .closest()
                .take(MAX_OFFERED)
                .map(|id| Candidate { id: id.to_owned(), score })
                .collect(),
        ),
    }
}

/// How surely a phrase of this kind means its entry.
#[must_use]
pub const fn fit(tie: Tie) -> f32 {
    match tie {
        Tie::Name => 1.0,
        Tie::Nickname | Tie::Relation => 0.99,
        Tie::Part | Tie::Sound => 0.96,
        Tie::ShortForm => 0.92,
    }
}

/// Words for the same relation. The first is how household files usually write it.
const RELATIONS: &[&[&str]] = &[
    &["mother", "mum", "mom", "mam", "mummy", "mommy", "mama", "ma"],
    &["father", "dad", "daddy", "papa", "pa", "pop"],
    &["parents", "mum and dad", "mom and dad", "folks"],
    &[
        "grandmother",
        "grandma",
        "granny",
        "gran",
        "nana",
        "nan",
        "nanna",
        "grandmama",
        "grammy",
        "nonna",
        "oma",
        "abuela",
        "babcia",
    ],
    &[
        "grandfather",
        "grandpa",
        "granddad",
        "grandad",
        "gramps",
        "grampa",
        "nonno",
        "opa",
        "abuelo",
        "dziadek",
    ],
    &["sister", "sis", "little sister", "big sister"],
    &["brother", "bro", "little brother", "big brother"],
    &["son", "boy"],
    &["daughter", "girl"],
    &["wife"],
    &["husband", "hubby"],
    &["partner", "other half"],
    &["spouse"],
    &["girlfriend"],
    &["boyfriend"],
    &["fiance", "fiancee"],
    &["aunt", "auntie", "aunty"],
    &["uncle"],
    &["cousin"],
    &["niece"],
    &["nephew"],
    &["granddaughter"],
    &["grandson"],
    &["mother in law", "mum in law"],
    &["father in law", "dad in law"],
    &["sister in law"],
    &["brother in law"],
    &["neighbour", "neighbor", "next door"],
    &["friend", "best friend", "buddy", "mate"],
    &["colleague", "coworker", "co worker", "workmate"],
    &["boss", "manager"],
    &["doctor", "gp"],
    &["dentist"],
    &["teacher"],
    &["carer", "caregiver", "nurse"],
    &["babysitter", "sitter", "nanny"],
    &["landlord"],
    &["roommate", "flatmate", "housemate"],
];

/// Every word for a relation, itself included.
#[must_use]
pub fn relation_words(relation: &str) -> Vec<&str> {
    let key = normalise::key(relation);
    match RELATIONS.iter().find(|words| words.contains(&key.as_str())) {
        Some(words) => words.to_vec(),
        None => vec![relation],
    }
}

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "doctor",
    "prof",
    "professor",
    "uncle",
    "aunt",
    "auntie",
    "aunty",
    "grandma",
    "grandpa",
    "granny",
    "nana",
    "nan",
    "gran",
    "granddad",
    "grandad",
    "cousin",
    "father",
    "sister",
    "brother",
    "sir",
];

/// A name's titles and the rest.
#[must_use]
pub fn split_title<'w>(words: &'w [&'w str]) -> (&'w [&'w str], &'w [&'w str]) {
    let titles = words.iter().take_while(|word| TITLES.contains(word)).count();
    words.split_at(if titles == words.len() { 0 } else { titles })
}

/// First names and the short forms people use for them. Common English ones; a household adds others.
const SHORT_FORMS: &[(&str, &[&str])] = &[
    ("abigail", &["abby", "abbie"]),
    ("alexander", &["alex", "xander", "sandy"]),
    ("alexandra", &["alex", "sandra", "lexi"]),
    ("andrew", &["andy", "drew"]),
    ("anthony", &["tony"]),
    ("barbara", &["barb", "babs"]),
    ("benjamin", &["ben", "benny"]),
    ("catherine", &["cathy", "kate", "katie", "cat"]),
    ("charles", &["charlie", "chuck"]),
    ("charlotte", &["charlie", "lottie"]),
    ("christina", &["chris", "tina"]),
    ("christine", &["chris", "chrissie"]),
    ("christopher", &["chris", "kit"]),
    ("daniel", &["dan", "danny"]),
    ("david", &["dave", "davey"]),
    ("deborah", &["deb", "debbie"]),
    ("dorothy", &["dot", "dottie"]),
    ("edward", &["ed", "eddie", "ted", "teddy", "ned"]),
    ("eleanor", &["ellie", "nora", "nell"]),
    ("elizabeth", &["liz", "lizzie", "beth", "betty", "eliza", "libby"]),
    ("emily", &["em", "emmy"]),
    ("frances", &["fran", "frankie"]),
    ("francis", &["frank", "frankie"]),
    ("frederick", &["fred", "freddie"]),
    ("gabriel", &["gabe"]),
    ("gregory", &["greg"]),
    ("harold", &["harry", "hal"]),
    ("henry", &["harry", "hank"]),
    ("isabella", &["bella", "izzy"]),
    ("jacob", &["jake"]),
    ("james", &["jim", "jimmy", "jamie"]),
    ("jennifer", &["jen", "jenny"]),
    ("jessica", &["jess", "jessie"]),
    ("john", &["johnny", "jack"]),
    ("jonathan", &["jon", "jonny"]),
    ("joseph", &["joe", "joey"]),
    ("joshua", &["josh"]),
    ("katherine", &["kathy", "kate", "katie", "kat"]),
    ("kenneth", &["ken", "kenny"]),
    ("lawrence", &["larry"]),
    ("leonard", &["leo", "len", "lenny"]),
    ("margaret", &["maggie", "meg", "peggy", "marge"]),
    ("matthew", &["matt"]),
    ("michael", &["mike", "mick", "mikey"]),
    ("nathaniel", &["nate", "nat"]),
    ("nicholas", &["nick", "nicky"]),
    ("oliver", &["ollie"]),
    ("pamela", &["pam"]),
    ("patricia", &["pat", "patty", "trish"]),
    ("patrick", &["pat", "paddy"]),
    ("peter", &["pete"]),
    ("philip", &["phil"]),
    ("rebecca", &["becky", "becca"]),
    ("richard", &["rick", "ricky", "dick", "rich"]),
    ("robert", &["rob", "robbie", "bob", "bobby"]),
    ("ronald", &["ron", "ronnie"]),
    ("samantha", &["sam"]),
    ("samuel", &["sam", "sammy"]),
    ("sophia", &["sophie"]),
    ("stephanie", &["steph"]),
    ("stephen", &["steve"]),
    ("steven", &["steve"]),
    ("susan", &["sue", "suzie"]),
    ("theodore", &["theo", "ted", "teddy"]),
    ("thomas", &["tom", "tommy"]),
    ("timothy", &["tim"]),
    ("victoria", &["vicky", "tori"]),
    ("vincent", &["vince"]),
    ("william", &["will", "bill", "billy", "liam"]),
    ("zachary", &["zach"]),
];

/// A common first name; which one, `number` says.
#[must_use]
pub fn first_name(number: usize) -> &'static str {
    SHORT_FORMS[number % SHORT_FORMS.len()].0
}

/// Usual short forms of a first name, and of whom a short form is one.
#[must_use]
pub fn short_forms(first_name: &str) -> &'static [&'static str] {
    SHORT_FORMS
        .binary_search_by(|(name, _)| (*name).cmp(first_name))
        .map_or(&[], |at| SHORT_FORMS[at].1)
}

/// How a name sounds.
#[derive(Debug, Clone)]
struct Sound {
    /// The letters, without spaces.
    letters: String,
    primary: String,
    alternate: String,
    /// One bit for each pair of neighbouring sounds, hashed: names that share few bits differ.
    pairs: u64,
}

impl Sound {
    fn of(key: &str) -> Self {
        let letters: String = key.chars().filter(|letter| letter.is_alphanumeric()).collect();
        // The encoder is made for Latin letters.
        let latin: String = letters.chars().filter(char::is_ascii_alphabetic).collect();
        let code = DoubleMetaphone::new(Some(CODE_LENGTH)).double_metaphone(&latin);
        let (primary, alternate) = (code.primary(), code.alternate());
        let pairs = pairs(&primary, 'P') | pairs(&alternate, 'P') | pairs(&letters, 'L');
        Self { letters, primary, alternate, pairs }
    }

    /// How alike two names sound, 0 to 1: half by their letters, half by their codes.
    fn likeness(&self, other: &Self) -> f32 {
        let letters = strsim::jaro_winkler(&self.letters, &other.letters);
        let codes = [&self.primary, &self.alternate]
            .into_iter()
            .flat_map(|mine| {
                [&other.primary, &other.alternate]
                    .map(|theirs| strsim::normalized_levenshtein(mine, theirs))
            })
            .fold(0.0_f64, f64::max);
        #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
        let likeness = letters.mul_add(0.5, codes * 0.5) as f32;
        likeness
    }
}

/// A set of neighbouring pairs, one bit each.
fn pairs(text: &str, kind: char) -> u64 {
    let mut before = '^';
    let mut bits = 0_u64;
    for letter in text.chars().chain(['$']) {
        let mix = (u64::from(u32::from(before)) * 31 + u64::from(u32::from(letter))) * 31
            + u64::from(u32::from(kind));
        bits |= 1 << (mix.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58);
        before = letter;
    }
    bits
}

/// The sounds of everybody in an address book.
#[derive(Debug, Clone, Default)]
pub struct Sounds {
    entries: Vec<(Sound, usize)>,
    ids: Vec<String>,
}

impl Sounds {
    #[must_use]
    pub fn of(household: &Household) -> Self {
        let mut sounds = Self::default();
        for contact in &household.contacts {
            let at = sounds.ids.len();
            sounds.ids.push(contact.id.as_str().to_owned());
            let mut names = vec![normalise::key(&contact.name)];
            let words: Vec<&str> = names[0].split(' ').collect();
            let (titles, rest) = split_title(&words);
            let parts = [
                (!titles.is_empty() && !rest.is_empty()).then(|| rest.join(" ")),
                (rest.len() > 1).then(|| rest[0].to_owned()),
            ];
            names.extend(parts.into_iter().flatten());
            names.extend(
                contact.nicknames.iter().chain(&contact.sounds_like).map(|n| normalise::key(n)),
            );
            names.sort();
            names.dedup();
            let long_enough = names.iter().filter(|name| name.chars().count() > 1);
            sounds.entries.extend(long_enough.map(|name| (Sound::of(name), at)));
        }
        sounds
    }

    /// Who sounds like `key`, a normalised name.
    #[must_use]
    pub fn resolve(&self, key: &str) -> Resolution {
        let mut candidates = self.ranked(key);
        let Some(best) = candidates.first().map(|candidate| candidate.score) else {
            return Resolution::None;
        };
        if best < OFFERED {
            return Resolution::None;
        }
        candidates
            .retain(|candidate| best - candidate.score < MARGIN && candidate.score >= OFFERED);
        candidates.truncate(MAX_OFFERED);
        match candidates.len() {
            1 if best >= SURE => Resolution::One(candidates.swap_remove(0)),
            _ => Resolution::Ask(candidates),
        }
    }

    /// The entries that sound most like `key`, best first, each once.
    fn ranked(&self, key: &str) -> Vec<Candidate> {
        let bare = ["my ", "our ", "the "]
            .iter()
            .find_map(|article| key.strip_prefix(article))
            .unwrap_or(key);
        let heard = Sound::of(bare);
        if heard.letters.chars().count() < 2 {
            return vec![];
        }
        let mut near: Vec<(u32, usize)> = self
            .entries
            .iter()
            .enumerate()
            .map(|(at, (sound, _))| {
                let shared = (sound.pairs & heard.pairs).count_ones() * 64;
                (shared / (sound.pairs | heard.pairs).count_ones().max(1), at)
            })
            .collect();
        // The most alike first; the entry's place decides a tie, so that the order is always the same.
        let order = |a: &(u32, usize), b: &(u32, usize)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
        if near.len() > COMPARED {
            near.select_nth_unstable_by(COMPARED, order);
            near.truncate(COMPARED);
        }
        near.sort_unstable_by(order);
        let mut best: Vec<(usize, f32)> = Vec::new();
        for (_, at) in near {
            let (sound, entry) = &self.entries[at];
            let score = heard.likeness(sound);
            match best.iter_mut().find(|(known, _)| known == entry) {
                Some((_, known)) => *known = known.max(score),
                None => best.push((*entry, score)),
            }
        }
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best.into_iter()
            .map(|(entry, score)| Candidate { id: self.ids[entry].clone(), score })
            .collect()
    }
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
        check("neeve", "niamh or neve?");
        // Nobody.
        check("Wolfgang", "-");
        check("my brother", "-");
        check("", "-");
        check("🙂", "-");
        check("мама", "-");
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

    #[test]
    fn short_forms_are_sorted_for_searching() {
        assert!(SHORT_FORMS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
