//! The one folder that everything is kept in, held by one process at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Names the process that holds the folder. The lock itself is the system's: it falls with the
/// process, however that ends, so a leftover file locks nobody out.
const LOCK: &str = "in-use";

/// What is kept is private: only the owner may look inside.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A folder that nobody else uses while this value lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    #[error("the data folder {} cannot be created: {source}; choose another with --data DIR", path.display())]
    NotCreated { path: PathBuf, source: io::Error },
    #[error("the data folder {} is not writable: {source}; mend its permissions or choose another with --data DIR", path.display())]
    NotWritable { path: PathBuf, source: io::Error },
    #[error("the data folder {} is in use by {holder}; stop that one or choose another with --data DIR", path.display())]
    InUse { path: PathBuf, holder: String },
}

impl DataFolder {
    /// Creates the folder if need be and takes hold of it until the value is dropped.
    ///
    /// # Errors
    /// See [`DataFolderError`]. On an error nothing in the folder has changed.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(path)
            .map_err(|source| DataFolderError::NotCreated { path: path.to_owned(), source })?;
        let not_writable = |source| DataFolderError::NotWritable { path: path.to_owned(), source };
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false) // whoever holds it is named inside
            .read(true)
            .write(true)
            .mode(FILE_MODE)
            .open(path.join(LOCK))
            .map_err(not_writable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataFolderError::InUse {
                    path: path.to_owned(),
                    holder: holder(&lock),
                });
            }
            Err(TryLockError::Error(source)) => return Err(not_writable(source)),
        }
        // Writing the name also finds a full disk, and a file on a folder that became read-only.
        let named = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        named.map_err(not_writable)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// `process 4711`, read from a lock that somebody else holds.
fn holder(lock: &File) -> String {
    // A process id has at most ten digits; whatever is longer is not ours.
    let mut text = String::new();
    match lock.take(16).read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok())
    {
        Some(id) => format!("process {id}"),
        None => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_folder_is_created_for_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(folder.path(), path);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(LOCK)), 0o600);
    }

    #[test]
    fn the_second_is_told_who_came_first_until_that_one_leaves() {
        let root = tempfile::tempdir().unwrap();
        let first = DataFolder::open(root.path()).unwrap();
        let error = DataFolder::open(root.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("is in use by process {}", std::process::id())), "{error}");
        drop(first);
        DataFolder::open(root.path()).unwrap();
    }

    #[test]
    fn what_an_older_process_left_behind_locks_nobody_out() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(LOCK), "a much longer line than a process id\n").unwrap();
        let _folder = DataFolder::open(root.path()).unwrap();
        let named = std::fs::read_to_string(root.path().join(LOCK)).unwrap();
        assert_eq!(named.trim(), std::process::id().to_string());
    }

    #[test]
    fn what_is_no_folder_is_refused_in_one_sentence() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "kept").unwrap();
        for path in [file.clone(), file.join("below")] {
            let error = DataFolder::open(&path).unwrap_err();
            assert!(matches!(error, DataFolderError::NotCreated { .. }), "{error}");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
        // Nobody, not even root, can write there.
        let error = DataFolder::open(Path::new("/proc/self/fdinfo")).unwrap_err();
        assert!(matches!(error, DataFolderError::NotWritable { .. }), "{error}");
    }
}
