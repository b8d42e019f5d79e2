//! `audio-fixtures/index.tsv`: recordings whose words and meaning are known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hearthline_core::household::Household;
use hearthline_core::understanding::model::Model;
use hearthline_core::understanding::{SHIPPED_MODEL, Slots};

use super::audio::Audio;

/// The columns, in order.
pub const COLUMNS: [&str; 8] =
    ["file", "transcript", "intent", "slots", "speaker", "source", "licence", "noise"];
/// What stands in a column for "none".
const NONE: &str = "-";

/// One recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// Its line in the index, counted from 1.
    pub line: usize,
    /// Below `audio-fixtures/`.
    pub file: String,
    /// What is said in it.
    pub transcript: String,
    /// What it means; `None` when it is out of scope.
    pub intent: Option<String>,
    /// By slot, the id of what is meant, or the words.
    pub slots: BTreeMap<String, String>,
    /// "clean", "telephone", or how far the voice is above the noise.
    pub noise: String,
}

/// A line of the index that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    pub what: String,
}

/// How a recording was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The intent and every slot.
    Right,
    /// The intent, but not every slot.
    Slots,
    /// Nothing was understood, though something was asked.
    Abstained,
    Wrong,
}

impl Verdict {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Slots => "slots",
            Self::Abstained => "abstained",
            Self::Wrong => "wrong",
        }
    }
}

impl Fixture {
    /// Reads the whole index, and finds every mistake in it.
    ///
    /// # Errors
    /// The mistakes, in order.
    pub fn read_index(index: &str) -> Result<Vec<Self>, Vec<Mistake>> {
        let mut fixtures: Vec<Self> = Vec::new();
        let mut mistakes = Vec::new();
        for (at, text) in index.lines().enumerate() {
            let result = match at {
                0 if text == COLUMNS.join("\t") => continue,
                0 => Err(format!("the columns must be {}, apart by tabs", COLUMNS.join(", "))),
                _ => Self::read_row(at + 1, text).and_then(|row| {
                    match fixtures.iter().any(|other| other.file == row.file) {
                        true => Err(format!("{} is listed twice; remove one row", row.file)),
                        false => Ok(row),
                    }
                }),
            };
            match result {
                Ok(fixture) => fixtures.push(fixture),
                Err(what) => mistakes.push(Mistake { line: at + 1, what }),
            }
        }
        if mistakes.is_empty() { Ok(fixtures) } else { Err(mistakes) }
    }

    fn read_row(line: usize, text: &str) -> Result<Self, String> {
        let columns: Vec<&str> = text.split('\t').collect();
        let [file, transcript, intent, slots, speaker, source, licence, noise] = columns[..] else {
            return Err(format!("has {} columns, not {}", columns.len(), COLUMNS.len()));
        };
        for (name, value) in COLUMNS.iter().zip(&columns) {
            if value.trim().is_empty() {
                return Err(format!("has no {name}; write {NONE} if there is none"));
            }
        }
        for (name, value) in [("speaker", speaker), ("source", source), ("licence", licence)] {
            if value == NONE {
                return Err(format!("must say its {name}"));
            }
        }
        let slots = match slots {
            NONE => BTreeMap::new(),
            json => serde_json::from_str(json)
                .map_err(|error| format!("the slots are not {{\"name\":\"value\"}}: {error}"))?,
        };
        let intent = (intent != NONE).then(|| intent.to_owned());
        if intent.is_none() && !slots.is_empty() {
            return Err("has slots but no intent".to_owned());
        }
        Ok(Self {
            line,
            file: file.to_owned(),
            transcript: transcript.to_owned(),
            intent,
            slots,
            noise: noise.to_owned(),
        })
    }

    /// Whether a person's request was answered as it should be. At 5 dB even people ask again, so
    /// there, understanding nothing counts as right.
    #[must_use]
    pub fn passes(&self, verdict: Verdict) -> bool {
        verdict == Verdict::Right || (verdict == Verdict::Abstained && self.noise == "5 dB")
    }

    #[must_use]
    pub fn judge(&self, intent: Option<&str>, slots: &Slots) -> Verdict {
        let slots_right = || {
            slots.len() == self.slots.len()
                && self.slots.iter().all(|(name, expected)| {
                    slots.get(name).is_some_and(|slot| {
                        slot.id.as_ref() == Some(expected) || words(&slot.value) == words(expected)
                    })
                })
        };
        match (&self.intent, intent) {
            (None, None) => Verdict::Right,
            (Some(_), None) => Verdict::Abstained,
            (Some(expected), Some(intent)) if expected == intent => {
                if slots_right() {
                    Verdict::Right
                } else {
                    Verdict::Slots
                }
            }
            _ => Verdict::Wrong,
        }
    }
}

/// Everything that is wrong with a folder of recordings, its index, its household and its list of
/// recordings that pass: one line each, with the place and how to mend it. And how many recordings
/// there are.
#[must_use]
pub fn lint(folder: &Path) -> (Vec<String>, usize) {
    let read = |file: &str| {
        std::fs::read_to_string(folder.join(file))
            .map_err(|error| vec![format!("{file}: cannot be read: {error}")])
    };
    let index = match read("index.tsv") {
        Ok(index) => index,
        Err(mistakes) => return (mistakes, 0),
    };
    let fixtures = match Fixture::read_index(&index) {
        Ok(fixtures) => fixtures,
        Err(mistakes) => {
            let say = |m: &Mistake| format!("index.tsv:{}: {}", m.line, m.what);
            return (mistakes.iter().map(say).collect(), 0);
        }
    };
    let mut wrong = Vec::new();
    match Model::read(SHIPPED_MODEL) {
        Err(_) => wrong.push("the interaction model has mistakes of its own".to_owned()),
        Ok(model) => {
            for fixture in &fixtures {
                let at = format!("index.tsv:{}", fixture.line);
                wrong.extend(fixture.lint(folder, &model).map(|what| format!("{at}: {what}")));
            }
        }
    }
    match read("household.json") {
        Err(mistakes) => wrong.extend(mistakes),
        Ok(json) => {
            if let Err(error) = Household::read(&json) {
                wrong.push(format!("household.json: {error}"));
            }
        }
    }
    let listed: BTreeSet<&str> = fixtures.iter().map(|fixture| fixture.file.as_str()).collect();
    match read("passed.txt") {
        Err(mistakes) => wrong.extend(mistakes),
        Ok(passed) => {
            for (at, file) in passed.lines().enumerate().filter(|(_, file)| !listed.contains(file))
            {
                wrong.push(format!("passed.txt:{}: {file} is not in index.tsv; remove it", at + 1));
            }
        }
    }
    (wrong, fixtures.len())
}

impl Fixture {
    fn lint(&self, folder: &Path, model: &Model) -> impl Iterator<Item = String> {
        let mut wrong = Vec::new();
        match std::fs::read(folder.join(&self.file)) {
            Err(error) => wrong.push(format!("{} cannot be read: {error}", self.file)),
            Ok(bytes) => {
                if let Err(error) = Audio::decode(&bytes) {
                    wrong.push(format!("{} cannot be heard: {error}", self.file));
                }
            }
        }
        if let Some(name) = &self.intent {
            match model.intent(name) {
                None => wrong.push(format!(
                    "the interaction model has no intent {name}; use one of its names or {NONE}"
                )),
                Some(intent) => {
                    for slot in self.slots.keys() {
                        if !intent.slots.iter().any(|known| known.name == *slot) {
                            wrong.push(format!("{name} has no slot {slot}; use one of its names"));
                        }
                    }
                }
            }
        }
        wrong.into_iter()
    }
}

/// Words as they are compared: no case, no punctuation, small numbers as digits.
fn words(text: &str) -> Vec<String> {
    const NUMBERS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let plain = |word: &str| -> String {
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    text.split(|c: char| c.is_whitespace() || c == '-')
        .map(plain)
        .filter(|word| !word.is_empty())
        .map(|word| match NUMBERS.iter().position(|number| *number == word) {
            Some(number) => number.to_string(),
            None if word == "mister" => "mr".to_owned(),
            None => word,
        })
        .collect()
}

/// How many words must be changed, added or removed to make one text the other, and how many words
/// were said.
#[must_use]
pub fn word_errors(said: &str, heard: &str) -> (usize, usize) {
    let (said, heard) = (words(said), words(heard));
    (strsim::generic_levenshtein(&said, &heard), said.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "file\ttranscript\tintent\tslots\tspeaker\tsource\tlicence\tnoise\n";

    #[track_caller]
    fn check(rows: &str, says: &str) {
        let said = match Fixture::read_index(&format!("{HEAD}{rows}")) {
            Ok(fixtures) => format!("{} fixtures", fixtures.len()),
            Err(mistakes) => {
                mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
            }
        };
        assert!(said.contains(says), "{said}");
    }

    #[test]
    fn every_mistake_is_found_with_its_line() {
        let good = "a.wav\thello\t-\t-\tsomeone\there\tCC0\tclean";
        check(good, "1 fixtures");
        check(&format!("{good}\n{good}"), "line 3: a.wav is listed twice");
        check("a.wav\thello", "line 2: has 2 columns, not 8");
        check("a.wav\thello\t-\t-\tsomeone\there\t-\tclean", "must say its licence");
        check("a.wav\t\t-\t-\tsomeone\there\tCC0\tclean", "has no transcript");
        check("a.wav\thello\tX\t{1}\tsomeone\there\tCC0\tclean", "the slots are not");
        check("a.wav\thello\t-\t{\"a\":\"b\"}\tsomeone\there\tCC0\tclean", "slots but no intent");
        check("x\ny", "line 3: has 1 columns");
    }

    #[test]
    fn words_are_compared_as_they_sound() {
        assert_eq!(word_errors("call grandma", "Call Grandma!"), (0, 2));
        assert_eq!(word_errors("ten of clubs", "10 of clubs."), (0, 3));
        assert_eq!(word_errors("hang up", "Hand up."), (1, 2));
        assert_eq!(word_errors("hang up", ""), (2, 2));
    }

    #[test]
    fn the_committed_recordings_are_as_the_index_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures");
        assert_eq!(lint(&folder).0, Vec::<String>::new());
    }

    #[test]
    fn a_folder_is_checked_against_the_model() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let index = format!(
            "{HEAD}a.wav\thello\tHelloIntent\t-\tsomeone\there\tCC0\tclean\n\
             b.wav\thang up\tHangUpIntent\t{{\"room\":\"attic\"}}\tsomeone\there\tCC0\tclean\n"
        );
        std::fs::write(folder.path().join("index.tsv"), index).expect("writable");
        std::fs::write(folder.path().join("b.wav"), "RIFF").expect("writable");
        std::fs::write(folder.path().join("passed.txt"), "c.wav\n").expect("writable");
        let said = lint(folder.path()).0.join("\n");
        for what in [
            "index.tsv:2: a.wav cannot be read",
            "index.tsv:2: the interaction model has no intent HelloIntent",
            "index.tsv:3: b.wav cannot be heard: the WAV file breaks off",
            "index.tsv:3: HangUpIntent has no slot room",
            "household.json: cannot be read",
            "passed.txt:1: c.wav is not in index.tsv",
        ] {
            assert!(said.contains(what), "{what}\n{said}");
        }
    }
}
