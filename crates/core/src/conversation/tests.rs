//! Whole conversations, and what must hold whatever is said.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::time::{Seed, Time};

/// The promise of DESIGN section 9.
const MAX_STATE_BYTES: usize = 32 * 1024;

#[test]
fn the_shipped_dialogs_load_and_their_tests_pass() {
    let files = shipped();
    let mistakes = match Bot::load(&files) {
        Ok(bot) => bot.trials(),
        Err(mistakes) => mistakes,
    };
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn every_mistake_is_reported_at_once_with_its_line() {
    let files: Vec<(String, String)> = shipped()
        .into_iter()
        .filter(|(name, _)| !is_topic(name))
        .chain([("bad.yaml".to_owned(), BAD.to_owned()), ("worse.yaml".to_owned(), "a: [".into())])
        .collect();
    let told: Vec<String> = Bot::load(&files)
        .unwrap_err()
        .iter()
        .map(|m| format!("{}:{} {}", m.file, m.line, m.what))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    bad.yaml:5 lead asks, and a node's question follows it
    bad.yaml:7 there is no node nowhere
    bad.yaml:8 "One." also stands in bad.yaml:5
    bad.yaml:8 "Two." also stands in bad.yaml:5
    bad.yaml:11 first has 2 wordings
    bad.yaml:13 there is no node missing
    bad.yaml:14 this reply of first is never reached: the one on line 13 takes it
    bad.yaml:16 "One?" also stands in bad.yaml:11
    bad.yaml:16 "Three? Four?" asks twice
    bad.yaml:16 "Two?" also stands in bad.yaml:11
    bad.yaml:16 nothing leads to the node second
    bad.yaml:16 second does not say what follows any other reply
    bad.yaml:18 entities.yaml has no spaceship
    bad.yaml:18 nobody could ever hear the fact user.wish
    bad.yaml:18 there is no $away
    bad.yaml:19 a `(` without its `)`
    bad.yaml:20 "One." also stands in bad.yaml:5
    bad.yaml:20 "Two." also stands in bad.yaml:5
    bad.yaml:20 it hands off to mars, which is no topic
    bad.yaml:20 nothing fills {{ oops }}
    worse.yaml:1 unknown field `a`, expected one of topic, version, label, enter, start, resume, remembers, nodes, hand_off, tests at line 1, column 1
    "#);
}

const BAD: &str = r#"topic: bad
version: 1
label: bad
enter:
  names: [bad]
  lead: ["One.", "Two.", "Is this three?"]
start: [first, nowhere]
resume: ["One.", "Two.", "Three."]
nodes:
  first:
    say: ["One?", "Two?"]
    replies:
      - { else: any, go: missing }
      - { act: affirm, go: $next }
  second:
    say: ["One?", "Two?", "Three? Four?"]
    replies:
      - { entity: spaceship, set: { user.wish: "{{ ent.spaceship }}" }, go: $away }
      - { match: "(a|b", go: $next }
hand_off: { to: [mars], bridge: ["One.", "Two.", "{{ oops }}"] }
"#;

#[test]
fn acts_can_come_from_the_channel() {
    let bot = Bot::shipped();
    let (state, reply) = act(bot, &Conversation::default(), Act::LetsChat);
    assert!(reply.asks && state.engaged(BEGIN));
    let (state, reply) = act(bot, &state, Act::NotUnderstood);
    assert_eq!((reply.source, reply.asks), (Source::Fallback, true));
    let (repeated, again) = act(bot, &state, Act::Repeat);
    assert_eq!(again.text, reply.text);
    let (stopped, reply) = act(bot, &repeated, Act::Stop);
    assert!(reply.ends && !stopped.engaged(BEGIN));
    assert!(!state.engaged(BEGIN + Duration::from_secs(3600)));
}

#[test]
fn a_long_talk_repeats_no_sentence_and_asks_one_question_at_a_time() {
    for seed in 0..5 {
        let mut talk = Talk::new(seed);
        let answers =
            ["I would have to think about that", "not really", "my sister, I suppose", "yes"];
        let mut said = std::collections::BTreeSet::new();
        for turn in 0..60 {
            let reply = talk.say(if turn == 0 { "let's chat" } else { answers[turn % 4] });
            assert!(reply.text.matches('?').count() <= 1, "{}", reply.text);
            for sentence in reply.text.split_inclusive(['.', '?']) {
                let sentence = sentence.trim().to_owned();
                assert!(said.insert(sentence.clone()), "turn {turn}: again: {sentence}");
            }
        }
    }
}

#[test]
fn a_conversation_continues_after_a_restart_as_if_there_had_been_none() {
    let (mut one, mut other) = (Talk::new(3), Talk::new(3));
    for text in ["let's chat", "good", "the matrix", "my name is tom", "tell me a joke", "no"] {
        let stored = serde_json::to_string(&other.state).unwrap();
        other.state = serde_json::from_str(&stored).unwrap();
        assert_eq!(one.say(text), other.say(text));
    }
}

#[test]
fn a_state_of_another_version_is_read_as_far_as_it_goes() {
    let state: Conversation =
        serde_json::from_str(r#"{"version":0,"place":{"topic":"gone","node":"x"},"unheard_of":1}"#)
            .unwrap();
    let turn = Turn { text: "hello there", ..Turn::default() };
    let (_, reply) = Bot::shipped().respond(&state, &turn, BEGIN, Seed(1));
    assert!(!reply.text.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is said, the answer is made of words, the state stays small, and chance is the seed's.
    #[test]
    fn anything_may_be_said(turns in prop::collection::vec(any_turn(), 1..30), seed in 0_u64..9) {
        let bot = Bot::shipped();
        let (mut state, mut now) = (Conversation::default(), BEGIN);
        for (text, act, pause) in turns {
            let turn = Turn { text: &text, act, speaker_name: Some("Ma\u{0}ya <b>") };
            let (after, reply) = bot.respond(&state, &turn, now, Seed(seed));
            prop_assert_eq!(&(after.clone(), reply.clone()), &bot.respond(&state, &turn, now, Seed(seed)));
            prop_assert!(!reply.text.trim().is_empty());
            prop_assert!(reply.text.matches('?').count() <= 1, "{}", reply.text);
            let stored = serde_json::to_string(&after).unwrap();
            prop_assert!(stored.len() <= MAX_STATE_BYTES, "{} bytes", stored.len());
            prop_assert_eq!(&serde_json::from_str::<Conversation>(&stored).unwrap(), &after);
            state = after;
            now = now + Duration::from_secs(pause);
        }
    }
}

fn any_turn() -> impl Strategy<Value = (String, Option<Act>, u64)> {
    let text = prop_oneof![
        4 => prop::sample::select(SAID).prop_map(str::to_owned),
        1 => "\\PC{0,60}",
        1 => any::<String>(),
        1 => "[a-z ]{10000}",
        1 => "(my favourite [a-z]{1,60} is [a-zé]{1,90} ){1,3}",
    ];
    let act = prop_oneof![
        8 => Just(None),
        1 => prop::sample::select(&[
            Act::Yes, Act::No, Act::Repeat, Act::NotUnderstood, Act::LetsChat, Act::ChangeTopic,
            Act::WhatDoYouKnow, Act::ForgetThat, Act::ForgetEverything, Act::Stop,
        ][..]).prop_map(Some),
    ];
    (text, act, prop_oneof![9 => 5_u64..60, 1 => 0_u64..100_000])
}

const SAID: &[&str] = &[
    "let's chat",
    "yes",
    "no",
    "the matrix",
    "i don't know",
    "let's talk about films",
    "stop",
    "what is my name",
    "my name is maya",
    "what do you know about me",
    "forget everything",
    "why",
    "are you human",
    "change the topic",
    "that makes no sense",
    "you are stupid",
    "say that again",
    "i love films",
    "tell me a joke",
    "my sister anna came over",
    "i want to die",
    "",
];

const BEGIN: Time = Time::from_ms(1_700_000_000_000);

struct Talk {
    state: Conversation,
    now: Time,
    seed: Seed,
}

impl Talk {
    fn new(seed: u64) -> Self {
        Self { state: Conversation::default(), now: BEGIN, seed: Seed(seed) }
    }

    fn say(&mut self, text: &str) -> Reply {
        let turn = Turn { text, ..Turn::default() };
        let (after, reply) = Bot::shipped().respond(&self.state, &turn, self.now, self.seed);
        self.state = after;
        self.now = self.now + Duration::from_secs(10);
        reply
    }
}

fn act(bot: &Bot, state: &Conversation, act: Act) -> (Conversation, Reply) {
    bot.respond(state, &Turn { act: Some(act), ..Turn::default() }, BEGIN, Seed(1))
}

fn shipped() -> Vec<(String, String)> {
    Bot::shipped_files().map(|(name, yaml)| (name.to_owned(), yaml.to_owned())).collect()
}

fn is_topic(name: &str) -> bool {
    !["language.yaml", "entities.yaml", "lines.yaml", "persona.yaml", "memory.yaml"].contains(&name)
}
