//! The second hearing: a beam search for words that sound right and can be said.
//!
//! Each candidate has two scores: how likely the decoder finds its words, and that plus what they are
//! worth as something that can be said now ([`Sayable`](super::sayable::Sayable)). The second decides
//! which candidates live on; the first tells afterwards how far the knowledge had to bend the sound.

use std::sync::Arc;

use super::sayable::{Sayable, Walk, Weights};

/// A piece of text that the decoder knows by number.
pub(super) type Token = i32;

/// What writes the next piece of text.
pub(super) trait Decoder {
    type Error;
    /// The logits of every token after `written`. An error ends the search.
    fn logits(&mut self, written: &[Token]) -> Result<&[f32], Self::Error>;
}

/// The decoder's tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    /// The text of each token, as far as they are text; `None` for those that are no speech.
    pub texts: Vec<Option<Box<[u8]>>>,
    /// Tokens from here on are timestamps, which end a sentence. `end` does, too.
    pub timestamps: usize,
    pub end: usize,
}

/// How much was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    /// Timestamps before this one, in steps of 20 ms, end a sentence too early to be the last one.
    pub earliest: usize,
    /// Letters that are said in this time even by somebody slow.
    pub letters: usize,
}

/// What each letter below [`Length::letters`] costs, in nats.
const MISSING_LETTER: f32 = 1.0;

/// How widely is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Width {
    /// Candidates that live on after each step.
    pub beam: usize,
    /// Candidates this far below the best, in nats, are given up.
    pub margin: f32,
    /// The most tokens of a text.
    pub tokens: usize,
}

/// How many continuations of a candidate are looked at: the right one is hardly ever less likely.
const CONTINUATIONS: usize = 100;

/// A text that was heard.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub text: String,
    /// How likely the decoder finds it, in nats; at most 0.
    pub sound: f32,
    /// What it is worth as something that can be said.
    pub sense: f32,
}

impl Found {
    pub(super) fn score(&self) -> f32 {
        self.sound + self.sense
    }
}

struct Candidate {
    tokens: Vec<Token>,
    bytes: Vec<u8>,
    sound: f32,
    walk: Walk,
}

impl Candidate {
    fn score(&self) -> f32 {
        self.sound + self.walk.points()
    }
}

/// The texts found, the best first, each once.
pub(super) fn search<D: Decoder>(
    decoder: &mut D,
    tokens: &Tokens,
    sayable: &Arc<Sayable>,
    weights: Weights,
    width: Width,
    length: Length,
) -> Result<Vec<Found>, D::Error> {
    let start = Candidate {
        tokens: vec![],
        bytes: vec![],
        sound: 0.0,
        walk: Walk::start(sayable, weights),
    };
    let mut living = vec![start];
    let mut found: Vec<Found> = Vec::new();
    for _ in 0..width.tokens {
        let mut next: Vec<Candidate> = Vec::new();
        // Neighbours share a beginning, which the decoder remembers.
        living.sort_by(|a, b| a.tokens.cmp(&b.tokens));
        for candidate in &living {
            let logits = decoder.logits(&candidate.tokens)?;
            let (continuations, end) =
                likeliest(logits, tokens, length.earliest, candidate.tokens.is_empty());
            if let Some(end) = end {
                let letters = candidate.walk.text.chars().count();
                let missing = length.letters.saturating_sub(letters);
                finish(&mut found, candidate, end - MISSING_LETTER * missing as f32);
            }
            for (token, likelihood) in continuations {
                let Some(Some(text)) = tokens.texts.get(token) else { continue };
                let mut walk = candidate.walk.clone();
                walk.go(&String::from_utf8_lossy(text));
                let mut written = candidate.tokens.clone();
                written.push(Token::try_from(token).unwrap_or(Token::MAX));
                let bytes = [&candidate.bytes[..], text].concat();
                next.push(Candidate {
                    tokens: written,
                    bytes,
                    sound: candidate.sound + likelihood,
                    walk,
                });
            }
        }
        next.sort_by(|a, b| b.score().total_cmp(&a.score()));
        let best_end = found.iter().map(Found::score).fold(f32::NEG_INFINITY, f32::max);
        let best = next.first().map_or(best_end, Candidate::score).max(best_end);
        living.clear();
        // What sounds best lives on whatever it is worth: it shows how far the others are bent.
        let plainest = (0..next.len()).max_by(|a, b| next[*a].sound.total_cmp(&next[*b].sound));
        let heard = found.iter().map(|found| found.sound).fold(f32::NEG_INFINITY, f32::max);
        if let Some(at) = plainest.filter(|at| next[*at].sound > heard) {
            living.push(next.remove(at));
        }
        for candidate in next {
            if living.len() > width.beam || candidate.score() < best - width.margin {
                break;
            }
            // The same words in another case or with another comma are the same words.
            if !living.iter().any(|other| other.walk.text == candidate.walk.text) {
                living.push(candidate);
            }
        }
        if living.is_empty() {
            break;
        }
    }
    found.sort_by(|a, b| b.score().total_cmp(&a.score()));
    Ok(found)
}

/// How likely the decoder finds a text that was heard otherwise, in nats: the yardstick for what the
/// search finds.
pub(super) fn sound<D: Decoder>(
    decoder: &mut D,
    tokens: &Tokens,
    written: &[Token],
    length: Length,
) -> Result<f32, D::Error> {
    let mut sound = 0.0;
    for at in 0..=written.len() {
        let logits = decoder.logits(&written[..at])?;
        let (continuations, end) = likeliest(logits, tokens, length.earliest, at == 0);
        let likelihood = match written.get(at) {
            None => end,
            Some(next) => {
                let same = |token: &usize| Token::try_from(*token) == Ok(*next);
                continuations.iter().find(|(token, _)| same(token)).map(|(_, likely)| *likely)
            }
        };
        // What the decoder would hardly write at all.
        sound += likelihood.unwrap_or(-f32::from(u8::MAX));
    }
    Ok(sound)
}

fn finish(found: &mut Vec<Found>, candidate: &Candidate, end: f32) {
    let text = String::from_utf8_lossy(&candidate.bytes).trim().to_owned();
    let sound = candidate.sound + end;
    let sense = candidate.walk.whole();
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let words = plain(&text);
    match found.iter_mut().find(|other| plain(&other.text) == words) {
        Some(known) if known.sound + known.sense >= sound + sense => {}
        Some(known) => *known = Found { text, sound, sense },
        None => found.push(Found { text, sound, sense }),
    }
}

/// The likeliest text tokens with their log probabilities, and that of an end here.
fn likeliest(
    logits: &[f32],
    tokens: &Tokens,
    earliest: usize,
    first: bool,
) -> (Vec<(usize, f32)>, Option<f32>) {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum = |logits: &[f32]| logits.iter().map(|logit| (logit - highest).exp()).sum::<f32>();
    let text = &logits[..tokens.end.min(logits.len())];
    let stamps = &logits[tokens.timestamps.min(logits.len())..];
    let over = logits.get(tokens.end).map_or(0.0, |logit| (logit - highest).exp());
    let (ends, all_ends) = (over + sum(&stamps[earliest.min(stamps.len())..]), over + sum(stamps));
    let mut allowed: Vec<(usize, f32)> = text
        .iter()
        .copied()
        .enumerate()
        // Far below the likeliest nothing can be worth saying.
        .filter(|(token, logit)| *logit > highest - 20.0 && tokens.texts[*token].is_some())
        .collect();
    let texts: f32 = allowed.iter().map(|(_, logit)| (logit - highest).exp()).sum();
    let total = if first { texts } else { texts + all_ends };
    if allowed.len() > CONTINUATIONS {
        allowed.select_nth_unstable_by(CONTINUATIONS, |a, b| b.1.total_cmp(&a.1));
        allowed.truncate(CONTINUATIONS);
    }
    for (_, logit) in &mut allowed {
        *logit = *logit - highest - total.ln();
    }
    (allowed, (!first).then(|| ends.ln() - total.ln()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearthline_core::understanding::vocabulary::{Part, Vocabulary};

    use super::*;

    /// Hears fixed words: each step of a text has its likelihoods, whatever was written before.
    struct Script {
        steps: Vec<Vec<f32>>,
        logits: Vec<f32>,
    }

    const WORDS: [&str; 5] = [" Tall", " Call", " Ana", " honor", "."];
    /// An end and one timestamp follow the words.
    const END: usize = WORDS.len();

    impl Script {
        /// Probabilities by step of [`WORDS`] and the end.
        fn of(steps: &[[f32; END + 1]]) -> Self {
            Self { steps: steps.iter().map(|step| step.to_vec()).collect(), logits: vec![] }
        }
    }

    impl Decoder for Script {
        type Error = std::convert::Infallible;

        fn logits(&mut self, written: &[Token]) -> Result<&[f32], Self::Error> {
            let last = self.steps.len() - 1;
            self.logits = self.steps[written.len().min(last)].iter().map(|p| p.ln()).collect();
            self.logits.push(f32::NEG_INFINITY);
            Ok(&self.logits)
        }
    }

    fn tokens() -> Tokens {
        let texts = WORDS.iter().map(|word| Some(word.as_bytes().into())).collect();
        Tokens { texts, timestamps: END + 1, end: END }
    }

    fn heard(name: f32) -> Vec<String> {
        let vocabulary = Vocabulary {
            samples: vec![vec![Part::Words("call".into()), Part::Listed("CONTACT".into())]],
            lists: BTreeMap::from([("CONTACT".into(), ["Ana".into()].into())]),
            examples: vec![],
        };
        let mut script = Script::of(&[
            [0.6, 0.3, 0.02, 0.04, 0.03, 0.01],
            [0.02, 0.02, 0.05, 0.85, 0.02, 0.04],
            [0.01, 0.01, 0.01, 0.01, 0.06, 0.9],
            [0.01, 0.01, 0.01, 0.01, 0.01, 0.95],
        ]);
        let weights = Weights { word: name, name, unknown: name * 4.0, whole: 0.0 };
        let width = Width { beam: 3, margin: 8.0, tokens: 6 };
        let length = Length { earliest: 0, letters: 0 };
        let sayable = Arc::new(Sayable::of(&vocabulary));
        let Ok(found) = search(&mut script, &tokens(), &sayable, weights, width, length);
        assert!(found.iter().all(|found| found.sound <= 0.0 && found.sense >= 0.0));
        let Ok(sound) = sound(&mut script, &tokens(), &[1, 2], length);
        for same in found.iter().filter(|found| found.text == "Call Ana") {
            assert!((sound - same.sound).abs() < 1e-4, "{sound} and {}", same.sound);
        }
        found.into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn what_can_be_said_wins_if_it_sounds_nearly_as_likely() {
        assert_eq!(heard(0.0)[0], "Tall honor");
        assert_eq!(heard(1.0)[0], "Call Ana");
    }
}
