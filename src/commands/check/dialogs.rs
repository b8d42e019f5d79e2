//! `hearthline check dialogs`: loads the dialogs of the working folder, lints them, runs their tests.

use std::io::Write;
use std::path::Path;

use hearthline_core::conversation::Bot;

use crate::dialogs::{FOLDER, read, told};

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
    for mistake in &mistakes {
        writeln!(out, "{}", told(mistake))?;
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
