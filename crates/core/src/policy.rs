//! Who may reach whom: consent, blocks, do not disturb, drop-in grants. How often, and which words
//! never go unanswered, stand in [`rate`] and [`emergency`].
//!
//! Everything here is a function of its arguments and answers for every one of them. The order of the
//! questions matters: a blocked caller must learn nothing, so what the other household decided about
//! them is asked before anything that would show.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::call::Reach;
use crate::household::{Contact, Household};
use crate::id::{ContactId, DeviceId, HouseholdId, PersonId};
use crate::time::Time;

pub mod emergency;
pub mod hours;
pub mod rate;

pub use emergency::emergency;
use hours::{MinuteOfDay, QuietHours};

/// What a household decided about being reached. Fields that a stored file lacks have their default:
/// nobody blocked, never quiet, nothing granted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Contacts of this household who do not get through, as people or as households.
    pub blocked_contacts: BTreeSet<ContactId>,
    /// Households that do not get through, also without being a contact.
    pub blocked_households: BTreeSet<HouseholdId>,
    pub do_not_disturb: Option<DoNotDisturb>,
    /// When it is quiet every day, in the household's own time.
    pub quiet_hours: Option<QuietHours>,
    pub favourites: BTreeSet<ContactId>,
    /// Whether favourites ring although it is quiet.
    pub favourites_get_through: bool,
    /// Contacts who may drop in on this household. It says nothing about dropping in on them.
    pub drop_in: BTreeSet<ContactId>,
    /// Missed calls up to then were told or shown.
    pub calls_heard: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoNotDisturb {
    /// Until somebody turns it off.
    On,
    Until(Time),
}

/// Now, as the clock shows it and as the callee's home feels it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub now: Time,
    /// The time of day where the callee lives; time zones are known at the edge only.
    pub local: MinuteOfDay,
}

impl Settings {
    /// Whether nothing should ring at this moment.
    #[must_use]
    pub fn is_quiet(&self, moment: Moment) -> bool {
        let asked = match self.do_not_disturb {
            Some(DoNotDisturb::On) => true,
            Some(DoNotDisturb::Until(until)) => moment.now < until,
            None => false,
        };
        asked || self.quiet_hours.is_some_and(|hours| hours.contain(moment.local))
    }

    /// Whether `home`, whose settings these are, blocks `person` of `household`.
    ///
    /// Blocking a contact who is a person blocks that person and every voice of their household that
    /// was not recognised, which could be theirs; others who live there and are recognised get through.
    #[must_use]
    pub fn blocks(
        &self,
        home: &Household,
        household: &Household,
        person: Option<&PersonId>,
    ) -> bool {
        let is_them = |contact: &Contact| match &contact.person {
            Some(blocked) if household.person(blocked).is_some() => {
                person.is_none_or(|person| person == blocked)
            }
            Some(_) | None => contact.household.as_ref() == Some(&household.id),
        };
        self.blocked_households.contains(&household.id)
            || self.blocked_contacts.iter().filter_map(|id| home.contact(id)).any(is_them)
    }
}

/// Whose wish stands against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// The callee is no contact of the caller's household.
    NotYourContact,
    /// The caller's household is no contact of the callee's: they have not agreed to be reached.
    NotTheirContact,
}

/// Whether a call may ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Ring,
    /// Do not disturb: no device rings, the household finds a missed call.
    Quietly,
    /// Blocked: no device rings, the household hears nothing, the caller sees nobody answer.
    Blocked,
    Forbidden(Forbidden),
}

impl Verdict {
    /// How the call is placed, given the callee's connected devices and whether they are in a call.
    #[must_use]
    pub fn reach(self, devices: BTreeSet<DeviceId>, busy: bool) -> Reach {
        match self {
            Self::Ring if busy => Reach::Busy,
            Self::Ring => Reach::Ring(devices),
            Self::Quietly => Reach::Quietly(devices),
            Self::Blocked => Reach::Blocked(devices),
            Self::Forbidden(_) => Reach::Forbidden,
        }
    }
}

/// May `person` of `caller` call `callee`? Rooms of one's own home always may.
#[must_use]
pub fn may_call(
    caller: &Household,
    person: Option<&PersonId>,
    callee: &Household,
    settings: &Settings,
    moment: Moment,
) -> Verdict {
    if caller.id == callee.id {
        return Verdict::Ring;
    }
    match may_reach(caller, person, callee, settings) {
        Err(verdict) => verdict,
        Ok(contacts) => {
            let favourite = settings.favourites_get_through
                && contacts.iter().any(|contact| settings.favourites.contains(&contact.id));
            if settings.is_quiet(moment) && !favourite { Verdict::Quietly } else { Verdict::Ring }
        }
    }
}

/// Whether a message may be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageVerdict {
    Deliver,
    /// Blocked: it stays `left` for its sender and is shown to nobody.
    Withhold,
    Forbidden(Forbidden),
}

/// May `person` of `sender` leave a message for `recipient`? Do not disturb is no reason against it:
/// a message waits quietly.
#[must_use]
pub fn may_message(
    sender: &Household,
    person: Option<&PersonId>,
    recipient: &Household,
    settings: &Settings,
) -> MessageVerdict {
    if sender.id == recipient.id {
        return MessageVerdict::Deliver;
    }
    match may_reach(sender, person, recipient, settings) {
        Ok(_) => MessageVerdict::Deliver,
        Err(Verdict::Forbidden(why)) => MessageVerdict::Forbidden(why),
        Err(Verdict::Ring | Verdict::Quietly | Verdict::Blocked) => MessageVerdict::Withhold,
    }
}

/// Whether one may listen in without being answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropIn {
    Granted,
    /// Also for the blocked: nobody is told who else was granted what.
    NotGranted,
    /// It is quiet there now.
    Quiet,
}

/// May `person` of `caller` drop in on `callee`? Only who was granted it, and never while it is quiet:
/// no wish of a favourite outweighs a room that wants to be left alone.
#[must_use]
pub fn may_drop_in(
    caller: &Household,
    person: Option<&PersonId>,
    callee: &Household,
    settings: &Settings,
    moment: Moment,
) -> DropIn {
    let granted = may_reach(caller, person, callee, settings).is_ok_and(|contacts| {
        contacts.iter().any(|contact| settings.drop_in.contains(&contact.id))
    });
    match granted {
        false => DropIn::NotGranted,
        true if settings.is_quiet(moment) => DropIn::Quiet,
        true => DropIn::Granted,
    }
}

/// Blocks first, then consent by both sides. The callee's contacts who are the caller, or why not.
fn may_reach<'a>(
    caller: &Household,
    person: Option<&PersonId>,
    callee: &'a Household,
    settings: &Settings,
) -> Result<Vec<&'a Contact>, Verdict> {
    // Their own address book tells callers nothing new, so it comes first.
    if !caller.contacts.iter().any(|contact| points_at(contact, callee)) {
        return Err(Verdict::Forbidden(Forbidden::NotYourContact));
    }
    if settings.blocks(callee, caller, person) {
        return Err(Verdict::Blocked);
    }
    let known: Vec<&Contact> =
        callee.contacts.iter().filter(|contact| points_at(contact, caller)).collect();
    if known.is_empty() {
        return Err(Verdict::Forbidden(Forbidden::NotTheirContact));
    }
    // What was granted to one person is not granted to the others who live there.
    Ok(known
        .into_iter()
        .filter(|contact| contact.person.is_none() || contact.person.as_ref() == person)
        .collect())
}

/// Whether a contact is `household` or somebody who lives there.
fn points_at(contact: &Contact, household: &Household) -> bool {
    contact.household.as_ref() == Some(&household.id)
        || contact.person.as_ref().is_some_and(|person| household.person(person).is_some())
}

#[cfg(test)]
mod tests;
