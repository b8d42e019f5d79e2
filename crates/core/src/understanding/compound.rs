//! Several wishes in one utterance: "call mum and tell dad I'm busy".
//!
//! The contract: an utterance falls apart only at "and", "then" and their like, and only where both halves are
//! understood by themselves and the whole is not understood better as one. "Call mum and dad" is one wish, and so
//! is a message with an "and" in it, unless what follows is plainly a wish again. Where it may be either,
//! [`Wishes::sure`] is false: ask.

use jiff::civil::Date;

use super::lists::Lists;
use super::normalise::{self, Token};
use super::resolver::Resolution;
use super::{Layer, Parse, Slot, Understanding};

/// The most wishes in one utterance: more cannot be answered in one breath.
pub const MOST: usize = 3;
/// How sure we are of somebody who is named by a pronoun.
pub const KNOWN_BY_CONTEXT: f32 = 0.95;
/// A wish from here on is understood by itself.
const CLEAR: f32 = 0.8;
/// From here on the second half of a clear wish is worth asking about.
const FAIR: f32 = 0.5;
/// What is only like a sample is never clear.
const LIKENESS: f32 = 0.75;
/// At how many places an utterance is tried to be parted: people join two or three wishes, long messages are dictated.
const MOST_JOINTS: usize = 6;
/// The longest name at the head of a message that is taken for a second recipient, in words.
const MOST_NAME_WORDS: usize = 4;
/// How close that name must come.
const UNMISTAKEN: f32 = 0.95;

/// A name that nobody has, to see where a pronoun stands for one.
const SOMEBODY: &str = "Qozwyx";

/// Words that join wishes, the longest first.
const JOINTS: &[&[&str]] = &[
    &["and", "after", "that"],
    &["and", "then", "also"],
    &["and", "then"],
    &["and", "also"],
    &["after", "that"],
    &["and"],
    &["then"],
];

const SEND: &str = "SendMessageIntent";
/// What reaches somebody and names them.
const REACHING: [&str; 4] = ["CallIntent", SEND, "CallBackIntent", "DropInIntent"];
/// What says nothing by itself: a second half of these is part of the first.
const ONLY_FIRST: [&str; 4] =
    ["AMAZON.YesIntent", "AMAZON.NoIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent"];
/// What carries on a conversation, whose sentences have "and" in them.
const TALK: [&str; 6] = [
    "ChatIntent",
    "ChangeTopicIntent",
    "AboutMeIntent",
    "AMAZON.FallbackIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.StartOverIntent",
];

/// A word that stands for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pronoun {
    Her,
    Him,
    Them,
}

impl Pronoun {
    /// Whether it can mean somebody who is called `other` by what they are.
    #[must_use]
    pub fn fits(self, other: Self) -> bool {
        self == other || self == Self::Them
    }
}

#[must_use]
pub fn pronoun(word: &str) -> Option<Pronoun> {
    match word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase().as_str() {
        "her" | "she" => Some(Pronoun::Her),
        "him" | "he" => Some(Pronoun::Him),
        "them" | "they" => Some(Pronoun::Them),
        _ => None,
    }
}

/// What an utterance asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wishes {
    /// The utterance taken as one.
    pub whole: Parse,
    /// Its parts in order, two or more; empty when it is one.
    pub parts: Vec<Parse>,
    /// Whether the parts are meant. If not, the whole may be: ask.
    pub sure: bool,
}

impl Wishes {
    #[must_use]
    pub const fn one(whole: Parse) -> Self {
        Self { whole, parts: Vec::new(), sure: true }
    }
}

impl Understanding {
    /// What `text` asks of this household: one wish, or up to [`MOST`].
    #[must_use]
    pub fn wishes(&self, text: &str, lists: &Lists) -> Wishes {
        let whole = self.spoken(text, lists);
        self.parted(whole, lists, MOST)
    }

    /// The same when it is said on `today`: days have their dates.
    #[must_use]
    pub fn wishes_on(&self, text: &str, lists: &Lists, today: Date) -> Wishes {
        let Wishes { whole, parts, sure } = self.wishes(text, lists);
        let parts = parts.into_iter().map(|part| self.dated(part, today)).collect();
        Wishes { whole: self.dated(whole, today), parts, sure }
    }

    /// What words mean of which one may stand for a person: "tell her I'm late". Samples have names there.
    fn spoken(&self, text: &str, lists: &Lists) -> Parse {
        let parse = self.parse(text, lists);
        if parse.intent.is_some() && parse.layer == Layer::Samples {
            return parse;
        }
        let tokens = normalise::tokens(text).unwrap_or_default();
        let Some(token) = tokens.iter().find(|token| pronoun(&token.text).is_some()) else {
            return parse;
        };
        let word = &text[token.start..token.end];
        let named = [&text[..token.start], SOMEBODY, &text[token.end..]].concat();
        let mut other = self.parse(&named, lists);
        let only_contact = other.slots.iter().all(|(name, slot)| {
            (name == "contact" && slot.value == SOMEBODY) || !slot.value.contains(SOMEBODY)
        });
        match other.slots.get_mut("contact") {
            Some(slot) if slot.value == SOMEBODY && only_contact => {
                *slot = Slot { value: word.to_owned(), id: None };
                Parse { text: text.to_owned(), alternatives: vec![], ..other }
            }
            _ => parse,
        }
    }

    fn parted(&self, whole: Parse, lists: &Lists, most: usize) -> Wishes {
        if most < 2 {
            return Wishes::one(whole);
        }
        let tokens = normalise::tokens(&whole.text).unwrap_or_default();
        for joint in joints(&tokens) {
            let swallowed = holds(&whole, joint);
            let understood = whole.layer == Layer::Samples && confidence(&whole) >= CLEAR;
            if understood && swallowed.is_none() {
                continue;
            }
            let left =
                self.spoken(whole.text[..joint.from].trim_end_matches([' ', ',', ';']), lists);
            if !stands(&left, FAIR) {
                continue;
            }
            let right = self.spoken(&whole.text[joint.to..], lists);
            let right = self.parted(right, lists, most - 1);
            let first = right.parts.first().unwrap_or(&right.whole);
            let name = first.intent.as_deref().unwrap_or_default();
            if ONLY_FIRST.contains(&name) {
                continue;
            }
            let sure = if understood && swallowed == Some("message") {
                // It may be part of the message: only what is plainly said to us again is a wish.
                if !(stands(&left, CLEAR)
                    && stands(first, CLEAR)
                    && reaches(first)
                    && has_words(&left))
                {
                    continue;
                }
                joint.firm || both_messages(&left, first)
            } else if understood {
                continue;
            } else {
                // One of them must be clear: a doubt on both sides is no sign of two wishes.
                let clear = stands(&left, CLEAR) || stands(first, CLEAR);
                if !(clear && stands(first, FAIR)) {
                    continue;
                }
                true
            };
            let sure = sure && right.sure;
            let mut parts = vec![left];
            if right.parts.is_empty() {
                parts.push(right.whole);
            } else {
                parts.extend(right.parts);
            }
            return Wishes { whole, parts, sure };
        }
        match for_two(&whole, lists) {
            Some(parts) => Wishes { whole, parts, sure: true },
            None => Wishes::one(whole),
        }
    }
}

/// A place where an utterance may fall apart, in bytes of its text.
#[derive(Debug, Clone, Copy)]
struct Joint {
    from: usize,
    to: usize,
    /// "And then" begins something new more surely than "and".
    firm: bool,
}

fn joints(tokens: &[Token]) -> Vec<Joint> {
    let mut found = Vec::new();
    let mut at = 1;
    while at + 1 < tokens.len() && found.len() < MOST_JOINTS {
        let words = JOINTS.iter().find(|words| normalise::starts_with(&tokens[at..], words));
        match words {
            Some(words) if at + words.len() < tokens.len() => {
                let (first, next) = (&tokens[at], &tokens[at + words.len()]);
                found.push(Joint { from: first.start, to: next.start, firm: words.len() > 1 });
                at += words.len();
            }
            _ => at += 1,
        }
    }
    found
}

/// The slot whose words go across the joint.
fn holds(whole: &Parse, joint: Joint) -> Option<&str> {
    let slots = whole.slots.iter().filter(|(_, slot)| slot.id.is_none());
    let across = |slot: &Slot| {
        // The last place, because messages end utterances.
        whole
            .text
            .rfind(&slot.value)
            .is_some_and(|from| from <= joint.from && joint.from < from + slot.value.len())
    };
    slots.filter(|(_, slot)| across(slot)).map(|(name, _)| name.as_str()).next()
}

/// How sure a reading is, a pronoun being somebody known.
fn confidence(parse: &Parse) -> f32 {
    match parse.slots.get("contact") {
        Some(slot) if pronoun(&slot.value).is_some() => parse.confidence.max(KNOWN_BY_CONTEXT),
        _ if parse.layer == Layer::Statistics => parse.confidence * LIKENESS,
        _ => parse.confidence,
    }
}

/// Whether words are a wish by themselves.
fn stands(parse: &Parse, from: f32) -> bool {
    parse.intent.as_deref().is_some_and(|name| !TALK.contains(&name)) && confidence(parse) >= from
}

/// Whether it reaches somebody who is known here.
fn reaches(parse: &Parse) -> bool {
    let known = parse
        .slots
        .get("contact")
        .or_else(|| parse.slots.get("room"))
        .is_some_and(|slot| slot.id.is_some() || pronoun(&slot.value).is_some());
    known && parse.intent.as_deref().is_some_and(|name| REACHING.contains(&name))
}

fn has_words(parse: &Parse) -> bool {
    parse.slots.contains_key("message")
}

fn both_messages(one: &Parse, other: &Parse) -> bool {
    let is_message = |parse: &Parse| parse.intent.as_deref() == Some(SEND) && has_words(parse);
    is_message(one) && is_message(other)
}

/// "Tell Mum and Dad I'm home": the same message for both.
fn for_two(whole: &Parse, lists: &Lists) -> Option<Vec<Parse>> {
    if whole.intent.as_deref() != Some(SEND) || !whole.slots.contains_key("contact") {
        return None;
    }
    let message = &whole.slots.get("message")?.value;
    let tokens = normalise::tokens(message)?;
    if !normalise::starts_with(&tokens, &["and"]) {
        return None;
    }
    let longest = MOST_NAME_WORDS.min(tokens.len() - 1);
    let (words, id) = (1..=longest).rev().find_map(|words| {
        let name = &message[tokens[1].start..tokens[words].end];
        match lists.contact(name) {
            Resolution::One(one) if one.score >= UNMISTAKEN => Some((words, one.id)),
            _ => None,
        }
    })?;
    let name = message[tokens[1].start..tokens[words].end].to_owned();
    let rest = &tokens[words + 1..];
    let link = ["that", "saying"].iter().any(|link| rest.first().is_some_and(|t| t.text == *link));
    let rest = &rest[usize::from(link)..];
    let mut first = whole.clone();
    match rest.first() {
        Some(start) => {
            let value = message[start.start..].to_owned();
            first.slots.insert("message".to_owned(), Slot { value, id: None });
        }
        None => {
            first.slots.remove("message");
        }
    }
    first.alternatives.clear();
    let mut second = first.clone();
    second.slots.insert("contact".to_owned(), Slot { value: name, id: Some(id) });
    second.confidence = second.confidence.max(KNOWN_BY_CONTEXT);
    Some(vec![first, second])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::Household;

    #[test]
    fn an_utterance_falls_apart_where_two_things_are_asked() {
        let lists = Lists::of(&home());
        let check = |text: &str, expected: &str| {
            let wishes = Understanding::shipped().wishes(text, &lists);
            let shown = match &wishes.parts[..] {
                [] => show(&wishes.whole),
                parts => {
                    let parts: Vec<String> = parts.iter().map(show).collect();
                    format!("{}{}", parts.join(" | "), if wishes.sure { "" } else { " ?" })
                }
            };
            assert_eq!(shown, expected, "{text:?}");
        };
        // Two.
        check("call mum and tell dad I'm busy", "Call mum | SendMessage dad 'I'm busy'");
        check("call mum, and then tell dad I'm busy", "Call mum | SendMessage dad 'I'm busy'");
        check("call mum then tell dad I'm busy", "Call mum | SendMessage dad 'I'm busy'");
        check("hang up and call dad", "HangUp | Call dad");
        check("stop and call anna", "Stop | Call anna");
        check("yes and tell dad I'm late", "Yes | SendMessage dad 'I'm late'");
        check("call anna and call hannah", "Call anna | Call hannah");
        check("read my messages and then call my sister", "ReadMessages | Call my sister");
        check("do not disturb and block hannah", "DoNotDisturbOn | Block hannah");
        check(
            "could you call mum and please tell her I'm late",
            "Call mum | SendMessage her 'I'm late'",
        );
        check("call mum and call Zebedee", "Call mum | Call Zebedee");
        // Three.
        check(
            "hang up and call mum and tell dad I'm busy",
            "HangUp | Call mum | SendMessage dad 'I'm busy'",
        );
        // Two messages, and one for two.
        check(
            "tell anna I'm on my way and tell dad dinner is at six",
            "SendMessage anna 'I'm on my way' | SendMessage dad 'dinner is at six'",
        );
        check(
            "tell mum and dad I'm home",
            "SendMessage mum 'I'm home' | SendMessage dad 'I'm home'",
        );
        check(
            "send a message to anna and hannah that dinner is ready",
            "SendMessage anna 'dinner is ready' | SendMessage hannah 'dinner is ready'",
        );
        check(
            "tell Zebedee and dad I'm home",
            "SendMessage Zebedee 'I'm home' | SendMessage dad 'I'm home'",
        );
        // It may be part of the message.
        check("tell dad I'm busy and call mum", "SendMessage dad 'I'm busy' | Call mum ?");
        check("tell dad I'm busy and then call mum", "SendMessage dad 'I'm busy' | Call mum");
        check(
            "announce dinner is ready and call grandma",
            "Announce 'dinner is ready' | Call grandma ?",
        );
        // One.
        check("call mum and dad", "Call mum");
        check("call anna and hannah", "Call anna");
        check("tell dad I love him and miss him", "SendMessage dad 'I love him and miss him'");
        check("tell dad to hang up and call me", "SendMessage dad 'to hang up and call me'");
        check("tell dad bread and butter", "SendMessage dad 'bread and butter'");
        check(
            "tell dad we were out and then it rained",
            "SendMessage dad 'we were out and then it rained'",
        );
        check("tell dad dinner is ready and yes", "SendMessage dad 'dinner is ready and yes'");
        check("let's talk about cats and dogs", "Chat");
        check("let's talk about films and call anna", "Chat");
        check("I went to the shop and called dad", "-");
        check("and", "-");
        check("and and and", "-");
        check("call mum and", "Call mum");
        check("then call mum", "Call mum");
        check("", "-");
    }

    proptest::proptest! {
        /// Whatever is said: at most three parts, never a single one, each a wish of its own, and the same each time.
        #[test]
        fn any_text_falls_apart_the_same_way(text in "(call|tell|mum|dad|anna|and|then|and then|hang up|i am late|stop|yes|\\PC{0,4}| ){0,14}") {
            let lists = Lists::of(&home());
            let wishes = Understanding::shipped().wishes(&text, &lists);
            assert_eq!(wishes, Understanding::shipped().wishes(&text, &lists));
            assert!(wishes.parts.len() <= MOST && wishes.parts.len() != 1);
            assert!(wishes.parts.iter().all(|part| part.intent.is_some()));
            assert_eq!(wishes.whole.text, text);
        }
    }

    fn home() -> Household {
        Household::read(
            r#"{"household":{"id":"h","name":"Home"},"contacts":[
            {"id":"ines","name":"Grandma Ines","relation":"grandmother"},
            {"id":"rafael","name":"Rafael","nicknames":["Dad"],"relation":"father"},
            {"id":"vera","name":"Vera","nicknames":["Mum"],"relation":"mother"},
            {"id":"anna","name":"Anna","relation":"sister"},
            {"id":"hannah","name":"Hannah","relation":"friend"}]}"#,
        )
        .expect("a household")
    }

    fn show(parse: &Parse) -> String {
        let intent = parse.intent.clone().unwrap_or_else(|| "-".to_owned());
        let mut shown = intent.trim_end_matches("Intent").trim_start_matches("AMAZON.").to_owned();
        if let Some(contact) = parse.slots.get("contact") {
            shown.push_str(&format!(" {}", contact.value));
        }
        if let Some(message) = parse.slots.get("message") {
            shown.push_str(&format!(" '{}'", message.value));
        }
        shown
    }
}
