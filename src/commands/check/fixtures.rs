//! `hearthline check fixtures`: the recordings of the working folder, and what their index says of them.

use std::io::Write;
use std::path::Path;

use crate::speech::fixtures::lint;

/// Where the recordings are, seen from the project's root.
const FOLDER: &str = "audio-fixtures";

/// Checks `audio-fixtures` below `root` and writes what was found. True when there is nothing to mend.
///
/// # Errors
/// When `out` cannot be written.
pub fn check(root: &Path, out: &mut impl Write) -> anyhow::Result<bool> {
    let (mistakes, recordings) = lint(&root.join(FOLDER));
    for mistake in &mistakes {
        writeln!(out, "{FOLDER}/{mistake}")?;
    }
    match mistakes.len() {
        0 => writeln!(out, "fixtures: {recordings} recordings, nothing to mend")?,
        count => writeln!(out, "fixtures: {recordings} recordings, {count} to mend")?,
    }
    Ok(mistakes.is_empty())
}
