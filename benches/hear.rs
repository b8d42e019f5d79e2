//! What hearing costs and what it gets right, over `audio-fixtures/`.
//!
//! `cargo bench --bench hear`, on an otherwise idle machine: recognition with two threads on two
//! busy cores takes ten times as long. `HEAR_THREADS=1` measures with one, `HEAR_PLAIN=1` without
//! knowledge of what can be said, `HEAR_VERBOSE=1` prints every transcript. An argument selects the
//! recordings whose names contain it. `--noise` mixes noise over the clean recordings, 20, 10 and 5 dB
//! below the voice: white, pink and babble in turn.
#![allow(clippy::print_stdout, reason = "the figures are the product")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hearthline::app::read_household;
use hearthline::speech::fixtures::{Fixture, Verdict, word_errors};
use hearthline::speech::noise::Noise;
use hearthline::speech::{Audio, Ears, Hints, ModelPaths, Stopwatch, choose};
use hearthline_core::understanding::{Lists, Understanding};

/// What one kind of recording came to.
#[derive(Default)]
struct Sum {
    clips: usize,
    errors: usize,
    words: usize,
    exact: usize,
    intents: usize,
    right: usize,
    /// In milliseconds: decode, trim, recognise, understand, all of it.
    stages: [Vec<f64>; 5],
}

impl Sum {
    fn add(&mut self, (errors, words): (usize, usize), verdict: Verdict, stages: [f64; 5]) {
        self.clips += 1;
        self.errors += errors;
        self.words += words;
        self.exact += usize::from(errors == 0);
        self.intents += usize::from(verdict <= Verdict::Slots);
        self.right += usize::from(verdict == Verdict::Right);
        for (times, ms) in self.stages.iter_mut().zip(stages) {
            times.push(ms);
        }
    }
}

/// Who speaks, as the file is called: what stands before its number.
fn voice(file: &str) -> &str {
    let name = file.split('/').next_back().unwrap_or_default();
    let end =
        name.find("_0").into_iter().chain((1..=4).filter_map(|n| name.find(&format!("_{n}"))));
    &name[..end.min().unwrap_or(name.len())]
}

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("audio-fixtures");
    let index = std::fs::read_to_string(folder.join("index.tsv"))?;
    let fixtures = Fixture::read_index(&index).map_err(|_| {
        anyhow::anyhow!(
            "audio-fixtures/index.tsv has mistakes; `hearthline check fixtures` lists them"
        )
    })?;
    let paths = ModelPaths::find(Some(&root.join("models")), None)?;
    let load = Stopwatch::start();
    let ears = match std::env::var("HEAR_THREADS").ok().and_then(|n| n.parse().ok()) {
        Some(threads) => Ears::load_with_threads(&paths, threads)?,
        None => Ears::load(&paths)?,
    };
    println!("models loaded and verified in {:.0} ms", load.ms());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let household = read_household(&folder.join("household.json"))?;
    let lists = Lists::of(&household);
    let understanding = Understanding::shipped();
    let hints = match std::env::var_os("HEAR_PLAIN") {
        Some(_) => Hints::default(),
        None => Hints::shipped(&household, Arc::new(lists.clone())),
    };
    let noisy = std::env::args().any(|argument| argument == "--noise");
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let levels: &[Option<u8>] = if noisy { &[None, Some(20), Some(10), Some(5)] } else { &[None] };
    for fixture in fixtures.iter().filter(|fixture| fixture.file.contains(&wanted)) {
        if noisy && fixture.noise != "clean" {
            continue;
        }
        let bytes = std::fs::read(folder.join(&fixture.file))?;
        let start = Stopwatch::start();
        let clean = Audio::decode(&bytes)?;
        let decode_ms = start.ms();
        for below_db in levels {
            let (audio, noise) = match below_db {
                None => (clean.clone(), fixture.noise.clone()),
                Some(db) => {
                    let kind = Noise::ALL[fixture.line % Noise::ALL.len()];
                    let seed = u64::try_from(fixture.line)?;
                    (kind.over(&clean, f32::from(*db), seed), format!("{db} dB, mixed"))
                }
            };
            let total = Stopwatch::start();
            let heard = runtime.block_on(ears.hear(audio, hints.clone()))?;
            let understand = Stopwatch::start();
            let parse = choose(&heard, understanding, &lists);
            let (understand_ms, total_ms) = (understand.ms(), total.ms() + decode_ms);
            let verdict = fixture.judge(parse.intent.as_deref(), &parse.slots);
            let stages = [decode_ms, heard.trim_ms, heard.asr_ms, understand_ms, total_ms];
            let kind = fixture.file.split('/').next().unwrap_or_default();
            let voice = (kind == "synthetic").then(|| voice(&fixture.file));
            for row in std::iter::once(kind).chain(voice).map(|who| format!("{who}, {noise}")) {
                let words = word_errors(&fixture.transcript, &parse.text);
                sums.entry(row).or_default().add(words, verdict, stages);
            }
            if std::env::var_os("HEAR_VERBOSE").is_some() {
                println!(
                    "{}\t{noise}\t{}\t{}\t{}\t{}\t{:.2}\t{:.0}",
                    fixture.file,
                    fixture.transcript,
                    heard.text,
                    parse.text,
                    verdict.as_str(),
                    parse.confidence,
                    heard.asr_ms
                );
            }
        }
    }
    println!("p50/p99 in milliseconds; right: intent and every slot");
    println!(
        "{:<32} {:>5} {:>6} {:>6} {:>7} {:>6} {:>9} {:>9} {:>11} {:>11} {:>11}",
        "recordings",
        "clips",
        "exact",
        "WER %",
        "intents",
        "right",
        "decode",
        "trim",
        "recognise",
        "understand",
        "all"
    );
    for (kind, mut sum) in sums {
        let [decode, trim, asr, parse, all] = sum.stages.each_mut().map(|times| spread(times));
        let errors = 100.0 * sum.errors as f64 / sum.words.max(1) as f64;
        println!(
            "{kind:<32} {:>5} {:>6} {errors:>6.1} {:>7} {:>6} {decode:>9} {trim:>9} {asr:>11} {parse:>11} {all:>11}",
            sum.clips, sum.exact, sum.intents, sum.right
        );
    }
    Ok(())
}

/// "p50/p99".
fn spread(times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = times.len().saturating_sub(1) as f64;
        times.get((last * share).round() as usize).copied().unwrap_or(0.0)
    };
    let show = |ms: f64| if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") };
    format!("{}/{}", show(at(0.5)), show(at(0.99)))
}
