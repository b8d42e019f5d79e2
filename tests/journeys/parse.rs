//! `hearthline parse` as another program uses it: lines in, lines out.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const HOUSEHOLD: &str = r#"{"household":{"id":"h","name":"Home"},
    "contacts":[{"id":"c-ines","name":"Grandma Ines","relation":"grandmother"}],
    "rooms":[{"id":"r-kitchen","name":"Kitchen"}]}"#;

const WEATHER: &str = r#"{"interactionModel":{"languageModel":{"invocationName":"sky watch",
    "intents":[
      {"name":"Forecast","slots":[{"name":"city","type":"CITY"},{"name":"day","type":"AMAZON.DATE"}],
       "samples":["weather in {city}","what will {city} be like {day}","is it raining"]},
      {"name":"AMAZON.FallbackIntent","samples":["order a pizza"]},
      {"name":"AMAZON.StopIntent","samples":[]}],
    "types":[{"name":"CITY","values":[{"id":"LIS","name":{"value":"Lisbon","synonyms":["Lisboa"]}}]}]}}}"#;

#[test]
fn every_line_gets_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let household = folder.path().join("household.json");
    std::fs::write(&household, HOUSEHOLD).unwrap();
    let lines = parse(
        &["--json", "--household", household.to_str().unwrap()],
        b"call grandma\n\nplay some jazz\n\xff\xfe\nHey Alexa, drop in on the kitchen!\r\nstop",
    );
    let [call, blank, jazz, broken, drop_in, stop] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(call["intent"], "CallIntent");
    assert_eq!(call["slots"], json!({"contact": {"value": "grandma", "id": "c-ines"}}));
    assert_eq!(call["text"], "call grandma");
    assert_eq!((&blank["text"], &blank["intent"]), (&json!(""), &Value::Null));
    assert_eq!((&jazz["intent"], &jazz["slots"]), (&Value::Null, &json!({})));
    assert!(broken["error"].as_str().unwrap().contains("UTF-8"));
    assert_eq!(drop_in["slots"], json!({"room": {"value": "kitchen", "id": "r-kitchen"}}));
    assert_eq!(stop["intent"], "AMAZON.StopIntent");
    for line in &lines {
        let confidence = line["confidence"].as_f64().expect("always a number");
        assert!((0.0..=1.0).contains(&confidence));
        assert!(line["slots"].is_object() && line["alternatives"].is_array());
    }
}

#[test]
fn any_interaction_model_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    std::fs::write(&model, WEATHER).unwrap();
    let lines = parse(
        &["--json", "--model", model.to_str().unwrap()],
        b"weather in Lisboa\nask sky watch is it raining\nwhat will Lisbon be like tomorrow\n\
          order a pizza\ncall grandma\n",
    );
    let [weather, raining, tomorrow, pizza, call] = &lines[..] else { panic!("{lines:#?}") };
    assert_eq!(weather["slots"], json!({"city": {"value": "Lisboa", "id": "LIS"}}));
    assert_eq!(raining["intent"], "Forecast");
    assert_eq!(tomorrow["slots"]["day"]["value"], "tomorrow");
    // Some day by the clock of whoever asks: which one, the core's own tests say.
    let day = tomorrow["slots"]["day"]["id"].as_str().unwrap();
    assert!(day.parse::<jiff::civil::Date>().is_ok(), "{day}");
    assert_eq!(pizza["intent"], Value::Null);
    assert_eq!(call["intent"], Value::Null);
}

#[test]
fn without_json_a_line_is_for_people() {
    let output = run(&[], b"hang up\n");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("HangUpIntent"), "{text}");
}

#[test]
fn a_model_that_cannot_be_used_is_refused_with_every_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.json");
    let check = |content: &[u8], says: &[&str]| {
        std::fs::write(&file, content).unwrap();
        let output = run(&["--json", "--model", file.to_str().unwrap()], b"hello\n");
        assert!(!output.status.success());
        assert!(output.stdout.is_empty());
        let error = String::from_utf8(output.stderr).unwrap();
        for part in says {
            assert!(error.contains(part), "{part:?} is missing from {error:?}");
        }
    };
    check(b"{", &["not JSON"]);
    check(b"\xff", &["cannot be read"]);
    check(b"{}", &["no list \"intents\""]);
    check(
        br#"{"languageModel":{"intents":[{"name":"A","samples":["go {x}","go {y"]}]}}"#,
        &["{x}", "does not declare", "{ without a }"],
    );
    let output = run(&["--household", "no-such-file.json"], b"");
    assert!(String::from_utf8(output.stderr).unwrap().contains("no-such-file.json"));
}

/// Absurd input is answered within bounds.
#[test]
fn absurd_lines_are_out_of_scope() {
    let mut input = Vec::new();
    input.extend_from_slice("call mum ".repeat(10_000).as_bytes());
    input.extend_from_slice(
        "\n🙂🙂🙂\nпозвони бабушке\n\u{1}\u{2}\u{7f}\n[BLANK_AUDIO]\n".as_bytes(),
    );
    input.extend_from_slice("tell ".repeat(390).as_bytes());
    let lines = parse(&["--json"], &input);
    assert_eq!(lines.len(), 6);
    for line in &lines[..5] {
        assert_eq!(line["intent"], Value::Null);
    }
}

fn parse(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let output = run(arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hearthline"))
        .arg("parse")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A refused model ends the program before it reads.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}
