//! The address book: who is in it, who is blocked, who is a favourite.

use super::question::{self, CONTACT, Pending};
use super::{Facts, Outcome, Who, who};
use crate::effect::Change;
use crate::household::Contact;
use crate::intent::Whom;
use crate::say::{self, Key, Say};
use crate::understanding::{Slot, Slots};

/// The most names said in one breath.
const MOST_NAMES: usize = 8;

pub(super) fn list(facts: &Facts<'_>) -> Outcome {
    let reachable =
        facts.home.contacts.iter().filter(|contact| facts.directory.home_of(contact).is_some());
    let names: Vec<String> =
        reachable.map(|contact| contact.name.clone()).take(MOST_NAMES).collect();
    if names.is_empty() {
        return Outcome::say(facts, &Say::new(Key::ContactsNone));
    }
    Outcome::say(facts, &Say::new(Key::ContactsList).with("names", say::list(&names, "and")))
}

pub(super) fn block(facts: &Facts<'_>, whom: Option<&Whom>, slots: &Slots) -> Outcome {
    let slot = match whom {
        Some(Whom::Contact(slot)) => Some(slot),
        Some(_) => return super::not_yet(facts),
        None => None,
    };
    with(facts, "BlockIntent", Key::BlockWhom, slot, slots, |contact| {
        let mut settings = facts.own_settings();
        settings.blocked_contacts.insert(contact.id.clone());
        Outcome::say(facts, &Say::new(Key::BlockDone).with("name", &contact.name))
            .change(Change::Settings(Box::new(settings)))
    })
}

pub(super) fn unblock(facts: &Facts<'_>, whom: Option<&Whom>, slots: &Slots) -> Outcome {
    let slot = match whom {
        Some(Whom::Contact(slot)) => Some(slot),
        Some(_) => return super::not_yet(facts),
        None => None,
    };
    with(facts, "UnblockIntent", Key::BlockWhom, slot, slots, |contact| {
        let mut settings = facts.own_settings();
        settings.blocked_contacts.remove(&contact.id);
        Outcome::say(facts, &Say::new(Key::UnblockDone).with("name", &contact.name))
            .change(Change::Settings(Box::new(settings)))
    })
}

pub(super) fn favourite(facts: &Facts<'_>, slot: Option<&Slot>, slots: &Slots) -> Outcome {
    with(facts, "AddFavouriteIntent", Key::FavouriteWhom, slot, slots, |contact| {
        let mut settings = facts.own_settings();
        settings.favourites.insert(contact.id.clone());
        Outcome::say(facts, &Say::new(Key::FavouriteDone).with("name", &contact.name))
            .change(Change::Settings(Box::new(settings)))
    })
}

/// Does `then` with the contact, or asks who it is.
pub(super) fn with<'a>(
    facts: &Facts<'a>,
    intent: &str,
    whom: Key,
    slot: Option<&Slot>,
    slots: &Slots,
    then: impl FnOnce(&'a Contact) -> Outcome,
) -> Outcome {
    let Some(slot) = slot else {
        return Outcome::ask(facts, &Say::new(whom), Pending::slot(intent, CONTACT, slots));
    };
    match who(facts, slot) {
        Who::One(contact) => then(contact),
        Who::Perhaps(contact) => question::which(facts, intent, slots, &[contact], Key::CallWhich),
        Who::Several(contacts) => question::which(facts, intent, slots, &contacts, Key::CallWhich),
        Who::Nobody => {
            let say = Say::new(Key::CallUnknown).with("name", &slot.value);
            Outcome::ask(facts, &say, Pending::slot(intent, CONTACT, &Slots::new()))
        }
    }
}
