//! Where the model files are, and whether they are the ones we know.

use std::path::{Path, PathBuf};

/// OpenAI Whisper tiny.en, 8-bit.
pub const WHISPER: &str = "ggml-tiny.en-q8_0.bin";
/// Silero voice activity.
pub const ACTIVITY: &str = "ggml-silero-v6.2.0.bin";

/// Of the files we ship. whisper.cpp trusts the sizes a file states, so nothing else is given to it.
const SHA256SUMS: &str = include_str!("../../models/SHA256SUMS");

/// More than any file in `models/`: a larger one is not read into memory to find out that it is wrong.
const MAX_BYTES: u64 = 64 << 20;

/// Why there is no model. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error(
        "there is no {file} in {}; copy it there from the models folder of Hearthline's sources, \
         or name its folder with --models",
        list(looked)
    )]
    Missing { file: &'static str, looked: Vec<PathBuf> },
    #[error("could not read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(
        "{} is damaged or of another version (its sha256 is not the one in models/SHA256SUMS); \
         copy it again from the models folder of Hearthline's sources",
        path.display()
    )]
    Damaged { path: PathBuf },
    #[error("the speech engine refused {}: {reason}", path.display())]
    Refused { path: PathBuf, reason: String },
}

fn list(folders: &[PathBuf]) -> String {
    let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    folders.join(", ")
}

/// The files that hearing needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPaths {
    pub whisper: PathBuf,
    pub activity: PathBuf,
}

impl ModelPaths {
    /// Looks in `--models`, `<data>/models`, beside the executable, then `./models`.
    ///
    /// # Errors
    /// Names the missing file and every folder that was looked in.
    pub fn find(models: Option<&Path>, data: Option<&Path>) -> Result<Self, ModelError> {
        let beside = std::env::current_exe().ok();
        let beside = beside.as_deref().and_then(Path::parent).map(|folder| folder.join("models"));
        let folders: Vec<PathBuf> = [
            models.map(Path::to_owned),
            data.map(|folder| folder.join("models")),
            beside,
            Some(PathBuf::from("models")),
        ]
        .into_iter()
        .flatten()
        .collect();
        Self::find_in(&folders)
    }

    fn find_in(folders: &[PathBuf]) -> Result<Self, ModelError> {
        let find = |file: &'static str| {
            folders
                .iter()
                .map(|folder| folder.join(file))
                .find(|path| path.is_file())
                .ok_or_else(|| ModelError::Missing { file, looked: folders.to_vec() })
        };
        Ok(Self { whisper: find(WHISPER)?, activity: find(ACTIVITY)? })
    }
}

/// Reads a model and checks that it is, byte for byte, the `name` we ship.
pub(super) fn read_verified(path: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let unreadable = |source| ModelError::Unreadable { path: path.to_owned(), source };
    let damaged = || ModelError::Damaged { path: path.to_owned() };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(damaged());
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let known = SHA256SUMS
        .lines()
        .filter_map(|line| line.split_once("  "))
        .any(|(sum, file)| sum == hex && file == name);
    if known { Ok(bytes) } else { Err(damaged()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_damaged_model_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = ModelPaths::find_in(&[folder.path().to_owned()]).expect_err("nothing there");
        let said = error.to_string();
        assert!(said.contains(WHISPER) && said.contains("--models"), "{said}");
        assert!(said.contains(&folder.path().display().to_string()), "{said}");

        let path = folder.path().join(WHISPER);
        std::fs::write(&path, b"half a download").expect("writable");
        let said = read_verified(&path, WHISPER).expect_err("damaged").to_string();
        assert!(said.contains("damaged") && said.contains("copy it again"), "{said}");
    }

    #[test]
    fn the_shipped_models_are_whole() {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let paths = ModelPaths::find_in(&[shipped]).expect("both are committed");
        assert!(read_verified(&paths.whisper, WHISPER).is_ok());
        assert!(read_verified(&paths.activity, ACTIVITY).is_ok());
    }
}
