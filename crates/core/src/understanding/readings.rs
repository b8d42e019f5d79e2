//! From what fits to what is meant: the words and ids of slots, and how sure they are.

use std::collections::BTreeMap;

use super::grammar::{Fill, Found, How};
use super::lists::{self, Lists, Tie};
use super::normalise::Token;
use super::resolver::{self, Candidate, Resolution};
use super::typed::Typed;
use super::{Reading, Slot, Slots};

// How sure a reading is whose slots were taken so.
const POLITENESS_SET_ASIDE: f32 = 0.99;
const LISTED: f32 = 0.99;
const SEVERAL_LISTED: f32 = 0.9;
const FORMED: f32 = 0.97;
const FREE: f32 = 0.95;
pub const UNKNOWN: f32 = 0.6;
const BY_SOUND: f32 = 0.9;

/// How much better a longer name must fit than a shorter one: a little worse will do, since it explains more.
const LONGER: f32 = 0.03;

/// Makes readings of what fits one utterance. Names are looked up once each: that is most of the work.
#[derive(Debug)]
pub struct Reader<'t> {
    text: &'t str,
    pub lists: &'t Lists,
    /// By what they may name, and their first and last byte.
    names: BTreeMap<(String, usize, usize), (Resolution, Vec<Candidate>)>,
}

impl<'t> Reader<'t> {
    pub fn new(text: &'t str, lists: &'t Lists) -> Self {
        Self { text, lists, names: BTreeMap::new() }
    }

    /// The readings of what fits: one, or one for each entry a name may mean.
    pub fn read(&mut self, tokens: &[Token], found: &Found<'_>, aside: bool) -> Vec<Reading> {
        let mut confidence = if aside { POLITENESS_SET_ASIDE } else { 1.0 };
        let mut slots = Slots::new();
        let mut choices: Vec<(String, Vec<Candidate>)> = Vec::new();
        for fill in self.with_whole_names(tokens, &found.fills) {
            let value = said(self.text, tokens, &fill);
            let Meant { sure, id, others } = self.meant(tokens, &fill);
            if !others.is_empty() {
                choices.push((fill.slot.to_owned(), others));
            }
            confidence *= sure;
            slots.insert(fill.slot.to_owned(), Slot { value: value.to_owned(), id });
        }
        let mut readings = vec![Reading { intent: found.intent.to_owned(), confidence, slots }];
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

    /// How much the words of a span sound like somebody's name, 0 to 1.
    pub fn likeness(&mut self, tokens: &[Token], from: usize, to: usize) -> f32 {
        self.span_by_sound(lists::CONTACT, (tokens[from].start, tokens[to - 1].end))
            .0
            .best()
            .map_or(0.0, |best| best.score)
    }

    fn meant(&mut self, tokens: &[Token], fill: &Fill<'_>) -> Meant {
        match fill.how {
            How::Free => Meant::sure(FREE, None),
            How::Formed(typed) => {
                let value = typed.value(said(self.text, tokens, fill), &tokens[fill.from..fill.to]);
                Meant::sure(FORMED, value)
            }
            How::Listed { phrase, household, .. } => {
                if !household && self.lists.list(fill.slot_type).is_some() {
                    return Meant::sure(SEVERAL_LISTED, None);
                }
                match resolver::named(phrase) {
                    Resolution::One(one) => Meant::sure(LISTED * one.score, Some(one.id)),
                    Resolution::Ask(others) => Meant { sure: SEVERAL_LISTED, id: None, others },
                    Resolution::None => Meant::sure(UNKNOWN, None),
                }
            }
            How::Unknown => {
                let (resolution, others) = self.by_sound(tokens, fill);
                let score = resolution.best().map_or(0.0, |best| best.score);
                let sure = UNKNOWN.max(BY_SOUND * score);
                match resolution {
                    Resolution::One(one) => {
                        Meant { sure, id: Some(one.id.clone()), others: others.clone() }
                    }
                    Resolution::Ask(several) => Meant { sure, id: None, others: several.clone() },
                    Resolution::None => Meant::sure(UNKNOWN, None),
                }
            }
        }
    }

    /// Who or what an unlisted name may be.
    fn by_sound(&mut self, tokens: &[Token], fill: &Fill<'_>) -> &(Resolution, Vec<Candidate>) {
        let slot_type =
            if lists::is_name(fill.slot_type) { lists::CONTACT } else { fill.slot_type };
        let words = said(self.text, tokens, fill);
        let from = tokens[fill.from].start;
        self.span_by_sound(slot_type, (from, from + words.len()))
    }

    fn span_by_sound(
        &mut self,
        slot_type: &str,
        (from, to): (usize, usize),
    ) -> &(Resolution, Vec<Candidate>) {
        let (lists, spoken) = (self.lists, &self.text[from..to]);
        self.names
            .entry((slot_type.to_owned(), from, to))
            .or_insert_with(|| lists.weigh(slot_type, &[(spoken, 1.0)]))
    }

    /// Unlisted names with the words after them that belong to them: damage splits names, and a message may have
    /// taken the rest.
    fn with_whole_names<'g>(&mut self, tokens: &[Token], fills: &[Fill<'g>]) -> Vec<Fill<'g>> {
        let mut fills = fills.to_vec();
        for at in 0..fills.len() {
            if let Some(whole) = with_what_belongs(tokens, &fills, at) {
                take_words(&mut fills, at, whole);
            }
            let named =
                matches!(fills[at].how, How::Unknown) && lists::is_name(fills[at].slot_type);
            while named && fills[at].to < tokens.len() {
                let (short, mut long) = (fills[at], fills[at]);
                long.to += 1;
                let fits = |(resolution, _): &(Resolution, _)| {
                    resolution.best().map_or(0.0, |best| best.score)
                };
                if !gives(&fills, short.to, 1)
                    || fits(self.by_sound(tokens, &long)) + LONGER
                        < fits(self.by_sound(tokens, &short)).max(resolver::OFFERED)
                {
                    break;
                }
                take_words(&mut fills, at, long);
            }
        }
        fills
    }
}

/// Whether the word at `at` and those after it, `words` of them, belong to nothing or to free text that keeps one.
fn gives(fills: &[Fill<'_>], at: usize, words: usize) -> bool {
    fills
        .iter()
        .filter(|fill| fill.from < at + words && fill.to > at)
        .all(|fill| matches!(fill.how, How::Free) && fill.from == at && fill.to - fill.from > words)
}

/// Puts a longer fill in the place of its shorter self; free text after it gives up the words.
fn take_words<'g>(fills: &mut [Fill<'g>], at: usize, whole: Fill<'g>) {
    let end = fills[at].to;
    if let Some(next) = fills.iter_mut().find(|fill| fill.from == end) {
        next.from = whole.to;
    }
    fills[at] = whole;
}

/// A relation or title with the words that make another name of it: "my brother" in "my brother in law", "aunt" in "aunt
/// May". Then nobody was named who is only called so.
fn with_what_belongs<'g>(tokens: &[Token], fills: &[Fill<'g>], at: usize) -> Option<Fill<'g>> {
    let fill = fills[at];
    let How::Listed { phrase, household: true, possessive: false } = fill.how else { return None };
    if !lists::is_name(fill.slot_type) || phrase.tie() != Some(Tie::Relation) {
        return None;
    }
    let words: Vec<&str> = tokens[fill.from..].iter().map(|token| token.text.as_str()).collect();
    let (said, rest) = words.split_at(fill.to - fill.from);
    let more = resolver::goes_on(said, rest);
    (more > 0 && gives(fills, fill.to, more)).then_some(Fill {
        to: fill.to + more,
        how: How::Unknown,
        ..fill
    })
}

/// What a slot stands for, how sure that is, and what else it may stand for.
struct Meant {
    sure: f32,
    id: Option<String>,
    others: Vec<Candidate>,
}

impl Meant {
    const fn sure(sure: f32, id: Option<String>) -> Self {
        Self { sure, id, others: vec![] }
    }
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
