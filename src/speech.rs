//! Audio in, words out: decode -> voice activity -> whisper.
//!
//! Recognition is the one slow thing in the house, so it has a thread and a bounded queue of its own;
//! everything else here is a plain function.

pub mod activity;
pub mod audio;
mod choose;
pub mod fixtures;
mod hints;
pub mod models;
pub mod noise;
pub mod recogniser;
pub mod sayable;
mod search;
mod text;

pub use crate::clock::Stopwatch;
pub use audio::{Audio, AudioError, Recording};
pub use choose::choose;
pub use hints::Hints;
pub use models::{ModelError, ModelPaths};
pub use recogniser::{Alternative, Ears, SpeechError, Transcript};
