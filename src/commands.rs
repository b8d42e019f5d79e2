//! One file per command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod chat;
pub mod check;
pub mod hear;
pub mod parse;
pub mod replay;
pub mod script;
pub mod serve;
pub mod simulate;

/// The social half of a smart speaker, self-hosted.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
#[command(after_help = "Begin with:
  hearthline serve --demo      then open the address it prints")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Chat(chat::Args),
    Script(script::Args),
    Hear(hear::Args),
    Replay(replay::Args),
    Simulate(simulate::Args),
    Parse(parse::Args),
    Check(check::Args),
}

/// Carries out what the command line asks for.
///
/// # Errors
/// With the sentence that the user reads.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Chat(args) => chat::run(&args),
        Command::Script(args) => script::run(&args),
        Command::Hear(args) => hear::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Parse(args) => parse::run(&args),
        Command::Check(args) => check::run(&args),
    }
}
