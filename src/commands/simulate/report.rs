//! What a simulated conversation was like, in figures that are the same for a seed.

use std::collections::BTreeMap;

use hearthline_core::conversation::Source;
use serde::Serialize;

use super::listener::Attention;

/// A topic counts as talked about from this many turns.
pub(super) const DEPTH: u32 = 5;

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
    /// Conversations with a pause of a day before each but a person's first.
    pub(super) visits: u64,
    /// The same as `deep_topics`, for the average person.
    pub(super) deep_topics_mean: f64,
    /// People who had a hundred turns or more.
    pub(super) long_talks: u64,
    /// Questions about told things that not everybody has; the others are `memory_probes`.
    pub(super) open_probes: u64,
    pub(super) open_answered: u64,
    /// Topics that were put aside and neither taken up again nor declined, and those that may yet be.
    pub(super) abandoned: u64,
    pub(super) waiting: u64,
    /// Replies that would have been given to anything else as well.
    pub(super) loose: u64,
    /// Goodbyes that nobody had said.
    pub(super) cut_short: u64,
    /// Calls and messages that were offered and taken up.
    pub(super) errands_offered: u64,
    /// Plans of people who came again, and those the bot asked after.
    pub(super) plans: u64,
    pub(super) plans_asked_after: u64,
    /// Turns answered also by a bot that was started again just before, and those it answered otherwise.
    pub(super) restarts: u64,
    pub(super) restart_mismatches: u64,
    pub(super) attention: Attention,
    #[serde(skip)]
    pub(super) trigrams: (u64, u64),
    #[serde(skip)]
    pub(super) deep_topics_sum: u64,
    /// Probes of memory that got no answer.
    #[serde(skip)]
    pub(super) missed_probes: BTreeMap<String, u64>,
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
        self.visits += other.visits;
        self.deep_topics_sum += other.deep_topics_sum;
        self.long_talks += other.long_talks;
        self.open_probes += other.open_probes;
        self.open_answered += other.open_answered;
        for (asked, times) in &other.missed_probes {
            *self.missed_probes.entry(asked.clone()).or_default() += times;
        }
        self.abandoned += other.abandoned;
        self.waiting += other.waiting;
        self.loose += other.loose;
        self.cut_short += other.cut_short;
        self.errands_offered += other.errands_offered;
        self.plans += other.plans;
        self.plans_asked_after += other.plans_asked_after;
        self.restarts += other.restarts;
        self.restart_mismatches += other.restart_mismatches;
        self.attention.add(&other.attention);
        self.deep_topics_mean = share(self.deep_topics_sum, self.people);
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
            "{} people, {} visits, {} turns (the shortest talk {})\n\
             topics       {} (of five turns or more each person {:.1}, at least {})\n\
             answered by  {}\n\
             repetition   {} sentences, {:.1} % of trigrams\n\
             topics put aside {}, taken up again {}, declined {}; abandoned {}, still waiting {}\n\
             fallback     {:.1} % of turns ({} of them questions beyond it), {:.1} % answered loosely\n\
             memory       {} of {} questions answered, {} of {} about other things, {} of {} plans asked after\n\
             {}\n\
             restarts     {}, {} of them noticed\n\
             ended early  {}; calls and messages arranged {}\n\
             household    {} requests, {} understood; {} for calls, {} messages left, {} refused\n\
             state        at most {} bytes",
            self.people,
            self.visits,
            self.turns,
            self.fewest_turns,
            topics.join(", "),
            self.deep_topics_mean,
            self.deep_topics,
            sources.join(", "),
            self.repeated_sentences,
            self.trigram_repetition * 100.0,
            self.interrupted,
            self.resumed,
            self.declined,
            self.abandoned,
            self.waiting,
            self.fallback_rate * 100.0,
            self.unanswered_questions,
            share(self.loose, self.turns) * 100.0,
            self.memory_answered,
            self.memory_probes,
            self.open_answered,
            self.open_probes,
            self.plans_asked_after,
            self.plans,
            self.attention.plain(),
            self.restarts,
            self.restart_mismatches,
            self.cut_short,
            self.errands_offered,
            self.household.asked,
            self.household.understood,
            self.household.calls,
            self.household.messages,
            self.household.refused,
            self.state_bytes,
        )
    }
}

impl Attention {
    /// For people.
    pub(super) fn plain(&self) -> String {
        format!(
            "turns        {:.0} % of three words or fewer, {:.0} % questions\n\
             picked up    a word in {:.1} % of turns that have one, {:.1} % of all; four in a row {:.1} %\n\
             questions    {} answered, {} honestly not, {} talked past of {}",
            share(self.short_turns, self.turns) * 100.0,
            share(self.questions, self.turns) * 100.0,
            self.picked_up_rate * 100.0,
            self.picked_up_of_all * 100.0,
            self.copied_rate * 100.0,
            self.questions_answered,
            self.questions_declined,
            self.questions_missed,
            self.questions,
        )
    }
}

/// A part of a whole, with four digits, so that a report reads well and stays the same everywhere.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0
}

pub(super) const fn source(source: Source) -> &'static str {
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
