//! Turns as real people say them, from a file: what the socialbot makes of them.
//!
//! One turn a line: conversation, text and kind, with tabs between; `#` begins a comment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use hearthline_core::conversation::{Bot, Conversation, Reply, Source, Turn};
use hearthline_core::time::Seed;
use serde::Serialize;

use super::BEGIN;
use super::listener::{Attention, Echoes};
use super::report::{share, source};
use super::unmatched::Unmatched;

/// Virtual time between two turns.
const BETWEEN_TURNS: Duration = Duration::from_secs(12);

/// Conversations in the order of the file, each a row of turns.
#[derive(Debug)]
pub(super) struct Turns(Vec<(String, Vec<Said>)>);

#[derive(Debug)]
struct Said {
    text: String,
    asks: bool,
}

/// One turn and its reply, with the exchange before it.
#[derive(Debug)]
struct Exchange {
    conversation: String,
    number: usize,
    before: Option<(String, String)>,
    turn: String,
    asks: bool,
    reply: Reply,
    unmatched: Option<Unmatched>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct TurnsReport {
    pub(super) seed: u64,
    pub(super) conversations: u64,
    pub(super) sources: BTreeMap<&'static str, u64>,
    pub(super) fallbacks: u64,
    pub(super) fallback_rate: f64,
    /// Replies that would have been given to anything else as well.
    pub(super) loose: u64,
    pub(super) repeated_sentences: u64,
    pub(super) trigram_repetition: f64,
    pub(super) attention: Attention,
}

impl Turns {
    /// # Errors
    /// Names the line that is not a turn.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the turns in {} cannot be read", file.display()))?;
        let mut conversations: Vec<(String, Vec<Said>)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let [conversation, text, kind] = line.split('\t').collect::<Vec<_>>()[..] else {
                anyhow::bail!(
                    "{}:{}: write conversation, text and kind with a tab between each",
                    file.display(),
                    number + 1
                );
            };
            let said = Said { text: text.to_owned(), asks: kind.trim() == "question" };
            match conversations.iter_mut().find(|(id, _)| id == conversation) {
                Some((_, turns)) => turns.push(said),
                None => conversations.push((conversation.to_owned(), vec![said])),
            }
        }
        Ok(Self(conversations))
    }

    /// How the socialbot answers all of them, and what it had no answer to.
    pub(super) fn report(&self, seed: u64) -> (TurnsReport, Vec<Unmatched>) {
        let mut report =
            TurnsReport { seed, conversations: self.0.len() as u64, ..TurnsReport::default() };
        let (mut unmatched, mut trigrams) = (Vec::new(), (0, 0));
        for (id, turns) in &self.0 {
            let mut echoes = Echoes::default();
            for exchange in talk(id, turns, seed) {
                let reply = &exchange.reply;
                *report.sources.entry(source(reply.source)).or_default() += 1;
                report.fallbacks += u64::from(reply.source == Source::Fallback);
                report.loose += u64::from(reply.unforeseen && reply.source == Source::Topic);
                report.attention.hear(&exchange.turn, exchange.asks, reply);
                if reply.reason != "asked to repeat" {
                    echoes.hear(&reply.text);
                }
                unmatched.extend(exchange.unmatched);
            }
            report.repeated_sentences += echoes.repeated_sentences;
            trigrams.0 += echoes.repeated_trigrams.0;
            trigrams.1 += echoes.repeated_trigrams.1;
        }
        report.fallback_rate = share(report.fallbacks, report.attention.turns);
        report.trigram_repetition = share(trigrams.0, trigrams.1);
        (report, unmatched)
    }

    /// As many exchanges, each drawn and answered with the seed that stands beside it, for a reader.
    pub(super) fn show(&self, count: usize, seed: u64) -> String {
        let all: Vec<(usize, usize)> = self
            .0
            .iter()
            .enumerate()
            .flat_map(|(at, (_, turns))| (0..turns.len()).map(move |turn| (at, turn)))
            .collect();
        let (mut out, mut shown, mut seed) = (String::new(), BTreeSet::new(), seed);
        while shown.len() < count.min(all.len()) {
            let index = Seed(seed).pick("exchange", all.len()).unwrap_or_default();
            if shown.insert(index) {
                let (at, turn) = all[index];
                let (id, turns) = &self.0[at];
                if let Some(exchange) = talk(id, &turns[..=turn], seed).pop() {
                    let _ = write!(out, "{}", exchange.plain(shown.len(), seed));
                }
            }
            seed = seed.wrapping_add(1);
        }
        out
    }
}

fn talk(id: &str, turns: &[Said], seed: u64) -> Vec<Exchange> {
    let seed = Seed(seed).for_purpose(id);
    let (mut state, mut now) = (Conversation::default(), BEGIN);
    let mut exchanges: Vec<Exchange> = Vec::new();
    for (index, said) in turns.iter().enumerate() {
        let turn = Turn { text: &said.text, ..Turn::default() };
        let (after, reply) = Bot::shipped().respond(&state, &turn, now, seed);
        exchanges.push(Exchange {
            conversation: id.to_owned(),
            number: index + 1,
            before: exchanges.last().map(|last| (last.turn.clone(), last.reply.text.clone())),
            turn: said.text.clone(),
            asks: said.asks,
            unmatched: Unmatched::of(&said.text, &reply, state.place()),
            reply,
        });
        state = after;
        now = now + BETWEEN_TURNS;
    }
    exchanges
}

impl Exchange {
    fn plain(&self, number: usize, seed: u64) -> String {
        let before = self.before.as_ref();
        let before =
            before.map_or(String::new(), |(turn, reply)| format!("  > {turn}\n  < {reply}\n"));
        format!(
            "{number}. seed {seed}, {} turn {}\n{before}  > {}\n  < {}\n\n",
            self.conversation, self.number, self.turn, self.reply.text
        )
    }
}

impl TurnsReport {
    /// For people.
    pub(super) fn plain(&self) -> String {
        let sources: Vec<String> =
            self.sources.iter().map(|(source, turns)| format!("{source} {turns}")).collect();
        let turns = self.attention.turns;
        format!(
            "{turns} turns in {} conversations, seed {}\n\
             answered by  {}\n\
             {}\n\
             fallback     {:.1} % of turns, {:.1} % answered loosely\n\
             repetition   {} sentences, {:.1} % of trigrams",
            self.conversations,
            self.seed,
            sources.join(", "),
            self.attention.plain(),
            self.fallback_rate * 100.0,
            share(self.loose, turns) * 100.0,
            self.repeated_sentences,
            self.trigram_repetition * 100.0,
        )
    }
}
