//! What a household's pages show of the world.

use std::collections::BTreeSet;

use hearthline_core::call::{Call, Outcome};
use hearthline_core::household::{Contact, Household};
use hearthline_core::id::{DeviceId, HouseholdId};
use hearthline_core::policy::Moment;
use hearthline_core::request::Speaker;
use hearthline_core::thread::Post;
use hearthline_core::time::Time;

use super::protocol::{CallView, House, InboxItem, PersonCard, Presence, RoomCard, With};
use crate::world::World;

/// How many entries an inbox shows.
const MOST_ENTRIES: usize = 100;
/// How many people a page shows; the rest are reached by voice.
const MOST_PEOPLE: usize = 60;

/// The page of one speaker; `None` if the household is gone.
#[must_use]
pub fn house(
    world: &World,
    speaker: &Speaker,
    online: &BTreeSet<DeviceId>,
    moment: Moment,
) -> Option<House> {
    let home = world.directory.household(&speaker.household)?;
    let settings = world.settings_of(&home.id);
    let mut people: Vec<PersonCard> = home
        .contacts
        .iter()
        .map(|contact| {
            let theirs = world.directory.home_of(contact).filter(|theirs| theirs.id != home.id);
            PersonCard {
                contact_id: contact.id.clone(),
                name: contact.name.clone(),
                relation: contact.relation.clone(),
                household: theirs.map(|theirs| theirs.name.clone()),
                presence: theirs
                    .map_or(Presence::Away, |theirs| presence(world, theirs, online, moment)),
                favourite: settings.favourites.contains(&contact.id),
                callable: theirs.is_some(),
            }
        })
        .collect();
    // Favourites first, then whom we can reach at all; the address book's order otherwise.
    people.sort_by_key(|card| (!card.favourite, !card.callable));
    people.truncate(MOST_PEOPLE);
    let inbox = inbox(world, home, speaker, settings.calls_heard);
    let fresh = |kind: &str| inbox.iter().filter(|item| item.fresh && item.kind == kind).count();
    let call = world
        .call_at(&speaker.device)
        .map(|(live, _)| call(world, live, &home.id, &speaker.device, None, moment.now));
    Some(House {
        people,
        rooms: rooms(world, home, speaker, online),
        unread: fresh("message"),
        missed: fresh("missed"),
        inbox,
        quiet: settings.is_quiet(moment),
        call,
    })
}

fn presence(
    world: &World,
    home: &Household,
    online: &BTreeSet<DeviceId>,
    moment: Moment,
) -> Presence {
    if !home.devices.iter().any(|device| online.contains(&device.id)) {
        Presence::Away
    } else if world.settings_of(&home.id).is_quiet(moment) {
        Presence::Quiet
    } else if world.live.values().any(|call| call.occupies(&home.id)) {
        Presence::Busy
    } else {
        Presence::Free
    }
}

fn rooms(
    world: &World,
    home: &Household,
    speaker: &Speaker,
    online: &BTreeSet<DeviceId>,
) -> Vec<RoomCard> {
    let with_device = home.devices.iter().filter_map(|device| {
        let room = home.rooms.iter().find(|room| device.room.as_ref() == Some(&room.id))?;
        let presence = if !online.contains(&device.id) {
            Presence::Away
        } else if world.call_at(&device.id).is_some() {
            Presence::Busy
        } else {
            Presence::Free
        };
        Some(RoomCard {
            room_id: room.id.clone(),
            name: room.name.clone(),
            device_id: device.id.clone(),
            presence,
            here: device.id == speaker.device,
        })
    });
    with_device.collect()
}

fn inbox(world: &World, home: &Household, speaker: &Speaker, calls_heard: Time) -> Vec<InboxItem> {
    let posts = world.posts(&home.id).into_iter().filter_map(|post| message(home, speaker, post));
    let calls = world.calls(&home.id).into_iter().filter(|call| call.is_over());
    let calls = calls.filter_map(|call| logged(home, call, calls_heard));
    let mut items: Vec<InboxItem> = posts.chain(calls).collect();
    items.sort_by(|a, b| (b.at_ms, &b.id).cmp(&(a.at_ms, &a.id)));
    items.truncate(MOST_ENTRIES);
    items
}

fn message(home: &Household, speaker: &Speaker, post: &Post) -> Option<InboxItem> {
    let outgoing = post.from.household == home.id;
    if post.is_taken_back()
        || !outgoing && (post.is_deleted() || !post.is_for(&home.id, speaker.person.as_ref()))
    {
        return None;
    }
    let (with, direction) = if outgoing {
        (other(home, &post.to.household, post.to.person.as_ref(), ""), "out")
    } else {
        let from = &post.from;
        (other(home, &from.household, from.person.as_ref(), &from.name), "in")
    };
    Some(InboxItem {
        id: post.id.to_string(),
        kind: "message",
        direction,
        with,
        text: post.text.as_str().to_owned(),
        at_ms: post.left_at,
        fresh: !outgoing && post.is_unheard(),
        state: Some(post.sender_sees()),
    })
}

fn logged(home: &Household, call: &Call, calls_heard: Time) -> Option<InboxItem> {
    let (outcome, talked_ms) = call.outcome()?;
    let outgoing = call.caller().household == home.id;
    if !outgoing && call.is_hidden() {
        return None;
    }
    let caller = call.caller();
    let missed = !outgoing && call.is_missed();
    let (kind, with) = if outgoing {
        ("outgoing", other(home, &call.callee().household, None, &call.callee().name))
    } else {
        let with = other(home, &caller.household, caller.person.as_ref(), &caller.name);
        (if missed { "missed" } else { "incoming" }, with)
    };
    Some(InboxItem {
        id: call.id().to_string(),
        kind,
        direction: if outgoing { "out" } else { "in" },
        with,
        text: in_words(outcome, talked_ms, outgoing),
        at_ms: call.placed(),
        fresh: missed && call.placed() > calls_heard,
        state: None,
    })
}

fn in_words(outcome: Outcome, talked_ms: u64, outgoing: bool) -> String {
    let minutes = talked_ms / 60_000;
    match outcome {
        Outcome::Completed | Outcome::Lost if minutes > 0 => {
            format!("Talked for {minutes} minute{}", if minutes == 1 { "" } else { "s" })
        }
        Outcome::Completed => "Talked for less than a minute".to_owned(),
        Outcome::Declined if outgoing => "Could not take the call".to_owned(),
        Outcome::Declined => "Declined".to_owned(),
        Outcome::Busy if outgoing => "Was in another call".to_owned(),
        Outcome::Busy => "Called while you were in a call".to_owned(),
        Outcome::Cancelled => "Stopped before an answer".to_owned(),
        Outcome::Unreachable => "No speaker was awake".to_owned(),
        Outcome::Lost => "The line was lost".to_owned(),
        Outcome::Forbidden => "Not in each other's contacts".to_owned(),
        Outcome::Replaced => "You called each other at once".to_owned(),
        Outcome::NoAnswer => "No answer".to_owned(),
    }
}

/// The other side, by this household's own name for it where it has one.
fn other(
    home: &Household,
    household: &HouseholdId,
    person: Option<&hearthline_core::id::PersonId>,
    name: &str,
) -> With {
    let named = home.contacts.iter().find(|contact| contact.name == name);
    let contact: Option<&Contact> = named
        .or_else(|| home.contact_for(household, person))
        .or_else(|| home.contact_at(household).filter(|_| name.is_empty()));
    match contact {
        Some(contact) => With {
            contact_id: Some(contact.id.clone()),
            name: contact.name.clone(),
            relation: contact.relation.clone(),
            household: None,
        },
        None => With { contact_id: None, name: name.to_owned(), relation: None, household: None },
    }
}

/// A call as one device sees it. `reason` overrides how it ended, for a device that others outran.
#[must_use]
pub fn call(
    world: &World,
    call: &Call,
    household: &HouseholdId,
    device: &DeviceId,
    reason: Option<&'static str>,
    now: Time,
) -> CallView {
    let outgoing = call.caller().device == *device;
    let (caller, callee) = (call.caller(), call.callee());
    let theirs = if outgoing { &callee.household } else { &caller.household };
    let home = world.directory.household(household);
    let mut with = match (home, outgoing) {
        (Some(home), true) => other(home, &callee.household, None, &callee.name),
        (Some(home), false) => other(home, &caller.household, caller.person.as_ref(), &caller.name),
        (None, _) => {
            With { contact_id: None, name: String::new(), relation: None, household: None }
        }
    };
    if theirs == household {
        // Between two rooms of one home the room is the better name.
        let other_device = if outgoing { call.answered_by() } else { Some(&caller.device) };
        let device = other_device.and_then(|id| home?.device(id));
        with.name = device.map_or_else(|| callee.name.clone(), |device| device.name.clone());
        with.contact_id = None;
    }
    with.household = world.directory.household(theirs).map(|home| home.name.clone());
    CallView {
        call_id: call.id().clone(),
        version: call.version(),
        direction: if outgoing { "outgoing" } else { "incoming" },
        state: if reason.is_some() { "ended" } else { call.state() },
        with,
        party_id: call.answered_by().cloned(),
        devices: call.shown_devices(),
        lifetime_ms: call.deadline().and_then(|at| u64::try_from(at.since(now).as_millis()).ok()),
        since_ms: call.since(),
        reason: reason
            .map(str::to_owned)
            .or_else(|| call.outcome().map(|(outcome, _)| outcome.as_str().to_owned())),
    }
}
