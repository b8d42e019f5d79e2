//! Which intent, or none: one linear model a class against the rest, over hashed features.
//!
//! Logistic regression trained by stochastic gradient steps with a falling rate (Bottou, "Stochastic gradient
//! descent tricks", 2012). The examples come in an order that is mixed by arithmetic, so the same model
//! file gives the same weights.

use super::cues::FEATURES;

/// How often every example is looked at. More rounds change little and cost start-up time.
const ROUNDS: usize = 4;
/// The length of the first steps. Long ones suit few examples; the later rounds take shorter ones.
const RATE: f32 = 10.0;
/// A class whose error on an example is below this learns nothing from it: most classes are sure that
/// most examples are not theirs, and skipping them is most of the speed.
const NEGLIGIBLE: f32 = 0.02;

/// An utterance to learn from.
#[derive(Debug, Clone)]
pub struct Example {
    pub features: Vec<u32>,
    pub class: usize,
}

/// The trained weights.
#[derive(Debug, Clone, Default)]
pub struct Classifier {
    /// One row a feature, `classes` wide.
    weights: Vec<f32>,
    classes: usize,
}

impl Classifier {
    /// Learns to tell `classes` classes apart.
    #[must_use]
    pub fn train(examples: &[Example], classes: usize) -> Self {
        let mut trained = Self { weights: vec![0.0; FEATURES * classes], classes };
        let mut scores = vec![0.0; classes];
        for round in 0..ROUNDS {
            let rate = RATE / (1.0 + round as f32);
            for at in mixed(examples.len(), round) {
                trained.learn(&examples[at], rate, &mut scores);
            }
        }
        trained
    }

    fn learn(&mut self, example: &Example, rate: f32, scores: &mut [f32]) {
        self.score(&example.features, scores);
        let scale = scale(&example.features);
        for (class, score) in scores.iter_mut().enumerate() {
            let target = f32::from(u8::from(class == example.class));
            let error = target - logistic(*score);
            *score = if error.abs() < NEGLIGIBLE { 0.0 } else { error * rate * scale };
        }
        for feature in &example.features {
            let row = *feature as usize * self.classes;
            for (weight, step) in self.weights[row..row + self.classes].iter_mut().zip(&*scores) {
                *weight += step;
            }
        }
    }

    /// The raw score of each class.
    fn score(&self, features: &[u32], scores: &mut [f32]) {
        scores.fill(0.0);
        for feature in features {
            let row = *feature as usize * self.classes;
            for (score, weight) in scores.iter_mut().zip(&self.weights[row..row + self.classes]) {
                *score += weight;
            }
        }
        let scale = scale(features);
        scores.iter_mut().for_each(|score| *score *= scale);
    }

    /// The score of each class by itself, as log-odds. They are no distribution: an utterance may look like none.
    #[must_use]
    pub fn scores(&self, features: &[u32]) -> Vec<f32> {
        let mut scores = vec![0.0; self.classes];
        self.score(features, &mut scores);
        scores
    }
}

/// Long utterances have many features; each then counts less.
fn scale(features: &[u32]) -> f32 {
    1.0 / (features.len().max(1) as f32).sqrt()
}

/// Log-odds as a probability.
#[must_use]
pub fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// All numbers below `count` in an order that differs by round and looks like chance.
pub fn mixed(count: usize, round: usize) -> impl Iterator<Item = usize> {
    // A step without a common divisor visits every place once.
    const STEPS: [usize; 4] = [7_919, 104_729, 15_485_863, 32_452_843];
    let step = STEPS[round % STEPS.len()] % count.max(1);
    let step = (step..).find(|step| divisor(*step, count) == 1).unwrap_or(1);
    (0..count).map(move |at| (at * step + round * 31) % count)
}

const fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}
