//! Runs the tests that stand beside the dialogs: no clock, seeded chance, no network.

use std::time::Duration;

use super::bot::{Bot, Turn};
use super::mistake::Mistake;
use super::sheet::{Test, TestTurn};
use super::state::Conversation;
use crate::time::{Seed, Time};

/// People take about this long for a turn.
const TURN: Duration = Duration::from_secs(10);

/// An afternoon in autumn, 2026-10-14T15:00:00Z.
const BEGIN: Time = Time::from_ms(1_791_990_000_000);

pub(crate) fn run_all(bot: &Bot) -> Vec<Mistake> {
    bot.tests.iter().flat_map(|(file, line, test)| run(bot, file, *line, test)).collect()
}

fn run(bot: &Bot, file: &str, line: u64, test: &Test) -> Vec<Mistake> {
    let mut state = Conversation::default();
    let mut now = BEGIN;
    let mut mistakes = Vec::new();
    for turn in &test.talk {
        now = now + Duration::from_secs(u64::from(turn.after_hours) * 60 * 60);
        let said = Turn { text: &turn.user, ..Turn::default() };
        let (after, reply) = bot.respond(&state, &said, now, Seed(1));
        let source = serde_json::to_value(reply.source).ok();
        let source = source.as_ref().and_then(|s| s.as_str()).unwrap_or_default();
        for wrong in expectations(turn, &after, &reply.text, source) {
            mistakes.push(Mistake {
                file: file.to_owned(),
                line: usize::try_from(line).unwrap_or(0),
                what: format!(
                    "test \"{}\": after \"{}\" {wrong} (it said: \"{}\")",
                    test.name, turn.user, reply.text
                ),
                mend: "change the dialog or the expectation".to_owned(),
            });
        }
        state = after;
        now = now + TURN;
    }
    mistakes
}

fn expectations(
    expected: &TestTurn,
    state: &Conversation,
    text: &str,
    source: &str,
) -> Vec<String> {
    let node = state.place().map_or("none", |p| p.node.as_str());
    let topic = state.place().map_or("none", |p| p.topic.as_str());
    let mut wrong = Vec::new();
    for (kind, wanted, got) in [
        ("the node", &expected.node, node),
        ("the topic", &expected.topic, topic),
        ("the source", &expected.source, source),
    ] {
        if let Some(wanted) = wanted.as_deref().filter(|wanted| *wanted != got) {
            wrong.push(format!("{kind} is {got}, not {wanted}"));
        }
    }
    if let Some(says) = expected.says.as_ref().filter(|says| !glob(says, text)) {
        wrong.push(format!("it does not say \"{says}\""));
    }
    if let Some(never) = expected.never.as_ref().filter(|never| glob(never, text)) {
        wrong.push(format!("it says \"{never}\""));
    }
    for (key, wanted) in &expected.sets {
        let got = state.fact(key).unwrap_or("nothing");
        if got != wanted {
            wrong.push(format!("{key} is {got}, not {wanted}"));
        }
    }
    wrong
}

/// `*` stands for anything; letters count without their case.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut ended = true;
    for part in parts {
        ended = part.is_empty();
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || (ended && pattern.contains('*'))
}
