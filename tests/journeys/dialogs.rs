//! Authors at work: dialogs that change while people talk.

use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex};

use hearthline::dialogs::{Authored, FOLDER};
use hearthline_core::conversation::Bot;

use super::stage::Stage;

const ASKED: &str = "Do you keep pebbles on a shelf?";
const EDITED: &str = "Is there a pebble in your coat pocket?";

/// Files with a part of their own to play; all others are topics.
const FIXED: [&str; 7] = [
    "entities.yaml",
    "language.yaml",
    "lines.yaml",
    "memory.yaml",
    "persona.yaml",
    "phrases.yaml",
    "sentences.yaml",
];

#[tokio::test(flavor = "current_thread")]
async fn an_edited_line_is_said_in_the_next_turn_and_a_broken_file_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(FOLDER);
    fs::create_dir_all(&folder).unwrap();
    for (name, yaml) in Bot::shipped_files().filter(|(name, _)| FIXED.contains(name)) {
        fs::write(folder.join(name), yaml).unwrap();
    }
    let file = folder.join("pebbles.yaml");
    fs::write(&file, topic(ASKED)).unwrap();
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    let _listening = tracing::subscriber::set_default(lines.finish());

    let stage = Stage::open().await;
    let mut authored = Authored::below(root.path()).unwrap();
    authored.look(stage.app());
    assert_eq!(log.lines("ERROR").len() + log.lines("WARN").len(), 0, "{:?}", log.lines(""));
    let mut speakers = Vec::new();
    for (home, device) in [
        ("alder-house", "alder-kitchen"),
        ("alder-house", "alder-living"),
        ("harbour-cottage", "harbour-parlour"),
    ] {
        speakers.push(stage.device(home, device).await);
    }
    let [one, two, three] = &mut speakers[..] else { unreachable!() };
    let ask = "let's talk about pebbles";
    let said = one.say(ask).await["speech"].to_string();
    assert!(said.contains(ASKED), "{said}");

    fs::write(&file, topic(EDITED)).unwrap();
    authored.look(stage.app());
    let said = two.say(ask).await["speech"].to_string();
    assert!(said.contains(EDITED), "{said}");

    let broken = topic("Is this ever said?").replace("$next", "nowhere");
    fs::write(&file, &broken).unwrap();
    authored.look(stage.app());
    let line = 1 + broken.lines().position(|line| line.contains("nowhere")).unwrap();
    let place = format!("{FOLDER}/pebbles.yaml:{line}: there is no node nowhere");
    assert!(log.lines("WARN").iter().any(|line| line.contains(&place)), "{:?}", log.lines(""));
    let told = log.lines("WARN").len();
    authored.look(stage.app());
    assert_eq!(log.lines("WARN").len(), told, "what did not change is told once");
    let said = three.say(ask).await["speech"].to_string();
    assert!(said.contains(EDITED), "{said}");

    // Mended under another name: whoever was in the middle of it is led to what is there.
    fs::remove_file(&file).unwrap();
    let mended = topic(ASKED).replace("topic: pebbles", "topic: stones");
    fs::write(folder.join("stones.yaml"), mended).unwrap();
    authored.look(stage.app());
    let said = three.say("yes").await["speech"].to_string();
    assert!(said.contains(ASKED), "{said}");
}

fn topic(asked: &str) -> String {
    format!(
        r#"topic: pebbles
version: 1
label: pebbles
enter: {{ names: [pebbles], lead: ["Pebbles, to begin.", "Pebbles, once more.", "Pebbles, at last."] }}
start: [shelf]
resume: ["Pebbles, as before.", "Pebbles, where we were.", "Pebbles, back again."]
nodes:
  shelf:
    say: ["{asked}", "{asked} ", " {asked}"]
    replies:
      - {{ else: any, go: $next }}
hand_off: {{ to: [], bridge: ["Enough of pebbles.", "So much for pebbles.", "Pebbles can wait."] }}
"#
    )
}

/// What was logged, kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self, level: &str) -> Vec<String> {
        let bytes = self.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter(|line| line.contains(level)).map(str::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
