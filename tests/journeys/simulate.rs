//! `hearthline simulate`: what long conversations and real people's turns are like, the same for a seed.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

const TURNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversation/people.tsv");

/// What simulated people must at least find. Raised as the content grows; the aim stands beside each.
const AT_LEAST: [(&str, f64); 3] = [
    ("fewest_turns", 60.0),
    ("deep_topics_mean", 2.0), // 8 in 20 minutes
    ("restarts", 50.0),
];
/// And what they must at most find.
const AT_MOST: [(&str, f64); 5] = [
    ("restart_mismatches", 0.0),
    ("trigram_repetition", 0.14), // 0.05
    ("fallback_rate", 0.21),      // 0.06
    ("abandoned", 6.0),           // 0
    ("state_bytes", 32_768.0),
];
/// The share of memory probes that are answered; all, when we are done.
const REMEMBERED: f64 = 0.3;

#[test]
fn a_seed_always_gives_the_same_report_and_another_seed_another() {
    let report = simulate(&["--minutes", "4", "--people", "3", "--seed", "1"]);
    assert_eq!(report, simulate(&["--minutes", "4", "--people", "3", "--seed", "1"]));
    assert_ne!(report, simulate(&["--minutes", "4", "--people", "3", "--seed", "2"]));
}

#[test]
fn long_conversations_reach_what_they_reached_before() {
    let report = json(&simulate(&["--minutes", "12", "--people", "8", "--seed", "3"]));
    let figure = |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("{name}: {report}"));
    for (name, least) in AT_LEAST {
        assert!(figure(name) >= least, "{name} {} is below {least}", figure(name));
    }
    for (name, most) in AT_MOST {
        assert!(figure(name) <= most, "{name} {} is above {most}", figure(name));
    }
    let remembered = figure("memory_answered") / figure("memory_probes");
    assert!(figure("memory_probes") >= 20.0 && remembered >= REMEMBERED, "{remembered}");
    // People as they are: questions and a few words make up a third each.
    let attention = |name: &str| report["attention"][name].as_f64().unwrap();
    for part in ["questions", "short_turns"] {
        let share = attention(part) / attention("turns");
        assert!((0.25..0.45).contains(&share), "{part}: {share}");
    }
}

#[test]
fn turns_of_real_people_are_attended_to_as_before() {
    let report = json(&simulate(&["--turns", TURNS]));
    let attention = |name: &str| report["attention"][name].as_f64().unwrap();
    assert_eq!(attention("turns"), 300.0);
    assert!(attention("picked_up_rate") >= 0.38, "{report}"); // half
    assert!(attention("copied_rate") < 0.05, "{report}");
    assert!(attention("questions_met_rate") >= 0.9, "{report}"); // all
    assert!(report["fallback_rate"].as_f64().unwrap() <= 0.27, "{report}"); // 0.06
    assert_eq!(report["repeated_sentences"], 0);
}

#[test]
fn exchanges_are_drawn_by_their_seeds() {
    let shown = simulate(&["--turns", TURNS, "--show", "5", "--seed", "9"]);
    assert_eq!(shown, simulate(&["--turns", TURNS, "--show", "5", "--seed", "9"]));
    assert!(shown.starts_with("1. seed 9, talk"), "{shown}");
    assert!(shown.contains("\n5. seed "), "{shown}");
}

#[test]
fn what_nobody_wrote_an_answer_to_is_grouped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("unmatched.md");
    simulate(&["--turns", TURNS, "--unmatched", file.to_str().unwrap()]);
    let list = std::fs::read_to_string(&file).unwrap();
    assert!(list.starts_with("# What to write next"), "{list}");
    let counts: Vec<usize> = list
        .lines()
        .filter(|line| line.contains("fell back; topic open"))
        .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
}

#[test]
fn a_line_that_is_no_turn_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("turns.tsv");
    std::fs::write(&file, "# turns\na\thello\tgreeting\njust words\n").unwrap();
    let out = Command::new(program()).arg("simulate").arg("--turns").arg(&file).output().unwrap();
    assert!(!out.status.success());
    let said = String::from_utf8(out.stderr).unwrap();
    assert!(said.contains("turns.tsv:3"), "{said}");
}

fn simulate(arguments: &[&str]) -> String {
    let shows = arguments.contains(&"--show");
    let format: &[&str] = if shows { &[] } else { &["--json"] };
    let out =
        Command::new(program()).arg("simulate").args(arguments).args(format).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn json(report: &str) -> Value {
    serde_json::from_str(report).unwrap()
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hearthline"))
}
