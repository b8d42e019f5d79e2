//! "No, I meant Dad": puts right what was done a moment ago.
//!
//! What was done last is remembered for [`PUT_RIGHT_WITHIN`]. A call that still rings is ended and the right one
//! placed; a call that people talk in is not ended without asking. A message that no device has yet is taken back; one
//! that has arrived stays, and the speaker is told so.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call;
use super::message;
use super::order::Since;
use super::question::{self, CONTACT, Others, Pending, certainly};
use super::reply::{Reply, Verb, Whom};
use super::threshold::{self, Weight};
use super::{Facts, Outcome, Session, Who};
use crate::call::{Event, Part};
use crate::effect::{Change, Effect, Refused};
use crate::household::Contact;
use crate::id::{CallId, ContactId, PostId};
use crate::intent::Intent;
use crate::say::{Key, Say};
use crate::thread;
use crate::time::Time;
use crate::understanding::{Parse, Reading, Slot, Slots};

/// How long after it was done something can be put right in so few words.
///
/// Two minutes: long enough to hear a wrong name at the other end, short enough that "I meant" in a later
/// conversation means the conversation.
pub(super) const PUT_RIGHT_WITHIN: Duration = Duration::from_secs(120);

/// The last thing that reached somebody, or was to reach them and could not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Reached {
    by: By,
    contact: ContactId,
    at: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Call(CallId),
    Message {
        post: PostId,
        text: String,
    },
    /// There was no way, or it was not allowed.
    NoCall,
    NoMessage {
        text: String,
    },
}

impl Reached {
    /// What calling `contact` came to.
    pub(super) fn call(outcome: &Outcome, contact: &Contact, at: Time) -> Option<Self> {
        let by = match (&outcome.answer.call, outcome.answer.refused) {
            (Some(call), _) => By::Call(call.clone()),
            // The call that is in the way is what may have to be put right.
            (None, Some(Refused::Busy)) => return None,
            (None, _) => By::NoCall,
        };
        Some(Self { by, contact: contact.id.clone(), at })
    }

    /// What leaving a message for `contact` came to.
    pub(super) fn message(outcome: &Outcome, contact: &Contact, text: &str, at: Time) -> Self {
        let text = text.to_owned();
        let by = match &outcome.answer.post {
            Some(post) => By::Message { post: post.clone(), text },
            None => By::NoMessage { text },
        };
        Self { by, contact: contact.id.clone(), at }
    }
}

/// Takes `parse` as a correction of what was done last; `None` if it is none.
pub(super) fn after(facts: &Facts<'_>, session: &Session, parse: &Parse) -> Option<Outcome> {
    let reached = session.reached.as_ref()?;
    if facts.moment.now.since(reached.at) > PUT_RIGHT_WITHIN {
        return None;
    }
    let reply = question::read(facts, &parse.text);
    let wrong = facts.home.contact(&reached.contact)?;
    let rings = match &reached.by {
        By::Call(id) => {
            call::here(facts).is_some_and(|(call, part)| call.id() == id && part == Part::Calling)
        }
        By::Message { .. } | By::NoCall | By::NoMessage { .. } => false,
    };
    if !reply.refuses() && !matches!(reply.whom, Whom::Other(_)) {
        return None;
    }
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots));
    let certain = intent.filter(|i| threshold::weigh(i, parse.confidence) == Weight::Enough);
    if !matches!(certain, None | Some(Intent::No)) && !reply.refuses() {
        return None;
    }
    let right = meant(facts, &reply, wrong, rings)?;
    match &reached.by {
        By::Call(id) => Some(call_another(facts, id, wrong, &reply, &right)),
        // What was left stays: a call was asked for.
        By::Message { .. } | By::NoMessage { .. } if reply.verb == Some(Verb::Call) => {
            Some(another(facts, "CallIntent", &Slots::new(), &right))
        }
        By::NoCall => Some(another(facts, verb_or(&reply, "CallIntent"), &Slots::new(), &right)),
        By::NoMessage { text } => Some(another(facts, "SendMessageIntent", &saying(text), &right)),
        By::Message { post, text } => Some(tell_another(facts, post, text, wrong, &right)),
    }
}

/// Who is right.
enum Right<'a> {
    One(&'a Contact),
    /// By these words, which are not clear.
    Words(String),
    Several(Vec<&'a Contact>),
    /// Not said.
    Open,
    /// "No" alone, or the same again.
    Same,
}

/// Whom the correction means; `None` if it is no correction after all.
fn meant<'a>(
    facts: &Facts<'a>,
    reply: &Reply<'_>,
    wrong: &'a Contact,
    rings: bool,
) -> Option<Right<'a>> {
    let one_of = |others: Others<'a>| match others.contacts[..] {
        [] => Right::Open,
        [one] if others.by_name => Right::One(one),
        _ => Right::Several(others.contacts),
    };
    match reply.whom {
        // "No" alone is about the call only while it rings.
        Whom::Open => (reply.corrects || rings).then_some(Right::Open),
        Whom::Nobody => rings.then_some(Right::Open),
        Whom::SomebodyElse => Some(Right::Open),
        Whom::Place(_) | Whom::Last => None,
        // "The other one" is much else in a conversation.
        Whom::Other(None) if !rings && !reply.refuses() => None,
        Whom::Other(name) => {
            let others = question::others_like(facts, wrong, name);
            (reply.refuses() || !others.contacts.is_empty()).then(|| one_of(others))
        }
        Whom::Name(name) => match question::named(facts, name) {
            Who::One(contact) if contact.id != wrong.id => Some(Right::One(contact)),
            // "No, Anna" heard after "calling Anna": it may have been Hannah.
            Who::One(_) if reply.agrees == Some(false) => {
                let others = question::others_like(facts, wrong, Some(name));
                Some(if others.contacts.is_empty() { Right::Same } else { one_of(others) })
            }
            Who::One(_) => Some(Right::Same),
            Who::Several(contacts) => (reply.corrects || rings).then(|| {
                let others = question::others_like(facts, wrong, Some(name));
                if others.by_name { one_of(others) } else { Right::Several(contacts) }
            }),
            Who::Perhaps(_) => (reply.corrects || rings).then(|| Right::Words(name.to_owned())),
            // "No, I like horror" is about something else, unless it rings at the wrong place right now.
            Who::Nobody => (reply.corrects && rings && question::short(name))
                .then(|| Right::Words(name.to_owned())),
        },
    }
}

/// Ends the wrong call, if it still rings, and does the same for the right one.
fn call_another(
    facts: &Facts<'_>,
    id: &CallId,
    wrong: &Contact,
    reply: &Reply<'_>,
    right: &Right<'_>,
) -> Outcome {
    let wish = verb_or(reply, "CallIntent");
    let part = call::here(facts).filter(|(call, _)| call.id() == id).map(|(_, part)| part);
    if matches!(right, Right::Same) {
        let key = if part.is_some() { Key::CorrectionSameCall } else { Key::CorrectionSame };
        return Outcome::say(facts, &Say::new(key).with("name", &wrong.name));
    }
    match part {
        Some(Part::Calling) => {
            let device = facts.speaker.device.clone();
            let say = Say::new(Key::CorrectionStopped).with("name", &wrong.name);
            let hang_up = Effect::Call(id.clone(), Event::HangUp { device });
            let stopped = Outcome::say(facts, &say).effect(hang_up);
            followed(facts, stopped, |facts| another(facts, wish, &Slots::new(), right))
        }
        Some(_) => {
            // They talk. What we heard may not have been for us.
            let (name, slot) = match right {
                Right::One(contact) => (contact.name.clone(), certainly(contact)),
                Right::Words(words) => (words.clone(), Slot { value: words.clone(), id: None }),
                Right::Several(_) | Right::Open | Right::Same => {
                    let say = Say::new(Key::CorrectionEndSure).with("name", &wrong.name);
                    let pending = Pending::confirm("HangUpIntent", Slots::new());
                    return Outcome::ask(facts, &say, pending);
                }
            };
            let say = Say::new(Key::CorrectionSwapSure).with("name", name);
            let pending = Pending::confirm("HangUpIntent", Slots::new());
            let mut outcome = Outcome::ask(facts, &say, pending);
            outcome.later = vec![Reading {
                intent: wish.to_owned(),
                confidence: 1.0,
                slots: Slots::from([(CONTACT.to_owned(), slot)]),
            }];
            outcome
        }
        None => another(facts, wish, &Slots::new(), right),
    }
}

/// Takes the wrong message back, if nobody has it yet, and leaves it for the right one.
fn tell_another(
    facts: &Facts<'_>,
    id: &PostId,
    text: &str,
    wrong: &Contact,
    right: &Right<'_>,
) -> Outcome {
    if matches!(right, Right::Same) {
        return Outcome::say(facts, &Say::new(Key::CorrectionSame).with("name", &wrong.name));
    }
    let waits = message::find(facts, id).is_some_and(|post| post.state == thread::State::Left);
    let key = if waits { Key::CorrectionTakenBack } else { Key::CorrectionArrived };
    let mut first = Outcome::say(facts, &Say::new(key).with("name", &wrong.name));
    if waits {
        first = first.change(Change::Mark(id.clone(), thread::Event::TakenBack));
    }
    followed(facts, first, |facts| another(facts, "SendMessageIntent", &saying(text), right))
}

fn saying(text: &str) -> Slots {
    Slots::from([("message".to_owned(), Slot { value: text.to_owned(), id: None })])
}

/// "No, call Dad" and "no, message Dad" name what is wanted as well.
fn verb_or(reply: &Reply<'_>, intent: &'static str) -> &'static str {
    match reply.verb {
        Some(Verb::Call) => "CallIntent",
        Some(Verb::Message) => "SendMessageIntent",
        None => intent,
    }
}

/// What comes after the wrong is undone.
fn followed(
    facts: &Facts<'_>,
    mut first: Outcome,
    then: impl FnOnce(&Facts<'_>) -> Outcome,
) -> Outcome {
    let mut since = Since::default();
    since.take(&first);
    let after = Facts { since, ..facts.clone() };
    first.join(then(&after));
    first
}

/// The same wish for the right person, as far as that is clear.
fn another(facts: &Facts<'_>, intent: &str, slots: &Slots, right: &Right<'_>) -> Outcome {
    let is_message = intent == "SendMessageIntent";
    let slot = match right {
        Right::One(contact) => certainly(contact),
        Right::Words(words) => Slot { value: words.clone(), id: None },
        Right::Several(contacts) => {
            let key = if is_message { Key::MessageWhich } else { Key::CallWhich };
            return question::which(facts, intent, slots, contacts, key);
        }
        Right::Open | Right::Same => return question::whom_then(facts, intent, slots),
    };
    let mut slots = slots.clone();
    slots.insert(CONTACT.to_owned(), slot);
    let done = Intent::read(intent, &slots)
        .and_then(|read| super::carry_out(facts, &Session::default(), &read, &slots));
    done.unwrap_or_else(|| question::whom_then(facts, intent, &slots))
}
