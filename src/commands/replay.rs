//! `hearthline replay`: turns of any number of conversations in, the socialbot's replies out.

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use hearthline_core::conversation::{Bot, Conversation, Source, Turn};
use hearthline_core::time::{Seed, Time};
use serde::{Deserialize, Serialize};

use crate::speech::Stopwatch;

/// The longest line that is read, in bytes: a turn of 10,000 characters, every one escaped, fits.
const MAX_LINE_BYTES: usize = 256 * 1024;
/// Every conversation begins at this moment of its own, in ms since 1970.
const BEGIN: Time = Time::from_ms(1_767_225_600_000);
/// Virtual time between two turns of one conversation, whatever stands between them.
const BETWEEN_TURNS: Duration = Duration::from_secs(10);

/// Answers turns from standard input, one JSON object a line, offline and the same for a seed
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  echo '{\"conversation\":\"a\",\"text\":\"let us talk about films\"}' | hearthline replay --json")]
pub struct Args {
    /// Chooses among the ways to say things
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// One line of JSON per turn
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct Asked {
    conversation: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Answered<'a> {
    conversation: &'a str,
    text: &'a str,
    reply: String,
    topic: Option<String>,
    source: Source,
    latency_us: u64,
}

#[derive(Debug, Serialize)]
struct Failed {
    error: String,
}

/// # Errors
/// When standard input or output fails; a line that cannot be read is answered by an `error` line.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    replay(std::io::stdin().lock(), std::io::stdout().lock(), args.seed, args.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Answers every line of `input`, in order, with exactly one line (of JSON, or two for people).
///
/// # Errors
/// When reading or writing fails.
pub fn replay(
    mut input: impl BufRead,
    mut out: impl Write,
    seed: u64,
    json: bool,
) -> std::io::Result<()> {
    let bot = Bot::shipped();
    let mut conversations: BTreeMap<String, (Conversation, Time)> = BTreeMap::new();
    while let Some(line) = read_line(&mut input)? {
        let answered = parse(&line).map(|asked| {
            let state = conversations.entry(asked.conversation.clone());
            let (state, now) = state.or_insert_with(|| (Conversation::default(), BEGIN));
            let turn = Turn { text: &asked.text, ..Turn::default() };
            let seed = Seed(seed).for_purpose(&asked.conversation);
            let watch = Stopwatch::start();
            let (after, reply) = bot.respond(state, &turn, *now, seed);
            let latency_us = (watch.ms() * 1000.0).round() as u64;
            *state = after;
            *now = *now + BETWEEN_TURNS;
            (asked, reply, latency_us)
        });
        match answered {
            Ok((Asked { conversation, text }, reply, latency_us)) if json => {
                let line = Answered {
                    conversation: &conversation,
                    text: &text,
                    reply: reply.text,
                    topic: reply.topic,
                    source: reply.source,
                    latency_us,
                };
                serde_json::to_writer(&mut out, &line)?;
                writeln!(out)?;
            }
            Ok((asked, reply, _)) => {
                writeln!(out, "{} > {}", asked.conversation, asked.text)?;
                writeln!(out, "{} < {}", asked.conversation, reply.text)?;
            }
            Err(error) if json => {
                serde_json::to_writer(&mut out, &Failed { error })?;
                writeln!(out)?;
            }
            Err(error) => writeln!(out, "{error}")?,
        }
        out.flush()?;
    }
    Ok(())
}

fn parse(line: &[u8]) -> Result<Asked, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("the line is longer than {MAX_LINE_BYTES} bytes; split it into turns"));
    }
    let wanted = r#"write {"conversation": "...", "text": "..."}"#;
    let text = std::str::from_utf8(line).map_err(|_| format!("the line is not UTF-8; {wanted}"))?;
    if text.trim().is_empty() {
        return Err(format!("the line is empty; {wanted}"));
    }
    serde_json::from_str(text).map_err(|error| format!("the line is no turn: {error}; {wanted}"))
}

/// One line without its end; of an endless one only as much as shows that it is too long.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = input.by_ref().take(MAX_LINE_BYTES as u64 + 2).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else {
        skip_line(input)?;
    }
    Ok(Some(line))
}

fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}
