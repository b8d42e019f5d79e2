//! Somebody who sits beside a conversation and counts.

use std::collections::{BTreeMap, BTreeSet};

use hearthline_core::conversation::{Conversation, Counters, Place, Reply, Source};
use serde::{Deserialize, Serialize};

use super::person::{FEW_WORDS, Kind, Line};
use super::report::{DEPTH, Report, share, source};
use super::targets::LONG;
use super::words::{copies, picks_up, words};

/// A topic put aside counts as abandoned when it still waits after so many turns; put aside later, it
/// may yet be taken up on another day.
const PATIENCE: u64 = 20;

/// Whether replies attend to what was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Attention {
    pub(super) turns: u64,
    /// Turns of three words or fewer.
    pub(super) short_turns: u64,
    /// Turns with a word that carries meaning.
    pub(super) content_turns: u64,
    /// Replies that pick up such a word.
    pub(super) picked_up: u64,
    pub(super) picked_up_rate: f64,
    pub(super) picked_up_of_all: f64,
    /// Replies that say four words of the turn in a row.
    pub(super) copied: u64,
    pub(super) copied_rate: f64,
    pub(super) questions: u64,
    pub(super) questions_answered: u64,
    /// Honest "I don't know"s.
    pub(super) questions_declined: u64,
    /// Talked past.
    pub(super) questions_missed: u64,
    pub(super) questions_met_rate: f64,
}

/// What a question got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    Answered,
    Declined,
    Missed,
}

impl Met {
    pub(super) fn of(reply: &Reply) -> Self {
        let honest = ["a question we cannot answer", "asked for a topic we do not have"];
        let answered =
            ["asked for this topic", "answered the topic's question", "declined a topic"];
        match reply.source {
            _ if honest.contains(&reply.reason) => Self::Declined,
            Source::Persona | Source::Memory | Source::Knowledge | Source::Safety => Self::Answered,
            // "How are you?" is more than a greeting.
            Source::Command if reply.reason == "a greeting" => Self::Missed,
            Source::Command | Source::Llm => Self::Answered,
            Source::Topic if answered.contains(&reply.reason) => Self::Answered,
            Source::Topic | Source::Fallback => Self::Missed,
        }
    }
}

impl Attention {
    pub(super) fn hear(&mut self, turn: &str, asks: bool, reply: &Reply) {
        self.turns += 1;
        self.short_turns += u64::from(words(turn).len() <= FEW_WORDS);
        if let Some(picked) = picks_up(turn, &reply.text) {
            self.content_turns += 1;
            self.picked_up += u64::from(picked);
        }
        self.copied += u64::from(copies(turn, &reply.text));
        if asks {
            self.questions += 1;
            match Met::of(reply) {
                Met::Answered => self.questions_answered += 1,
                Met::Declined => self.questions_declined += 1,
                Met::Missed => self.questions_missed += 1,
            }
        }
        self.rates();
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.turns += other.turns;
        self.short_turns += other.short_turns;
        self.content_turns += other.content_turns;
        self.picked_up += other.picked_up;
        self.copied += other.copied;
        self.questions += other.questions;
        self.questions_answered += other.questions_answered;
        self.questions_declined += other.questions_declined;
        self.questions_missed += other.questions_missed;
        self.rates();
    }

    fn rates(&mut self) {
        self.picked_up_rate = share(self.picked_up, self.content_turns);
        self.picked_up_of_all = share(self.picked_up, self.turns);
        self.copied_rate = share(self.copied, self.turns);
        self.questions_met_rate =
            share(self.questions_answered + self.questions_declined, self.questions);
    }
}

/// What was said before in the same conversation.
#[derive(Debug, Default)]
pub(super) struct Echoes {
    sentences: BTreeSet<String>,
    trigrams: BTreeSet<[String; 3]>,
    pub(super) repeated_sentences: u64,
    /// Heard before, and in all.
    pub(super) repeated_trigrams: (u64, u64),
}

impl Echoes {
    pub(super) fn hear(&mut self, reply: &str) {
        for sentence in sentences(reply) {
            self.repeated_sentences += u64::from(!self.sentences.insert(sentence));
        }
        for three in words(reply).windows(3) {
            let [a, b, c] = three else { continue };
            let new = self.trigrams.insert([a.clone(), b.clone(), c.clone()]);
            self.repeated_trigrams.0 += u64::from(!new);
            self.repeated_trigrams.1 += 1;
        }
    }
}

fn sentences(text: &str) -> impl Iterator<Item = String> {
    let ends = |two: &[char]| matches!(two, ['.' | '?' | '!', ' ']);
    let characters: Vec<char> = text.chars().chain([' ']).collect();
    let cuts: Vec<usize> =
        characters.windows(2).enumerate().filter(|(_, w)| ends(w)).map(|(i, _)| i + 1).collect();
    let starts = std::iter::once(0).chain(cuts.clone());
    let said = starts.zip(cuts.into_iter().chain([characters.len()])).map(move |(from, to)| {
        characters[from..to].iter().collect::<String>().trim().to_lowercase()
    });
    said.filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().into_iter()
}

/// The part of a stored conversation that says what waits.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stored {
    stack: Vec<Place>,
    topics: BTreeMap<String, Standing>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Standing {
    declined: u32,
}

/// What becomes of the topics that were put aside.
#[derive(Debug, Default)]
struct PutAside {
    /// Since which turn.
    waiting: BTreeMap<String, u64>,
    resumed: u32,
    abandoned: u64,
}

impl PutAside {
    fn follow(&mut self, state: &Conversation, stored: &Stored, turn: u64) {
        let open = state.place().map(|place| place.topic.as_str());
        let counters = state.counters();
        // One that was taken up, and had nothing left to say, is not open afterwards.
        let resumed = counters.resumed > self.resumed;
        self.resumed = counters.resumed;
        let gone = |topic: &str| !stored.stack.iter().any(|place| place.topic == topic);
        let declined =
            |topic: &str| stored.topics.get(topic).is_some_and(|s| s.declined == counters.sessions);
        for topic in self.waiting.keys().filter(|topic| gone(topic)) {
            let lost = open != Some(topic) && !resumed && !declined(topic);
            self.abandoned += u64::from(lost);
        }
        self.waiting.retain(|topic, _| !gone(topic));
        for place in &stored.stack {
            self.waiting.entry(place.topic.clone()).or_insert(turn);
        }
    }
}

/// One person's conversation, as it is listened to.
#[derive(Debug, Default)]
pub(super) struct Listener {
    echoes: Echoes,
    aside: PutAside,
    /// Words of plans told on an earlier day, and today.
    plans: BTreeSet<String>,
    plans_today: BTreeSet<String>,
    report: Report,
}

impl Listener {
    pub(super) fn begins_visit(&mut self) {
        self.report.visits += 1;
        let today = std::mem::take(&mut self.plans_today);
        // Only who comes again can be asked how it went.
        self.report.plans += today.len() as u64;
        self.plans.extend(today);
    }

    /// A bot that was started again either went on alike or did not.
    pub(super) fn restarted(&mut self, alike: bool) {
        self.report.restarts += 1;
        self.report.restart_mismatches += u64::from(!alike);
    }

    pub(super) fn hear(&mut self, line: &Line, reply: &Reply, state: &Conversation, stored: &str) {
        let report = &mut self.report;
        report.turns += 1;
        *report.sources.entry(source(reply.source)).or_default() += 1;
        report.unanswered_questions += u64::from(reply.reason == "a question we cannot answer");
        report.loose += u64::from(reply.unforeseen && reply.source == Source::Topic);
        report.cut_short += u64::from(reply.ends && line.kind != Kind::Leaves);
        report.errands_offered += u64::from(reply.errand.is_some());
        report.state_bytes = report.state_bytes.max(stored.len() as u64);
        report.attention.hear(&line.text, line.kind == Kind::Asks, reply);
        if let Some(probe) = &line.probe {
            let answered = reply.text.to_lowercase().contains(&probe.expect);
            let (probes, met) = if probe.open {
                (&mut report.open_probes, &mut report.open_answered)
            } else {
                (&mut report.memory_probes, &mut report.memory_answered)
            };
            *probes += 1;
            *met += u64::from(answered);
            if !answered {
                *report.missed_probes.entry(line.text.to_lowercase()).or_default() += 1;
            }
        }
        self.plans_today.extend(line.plan.clone());
        let (told, said) = (line.text.to_lowercase(), reply.text.to_lowercase());
        let asked_after = |plan: &String| !told.contains(plan) && said.contains(plan);
        let before = self.plans.len();
        self.plans.retain(|plan| !asked_after(plan));
        report.plans_asked_after += (before - self.plans.len()) as u64;
        // What was asked for again does not count as a repetition.
        if line.kind != Kind::WantsRepeat {
            self.echoes.hear(&reply.text);
        }
        // The engine's own standing, as it is stored: what it says it remembers is what counts.
        let stored: Stored = serde_json::from_str(stored).unwrap_or_default();
        self.aside.follow(state, &stored, self.report.turns);
    }

    /// The conversation is over.
    pub(super) fn finish(mut self, state: &Conversation) -> Report {
        let report = &mut self.report;
        for (topic, turns) in state.depths() {
            *report.topics.entry(topic.to_owned()).or_default() += u64::from(turns);
            report.deep_topics += u64::from(turns >= DEPTH);
        }
        let Counters { interrupted, resumed, declined, fallbacks, .. } = *state.counters();
        report.people = 1;
        report.fewest_turns = report.turns;
        report.long_talks = u64::from(report.turns >= LONG);
        report.deep_topics_sum = report.deep_topics;
        report.repeated_sentences = self.echoes.repeated_sentences;
        report.trigrams = self.echoes.repeated_trigrams;
        (report.interrupted, report.resumed) = (interrupted.into(), resumed.into());
        (report.declined, report.fallbacks) = (declined.into(), fallbacks.into());
        let stale =
            self.aside.waiting.values().filter(|since| *since + PATIENCE <= report.turns).count();
        report.abandoned = self.aside.abandoned + stale as u64;
        report.waiting = (self.aside.waiting.len() - stale) as u64;
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_any_end() {
        let found: Vec<String> = sentences("Well. Is it 3.5 miles? Go! Yes").collect();
        assert_eq!(found, ["well.", "is it 3.5 miles?", "go!", "yes"]);
    }
}
