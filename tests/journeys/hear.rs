//! Every recording in `audio-fixtures/` through whisper, understanding, the turn and its handlers.
//!
//! `audio-fixtures/passed.txt` lists the recordings that were understood when it was written. The
//! test fails when one of them no longer is. `HEARTHLINE_UPDATE=1 cargo test hear` writes it anew.
//!
//! One thread, so that it takes as long on a busy machine as on an idle one: four to five minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearthline::app::App;
use hearthline::clock::Clock;
use hearthline::speech::fixtures::{Fixture, Verdict, word_errors};
use hearthline::speech::{Audio, Ears, Hints, ModelPaths, SpeechError, choose};
use hearthline::store::Store;
use hearthline_core::effect::Answer;
use hearthline_core::household::Household;
use hearthline_core::request::{Channel, Heard, Request, Speaker};
use hearthline_core::time::{Seed, Time};
use hearthline_core::understanding::{Lists, Parse, Understanding};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn ears() -> Ears {
    let paths = ModelPaths::find(Some(&root().join("models")), None).expect("they are committed");
    Ears::load_with_threads(&paths, 1).expect("both load")
}

#[tokio::test]
async fn what_was_understood_before_is_understood_still() {
    let folder = root().join("audio-fixtures");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
    let fixtures = Fixture::read_index(&read("index.tsv")).expect("`check fixtures` passes");
    let house = read("household.json");
    let home = Household::read(&house).expect("`check fixtures` passes");
    let lists = Arc::new(Lists::of(&home));
    let hints = Hints::shipped(&home, Arc::clone(&lists));
    let ears = ears();

    let mut passed = BTreeSet::new();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for fixture in &fixtures {
        let bytes = std::fs::read(folder.join(&fixture.file)).expect("the index was checked");
        let audio = Audio::decode(&bytes).expect("a sound recording");
        let transcript = ears.hear(audio, hints.clone()).await.expect("a transcript");
        let parse = choose(&transcript, Understanding::shipped(), &lists);
        let heard = parse.text.clone();
        let app = open(&house).await;
        let answer = app.turn(said(parse), [0; 32]).await.expect("an answer");
        assert!(!answer.speech.trim().is_empty(), "{}: no answer", fixture.file);
        let verdict = fixture.judge(answer.intent.as_deref(), &answer.slots);
        // Nobody is called and nothing is sent for words that ask for neither.
        if fixture.intent.is_none() {
            let world = app.world();
            assert!(
                world.live.is_empty() && world.threads.is_empty(),
                "{}: it acted",
                fixture.file
            );
        }
        if fixture.passes(verdict) {
            passed.insert(fixture.file.clone());
        }
        let kind = fixture.file.split('/').next().unwrap_or_default();
        let sum = sums.entry(format!("{kind}, {}", fixture.noise)).or_default();
        sum.add(fixture, &heard, verdict);
        show(&format!(
            "{:<9} {:<44} {heard:<44} {:<50} {}",
            verdict.as_str(),
            fixture.transcript,
            meaning(&answer),
            answer.speech
        ));
    }
    for (kind, sum) in &sums {
        show(&sum.line(kind));
    }
    show(&format!("{} of {} recordings pass", passed.len(), fixtures.len()));
    compare(&folder.join("passed.txt"), &passed);
}

/// Past the test runner's capture: the table is for whoever runs the tests, also when they pass.
fn show(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A house of its own for each recording, so that none hears what another one said.
async fn open(household: &str) -> Arc<App> {
    let store = Store::in_memory().await.expect("memory");
    let clock = Clock::virtual_at(Time::from_ms(1_767_258_000_000), Seed(1));
    let app = App::start(store, clock, false).await.expect("an empty house");
    let home = Household::read(household).expect("`check fixtures` passes");
    app.put_households(vec![home]).await.expect("memory");
    app
}

fn said(parse: Parse) -> Request {
    let heard = if parse.text.is_empty() { Heard::Nothing } else { Heard::Understood(parse) };
    Request {
        id: "fixture".parse().expect("an id"),
        channel: Channel::Browser,
        speaker: Speaker {
            household: "fixtures".parse().expect("an id"),
            device: "kitchen-speaker".parse().expect("an id"),
            person: Some("maya".parse().expect("an id")),
        },
        heard,
        certainty: None,
    }
}

fn meaning(answer: &Answer) -> String {
    let mut shown = answer.intent.clone().unwrap_or_else(|| "-".to_owned());
    for (name, slot) in &answer.slots {
        let _ = write!(shown, " {name}={}", slot.id.as_deref().unwrap_or(&slot.value));
    }
    shown
}

fn compare(baseline: &Path, passed: &BTreeSet<String>) {
    let before = std::fs::read_to_string(baseline).unwrap_or_default();
    let before: BTreeSet<String> = before.lines().map(str::to_owned).collect();
    if std::env::var_os("HEARTHLINE_UPDATE").is_some() {
        let lines: Vec<&str> = passed.iter().map(String::as_str).collect();
        std::fs::write(baseline, lines.join("\n") + "\n").expect("the folder is writable");
        return;
    }
    let lost: Vec<&String> = before.difference(passed).collect();
    let won = passed.difference(&before).count();
    if won > 0 {
        show(&format!(
            "{won} more pass than before: HEARTHLINE_UPDATE=1 cargo test hear keeps them"
        ));
    }
    assert!(lost.is_empty(), "understood before, and no longer: {lost:#?}");
}

#[derive(Default)]
struct Sum {
    clips: usize,
    verdicts: BTreeMap<&'static str, usize>,
    errors: usize,
    words: usize,
}

impl Sum {
    fn add(&mut self, fixture: &Fixture, heard: &str, verdict: Verdict) {
        let (errors, words) = word_errors(&fixture.transcript, heard);
        self.clips += 1;
        self.errors += errors;
        self.words += words;
        *self.verdicts.entry(verdict.as_str()).or_default() += 1;
    }

    fn line(&self, kind: &str) -> String {
        let errors = 100.0 * self.errors as f64 / self.words.max(1) as f64;
        let verdicts: Vec<String> = self.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
        format!(
            "{kind:<20} {:>4} clips, {errors:>4.1} % word errors: {}",
            self.clips,
            verdicts.join(", ")
        )
    }
}

#[tokio::test]
async fn a_caller_who_leaves_frees_the_recogniser_and_a_crowd_is_turned_away() {
    let ears = ears();
    let file = root().join("audio-fixtures/synthetic/flite_rms_09_hang_up.flac");
    let audio = Audio::decode(&std::fs::read(file).expect("committed")).expect("a recording");
    let hear = || ears.hear(audio.clone(), Hints::default());
    let mut crowd: Vec<_> = (0..40).map(|_| Box::pin(hear())).collect();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let turned_away = crowd
        .iter_mut()
        .map(|one| one.as_mut().poll(&mut context))
        .filter(|poll| matches!(poll, std::task::Poll::Ready(Err(SpeechError::Busy))))
        .count();
    assert!(turned_away > 20, "{turned_away}");
    drop(crowd);
    // Everyone left; the queue empties without recognising, so the next one finds room at once or
    // as soon as the thread has passed over them.
    let heard = loop {
        match hear().await {
            Err(SpeechError::Busy) => tokio::task::yield_now().await,
            other => break other,
        }
    };
    assert!(heard.expect("a transcript").text.to_lowercase().contains("up"));
}

#[tokio::test]
async fn silence_and_noise_hold_no_words() {
    let ears = ears();
    let silence = vec![0; 2 * 16_000 * 3];
    let hum: Vec<u8> = (0..48_000_u32)
        .flat_map(|at| ((at.wrapping_mul(2_654_435_761) >> 22) as i16 - 512).to_le_bytes())
        .collect();
    let click = [vec![0; 8_000], vec![0xff, 0x3f, 0x01, 0xc0], vec![0; 8_000]].concat();
    for (name, sound) in [("silence", silence), ("hum", hum), ("click", click)] {
        let audio = Audio::from_pcm(16_000, 1, &sound).expect("some sound");
        let heard = ears.hear(audio, Hints::default()).await.expect("a transcript");
        assert!(heard.no_speech && heard.text.is_empty(), "{name}: {:?}", heard.text);
    }
}
