//! Everything that is no command goes to the socialbot.

use super::threshold::{self, Weight};
use super::{Aside, Facts, Outcome, Session, Wording};
use jiff::civil::DateTime;

use crate::conversation::{Acquaintance, Act, Conversation, Errand, Prompt, Reply, Source, Turn};
use crate::effect::{Answer, Expects};
use crate::household::Contact;
use crate::intent::Intent;
use crate::policy::Moment;
use crate::say::{Key, Say};
use crate::understanding::{Layer, Parse, Slot, Slots};

/// Somebody spoke and nobody understood a word.
pub(super) fn nothing(facts: &Facts<'_>, session: &Session, next: &mut Session) -> Outcome {
    if session.chat.engaged(facts.moment.now) {
        return respond(facts, session, next, "", Some(Act::NotUnderstood));
    }
    next.pending.clone_from(&session.pending);
    Outcome::invite(facts, &Say::new(Key::NothingHeard))
}

pub(super) fn talk(
    facts: &Facts<'_>,
    session: &Session,
    next: &mut Session,
    parse: &Parse,
) -> Outcome {
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots));
    // On a guess nothing is forgotten and nothing ended: then the words are words.
    let intent = intent.filter(|intent| {
        threshold::weigh(intent, parse.confidence) == Weight::Enough && !is_remark(intent, parse)
    });
    let act = match &intent {
        Some(Intent::Yes) => Some(Act::Yes),
        Some(Intent::No) => Some(Act::No),
        Some(Intent::Repeat) => Some(Act::Repeat),
        Some(Intent::Chat { .. }) if parse.text.is_empty() => Some(Act::LetsChat),
        Some(Intent::Chat { topic: None }) => Some(Act::LetsChat),
        Some(Intent::ChangeTopic | Intent::Next) => Some(Act::ChangeTopic),
        Some(Intent::AboutMe) => Some(Act::WhatDoYouKnow),
        Some(Intent::ForgetThat) => Some(Act::ForgetThat),
        Some(Intent::ForgetEverything) => Some(Act::ForgetEverything),
        Some(Intent::Stop | Intent::Cancel | Intent::NavigateHome) => Some(Act::Stop),
        Some(Intent::Fallback) => Some(Act::NotUnderstood),
        _ => None,
    };
    let engaged = session.chat.engaged(facts.moment.now);
    if !engaged && matches!(intent, Some(Intent::Yes | Intent::No)) {
        return Outcome::invite(facts, &Say::new(Key::NothingPending));
    }
    // An Echo gives the words of an open turn as the slot, the other channels as the text.
    let words = match &intent {
        Some(Intent::Chat { topic: Some(topic) }) if parse.text.is_empty() => topic.as_str(),
        _ => parse.text.as_str(),
    };
    respond(facts, session, next, words, act)
}

/// Whether words that are only like an intent say more than it does: "no, I like horror films" is no mere no.
const fn is_remark(intent: &Intent, parse: &Parse) -> bool {
    matches!(parse.layer, Layer::Statistics)
        && matches!(
            intent,
            Intent::Yes
                | Intent::No
                | Intent::Repeat
                | Intent::Next
                | Intent::Stop
                | Intent::Cancel
        )
}

fn respond(
    facts: &Facts<'_>,
    session: &Session,
    next: &mut Session,
    text: &str,
    act: Option<Act>,
) -> Outcome {
    let person = facts.speaker.person.as_ref().and_then(|id| facts.home.person(id));
    let speaker_name = person.map(|person| person.name.as_str());
    let people: Vec<Acquaintance> = facts.home.contacts.iter().filter_map(acquaintance).collect();
    let local = Some(local(facts.moment));
    let (certainty, resource) = (facts.certainty, facts.crisis_line);
    let turn = Turn { text, act, speaker_name, local, people: &people, certainty, resource };
    let (chat, reply) = facts.bot.respond(&session.chat, &turn, facts.moment.now, facts.seed);
    let (chat, reply, prompt) = worded(facts, text, chat, reply);
    let aside = aside(&session.chat, &chat, &reply);
    next.chat = chat;
    if let Some((errand, who)) = &reply.errand {
        return run(facts, session, *errand, who);
    }
    let expects = if reply.ends { Expects::Nothing } else { Expects::Reply };
    let answer = Answer { speech: reply.text, expects, ..Answer::default() };
    Outcome { answer, prompt, aside, ..Outcome::default() }
}

/// What of this turn a model may be told later: neither what people were in need of, nor what is to be forgotten.
fn aside(before: &Conversation, after: &Conversation, reply: &Reply) -> Aside {
    if before.asked_to_forget() || after.facts().len() < before.facts().len() {
        Aside::Forget
    } else if reply.source == Source::Safety || after.asked_to_forget() {
        Aside::Keep
    } else {
        Aside::Tell
    }
}

/// Lets a language model word what nobody foresaw, or tells what it would be asked.
fn worded(
    facts: &Facts<'_>,
    text: &str,
    chat: Conversation,
    reply: Reply,
) -> (Conversation, Reply, Option<Prompt>) {
    match facts.wording {
        Wording::Ours => (chat, reply, None),
        Wording::Ask(mode, recent) => {
            let contacts = facts.home.contacts.iter().flat_map(|contact| {
                contact.nicknames.iter().chain([&contact.name]).map(String::as_str)
            });
            let people = facts.home.people.iter().map(|person| person.name.as_str());
            let names: Vec<&str> = contacts.chain(people).collect();
            let prompt = facts.bot.prompt(mode, &chat, &reply, text, recent, &names);
            (chat, reply, prompt)
        }
        // While the model thought, another turn may have made this one something else.
        Wording::Said(mode, _) if !mode.takes(&chat, &reply, text) => (chat, reply, None),
        // What is not fit is not spoken: then the scripted line stands.
        Wording::Said(_, words) => match facts.bot.reword(&chat, &reply, words) {
            Ok((chat, reply)) => (chat, reply, None),
            Err(_) => (chat, reply, None),
        },
    }
}

/// A contact who lives in a home that can be reached.
fn acquaintance(contact: &Contact) -> Option<Acquaintance> {
    (contact.person.is_some() || contact.household.is_some()).then(|| Acquaintance {
        id: contact.id.to_string(),
        name: contact.name.clone(),
        relation: contact.relation.clone(),
    })
}

/// Does what was agreed to in the talk, exactly as if somebody had asked for it outright.
fn run(facts: &Facts<'_>, session: &Session, errand: Errand, who: &str) -> Outcome {
    let contact = facts.home.contacts.iter().find(|contact| contact.id.to_string() == who);
    let slots = contact.map(|contact| {
        let slot = Slot { value: contact.name.clone(), id: Some(who.to_owned()) };
        Slots::from([("contact".to_owned(), slot)])
    });
    let name = match errand {
        Errand::Call => "CallIntent",
        Errand::Message => "SendMessageIntent",
    };
    let slots = slots.unwrap_or_default();
    let intent = Intent::read(name, &slots);
    let done = intent.and_then(|intent| super::carry_out(facts, session, &intent, &slots));
    done.unwrap_or_else(|| Outcome::invite(facts, &Say::new(Key::NothingPending)))
}

/// The home's own date and time: the time of day is known, and the day is the one nearest to the clock's.
fn local(moment: Moment) -> DateTime {
    let utc = moment.now.utc();
    let shift = i64::from(moment.local.since_midnight())
        - i64::from(utc.hour()) * 60
        - i64::from(utc.minute());
    // Zones lie between twelve hours behind and fourteen ahead.
    let shift = match shift {
        ..-720 => shift + 1440,
        841.. => shift - 1440,
        _ => shift,
    };
    utc.checked_add(jiff::SignedDuration::from_mins(shift)).unwrap_or(utc)
}
