//! As many contacts as a household may have, made of syllables.

use hearthline_core::household::Household;
use serde_json::{Value, json};

/// The most contacts of a household.
const CONTACTS: usize = 2_000;
const FIRST: [&str; 20] = [
    "An", "Be", "Ca", "Da", "El", "Fa", "Gu", "Ha", "Is", "Jo", "Ka", "Lu", "Ma", "No", "Os", "Pa",
    "Ro", "Sa", "Te", "Vi",
];
const SECOND: [&str; 10] = ["na", "rin", "lo", "tta", "mir", "sha", "bel", "wyn", "do", "gan"];
const LAST: [&str; 10] = [
    "Stone",
    "Novak",
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Silva",
    "Kowal",
    "Byrne",
    "Haas",
];

/// The household in `json` with made-up contacts beside its own.
pub(crate) fn around(json: &str) -> Household {
    let mut home: Value = serde_json::from_str(json).expect("a household");
    let contacts = home["contacts"].as_array_mut().expect("contacts");
    for at in contacts.len()..CONTACTS {
        let (first, second, last) = (FIRST[at % 20], SECOND[at / 20 % 10], LAST[at / 200]);
        let name = format!("{first}{second} {last}");
        contacts.push(json!({"id": format!("c{at}"), "name": name}));
    }
    Household::read(&home.to_string()).expect("a household")
}
