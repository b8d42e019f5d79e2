//! What understanding costs: compiling the shipped model, and reading an utterance in a household
//! with as many contacts as one may have.

mod crowd;

use std::hint::black_box;

use hearthline_core::household::Household;
use hearthline_core::understanding::{Lists, SHIPPED_MODEL, Understanding};

fn main() {
    divan::main();
}

/// A household with 2,000 contacts and a kitchen.
fn household() -> Household {
    crowd::around(
        r#"{"household":{"id":"h","name":"Home"},"contacts":[],"rooms":[{"id":"k","name":"Kitchen"}]}"#,
    )
}

#[divan::bench]
fn compile() -> Understanding {
    Understanding::read(black_box(SHIPPED_MODEL)).expect("the shipped model")
}

#[divan::bench]
fn lists_of_2000_contacts(bencher: divan::Bencher<'_, '_>) {
    let home = household();
    bencher.bench(|| Lists::of(black_box(&home)));
}

#[divan::bench(args = [
    "call Marin Novak",
    "could you send a message to Viwyn Haas saying that I am on my way please",
    "turn the volume down a little",
    "call Maryn Nowack",
    "tell Tesha Lindkvist the parcel has arrived",
    "how far is it from here to the moon",
    "play some quiet piano music in the living room until ten",
    "turn off do not disturb at seven in the morning",
])]
fn parse(bencher: divan::Bencher<'_, '_>, text: &str) {
    let lists = Lists::of(&household());
    let understanding = Understanding::shipped();
    bencher.bench(|| understanding.parse(black_box(text), &lists));
}
