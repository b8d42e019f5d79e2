//! How well the project's corpora are understood, and what it costs. Totals only: the check half stays unseen.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a command that reads the corpora and prints figures"
)]

use std::path::Path;
use std::time::Instant;

use hearthline_core::household::Household;
use hearthline_core::understanding::evaluation::{self, Details};
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
    for domain in ["weather-and-music", "shopping", "smart-home"] {
        let model = read(&format!("models/{domain}.json"));
        let corpus = format!("models/{domain}.tsv");
        report(&model, &Lists::none(), &corpus, &read(&corpus), verbose);
    }
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
