//! What holds about the house as a whole: licences, who may know whom, and what log lines may say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Licences under which anybody may run, change and pass on the whole.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_dependency_has_a_licence_that_lets_people_share() {
    let mut refused = Vec::new();
    for package in Graph::load().packages.values() {
        let licence = package["license"].as_str().unwrap_or("none given");
        if !is_allowed(licence) {
            refused.push(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    assert_eq!(refused, [""; 0]);
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    for (licence, allowed) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("(MIT OR GPL-2.0) AND Unicode-3.0", true),
        ("(MIT AND GPL-2.0) OR (AGPL-3.0 AND MIT)", false),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ("MIT OR", false),
        ("(MIT", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(licence), allowed, "{licence}");
    }
}

/// Invariant: the core has no input or output, no clock, no randomness, no async.
#[test]
fn the_core_depends_on_nothing_that_acts() {
    let graph = Graph::load();
    let core = graph.below("hearthline-core");
    for acting in [
        "async-std",
        "axum",
        "getrandom",
        "hyper",
        "mio",
        "rand",
        "reqwest",
        "ring",
        "rustls",
        "smol",
        "socket2",
        "sqlx",
        "sqlx-core",
        "tokio",
        "tracing",
        "whisper-rs",
    ] {
        assert!(!core.contains(acting), "hearthline-core depends on {acting}");
    }
    println!("hearthline-core stands on {} packages", core.len());
}

#[test]
fn the_core_and_the_alexa_crate_know_nobody_in_the_house() {
    let graph = Graph::load();
    for (crate_name, others) in [
        ("hearthline-core", ["hearthline", "alexa-skill"]),
        ("alexa-skill", ["hearthline", "hearthline-core"]),
    ] {
        let below = graph.below(crate_name);
        for other in others {
            assert!(!below.contains(other), "{crate_name} depends on {other}");
        }
    }
}

/// Invariant: every channel reaches the handlers through `turn`.
#[test]
fn the_handlers_have_one_door() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let decides = |file: &PathBuf| fs::read_to_string(file).unwrap().contains("skill::decide");
    let doors: Vec<_> = files_below(&source, "rs").into_iter().filter(decides).collect();
    assert_eq!(doors, [source.join("turn.rs")]);
}

/// Two cryptographic providers in one process make the TLS library panic at first use.
#[test]
fn tls_has_one_provider() {
    let graph = Graph::load();
    let features = graph.features("rustls");
    assert!(features.contains("ring"), "{features:?}");
    assert!(!features.contains("aws-lc-rs") && !features.contains("aws_lc_rs"), "{features:?}");
}

/// Invariant: utterances, names and numbers appear in no log above debug. The wrapper sees to it
/// for what is wrapped; this sees to it that things of these names are.
#[test]
fn log_lines_above_debug_name_nothing_private() {
    let mut found = Vec::new();
    for file in rust_files(Path::new(env!("CARGO_MANIFEST_DIR"))) {
        let source = fs::read_to_string(&file).unwrap();
        found.extend(
            private_in_log_lines(&source)
                .into_iter()
                .map(|(line, word)| format!("{}:{line}: {word}", file.display())),
        );
    }
    assert_eq!(found, [""; 0], "wrap it in telemetry::Private");
}

#[test]
fn private_things_are_found_in_log_lines() {
    for (source, words) in [
        (r#"info!(call.id = %id, "call finished")"#, ""),
        (r#"info!(%text, "heard")"#, "text"),
        (r#"info!(heard = %request.words, "heard")"#, "words"),
        (r#"warn!("heard {transcript}")"#, "transcript"),
        (r#"tracing::error!(name = ?contact.name, "no")"#, "name"),
        (r#"info!(words = %Private(&text), "heard")"#, ""),
        (r#"debug!(%text, "heard")"#, ""),
        (r#"info!("the text has no words (really)")"#, ""),
        ("info!(\n  a = 1,\n  %utterance,\n)", "utterance"),
    ] {
        let found: Vec<_> =
            private_in_log_lines(source).into_iter().map(|(_, word)| word).collect();
        assert_eq!(found.join(" "), words, "{source}");
    }
}

/// The map is of this house: files that it names are there, and so are the tests that keep the
/// invariants.
#[test]
fn what_the_documents_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = rust_files(root);
    files.extend(files_below(&root.join("tests"), "rs"));
    let sources: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut missing = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let quoted = text.split('`').skip(1).step_by(2).filter(|quoted| !quoted.contains('\n'));
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for name in quoted.chain(linked.filter(|link| !link.starts_with("http"))) {
            let file =
                name.contains('.') && name.contains('/') && !name.starts_with(['/', '~', '<']);
            let test = name.len() > 20
                && name.chars().all(|character| character.is_ascii_lowercase() || character == '_');
            let exists = match (file, test) {
                (true, _) => root.join(name).exists(),
                (_, true) => sources.contains(&format!("fn {name}(")),
                (false, false) => true,
            };
            if !exists {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

/// Whether one may use something under this SPDX expression (or its older form with slashes).
fn is_allowed(licence: &str) -> bool {
    let spaced = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let spaced = spaced.replace(" WITH ", "_WITH_");
    let words: Vec<String> =
        spaced.split_whitespace().map(|w| w.replace("_WITH_", " WITH ")).collect();
    let mut words = words.iter().map(String::as_str).peekable();
    any_of(&mut words) == Some(true) && words.next().is_none()
}

/// `None`: not an expression.
fn any_of<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    let mut allowed = all_of(words)?;
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all_of(words)?;
    }
    Some(allowed)
}

fn all_of<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    let mut allowed = one(words)?;
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words)?;
    }
    Some(allowed)
}

fn one<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<bool> {
    match words.next()? {
        "(" => {
            let inner = any_of(words)?;
            words.next_if_eq(&")").map(|_| inner)
        }
        "OR" | "AND" | ")" => None,
        name => Some(ALLOWED.contains(&name)),
    }
}

/// Everything that is built for this machine, as cargo resolved it.
struct Graph {
    packages: BTreeMap<String, Value>,
    nodes: BTreeMap<String, Value>,
}

impl Graph {
    fn load() -> Self {
        let host = Command::new("rustc").arg("-vV").output().unwrap();
        let host = String::from_utf8(host.stdout).unwrap();
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let metadata = Command::new(cargo)
            .args(["metadata", "--offline", "--locked", "--format-version", "1"])
            .args(["--filter-platform", host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
        let mut metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
        let by_id = |list: &mut Value| {
            let Value::Array(items) = list.take() else {
                panic!("cargo metadata has another shape")
            };
            items.into_iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item)).collect()
        };
        Self {
            packages: by_id(&mut metadata["packages"]),
            nodes: by_id(&mut metadata["resolve"]["nodes"]),
        }
    }

    fn name(&self, id: &str) -> &str {
        self.packages[id]["name"].as_str().unwrap()
    }

    /// The names of all that a package runs with; what only its tests and build need stays out.
    fn below(&self, name: &str) -> BTreeSet<&str> {
        let mut open: Vec<&str> =
            self.nodes.keys().map(String::as_str).filter(|id| self.name(id) == name).collect();
        assert_eq!(open.len(), 1, "{name}");
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            for dependency in self.nodes[id]["deps"].as_array().unwrap() {
                let kinds = dependency["dep_kinds"].as_array().unwrap();
                let package = dependency["pkg"].as_str().unwrap();
                if kinds.iter().any(|kind| kind["kind"].is_null()) && seen.insert(package) {
                    open.push(package);
                }
            }
        }
        seen.into_iter().map(|id| self.name(id)).collect()
    }

    fn features(&self, name: &str) -> BTreeSet<&str> {
        self.nodes
            .iter()
            .filter(|(id, _)| self.name(id) == name)
            .flat_map(|(_, node)| node["features"].as_array().unwrap())
            .filter_map(Value::as_str)
            .collect()
    }
}

/// The places, by line, where a log line above debug names something private.
fn private_in_log_lines(source: &str) -> Vec<(usize, String)> {
    const PRIVATE: [&str; 12] = [
        "body",
        "heard",
        "name",
        "nickname",
        "number",
        "phone",
        "reply",
        "said",
        "text",
        "transcript",
        "utterance",
        "words",
    ];
    let mut found = Vec::new();
    for macro_name in ["info!(", "warn!(", "error!("] {
        for (start, _) in source.match_indices(macro_name) {
            let arguments = shown(&source[start + macro_name.len()..]);
            if arguments.contains("Private(") {
                continue;
            }
            // What stands left of a `=` is the field's own name and private to nobody.
            let values =
                arguments.split(',').map(|value| value.rsplit('=').next().unwrap_or(value));
            for word in values.flat_map(|v| v.split(|c: char| !c.is_alphanumeric() && c != '_')) {
                if PRIVATE.contains(&word) {
                    found.push((source[..start].lines().count().max(1), word.to_owned()));
                }
            }
        }
    }
    found
}

/// The arguments of a macro call up to its closing parenthesis, without the literal parts of
/// strings: of `"heard {text}"` remains ` text `.
fn shown(source: &str) -> String {
    let (mut depth, mut quoted, mut held) = (1, false, false);
    let mut shown = String::new();
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => {
                characters.next();
            }
            '"' => quoted = !quoted,
            '{' if quoted => held = true,
            '}' if quoted => {
                held = false;
                shown.push(' ');
            }
            _ if quoted && !held => {}
            '(' => {
                depth += 1;
                shown.push('(');
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                shown.push(')');
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// What runs in the house. Telemetry's own tests say private things on purpose.
fn rust_files(root: &Path) -> Vec<PathBuf> {
    let mut files = files_below(&root.join("src"), "rs");
    files.extend(files_below(&root.join("crates"), "rs"));
    files.retain(|path| !path.ends_with("src/telemetry.rs"));
    assert!(files.len() > 10, "the sources are somewhere else");
    files
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                files.push(path);
            }
        }
    }
    files
}
