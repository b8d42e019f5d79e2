//! What the wire really does, by hand: one sample per trap.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const AT: &str = "2026-01-01T00:00:00Z";

fn parse(envelope: &Value) -> Result<Envelope, Unreadable> {
    Envelope::parse(envelope.to_string().as_bytes())
}

fn request(kind: &str, fields: Value) -> Request {
    let mut request = json!({"type": kind, "requestId": "r", "timestamp": AT});
    if let (Some(request), Value::Object(fields)) = (request.as_object_mut(), fields) {
        request.extend(fields);
    }
    parse(&json!({"version": "1.0", "context": {}, "request": request})).unwrap().request
}

fn intent(slots: &Value) -> IntentRequest {
    let fields = json!({"intent": {"name": "CallContactIntent", "confirmationStatus": "NONE", "slots": slots}});
    let Request::Intent(intent) = request("IntentRequest", fields) else {
        panic!("an intent is an intent")
    };
    intent
}

/// What a slot was filled with, as `value=id`.
fn filled(slot: Value) -> Vec<String> {
    let intent = intent(&json!({"s": slot}));
    let filled = intent.intent.slots["s"].filled();
    let id = |entity: Option<&Entity>| {
        entity.map(|entity| entity.id.clone().unwrap_or(entity.name.clone()))
    };
    filled
        .into_iter()
        .map(|(value, entity)| format!("{value}={}", id(entity).unwrap_or_default()))
        .collect()
}

#[test]
fn slots_are_filled_in_many_ways() {
    let matched = |authority: &str, id: &str| {
        json!({"authority": authority, "status": {"code": "ER_SUCCESS_MATCH"},
               "values": [{"value": {"name": "Grandma", "id": id}}, {"value": {"name": "B", "id": "b"}}]})
    };
    let stat = "amzn1.er-authority.echo-sdk.amzn1.ask.skill.x.CONTACT";
    let dynamic = "amzn1.er-authority.echo-sdk.dynamic.amzn1.ask.skill.x.CONTACT";
    let no_match = json!({"authority": stat, "status": {"code": "ER_SUCCESS_NO_MATCH"}});
    let with = |authorities: Value| {
        json!({"name": "s", "value": "gran", "confirmationStatus": "NONE",
               "resolutions": {"resolutionsPerAuthority": authorities}})
    };
    for (slot, expected) in [
        (json!({"name": "s", "confirmationStatus": "NONE"}), vec![]),
        (json!({"name": "s", "value": null, "resolutions": null, "slotValue": null}), vec![]),
        (json!({"name": "s", "value": ""}), vec![]),
        (json!({"name": "s", "value": "gran"}), vec!["gran="]),
        (with(json!([no_match])), vec!["gran="]),
        (with(json!([])), vec!["gran="]),
        (with(Value::Null), vec!["gran="]),
        (with(json!([matched(stat, "g1")])), vec!["gran=g1"]),
        (with(json!([no_match, matched(dynamic, "g2")])), vec!["gran=g2"]),
        (with(json!([matched(stat, "g1"), matched(dynamic, "g2")])), vec!["gran=g2"]),
        (with(json!([{"authority": stat, "status": {"code": "ER_ERROR_TIMEOUT"}}])), vec!["gran="]),
        (
            with(json!([{"authority": stat, "status": {"code": "ER_NEW_CODE"}, "values": []}])),
            vec!["gran="],
        ),
        (
            with(
                json!([{"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": "Anna"}}]}]),
            ),
            vec!["gran=Anna"],
        ),
        (json!({"name": "s", "slotValue": {"type": "Simple", "value": "gran"}}), vec!["gran="]),
        (json!({"name": "s", "slotValue": {"type": "Simple"}}), vec![]),
        (
            json!({"name": "s", "slotValue": {"type": "List", "values": [
                {"type": "Simple", "value": "anna"},
                {"type": "Simple", "value": "tom", "resolutions": {"resolutionsPerAuthority": [matched(stat, "t")]}}]}}),
            vec!["anna=", "tom=t"],
        ),
        (json!({"name": "s", "slotValue": {"type": "List"}}), vec![]),
        (json!({"name": "s", "slotValue": {"type": "Range", "low": 1}}), vec![]),
    ] {
        assert_eq!(filled(slot.clone()), expected, "{slot}");
    }
}

#[test]
fn dialogs_have_a_state_or_none() {
    let state = |json: Value| match request(
        "IntentRequest",
        json!({"intent": {"name": "A"}, "dialogState": json}),
    ) {
        Request::Intent(intent) => intent.dialog_state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(json!("STARTED")), Some(DialogState::Started));
    assert_eq!(state(Value::Null), None);
    assert_eq!(state(json!("PAUSED")), Some(DialogState::Other("PAUSED".to_owned())));
    assert_eq!(intent(&Value::Null).dialog_state, None);
    assert!(intent(&Value::Null).intent.slots.is_empty());
}

#[test]
fn every_documented_type_is_known_with_nothing_in_it_and_with_what_is_strange() {
    assert_eq!(KNOWN_TYPES.len(), 59);
    for kind in KNOWN_TYPES {
        let least = match *kind {
            "IntentRequest" => json!({"intent": {"name": "A"}}),
            _ => json!({}),
        };
        let parsed = request(kind, least.clone());
        assert_eq!(parsed.kind(), *kind);
        assert!(!matches!(parsed, Request::Unknown(_)), "{kind}");
        let mut strange = least;
        strange["newField"] = json!({"deep": [1, {"er": null}]});
        strange["body"] = Value::Null;
        strange["token"] = Value::Null;
        assert_eq!(request(kind, strange).kind(), *kind);
    }
}

#[test]
fn unknown_types_and_misfits_are_kept_as_they_came() {
    for (kind, fields) in [
        ("Alexa.Comms.CallSignaling.InitiateCall", json!({"payload": {"callId": "c"}})),
        ("Quite.New", json!({})),
        ("", json!({})),
        ("AlexaSkillEvent.SkillPermissionChanged", json!({"body": "all"})),
        ("AudioPlayer.PlaybackStarted", json!({"offsetInMilliseconds": -1})),
    ] {
        let Request::Unknown(unknown) = request(kind, fields.clone()) else { panic!("{kind}") };
        assert_eq!(unknown.kind, kind);
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(unknown.raw.get(name), Some(value));
        }
    }
}

#[test]
fn a_request_is_an_object_that_says_each_thing_once() {
    let read = |request: &str| {
        let body = format!(r#"{{"request":{request}}}"#);
        Envelope::parse(body.as_bytes()).map(|envelope| envelope.request.kind().to_owned())
    };
    let (launch, json) = (Ok("LaunchRequest".to_owned()), Err(Unreadable::Json));
    for (request, expected) in [
        (r#"{"type":"LaunchRequest","timestamp":"AT"}"#, &launch),
        (r#" {"timestamp":"AT","task":null,"type":"LaunchRequest"} "#, &launch),
        (r#"{"type":"\u004caunchRequest","timestamp":"AT"}"#, &launch),
        (r#"{"type":"LaunchRequest","timestamp":"AT","requestId":7,"locale":["en"]}"#, &launch),
        (r#"{"type":"LaunchRequest","type":"LaunchRequest","timestamp":"AT"}"#, &json),
        (r#"{"type":"LaunchRequest","timestamp":"AT","timestamp":"AT"}"#, &json),
        (r#"{"type":7,"timestamp":"AT"}"#, &json),
        (r#"{"timestamp":"AT"}"#, &json),
        (r#"["LaunchRequest","r","AT","en-US"]"#, &json),
        (r#""LaunchRequest""#, &json),
        ("null", &json),
        (r#"{"type":"LaunchRequest","timestamp":7}"#, &Err(Unreadable::Timestamp)),
        (r#"{"type":"IntentRequest","timestamp":"AT","intent":"A"}"#, &json),
        (r#"{"type":"IntentRequest","timestamp":"AT","intent":{"name":"A","name":"B"}}"#, &json),
    ] {
        assert_eq!(&read(&request.replace("AT", AT)), expected, "{request}");
    }
}

#[test]
fn what_is_left_unread_is_read_by_whoever_asks() {
    let unread = |viewport: &str| {
        let body = format!(
            r#"{{"context":{{"Viewport":{viewport}}},"request":{{"type":"LaunchRequest","timestamp":"{AT}"}}}}"#
        );
        Envelope::parse(body.as_bytes()).map(|envelope| envelope.context.viewport)
    };
    let read = |viewport: &str| unread(viewport).unwrap().and_then(|viewport| viewport.read());
    assert_eq!(read(r#" { "pixelWidth" : 960 } "#), Some(json!({"pixelWidth": 960})));
    assert_eq!(unread(r#" {"a" : 1} "#).unwrap().unwrap().as_str(), r#"{"a" : 1}"#);
    assert_eq!(unread("null"), Ok(None));
    assert_eq!(unread("{"), Err(Unreadable::Json));
    for meaningless in ["1e999", r#""\ud800""#, &("[".repeat(1000) + &"]".repeat(1000))] {
        assert_eq!(read(meaningless), None, "{meaningless}");
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(read(&deep), None);
}

#[test]
fn events_come_without_session_device_or_locale() {
    let event = parse(&json!({
        "version": "1.0",
        "context": {"System": {"application": {"applicationId": "a"}, "user": {"userId": "u"},
                               "apiEndpoint": "https://api.amazonalexa.com"}},
        "request": {"type": "AlexaSkillEvent.SkillDisabled", "requestId": "r", "timestamp": AT,
                    "eventCreationTime": AT, "eventPublishingTime": AT},
    }))
    .unwrap();
    assert_eq!((event.session, event.locale), (None, None));
    assert_eq!(event.context.system.user.unwrap().user_id, "u");
}

#[test]
fn around_the_request_anything_may_be_missing_null_or_new() {
    for (around, user, device, person) in [
        (json!({}), None, None, None),
        (json!({"context": null, "session": null}), None, None, None),
        (
            json!({"session": {"user": {"userId": "u"}, "attributes": {"a": [1, null]}}}),
            Some("u"),
            None,
            None,
        ),
        (json!({"session": {"attributes": "text", "new": null, "user": null}}), None, None, None),
        (json!({"context": {"System": {"user": {"userId": ""}}}}), None, None, None),
        (
            json!({"context": {"System": {"user": {"userId": "u", "permissions": {"scopes": {"alexa::x": {"status": "GRANTED"}}}},
                "device": {"deviceId": "d", "supportedInterfaces": {"AudioPlayer": {}, "New.One": 5}},
                "person": {"personId": "p"}, "unit": null},
                "Viewport": {"pixelWidth": 960}, "Viewports": [], "Geolocation": 7, "AudioPlayer": {"playerActivity": "NEW"},
                "Advertising": {"advertisingId": "x"}}, "new": {}}),
            Some("u"),
            Some("d"),
            Some("p"),
        ),
    ] {
        let mut envelope = around.clone();
        envelope["request"] =
            json!({"type": "LaunchRequest", "requestId": null, "timestamp": AT, "locale": null});
        let envelope = parse(&envelope).unwrap();
        let found = (envelope.user_id(), envelope.device_id(), envelope.person_id());
        assert_eq!(found, (user, device, person), "{around}");
        assert_eq!(envelope.supports("AudioPlayer"), device.is_some());
    }
}

#[test]
fn a_launch_may_carry_a_task_and_an_end_its_reason() {
    let task = json!({"task": {"name": "amzn1.ask.skill.x.CALL", "version": "1", "input": {"who": "anna"}}});
    let Request::Launch(launch) = request("LaunchRequest", task) else { panic!() };
    assert_eq!(launch.task.unwrap().input["who"], "anna");
    let end = json!({"reason": "ERROR", "error": {"type": "INVALID_RESPONSE", "message": "m"}});
    let Request::SessionEnded(end) = request("SessionEndedRequest", end) else { panic!() };
    assert_eq!(end.reason, Some(SessionEndedReason::Error));
    assert_eq!(end.error.unwrap().kind, Some(SessionEndedErrorType::InvalidResponse));
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| {
        let attributes = "[".repeat(levels) + &"]".repeat(levels);
        let body = format!(
            r#"{{"session":{{"attributes":{attributes}}},"request":{{"type":"LaunchRequest","timestamp":"{AT}"}}}}"#
        );
        Envelope::parse(body.as_bytes()).map(drop)
    };
    assert_eq!(deep(100), Ok(()));
    assert_eq!(deep(130), Err(Unreadable::Json));
    assert_eq!(deep(100_000), Err(Unreadable::Json));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Envelope::parse(&bytes);
    }

    /// A good request with one byte changed, removed or doubled.
    #[test]
    fn any_damage_is_read_or_refused(at in 0_usize..400, byte: u8, how in 0..3) {
        let envelope = json!({"version": "1.0", "session": {"new": true, "attributes": {"a": [1]}},
            "context": {"System": {"user": {"userId": "u"}, "device": {"deviceId": "d", "supportedInterfaces": {}}}},
            "request": {"type": "IntentRequest", "requestId": "r", "timestamp": AT, "intent": {"name": "A",
                "slots": {"s": {"name": "s", "slotValue": {"type": "List", "values": []}}}}}});
        let mut bytes = envelope.to_string().into_bytes();
        let at = at % bytes.len();
        match how {
            0 => bytes[at] = byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, byte),
        }
        let _ = Envelope::parse(&bytes);
    }
}
