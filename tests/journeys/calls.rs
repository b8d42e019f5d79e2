//! Calls and messages between two households, over real sockets.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hearthline_core::time::Seed;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::stage::{Device, Line, Stage, hello, identity};

/// Maya's kitchen at Alder House; parlour and kitchen at Harbour Cottage.
async fn two_homes() -> (Stage, Device, Device, Device) {
    let stage = Stage::open().await;
    let maya = stage.person("alder-house", "alder-kitchen", "maya").await;
    let parlour = stage.device("harbour-cottage", "harbour-parlour").await;
    let kitchen = stage.device("harbour-cottage", "harbour-kitchen").await;
    (stage, maya, parlour, kitchen)
}

#[tokio::test]
async fn all_devices_ring_and_the_first_answer_wins() {
    let (stage, mut maya, mut parlour, mut kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    assert_eq!(maya.news().await, ["call.ringing ringing"]);
    assert_eq!(parlour.news().await, ["call.initiate ringing"]);
    assert_eq!(kitchen.news().await, ["call.initiate ringing"]);
    assert_eq!(parlour.house["call"]["with"]["name"], "Maya");
    assert_eq!(maya.house["call"]["devices"], 2);

    stage.pass(5).await;
    assert_eq!(parlour.press("call.answer", &call).await, "done");
    assert_eq!(parlour.news().await, ["call.accepted connected"]);
    assert_eq!(maya.news().await, ["call.accepted connected"]);
    assert_eq!(kitchen.news().await, ["call.ended answered_elsewhere"]);
    assert_eq!(kitchen.press("call.answer", &call).await, "too_late");
    assert_eq!(kitchen.press("call.hangup", &call).await, "too_late");
    assert_eq!(kitchen.house["call"], Value::Null);

    stage.pass(90).await;
    assert_eq!(maya.press("call.hangup", &call).await, "done");
    assert_eq!(maya.news().await, ["call.ended completed"]);
    assert_eq!(parlour.news().await, ["call.ended completed"]);
    assert_eq!(kitchen.news().await, [""; 0]);
    assert_eq!(parlour.press("call.hangup", &call).await, "too_late");
    assert_eq!(maya.house["call"], Value::Null);
    assert_eq!(parlour.house["missed"], 0);
    assert_eq!(log(&maya), ["outgoing Grandma Ines"]);
    assert_eq!(log(&parlour), ["incoming Maya"]);
}

#[tokio::test]
async fn said_aloud_it_is_the_same() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let answer = maya.say("call grandma").await;
    assert_eq!(answer["intent"], "CallIntent", "{answer}");
    assert_eq!(parlour.news().await, ["call.initiate ringing"]);
    parlour.say("answer").await;
    assert_eq!(parlour.news().await, ["call.accepted connected"]);
    assert_eq!(maya.news().await, ["call.ringing ringing", "call.accepted connected"]);
    maya.say("hang up").await;
    assert_eq!(parlour.news().await, ["call.ended completed"]);
}

#[tokio::test]
async fn a_refusal_is_for_the_whole_household() {
    let (_stage, mut maya, mut parlour, mut kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    assert_eq!(kitchen.press("call.reject", &call).await, "done");
    assert_eq!(maya.news().await, ["call.ringing ringing", "call.ended declined"]);
    for device in [&mut parlour, &mut kitchen] {
        assert_eq!(device.news().await, ["call.initiate ringing", "call.ended declined"]);
        assert_eq!(device.house["missed"], 0);
    }
}

#[tokio::test]
async fn a_caller_who_gives_up_leaves_a_missed_call() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    assert_eq!(maya.press("call.hangup", &call).await, "done");
    assert_eq!(maya.news().await, ["call.ringing ringing", "call.ended cancelled"]);
    assert_eq!(parlour.news().await, ["call.initiate ringing", "call.ended cancelled"]);
    assert_eq!(parlour.house["missed"], 1);
}

#[tokio::test]
async fn nobody_answers_for_half_a_minute() {
    let (stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    stage.pass(29).await;
    assert_eq!(parlour.news().await, ["call.initiate ringing"]);
    stage.pass(1).await;
    assert_eq!(parlour.news().await, ["call.ended no_answer"]);
    assert_eq!(maya.news().await, ["call.ringing ringing", "call.ended no_answer"]);
    assert_eq!(parlour.press("call.answer", &call).await, "too_late");
    assert_eq!(parlour.house["missed"], 1);
    assert_eq!(log(&parlour), ["missed Maya"]);
}

#[tokio::test]
async fn a_household_in_a_call_is_busy() {
    let (stage, mut maya, mut parlour, mut kitchen) = two_homes().await;
    let mut living = stage.device("alder-house", "alder-living").await;
    let call = maya.call("ines").await;
    assert_eq!(parlour.press("call.answer", &call).await, "done");
    living.call("ines").await;
    assert_eq!(living.news().await, ["call.ended busy"]);
    assert_eq!(parlour.news().await, ["call.initiate ringing", "call.accepted connected"]);
    let rung = ["call.initiate ringing", "call.ended answered_elsewhere"];
    assert_eq!(kitchen.news().await, rung, "the second call rings nobody");
}

#[tokio::test]
async fn a_household_that_is_away_is_unreachable() {
    let stage = Stage::open().await;
    let mut maya = stage.person("alder-house", "alder-kitchen", "maya").await;
    maya.call("ines").await;
    assert_eq!(maya.news().await, ["call.ended unreachable"]);
    let mut parlour = stage.device("harbour-cottage", "harbour-parlour").await;
    assert_eq!(parlour.news().await, [""; 0]);
    assert_eq!(log(&parlour), ["missed Maya"]);
}

#[tokio::test]
async fn who_wants_quiet_is_not_rung_and_finds_a_missed_call() {
    let (stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    parlour.ask(json!({ "type": "quiet", "on": true })).await;
    maya.call("ines").await;
    assert_eq!(maya.news().await, ["call.ringing ringing"]);
    stage.pass(30).await;
    assert_eq!(maya.news().await, ["call.ended no_answer"]);
    assert_eq!(parlour.news().await, [""; 0]);
    assert_eq!(log(&parlour), ["missed Maya"]);
    maya.ask(json!({ "type": "post.send", "contact_id": "ines", "text": "Sleep well" })).await;
    parlour.news().await;
    assert_eq!(parlour.house["unread"], 1, "messages still arrive");
}

/// The caller's page gets the same frames, to the last field, as from a household where nobody answers.
#[tokio::test]
async fn the_blocked_see_that_nobody_answers() {
    let mut seen = Vec::new();
    for blocked in [true, false] {
        let (stage, mut maya, mut parlour, _kitchen) = two_homes().await;
        if blocked {
            let maya = "maya-contact".parse().unwrap();
            stage.settle("harbour-cottage", |settings| settings.blocked_contacts = [maya].into());
        }
        parlour.all().await;
        maya.all().await;
        let call = json!({ "type": "call.initiate", "contact_id": "ines" });
        let mut frames = vec![maya.ask_as("c1", call).await];
        if !blocked {
            parlour.send_raw(Message::text(ringing(&frames[0]["call_id"]))).await;
        }
        let rung = parlour.news().await;
        frames.extend(maya.all().await);
        stage.pass(30).await;
        frames.extend(maya.all().await);
        let send = json!({ "type": "post.send", "contact_id": "ines", "text": "Are you there?" });
        maya.ask_as("c2", send).await;
        frames.retain(|frame| frame["type"] != "house");
        frames.iter_mut().for_each(|frame| frame["seq"] = Value::Null);
        seen.push(frames);

        let received = parlour.news().await;
        if blocked {
            assert_eq!((rung, received), (vec![], vec![]));
            assert_eq!(parlour.house["inbox"], json!([]), "they never hear of it");
            let answer = parlour.say("who called").await;
            assert!(!answer["speech"].as_str().unwrap().contains("Maya"), "{answer}");
            let answer = parlour.say("reply").await;
            assert!(!answer["speech"].as_str().unwrap().contains("Maya"), "{answer}");
            maya.news().await;
            assert_eq!(maya.house["inbox"][0]["state"], "left");
        } else {
            assert_eq!(rung, ["call.initiate ringing"]);
            assert_eq!(log(&parlour), ["message Maya", "missed Maya"]);
        }
    }
    assert_eq!(seen[0], seen[1]);
}

fn ringing(call: &Value) -> String {
    json!({ "type": "call.ringing", "call_id": call }).to_string()
}

#[tokio::test]
async fn two_who_call_each_other_are_put_through() {
    for same_moment in [true, false] {
        let stage = Stage::open().await;
        let mut alder = stage.person("alder-house", "alder-kitchen", "maya").await;
        let mut living = stage.device("alder-house", "alder-living").await;
        let mut harbour = stage.person("harbour-cottage", "harbour-parlour", "ines-costa").await;
        if same_moment {
            tokio::join!(alder.call("ines"), harbour.call("maya-contact"));
        } else {
            alder.call("ines").await;
            harbour.call("maya-contact").await;
        }
        alder.wait_for("call.accepted connected").await;
        harbour.wait_for("call.accepted connected").await;
        let rung = living.news().await;
        assert!(!rung.contains(&"call.initiate ringing".to_owned()) || rung.len() == 2, "{rung:?}");
        living.news().await;
        assert_eq!(living.house["call"], Value::Null, "nobody else still rings");
    }
}

#[tokio::test]
async fn a_page_that_reloads_stays_in_its_call() {
    let (stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    assert_eq!(parlour.press("call.answer", &call).await, "done");
    maya.news().await;
    let memory = maya.vanish();
    parlour.wait_for("call.update reconnecting").await;

    stage.pass(20).await;
    parlour.ask(json!({ "type": "post.send", "contact_id": "maya-contact", "text": "Hm?" })).await;
    let mut maya = Device::resume(stage.address, memory).await;
    assert_eq!(maya.welcome["resumed"], true);
    parlour.wait_for("call.update connected").await;
    maya.wait_for("call.update connected").await;
    maya.news().await;
    assert_eq!(maya.house["unread"], 1, "what was missed meanwhile");

    stage.pass(60).await;
    assert_eq!(parlour.press("call.hangup", &call).await, "done");
    assert_eq!(maya.news().await, ["call.ended completed"]);
}

#[tokio::test]
async fn a_line_that_does_not_come_back_ends_the_call() {
    let (stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let call = maya.call("ines").await;
    assert_eq!(parlour.press("call.answer", &call).await, "done");
    let memory = maya.vanish();
    parlour.wait_for("call.update reconnecting").await;
    stage.pass(29).await;
    assert_eq!(parlour.news().await, [""; 0]);
    stage.pass(1).await;
    assert_eq!(parlour.news().await, ["call.ended lost"]);

    let mut maya = Device::resume(stage.address, memory).await;
    assert_eq!(maya.welcome["resumed"], false, "too late to resume");
    maya.news().await;
    assert_eq!(maya.house["call"], Value::Null);
}

#[tokio::test]
async fn a_message_waits_for_a_household_that_is_away() {
    let stage = Stage::open().await;
    let mut maya = stage.person("alder-house", "alder-kitchen", "maya").await;
    let send = json!({ "type": "post.send", "contact_id": "ines", "text": "Dinner on Sunday?" });
    let post = maya.ask(send).await["post_id"].clone();
    assert_eq!(message(&mut maya).await["state"], "left");

    let mut parlour = stage.device("harbour-cottage", "harbour-parlour").await;
    let received = message(&mut parlour).await;
    assert_eq!(received["text"], "Dinner on Sunday?");
    assert_eq!(received["with"]["name"], "Maya");
    assert_eq!(received["fresh"], true);
    maya.news().await;
    assert_eq!(message(&mut maya).await["state"], "delivered");

    parlour.ask(json!({ "type": "post.heard", "post_id": post })).await;
    assert_eq!(message(&mut maya).await["state"], "heard");
    assert_eq!(message(&mut parlour).await["fresh"], false);
    assert_eq!(parlour.house["unread"], 0);

    parlour.ask(json!({ "type": "post.delete", "post_id": post })).await;
    parlour.news().await;
    assert_eq!(parlour.house["inbox"], json!([]));
    assert_eq!(message(&mut maya).await["state"], "heard", "the sender keeps their copy");
}

#[tokio::test]
async fn an_answer_stays_with_its_question_whoever_speaks() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    maya.say("send a message to grandma saying shall I bring cake").await;
    parlour.say("play my messages").await;
    let answer = parlour.say("reply yes please").await;
    assert_eq!(answer["intent"], "ReplyToMessageIntent", "{answer}");
    maya.news().await;
    let inbox = maya.house["inbox"].as_array().unwrap();
    let texts: Vec<&Value> = inbox.iter().map(|entry| &entry["text"]).collect();
    assert_eq!(texts.len(), 2, "{inbox:?}");
    assert_eq!(maya.house["unread"], 1);
}

#[tokio::test]
async fn nobody_touches_the_messages_of_others() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let send = json!({ "type": "post.send", "contact_id": "ines", "text": "Hello" });
    let post = maya.ask(send).await["post_id"].clone();
    for button in ["post.heard", "post.delete"] {
        let done = maya.ask(json!({ "type": button, "post_id": post })).await;
        assert_eq!(done["code"], "unknown", "{button}: {done}");
    }
    assert_eq!(message(&mut parlour).await["fresh"], true);
}

#[tokio::test]
async fn the_same_command_again_is_answered_again_and_done_once() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    let send = json!({ "type": "post.send", "contact_id": "ines", "text": "Once" });
    let first = maya.ask_as("m1", send.clone()).await;
    let again = maya.ask_as("m1", send).await;
    assert_eq!(first["post_id"], again["post_id"]);
    let other = json!({ "type": "post.send", "contact_id": "ines", "text": "Twice" });
    assert_eq!(maya.ask_as("m1", other).await["code"], "conflict");
    parlour.news().await;
    assert_eq!(parlour.house["unread"], 1);

    let call = json!({ "type": "call.initiate", "contact_id": "ines" });
    let first = maya.ask_as("m2", call.clone()).await;
    let again = maya.ask_as("m2", call).await;
    assert_eq!(first["call_id"], again["call_id"]);
    assert_eq!(parlour.news().await, ["call.initiate ringing"]);
}

#[tokio::test]
async fn what_is_not_understood_is_said_and_changes_nothing() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    for frame in [
        "",
        "{",
        "[]",
        "\"say\"",
        "{\"type\":\"say\"}",
        "{\"type\":\"say\",\"command_id\":7,\"text\":\"hello\"}",
        "{\"type\":\"call.initiate\",\"command_id\":\"x\"}",
        "{\"type\":\"call.initiate\",\"command_id\":\"x\",\"contact_id\":\"\"}",
        "{\"type\":\"post.send\",\"command_id\":\"x\",\"contact_id\":\"ines\"}",
        "{\"type\":\"audio.stop\",\"command_id\":\"never-begun\"}",
    ] {
        maya.send_raw(Message::text(frame)).await;
        assert_eq!(maya.error().await, "error malformed", "{frame}");
    }
    let deep =
        format!("{{\"type\":\"say\",\"text\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    maya.send_raw(Message::text(deep)).await;
    assert_eq!(maya.error().await, "error malformed");
    // Unknown types and fields, and audio that no start came before, are ignored.
    maya.send_raw(Message::text("{\"type\":\"dance\",\"command_id\":\"y\"}")).await;
    maya.send_raw(Message::binary(vec![0; 320])).await;
    assert_eq!(maya.news().await, [""; 0]);
    let extra = json!({ "type": "say", "text": "hello", "mood": "fine" });
    assert_eq!(maya.ask(extra).await["type"], "done");
    for (command, code) in [
        (json!({ "type": "call.initiate", "contact_id": "nobody" }), "unknown"),
        (json!({ "type": "call.initiate", "contact_id": "anna" }), "unreachable"),
        (json!({ "type": "call.answer", "call_id": "nothing" }), "too_late"),
        (json!({ "type": "post.heard", "post_id": "nothing" }), "unknown"),
        (json!({ "type": "post.send", "contact_id": "nobody", "text": "hi" }), "unknown"),
        (
            json!({ "type": "post.send", "contact_id": "ines", "text": "x".repeat(1001) }),
            "too_long",
        ),
        (json!({ "type": "say", "text": "x".repeat(2001) }), "too_long"),
    ] {
        let answer = maya.ask(command.clone()).await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!(code)),
            "{command}"
        );
    }
    assert_eq!(parlour.news().await, [""; 0]);
    assert_eq!(parlour.house["inbox"], json!([]));
}

#[tokio::test]
async fn a_frame_that_is_too_large_closes_the_socket() {
    let (stage, mut maya, mut parlour, mut kitchen) = two_homes().await;
    let large = json!({ "type": "say", "command_id": "big", "text": "x".repeat(64 * 1024) });
    maya.send_raw(Message::text(large.to_string())).await;
    assert_eq!(maya.closed().await, Some(1009));
    kitchen.send_raw(Message::binary(vec![0; 64 * 1024])).await;
    assert_eq!(kitchen.news().await, [""; 0], "just small enough");
    kitchen.send_raw(Message::binary(vec![0; 64 * 1024 + 1])).await;
    assert_eq!(kitchen.closed().await, Some(1009));
    let mut huge = stage.device("alder-house", "alder-living").await;
    huge.send_raw(Message::binary(vec![0; 8 * 1024 * 1024])).await;
    assert_eq!(huge.closed().await, None, "cut without reading it all");
    assert_eq!(parlour.news().await, [""; 0], "the others stay");
}

#[tokio::test]
async fn a_hello_must_be_right() {
    let stage = Stage::open().await;
    let good = hello(&identity("alder-house", "alder-kitchen", Some("maya")));
    let change = |change: &dyn Fn(&mut Value)| {
        let mut hello = good.clone();
        change(&mut hello);
        hello
    };
    for (first, code) in [
        (json!("hello"), 4400),
        (json!({ "type": "say", "command_id": "c", "text": "hello" }), 4400),
        (change(&|hello| hello["protocol"] = json!(2)), 4409),
        (change(&|hello| hello["demo"] = Value::Null), 4403),
        (change(&|hello| hello["demo"]["household"] = json!("harbour-cottage")), 4403),
        (change(&|hello| hello["demo"]["person"] = json!("ines-costa")), 4403),
        (change(&|hello| hello["demo"]["device"] = json!("attic")), 4403),
    ] {
        let mut line = Line::open(stage.address).await;
        line.send(first.clone()).await;
        assert_eq!(line.receive().await, Err(Some(code)), "{first}");
    }
}

#[tokio::test]
async fn a_device_that_connects_again_replaces_itself() {
    let (stage, maya, mut parlour, _kitchen) = two_homes().await;
    let mut again = stage.person("alder-house", "alder-kitchen", "maya").await;
    assert_eq!(maya.closed().await, Some(4000));
    again.call("ines").await;
    assert_eq!(again.news().await, ["call.ringing ringing"]);
    assert_eq!(parlour.news().await, ["call.initiate ringing"]);
}

#[tokio::test]
async fn words_for_help_never_ring_a_household() {
    let (_stage, mut maya, mut parlour, _kitchen) = two_homes().await;
    for words in ["call 911", "call the police", "I need an ambulance"] {
        let answer = maya.say(words).await;
        assert!(!answer["speech"].as_str().unwrap().is_empty(), "{words}: {answer}");
    }
    assert_eq!(maya.news().await, [""; 0]);
    assert_eq!(parlour.news().await, [""; 0]);
}

/// Four devices, many presses in no sensible order, lines that break: every ring ends, nothing
/// follows the end of a call, versions only rise, and when all is quiet nobody is in a call.
#[tokio::test]
async fn whatever_people_press_every_ring_ends() {
    let stage = Stage::open().await;
    let mut devices = Vec::new();
    for (household, device) in [
        ("alder-house", "alder-kitchen"),
        ("alder-house", "alder-living"),
        ("harbour-cottage", "harbour-parlour"),
        ("harbour-cottage", "harbour-kitchen"),
    ] {
        devices.push((stage.device(household, device).await, Ledger::default()));
    }
    let mut calls = vec![json!("no-such-call")];
    for step in 0..150 {
        let roll = |purpose: &str, of: usize| Seed(step).for_purpose(purpose).pick("", of).unwrap();
        let who = roll("who", devices.len());
        if roll("vanish", 20) == 0 {
            let (device, mut ledger) = devices.remove(who);
            let device = Device::resume(stage.address, device.vanish()).await;
            if device.welcome["resumed"] == false {
                ledger = Ledger::default();
            }
            devices.insert(who, (device, ledger));
        }
        let device = &mut devices[who].0;
        let call = calls[calls.len() - 1 - roll("call", calls.len().min(3))].clone();
        let contact = if who < 2 { "ines" } else { "maya-contact" };
        let command = match roll("what", 9) {
            0 | 1 => json!({ "type": "call.initiate", "contact_id": contact }),
            2 | 3 => json!({ "type": "call.answer", "call_id": call }),
            4 => json!({ "type": "call.reject", "call_id": call }),
            5 => json!({ "type": "call.hangup", "call_id": call }),
            6 => json!({ "type": "say", "text": "hang up" }),
            7 => json!({ "type": "say", "text": "answer" }),
            _ => json!({ "type": "quiet", "on": roll("quiet", 4) == 0 }),
        };
        let done = device.ask(command).await;
        if done["call_id"].is_string() && !calls.contains(&done["call_id"]) {
            calls.push(done["call_id"].clone());
        }
        stage.pass(roll("pause", 12) as u64).await;
        for (device, ledger) in &mut devices {
            device.all().await.iter().for_each(|message| ledger.enter(message));
        }
    }
    assert!(calls.len() > 8, "only {} calls were made", calls.len());
    for (device, _) in &mut devices {
        device.say("hang up").await;
    }
    stage.pass(60).await;
    for (device, ledger) in &mut devices {
        device.all().await.iter().for_each(|message| ledger.enter(message));
        assert_eq!(ledger.open(), [""; 0], "{}", device.welcome["device"]);
        assert_eq!(device.house["call"], Value::Null);
    }
}

/// What one device was told of each call: its newest version, and whether it is over.
#[derive(Default)]
struct Ledger(BTreeMap<String, (u64, bool)>);

impl Ledger {
    fn enter(&mut self, message: &Value) {
        let call = &message["call"];
        let (Some(id), Some(version)) = (call["call_id"].as_str(), call["version"].as_u64()) else {
            return;
        };
        if message["type"] == "house" {
            return; // says the same once more
        }
        let (before, over) = self.0.entry(id.to_owned()).or_default();
        assert!(!*over, "after its end: {message}");
        assert!(version >= *before, "an older version: {message}");
        (*before, *over) = (version, message["type"] == "call.ended");
    }

    fn open(&self) -> Vec<&str> {
        let open = self.0.iter().filter(|(_, (_, over))| !over);
        open.map(|(id, _)| id.as_str()).collect()
    }
}

/// An acknowledged message is on disk: the process may die the moment after.
#[tokio::test]
async fn a_message_that_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let send = json!({ "type": "post.send", "contact_id": "ines", "text": "Still here" });
    let maya = || identity("alder-house", "alder-kitchen", Some("maya"));

    let (mut server, address) = serve(folder.path());
    let mut device = Device::connect(address, maya()).await;
    let sent = device.ask_as("m1", send.clone()).await;
    assert_eq!(sent["type"], "done", "{sent}");
    server.0.kill().unwrap(); // SIGKILL
    server.0.wait().unwrap();

    let (_server, address) = serve(folder.path());
    let mut device = Device::connect(address, maya()).await;
    let again = device.ask_as("m1", send).await;
    assert_eq!(again["post_id"], sent["post_id"], "known to have been done");
    let parlour = identity("harbour-cottage", "harbour-parlour", None);
    let mut parlour = Device::connect(address, parlour).await;
    assert_eq!(message(&mut parlour).await["text"], "Still here");
    assert_eq!(parlour.house["unread"], 1);
}

/// A call whose server dies is not revived as ringing, and ends as lost.
#[tokio::test]
async fn a_call_survives_a_restart_only_if_both_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let maya = || identity("alder-house", "alder-kitchen", Some("maya"));
    let ines = || identity("harbour-cottage", "harbour-parlour", None);
    let (mut server, address) = serve(folder.path());
    let mut caller = Device::connect(address, maya()).await;
    let mut callee = Device::connect(address, ines()).await;
    let call = caller.call("ines").await;
    assert_eq!(callee.press("call.answer", &call).await, "done");
    server.0.kill().unwrap();
    server.0.wait().unwrap();

    let (_server, address) = serve(folder.path());
    let mut caller = Device::connect(address, maya()).await;
    caller.news().await;
    assert_eq!(caller.house["call"]["state"], "reconnecting");
    let mut callee = Device::connect(address, ines()).await;
    caller.wait_for("call.update connected").await;
    assert_eq!(callee.press("call.hangup", &call).await, "done");
    caller.wait_for("call.ended completed").await;
}

/// The program itself, ended with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(data: &Path) -> (Server, SocketAddr) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_hearthline"))
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--models", "/nowhere", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = server.stdout.take().unwrap();
    let server = Server(server);
    let address = BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("http://")?.1.trim().parse().ok());
    (server, address.expect("the server says where it listens"))
}

/// What the inbox holds: "missed Maya".
fn log(device: &Device) -> Vec<String> {
    let entries = device.house["inbox"].as_array().expect("an inbox");
    let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    entries
        .iter()
        .map(|entry| format!("{} {}", word(&entry["kind"]), word(&entry["with"]["name"])))
        .collect()
}

/// The only message in the inbox, as the page shows it now.
async fn message(device: &mut Device) -> Value {
    device.news().await;
    let entries = device.house["inbox"].as_array().expect("an inbox");
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}
