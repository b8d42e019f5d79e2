//! Dialogs that authors keep in the working folder: read by `check`, and by `serve --dev` whenever they change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use hearthline_core::conversation::{Bot, Mistake};

use crate::app::App;

/// Where authors keep their dialogs, seen from the project's root.
pub const FOLDER: &str = "dialogs/en";
/// Somebody who saves a file and turns to the speaker has not spoken before this.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The files of a folder: name and text, in order.
///
/// # Errors
/// When the folder or one of its files cannot be read.
pub fn read(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in list(folder)? {
        let yaml = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read {} as text", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, yaml));
    }
    Ok(files)
}

fn list(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!("could not read {}; run this where the dialogs folder is", folder.display())
    })?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("could not list {}", folder.display()))?.path();
        if path.extension().is_some_and(|kind| kind == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// A mistake with the path by which an editor finds its file.
#[must_use]
pub fn told(Mistake { file, line, what, mend }: &Mistake) -> String {
    format!("{FOLDER}/{file}:{line}: {what}; {mend}")
}

/// When each file was written, and how long it is.
type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// The dialogs below a folder, as they were when last looked at.
#[derive(Debug)]
pub struct Authored {
    folder: PathBuf,
    seen: Option<Stamps>,
}

impl Authored {
    /// Those in `dialogs/en` below `root`. Nothing is read before the first look.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn below(root: &Path) -> anyhow::Result<Self> {
        let folder = root.join(FOLDER);
        list(&folder)?;
        Ok(Self { folder, seen: None })
    }

    /// Looks whether a file changed, and lets the app talk from what is there now. What has mistakes is not talked
    /// from: each is logged with its file and line, and what was there before stays.
    pub fn look(&mut self, app: &App) {
        // Before the files themselves: what changes while they are read counts as a change next time.
        let stamps = stamps(&self.folder);
        if self.seen.as_ref() == Some(&stamps) {
            return;
        }
        self.seen = Some(stamps);
        let loaded = read(&self.folder).map(|files| Bot::load(&files));
        match loaded {
            Ok(Ok(bot)) => {
                tracing::info!(topics = bot.topics().count(), "the dialogs of {FOLDER} are in use");
                app.set_bot(bot);
            }
            Ok(Err(mistakes)) => {
                for mistake in &mistakes {
                    tracing::warn!("{}", told(mistake));
                }
                let count = mistakes.len();
                tracing::warn!(
                    mistakes = count,
                    "the dialogs stay as they were until that is mended"
                );
            }
            Err(error) => tracing::warn!("the dialogs stay as they were: {error:#}"),
        }
    }

    /// Looks every second, until the runtime ends.
    pub async fn keep_looking(mut self, app: Arc<App>) {
        loop {
            app.clock.sleep_until(app.clock.now() + LOOK_EVERY).await;
            let looking = Arc::clone(&app);
            // Compiling takes longer than a turn may wait.
            let looked = tokio::task::spawn_blocking(move || {
                self.look(&looking);
                self
            });
            match looked.await {
                Ok(same) => self = same,
                Err(error) => {
                    tracing::error!(%error, "the dialogs are not looked at any more");
                    return;
                }
            }
        }
    }
}

/// Empty when the folder cannot be read just now.
fn stamps(folder: &Path) -> Stamps {
    let paths = list(folder).unwrap_or_default();
    let stamp = |path: PathBuf| {
        let about = std::fs::metadata(&path).ok();
        let written = about.as_ref().and_then(|about| about.modified().ok());
        (path, (written, about.map_or(0, |about| about.len())))
    };
    paths.into_iter().map(stamp).collect()
}
