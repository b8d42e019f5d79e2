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

/// The topic and the tables of `docs/dialogs.md`, without the topics that we ship.
#[test]
fn the_documented_examples_load_and_their_tests_pass() {
    let page = include_str!("../../../../docs/dialogs.md").replace("to: [travel]", "to: []");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let names = ["schema.yaml", "seashells.yaml", "knowledge_example.yaml"];
    let examples = names.iter().zip(blocks).skip(1);
    let examples = examples.map(|(name, yaml)| ((*name).to_owned(), yaml.to_owned()));
    let own = |name: &str| !is_topic(name) && !name.starts_with("knowledge");
    let fixed = shipped().into_iter().filter(|(name, _)| own(name));
    let files: Vec<_> = fixed.chain(examples).collect();
    assert!(names[1..].iter().all(|name| files.iter().any(|(file, _)| file == name)));
    let bot = Bot::load(&files).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let mistakes = bot.trials().into_iter().filter(|mistake| names.contains(&&*mistake.file));
    assert_eq!(mistakes.collect::<Vec<_>>(), []);
    let turn = Turn { text: "what is the capital of britain", ..Turn::default() };
    let (_, reply) = bot.respond(&Conversation::default(), &turn, BEGIN, Seed(1));
    assert!(reply.text.contains("London is the capital of United Kingdom."), "{}", reply.text);
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
    worse.yaml:1 unknown field `a`, expected one of topic, version, label, enter, start, resume, remembers, captures, entities, concepts, facts, decks, nodes, hand_off, tests at line 1, column 1
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
fn a_topic_that_vanishes_in_mid_conversation_is_left_for_another() {
    let say = |bot: &Bot, state: &Conversation, text: &str| {
        bot.respond(state, &Turn { text, ..Turn::default() }, BEGIN, Seed(3))
    };
    let (state, asked) = say(small(), &Conversation::default(), "let's talk about pebbles");
    assert_eq!(asked.topic.as_deref(), Some("smalltest"));
    for text in ["flint", "what about you", "say that again", "no", "let's talk about films", ""] {
        let (after, reply) = say(Bot::shipped(), &state, text);
        assert!(!reply.text.trim().is_empty(), "{text}");
        let (_, reply) = say(Bot::shipped(), &after, "go on");
        assert_ne!(reply.topic.as_deref(), Some("smalltest"), "{text}: {}", reply.text);
        assert!(reply.asks, "{text}: {}", reply.text);
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
            let turn = Turn { text: &text, act, speaker_name: Some("Ma\u{0}ya <b>"), ..Turn::default() };
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
    let fixed = [
        "language.yaml",
        "phrases.yaml",
        "entities.yaml",
        "lines.yaml",
        "persona.yaml",
        "memory.yaml",
    ];
    !fixed.contains(&name) && !name.starts_with("knowledge")
}

/// A topic that has one of everything, small enough to read beside its test.
const SMALL: &str = r#"topic: smalltest
version: 1
label: the small test
entities: { pebble: [Agate | agates, Flint] }
enter:
  names: [pebbles]
  lead: ["Pebbles, lead one.", "Pebbles, lead two.", "Pebbles, lead three."]
start: [which, winter, riddle]
resume: ["Pebbles again one.", "Pebbles again two.", "Pebbles again three."]
captures:
  - heard: ["i am polishing <value> tomorrow"]
    keep: plan.polishing
    days: 5
    say: ["Polish away, one.", "Polish away, two.", "Polish away, three."]
    later: ["How did polishing {{ value }} go?", "And the polishing of {{ value }}?", "Was {{ value }} worth polishing?"]
remembers:
  plan.polishing: { say: "you were going to polish {{ value }}" }
facts:
  - { about: [flint], say: "Flint breaks into edges sharper than a razor, which is why it made the first knives.", source: "Encyclopedia, flint", date: 2024 }
decks:
  pebble_riddles:
    - { ask: "What gets smaller the more the sea holds it?", accept: ["(pebble|stone)"], answer: "A pebble it was.", hint: "You can skip it over water." }
nodes:
  which:
    say: ["Which pebble do you keep one?", "Which pebble do you keep two?", "Which pebble do you keep three?"]
    own: ["An agate would be mine, for the stripes."]
    replies:
      - { entity: pebble, say: "{{ ent.pebble }}, noted.", go: $next }
      - { else: any, go: $next }
  winter:
    when: { season: winter }
    say: ["Cold stones one?", "Cold stones two?", "Cold stones three?"]
    replies:
      - { else: any, go: $next }
  riddle:
    draw: pebble_riddles
    say: ["A riddle, first.", "A riddle, second.", "A riddle, third."]
    replies:
      - { right: true, say: "Right you are, {{ card.answer }}", go: $next }
      - { attempt: 1, say: "Not that. {{ card.hint }}", go: $stay }
      - { else: any, say: "The sea keeps its secret. {{ card.answer }}", go: $next }
hand_off: { to: [], bridge: ["Enough stones one, {{ next }}.", "Enough stones two, {{ next }}.", "Enough stones three, {{ next }}."] }
"#;

fn small() -> &'static Bot {
    static SMALL_BOT: std::sync::LazyLock<Bot> = std::sync::LazyLock::new(|| {
        let files = shipped().into_iter().filter(|(name, _)| !is_topic(name));
        let files: Vec<_> = files.chain([("small.yaml".to_owned(), SMALL.to_owned())]).collect();
        Bot::load(&files).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    });
    &SMALL_BOT
}

/// Says one line after the other, `seconds` apart, in November.
fn talk(turns: &[(&str, u64)], turn: Turn<'_>) -> Vec<Reply> {
    let (mut state, mut now) = (Conversation::default(), BEGIN);
    let replies = turns.iter().map(|(text, seconds)| {
        now = now + Duration::from_secs(*seconds);
        let (after, reply) = small().respond(&state, &Turn { text, ..turn }, now, Seed(3));
        state = after;
        reply
    });
    replies.collect()
}

#[track_caller]
fn check(turns: &[&str], expected: &[&str]) {
    let turns: Vec<(&str, u64)> = turns.iter().map(|text| (*text, 10)).collect();
    for (reply, expected) in talk(&turns, Turn::default()).iter().zip(expected) {
        assert!(reply.text.contains(expected), "{:?} lacks {expected:?}", reply.text);
    }
}

#[test]
fn a_question_turned_round_is_answered_and_comes_back() {
    check(
        &["let's talk about pebbles", "what about you", "agates, what about you"],
        &["Which pebble", "An agate would be mine, for the stripes.", "Agate, noted."],
    );
}

#[test]
fn a_card_is_guessed_twice_and_then_told() {
    let ask = ["let's talk about pebbles", "flint", "an ice cube", "a shell"];
    check(&ask, &["Which", "What gets smaller", "You can skip it", "A pebble it was."]);
    check(&["let's talk about pebbles", "flint", "is it a stone?"], &["", "", "Right you are"]);
}

#[test]
fn a_season_opens_what_belongs_to_it() {
    let january = jiff::civil::date(2026, 1, 10).at(9, 0, 0, 0);
    let turns = [("let's talk about pebbles", 10), ("flint", 10)];
    let replies = talk(&turns, Turn { local: Some(january), ..Turn::default() });
    assert!(replies[1].text.contains("Cold stones"), "{}", replies[1].text);
}

#[test]
fn what_was_to_come_is_asked_after_at_the_next_meeting_once() {
    let day = 24 * 60 * 60;
    let turns = [
        ("let's chat", 10),
        ("i am polishing my agate tomorrow", 10),
        ("bye", 10),
        ("let's chat", day),
        ("very well", 10),
        ("bye", 10),
        ("let's chat", day),
        ("what do you know about me", 6 * day),
    ];
    let replies = talk(&turns, Turn::default());
    assert!(replies[3].text.contains("your agate") && replies[3].asks, "{}", replies[3].text);
    assert!(!replies[6].text.contains("agate"), "{}", replies[6].text);
    assert!(!replies[7].text.contains("agate"), "{}", replies[7].text);
}

#[test]
fn words_that_were_hardly_heard_are_asked_about() {
    let turn = Turn { certainty: Some(0.2), ..Turn::default() };
    let (state, asked) = small().respond(
        &Conversation::default(),
        &Turn { text: "my flint is lost", ..turn },
        BEGIN,
        Seed(1),
    );
    assert!(asked.text.contains("your flint is lost") && asked.asks, "{}", asked.text);
    let yes = Turn { text: "yes", certainty: Some(0.9), ..turn };
    let (_, reply) = small().respond(&state, &yes, BEGIN, Seed(1));
    assert_ne!(reply.source, Source::Fallback);
    let no = Turn { text: "no", certainty: Some(0.9), ..turn };
    assert_eq!(small().respond(&state, &no, BEGIN, Seed(1)).1.reason, "nothing was caught");
}

#[test]
fn somebody_who_comes_up_is_offered_a_call_once_and_never_again() {
    let people = [Acquaintance {
        id: "anna".to_owned(),
        name: "Anna".to_owned(),
        relation: Some("sister".to_owned()),
    }];
    let miss = "i miss my sister so much";
    let mut turns =
        vec![("let's chat", 10), ("fine", 10), ("good", 10), ("well", 10), (miss, 10), (miss, 10)];
    turns.extend([("yes please", 10); 1]);
    let replies = talk(&turns, Turn { people: &people, ..Turn::default() });
    let offered = replies.iter().filter(|reply| reply.text.contains("Anna")).count();
    assert_eq!(offered, 1, "{replies:#?}");
    let turns = [
        ("let's chat", 10),
        ("fine", 10),
        ("good", 10),
        ("well", 10),
        (miss, 10),
        ("yes please", 10),
    ];
    let replies = talk(&turns, Turn { people: &people, ..Turn::default() });
    assert_eq!(replies[5].errand, Some((Errand::Call, "anna".to_owned())));
}

#[test]
fn after_a_call_the_talk_is_taken_up_once() {
    let people = [Acquaintance { id: "anna".into(), name: "Anna".into(), relation: None }];
    let said =
        ["let's chat", "fine", "good", "well", "i love talking to Anna", "yes", "let's chat"];
    let turns: Vec<(&str, u64)> =
        said.iter().map(|text| (*text, 10)).chain([("let's chat", 10)]).collect();
    let replies = talk(&turns, Turn { people: &people, ..Turn::default() });
    assert!(replies[5].errand.is_some(), "{replies:#?}");
    assert_eq!(replies[6].reason, "back from a call or message");
    assert_ne!(replies[7].reason, "back from a call or message");
}

#[test]
fn sums_and_the_clock_are_answered() {
    check(&["what is seven times eight", "what day is it today"], &["56", "Today is"]);
}

#[test]
fn unfit_words_are_never_said_back() {
    for reply in talk(&[("my name is fucking idiot", 10), ("what is my name", 10)], Turn::default())
    {
        assert!(!reply.text.contains("fuck"), "{}", reply.text);
    }
}
