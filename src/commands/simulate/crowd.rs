//! What many live conversations hold in memory.

use std::time::Duration;

use hearthline_core::conversation::{Bot, Conversation, Turn};
use hearthline_core::time::Seed;

use super::BEGIN;
use super::cast::Cast;
use super::person::Person;

/// Conversations that are alive at once.
pub(super) const LIVE: usize = 10_000;
/// Turns that each of them has had.
const TURNS: usize = 100;
const BETWEEN_TURNS: Duration = Duration::from_secs(12);

/// Resident megabytes: of the conversations, and of the whole program with them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crowd {
    pub(super) conversations_mb: f64,
    pub(super) resident_mb: f64,
}

/// Keeps 10,000 conversations of 100 turns alive and looks at the program; `None` where the system
/// does not say how much memory it holds.
pub(super) fn measure(cast: &Cast) -> Option<Crowd> {
    // One conversation per person up to the turn before the last; the last one is had by everybody.
    // So every state is what a turn leaves behind, and a hundred thousand turns need not be computed.
    let talks: Vec<(Conversation, String)> =
        cast.people.iter().enumerate().map(|(index, _)| nearly(cast, index)).collect();
    let before = resident_mb()?;
    let now = BEGIN + BETWEEN_TURNS * u32::try_from(TURNS).ok()?;
    let live: Vec<Conversation> = (0..LIVE)
        .map(|index| {
            let (state, text) = &talks[index % talks.len()];
            let turn = Turn { text, ..Turn::default() };
            Bot::shipped().respond(state, &turn, now, Seed(index as u64)).0
        })
        .collect();
    let after = resident_mb()?;
    // Kept until here: what is dropped early is not measured.
    drop(live);
    Some(Crowd { conversations_mb: after - before, resident_mb: after })
}

/// A conversation but for its last turn, and that turn's words.
fn nearly(cast: &Cast, index: usize) -> (Conversation, String) {
    let seed = Seed(index as u64);
    let mut person = Person::new(cast, &cast.people[index], seed);
    let (mut state, mut now, mut line) = (Conversation::default(), BEGIN, person.comes(1));
    for _ in 1..TURNS {
        let turn = Turn { text: &line.text, ..Turn::default() };
        let (after, reply) = Bot::shipped().respond(&state, &turn, now, seed);
        line = person.answers(&reply.text, &reply.text);
        state = after;
        now = now + BETWEEN_TURNS;
    }
    (state, line.text)
}

fn resident_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kb: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kb / 1024.0)
}
