//! From what fits to what is meant: the words and ids of slots, and how sure they are.

use super::grammar::{Fill, Found, How};
use super::lists::{self, Lists};
use super::normalise::Token;
use super::resolver::{self, Resolution};
use super::typed::Typed;
use super::{Reading, Slot, Slots};

// How sure a reading is whose slots were taken so.
const POLITENESS_SET_ASIDE: f32 = 0.99;
const LISTED: f32 = 0.99;
const SEVERAL_LISTED: f32 = 0.9;
const FORMED: f32 = 0.97;
const FREE: f32 = 0.95;
pub const UNKNOWN: f32 = 0.6;
const UNKNOWN_BY_SOUND: f32 = 0.9;

/// The readings of a sample that fits: one, or one for each entry a name may mean.
pub fn of(
    text: &str,
    tokens: &[Token],
    lists: &Lists,
    found: &Found<'_>,
    aside: bool,
) -> Vec<Reading> {
    let mut confidence = if aside { POLITENESS_SET_ASIDE } else { 1.0 };
    let mut slots = Slots::new();
    let mut choices: Vec<(String, Vec<resolver::Candidate>)> = Vec::new();
    for fill in &found.fills {
        let value = said(text, tokens, fill);
        let (sure, id) = match fill.how {
            How::Free => (FREE, None),
            How::Formed(typed) => (FORMED, typed.value(value, &tokens[fill.from..fill.to])),
            How::Listed { phrase, household, .. } => {
                if household || lists.list(fill.slot_type).is_none() {
                    match resolver::named(phrase) {
                        Resolution::One(one) => (LISTED * one.score, Some(one.id)),
                        Resolution::Ask(several) => {
                            choices.push((fill.slot.to_owned(), several));
                            (SEVERAL_LISTED, None)
                        }
                        Resolution::None => (UNKNOWN, None),
                    }
                } else {
                    (SEVERAL_LISTED, None)
                }
            }
            How::Unknown if lists::is_name(fill.slot_type) => match lists.contact(value) {
                Resolution::One(one) => (UNKNOWN_BY_SOUND * one.score, Some(one.id)),
                Resolution::Ask(several) => {
                    let score = several.first().map_or(0.0, |best| best.score);
                    choices.push((fill.slot.to_owned(), several));
                    (UNKNOWN_BY_SOUND * score, None)
                }
                Resolution::None => (UNKNOWN, None),
            },
            How::Unknown => (UNKNOWN, None),
        };
        confidence *= sure;
        slots.insert(fill.slot.to_owned(), Slot { value: value.to_owned(), id });
    }
    let intent = found.intent.to_owned();
    let mut readings = vec![Reading { intent, confidence, slots }];
    if let [(slot, several)] = &choices[..] {
        for candidate in several {
            let mut other = readings[0].clone();
            other.confidence *= candidate.score;
            if let Some(slot) = other.slots.get_mut(slot) {
                slot.id = Some(candidate.id.clone());
            }
            readings.push(other);
        }
    }
    readings
}

/// Words before a day that do not belong to it.
const DATE_LINKS: [&str; 3] = ["on", "in", "for"];
const PLEASE: &str = "please";

/// The words a slot took, as they stand in the text.
fn said<'t>(text: &'t str, tokens: &[Token], fill: &Fill<'_>) -> &'t str {
    let words = &tokens[fill.from..fill.to];
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return "" };
    let (first, last) = match fill.how {
        // "on Monday" is Monday.
        How::Formed(Typed::Date)
            if words.len() > 1 && DATE_LINKS.contains(&first.text.as_str()) =>
        {
            (&words[1], last)
        }
        // What is said to us does not belong to what is said to others.
        How::Free if words.len() > 1 && last.text == PLEASE => (first, &words[words.len() - 2]),
        _ => (first, last),
    };
    let end = match (fill.how, &last.stem) {
        (How::Listed { possessive: true, .. }, Some((_, end))) => *end,
        (How::Unknown, Some((_, end))) if lists::is_name(fill.slot_type) => *end,
        _ => last.end,
    };
    &text[first.start..end]
}
