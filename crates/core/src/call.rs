//! A live call between devices, as a machine.
//!
//! The contract: [`Call::place`] and [`Call::on`] take what happened and when, and return what must be
//! done, in order. Save the call, then carry the effects out. After each step ask [`Call::deadline`] and
//! send [`Event::Tick`] then; an event that comes later than the deadline finds the deadline already
//! done, so a slow timer changes nothing.
//!
//! What always holds, whatever comes, in whatever order and however often:
//! a call ends exactly once and is silent afterwards; every device that was asked to ring is told to
//! stop, or is the one that answered; at most one device answers; [`Call::version`] rises by one when
//! the call's state changes or something must be done, so a device can drop what is older than what it
//! has seen. It counts nothing else: otherwise it would tell a blocked caller that nobody's device rang.
//! `(call id, version, place in the list)` names an effect: a repeat is harmless.
//!
//! There is no media yet: an answer connects at once. A `connecting` state will stand between ringing
//! and connected when there is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{CallId, DeviceId, HouseholdId, PersonId};
use crate::time::Time;

mod event;
mod glare;

pub use event::{Effect, Event, Outcome, Progress, Silence};
pub use glare::{Glare, glare};

/// How long the callee's devices ring before the call is missed.
///
/// 30 s: long enough to reach a device from another room, short enough that the caller still waits.
pub const RING_FOR: Duration = Duration::from_secs(30);

/// How long a connected call waits for a device that lost its line.
///
/// 30 s: a page that reloads or a network that changes is back within seconds; after half a minute the
/// other side has hung up in spirit.
pub const LOST_FOR: Duration = Duration::from_secs(30);

/// How long the callee's devices go on ringing for a caller whose line is lost.
///
/// 10 s: enough for a page to reload, without a household running to a call that nobody makes.
pub const CALLER_LOST_FOR: Duration = Duration::from_secs(10);

/// Who calls, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub household: HouseholdId,
    pub device: DeviceId,
    /// `None` when the voice was not recognised.
    pub person: Option<PersonId>,
    /// What the callee is told: "Maya", or the household's name.
    pub name: String,
}

/// Who is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callee {
    pub household: HouseholdId,
    /// As the caller calls them: "Grandma Ines".
    pub name: String,
}

/// How the call meets the other household; see [`crate::policy::Verdict::reach`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// These devices are there. If there are none, the household is unreachable.
    Ring(BTreeSet<DeviceId>),
    /// Do not disturb: none of these devices rings, and the household finds a missed call.
    Quietly(BTreeSet<DeviceId>),
    /// The caller is blocked: none of these devices rings, and the household never hears of it. The
    /// caller sees and waits exactly what anyone sees whom nobody answers.
    Blocked(BTreeSet<DeviceId>),
    /// The household is in a call.
    Busy,
    /// The two are not each other's contacts.
    Forbidden,
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: CallId,
    pub caller: Party,
    pub callee: Callee,
    pub reach: Reach,
}

/// A device of the callee while the call rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Leg {
    Invited,
    Ringing,
    /// Its line was lost while it rang; it rings again when it is back.
    Away,
    /// Quiet by a person's wish; it may still answer.
    Ignored,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum State {
    Ringing {
        legs: BTreeMap<DeviceId, Leg>,
        until: Time,
        caller_lost: Option<Time>,
    },
    Connected {
        callee: DeviceId,
        since: Time,
    },
    /// At least one of the two lost its line; `lost` says which and when.
    Reconnecting {
        callee: DeviceId,
        since: Time,
        lost: BTreeMap<DeviceId, Time>,
    },
    Ended {
        outcome: Outcome,
        at: Time,
        talked_ms: u64,
        callee: Option<DeviceId>,
    },
}

/// What a device does in a call: what it must be shown when it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Calling,
    Ringing,
    /// Was asked to be quiet; may still answer.
    Ignoring,
    Talking,
    Reconnecting,
}

/// A call between a caller's device and one of the callee's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    id: CallId,
    version: u64,
    caller: Party,
    callee: Callee,
    placed: Time,
    /// The caller is blocked: the callee's household must never hear of this call.
    hidden: bool,
    shown_devices: usize,
    state: State,
}

type Step = Option<(State, Vec<Effect>)>;

impl Call {
    /// Begins a call. It may be over at once: busy, forbidden, nobody there.
    #[must_use]
    pub fn place(place: Place, now: Time) -> (Self, Vec<Effect>) {
        let Place { id, caller, callee, reach } = place;
        let hidden = matches!(reach, Reach::Blocked(_));
        let shown_devices = match &reach {
            Reach::Ring(devices) => devices.iter().filter(|d| **d != caller.device).count(),
            // Never 0, which would say that this call rings nowhere.
            Reach::Quietly(devices) | Reach::Blocked(devices) => devices.len().max(1),
            Reach::Busy | Reach::Forbidden => 0,
        };
        let ringing = |devices: BTreeSet<DeviceId>| State::Ringing {
            legs: devices.into_iter().map(|device| (device, Leg::Invited)).collect(),
            until: now + RING_FOR,
            caller_lost: None,
        };
        let state = ringing(BTreeSet::new());
        let mut call =
            Self { id, version: 1, caller, callee, placed: now, hidden, shown_devices, state };
        // The caller is told "ringing" here and not when a device acknowledges it: a call that rings
        // nobody must look the same.
        let tell = Effect::Tell { device: call.caller.device.clone(), progress: Progress::Ringing };
        let (state, effects) = match reach {
            Reach::Ring(mut devices) => {
                devices.remove(&call.caller.device);
                if devices.is_empty() {
                    call.ended(Outcome::Unreachable, now, vec![])
                } else {
                    let rings =
                        devices.iter().map(|device| Effect::Ring { device: device.clone() });
                    let effects = rings.chain([tell]).collect();
                    (ringing(devices), effects)
                }
            }
            Reach::Quietly(_) | Reach::Blocked(_) => (ringing(BTreeSet::new()), vec![tell]),
            Reach::Busy => call.ended(Outcome::Busy, now, vec![]),
            Reach::Forbidden => call.ended(Outcome::Forbidden, now, vec![]),
        };
        call.state = state;
        (call, effects)
    }

    /// Takes an event. What is late, repeated or absurd changes nothing and returns nothing.
    #[must_use]
    pub fn on(&mut self, event: &Event, now: Time) -> Vec<Effect> {
        let mut effects = vec![];
        // What is due is done first, so that the result does not depend on how slow the timer was.
        for event in [&Event::Tick, event] {
            if let Some((state, mut more)) = self.step(event, now) {
                let before = self.state();
                self.state = state;
                if !more.is_empty() || self.state() != before {
                    self.version += 1;
                }
                effects.append(&mut more);
            }
        }
        effects
    }

    fn step(&self, event: &Event, now: Time) -> Step {
        match &self.state {
            State::Ringing { legs, until, caller_lost } => {
                self.while_ringing(legs, *until, *caller_lost, event, now)
            }
            State::Connected { callee, since } => {
                self.while_talking(callee, *since, &BTreeMap::new(), event, now)
            }
            State::Reconnecting { callee, since, lost } => {
                self.while_talking(callee, *since, lost, event, now)
            }
            State::Ended { .. } => None,
        }
    }

    fn while_ringing(
        &self,
        legs: &BTreeMap<DeviceId, Leg>,
        until: Time,
        caller_lost: Option<Time>,
        event: &Event,
        now: Time,
    ) -> Step {
        let caller = &self.caller.device;
        let end = |outcome| Some(self.ended(outcome, now, self.hush(Silence::Ended(outcome))));
        let with = |legs, caller_lost, effects| {
            Some((State::Ringing { legs, until, caller_lost }, effects))
        };
        let leg = |device: &DeviceId, leg| {
            let mut legs = legs.clone();
            legs.insert(device.clone(), leg);
            legs
        };
        match event {
            Event::Tick if now >= until => {
                let all_away = !legs.is_empty() && legs.values().all(|leg| *leg == Leg::Away);
                end(if all_away { Outcome::Unreachable } else { Outcome::NoAnswer })
            }
            Event::Tick if caller_lost.is_some_and(|at| now >= at + CALLER_LOST_FOR) => {
                end(Outcome::Lost)
            }
            Event::Ringing { device }
                if matches!(legs.get(device), Some(Leg::Invited | Leg::Away)) =>
            {
                with(leg(device, Leg::Ringing), caller_lost, vec![])
            }
            Event::Answer { device } if legs.contains_key(device) => {
                Some(self.answered(device, caller_lost, now))
            }
            Event::Met { device } if device != caller => {
                Some(self.answered(device, caller_lost, now))
            }
            Event::HangUp { device } if device == caller => end(Outcome::Cancelled),
            Event::Decline { device } | Event::HangUp { device } if legs.contains_key(device) => {
                end(Outcome::Declined)
            }
            Event::Ignore { device }
                if legs.get(device).is_some_and(|leg| *leg != Leg::Ignored) =>
            {
                let quiet = Effect::StopRinging { device: device.clone(), why: Silence::Ignored };
                with(leg(device, Leg::Ignored), caller_lost, vec![quiet])
            }
            Event::InUse { device } if legs.contains_key(device) => {
                if legs.len() == 1 {
                    return end(Outcome::Busy);
                }
                let mut left = legs.clone();
                let was = left.remove(device);
                let quiet = Effect::StopRinging { device: device.clone(), why: Silence::InUse };
                let rang = was.is_some_and(|leg| leg != Leg::Ignored);
                with(left, caller_lost, if rang { vec![quiet] } else { vec![] })
            }
            Event::Lost { device } if device == caller && caller_lost.is_none() => {
                with(legs.clone(), Some(now), vec![])
            }
            Event::Lost { device }
                if matches!(legs.get(device), Some(Leg::Invited | Leg::Ringing)) =>
            {
                with(leg(device, Leg::Away), caller_lost, vec![])
            }
            Event::Back { device } if device == caller && caller_lost.is_some() => {
                with(legs.clone(), None, vec![])
            }
            Event::Back { device } if legs.get(device) == Some(&Leg::Away) => {
                let ring = Effect::Ring { device: device.clone() };
                with(leg(device, Leg::Invited), caller_lost, vec![ring])
            }
            Event::Restart => {
                let away = |leg: &Leg| if *leg == Leg::Ignored { Leg::Ignored } else { Leg::Away };
                let legs = legs.iter().map(|(device, leg)| (device.clone(), away(leg))).collect();
                with(legs, caller_lost.or(Some(now)), vec![])
            }
            Event::Replaced => end(Outcome::Replaced),
            _ => None,
        }
    }

    /// Connected if `lost` is empty, else reconnecting.
    fn while_talking(
        &self,
        callee: &DeviceId,
        since: Time,
        lost: &BTreeMap<DeviceId, Time>,
        event: &Event,
        now: Time,
    ) -> Step {
        let takes_part = |device: &DeviceId| device == callee || *device == self.caller.device;
        let tell = |device: &DeviceId, progress| Effect::Tell { device: device.clone(), progress };
        match event {
            Event::Tick if lost.values().any(|at| now >= *at + LOST_FOR) => {
                Some(self.ended(Outcome::Lost, now, vec![]))
            }
            Event::HangUp { device } if takes_part(device) => {
                Some(self.ended(Outcome::Completed, now, vec![]))
            }
            Event::Lost { device } if takes_part(device) && !lost.contains_key(device) => {
                let mut lost = lost.clone();
                lost.insert(device.clone(), now);
                let other = if device == callee { &self.caller.device } else { callee };
                let still_there = !lost.contains_key(other);
                let effects = still_there.then(|| tell(other, Progress::Reconnecting));
                Some((talking(callee, since, lost), effects.into_iter().collect()))
            }
            Event::Back { device } if lost.contains_key(device) => {
                let mut lost = lost.clone();
                lost.remove(device);
                let effects = if lost.is_empty() {
                    vec![
                        tell(&self.caller.device, Progress::Connected),
                        tell(callee, Progress::Connected),
                    ]
                } else {
                    vec![tell(device, Progress::Reconnecting)]
                };
                Some((talking(callee, since, lost), effects))
            }
            Event::Restart if lost.len() < 2 => {
                let both = [&self.caller.device, callee];
                let at = |device| lost.get(device).copied().unwrap_or(now);
                let lost = both.map(|device| (device.clone(), at(device))).into();
                Some((talking(callee, since, lost), vec![]))
            }
            _ => None,
        }
    }

    fn answered(
        &self,
        device: &DeviceId,
        caller_lost: Option<Time>,
        now: Time,
    ) -> (State, Vec<Effect>) {
        let mut effects = self.hush(Silence::AnsweredElsewhere);
        effects.retain(
            |effect| !matches!(effect, Effect::StopRinging { device: d, .. } if d == device),
        );
        let caller = self.caller.device.clone();
        effects.push(Effect::Accepted { caller: caller.clone(), callee: device.clone() });
        let lost: BTreeMap<_, _> = caller_lost.map(|at| (caller, at)).into_iter().collect();
        if !lost.is_empty() {
            let progress = Progress::Reconnecting;
            effects.push(Effect::Tell { device: device.clone(), progress });
        }
        (talking(device, now, lost), effects)
    }

    fn ended(&self, outcome: Outcome, now: Time, mut effects: Vec<Effect>) -> (State, Vec<Effect>) {
        let (callee, talked) = match &self.state {
            State::Connected { callee, since } => (Some(callee.clone()), now.since(*since)),
            State::Reconnecting { callee, since, lost } => {
                // They talked until the line was lost, not until we gave up.
                let until = lost.values().min().copied().unwrap_or(now);
                (Some(callee.clone()), until.since(*since))
            }
            State::Ringing { .. } | State::Ended { .. } => (None, Duration::ZERO),
        };
        let talked_ms = u64::try_from(talked.as_millis()).unwrap_or(u64::MAX);
        let tell = std::iter::once(&self.caller.device).chain(&callee).cloned().collect();
        let missed = self.counts_as_missed(outcome, callee.as_ref());
        effects.push(Effect::Ended { outcome, talked_ms, tell, missed });
        (State::Ended { outcome, at: now, talked_ms, callee }, effects)
    }

    fn counts_as_missed(&self, outcome: Outcome, callee: Option<&DeviceId>) -> bool {
        callee.is_none() && !self.hidden && outcome.is_missed()
    }

    /// Tells every device that rings to stop. Those whose line is lost too: they may ring on their own.
    fn hush(&self, why: Silence) -> Vec<Effect> {
        let State::Ringing { legs, .. } = &self.state else { return vec![] };
        let rings = legs.iter().filter(|(_, leg)| **leg != Leg::Ignored);
        rings.map(|(device, _)| Effect::StopRinging { device: device.clone(), why }).collect()
    }

    /// When [`Event::Tick`] is due. `None` while people talk and when the call is over.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        match &self.state {
            State::Ringing { until, caller_lost, .. } => {
                Some(caller_lost.map_or(*until, |at| (at + CALLER_LOST_FOR).min(*until)))
            }
            State::Reconnecting { lost, .. } => lost.values().map(|at| *at + LOST_FOR).min(),
            State::Connected { .. } | State::Ended { .. } => None,
        }
    }

    #[must_use]
    pub fn id(&self) -> &CallId {
        &self.id
    }

    /// From 1, rising by one whenever the state changes or an event has effects.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    #[must_use]
    pub fn caller(&self) -> &Party {
        &self.caller
    }

    #[must_use]
    pub fn callee(&self) -> &Callee {
        &self.callee
    }

    /// At how many devices the caller is told that it rings. The same for calls that ring nobody.
    #[must_use]
    pub fn shown_devices(&self) -> usize {
        self.shown_devices
    }

    #[must_use]
    pub fn placed(&self) -> Time {
        self.placed
    }

    /// Whether the callee's household must never hear of this call, in no list and no log.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The state's name in the device protocol.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match &self.state {
            State::Ringing { .. } => "ringing",
            State::Connected { .. } => "connected",
            State::Reconnecting { .. } => "reconnecting",
            State::Ended { .. } => "ended",
        }
    }

    /// The device of the callee that answered.
    #[must_use]
    pub fn answered_by(&self) -> Option<&DeviceId> {
        match &self.state {
            State::Ringing { .. } => None,
            State::Connected { callee, .. } | State::Reconnecting { callee, .. } => Some(callee),
            State::Ended { callee, .. } => callee.as_ref(),
        }
    }

    /// Since when this state holds: for a call being talked on, since it was answered.
    #[must_use]
    pub fn since(&self) -> Time {
        match &self.state {
            State::Ringing { .. } => self.placed,
            State::Connected { since, .. } | State::Reconnecting { since, .. } => *since,
            State::Ended { at, .. } => *at,
        }
    }

    /// How it ended and how long people talked, in milliseconds; `None` while it lives.
    #[must_use]
    pub fn outcome(&self) -> Option<(Outcome, u64)> {
        match &self.state {
            State::Ended { outcome, talked_ms, .. } => Some((*outcome, *talked_ms)),
            State::Ringing { .. } | State::Connected { .. } | State::Reconnecting { .. } => None,
        }
    }

    /// Whether the callee's household finds it as a missed call: over, not answered, not refused by
    /// them, and not hidden from them.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        matches!(&self.state, State::Ended { outcome, callee, .. }
            if self.counts_as_missed(*outcome, callee.as_ref()))
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    /// Whether this call occupies `household`, so that the next caller finds it busy.
    #[must_use]
    pub fn occupies(&self, household: &HouseholdId) -> bool {
        let called = self.callee.household == *household && self.rings_or_talks();
        !self.is_over() && (self.caller.household == *household || called)
    }

    /// A call that rings nobody occupies nobody: do not disturb would otherwise answer "busy".
    fn rings_or_talks(&self) -> bool {
        !matches!(&self.state, State::Ringing { legs, .. } if legs.is_empty())
    }

    /// What `device` does in this call; `None` if it has no part in it (any more).
    #[must_use]
    pub fn part_of(&self, device: &DeviceId) -> Option<Part> {
        let is_caller = *device == self.caller.device;
        match &self.state {
            State::Ringing { .. } if is_caller => Some(Part::Calling),
            State::Ringing { legs, .. } => legs.get(device).map(|leg| match leg {
                Leg::Invited | Leg::Ringing | Leg::Away => Part::Ringing,
                Leg::Ignored => Part::Ignoring,
            }),
            State::Connected { callee, .. } if is_caller || device == callee => Some(Part::Talking),
            State::Reconnecting { callee, .. } if is_caller || device == callee => {
                Some(Part::Reconnecting)
            }
            State::Connected { .. } | State::Reconnecting { .. } | State::Ended { .. } => None,
        }
    }
}

fn talking(callee: &DeviceId, since: Time, lost: BTreeMap<DeviceId, Time>) -> State {
    let callee = callee.clone();
    if lost.is_empty() {
        State::Connected { callee, since }
    } else {
        State::Reconnecting { callee, since, lost }
    }
}

#[cfg(test)]
mod tests;
