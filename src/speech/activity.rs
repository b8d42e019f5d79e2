//! Where in a recording somebody speaks: Silero voice activity.

use std::path::Path;

use whisper_rs::{WhisperVadContext, WhisperVadContextParams, WhisperVadParams};

use super::audio::Audio;
use super::models::{self, ModelError};

/// Kept before the first sound of speech, in milliseconds: the model notices soft consonants late.
const BEFORE_MS: u64 = 300;
/// Kept after the last, in milliseconds: whisper ends a sentence at a pause.
const AFTER_MS: u64 = 400;
/// Silence that [`Activity::trim`] leaves around speech, in milliseconds.
pub(super) const AROUND_MS: u64 = BEFORE_MS + AFTER_MS;
/// The shortest sound taken for speech, in milliseconds: "no" lasts about 150.
const SHORTEST_MS: i32 = 100;
/// How sure the model must be that a 32 ms frame is speech. Below Silero's usual 0.5, because a missed
/// word is lost, while whisper hears nothing in most noises.
const THRESHOLD: f32 = 0.35;

/// Somebody speaks from here to there, in milliseconds from the start of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start_ms: u64,
    pub end_ms: u64,
}

/// The loaded model.
#[derive(Debug)]
pub struct Activity {
    context: WhisperVadContext,
}

impl Activity {
    /// # Errors
    /// When the file is not the one we ship, or the engine refuses it.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let refused = |reason: String| ModelError::Refused { path: path.to_owned(), reason };
        models::read_verified(path, models::ACTIVITY)?;
        let utf8 = path.to_str().ok_or_else(|| refused("its path is not UTF-8".into()))?;
        let mut params = WhisperVadContextParams::new();
        // More threads wait for each other a thousand times a second: 40 s instead of 0.04.
        params.set_n_threads(1);
        let context =
            WhisperVadContext::new(utf8, params).map_err(|error| refused(error.to_string()))?;
        Ok(Self { context })
    }

    /// Where somebody speaks, in order.
    pub fn spans(&mut self, audio: &Audio) -> Vec<Span> {
        let mut params = WhisperVadParams::new();
        params.set_threshold(THRESHOLD);
        params.set_min_speech_duration(SHORTEST_MS);
        let Ok(segments) = self.context.segments_from_samples(params, audio.samples()) else {
            // The engine gives no reason. All of it may be speech, so nothing is lost.
            return vec![Span { start_ms: 0, end_ms: audio.ms() }];
        };
        let ms = |centiseconds: f32| (centiseconds.max(0.0) * 10.0) as u64;
        segments.map(|s| Span { start_ms: ms(s.start), end_ms: ms(s.end) }).collect()
    }

    /// The recording without the silence around the speech; `None` if nobody speaks.
    pub fn trim(&mut self, audio: &Audio) -> Option<Audio> {
        let spans = self.spans(audio);
        let (first, last) = (spans.first()?, spans.last()?);
        audio.cut(first.start_ms.saturating_sub(BEFORE_MS), last.end_ms + AFTER_MS)
    }
}
