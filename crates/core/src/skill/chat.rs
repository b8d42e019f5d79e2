//! Everything that is no command goes to the socialbot.

use super::threshold::{self, Weight};
use super::{Facts, Outcome, Session};
use crate::conversation::{Act, Turn};
use crate::effect::{Answer, Expects};
use crate::intent::Intent;
use crate::say::{Key, Say};
use crate::understanding::{Layer, Parse};

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
    let turn = Turn { text, act, speaker_name };
    let (chat, reply) = facts.bot.respond(&session.chat, &turn, facts.moment.now, facts.seed);
    next.chat = chat;
    let expects = if reply.ends { Expects::Nothing } else { Expects::Reply };
    let answer = Answer { speech: reply.text, expects, ..Answer::default() };
    Outcome { answer, ..Outcome::default() }
}
