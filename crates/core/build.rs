//! Lists the dialogs, so that a new file in `dialogs/en` is part of the program without another line of code.
#![allow(clippy::disallowed_methods)] // It runs before there is a core.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../dialogs/en");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("dialogs/en stands beside the crates")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        let name = file.file_name().expect("a file has a name").to_string_lossy();
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.display())
            .expect("a string grows");
    }
    list.push(']');
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("dialogs.rs");
    fs::write(out, list).expect("the build folder can be written");
}
