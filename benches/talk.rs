//! Every target of the socialbot, from 200 seeds of simulated people, real people's turns and 10,000 live
//! conversations.
//!
//! `cargo bench --bench talk`, or only the real people's turns: `cargo bench --bench talk -- people`
#![allow(clippy::unwrap_used, reason = "a benchmark may fail loudly")]

use clap::Parser as _;
use hearthline::commands::{self, Cli};

fn main() {
    let turns = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversation/people.tsv");
    let mut line = vec!["hearthline", "simulate", "--turns", turns];
    if !std::env::args().any(|argument| argument == "people") {
        line.extend(["--runs", "200", "--people", "4", "--targets"]);
    }
    commands::run(Cli::parse_from(line)).unwrap();
}
