//! Every script in `tests/scripts` is a journey through the real house.

use std::path::Path;

use hearthline::commands::script;

#[test]
fn every_script_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(root.join("tests/scripts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut failed = String::new();
    for file in files {
        let report = runtime.block_on(script::play(&file, Some(&root.join("models")))).unwrap();
        if !report.passed() {
            failed.push_str(&report.to_string());
        }
    }
    assert!(failed.is_empty(), "\n{failed}");
}
