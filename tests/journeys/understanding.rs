//! The corpora of `tests/understanding` through our model and three of other domains, with the totals they must reach.
//!
//! The totals are what was reached, not what is aimed for; `docs/understanding.md` has both, and how unseen each corpus is.
//! The check half is looked at only as totals. `hearthline parse --evaluate FILE` prints more of the development half;
//! `cargo bench -p hearthline-core --bench understanding` prints all of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use hearthline_core::household::Household;
use hearthline_core::understanding::evaluation::{self, Report};
use hearthline_core::understanding::{Lists, Understanding, negatives};

fn read(name: &str) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/understanding").join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn home() -> Lists {
    Lists::of(&Household::read(&read("household.json")).unwrap())
}

fn ours(corpus: &str) -> Report {
    let rows = evaluation::rows(&read(corpus)).unwrap();
    evaluation::evaluate(Understanding::shipped(), &home(), &rows)
}

#[test]
fn what_was_understood_of_the_corpora_is_understood_still() {
    let check =
        |corpus: &str, inside: f64, outside: f64, slots: f64, names: usize, wrong: usize| {
            let report = ours(corpus);
            println!("{corpus}\n{report}");
            assert!(report.in_scope().accuracy() >= inside, "{corpus}: {report}");
            assert!(report.out_of_scope().accuracy() >= outside, "{corpus}: {report}");
            assert!(report.slots.f1() >= slots, "{corpus}: {report}");
            assert!(report.names.first >= names, "{corpus}: {report}");
            assert!(report.names.wrong <= wrong, "{corpus}: {report}");
        };
    check("development.tsv", 0.94, 0.97, 0.87, 70, 0);
    check("check.tsv", 0.93, 0.95, 0.85, 73, 0);
}

/// Domains that the code has never heard of, from their model files alone.
#[test]
fn other_domains_are_understood_from_their_models() {
    let check = |domain: &str, inside: f64, outside: f64, slots: f64| {
        let understanding = Understanding::read(&read(&format!("models/{domain}.json"))).unwrap();
        let rows = evaluation::rows(&read(&format!("models/{domain}.tsv"))).unwrap();
        let report = evaluation::evaluate(&understanding, &Lists::none(), &rows);
        println!("{domain}\n{report}");
        assert!(report.in_scope().accuracy() >= inside, "{domain}: {report}");
        assert!(report.out_of_scope().accuracy() >= outside, "{domain}: {report}");
        assert!(report.slots.f1() >= slots, "{domain}: {report}");
    };
    check("weather-and-music", 0.72, 0.96, 0.62);
    check("shopping", 0.86, 0.94, 0.90);
    check("smart-home", 0.80, 0.94, 0.80);
}

#[test]
fn the_corpora_are_large_enough_and_apart() {
    let texts = |corpus: &str| -> BTreeSet<String> {
        let rows = evaluation::rows(&read(corpus)).unwrap();
        rows.into_iter().map(|row| row.text.to_lowercase()).collect()
    };
    let (development, check) = (texts("development.tsv"), texts("check.tsv"));
    assert!(development.len() + check.len() >= 600);
    assert_eq!(development.intersection(&check).count(), 0);
    // Nothing to be refused may have been trained on.
    let trained = negatives::groups().iter().flat_map(|group| &group.utterances);
    assert_eq!(trained.filter(|text| check.contains(**text)).count(), 0);
}

/// The same file, the same weights; and the same answer to everything, however hostile.
#[test]
fn hostile_lines_have_one_answer() {
    let lists = home();
    let again = Understanding::read(hearthline_core::understanding::SHIPPED_MODEL).unwrap();
    let mut lines: Vec<String> = read("hostile.txt").lines().map(str::to_owned).collect();
    lines.push("call ".repeat(10_000));
    lines.push("grandma ".repeat(390));
    lines.push("a".repeat(100_000));
    for line in &lines {
        let parse = Understanding::shipped().parse(line, &lists);
        assert_eq!(parse, again.parse(line, &lists), "{line:?}");
        assert!((0.0..=1.0).contains(&parse.confidence), "{line:?}");
        assert!(parse.slots.values().all(|slot| line.contains(&slot.value)), "{line:?}");
    }
}

#[test]
fn odd_models_are_read_or_refused() {
    let model = |types: &str, samples: &str| {
        format!(
            r#"{{"interactionModel":{{"languageModel":{{"invocationName":"odd one","intents":[
            {{"name":"AddIntent","slots":[{{"name":"item","type":"ITEM"}}],"samples":[{samples}]}}],"types":[{types}]}}}}}}"#
        )
    };
    // Synonyms that name each other, and themselves, twice.
    let cyclic = r#"{"name":"ITEM","values":[
        {"name":{"value":"pear","synonyms":["apple","pear","pear"]}},
        {"name":{"value":"apple","synonyms":["pear","apple"]}}]}"#;
    let understanding =
        Understanding::read(&model(cyclic, r#""add {item}","add {item}""#)).unwrap();
    let parse = understanding.parse("add pear", &Lists::none());
    assert_eq!(parse.intent.as_deref(), Some("AddIntent"));
    assert_eq!(parse.slots["item"].id.as_deref(), Some("pear"));

    let many: Vec<String> =
        (0..3_000).map(|at| format!(r#""add {{item}} number word{at}""#)).collect();
    let understanding = Understanding::read(&model(cyclic, &many.join(","))).unwrap();
    let parse = understanding.parse("add apple number word7", &Lists::none());
    assert_eq!(parse.slots["item"].value, "apple");

    let undeclared = Understanding::read(&model(cyclic, r#""add {thing}""#)).unwrap_err();
    assert!(undeclared.to_string().contains("thing"), "{undeclared}");
}
