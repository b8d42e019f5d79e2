//! What a conversation worth twenty minutes must reach, and what was reached.

use super::crowd::{Crowd, LIVE};
use super::report::{Report, share};
use super::turns::TurnsReport;

/// A conversation is long from so many turns.
pub(super) const LONG: u64 = 100;
const DEEP_TOPICS: u64 = 8;
const STATE_BYTES: u64 = 32 * 1024;
const CROWD_MB: f64 = 500.0;
const TURN_US: u64 = 5_000;

/// One row of the table.
#[derive(Debug)]
pub(super) struct Target {
    what: String,
    reached: String,
    wanted: &'static str,
    met: bool,
}

impl Target {
    fn new(what: &str, reached: String, wanted: &'static str, met: bool) -> Self {
        Self { what: what.to_owned(), reached, wanted, met }
    }

    pub(super) fn plain(&self) -> String {
        let mark = if self.met { "ok " } else { "-- " };
        format!("{mark} {:44} {:>26}   {}", self.what, self.reached, self.wanted)
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// What simulated people lived through, the same for a seed.
pub(super) fn of_people(report: &Report) -> Vec<Target> {
    let memory = share(report.memory_answered, report.memory_probes);
    let one = |what: &str, reached: String, wanted, met| Target::new(what, reached, wanted, met);
    vec![
        one(
            "sentences said twice to the same person",
            format!("{} in {} turns", report.repeated_sentences, report.turns),
            "0",
            report.repeated_sentences == 0,
        ),
        one(
            "conversations of 100 turns or more",
            format!("{} of {}", report.long_talks, report.people),
            "most",
            report.long_talks * 2 > report.people,
        ),
        one(
            "trigrams heard before",
            percent(report.trigram_repetition),
            "< 5 %",
            report.trigram_repetition < 0.05,
        ),
        one(
            "topics of 5 turns or more, mean (least)",
            format!("{:.1} ({})", report.deep_topics_mean, report.deep_topics),
            ">= 8 each",
            report.deep_topics >= DEEP_TOPICS,
        ),
        one(
            "topics put aside and abandoned",
            format!("{} of {}", report.abandoned, report.interrupted),
            "0",
            report.abandoned == 0,
        ),
        one(
            "memory probes answered",
            format!("{} ({} of {})", percent(memory), report.memory_answered, report.memory_probes),
            "100 %",
            report.memory_answered == report.memory_probes,
        ),
        one(
            "questions about anything else they told",
            format!("{} of {}", report.open_answered, report.open_probes),
            "most",
            report.open_answered * 2 > report.open_probes,
        ),
        one(
            "plans asked after on another day",
            format!("{} of {}", report.plans_asked_after, report.plans),
            "all",
            report.plans_asked_after == report.plans,
        ),
        one(
            "turns that fell back",
            percent(report.fallback_rate),
            "<= 6 %",
            report.fallback_rate <= 0.06,
        ),
        one(
            "restarts that changed a reply or the state",
            format!("{} of {}", report.restart_mismatches, report.restarts),
            "0",
            report.restart_mismatches == 0,
        ),
        one(
            "largest state",
            format!("{:.1} KB", report.state_bytes as f64 / 1024.0),
            "<= 32 KB",
            report.state_bytes <= STATE_BYTES,
        ),
    ]
}

/// What real people's turns got, the same for a seed.
pub(super) fn of_turns(report: &TurnsReport) -> Vec<Target> {
    let attention = &report.attention;
    let row = |what: &str, reached: String, wanted, met| {
        Target::new(&format!("real turns: {what}"), reached, wanted, met)
    };
    vec![
        row(
            "a word picked up (of all turns)",
            format!(
                "{} ({})",
                percent(attention.picked_up_rate),
                percent(attention.picked_up_of_all)
            ),
            ">= 50 %",
            attention.picked_up_rate >= 0.5,
        ),
        row(
            "four words in a row copied",
            percent(attention.copied_rate),
            "< 5 %",
            attention.copied_rate < 0.05,
        ),
        row(
            "questions answered + honestly declined",
            format!(
                "{} + {} of {}",
                attention.questions_answered, attention.questions_declined, attention.questions
            ),
            "all",
            attention.questions_missed == 0,
        ),
        row("fell back", percent(report.fallback_rate), "<= 6 %", report.fallback_rate <= 0.06),
        row(
            "sentences said twice",
            report.repeated_sentences.to_string(),
            "0",
            report.repeated_sentences == 0,
        ),
    ]
}

/// What this machine measured.
pub(super) fn of_machine(p50_us: u64, p99_us: u64, crowd: Option<Crowd>) -> Vec<Target> {
    let turn = Target::new(
        "a turn, 99 of 100 (median)",
        format!("{:.2} ms ({:.2} ms)", p99_us as f64 / 1000.0, p50_us as f64 / 1000.0),
        "<= 5 ms",
        p99_us <= TURN_US,
    );
    let crowd = crowd.map(|crowd| {
        Target::new(
            &format!("{LIVE} live conversations (whole program)"),
            format!("{:.0} MB ({:.0} MB)", crowd.conversations_mb, crowd.resident_mb),
            "< 500 MB",
            crowd.resident_mb < CROWD_MB,
        )
    });
    std::iter::once(turn).chain(crowd).collect()
}
