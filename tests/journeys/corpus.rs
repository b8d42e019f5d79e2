//! What fuzzers have found, and what is likely to trip: each file of `fuzz/corpus`, through what the fuzz targets exercise.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/exercise.rs"]
mod exercise;

#[test]
fn what_a_fuzzer_threw_once_does_no_harm() {
    for (target, exercise) in [
        ("parse", exercise::parse as fn(&[u8])),
        ("model", exercise::model),
        ("household", exercise::household),
    ] {
        let files = files(&root().join("fuzz/corpus").join(target));
        assert!(!files.is_empty(), "{target}");
        for file in files {
            println!("{}", file.display());
            exercise(&std::fs::read(&file).unwrap());
        }
    }
}

/// The hostile lines of the understanding are seeds too.
#[test]
fn hostile_lines_do_no_harm() {
    let lines = std::fs::read_to_string(root().join("tests/understanding/hostile.txt")).unwrap();
    for line in lines.lines() {
        exercise::parse(line.as_bytes());
        exercise::model(line.as_bytes());
        exercise::household(line.as_bytes());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        exercise::parse(&bytes);
        exercise::model(&bytes);
        exercise::household(&bytes);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
