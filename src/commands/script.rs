//! `hearthline script`: scripted conversations with expectations, against the real house in one process.

#![allow(clippy::print_stdout, reason = "the results are the command's output")]

mod actors;
mod echo;
mod report;
mod sheet;
mod stage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::speech::{Ears, ModelPaths};
pub use report::Report;

/// Play scripted conversations of several people and devices, and check what comes of them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  hearthline script tests/scripts/*.yaml
  hearthline script --update tests/scripts/call.yaml
  hearthline script --junit report.xml tests/scripts/*.yaml

docs/scripts.md describes the format.")]
pub struct Args {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write what really happened into expectations that failed
    #[arg(long)]
    update: bool,
    /// Also write the results as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Where the speech models are, for scripts that play recordings
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

/// # Errors
/// If a file cannot be read or written. A script that fails is no error but an exit code.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut reports = Vec::new();
    for file in &args.files {
        let report = runtime.block_on(play(file, args.models.as_deref()))?;
        if args.update {
            update(file, &report)?;
        }
        print!("{report}");
        reports.push(report);
    }
    if let Some(path) = &args.junit {
        std::fs::write(path, report::junit(&reports))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let failed = reports.iter().filter(|report| !report.passed()).count();
    println!("{} scripts, {failed} failed", reports.len());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays one script from its first step to its last, or to the first that cannot be carried out.
///
/// # Errors
/// If the file cannot be read, or the house cannot be opened.
pub async fn play(file: &Path, models: Option<&Path>) -> anyhow::Result<Report> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let sheet = match sheet::Sheet::read(&text) {
        Ok(sheet) => sheet,
        Err(problem) => return Ok(Report::unreadable(name, problem)),
    };
    let ears = if sheet.steps.iter().any(|step| step.value.hear.is_some()) {
        Some(Ears::load(&ModelPaths::find(models, None)?)?)
    } else {
        None
    };
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let mut stage = stage::Stage::open(&sheet, folder, ears).await?;
    let mut report = Report::new(name, sheet.title.clone());
    for step in &sheet.steps {
        let line = step.referenced.line();
        match stage.step(&step.value).await {
            Ok(facts) => report.compare(&step.value.expect, &facts, &stage.vars),
            Err(problem) => {
                report.failed(line, problem);
                break;
            }
        }
        report.steps += 1;
    }
    Ok(report)
}

/// Replaces the expected values that stand on a line of their own or in braces by what happened.
fn update(file: &Path, report: &Report) -> anyhow::Result<()> {
    if report.surprises.is_empty() {
        return Ok(());
    }
    let text = std::fs::read_to_string(file)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for surprise in &report.surprises {
        let line = usize::try_from(surprise.line)
            .ok()
            .and_then(|line| lines.get_mut(line.checked_sub(1)?));
        if let Some(line) = line {
            *line = rewritten(line, surprise);
        }
    }
    let mut updated = lines.join("\n");
    updated.push('\n');
    std::fs::write(file, updated).with_context(|| format!("cannot write {}", file.display()))
}

/// The line with the value after `key:` replaced.
fn rewritten(line: &str, surprise: &report::Surprise) -> String {
    let key = format!("{}:", surprise.key);
    let Some(at) = line.find(&key) else { return line.to_owned() };
    let (head, rest) = line.split_at(at + key.len());
    let rest = rest.trim_start();
    let end = match rest.chars().next() {
        Some('"') => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
        _ => rest.find([',', '}', '#']).unwrap_or(rest.len()),
    };
    let tail = &rest[end..];
    let value = serde_json::to_string(&surprise.actual).unwrap_or_default();
    let space = if tail.starts_with('}') { " " } else { "" };
    format!("{head} {value}{space}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_changes_one_value_and_nothing_else() {
        let check = |line: &str, key: &str, expected: &str| {
            let surprise = report::Surprise {
                line: 1,
                key: key.to_owned(),
                expected: String::new(),
                actual: "new".to_owned(),
            };
            assert_eq!(rewritten(line, &surprise), expected);
        };
        check("      speech: \"old, and older\"", "speech", "      speech: \"new\"");
        check(
            "  - { expect: { call: old, missed: 1 } }",
            "call",
            "  - { expect: { call: \"new\", missed: 1 } }",
        );
        check("  - { expect: { call: old } }", "call", "  - { expect: { call: \"new\" } }");
        check("      speech: old", "other", "      speech: old");
    }
}
