//! Arguments to command.

#![allow(clippy::print_stderr, reason = "what failed is the user's to read")]

use std::process::ExitCode;

use clap::Parser;
use hearthline::commands::{self, Cli};

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hearthline: {error:#}");
            ExitCode::FAILURE
        }
    }
}
