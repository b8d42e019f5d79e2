//! Messages between homes: leave, read, reply, delete.

use super::contact;
use super::correction::Reached;
use super::question::{self, CONTACT, Pending, certainly};
use super::{Facts, Outcome, Session, Who, who};
use crate::effect::{Change, Refused};
use crate::household::Contact;
use crate::id::{PostId, ThreadId};
use crate::intent::Whom;
use crate::policy::{self, MessageVerdict};
use crate::say::{self, Key, Say};
use crate::thread::{self, Draft, End, Left, Post, Sender, Text, TextError, Thread};
use crate::time::Time;
use crate::understanding::{Slot, Slots};

const SEND: &str = "SendMessageIntent";
const REPLY: &str = "ReplyToMessageIntent";
const MESSAGE: &str = "message";

/// "Send a message to Dad saying I'm late."
pub(super) fn send(
    facts: &Facts<'_>,
    whom: Option<&Whom>,
    message: Option<&str>,
    slots: &Slots,
) -> Outcome {
    let slot = match whom {
        Some(Whom::Contact(slot)) => slot,
        Some(_) => return super::not_yet(facts),
        None => {
            let pending = Pending::slot(SEND, CONTACT, slots);
            return Outcome::ask(facts, &Say::new(Key::MessageWhom), pending);
        }
    };
    let contact = match who(facts, slot) {
        Who::One(contact) => contact,
        Who::Perhaps(contact) => {
            let mut slots = slots.clone();
            slots.insert(CONTACT.to_owned(), certainly(contact));
            let say = Say::new(Key::MessageSure).with("name", &contact.name);
            return Outcome::ask(facts, &say, Pending::confirm(SEND, slots));
        }
        Who::Several(contacts) => {
            return question::which(facts, SEND, slots, &contacts, Key::MessageWhich);
        }
        Who::Nobody => {
            let say = Say::new(Key::CallUnknown).with("name", &slot.value);
            let rest = question::without(slots, CONTACT);
            return Outcome::ask(facts, &say, Pending::slot(SEND, CONTACT, &rest));
        }
    };
    match message {
        Some(text) => leave(facts, contact, text),
        None => {
            let mut slots = slots.clone();
            slots.insert(CONTACT.to_owned(), certainly(contact));
            let say = Say::new(Key::MessageWhat).with("name", &contact.name);
            Outcome::ask(facts, &say, Pending::slot(SEND, MESSAGE, &slots)).about(contact)
        }
    }
}

/// Leaves a message for a contact, if the rules allow it.
pub(super) fn leave(facts: &Facts<'_>, contact: &Contact, text: &str) -> Outcome {
    let Some(home) = facts.directory.home_of(contact) else {
        let say = Say::new(Key::MessageNoWay).with("name", &contact.name);
        let mut outcome = Outcome::refuse(facts, Refused::Unreachable, &say).about(contact);
        outcome.reached = Some(Reached::message(&outcome, contact, text, facts.moment.now));
        return outcome;
    };
    let to = End { household: home.id.clone(), person: contact.person.clone() };
    let mut outcome = deliver(facts, to, None, &contact.name, text).about(contact);
    outcome.reached = Some(Reached::message(&outcome, contact, text, facts.moment.now));
    outcome
}

/// Leaves a text for `to`: in `thread` if it answers something, so that the answer stays beside it whoever of the
/// household speaks; else in the chat between the speaker and them.
fn deliver(
    facts: &Facts<'_>,
    to: End,
    thread: Option<&ThreadId>,
    name: &str,
    text: &str,
) -> Outcome {
    let text = match Text::parse(text) {
        Ok(text) => text,
        Err(TextError::TooLong(_)) => {
            return Outcome::refuse(facts, Refused::TooLong, &Say::new(Key::TooLong));
        }
        Err(_) => return Outcome::invite(facts, &Say::new(Key::NothingHeard)),
    };
    let Some(home) = facts.directory.household(&to.household) else {
        let say = Say::new(Key::MessageNoWay).with("name", name);
        return Outcome::refuse(facts, Refused::Unreachable, &say);
    };
    let settings = facts.settings_of(&home.id);
    let person = facts.speaker.person.as_ref();
    let verdict = policy::may_message(facts.home, person, home, &settings);
    if matches!(verdict, MessageVerdict::Forbidden(_)) {
        let say = Say::new(Key::MessageForbidden).with("name", name);
        return Outcome::refuse(facts, Refused::Forbidden, &say);
    }
    let sender = Sender {
        household: facts.home.id.clone(),
        person: facts.speaker.person.clone(),
        name: facts.own_name(),
    };
    let from = End { household: sender.household.clone(), person: sender.person.clone() };
    let fresh = Thread::direct(from, to);
    let known = thread.unwrap_or(fresh.id());
    let mut thread = facts.thread(known).cloned().unwrap_or(fresh);
    let (Some(id), Some(command)) = (facts.post_id(), facts.command()) else {
        return super::not_yet(facts);
    };
    let draft = Draft { id, command, from: sender, text };
    let say = Say::new(Key::MessageSent).with("name", name);
    let mut outcome = Outcome::say(facts, &say);
    match thread.leave(draft, facts.moment.now) {
        Ok(Left::New(mut post)) => {
            post.withheld = verdict == MessageVerdict::Withhold;
            outcome.answer.post = Some(post.id.clone());
            outcome.change(Change::Leave(Box::new((thread, *post))))
        }
        Ok(Left::Before { id, .. }) => {
            outcome.answer.post = Some(id);
            outcome
        }
        Err(_) => Outcome::refuse(facts, Refused::Forbidden, &Say::new(Key::TryLater)),
    }
}

/// Reads the oldest message that waits, and offers the next.
pub(super) fn read(facts: &Facts<'_>) -> Outcome {
    let waiting = facts.waiting();
    let Some(post) = waiting.first() else {
        return Outcome::say(facts, &Say::new(Key::MessageNone));
    };
    let more = waiting.len() > 1;
    let key = if more { Key::MessageRead } else { Key::MessageReadLast };
    let say = Say::new(key)
        .with(
            "name",
            facts.name_of(&post.from.household, post.from.person.as_ref(), &post.from.name),
        )
        .with("when", when(post.left_at, facts.moment.now))
        .with("text", sentence(post.text.as_str()));
    let mut outcome = if more {
        Outcome::ask(facts, &say, Pending::confirm("ReadMessagesIntent", Slots::new()))
    } else {
        Outcome::say(facts, &say)
    };
    outcome.last_post = Some(post.id.clone());
    let from = facts.home.contact_for(&post.from.household, post.from.person.as_ref());
    outcome.about = from.map(|contact| contact.id.clone());
    outcome.change(Change::Mark(post.id.clone(), thread::Event::Heard))
}

/// Answers the message that was read last, or the last one that came; of the contact who is named, only theirs.
pub(super) fn reply(
    facts: &Facts<'_>,
    session: &Session,
    whom: Option<&Slot>,
    message: Option<&str>,
    slots: &Slots,
) -> Outcome {
    let Some(whom) = whom else {
        return match last_from(facts, session, None) {
            Some(post) => reply_to(facts, post, message, slots),
            None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::MessageNothingToReply)),
        };
    };
    contact::with(facts, REPLY, Key::MessageWhom, Some(whom), slots, |contact| {
        match last_from(facts, session, Some(contact)) {
            Some(post) => reply_to(facts, post, message, slots).about(contact),
            None => {
                let mut slots = slots.clone();
                slots.insert(CONTACT.to_owned(), certainly(contact));
                let say = Say::new(Key::MessageNoneFrom).with("name", &contact.name);
                Outcome::ask(facts, &say, Pending::confirm(SEND, slots)).about(contact)
            }
        }
    })
}

fn reply_to(facts: &Facts<'_>, post: &Post, message: Option<&str>, slots: &Slots) -> Outcome {
    let name = facts.name_of(&post.from.household, post.from.person.as_ref(), &post.from.name);
    let Some(text) = message else {
        let say = Say::new(Key::MessageReplyWhat).with("name", name);
        let mut outcome = Outcome::ask(facts, &say, Pending::slot(REPLY, MESSAGE, slots));
        outcome.last_post = Some(post.id.clone());
        return outcome;
    };
    let to = End { household: post.from.household.clone(), person: post.from.person.clone() };
    deliver(facts, to, Some(&post.thread), &name, text)
}

/// The message that "that message" means: the one read last, else the last one for the speaker; from `contact`, if
/// somebody is named.
fn last_from<'a>(
    facts: &Facts<'a>,
    session: &Session,
    contact: Option<&Contact>,
) -> Option<&'a Post> {
    let is_theirs = |post: &&Post| {
        contact.is_none_or(|contact| {
            let from = &post.from;
            let known = facts.home.contact_for(&from.household, from.person.as_ref());
            // A contact that is a whole household is anybody there.
            let home =
                contact.person.is_none() && contact.household.as_ref() == Some(&from.household);
            home || known.is_some_and(|known| known.id == contact.id)
        })
    };
    let person = facts.speaker.person.as_ref();
    let read = session.last_post.as_ref().and_then(|id| find(facts, id)).filter(is_theirs);
    read.or_else(|| {
        let mut latest = facts.posts.iter().rev().copied();
        latest.find(|post| post.is_for(&facts.home.id, person) && is_theirs(post))
    })
}

/// Deletes a message here: the one that is named, else the one that was read last.
pub(super) fn delete(facts: &Facts<'_>, session: &Session, post: Option<&PostId>) -> Outcome {
    let id = post.or(session.last_post.as_ref());
    let found = id.and_then(|id| find(facts, id));
    match found.filter(|post| post.to.household == facts.home.id && !post.is_deleted()) {
        Some(post) => Outcome::say(facts, &Say::new(Key::MessageDeleted))
            .change(Change::Mark(post.id.clone(), thread::Event::Deleted)),
        None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::MessageNothingToDelete)),
    }
}

/// A message was read on the page; a missed call there is an entry like any other.
pub(super) fn mark_heard(facts: &Facts<'_>, id: &PostId) -> Outcome {
    if facts.calls.iter().any(|call| call.id().as_str() == id.as_str()) {
        return Outcome::default().change(Change::CallsHeard);
    }
    match find(facts, id).filter(|post| post.to.household == facts.home.id) {
        Some(post) => {
            Outcome::default().change(Change::Mark(post.id.clone(), thread::Event::Heard))
        }
        None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::MessageNone)),
    }
}

pub(super) fn find<'a>(facts: &Facts<'a>, id: &PostId) -> Option<&'a Post> {
    facts.posts.iter().copied().find(|post| post.id == *id)
}

/// With a full stop, unless it ends otherwise already.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '?', '!', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// "one message", "three messages": small numbers as words, because they are spoken.
pub(super) fn count(posts: usize) -> String {
    format!("{} new message{}", number(posts), if posts == 1 { "" } else { "s" })
}

/// A small number as a word.
pub(super) fn number(number: usize) -> String {
    const WORDS: [&str; 10] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// Who left these, each once.
pub(super) fn senders(facts: &Facts<'_>, posts: &[&Post]) -> String {
    let mut names: Vec<String> = Vec::new();
    for post in posts {
        let from = &post.from;
        let name = facts.name_of(&from.household, from.person.as_ref(), &from.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    say::list(&names, "and")
}

/// How long ago, as people say it. Without a time zone nobody can say "at five".
pub(super) fn when(then: Time, now: Time) -> String {
    let minutes = now.since(then).as_secs() / 60;
    match minutes {
        0 => "just now".to_owned(),
        1 => "a minute ago".to_owned(),
        2..60 => format!("{minutes} minutes ago"),
        60..120 => "an hour ago".to_owned(),
        120..1440 => format!("{} hours ago", minutes / 60),
        1440..2880 => "yesterday".to_owned(),
        _ => format!("{} days ago", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let check = |minutes: u64, expected: &str| {
            assert_eq!(when(Time::from_ms(0), Time::from_ms(minutes * 60_000)), expected);
        };
        check(0, "just now");
        check(1, "a minute ago");
        check(59, "59 minutes ago");
        check(61, "an hour ago");
        check(300, "5 hours ago");
        check(1500, "yesterday");
        check(10_000, "6 days ago");
    }
}
