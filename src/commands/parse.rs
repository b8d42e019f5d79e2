//! `hearthline parse`: lines in, what each means out.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use hearthline_core::household::Household;
use hearthline_core::understanding::evaluation::{self, Details};
use hearthline_core::understanding::explanation::Explanation;
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::{
    Layer, Lists, Parse, Reading, SHIPPED_MODEL, Slots, Understanding,
};
use serde::Serialize;

use crate::clock::Clock;

/// The longest line we read, in bytes; what is longer is answered with an error, not with memory.
const MAX_LINE_BYTES: usize = 1_000_000;
/// The largest model or household file we read, in bytes.
const MAX_FILE_BYTES: u64 = 16_000_000;

/// Says what each line on standard input means
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  echo \"call grandma\" | hearthline parse --household demo/alder-house.json
  hearthline parse --json --model my-skill/en-US.json < lines.txt
  echo \"ring shove on\" | hearthline parse --explain --household tests/understanding/household.json
  hearthline parse --evaluate tests/understanding/check.tsv --household tests/understanding/household.json")]
pub struct Args {
    /// An Alexa interaction model; without it, the shipped one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// A household: its contacts, rooms, devices and groups are known by name
    #[arg(long, value_name = "FILE")]
    household: Option<PathBuf>,
    /// One line of JSON per line
    #[arg(long)]
    json: bool,
    /// Say how each answer came about: layer, scores, slots, candidates, runners-up
    #[arg(long)]
    explain: bool,
    /// Understand a corpus (text, intent, slots as JSON and kind, by tabs) and print how well, instead of reading lines
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "explain"])]
    evaluate: Option<PathBuf>,
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Line<'p> {
    text: &'p str,
    intent: Option<&'p str>,
    confidence: f32,
    slots: &'p Slots,
    alternatives: &'p [Reading],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'p Explanation>,
}

/// # Errors
/// When the model or the household cannot be read, or standard input or output fails. A line that
/// cannot be understood is answered, not an error.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let understanding = understanding(args.model.as_deref())?;
    let lists = lists(args.household.as_deref())?;
    if let Some(corpus) = &args.evaluate {
        return evaluate(&understanding, &lists, corpus);
    }
    let clock = Clock::system();
    let mut input = std::io::stdin().lock();
    let mut output = std::io::stdout().lock();
    while let Some(line) = read_line(&mut input).context("standard input cannot be read")? {
        let written = match &line {
            Ok(text) => {
                let parse = understanding.parse_on(text, &lists, clock.today());
                let explanation = args.explain.then(|| understanding.explain(text, &lists));
                write(&mut output, &parse, None, explanation.as_ref(), args.json)
            }
            Err((text, error)) => write(&mut output, &not_read(text), Some(error), None, args.json),
        };
        match written.and_then(|()| output.flush()) {
            Ok(()) => {}
            // Nobody reads any further: `hearthline parse | head`.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(error).context("standard output cannot be written"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints how well a corpus is understood, intent by intent.
fn evaluate(
    understanding: &Understanding,
    lists: &Lists,
    corpus: &Path,
) -> anyhow::Result<ExitCode> {
    let rows = evaluation::rows(&text_of(corpus)?).map_err(|mistakes| {
        anyhow::anyhow!("{} cannot be used:\n  {}", corpus.display(), mistakes.join("\n  "))
    })?;
    let report = evaluation::evaluate(understanding, lists, &rows);
    writeln!(std::io::stdout().lock(), "{}\n{report}", Details(&report))
        .context("standard output cannot be written")?;
    Ok(ExitCode::SUCCESS)
}

/// The model in `file`, or the shipped one, compiled.
///
/// # Errors
/// When the file cannot be read, or is no interaction model; names every mistake in it.
pub fn understanding(file: Option<&Path>) -> anyhow::Result<Understanding> {
    if file.is_none() {
        return Ok(Understanding::shipped().clone());
    }
    Ok(Understanding::of(&model(file)?))
}

/// The model in `file`, or the shipped one.
///
/// # Errors
/// See [`understanding`].
pub fn model(file: Option<&Path>) -> anyhow::Result<Model> {
    let Some(file) = file else { return Ok(Model::read(SHIPPED_MODEL)?) };
    Model::read(&text_of(file)?).with_context(|| format!("{} cannot be used", file.display()))
}

/// What the household in `file` can name; nothing without a file.
///
/// # Errors
/// When the file cannot be read, or is no household.
pub fn lists(file: Option<&Path>) -> anyhow::Result<Lists> {
    Ok(household(file)?.as_ref().map_or_else(Lists::none, Lists::of))
}

/// The household in `file`.
///
/// # Errors
/// See [`lists`].
pub fn household(file: Option<&Path>) -> anyhow::Result<Option<Household>> {
    let Some(file) = file else { return Ok(None) };
    Household::read(&text_of(file)?)
        .map(Some)
        .with_context(|| format!("{} cannot be used", file.display()))
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    let size = std::fs::metadata(file)
        .with_context(|| format!("{} cannot be read", file.display()))?
        .len();
    anyhow::ensure!(
        size <= MAX_FILE_BYTES,
        "{} has {size} bytes; {MAX_FILE_BYTES} are the most",
        file.display()
    );
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// A line, or what can be shown of it and why it cannot be read.
type ReadLine = Result<String, (String, String)>;

/// The next line without its ending; `None` at the end of the input.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<ReadLine>> {
    let mut line = Vec::new();
    let mut length = 0_usize;
    let mut ended = false;
    while !ended {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            if length == 0 {
                return Ok(None);
            }
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |at| at + 1);
        let room = MAX_LINE_BYTES.saturating_sub(line.len());
        line.extend_from_slice(&buffer[..end.unwrap_or(taken).min(room)]);
        length += taken;
        ended = end.is_some();
        input.consume(taken);
    }
    if length > MAX_LINE_BYTES + 1 {
        let error = format!("the line has {length} bytes; {MAX_LINE_BYTES} are the most");
        return Ok(Some(Err((String::new(), error))));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(String::from_utf8(line).map_err(|error| {
        let says = format!("the line is not UTF-8: {}", error.utf8_error());
        (String::from_utf8_lossy(error.as_bytes()).into_owned(), says)
    })))
}

fn not_read(text: &str) -> Parse {
    Parse {
        text: text.to_owned(),
        intent: None,
        confidence: 0.0,
        slots: Slots::new(),
        alternatives: vec![],
        layer: Layer::None,
    }
}

fn write(
    output: &mut impl Write,
    parse: &Parse,
    error: Option<&str>,
    explanation: Option<&Explanation>,
    json: bool,
) -> std::io::Result<()> {
    if json {
        let line = Line {
            text: &parse.text,
            intent: parse.intent.as_deref(),
            confidence: parse.confidence,
            slots: &parse.slots,
            alternatives: &parse.alternatives,
            error,
            explanation,
        };
        serde_json::to_writer(&mut *output, &line)?;
        return writeln!(output);
    }
    if let Some(error) = error {
        return writeln!(output, "error: {error}");
    }
    let text: String =
        parse.text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let intent = parse.intent.as_deref().unwrap_or("out of scope");
    write!(output, "{text:<40}  {intent} ({:.2})", parse.confidence)?;
    for (name, slot) in &parse.slots {
        write!(output, "  {name}={:?}", slot.value)?;
        if let Some(id) = &slot.id {
            write!(output, " [{id}]")?;
        }
    }
    writeln!(output)?;
    explanation.map_or(Ok(()), |explanation| write!(output, "{explanation}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_none_is_too_long() {
        let check = |bytes: &[u8], expected: &[&str]| {
            let mut input = bytes;
            let mut got = Vec::new();
            while let Some(line) = read_line(&mut input).expect("memory does not fail") {
                got.push(line.unwrap_or_else(|(_, error)| error));
            }
            assert_eq!(got, expected);
        };
        check(b"", &[]);
        check(b"a\nb", &["a", "b"]);
        check(b"a\r\n\n\nb\n", &["a", "", "", "b"]);
        let mut long = vec![b'x'; MAX_LINE_BYTES + 10];
        long.push(b'\n');
        check(&long, &["the line has 1000011 bytes; 1000000 are the most"]);
        let mut input: &[u8] = b"\xff\xfe";
        let line = read_line(&mut input).expect("memory does not fail").expect("a line");
        assert!(line.expect_err("not UTF-8").1.contains("not UTF-8"));
    }
}
