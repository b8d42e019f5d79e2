//! What it costs to find who was meant among as many contacts as a household may have.

mod crowd;

use std::hint::black_box;
use std::time::Duration;

use hearthline_core::household::Household;
use hearthline_core::understanding::Lists;

/// Damaged names, a stranger, and nonsense; long ones cost more.
const HEARD: &[&str] = &[
    "maryn nowack",
    "tesha lind fist",
    "jo wing",
    "fal low tan acka",
    "uncle gu dough",
    "the sat a",
    "vee rin",
    "elmer mow row",
    "how far is it to the moon",
    "barbara",
];
const ROUNDS: usize = 1000;

fn main() {
    percentiles();
    divan::main();
}

/// Each lookup timed alone: a mean hides the slow ones.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn percentiles() {
    let lists = Lists::of(&household());
    let mut times: Vec<Duration> =
        (0..ROUNDS).flat_map(|_| HEARD).map(|heard| timed(&lists, heard)).collect();
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 100];
    println!("a lookup among 2,000 contacts: p50 {:?}, p95 {:?}, p99 {:?}", at(50), at(95), at(99));
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed(lists: &Lists, heard: &str) -> Duration {
    let start = std::time::Instant::now();
    black_box(lists.contact(black_box(heard)));
    start.elapsed()
}

#[divan::bench(args = HEARD)]
fn resolve(bencher: divan::Bencher<'_, '_>, heard: &str) {
    let lists = Lists::of(&household());
    bencher.bench(|| lists.contact(black_box(heard)));
}
/// A household with 2,000 contacts and a kitchen.
fn household() -> Household {
    crowd::around(
        r#"{"household":{"id":"h","name":"Home"},"contacts":[],"rooms":[{"id":"k","name":"Kitchen"}]}"#,
    )
}
