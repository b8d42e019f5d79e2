//! `hearthline hear`: recordings in, one line of JSON or text per file out.
#![allow(clippy::print_stderr)] // Progress and failures, for people.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use hearthline_core::understanding::{Lists, Slots, Understanding};
use serde::Serialize;

use super::parse::{household, model, understanding};
use crate::clock::Clock;
use crate::config::{Config, Flags};
use crate::speech::{Audio, Ears, Hints, ModelPaths, Stopwatch, choose};

/// The largest file that is read, in bytes: two minutes of 192 kHz stereo at 24 bits is 138 MB.
const MAX_FILE_BYTES: u64 = 150_000_000;

/// Says what was said in recordings, and what it means.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline hear recording.wav
  hearthline hear --json --household home.json audio-fixtures/synthetic/*.flac")]
pub struct Args {
    /// An Alexa interaction model; without it, the shipped one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// A household: its contacts, rooms, devices and groups are known by name
    #[arg(long, value_name = "FILE")]
    household: Option<PathBuf>,
    /// Where the speech models are
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// One line of JSON per file
    #[arg(long)]
    json: bool,
    /// WAV or FLAC files of any rate and width
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// One line of output.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    result: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Outcome {
    Heard(Heard),
    Failed { error: String },
}

#[derive(Debug, Serialize)]
struct Heard {
    transcript: String,
    intent: Option<String>,
    confidence: f32,
    slots: Slots,
    audio_ms: u64,
    asr_ms: u64,
    total_ms: u64,
}

/// # Errors
/// When the models, or the output, fail; a file that fails is a line of its own.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::read(None, Flags { models: args.models.clone(), ..Flags::default() })?;
    let understanding = Arc::new(understanding(args.model.as_deref())?);
    let household = household(args.household.as_deref())?;
    let lists = Arc::new(household.as_ref().map_or_else(Lists::none, Lists::of));
    let hints = {
        let (understanding, lists) = (Arc::clone(&understanding), Arc::clone(&lists));
        Hints::of(&model(args.model.as_deref())?, household.as_ref(), understanding, lists)
    };
    let mind = Mind {
        understanding,
        lists,
        hints,
        ears: Ears::load(&ModelPaths::find(config.models.as_deref(), Some(&config.data))?)?,
        clock: Clock::system(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut out = std::io::stdout().lock();
    let mut failed = 0;
    for file in &args.files {
        let name = file.to_string_lossy();
        let result = match runtime.block_on(mind.hear(file)) {
            Ok(heard) => Outcome::Heard(heard),
            Err(error) => {
                failed += 1;
                Outcome::Failed { error: format!("{error:#}") }
            }
        };
        if args.json {
            serde_json::to_writer(&mut out, &Line { file: &name, result })?;
            writeln!(out)?;
        } else {
            write_plain(&mut out, &name, &result)?;
        }
        out.flush()?;
    }
    if failed > 0 && !args.json {
        eprintln!("{failed} of {} files could not be heard", args.files.len());
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Mind {
    understanding: Arc<Understanding>,
    lists: Arc<Lists>,
    hints: Hints,
    ears: Ears,
    clock: Clock,
}

impl Mind {
    async fn hear(&self, file: &Path) -> anyhow::Result<Heard> {
        let bytes = read(file)?;
        let watch = Stopwatch::start();
        let audio = Audio::decode(&bytes)?;
        let heard = self.ears.hear(audio, self.hints.clone()).await?;
        let parse = choose(&heard, &self.understanding, &self.lists);
        let parse = self.understanding.dated(parse, self.clock.today());
        Ok(Heard {
            transcript: parse.text,
            intent: parse.intent,
            confidence: parse.confidence,
            slots: parse.slots,
            audio_ms: heard.audio_ms,
            asr_ms: heard.asr_ms.round() as u64,
            total_ms: watch.ms().round() as u64,
        })
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
        .with_context(|| format!("could not read {}", file.display()))?;
    anyhow::ensure!(
        bytes.len() as u64 <= MAX_FILE_BYTES,
        "{} is larger than {} MB; cut it into parts",
        file.display(),
        MAX_FILE_BYTES / 1_000_000
    );
    Ok(bytes)
}

fn write_plain(out: &mut impl Write, name: &str, result: &Outcome) -> std::io::Result<()> {
    match result {
        Outcome::Failed { error } => writeln!(out, "{name}\n  could not be heard: {error}"),
        Outcome::Heard(heard) => {
            let (audio_ms, total_ms) = (heard.audio_ms, heard.total_ms);
            writeln!(out, "{name}  ({audio_ms} ms of sound, understood in {total_ms} ms)")?;
            if heard.transcript.is_empty() {
                return writeln!(out, "  nobody spoke");
            }
            writeln!(out, "  {}", heard.transcript)?;
            write!(out, "  {}", heard.intent.as_deref().unwrap_or("out of scope"))?;
            for (name, slot) in &heard.slots {
                write!(out, "  {name}={:?}", slot.value)?;
                if let Some(id) = &slot.id {
                    write!(out, " [{id}]")?;
                }
            }
            writeln!(out)
        }
    }
}
