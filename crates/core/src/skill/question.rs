//! What we asked, and how the next words answer it.

use serde::{Deserialize, Serialize};

use super::{Facts, Outcome, Session, Who, carry_out, needed, who};
use crate::effect::Expects;
use crate::household::{Contact, Household};
use crate::id::ContactId;
use crate::intent::Intent;
use crate::say::{self, Key, Say};
use crate::understanding::resolver::{self, Candidate, Resolution};
use crate::understanding::{Parse, Slot, Slots};

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Pending {
    /// "Whom shall I call?"
    Slot { intent: String, slot: String, slots: Slots },
    /// "Did you mean Anna or Hannah?"
    Which { intent: String, slot: String, slots: Slots, options: Vec<ContactId> },
    /// "Shall I call Niamh?"
    Confirm { intent: String, slots: Slots },
}

impl Pending {
    pub(super) fn slot(intent: &str, slot: &str, slots: &Slots) -> Self {
        Self::Slot { intent: intent.to_owned(), slot: slot.to_owned(), slots: slots.clone() }
    }

    pub(super) fn confirm(intent: &str, slots: Slots) -> Self {
        Self::Confirm { intent: intent.to_owned(), slots }
    }

    pub(super) fn which(intent: &str, slots: &Slots, options: &[&Contact]) -> Self {
        Self::Which {
            intent: intent.to_owned(),
            slot: CONTACT.to_owned(),
            slots: slots.clone(),
            options: options.iter().map(|contact| contact.id.clone()).collect(),
        }
    }

    /// Words to offer as buttons.
    pub(super) fn choices(&self, home: &Household) -> Vec<String> {
        match self {
            Self::Slot { .. } => vec![],
            Self::Which { options, .. } => {
                let names = options.iter().filter_map(|id| home.contact(id));
                names.map(|contact| contact.name.clone()).chain(["Neither".to_owned()]).collect()
            }
            Self::Confirm { .. } => vec!["Yes".to_owned(), "No".to_owned()],
        }
    }

    pub(super) fn expects(&self) -> Expects {
        match self.clone() {
            Self::Slot { intent, slot, slots } | Self::Which { intent, slot, slots, .. } => {
                Expects::Slot { intent, slot, slots }
            }
            Self::Confirm { intent, slots } => Expects::Confirmation { intent, slots },
        }
    }
}

/// The slot that names a contact, in every intent that has one.
pub(super) const CONTACT: &str = "contact";
/// Slots that take whatever was said.
const FREE_TEXT: [&str; 2] = ["message", "topic"];

/// How close a name must come to be called without asking.
const UNMISTAKEN: f32 = 0.95;

/// The contacts behind a resolution.
pub(super) fn resolve(home: &Household, found: Resolution) -> Who<'_> {
    let contact = |found: &Candidate| home.contacts.iter().find(|one| one.id.as_str() == found.id);
    match found {
        Resolution::One(found) => match contact(&found) {
            Some(contact) if found.score >= UNMISTAKEN => Who::One(contact),
            Some(contact) => Who::Perhaps(contact),
            None => Who::Nobody,
        },
        Resolution::Ask(several) => Who::Several(several.iter().filter_map(contact).collect()),
        Resolution::None => Who::Nobody,
    }
}

/// Takes `parse` as the answer to `pending`; `None` if it is about something else.
pub(super) fn resume(
    facts: &Facts<'_>,
    session: &Session,
    pending: &Pending,
    parse: &Parse,
) -> Option<Outcome> {
    let intent = parse.intent.as_deref().and_then(|name| Intent::read(name, &parse.slots));
    let certain = intent.as_ref().filter(|intent| parse.confidence >= needed(intent));
    if matches!(certain, Some(Intent::Stop | Intent::Cancel)) {
        return Some(Outcome::say(facts, &Say::new(Key::Cancelled)));
    }
    match pending {
        Pending::Confirm { intent, slots } => match certain {
            Some(Intent::Yes) => carry_on(facts, session, intent, slots),
            Some(Intent::No) => Some(Outcome::say(facts, &Say::new(Key::Cancelled))),
            _ => None,
        },
        Pending::Slot { slot, .. } | Pending::Which { slot, .. }
            if matches!(certain, Some(Intent::No)) && !FREE_TEXT.contains(&slot.as_str()) =>
        {
            Some(Outcome::say(facts, &Say::new(Key::Cancelled)))
        }
        Pending::Which { intent, slot, slots, options } => {
            let yes = matches!(certain, Some(Intent::Yes));
            let only = options.first().filter(|_| yes && options.len() == 1);
            let chosen = match only {
                Some(only) => facts.home.contact(only)?,
                None => among(facts.home, options, &parse.text)?,
            };
            let mut slots = slots.clone();
            slots.insert(slot.clone(), certainly(chosen));
            carry_on(facts, session, intent, &slots)
        }
        Pending::Slot { intent, slot, slots } if FREE_TEXT.contains(&slot.as_str()) => {
            // The same intent again is the channel's own way of filling the slot.
            if parse.intent.as_deref() == Some(intent) && parse.slots.contains_key(slot) {
                return None;
            }
            let mut slots = slots.clone();
            slots.insert(slot.clone(), Slot { value: parse.text.clone(), id: None });
            carry_on(facts, session, intent, &slots)
        }
        Pending::Slot { intent, slot, slots } => {
            // "Call dad" after "whom shall I call?" is a wish of its own.
            if certain.is_some() {
                return None;
            }
            let mut slots = slots.clone();
            slots.insert(slot.clone(), Slot { value: parse.text.clone(), id: None });
            carry_on(facts, session, intent, &slots)
        }
    }
}

fn carry_on(facts: &Facts<'_>, session: &Session, intent: &str, slots: &Slots) -> Option<Outcome> {
    let intent = Intent::read(intent, slots)?;
    carry_out(facts, session, &intent, slots)
}

fn among<'a>(home: &'a Household, options: &[ContactId], spoken: &str) -> Option<&'a Contact> {
    let offered: Vec<&Contact> = options.iter().filter_map(|id| home.contact(id)).collect();
    let first = spoken.to_lowercase();
    let by_place = ["first", "second", "third"].iter().position(|word| first.contains(word));
    if let Some(contact) = by_place.and_then(|place| offered.get(place)) {
        return Some(contact);
    }
    let mut narrowed = Household::empty(home.id.clone(), &home.name);
    narrowed.contacts = offered.iter().map(|contact| (*contact).clone()).collect();
    match resolve(home, resolver::contact(spoken, &narrowed)) {
        Who::One(contact) | Who::Perhaps(contact) => Some(contact),
        Who::Several(_) | Who::Nobody => None,
    }
}

/// A slot that means just this contact.
pub(super) fn certainly(contact: &Contact) -> Slot {
    Slot { value: contact.name.clone(), id: Some(contact.id.as_str().to_owned()) }
}

/// Asks which of several contacts was meant.
pub(super) fn which(
    facts: &Facts<'_>,
    intent: &str,
    slots: &Slots,
    contacts: &[&Contact],
    key: Key,
) -> Outcome {
    let names: Vec<String> = contacts.iter().map(|contact| contact.name.clone()).collect();
    let say = Say::new(key).with("names", say::list(&names, "or"));
    Outcome::ask(facts, &say, Pending::which(intent, slots, contacts))
}

/// Asks before reaching anybody, because the words were not clear. `None` if nobody can be meant.
pub(super) fn sure(facts: &Facts<'_>, intent: &Intent, slots: &Slots) -> Option<Outcome> {
    let (key, which_key) = match intent {
        Intent::Call { .. } => (Key::CallSure, Key::CallWhich),
        Intent::SendMessage { .. } => (Key::MessageSure, Key::MessageWhich),
        _ => return None,
    };
    let slot = slots.get(CONTACT)?;
    match who(facts, slot) {
        Who::One(contact) | Who::Perhaps(contact) => {
            let mut slots = slots.clone();
            slots.insert(CONTACT.to_owned(), certainly(contact));
            let say = Say::new(key).with("name", &contact.name);
            Some(Outcome::ask(facts, &say, Pending::confirm(intent.name(), slots)))
        }
        Who::Several(contacts) => Some(which(facts, intent.name(), slots, &contacts, which_key)),
        Who::Nobody => {
            let say = Say::new(Key::CallUnknown).with("name", &slot.value);
            let pending = Pending::slot(intent.name(), CONTACT, &without(slots, CONTACT));
            Some(Outcome::ask(facts, &say, pending))
        }
    }
}

/// The same slots but one.
pub(super) fn without(slots: &Slots, name: &str) -> Slots {
    let mut slots = slots.clone();
    slots.remove(name);
    slots
}
