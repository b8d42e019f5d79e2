//! `hearthline check dialogs`: loads the dialogs of the working folder, lints them, runs their tests.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use hearthline_core::conversation::{Bot, Mistake};

/// Where authors keep their dialogs, seen from the project's root.
const FOLDER: &str = "dialogs/en";

/// Checks `dialogs/en` below `root` and writes what was found. True when there is nothing to mend.
///
/// # Errors
/// When the folder or one of its files cannot be read, or `out` cannot be written.
pub fn check(root: &Path, out: &mut impl Write) -> anyhow::Result<bool> {
    let files = read(&root.join(FOLDER))?;
    let (mistakes, checked) = match Bot::load(&files) {
        Ok(bot) => (bot.trials(), format!("{}, {} tests", topics(&bot), bot.trial_count())),
        Err(mistakes) => (mistakes, format!("{} files", files.len())),
    };
    for Mistake { file, line, what, mend } in &mistakes {
        writeln!(out, "{FOLDER}/{file}:{line}: {what}; {mend}")?;
    }
    match mistakes.len() {
        0 => writeln!(out, "dialogs: {checked}, nothing to mend")?,
        count => writeln!(out, "dialogs: {checked}, {count} to mend")?,
    }
    Ok(mistakes.is_empty())
}

fn topics(bot: &Bot) -> String {
    let topics: Vec<&str> = bot.topics().collect();
    format!("{} topics ({})", topics.len(), topics.join(", "))
}

fn read(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!("could not read {}; run this where the dialogs folder is", folder.display())
    })?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("could not list {}", folder.display()))?.path();
        if path.extension().is_some_and(|kind| kind == "yaml") {
            let yaml = std::fs::read_to_string(&path)
                .with_context(|| format!("could not read {} as text", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, yaml));
        }
    }
    files.sort();
    Ok(files)
}
