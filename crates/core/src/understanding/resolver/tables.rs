//! What people call each other: words for relations, titles, usual short forms of first names.

use crate::understanding::normalise;

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

/// Whether these words are a relation and no name.
#[must_use]
pub(super) fn is_relation(key: &str) -> bool {
    RELATIONS.iter().any(|words| words.contains(&key))
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

/// Whether a word may stand before a name.
#[must_use]
pub(super) fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

/// Titles that are seldom said alone.
#[must_use]
pub(super) fn wants_a_name(title: &str) -> bool {
    ["mr", "mrs", "ms", "dr", "doctor", "prof", "professor", "uncle", "aunt", "cousin"]
        .contains(&title)
}

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

/// Whether this is a common first name, or a short form of one.
#[must_use]
pub(super) fn is_first_name(word: &str) -> bool {
    SHORT_FORMS.iter().any(|(name, short)| *name == word || short.contains(&word))
}

/// Usual short forms of a first name, and of whom a short form is one.
#[must_use]
pub fn short_forms(first_name: &str) -> &'static [&'static str] {
    SHORT_FORMS
        .binary_search_by(|(name, _)| (*name).cmp(first_name))
        .map_or(&[], |at| SHORT_FORMS[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_sorted_for_searching() {
        assert!(SHORT_FORMS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
