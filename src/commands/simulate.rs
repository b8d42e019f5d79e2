//! `hearthline simulate`: simulated people hold long conversations on a virtual clock; and turns of real
//! people, from a file, are answered. Both are counted by the same listeners.
#![allow(clippy::print_stderr)] // Progress and wall-clock figures, for people.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use hearthline_core::conversation::Bot;
use hearthline_core::time::{Seed, Time};

use crate::speech::Stopwatch;

mod cast;
mod crowd;
mod household;
mod listener;
mod person;
mod report;
mod talk;
mod targets;
mod turns;
mod unmatched;
mod words;

use cast::Cast;
use report::Report;
use talk::Talk;
use turns::Turns;
use unmatched::Unmatched;

/// Simulated time begins here, in ms since 1970.
const BEGIN: Time = Time::from_ms(1_767_225_600_000);

/// Lets simulated people hold long conversations, and reports what they were like
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline simulate --minutes 20 --people 4 --seed 1
  hearthline simulate --runs 50 --json > reports.jsonl
  hearthline simulate --runs 200 --targets --turns tests/conversation/people.tsv
  hearthline simulate --turns tests/conversation/people.tsv --show 50 --seed 7")]
pub struct Args {
    /// How long each conversation lasts, in simulated minutes; on later days half as long
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
    /// Prints what must be reached beside what was, over all runs; the households are left out
    #[arg(long, conflicts_with = "json")]
    targets: bool,
    /// Answers the turns of this file (conversation, text and kind, with tabs) in place of simulated people
    #[arg(long, value_name = "FILE")]
    turns: Option<PathBuf>,
    /// Shows so many exchanges from --turns, for a reader to rate
    #[arg(long, value_name = "N", requires = "turns")]
    show: Option<usize>,
    /// Writes what nobody wrote an answer to, grouped, most frequent first
    #[arg(long, value_name = "FILE")]
    unmatched: Option<PathBuf>,
    /// Writes every word that was said
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
}

/// Everything that came of some runs.
#[derive(Debug, Default)]
struct Outcome {
    total: Report,
    unmatched: Vec<Unmatched>,
    latency_us: Vec<u64>,
    transcript: String,
}

/// # Errors
/// When a file cannot be read, or the output not be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let turns = args.turns.as_deref().map(Turns::read).transpose()?;
    match &turns {
        Some(turns) if !args.targets => answer(args, turns, &mut out)?,
        turns => simulate(args, turns.as_ref(), &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Simulated people talk.
fn simulate(args: &Args, turns: Option<&Turns>, out: &mut impl Write) -> anyhow::Result<()> {
    let watch = Stopwatch::start();
    let cast = Cast::load()?;
    let mut outcome = all_runs(args, &cast, out)?;
    outcome.latency_us.sort_unstable();
    let latency_us = &outcome.latency_us;
    let at =
        |share: usize| latency_us.get(latency_us.len() * share / 100).copied().unwrap_or_default();
    if args.targets {
        let mut met = targets::of_people(&outcome.total);
        if let Some(turns) = turns {
            let (report, unmatched) = turns.report(args.seed);
            met.extend(targets::of_turns(&report));
            outcome.unmatched.extend(unmatched);
        }
        for target in met {
            writeln!(out, "{}", target.plain())?;
        }
        out.flush()?;
        for target in targets::of_machine(at(50), at(99), crowd::measure(&cast)) {
            eprintln!("{}", target.plain());
        }
    }
    write_file(args.unmatched.as_deref(), || {
        unmatched::list(&outcome.unmatched, &outcome.total.missed_probes)
    })?;
    write_file(args.transcript.as_deref(), || outcome.transcript.clone())?;
    eprintln!(
        "took {:.1} s; a turn takes {} us (median), {} us (99 of 100)",
        watch.ms() / 1000.0,
        at(50),
        at(99)
    );
    Ok(())
}

/// Runs with all seeds, as many at once as there are processors; reports come in the order of the seeds.
fn all_runs(args: &Args, cast: &Cast, out: &mut impl Write) -> anyhow::Result<Outcome> {
    // Compiled once, and before the first turn is timed.
    let _ = Bot::shipped();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut outcome = Outcome {
        total: Report { runs: Some(args.runs), minutes: args.minutes, ..Report::default() },
        ..Outcome::default()
    };
    let runs: Vec<u64> = (0..args.runs).collect();
    for some in runs.chunks(at_once) {
        let done = std::thread::scope(|scope| {
            let threads: Vec<_> = some
                .iter()
                .map(|run| scope.spawn(|| one_run(args, cast, *run, runtime.handle())))
                .collect();
            threads.into_iter().map(join).collect::<anyhow::Result<Vec<_>>>()
        })?;
        for (report, talks) in done {
            if !args.targets {
                write(out, args.json, &report)?;
            }
            outcome.total.add(&report);
            for talk in talks {
                outcome.latency_us.extend(talk.latency_us);
                if args.unmatched.is_some() {
                    outcome.unmatched.extend(talk.unmatched);
                }
                if args.transcript.is_some() {
                    outcome.transcript.push_str(&talk.transcript);
                }
            }
        }
    }
    if args.runs > 1 && !args.targets {
        write(out, args.json, &outcome.total)?;
    }
    progress("");
    Ok(outcome)
}

type Run = (Report, Vec<Talk>);

fn join(thread: std::thread::ScopedJoinHandle<'_, anyhow::Result<Run>>) -> anyhow::Result<Run> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Everybody of one seed, and the households if they are asked for.
fn one_run(
    args: &Args,
    cast: &Cast,
    run: u64,
    runtime: &tokio::runtime::Handle,
) -> anyhow::Result<Run> {
    let seed = args.seed.wrapping_add(run);
    let minutes = Duration::from_secs(args.minutes * 60);
    let mut report = Report { seed: Some(seed), minutes: args.minutes, ..Report::default() };
    let mut talks = Vec::new();
    for index in 0..args.people {
        // Other people for other seeds, so that several runs meet everybody.
        let next = seed.wrapping_sub(1).wrapping_mul(args.people).wrapping_add(index);
        let who = &cast.people[usize::try_from(next % cast.people.len() as u64)?];
        progress(&format!("seed {seed}: {}, {} of {}", who.name, index + 1, args.people));
        let seed = Seed(seed).for_purpose(&format!("person {index}"));
        let talk = talk::hold(cast, who, seed, minutes)?;
        report.add(&talk.report);
        talks.push(talk);
    }
    if !args.targets {
        progress(&format!("seed {seed}: the households"));
        report.household = runtime.block_on(household::run(&cast.errands, BEGIN, Seed(seed)))?;
    }
    Ok((report, talks))
}

/// Turns from a file are answered.
fn answer(args: &Args, turns: &Turns, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(count) = args.show {
        write!(out, "{}", turns.show(count, args.seed))?;
        return Ok(out.flush()?);
    }
    let (report, unmatched) = turns.report(args.seed);
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        writeln!(out, "{}", report.plain())?;
    }
    out.flush()?;
    write_file(args.unmatched.as_deref(), || unmatched::list(&unmatched, &BTreeMap::new()))
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

fn write_file(file: Option<&Path>, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(file, text()).with_context(|| format!("{} cannot be written", file.display()))
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
    fn there_are_many_people_each_with_something_to_say() {
        let cast = Cast::load().unwrap();
        assert!(cast.people.len() >= 24);
        for who in &cast.people {
            assert!(!who.facts.is_empty() && !who.wishes.is_empty(), "{}", who.name);
            assert!(!who.knows.is_empty() && !who.stories.is_empty(), "{}", who.name);
        }
        assert!(cast.people.iter().filter(|who| who.visits > 1).count() >= 8);
    }
}
