//! `hearthline replay`: exactly one line out for every line in, the same for a seed.

use hearthline::commands::replay::replay;
use serde_json::Value;

#[test]
fn conversations_interleave_and_keep_their_own_state() {
    let lines = answers(
        &[
            r#"{"conversation":"a","text":"my name is maya"}"#,
            r#"{"conversation":"b","text":"what is my name?"}"#,
            r#"{"conversation":"a","text":"what is my name?"}"#,
        ],
        1,
    );
    assert!(lines[2]["reply"].as_str().unwrap().contains("Maya"));
    assert!(!lines[1]["reply"].as_str().unwrap().contains("Maya"));
    assert_eq!(lines[2]["source"], "memory");
    assert_eq!(lines[2]["conversation"], "a");
}

#[test]
fn every_line_in_gives_one_line_out_in_order() {
    let long = format!(r#"{{"conversation":"a","text":"{}"}}"#, "word ".repeat(100_000));
    let turn = format!(r#"{{"conversation":"a","text":"{}"}}"#, "ab c".repeat(2_500));
    let lines = answers(
        &[
            "",
            "not json",
            &long,
            "{}",
            &turn,
            r#"{"conversation":"a","text":"hello"}"#,
            "[]",
            "\u{1}",
        ],
        1,
    );
    let failed: Vec<bool> = lines.iter().map(|line| line["error"].is_string()).collect();
    assert_eq!(failed, [true, true, true, true, false, false, true, true]);
}

#[test]
fn text_that_is_not_utf8_is_an_error_line() {
    let mut out = Vec::new();
    replay(&b"\xff\xfe\n{\"conversation\":\"a\",\"text\":\"hi\"}"[..], &mut out, 1, true).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().count(), 2);
    assert!(out.lines().next().unwrap().contains("not UTF-8"));
}

#[test]
fn the_same_seed_gives_the_same_words() {
    let talk = ["let's chat", "pretty good", "the matrix", "are you human", "because of the music"];
    let talk: Vec<String> =
        talk.iter().map(|t| format!(r#"{{"conversation":"a","text":"{t}"}}"#)).collect();
    let talk: Vec<&str> = talk.iter().map(String::as_str).collect();
    let words = |seed| -> Vec<Value> {
        answers(&talk, seed).into_iter().map(|line| line["reply"].clone()).collect()
    };
    assert_eq!(words(7), words(7));
    assert_ne!(words(7), words(8));
}

fn answers(lines: &[&str], seed: u64) -> Vec<Value> {
    let mut out = Vec::new();
    replay(lines.join("\n").as_bytes(), &mut out, seed, true).unwrap();
    String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}
