//! `hearthline check`: lints what people author, every mistake at once.

pub mod dialogs;
pub mod fixtures;
pub mod manifest;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The largest authored file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 16_000_000;

/// Lints what people author: every mistake with its place and how to mend it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline check
  hearthline check manifest dialogs")]
pub struct Args {
    /// What to check; everything if nothing is named
    #[arg(value_enum)]
    subjects: Vec<Subject>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Subject {
    /// `dialogs/`: what the socialbot says, and the tests beside it
    Dialogs,
    /// `audio-fixtures/`: recordings, and what their index says of them
    Fixtures,
    /// `skill-manifest/`: what Alexa is told about the skill
    Manifest,
}

/// A mistake in an authored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub file: PathBuf,
    /// From 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line.max(1), self.says)
    }
}

/// # Errors
/// When standard output cannot be written. What cannot be read is something to mend.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let asked = |subject| args.subjects.is_empty() || args.subjects.contains(&subject);
    let mut out = std::io::stdout().lock();
    let mut good = true;
    if asked(Subject::Dialogs) {
        good &= match dialogs::check(Path::new("."), &mut out) {
            Ok(good) => good,
            Err(error) => {
                writeln!(out, "dialogs: {error:#}")?;
                false
            }
        };
    }
    if asked(Subject::Fixtures) {
        good &= fixtures::check(Path::new("."), &mut out)?;
    }
    if asked(Subject::Manifest) {
        let findings = manifest::check(Path::new("skill-manifest"));
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
        match findings.len() {
            0 => writeln!(out, "manifest: nothing to mend")?,
            count => writeln!(out, "manifest: {count} to mend")?,
        }
        good &= findings.is_empty();
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An authored file and what was found in it.
#[derive(Debug)]
struct Source {
    file: PathBuf,
    text: String,
    findings: Vec<Finding>,
}

impl Source {
    /// Reads a file; what cannot be read is empty, with a finding.
    fn read(file: PathBuf) -> Self {
        let text = match std::fs::metadata(&file) {
            Ok(about) if about.len() > MAX_FILE_BYTES => {
                Err(format!("has {} bytes; {MAX_FILE_BYTES} are the most", about.len()))
            }
            _ => std::fs::read_to_string(&file).map_err(|error| format!("cannot be read: {error}")),
        };
        let mut source = Self { file, text: String::new(), findings: vec![] };
        match text {
            Ok(text) => source.text = text,
            Err(says) => source.add(0, says),
        }
        source
    }

    fn add(&mut self, line: usize, says: impl Into<String>) {
        self.findings.push(Finding { file: self.file.clone(), line, says: says.into() });
    }

    /// A finding at the place where these strings of the file stand, each after the one before it.
    fn at(&mut self, path: &[&str], says: impl Into<String>) {
        let mut from = 0;
        for part in path.iter().filter(|part| !part.is_empty()) {
            let quoted = serde_json::Value::from(*part).to_string();
            if let Some(found) = self.text[from..].find(&quoted) {
                from += found;
            }
        }
        let line = self.text[..from].matches('\n').count() + 1;
        self.add(line, says);
    }
}
