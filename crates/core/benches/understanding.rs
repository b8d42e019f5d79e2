//! How well the project's corpora are understood, and what it costs. Totals only: the check half stays unseen.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command that reads the corpora and prints figures"
)]

mod crowd;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use hearthline_core::household::Household;
use hearthline_core::understanding::evaluation::{self, Details};
use hearthline_core::understanding::model::{Model, Piece, Sample};
use hearthline_core::understanding::{Lists, SHIPPED_MODEL, Understanding};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/understanding");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let home = Lists::of(&Household::read(&read("household.json")).unwrap());
    let verbose = std::env::args().any(|arg| arg == "--misses");
    let ours = |corpus: &str, misses: bool| {
        report(SHIPPED_MODEL, &home, corpus, &read(corpus), misses);
    };
    ours("development.tsv", verbose);
    ours("check.tsv", false);
    names(&read("household.json"), &read("names.json"), &read("names.tsv"), verbose);
    speed(&read("household.json"), &read("check.tsv"));
    for domain in ["weather-and-music", "shopping", "smart-home"] {
        let model = read(&format!("models/{domain}.json"));
        let corpus = format!("models/{domain}.tsv");
        report(&model, &Lists::none(), &corpus, &read(&corpus), verbose);
    }
}

/// Sentences around the damaged names that the resolver was tuned with: what its own list leaves out is where a name begins and ends.
const SENTENCES: [(&str, &str, &str); 7] = [
    ("call {}", "CallIntent", ""),
    ("tell {} dinner is ready", "SendMessageIntent", "dinner is ready"),
    ("send a message to {} saying good luck", "SendMessageIntent", "good luck"),
    ("could you ring {} please", "CallIntent", ""),
    ("read the messages from {}", "ReadMessagesIntent", ""),
    ("drop in on {}", "DropInIntent", ""),
    ("text {} that we're late", "SendMessageIntent", "we're late"),
];

/// The damaged names of `names.tsv` in sentences; who is in no address book must be nobody without being asked about.
fn names(home: &str, more: &str, table: &str, misses: bool) {
    let mut home = Household::read(home).unwrap();
    home.contacts.extend(Household::read(more).unwrap().contacts);
    let lists = Lists::of(&home);
    let understanding = Understanding::shipped();
    let tuned: Vec<(&str, &str)> =
        table.lines().filter_map(|line| line.strip_suffix("\ttuned")?.split_once('\t')).collect();
    let mut rows = Vec::new();
    let (mut strangers, mut reached) = (0, 0);
    for (at, (heard, id)) in tuned.iter().enumerate() {
        for turn in 0..3 {
            let (sentence, intent, message) = SENTENCES[(at + 2 * turn) % SENTENCES.len()];
            let text = sentence.replace("{}", heard);
            if *id == "-" {
                let parse = understanding.parse(&text, &lists);
                strangers += 1;
                let taken = parse.slots.get("contact").is_some_and(|it| it.id.is_some());
                reached += usize::from(taken);
                if taken && misses {
                    println!("  {text} reaches {:?}", parse.slots);
                }
                continue;
            }
            let mut slots = BTreeMap::from([("contact".to_owned(), (*id).to_owned())]);
            if !message.is_empty() {
                slots.insert("message".to_owned(), message.to_owned());
            }
            let intent = Some(intent.to_owned());
            rows.push(evaluation::Row { text, intent, slots, kind: "name".to_owned() });
        }
    }
    let report = evaluation::evaluate(understanding, &lists, &rows);
    println!(
        "== names.tsv in sentences\n{report}strangers: {strangers}, taken for somebody {reached}\n"
    );
    if misses {
        for (text, expected, got) in &report.misses {
            println!("  {text}\n      {expected}\n      {got}");
        }
    }
}

/// What an utterance costs with 2,000 contacts, over equal parts sample, paraphrase, damaged name and out of scope.
fn speed(home: &str, corpus: &str) {
    let lists = Lists::of(&crowd::around(home));
    let understanding = Understanding::shipped();
    let rows = evaluation::rows(corpus).unwrap();
    let of_kind = |kind: &str| -> Vec<String> {
        let timed = |row: &&evaluation::Row| {
            row.kind == kind && !row.slots.keys().any(|slot| TIMED.contains(&slot.as_str()))
        };
        rows.iter().filter(timed).map(|row| row.text.clone()).collect()
    };
    let samples = rehearsed(home);
    let kinds = [samples, of_kind("plain"), of_kind("name"), of_kind("scope")];
    let most = kinds.iter().map(Vec::len).min().unwrap();
    println!("== an utterance, 2,000 contacts, {most} lines each, best of {TIMES}");
    let mut all = Vec::new();
    for (kind, lines) in ["sample", "paraphrase", "damaged name", "out of scope"].iter().zip(kinds)
    {
        let mut took_ns: Vec<u128> = lines[..most]
            .iter()
            .map(|line| {
                (0..TIMES)
                    .map(|_| {
                        let start = Instant::now();
                        std::hint::black_box(understanding.parse(line, &lists));
                        start.elapsed().as_nanos()
                    })
                    .min()
                    .unwrap()
            })
            .collect();
        all.extend(took_ns.iter().copied());
        percentiles(kind, &mut took_ns);
    }
    percentiles("all", &mut all);
}

/// Slots whose values are read by the slow parser of dates and times.
const TIMED: [&str; 5] = ["date", "time", "duration", "from", "to"];
/// How often each line is read; the least time is the machine's, the rest its neighbours'.
const TIMES: usize = 7;

fn percentiles(name: &str, took_ns: &mut [u128]) {
    took_ns.sort_unstable();
    let at = |share: usize| {
        took_ns[(took_ns.len() * share / 100).min(took_ns.len() - 1)] as f64 / 1_000.0
    };
    println!("{name:<14} p50 {:>6.1} us   p99 {:>6.1} us", at(50), at(99));
}

/// Samples said with names of the household.
fn rehearsed(home: &str) -> Vec<String> {
    let home = Household::read(home).unwrap();
    let model = Model::read(SHIPPED_MODEL).unwrap();
    let only_contact = |sample: &&Sample| {
        sample.pieces.iter().all(|piece| match piece {
            Piece::Words(_) => true,
            Piece::Slot(name) => name == "contact",
        })
    };
    let samples = model.intents.iter().flat_map(|intent| &intent.samples).filter(only_contact);
    samples
        .step_by(37)
        .enumerate()
        .map(|(at, sample)| {
            sample.text.replace("{contact}", &home.contacts[at % home.contacts.len()].name)
        })
        .collect()
}

fn report(model: &str, lists: &Lists, name: &str, corpus: &str, misses: bool) {
    let start = Instant::now();
    let understanding = Understanding::read(model).unwrap();
    let trained_ms = start.elapsed().as_millis();
    let rows = evaluation::rows(corpus).unwrap();
    let start = Instant::now();
    let report = evaluation::evaluate(&understanding, lists, &rows);
    let each_us = start.elapsed().as_micros() / rows.len().max(1) as u128;
    println!("== {name}: trained in {trained_ms} ms, {each_us} us an utterance\n{report}");
    if misses {
        println!("{}", Details(&report));
        for (text, expected, got) in &report.misses {
            println!("  {text}\n      {expected}\n      {got}");
        }
    }
}
