//! Calls: place, answer, decline, end; who called.

use std::collections::BTreeSet;

use super::correction::Reached;
use super::message::{number, when};
use super::question::{self, CONTACT, Pending, certainly};
use super::{Facts, Outcome, Who, who};
use crate::call::{Call, Callee, Event, Part, Party, Place};
use crate::effect::{Change, Effect, Refused};
use crate::household::{Contact, Household};
use crate::id::{CallId, DeviceId, RoomId};
use crate::intent::Whom;
use crate::policy::{self, Verdict};
use crate::say::{Key, Say};
use crate::understanding::{Slot, Slots};

const CALL: &str = "CallIntent";

/// "Call Grandma", "call the kitchen".
pub(super) fn place(
    facts: &Facts<'_>,
    whom: Option<&Whom>,
    other: Option<&Slot>,
    slots: &Slots,
) -> Outcome {
    match (whom, other) {
        (_, Some(_)) | (Some(Whom::Group(_)), _) => Outcome::say(facts, &Say::new(Key::CallGroup)),
        (None, _) => {
            Outcome::ask(facts, &Say::new(Key::CallWhom), Pending::slot(CALL, CONTACT, slots))
        }
        (Some(Whom::Contact(slot)), _) => contact(facts, slot, slots),
        (Some(Whom::Number(_)), _) => {
            Outcome::refuse(facts, Refused::Unreachable, &Say::new(Key::CallNumber))
        }
        (Some(Whom::Room(slot)), _) => match slot.id.as_deref().and_then(|id| id.parse().ok()) {
            Some(room) => ring_room(facts, &room),
            None => unknown_room(facts, &slot.value),
        },
        (Some(Whom::Device(slot)), _) => {
            let id = slot.id.as_deref();
            match facts.home.devices.iter().find(|device| Some(device.id.as_str()) == id) {
                Some(device) => ring_here(facts, &device.name, BTreeSet::from([device.id.clone()])),
                None => unknown_room(facts, &slot.value),
            }
        }
    }
}

fn unknown_room(facts: &Facts<'_>, name: &str) -> Outcome {
    Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallRoomUnknown).with("name", name))
}

fn contact(facts: &Facts<'_>, slot: &Slot, slots: &Slots) -> Outcome {
    match who(facts, slot) {
        Who::One(contact) => ring(facts, contact),
        Who::Perhaps(contact) => {
            let mut slots = slots.clone();
            slots.insert(CONTACT.to_owned(), certainly(contact));
            let say = Say::new(Key::CallSure).with("name", &contact.name);
            Outcome::ask(facts, &say, Pending::confirm(CALL, slots))
        }
        Who::Several(contacts) => question::which(facts, CALL, slots, &contacts, Key::CallWhich),
        Who::Nobody => {
            let say = Say::new(Key::CallUnknown).with("name", &slot.value);
            Outcome::ask(facts, &say, Pending::slot(CALL, CONTACT, &Slots::new()))
        }
    }
}

/// Calls a contact's home, if there is a way and the rules allow it.
pub(super) fn ring(facts: &Facts<'_>, contact: &Contact) -> Outcome {
    match facts.directory.home_of(contact) {
        Some(home) if home.id != facts.home.id => {
            let devices = home.devices.iter().map(|device| device.id.clone()).collect();
            let say = Say::new(Key::CallCalling).with("name", &contact.name);
            let mut outcome = ring_home(facts, home, &contact.name, devices, &say).about(contact);
            outcome.reached = Reached::call(&outcome, contact, facts.moment.now);
            outcome
        }
        _ => {
            let say = Say::new(Key::CallNoWay).with("name", &contact.name);
            let mut outcome = Outcome::refuse(facts, Refused::Unreachable, &say).about(contact);
            outcome.reached = Reached::call(&outcome, contact, facts.moment.now);
            outcome
        }
    }
}

/// Calls another room of the same house.
pub(super) fn ring_room(facts: &Facts<'_>, room: &RoomId) -> Outcome {
    let Some(room) = facts.home.rooms.iter().find(|known| known.id == *room) else {
        return unknown_room(facts, room.as_str());
    };
    let there = facts.home.devices.iter().filter(|device| device.room.as_ref() == Some(&room.id));
    ring_here(facts, &room.name, there.map(|device| device.id.clone()).collect())
}

fn ring_here(facts: &Facts<'_>, name: &str, mut devices: BTreeSet<DeviceId>) -> Outcome {
    if devices.len() == 1 && devices.contains(&facts.speaker.device) {
        return Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallRoomHere));
    }
    devices.retain(|device| facts.online.contains(device));
    if devices.is_empty() {
        let say = Say::new(Key::CallRoomSilent).with("name", name.to_lowercase());
        return Outcome::refuse(facts, Refused::Unreachable, &say);
    }
    let say = Say::new(Key::CallCallingRoom).with("name", name.to_lowercase());
    ring_home(facts, facts.home, name, devices, &say)
}

fn ring_home(
    facts: &Facts<'_>,
    home: &Household,
    name: &str,
    mut devices: BTreeSet<DeviceId>,
    say: &Say,
) -> Outcome {
    let crossing = facts.live().find(|call| call.crosses(&facts.home.id, &home.id));
    if here(facts).is_some_and(|(call, _)| crossing.is_none_or(|other| other.id() != call.id())) {
        return Outcome::refuse(facts, Refused::Busy, &Say::new(Key::CallAlready));
    }
    if let Some(call) = crossing {
        // They are ringing here: whoever calls them is put through, not told that they are busy.
        let device = facts.speaker.device.clone();
        return effect(facts, call, Key::CallAnswered, Event::Met { device });
    }
    let Some(id) = facts.call_id() else { return super::not_yet(facts) };
    devices.retain(|device| facts.online.contains(device));
    let busy = home.id != facts.home.id && facts.live().any(|call| call.occupies(&home.id));
    let settings = facts.settings_of(&home.id);
    let person = facts.speaker.person.as_ref();
    let verdict = policy::may_call(facts.home, person, home, &settings, facts.moment);
    if matches!(verdict, Verdict::Forbidden(_)) {
        let say = Say::new(Key::CallForbidden).with("name", name);
        return Outcome::refuse(facts, Refused::Forbidden, &say);
    }
    let place = Place {
        id: id.clone(),
        caller: Party {
            household: facts.home.id.clone(),
            device: facts.speaker.device.clone(),
            person: facts.speaker.person.clone(),
            name: facts.own_name(),
        },
        callee: Callee { household: home.id.clone(), name: name.to_owned() },
        reach: verdict.reach(devices, busy),
    };
    let mut outcome = Outcome::say(facts, say).effect(Effect::PlaceCall(place));
    outcome.answer.call = Some(id);
    outcome
}

/// The live call in which the speaker's device has a part.
pub(super) fn here<'a>(facts: &'a Facts<'_>) -> Option<(&'a Call, Part)> {
    facts.live().find_map(|call| Some((call, call.part_of(&facts.speaker.device)?)))
}

/// A live call that `id` names, or the one at this device, with this device's part in it.
fn named<'a>(facts: &'a Facts<'_>, id: Option<&CallId>) -> Option<(&'a Call, Part)> {
    match id {
        Some(id) => {
            let call = facts.live.get(id)?;
            Some((call, call.part_of(&facts.speaker.device)?))
        }
        None => here(facts),
    }
}

pub(super) fn answer(facts: &Facts<'_>, id: Option<&CallId>) -> Outcome {
    let device = facts.speaker.device.clone();
    match named(facts, id) {
        Some((call, Part::Ringing | Part::Ignoring)) => {
            effect(facts, call, Key::CallAnswered, Event::Answer { device })
        }
        _ => nothing_rings(facts, id),
    }
}

pub(super) fn decline(facts: &Facts<'_>, id: Option<&CallId>) -> Outcome {
    let device = facts.speaker.device.clone();
    match named(facts, id) {
        Some((call, Part::Ringing | Part::Ignoring)) => {
            effect(facts, call, Key::CallDeclined, Event::Decline { device })
        }
        _ => nothing_rings(facts, id),
    }
}

fn nothing_rings(facts: &Facts<'_>, id: Option<&CallId>) -> Outcome {
    let key = if id.is_some() { Key::CallOver } else { Key::CallNothingRings };
    Outcome::refuse(facts, Refused::TooLate, &Say::new(key))
}

/// Ends whatever this device has to do with a call.
pub(super) fn hang_up(facts: &Facts<'_>, id: Option<&CallId>) -> Outcome {
    let device = facts.speaker.device.clone();
    match named(facts, id) {
        Some((call, Part::Calling)) => {
            effect(facts, call, Key::CallCancelled, Event::HangUp { device })
        }
        Some((call, Part::Talking | Part::Reconnecting)) => {
            effect(facts, call, Key::CallHungUp, Event::HangUp { device })
        }
        Some((call, Part::Ringing | Part::Ignoring)) => {
            effect(facts, call, Key::CallDeclined, Event::Decline { device })
        }
        None => {
            let key = if id.is_some() { Key::CallOver } else { Key::CallNone };
            Outcome::refuse(facts, Refused::TooLate, &Say::new(key))
        }
    }
}

fn effect(facts: &Facts<'_>, call: &Call, key: Key, event: Event) -> Outcome {
    let mut outcome =
        Outcome::say(facts, &Say::new(key)).effect(Effect::Call(call.id().clone(), event));
    outcome.answer.call = Some(call.id().clone());
    outcome
}

/// Calls again whom this household called last.
pub(super) fn redial(facts: &Facts<'_>) -> Outcome {
    let last = facts.calls.iter().rev().find(|call| call.caller().household == facts.home.id);
    let contact = last.and_then(|call| by_name(facts.home, &call.callee().name));
    match contact {
        Some(contact) => ring(facts, contact),
        None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallNobodyToRedial)),
    }
}

/// Calls back who called this household last, or the named one.
pub(super) fn back(facts: &Facts<'_>, slot: Option<&Slot>) -> Outcome {
    if let Some(slot) = slot {
        let slots = Slots::from([(CONTACT.to_owned(), slot.clone())]);
        return contact(facts, slot, &slots);
    }
    let last = incoming(facts).last().copied();
    let caller = last.map(Call::caller);
    let contact = caller.and_then(|caller| {
        let known = facts.home.contact_for(&caller.household, caller.person.as_ref());
        known.or_else(|| facts.home.contact_at(&caller.household))
    });
    match contact {
        Some(contact) => ring(facts, contact),
        None => Outcome::refuse(facts, Refused::Unknown, &Say::new(Key::CallNobodyToCallBack)),
    }
}

fn by_name<'a>(home: &'a Household, name: &str) -> Option<&'a Contact> {
    home.contacts.iter().find(|contact| contact.name == name)
}

/// Calls to this household that it may know of, oldest first.
fn incoming<'a>(facts: &Facts<'a>) -> Vec<&'a Call> {
    let to_us = facts.calls.iter().copied().filter(|call| {
        call.callee().household == facts.home.id
            && call.caller().household != facts.home.id
            && !call.is_hidden()
    });
    to_us.collect()
}

/// "Who called?": the last call, and how many there were.
pub(super) fn who_called(facts: &Facts<'_>, slot: Option<&Slot>) -> Outcome {
    let wanted = slot.and_then(|slot| match who(facts, slot) {
        Who::One(contact) | Who::Perhaps(contact) => Some(contact.id.clone()),
        Who::Several(_) | Who::Nobody => None,
    });
    let contact_of = |call: &Call| {
        let caller = call.caller();
        facts.home.contact_for(&caller.household, caller.person.as_ref())
    };
    let mut calls = incoming(facts);
    if let Some(wanted) = wanted {
        calls.retain(|call| contact_of(call).is_some_and(|contact| contact.id == wanted));
    }
    let Some(last) = calls.last() else {
        return Outcome::say(facts, &Say::new(Key::WhoCalledNobody)).change(Change::CallsHeard);
    };
    let caller = last.caller();
    let name = facts.name_of(&caller.household, caller.person.as_ref(), &caller.name);
    let when = when(last.placed(), facts.moment.now);
    let say = if calls.len() == 1 {
        Say::new(Key::WhoCalledOne)
    } else {
        Say::new(Key::WhoCalledSeveral).with("count", number(calls.len()))
    };
    let outcome = Outcome::say(facts, &say.with("name", name).with("when", when));
    let mut outcome = outcome.change(Change::CallsHeard);
    outcome.about = contact_of(last).map(|contact| contact.id.clone());
    outcome
}
