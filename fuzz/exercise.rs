//! What a fuzzer throws at the core, and what must hold whatever it throws. The fuzz targets and the test that replays
//! `corpus/` call the same functions.
#![allow(dead_code, reason = "each target uses one of them")]

use std::sync::OnceLock;

use hearthline_core::household::Household;
use hearthline_core::understanding::date;
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::{Lists, Parse, Understanding};

const HOME: &str = include_str!("../tests/understanding/household.json");

fn home() -> &'static Lists {
    static HOME_LISTS: OnceLock<Lists> = OnceLock::new();
    HOME_LISTS.get_or_init(|| Lists::of(&Household::read(HOME).expect("a household")))
}

/// Words said to the house.
pub fn parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let shipped = Understanding::shipped();
    let parse = shipped.parse(&text, home());
    holds(&parse, &text);
    assert_eq!(parse, shipped.parse(&text, home()), "the same words, the same meaning");
    for part in shipped.wishes(&text, home()).parts {
        assert!((0.0..=1.0).contains(&part.confidence));
    }
    let today = "2026-11-25".parse().expect("a day");
    holds(&shipped.parse_on(&text, home(), today), &text);
    assert!(date::value(&text, today).is_none_or(|value| value.len() <= 13));
}

/// A file that should be an interaction model: it is read, or every mistake in it is told.
pub fn model(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Model::read(&text) {
        // Training takes as long as there are samples; what is odd is in the reading.
        Ok(model) if text.len() < 4_000 => {
            let understanding = Understanding::of(&model);
            for said in ["call mum", "add pear to the list", "", "tomorrow at five"] {
                holds(&understanding.parse(said, home()), said);
            }
        }
        Ok(_) => {}
        Err(mistakes) => assert!(!mistakes.to_string().is_empty()),
    }
}

/// A file that should be a household.
pub fn household(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Household::read(&text) {
        Ok(home) => {
            let lists = Lists::of(&home);
            for contact in home.contacts.iter().take(3) {
                let said = format!("call {}", contact.name);
                holds(&Understanding::shipped().parse(&said, &lists), &said);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn holds(parse: &Parse, text: &str) {
    assert_eq!(parse.text, text);
    assert!((0.0..=1.0).contains(&parse.confidence), "{parse:?}");
    assert!(parse.slots.values().all(|slot| text.contains(&slot.value)), "{parse:?}");
}
