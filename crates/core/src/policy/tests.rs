//! Tables of who may reach whom. `households` and `check` stand below the tests.

use super::*;

#[test]
fn both_must_be_each_others_contacts() {
    check("maya", "harbour", |_| {}, Verdict::Ring);
    check("maya", "mill", |_| {}, Verdict::Forbidden(Forbidden::NotTheirContact));
    check("maya", "moor", |_| {}, Verdict::Forbidden(Forbidden::NotYourContact));
    check("maya", "alder", |_| {}, Verdict::Ring);
}

#[test]
fn do_not_disturb_lets_calls_be_missed() {
    let dnd = |dnd| move |settings: &mut Settings| settings.do_not_disturb = Some(dnd);
    check("maya", "harbour", dnd(DoNotDisturb::On), Verdict::Quietly);
    check("maya", "harbour", dnd(DoNotDisturb::Until(Time::from_ms(NOW_MS + 1))), Verdict::Quietly);
    check("maya", "harbour", dnd(DoNotDisturb::Until(Time::from_ms(NOW_MS))), Verdict::Ring);
    check("maya", "alder", dnd(DoNotDisturb::On), Verdict::Ring);
}

#[test]
fn quiet_hours_are_the_callees() {
    let hours = |hours: &'static str| {
        move |settings: &mut Settings| {
            settings.quiet_hours = Some(hours.parse().expect("hours"));
        }
    };
    check("maya", "harbour", hours("22:00-07:00"), Verdict::Quietly);
    check("maya", "harbour", hours("12:00-13:00"), Verdict::Ring);
}

#[test]
fn favourites_get_through_where_it_is_wished() {
    let quiet = |wished: bool, favourite: &'static str| {
        move |settings: &mut Settings| {
            settings.do_not_disturb = Some(DoNotDisturb::On);
            settings.favourites = [contact(favourite)].into();
            settings.favourites_get_through = wished;
        }
    };
    check("maya", "harbour", quiet(false, "c-maya"), Verdict::Quietly);
    check("maya", "harbour", quiet(true, "c-maya"), Verdict::Ring);
    check("tom", "harbour", quiet(true, "c-maya"), Verdict::Quietly);
    check("tom", "harbour", quiet(true, "c-alder"), Verdict::Ring);
    check("", "harbour", quiet(true, "c-maya"), Verdict::Quietly);
}

#[test]
fn the_blocked_do_not_get_through() {
    let block = |who: &'static str| {
        move |settings: &mut Settings| {
            settings.blocked_contacts = [contact(who)].into();
        }
    };
    check("maya", "harbour", block("c-maya"), Verdict::Blocked);
    check("tom", "harbour", block("c-maya"), Verdict::Ring);
    check("", "harbour", block("c-maya"), Verdict::Blocked);
    check("tom", "harbour", block("c-alder"), Verdict::Blocked);
    check("maya", "harbour", block("c-theo"), Verdict::Ring);
    check("maya", "harbour", block("nobody-any-more"), Verdict::Ring);

    let household = |settings: &mut Settings| {
        settings.blocked_households = ["alder".parse().expect("an id")].into();
    };
    check("maya", "harbour", household, Verdict::Blocked);
    // Nor do they learn that they are no contact, or that it is quiet.
    check("maya", "mill", household, Verdict::Blocked);
    let both = |settings: &mut Settings| {
        household(settings);
        settings.do_not_disturb = Some(DoNotDisturb::On);
    };
    check("maya", "harbour", both, Verdict::Blocked);
}

#[test]
fn a_message_arrives_although_it_is_quiet() {
    let may = |to: &str, settings: &Settings| {
        let homes = households();
        may_message(&homes[0], None, home(&homes, to), settings)
    };
    let quiet = Settings { do_not_disturb: Some(DoNotDisturb::On), ..Settings::default() };
    assert_eq!(may("harbour", &quiet), MessageVerdict::Deliver);
    assert_eq!(may("alder", &quiet), MessageVerdict::Deliver);
    assert_eq!(may("mill", &quiet), MessageVerdict::Forbidden(Forbidden::NotTheirContact));
    let blocked_households = ["alder".parse().expect("an id")].into();
    let blocking = Settings { blocked_households, ..Settings::default() };
    assert_eq!(may("harbour", &blocking), MessageVerdict::Withhold);
}

#[test]
fn drop_in_needs_a_grant() {
    let may = |person: &str, settings: &Settings| {
        let homes = households();
        let person: Option<PersonId> = person.parse().ok();
        may_drop_in(&homes[0], person.as_ref(), home(&homes, "harbour"), settings, moment())
    };
    assert_eq!(may("maya", &Settings::default()), DropIn::NotGranted);
    let mut settings = Settings { drop_in: [contact("c-maya")].into(), ..Settings::default() };
    assert_eq!(may("maya", &settings), DropIn::Granted);
    assert_eq!(may("tom", &settings), DropIn::NotGranted);
    assert_eq!(may("", &settings), DropIn::NotGranted);
    settings.do_not_disturb = Some(DoNotDisturb::On);
    assert_eq!(may("maya", &settings), DropIn::Quiet);
    settings.blocked_contacts = [contact("c-maya")].into();
    assert_eq!(may("maya", &settings), DropIn::NotGranted);
}

#[test]
fn a_verdict_says_how_to_place_the_call() {
    let devices: BTreeSet<DeviceId> = ["hall".parse().expect("an id")].into();
    let check =
        |verdict: Verdict, busy, reach| assert_eq!(verdict.reach(devices.clone(), busy), reach);
    check(Verdict::Ring, false, Reach::Ring(devices.clone()));
    check(Verdict::Ring, true, Reach::Busy);
    check(Verdict::Quietly, true, Reach::Quietly(devices.clone()));
    check(Verdict::Blocked, true, Reach::Blocked(devices.clone()));
    check(Verdict::Forbidden(Forbidden::NotTheirContact), true, Reach::Forbidden);
}

#[test]
fn settings_survive_saving_and_older_files() {
    let settings = Settings {
        blocked_contacts: [contact("c-theo")].into(),
        do_not_disturb: Some(DoNotDisturb::Until(Time::from_ms(5))),
        quiet_hours: Some("22:00-07:00".parse().expect("hours")),
        ..Settings::default()
    };
    let json = serde_json::to_string(&settings).expect("settings are plain data");
    assert_eq!(serde_json::from_str::<Settings>(&json).expect("its own output"), settings);
    assert_eq!(serde_json::from_str::<Settings>("{}").expect("defaults"), Settings::default());
    let newer = r#"{"later":1,"do_not_disturb":"on"}"#;
    let newer: Settings = serde_json::from_str(newer).expect("unknown fields are ignored");
    assert_eq!(newer.do_not_disturb, Some(DoNotDisturb::On));
}

const NOW_MS: u64 = 1_790_000_000_000;

fn moment() -> Moment {
    let local = "23:30".parse().expect("a time");
    Moment { now: Time::from_ms(NOW_MS), local }
}

fn contact(id: &str) -> ContactId {
    id.parse().expect("an id")
}

/// Alder and Harbour know each other; Mill does not know Alder; Alder does not know Moor.
fn households() -> Vec<Household> {
    [
        r#"{"household":{"id":"alder","name":"Alder"},
            "people":[{"id":"maya","name":"Maya"},{"id":"tom","name":"Tom"}],
            "contacts":[{"id":"c-ines","name":"Grandma","person":"ines"},
                        {"id":"c-mill","name":"Mill","household":"mill"}]}"#,
        r#"{"household":{"id":"harbour","name":"Harbour"},
            "people":[{"id":"ines","name":"Ines"}],
            "contacts":[{"id":"c-maya","name":"Maya","person":"maya","household":"alder"},
                        {"id":"c-alder","name":"Alder","household":"alder"},
                        {"id":"c-theo","name":"Theo"}]}"#,
        r#"{"household":{"id":"mill","name":"Mill"}}"#,
        r#"{"household":{"id":"moor","name":"Moor"},
            "contacts":[{"id":"c-alder","name":"Alder","household":"alder"}]}"#,
    ]
    .map(|json| Household::read(json).expect("a household"))
    .into()
}

fn home<'a>(homes: &'a [Household], id: &str) -> &'a Household {
    homes.iter().find(|home| home.id.as_str() == id).expect("one of ours")
}

/// `person` of Alder (or a voice that was not recognised) calls `to`, which has these settings.
fn check(person: &str, to: &str, set: impl Fn(&mut Settings), verdict: Verdict) {
    let homes = households();
    let mut settings = Settings::default();
    set(&mut settings);
    let person_id: Option<PersonId> = person.parse().ok();
    let said = may_call(&homes[0], person_id.as_ref(), home(&homes, to), &settings, moment());
    assert_eq!(said, verdict, "{person:?} calls {to}");
}
