//! Which words fill which slots, for what no sample says: a sequence model over the words.
//!
//! Labels are "outside", and "begins" and "goes on" for each slot (Ramshaw and Marcus 1995). Weights are the
//! averaged perceptron's (Collins 2002), the best labels are found by dynamic programming (Viterbi), and an intent
//! allows only its own slots.

use super::classifier::mixed;
use super::cues::{self, Cue, FEATURES};
use super::examples::{Filled, Utterance};
use super::lexicon::Symbol;

/// How often every utterance is looked at.
const ROUNDS: usize = 4;
/// The label of words that fill nothing.
const OUTSIDE: usize = 0;

const fn begins(slot: u16) -> usize {
    1 + 2 * slot as usize
}

const fn goes_on(slot: u16) -> usize {
    2 + 2 * slot as usize
}

/// The trained weights.
#[derive(Debug, Clone, Default)]
pub struct Tagger {
    /// One row a feature, `labels` wide.
    words: Vec<f32>,
    /// One row a label before, `labels` wide.
    steps: Vec<f32>,
    labels: usize,
    /// The labels each intent allows.
    allowed: Vec<Vec<usize>>,
}

impl Tagger {
    /// Learns from utterances with slots; `slots` lists those of each intent by their numbers, below `count`.
    #[must_use]
    pub fn train(utterances: &[Utterance], slots: &[Vec<u16>], count: usize) -> Self {
        let labels = 1 + 2 * count;
        let allowed = slots
            .iter()
            .map(|slots| {
                let of_slot = slots.iter().flat_map(|slot| [begins(*slot), goes_on(*slot)]);
                std::iter::once(OUTSIDE).chain(of_slot).collect()
            })
            .collect();
        let mut tagger = Self {
            words: vec![0.0; FEATURES * labels],
            steps: vec![0.0; labels * labels],
            labels,
            allowed,
        };
        let lessons: Vec<Lesson> = utterances
            .iter()
            .filter(|each| !slots[each.intent].is_empty())
            .map(Lesson::of)
            .collect();
        let mut sums = Sums { words: tagger.words.clone(), steps: tagger.steps.clone() };
        let mut time = 1.0;
        for round in 0..ROUNDS {
            for at in mixed(lessons.len(), round) {
                let lesson = &lessons[at];
                let found = tagger.best(&lesson.features, lesson.intent);
                if found != lesson.labels {
                    tagger.correct(lesson, &found, time, &mut sums);
                }
                time += 1.0;
            }
        }
        // The average over all moments is the last weight less what each change came too late for.
        let average = |weights: &mut [f32], sums: &[f32]| {
            weights.iter_mut().zip(sums).for_each(|(weight, sum)| *weight -= sum / time);
        };
        average(&mut tagger.words, &sums.words);
        average(&mut tagger.steps, &sums.steps);
        tagger
    }

    fn correct(&mut self, lesson: &Lesson, found: &[usize], time: f32, sums: &mut Sums) {
        let (mut right_before, mut wrong_before) = (OUTSIDE, OUTSIDE);
        for (at, (right, wrong)) in lesson.labels.iter().zip(found).enumerate() {
            let mut change = |place: usize, by: f32| {
                self.words[place] += by;
                sums.words[place] += by * time;
            };
            if right != wrong {
                for feature in &lesson.features[at] {
                    let row = *feature as usize * self.labels;
                    change(row + right, 1.0);
                    change(row + wrong, -1.0);
                }
            }
            for (before, label, by) in [(right_before, right, 1.0), (wrong_before, wrong, -1.0)] {
                let place = before * self.labels + label;
                self.steps[place] += by;
                sums.steps[place] += by * time;
            }
            (right_before, wrong_before) = (*right, *wrong);
        }
    }

    /// The slots of `intent` in these words.
    #[must_use]
    pub fn tag(&self, cues: &[Cue], intent: usize) -> Vec<Filled> {
        if self.allowed.get(intent).is_none_or(|allowed| allowed.len() < 2) || cues.is_empty() {
            return vec![];
        }
        let labels = self.best(&features(cues, intent), intent);
        let mut filled: Vec<Filled> = Vec::new();
        for (at, label) in labels.into_iter().enumerate() {
            let Some(slot) = label.checked_sub(1).and_then(|at| u16::try_from(at / 2).ok()) else {
                continue;
            };
            match filled.last_mut() {
                Some(last) if label == goes_on(slot) && last.slot == slot && last.to == at => {
                    last.to += 1;
                }
                _ => filled.push(Filled { slot, from: at, to: at + 1 }),
            }
        }
        filled
    }

    /// The labels with the highest sum of weights (Viterbi).
    fn best(&self, words: &[Vec<u32>], intent: usize) -> Vec<usize> {
        let allowed = &self.allowed[intent];
        let count = allowed.len();
        let mut from = vec![0_usize; words.len() * count];
        let mut sums = vec![0.0_f32; count];
        for (at, features) in words.iter().enumerate() {
            let mut next = vec![f32::NEG_INFINITY; count];
            for (place, label) in allowed.iter().enumerate() {
                let here: f32 = features
                    .iter()
                    .map(|feature| self.words[*feature as usize * self.labels + label])
                    .sum();
                for (place_before, before) in allowed.iter().enumerate() {
                    let first = at == 0;
                    if (first && *before != OUTSIDE) || !follows(*before, *label) {
                        continue;
                    }
                    let sum = sums[place_before] + self.steps[before * self.labels + label] + here;
                    if sum > next[place] {
                        next[place] = sum;
                        from[at * count + place] = place_before;
                    }
                }
            }
            sums = next;
        }
        let mut place =
            (0..count).fold(0, |best, at| if sums[at] > sums[best] { at } else { best });
        let mut labels = vec![OUTSIDE; words.len()];
        for at in (0..words.len()).rev() {
            labels[at] = allowed[place];
            place = from[at * count + place];
        }
        labels
    }
}

/// Whether a slot goes on only where it has begun.
const fn follows(before: usize, label: usize) -> bool {
    let goes_on = label != OUTSIDE && label.is_multiple_of(2);
    !goes_on || before == label || before + 1 == label
}

/// The sums of changes, each weighed by when it came: what averaging needs.
struct Sums {
    words: Vec<f32>,
    steps: Vec<f32>,
}

struct Lesson {
    features: Vec<Vec<u32>>,
    labels: Vec<usize>,
    intent: usize,
}

impl Lesson {
    fn of(utterance: &Utterance) -> Self {
        let mut labels = vec![OUTSIDE; utterance.cues.len()];
        for Filled { slot, from, to } in &utterance.slots {
            labels[*from..*to].fill(goes_on(*slot));
            labels[*from] = begins(*slot);
        }
        let intent = utterance.intent;
        Self { features: features(&utterance.cues, intent), labels, intent }
    }
}

fn features(cues: &[Cue], intent: usize) -> Vec<Vec<u32>> {
    let intent = Symbol::try_from(intent).unwrap_or(Symbol::MAX);
    (0..cues.len())
        .map(|at| {
            let mut features = Vec::with_capacity(24);
            cues::word_features(cues, at, intent, &mut features);
            features
        })
        .collect()
}
