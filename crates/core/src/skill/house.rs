//! What concerns the house itself: announcements and quiet.

use std::time::Duration;

use super::question::Pending;
use super::{Facts, Outcome};
use crate::effect::{Change, Effect, Refused};
use crate::policy::DoNotDisturb;
use crate::policy::hours::MinuteOfDay;
use crate::say::{Key, Say};
use crate::understanding::{Slot, Slots};

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest quiet that can be asked for: beyond a month somebody misspoke.
const LONGEST_QUIET: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// "Announce dinner is ready": said aloud by the other speakers of the house, or of one room.
pub(super) fn announce(
    facts: &Facts<'_>,
    room: Option<&Slot>,
    message: Option<&str>,
    slots: &Slots,
) -> Outcome {
    let Some(text) = message else {
        let pending = Pending::slot("AnnounceIntent", "message", slots);
        return Outcome::ask(facts, &Say::new(Key::AnnounceWhat), pending);
    };
    let room_id = room.and_then(|room| room.id.as_deref());
    let known = room_id.and_then(|id| facts.home.rooms.iter().find(|room| room.id.as_str() == id));
    if let (Some(room), None) = (room, known) {
        let say = Say::new(Key::CallRoomUnknown).with("name", &room.value);
        return Outcome::refuse(facts, Refused::Unknown, &say);
    }
    let listening = facts.home.devices.iter().filter(|device| {
        device.id != facts.speaker.device
            && facts.online.contains(&device.id)
            && known.is_none_or(|room| device.room.as_ref() == Some(&room.id))
    });
    let devices: std::collections::BTreeSet<_> =
        listening.map(|device| device.id.clone()).collect();
    if devices.is_empty() {
        return Outcome::refuse(facts, Refused::Unreachable, &Say::new(Key::AnnounceNobody));
    }
    let announce = Effect::Announce { devices, from: facts.own_name(), text: text.to_owned() };
    Outcome::say(facts, &Say::new(Key::AnnounceDone)).effect(announce)
}

/// Do not disturb for a while, or until a time of day; without either, until it is switched off.
pub(super) fn quiet_for(
    facts: &Facts<'_>,
    duration: Option<&Slot>,
    time: Option<&Slot>,
) -> Outcome {
    let (until, say) = match (duration, time) {
        (None, None) => return quiet(facts, true),
        (Some(slot), _) => (
            span(slot).map(|span| facts.moment.now + span),
            Say::new(Key::QuietFor).with("span", &slot.value),
        ),
        (None, Some(slot)) => {
            let at = slot.id.as_deref().and_then(|id| id.parse::<MinuteOfDay>().ok());
            let until = at.map(|at| facts.moment.now + time_until(facts, slot, at));
            (until, Say::new(Key::QuietUntil).with("time", &slot.value))
        }
    };
    let Some(until) = until else {
        return Outcome::invite(facts, &Say::new(Key::QuietHowLong));
    };
    let mut settings = facts.own_settings();
    settings.do_not_disturb = Some(DoNotDisturb::Until(until));
    Outcome::say(facts, &say).change(Change::Settings(Box::new(settings)))
}

/// How long it is until a time of day: of tomorrow, if that was said, else its next.
fn time_until(facts: &Facts<'_>, slot: &Slot, at: MinuteOfDay) -> Duration {
    let here = facts.moment.local;
    if slot.value.to_lowercase().contains("tomorrow") && at > here {
        return here.until(at) + A_DAY;
    }
    here.until(at)
}

/// The duration that a slot holds in ISO 8601 form.
fn span(slot: &Slot) -> Option<Duration> {
    let span: jiff::Span = slot.id.as_deref()?.parse().ok()?;
    // Whole days have 24 hours here: nobody asks for quiet across a change of clocks to the minute.
    let total = span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok()?;
    (total >= 1.0 && total <= LONGEST_QUIET.as_secs_f64()).then(|| Duration::from_secs_f64(total))
}

/// Do not disturb, for the whole household, until it is switched off.
pub(super) fn quiet(facts: &Facts<'_>, on: bool) -> Outcome {
    let mut settings = facts.own_settings();
    let was_quiet = settings.is_quiet(facts.moment);
    settings.do_not_disturb = on.then_some(DoNotDisturb::On);
    let key = match (on, was_quiet) {
        (true, _) => Key::QuietOn,
        (false, true) => Key::QuietOff,
        (false, false) => Key::QuietAlreadyOff,
    };
    Outcome::say(facts, &Say::new(key)).change(Change::Settings(Box::new(settings)))
}
