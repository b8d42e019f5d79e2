//! `hearthline simulate`: simulated people hold long conversations on a virtual clock.
#![allow(clippy::print_stderr)] // Progress and wall-clock figures, for people.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use hearthline_core::conversation::{Bot, Conversation, Turn};
use hearthline_core::time::{Seed, Time};

use crate::speech::Stopwatch;

mod household;
mod person;
mod report;

use person::{Cast, Character, Line, Person};
use report::{Listener, Report};

const CAST: &str = include_str!("simulate/people.yaml");
/// Simulated time begins here, in ms since 1970.
const BEGIN: Time = Time::from_ms(1_767_225_600_000);
/// How fast a synthetic voice speaks. In words a minute.
const VOICE_WPM: u64 = 160;
/// What passes between hearing a question and answering it: people take a breath.
const BREATH: Duration = Duration::from_millis(1_200);

/// Lets simulated people hold long conversations, and reports what they were like
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline simulate --minutes 20 --people 4 --seed 1
  hearthline simulate --runs 50 --json > reports.jsonl")]
pub struct Args {
    /// How long each conversation lasts, in simulated minutes
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    minutes: u64,
    /// How many people talk, each on their own
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    people: u64,
    /// Chooses what people say and how they are answered
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Runs with this and the following seeds, and adds a total
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    runs: u64,
    /// One report as a line of JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// When the output cannot be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let watch = Stopwatch::start();
    let mut out = std::io::stdout().lock();
    let mut latency_us = Vec::new();
    simulate(args, &mut out, &mut latency_us)?;
    latency_us.sort_unstable();
    let at = |share: usize| latency_us.get(latency_us.len() * share / 100).copied().unwrap_or(0);
    eprintln!(
        "took {:.1} s; a turn takes {} us (median), {} us (99 of 100)",
        watch.ms() / 1000.0,
        at(50),
        at(99)
    );
    Ok(ExitCode::SUCCESS)
}

/// Writes the reports; `latency_us` gets the wall-clock time of every turn.
fn simulate(args: &Args, out: &mut impl Write, latency_us: &mut Vec<u64>) -> anyhow::Result<()> {
    let cast: Cast = serde_saphyr::from_str(CAST).context("the simulated people do not load")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut total = Report { runs: Some(args.runs), minutes: args.minutes, ..Report::default() };
    for run in 0..args.runs {
        let seed = args.seed.wrapping_add(run);
        let mut report = Report { seed: Some(seed), minutes: args.minutes, ..Report::default() };
        for index in 0..args.people {
            let who = &cast.people[usize::try_from(index)? % cast.people.len()];
            progress(&format!("seed {seed}: {}, {} of {}", who.name, index + 1, args.people));
            let seed = Seed(seed).for_purpose(&format!("person {index}"));
            let minutes = Duration::from_secs(args.minutes * 60);
            report.add(&talk(&cast, who, seed, minutes, latency_us)?);
        }
        progress(&format!("seed {seed}: the households"));
        report.household = runtime.block_on(household::run(&cast.errands, BEGIN, Seed(seed)))?;
        write(out, args.json, &report)?;
        total.add(&report);
    }
    if args.runs > 1 {
        write(out, args.json, &total)?;
    }
    progress("");
    Ok(())
}

fn write(out: &mut impl Write, json: bool, report: &Report) -> anyhow::Result<()> {
    if json {
        writeln!(out, "{}", serde_json::to_string(report)?)?;
    } else {
        match report.seed {
            Some(seed) => writeln!(out, "seed {seed}\n{}\n", report.plain())?,
            None => writeln!(out, "in all\n{}", report.plain())?,
        }
    }
    out.flush()?;
    Ok(())
}

/// One conversation from "hello" to "goodbye".
fn talk(
    cast: &Cast,
    who: &Character,
    seed: Seed,
    minutes: Duration,
    latency_us: &mut Vec<u64>,
) -> anyhow::Result<Report> {
    let bot = Bot::shipped();
    let mut person = Person::new(cast, who, seed);
    let mut listener = Listener::default();
    let (mut state, mut now) = (Conversation::default(), BEGIN);
    let mut line = person.opens();
    loop {
        now = now + spoken_in(&line.text, who.words_per_minute);
        let turn = Turn { text: &line.text, ..Turn::default() };
        let watch = Stopwatch::start();
        let (after, reply) = bot.respond(&state, &turn, now, seed);
        latency_us.push((watch.ms() * 1000.0).round() as u64);
        state = after;
        let Line { asked_to_repeat, ref probe, leaves, .. } = line;
        listener.hear(&reply, asked_to_repeat, probe.as_deref());
        if leaves {
            break;
        }
        now = now + spoken_in(&reply.text, VOICE_WPM) + BREATH;
        let over = now.since(BEGIN) >= minutes;
        line = if over { person.leaves() } else { person.answers(&reply.text) };
    }
    let bytes = serde_json::to_string(&state)?.len();
    Ok(listener.finish(state.counters(), state.depths(), bytes))
}

fn spoken_in(text: &str, words_per_minute: u64) -> Duration {
    let words = text.split_whitespace().count() as u64;
    Duration::from_millis(words * 60_000 / words_per_minute.max(1))
}

fn progress(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[2K{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_report_and_nobody_hears_a_sentence_twice() {
        let run = |seed| {
            let args = Args { minutes: 6, people: 4, seed, runs: 1, json: true };
            let mut out = Vec::new();
            simulate(&args, &mut out, &mut Vec::new()).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let report: serde_json::Value = serde_json::from_str(&run(1)).unwrap();
        assert_eq!(report["repeated_sentences"], 0);
        assert_eq!(report["memory_answered"], report["memory_probes"]);
    }
}
