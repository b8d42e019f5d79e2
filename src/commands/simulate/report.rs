//! What a simulated conversation was like, in figures that are the same for a seed.

use std::collections::{BTreeMap, BTreeSet};

use hearthline_core::conversation::{Counters, Reply, Source};
use serde::Serialize;

/// A topic counts as talked about from this many turns.
const DEPTH: u32 = 5;

/// What became of the things people asked their household's assistant for.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Errands {
    pub(super) asked: u64,
    pub(super) understood: u64,
    /// Requests that changed a call: placed, answered or hung up.
    pub(super) calls: u64,
    /// Messages left.
    pub(super) messages: u64,
    pub(super) refused: u64,
}

impl Errands {
    pub(super) fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.understood += other.understood;
        self.calls += other.calls;
        self.messages += other.messages;
        self.refused += other.refused;
    }
}

/// One run, or the total of several.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs: Option<u64>,
    pub(super) people: u64,
    pub(super) minutes: u64,
    pub(super) turns: u64,
    /// The shortest conversation, in turns.
    pub(super) fewest_turns: u64,
    pub(super) sources: BTreeMap<&'static str, u64>,
    /// Turns spent in each topic.
    pub(super) topics: BTreeMap<String, u64>,
    /// The fewest topics with five turns or more that anybody had.
    pub(super) deep_topics: u64,
    pub(super) repeated_sentences: u64,
    /// The share of three-word sequences that were said before in the same conversation.
    pub(super) trigram_repetition: f64,
    pub(super) interrupted: u64,
    pub(super) resumed: u64,
    pub(super) declined: u64,
    /// Replies for which only the universal fallback was left, and their share of all.
    pub(super) fallbacks: u64,
    pub(super) fallback_rate: f64,
    /// Of these, questions that were honestly not answered.
    pub(super) unanswered_questions: u64,
    pub(super) memory_probes: u64,
    pub(super) memory_answered: u64,
    pub(super) household: Errands,
    /// The largest conversation state, in bytes.
    pub(super) state_bytes: u64,
    #[serde(skip)]
    pub(super) trigrams: (u64, u64),
}

/// One person's conversation, as it is listened to.
#[derive(Debug, Default)]
pub(super) struct Listener {
    sentences: BTreeSet<String>,
    trigrams: BTreeSet<[String; 3]>,
    turns: u64,
    report: Report,
}

impl Listener {
    /// Counts one reply. One that was asked for again does not count as a repetition.
    pub(super) fn hear(&mut self, reply: &Reply, again: bool, probe: Option<&str>) {
        self.turns += 1;
        let report = &mut self.report;
        report.turns += 1;
        *report.sources.entry(source(reply.source)).or_default() += 1;
        report.unanswered_questions += u64::from(reply.reason == "a question we cannot answer");
        if let Some(expected) = probe {
            report.memory_probes += 1;
            let answered = reply.text.to_lowercase().contains(expected);
            report.memory_answered += u64::from(answered);
        }
        if again {
            return;
        }
        for sentence in reply.text.split_inclusive(". ").flat_map(|s| s.split_inclusive("? ")) {
            let sentence = sentence.trim().to_lowercase();
            report.repeated_sentences += u64::from(!self.sentences.insert(sentence));
        }
        let words: Vec<String> = reply
            .text
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        for three in words.windows(3) {
            let [a, b, c] = three else { continue };
            report.trigrams.1 += 1;
            let new = self.trigrams.insert([a.clone(), b.clone(), c.clone()]);
            report.trigrams.0 += u64::from(!new);
        }
    }

    /// The conversation is over.
    pub(super) fn finish<'a>(
        mut self,
        counters: &Counters,
        depths: impl Iterator<Item = (&'a str, u32)>,
        state_bytes: usize,
    ) -> Report {
        for (topic, turns) in depths {
            *self.report.topics.entry(topic.to_owned()).or_default() += u64::from(turns);
            self.report.deep_topics += u64::from(turns >= DEPTH);
        }
        let report = &mut self.report;
        report.people = 1;
        report.fewest_turns = self.turns;
        report.interrupted = counters.interrupted.into();
        report.resumed = counters.resumed.into();
        report.declined = counters.declined.into();
        report.fallbacks = counters.fallbacks.into();
        report.state_bytes = state_bytes as u64;
        self.report
    }
}

impl Report {
    /// Adds another conversation, or another run.
    pub(super) fn add(&mut self, other: &Self) {
        let first = self.people == 0;
        let least = |a: u64, b: u64| if first { b } else { a.min(b) };
        self.fewest_turns = least(self.fewest_turns, other.fewest_turns);
        self.deep_topics = least(self.deep_topics, other.deep_topics);
        self.people += other.people;
        self.turns += other.turns;
        for (source, turns) in &other.sources {
            *self.sources.entry(source).or_default() += turns;
        }
        for (topic, turns) in &other.topics {
            *self.topics.entry(topic.clone()).or_default() += turns;
        }
        self.repeated_sentences += other.repeated_sentences;
        self.trigrams.0 += other.trigrams.0;
        self.trigrams.1 += other.trigrams.1;
        self.interrupted += other.interrupted;
        self.resumed += other.resumed;
        self.declined += other.declined;
        self.fallbacks += other.fallbacks;
        self.unanswered_questions += other.unanswered_questions;
        self.memory_probes += other.memory_probes;
        self.memory_answered += other.memory_answered;
        self.household.add(other.household);
        self.state_bytes = self.state_bytes.max(other.state_bytes);
        self.fallback_rate = share(self.fallbacks, self.turns);
        self.trigram_repetition = share(self.trigrams.0, self.trigrams.1);
    }

    /// For people.
    pub(super) fn plain(&self) -> String {
        let topics: Vec<String> =
            self.topics.iter().map(|(topic, turns)| format!("{topic} {turns}")).collect();
        let sources: Vec<String> =
            self.sources.iter().map(|(source, turns)| format!("{source} {turns}")).collect();
        format!(
            "{} people, {} turns (the shortest talk {})\n\
             topics       {} (each person at least {} of five turns or more)\n\
             answered by  {}\n\
             repetition   {} sentences, {:.1} % of trigrams\n\
             topics put aside {}, taken up again {}, declined {}\n\
             fallback     {:.1} % of turns ({} of them questions beyond it)\n\
             memory       {} of {} questions answered\n\
             household    {} requests, {} understood; {} for calls, {} messages left, {} refused\n\
             state        at most {} bytes",
            self.people,
            self.turns,
            self.fewest_turns,
            topics.join(", "),
            self.deep_topics,
            sources.join(", "),
            self.repeated_sentences,
            self.trigram_repetition * 100.0,
            self.interrupted,
            self.resumed,
            self.declined,
            self.fallback_rate * 100.0,
            self.unanswered_questions,
            self.memory_answered,
            self.memory_probes,
            self.household.asked,
            self.household.understood,
            self.household.calls,
            self.household.messages,
            self.household.refused,
            self.state_bytes,
        )
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    // Four digits, so that a report reads well and stays the same everywhere.
    (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0
}

const fn source(source: Source) -> &'static str {
    match source {
        Source::Topic => "topic",
        Source::Persona => "persona",
        Source::Memory => "memory",
        Source::Knowledge => "knowledge",
        Source::Safety => "safety",
        Source::Command => "command",
        Source::Llm => "llm",
        Source::Fallback => "fallback",
    }
}
