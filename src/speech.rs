//! Audio in, words out: decode -> voice activity -> whisper.
//!
//! Recognition is the one slow thing in the house, so it has a thread and a bounded queue of its own;
//! everything else here is a plain function.

pub mod activity;
pub mod audio;
pub mod fixtures;
pub mod models;
pub mod recogniser;
mod text;

pub use crate::clock::Stopwatch;
pub use audio::{Audio, AudioError, Recording};
pub use models::{ModelError, ModelPaths};
pub use recogniser::{Ears, Hints, SpeechError, Transcript};
