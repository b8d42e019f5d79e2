//! `hearthline check manifest`: ours has nothing to mend, and what is wrong is named with its line.

use std::path::Path;
use std::process::{Command, Output};

#[test]
fn our_manifest_has_nothing_to_mend() {
    let output = check(Path::new(env!("CARGO_MANIFEST_DIR")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("nothing to mend"), "{text}");
}

#[test]
fn every_mistake_is_named_with_its_place() {
    // Each row: what is written, what stands there instead, what is said of it.
    finds(
        "skill.json",
        &[
            ("\"manifestVersion\"", "\"manifestVersoin\"", "is no key here"),
            (
                "\"summary\": \"Call, message",
                "\"summery\": \"Call, message",
                "\"summery\" is no key",
            ),
            ("Alexa, open hearth line", "Open hearth line", "wake word"),
            ("do I have any new messages\"", "juggle\"", "understood by no sample"),
            ("alexa::person_id:read", "alexa::person:read", "none of Alexa's permissions"),
            ("SKILL_ENABLED", "SKILL_ENABELD", "none of Alexa's subscriptions"),
            ("\"isExportCompliant\": true", "\"isExportCompliant\": 1", "true or false"),
        ],
    );
    finds("skill.json", &[("\"interfaces\": []", "\"interfaces\": ]", "is not JSON")]);
    finds(
        MODEL,
        &[
            ("\"hearth line\"", "\"open Hearth\"", "launches a skill"),
            ("\"level\": \"HIGH\"", "\"levle\": \"HIGH\"", "LOW, MEDIUM or HIGH"),
            ("\"AMAZON.HelpIntent\"", "\"HelpIntent\"", "AMAZON.HelpIntent is missing"),
            ("\"hang up now\"", "\"mute me\"", "belongs to"),
            ("\"end the phone call\"", "\"end 2 calls\"", "holds '2'"),
            ("\"let's chat about {topic}\"", "\"{topic}\"", "needs words around it"),
            (
                "\"elicitation\": \"Elicit.Slot.CallIntent.contact\"",
                "\"elicitation\": \"Elicit.Nothing\"",
                "\"Elicit.Nothing\" is not under",
            ),
        ],
    );
    finds(
        MODEL,
        &[
            ("\"type\": \"ROOM\"", "\"type\": \"ROMO\"", "\"ROMO\""),
            ("\"call the {room}\"", "\"call the {rom}\"", "uses {rom}"),
            ("\"hang up now\"", "\"hang {up\"", "a { without a }"),
        ],
    );
}

const MODEL: &str = "interactionModels/custom/en-US.json";

/// Checks a copy of our manifest with these changes: each must be named with a line of the file.
fn finds(file: &str, changes: &[(&str, &str, &str)]) {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("skill-manifest");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("skill-manifest");
    std::fs::create_dir_all(copy.join("interactionModels/custom")).unwrap();
    for name in ["skill.json", "ask-resources.json", MODEL] {
        std::fs::copy(ours.join(name), copy.join(name)).unwrap();
    }
    let mut text = std::fs::read_to_string(copy.join(file)).unwrap();
    for (written, instead, _) in changes {
        assert!(text.contains(written), "{written} stands nowhere in {file}");
        text = text.replacen(written, instead, 1);
    }
    std::fs::write(copy.join(file), &text).unwrap();
    let output = check(folder.path());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success());
    for (_, instead, says) in changes {
        let finding = said.lines().find(|line| line.contains(says));
        let finding = finding.unwrap_or_else(|| panic!("{instead}: {says:?} is not in\n{said}"));
        let line = finding.strip_prefix(&format!("skill-manifest/{file}:"));
        let line: usize = line.and_then(|rest| rest.split(':').next()?.parse().ok()).unwrap();
        let there = text.lines().nth(line - 1).unwrap();
        // What is missing has no line of its own; the finding names the list it should be in.
        let elsewhere = ["missing", "LOW, MEDIUM"].iter().any(|word| says.contains(word));
        assert!(elsewhere || there.contains(instead), "{finding}\n{there}");
    }
}

#[test]
fn a_manifest_that_is_not_there_is_said_to_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let output = check(folder.path());
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("skill.json:1: cannot be read"));
}

fn check(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hearthline"))
        .args(["check", "manifest"])
        .current_dir(folder)
        .output()
        .unwrap()
}
