//! Scripts, tables and properties of the call machine. `place`, `apply` and `script` stand below the tests.

use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

// Rows of the edge-case table for calls, and where each is tested. What needs media, telephones,
// several servers or voicemail comes with them:
//
// | case                  | test                                                      |
// |-----------------------|-----------------------------------------------------------|
// | idempotency           | a_repeated_event_changes_nothing                          |
// | glare                 | two_who_call_each_other_are_connected (renegotiation: with media) |
// | two devices answer    | the_first_device_to_answer_wins_and_the_others_fall_silent |
// | cancel against answer | cancel_and_answer_cross                                   |
// | forking               | a_busy_device_stops_alone_a_person_declines_for_all       |
// | early media           | with media                                                |
// | no answer             | nobody_answers (voicemail: with recording)                |
// | busy, DND, blocked    | busy_quiet_and_blocked (call waiting: later)              |
// | network drop          | a_lost_line_is_waited_for                                 |
// | server restart        | a_restart_sweeps_what_nobody_comes_back_to                |
// | SIP retransmit        | with telephones                                           |
// | hold, transfer        | later                                                     |
// | drop-in               | policy: drop_in_needs_a_grant                             |
// | identity              | with telephones                                           |
// | abuse                 | policy: a_caller_who_rings_and_rings_must_wait            |
// | emergency             | policy: emergency_words                                   |
// | privacy               | the_blocked_see_what_anyone_sees (media state: with media) |
// | voice                 | with media                                                |

#[test]
fn the_first_device_to_answer_wins_and_the_others_fall_silent() {
    assert_snapshot!(script("+1s ringing kitchen; +2s answer kitchen; +1s answer hall; +90s hangup caller"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     1s  -
     3s  stop hall (answered_elsewhere), accept caller-kitchen
     4s  -
    94s  end completed 91s, tell caller and kitchen
    ");
}

#[test]
fn nobody_answers() {
    assert_snapshot!(script("+29s tick; +1s tick; +1s answer hall"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
    29s  -
    30s  stop hall (no_answer), stop kitchen (no_answer), end no_answer 0s, tell caller, missed
    31s  -
    ");
}

#[test]
fn an_answer_after_the_deadline_is_too_late_even_if_the_timer_was_slow() {
    assert_snapshot!(script("+31s answer hall"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
    31s  stop hall (no_answer), stop kitchen (no_answer), end no_answer 0s, tell caller, missed
    ");
}

#[test]
fn a_busy_device_stops_alone_a_person_declines_for_all() {
    assert_snapshot!(script("+1s inuse hall; +1s decline kitchen"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  stop hall (in_use)
    2s  stop kitchen (declined), end declined 0s, tell caller
    ");
    assert_snapshot!(script("+1s inuse hall; +1s inuse kitchen"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  stop hall (in_use)
    2s  stop kitchen (busy), end busy 0s, tell caller, missed
    ");
}

#[test]
fn an_ignored_device_is_quiet_and_may_still_answer() {
    assert_snapshot!(script("+1s ignore hall; +1s ignore hall; +1s answer hall; +1s hangup hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  stop hall (ignored)
    2s  -
    3s  stop kitchen (answered_elsewhere), accept caller-hall
    4s  end completed 1s, tell caller and hall
    ");
    assert_snapshot!(script("+1s ignore hall; +1s ignore kitchen; +28s tick"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     1s  stop hall (ignored)
     2s  stop kitchen (ignored)
    30s  end no_answer 0s, tell caller, missed
    ");
}

#[test]
fn cancel_and_answer_cross() {
    assert_snapshot!(script("+2s hangup caller; +0s answer hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    2s  stop hall (cancelled), stop kitchen (cancelled), end cancelled 0s, tell caller, missed
    2s  -
    ");
    assert_snapshot!(script("+2s answer hall; +0s hangup caller; +1s hangup hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    2s  stop kitchen (answered_elsewhere), accept caller-hall
    2s  end completed 0s, tell caller and hall
    3s  -
    ");
}

#[test]
fn a_repeated_event_changes_nothing() {
    assert_snapshot!(
        script("+1s ringing hall; ringing hall; answer hall; answer hall; hangup hall; hangup hall"),
        @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  -
    1s  -
    1s  stop kitchen (answered_elsewhere), accept caller-hall
    1s  -
    1s  end completed 0s, tell caller and hall
    1s  -
    "
    );
}

#[test]
fn a_stranger_to_the_call_changes_nothing() {
    assert_snapshot!(
        script("+1s answer attic; hangup attic; lost attic; answer caller; answer hall; decline kitchen; hangup kitchen"),
        @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  -
    1s  -
    1s  -
    1s  -
    1s  stop kitchen (answered_elsewhere), accept caller-hall
    1s  -
    1s  -
    "
    );
}

#[test]
fn a_lost_line_is_waited_for() {
    // Back in time, and the talk goes on.
    assert_snapshot!(script("answer hall; +60s lost hall; +29s back hall; +31s hangup caller"), @r"
      0s  ring hall, ring kitchen, tell caller Ringing
      0s  stop kitchen (answered_elsewhere), accept caller-hall
     60s  tell caller Reconnecting
     89s  tell caller Connected, tell hall Connected
    120s  end completed 120s, tell caller and hall
    ");
    // Not back in time: they talked until the line broke.
    assert_snapshot!(script("answer hall; +60s lost caller; +30s tick; back caller"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     0s  stop kitchen (answered_elsewhere), accept caller-hall
    60s  tell hall Reconnecting
    90s  end lost 60s, tell caller and hall
    90s  -
    ");
    // Both lost, one back: the other's time runs on.
    assert_snapshot!(
        script("answer hall; +10s lost caller; +20s lost hall; +5s back caller; +24s tick; +1s tick"),
        @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     0s  stop kitchen (answered_elsewhere), accept caller-hall
    10s  tell hall Reconnecting
    30s  -
    35s  tell caller Reconnecting
    59s  -
    60s  end lost 30s, tell caller and hall
    "
    );
}

#[test]
fn a_device_that_reloads_while_it_rings_rings_again() {
    assert_snapshot!(script("+1s lost hall; +2s back hall; +1s answer hall; hangup hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    1s  -
    3s  ring hall
    4s  stop kitchen (answered_elsewhere), accept caller-hall
    4s  end completed 0s, tell caller and hall
    ");
    assert_snapshot!(script("+1s lost hall; +1s lost kitchen; +28s tick"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     1s  -
     2s  -
    30s  stop hall (unreachable), stop kitchen (unreachable), end unreachable 0s, tell caller, missed
    ");
}

#[test]
fn a_caller_who_vanishes_is_not_rung_for_long() {
    assert_snapshot!(script("+5s lost caller; +10s tick"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     5s  -
    15s  stop hall (lost), stop kitchen (lost), end lost 0s, tell caller, missed
    ");
    assert_snapshot!(script("+5s lost caller; +9s back caller; +16s tick"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     5s  -
    14s  -
    30s  stop hall (no_answer), stop kitchen (no_answer), end no_answer 0s, tell caller, missed
    ");
    assert_snapshot!(script("+5s lost caller; +3s answer hall; +1s back caller; hangup hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    5s  -
    8s  stop kitchen (answered_elsewhere), accept caller-hall, tell hall Reconnecting
    9s  tell caller Connected, tell hall Connected
    9s  end completed 1s, tell caller and hall
    ");
}

#[test]
fn a_restart_sweeps_what_nobody_comes_back_to() {
    assert_snapshot!(script("answer hall; +60s restart; +1s restart; +1s back hall; +1s back caller; hangup hall"), @r"
     0s  ring hall, ring kitchen, tell caller Ringing
     0s  stop kitchen (answered_elsewhere), accept caller-hall
    60s  -
    61s  -
    62s  tell hall Reconnecting
    63s  tell caller Connected, tell hall Connected
    63s  end completed 63s, tell caller and hall
    ");
    assert_snapshot!(script("answer hall; +60s restart; +600s back hall"), @r"
      0s  ring hall, ring kitchen, tell caller Ringing
      0s  stop kitchen (answered_elsewhere), accept caller-hall
     60s  -
    660s  end lost 60s, tell caller and hall
    ");
    assert_snapshot!(script("+5s restart; +600s back hall"), @r"
      0s  ring hall, ring kitchen, tell caller Ringing
      5s  -
    605s  stop hall (unreachable), stop kitchen (unreachable), end unreachable 0s, tell caller, missed
    ");
    assert_snapshot!(script("+5s restart; +1s back hall; +1s back caller; +1s answer hall; hangup hall"), @r"
    0s  ring hall, ring kitchen, tell caller Ringing
    5s  -
    6s  ring hall
    7s  -
    8s  stop kitchen (answered_elsewhere), accept caller-hall
    8s  end completed 0s, tell caller and hall
    ");
}

#[test]
fn busy_quiet_and_blocked() {
    let devices = || ["hall", "kitchen"].into_iter().map(device).collect::<BTreeSet<_>>();
    assert_snapshot!(script_with(Reach::Busy, ""), @"   0s  end busy 0s, tell caller, missed");
    assert_snapshot!(script_with(Reach::Forbidden, ""), @"   0s  end forbidden 0s, tell caller");
    assert_snapshot!(script_with(Reach::Ring(BTreeSet::new()), ""), @"   0s  end unreachable 0s, tell caller, missed");
    assert_snapshot!(script_with(Reach::Quietly(devices()), "+30s tick"), @r"
     0s  tell caller Ringing
    30s  end no_answer 0s, tell caller, missed
    ");
    assert_snapshot!(script_with(Reach::Blocked(devices()), "+3s answer hall; +27s tick"), @r"
     0s  tell caller Ringing
     3s  -
    30s  end no_answer 0s, tell caller
    ");
}

#[test]
fn the_blocked_see_what_anyone_sees() {
    let devices = || ["hall", "kitchen"].into_iter().map(device).collect::<BTreeSet<_>>();
    let seen = |reach| {
        let (mut call, mut effects) = place("a", reach);
        let during = (call.version(), call.state(), call.since(), call.deadline());
        let shown = call.shown_devices();
        effects.extend(call.on(&Event::Ringing { device: device("hall") }, Time::from_ms(20)));
        effects.extend(call.on(&Event::Tick, Time::default() + RING_FOR));
        effects.retain(|effect| match effect {
            Effect::Tell { .. } | Effect::Accepted { .. } => true,
            Effect::Ring { .. } | Effect::StopRinging { .. } => false,
            Effect::Ended { .. } => true,
        });
        for effect in &mut effects {
            if let Effect::Ended { missed, .. } = effect {
                *missed = false; // what the other household is told
            }
        }
        (during, shown, effects, call.version(), call.state(), call.since(), call.outcome())
    };
    let anyone = seen(Reach::Ring(devices()));
    assert_eq!(seen(Reach::Blocked(devices())), anyone);
    assert_eq!(seen(Reach::Quietly(devices())), anyone);
}

#[test]
fn a_call_that_rings_nobody_keeps_nobody_busy() {
    let callee: HouseholdId = "harbour".parse().expect("an id");
    let occupied = |reach| place("a", reach).0.occupies(&callee);
    assert!(occupied(Reach::Ring([device("hall")].into())));
    assert!(!occupied(Reach::Blocked([device("hall")].into())));
    assert!(!occupied(Reach::Busy));
}

#[test]
fn two_who_call_each_other_are_connected() {
    let ring = |id, from: &str, to: &str, rings: &str| {
        let caller = Party {
            household: from.parse().expect("an id"),
            device: device(&format!("{from}-page")),
            person: None,
            name: from.to_owned(),
        };
        let callee = Callee { household: to.parse().expect("an id"), name: to.to_owned() };
        let reach = Reach::Ring([device(rings)].into());
        Call::place(Place { id: call_id(id), caller, callee, reach }, Time::default()).0
    };
    let mut first = ring("1", "alder", "harbour", "harbour-page");
    let mut second = ring("2", "harbour", "alder", "alder-page");
    let glare_ = glare(&second, &first).expect("they cross");
    assert_eq!(glare(&first, &second).as_ref(), Some(&glare_), "both sides agree");
    assert_eq!(glare_.survivor, *first.id());
    let (alder, harbour) = (&first.caller().household, &first.callee().household);
    assert!(first.crosses(harbour, alder) && !first.crosses(alder, harbour));

    let now = Time::from_ms(5);
    let (mut said, mut replaced) = (vec![], vec![]);
    said.extend(first.on(&Event::Met { device: glare_.device }, now));
    replaced.extend(second.on(&Event::Replaced, now));
    assert_snapshot!(line(&said), @"accept alder-page-harbour-page");
    assert_snapshot!(line(&replaced), @"stop alder-page (replaced), end replaced 0s, tell harbour-page");
    assert_eq!(glare(&first, &second), None, "decided once");
    assert!(!first.crosses(&first.callee().household, &first.caller().household), "connected");
    assert_eq!(glare(&ring("1", "a", "b", "d"), &ring("2", "a", "b", "d")), None, "same direction");
    assert_eq!(glare(&ring("1", "a", "b", "d"), &ring("2", "b", "c", "d")), None, "other people");
}

#[test]
fn what_a_device_does_in_a_call() {
    let check = |events: &str, who: &str, part: Option<Part>| {
        let (mut call, _) = place("a", Reach::Ring([device("hall"), device("kitchen")].into()));
        let mut now = Time::default();
        for (at, event) in parse(events) {
            now = now + at;
            let _ = call.on(&event, now);
        }
        assert_eq!(call.part_of(&device(who)), part, "{events}: {who}");
    };
    check("", "caller", Some(Part::Calling));
    check("", "hall", Some(Part::Ringing));
    check("", "attic", None);
    check("ignore hall", "hall", Some(Part::Ignoring));
    check("answer hall", "hall", Some(Part::Talking));
    check("answer hall", "kitchen", None);
    check("answer hall; lost caller", "hall", Some(Part::Reconnecting));
    check("answer hall; hangup hall", "hall", None);
}

#[test]
fn a_call_within_a_household_does_not_ring_where_it_was_made() {
    let (_, effects) = place("a", Reach::Ring([device("caller"), device("hall")].into()));
    assert_snapshot!(line(&effects), @"ring hall, tell caller Ringing");
}

/// As a server does: save, restart, load, before every event.
fn reload(call: &Call) -> Call {
    let json = serde_json::to_string(call).expect("a call is plain data");
    let loaded = serde_json::from_str(&json).expect("its own output");
    assert_eq!(call, &loaded, "{json}");
    loaded
}

proptest! {
    /// Whatever happens, in whatever order, however late and however often.
    #[test]
    fn a_call_keeps_its_promises(
        reach in any_reach(),
        events in vec((any_event(), 0..40_000_u64, 1..3_usize), 0..40),
    ) {
        let (call, effects) = place("a", reach);
        let mut call = reload(&call);
        let mut watch = Watch::default();
        watch.see(&call, &effects);
        let mut now = Time::default();
        for (event, pause_ms, times) in events {
            now = now + Duration::from_millis(pause_ms);
            for _ in 0..times {
                let before = call.clone();
                let effects = call.on(&event, now);
                let told = !effects.is_empty() || call.state() != before.state();
                prop_assert_eq!(call.version(), before.version() + u64::from(told));
                prop_assert!(effects.is_empty() || call != before, "effects without a change");
                watch.see(&call, &effects);
                call = reload(&call);
            }
        }
        // However it stood, it ends: by its deadline, or when somebody hangs up.
        while let Some(due) = call.deadline() {
            now = due;
            let effects = call.on(&Event::Tick, now);
            watch.see(&call, &effects);
        }
        let effects = call.on(&Event::HangUp { device: device("caller") }, now);
        watch.see(&call, &effects);
        prop_assert!(call.is_over());
        prop_assert_eq!(watch.ended, 1);
        prop_assert!(watch.ringing.is_empty(), "still ringing: {:?}", watch.ringing);
    }

    /// Clocks may jump back; the call stays whole.
    #[test]
    fn time_may_go_backwards(events in vec((any_event(), 0..100_000_u64), 0..40)) {
        let (mut call, effects) = place("a", Reach::Ring([device("hall"), device("kitchen")].into()));
        let mut watch = Watch::default();
        watch.see(&call, &effects);
        for (event, at) in events {
            let effects = call.on(&event, Time::from_ms(at));
            watch.see(&call, &effects);
        }
    }
}

/// What an outsider who sees only the effects knows, and what must hold for them.
#[derive(Default)]
struct Watch {
    ringing: BTreeSet<DeviceId>,
    answered: Option<DeviceId>,
    ended: usize,
}

impl Watch {
    fn see(&mut self, call: &Call, effects: &[Effect]) {
        for effect in effects {
            assert_eq!(self.ended, 0, "{effect:?} after the end");
            match effect {
                Effect::Ring { device } => {
                    assert!(!call.is_hidden() && self.answered.is_none());
                    self.ringing.insert(device.clone());
                }
                Effect::StopRinging { device, .. } => {
                    assert!(self.ringing.remove(device), "{device} did not ring");
                }
                Effect::Accepted { callee, caller } => {
                    assert_eq!(self.answered.replace(callee.clone()), None, "two answered");
                    assert_ne!(callee, caller);
                    self.ringing.remove(callee);
                    assert!(self.ringing.is_empty(), "others ring while one talks");
                }
                Effect::Tell { device, .. } => assert!(call.part_of(device).is_some()),
                Effect::Ended { tell, missed, talked_ms, .. } => {
                    self.ended += 1;
                    assert!(self.ringing.is_empty(), "ended while ringing");
                    assert_eq!(tell.len(), 1 + usize::from(self.answered.is_some()));
                    assert!(!(*missed && (call.is_hidden() || self.answered.is_some())));
                    assert!(*talked_ms == 0 || self.answered.is_some());
                    assert_eq!(call.is_missed(), *missed);
                }
            }
        }
        assert_eq!(call.is_over(), self.ended == 1);
        assert_eq!(call.answered_by(), self.answered.as_ref());
        let waits = matches!(call.state(), "ringing" | "reconnecting");
        assert_eq!(call.deadline().is_some(), waits, "{}", call.state());
    }
}

fn any_reach() -> impl Strategy<Value = Reach> {
    let devices = || {
        prop::collection::btree_set(
            prop::sample::select(vec!["caller", "hall", "kitchen", "den"]),
            0..4,
        )
        .prop_map(|names| names.into_iter().map(device).collect::<BTreeSet<_>>())
    };
    prop_oneof![
        6 => devices().prop_map(Reach::Ring),
        1 => devices().prop_map(Reach::Quietly),
        1 => devices().prop_map(Reach::Blocked),
        1 => Just(Reach::Busy),
        1 => Just(Reach::Forbidden),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let who =
        prop::sample::select(vec!["caller", "hall", "kitchen", "den", "attic"]).prop_map(device);
    (0..12_u8, who).prop_map(|(kind, device)| match kind {
        0 => Event::Ringing { device },
        1 => Event::Answer { device },
        2 => Event::Decline { device },
        3 => Event::Ignore { device },
        4 => Event::InUse { device },
        5 => Event::HangUp { device },
        6 => Event::Lost { device },
        7 => Event::Back { device },
        8 => Event::Restart,
        9 => Event::Met { device },
        10 => Event::Replaced,
        _ => Event::Tick,
    })
}

fn device(name: &str) -> DeviceId {
    name.parse().expect("an id")
}

fn call_id(name: &str) -> CallId {
    name.parse().expect("an id")
}

fn place(id: &str, reach: Reach) -> (Call, Vec<Effect>) {
    let caller = Party {
        household: "alder".parse().expect("an id"),
        device: device("caller"),
        person: None,
        name: "Maya".into(),
    };
    let callee = Callee { household: "harbour".parse().expect("an id"), name: "Grandma".into() };
    Call::place(Place { id: call_id(id), caller, callee, reach }, Time::default())
}

/// Rings hall and kitchen, plays the events, and writes a line for each: the time and the effects.
fn script(events: &str) -> String {
    script_with(Reach::Ring([device("hall"), device("kitchen")].into()), events)
}

fn script_with(reach: Reach, events: &str) -> String {
    let (mut call, effects) = place("a", reach);
    let mut now = Time::default();
    let mut lines = vec![format!("{:>4}s  {}", 0, line(&effects))];
    for (after, event) in parse(events) {
        now = now + after;
        call = reload(&call);
        let effects = call.on(&event, now);
        lines.push(format!("{:>4}s  {}", now.as_ms() / 1000, line(&effects)));
    }
    lines.join("\n")
}

/// "+3s answer hall; hangup hall": an optional pause, a verb, a device.
fn parse(events: &str) -> Vec<(Duration, Event)> {
    let events = events.split(';').map(str::trim).filter(|event| !event.is_empty());
    events
        .map(|event| {
            let mut words = event.split_whitespace().peekable();
            let pause = words.next_if(|word| word.starts_with('+')).map_or(0, |word| {
                word.trim_matches(['+', 's']).parse().expect("a pause in seconds")
            });
            let verb = words.next().expect("a verb");
            let device = device(words.next().unwrap_or("nobody"));
            let event = match verb {
                "ringing" => Event::Ringing { device },
                "answer" => Event::Answer { device },
                "decline" => Event::Decline { device },
                "ignore" => Event::Ignore { device },
                "inuse" => Event::InUse { device },
                "hangup" => Event::HangUp { device },
                "lost" => Event::Lost { device },
                "back" => Event::Back { device },
                "restart" => Event::Restart,
                "tick" => Event::Tick,
                other => panic!("no such event: {other}"),
            };
            (Duration::from_secs(pause), event)
        })
        .collect()
}

fn line(effects: &[Effect]) -> String {
    let words = effects.iter().map(|effect| match effect {
        Effect::Ring { device } => format!("ring {device}"),
        Effect::StopRinging { device, why } => format!("stop {device} ({})", why.as_str()),
        Effect::Tell { device, progress } => format!("tell {device} {progress:?}"),
        Effect::Accepted { caller, callee } => format!("accept {caller}-{callee}"),
        Effect::Ended { outcome, talked_ms, tell, missed } => {
            let tell: Vec<&str> = tell.iter().map(DeviceId::as_str).collect();
            let missed = if *missed { ", missed" } else { "" };
            let (outcome, talked) = (outcome.as_str(), talked_ms / 1000);
            format!("end {outcome} {talked}s, tell {}{missed}", tell.join(" and "))
        }
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "-".into() } else { words.join(", ") }
}
