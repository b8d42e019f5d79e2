//! Whom "her", "him" and "them" mean: the last person that was spoken of, called or heard from.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::question::{CONTACT, certainly};
use super::{Facts, Outcome, Session};
use crate::household::{Contact, Household};
use crate::id::ContactId;
use crate::time::Time;
use crate::understanding::compound::{KNOWN_BY_CONTEXT, Pronoun, pronoun};
use crate::understanding::{Parse, Slots, resolver};

/// How long somebody who was spoken of is still "her".
const SPOKEN_OF_FOR: Duration = Duration::from_secs(10 * 60);
/// How long a caller or sender is.
const HEARD_FROM_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How many people are kept in mind.
const MOST_MENTIONS: usize = 6;

/// Somebody who was spoken of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mention {
    contact: ContactId,
    at: Time,
}

impl Session {
    /// Remembers whom an outcome speaks of and what it has reached.
    pub(super) fn note(&mut self, outcome: &Outcome, now: Time) {
        if let Some(contact) = &outcome.about {
            self.mention(contact, now);
        }
        if outcome.reached.is_some() {
            self.reached.clone_from(&outcome.reached);
        }
    }

    /// Remembers whom a slot names.
    pub(super) fn mention_slot(&mut self, slots: &Slots, home: &Household, now: Time) {
        let id = slots.get(CONTACT).and_then(|slot| slot.id.as_deref()?.parse().ok());
        if let Some(id) = id.filter(|id| home.contact(id).is_some())
            && self.mentions.last().is_none_or(|last| last.at < now)
        {
            self.mention(&id, now);
        }
    }

    fn mention(&mut self, contact: &ContactId, now: Time) {
        self.mentions.retain(|mention| {
            mention.contact != *contact && now.since(mention.at) <= SPOKEN_OF_FOR
        });
        self.mentions.push(Mention { contact: contact.clone(), at: now });
        if self.mentions.len() > MOST_MENTIONS {
            self.mentions.remove(0);
        }
    }
}

/// The same words with the person a pronoun means in its place; without anybody to mean, the person is left open,
/// so that it is asked for.
pub(super) fn meant<'p>(facts: &Facts<'_>, session: &Session, parse: &'p Parse) -> Cow<'p, Parse> {
    let Some(intent) = &parse.intent else { return Cow::Borrowed(parse) };
    if intent == "CallBackIntent" && !parse.slots.contains_key(CONTACT) {
        // The samples have "call her back" without a slot.
        let words = parse.text.split_whitespace();
        let whom = words.filter_map(pronoun).next().and_then(|whom| person(facts, session, whom));
        let Some(contact) = whom else { return Cow::Borrowed(parse) };
        let mut parse = parse.clone();
        parse.slots.insert(CONTACT.to_owned(), certainly(contact));
        return Cow::Owned(parse);
    }
    let said = parse.slots.get(CONTACT).and_then(|slot| pronoun(&slot.value));
    let Some(whom) = said else { return Cow::Borrowed(parse) };
    let mut parse = parse.clone();
    parse.confidence = KNOWN_BY_CONTEXT.max(parse.confidence);
    match person(facts, session, whom) {
        Some(contact) => {
            parse.slots.insert(CONTACT.to_owned(), certainly(contact));
            let message = parse.slots.get("message").map(|slot| slot.value.to_lowercase());
            // "Message him back" has no words for him yet.
            if message.as_deref() == Some("back") {
                parse.slots.remove("message");
            }
        }
        None => {
            parse.slots.remove(CONTACT);
        }
    }
    Cow::Owned(parse)
}

/// Whom the pronoun means: who was spoken of last, else who called or wrote last.
pub(super) fn person<'a>(
    facts: &Facts<'a>,
    session: &Session,
    whom: Pronoun,
) -> Option<&'a Contact> {
    let now = facts.moment.now;
    let fits = |contact: &&Contact| gender(contact).is_none_or(|gender| whom.fits(gender));
    let fresh = session.mentions.iter().rev().filter(|m| now.since(m.at) <= SPOKEN_OF_FOR);
    let spoken_of = fresh.filter_map(|mention| facts.home.contact(&mention.contact)).find(fits);
    spoken_of.or_else(|| heard_from(facts).into_iter().find(fits))
}

/// Who called or wrote lately, the latest first.
fn heard_from<'a>(facts: &Facts<'a>) -> Vec<&'a Contact> {
    let now = facts.moment.now;
    let home = facts.home;
    let calls = facts.calls.iter().filter(|call| {
        call.callee().household == home.id
            && call.caller().household != home.id
            && !call.is_hidden()
    });
    let calls = calls.map(|call| {
        let caller = call.caller();
        (call.placed(), home.contact_for(&caller.household, caller.person.as_ref()))
    });
    let person = facts.speaker.person.as_ref();
    let posts = facts.posts.iter().filter(|post| post.is_for(&home.id, person));
    let posts = posts.map(|post| {
        let from = &post.from;
        (post.left_at, home.contact_for(&from.household, from.person.as_ref()))
    });
    let mut all: Vec<(Time, &Contact)> = calls
        .chain(posts)
        .filter(|(at, _)| now.since(*at) <= HEARD_FROM_FOR)
        .filter_map(|(at, contact)| Some((at, contact?)))
        .collect();
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, contact)| contact).collect()
}

/// "her" for a grandmother, "him" for an uncle; unknown for a friend.
fn gender(contact: &Contact) -> Option<Pronoun> {
    const HER: &[&str] = &[
        "mother",
        "grandmother",
        "sister",
        "daughter",
        "wife",
        "girlfriend",
        "aunt",
        "niece",
        "granddaughter",
        "mother in law",
        "sister in law",
        "great grandmother",
        "godmother",
    ];
    const HIM: &[&str] = &[
        "father",
        "grandfather",
        "brother",
        "son",
        "husband",
        "boyfriend",
        "uncle",
        "nephew",
        "grandson",
        "father in law",
        "brother in law",
        "great grandson",
        "great grandfather",
        "godfather",
    ];
    let relation = contact.relation.as_deref()?.to_lowercase().replace('-', " ");
    let relation = resolver::relation_words(&relation).first().map(|word| (*word).to_owned())?;
    if HER.contains(&relation.as_str()) {
        Some(Pronoun::Her)
    } else if HIM.contains(&relation.as_str()) {
        Some(Pronoun::Him)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relation_tells_her_from_him() {
        let check = |relation: Option<&str>, expected: Option<Pronoun>| {
            let contact = Contact {
                id: "c".parse().expect("an id"),
                name: "Sam".to_owned(),
                nicknames: vec![],
                relation: relation.map(str::to_owned),
                sounds_like: vec![],
                numbers: vec![],
                person: None,
                household: None,
            };
            assert_eq!(gender(&contact), expected, "{relation:?}");
        };
        check(Some("grandmother"), Some(Pronoun::Her));
        check(Some("Nana"), Some(Pronoun::Her));
        check(Some("sister"), Some(Pronoun::Her));
        check(Some("dad"), Some(Pronoun::Him));
        check(Some("great-grandson"), Some(Pronoun::Him));
        check(Some("friend"), None);
        check(None, None);
    }
}
