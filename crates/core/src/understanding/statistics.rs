//! The statistical layer: for what people say and no sample says.
//!
//! Trained at start from the model file and the general negatives alone; no code here knows any intent or slot.

use std::collections::BTreeSet;

use super::FALLBACK;
use super::classifier::{self, Classifier, Example};
use super::cues::{self, Cue};
use super::examples::{self, Filled};
use super::grammar::Grammar;
use super::lists::Lists;
use super::model::{Model, Piece};
use super::negatives::{self, Vocabulary};
use super::normalise::{self, Token};
use super::tagger::Tagger;

/// The trained layer.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    classifier: Classifier,
    tagger: Tagger,
    fallback: Option<usize>,
    /// What is added to every score.
    offset: f32,
}

// How sure we are of an intent, from its own score and that of "none": after Platt (1999). `NONE_COUNTS` is a logistic fit over
// our development corpus and those of three other domains; the rest was chosen by hand, with the totals of the check half in view. "None" counts half: its thousands of examples hold so many words that
// any new wording looks a little like them. Where examples of intents outnumber those of "none", scores are higher
// by so much.
const NONE_COUNTS: f32 = 0.46;
const OFFSET: f32 = 0.7;
const OUTNUMBERED: f32 = 1.4;
/// From three samples nothing can be learned; then likeness must not be taken for much.
const MOST_OFFSET: f32 = 3.2;

/// How probable each intent is.
#[derive(Debug, Clone)]
pub struct Guess {
    cues: Vec<Cue>,
    /// Intents by their numbers and how sure each is, 0 to 1, the surest first.
    pub ranked: Vec<(usize, f32)>,
}

impl Statistics {
    #[must_use]
    pub fn train(model: &Model, grammar: &Grammar) -> Self {
        // The class after the last intent.
        let none = model.intents.len();
        let fallback = model.intents.iter().position(|intent| intent.name == FALLBACK);
        let utterances = examples::of_model(model, grammar);
        let of_class = |intent: usize| if Some(intent) == fallback { none } else { intent };
        let inside = utterances.iter().map(|each| (&each.cues, of_class(each.intent)));
        let outside = outside(model, grammar);
        let ratio = utterances.len().max(1) as f32 / outside.len().max(1) as f32;
        let offset = OUTNUMBERED.mul_add(-ratio.ln(), OFFSET).min(MOST_OFFSET);
        let lessons: Vec<Example> = inside
            .chain(outside.iter().map(|cues| (cues, none)))
            .map(|(cues, class)| Example { features: cues::features(cues), class })
            .collect();
        let slots: Vec<Vec<u16>> = model
            .intents
            .iter()
            .map(|intent| {
                intent.slots.iter().filter_map(|slot| grammar.slot_number(&slot.name)).collect()
            })
            .collect();
        let tagger = Tagger::train(&utterances, &slots, grammar.slot_names().len());
        Self { classifier: Classifier::train(&lessons, none + 1), tagger, fallback, offset }
    }

    /// How probable each intent is for these words.
    #[must_use]
    pub fn guess(&self, tokens: &[Token], grammar: &Grammar, lists: &Lists) -> Guess {
        let cues = cues::see(tokens, grammar, lists);
        if !cues::say_something(&cues, |at| grammar.has_word(&tokens[at].text)) {
            return Guess { cues, ranked: vec![] };
        }
        let mut scores = self.classifier.scores(&cues::features(&cues));
        let none = scores.pop().unwrap_or_default();
        let sure =
            |score: f32| classifier::logistic(NONE_COUNTS.mul_add(-none, score) + self.offset);
        let mut ranked: Vec<(usize, f32)> = scores.into_iter().map(sure).enumerate().collect();
        ranked.retain(|(intent, _)| {
            Some(*intent) != self.fallback
                && cues::takes_values(&cues, grammar.kinds_of_intent(*intent))
        });
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Guess { cues, ranked }
    }

    /// The slots of `intent` in the words of a guess.
    #[must_use]
    pub fn slots(&self, guess: &Guess, intent: usize) -> Vec<Filled> {
        self.tagger.tag(&guess.cues, intent)
    }
}

/// The negatives that are outside of this model's domain.
fn outside(model: &Model, grammar: &Grammar) -> Vec<Vec<Cue>> {
    let see = |text: &&str| {
        let tokens = normalise::tokens(text).unwrap_or_default();
        let (from, to) = normalise::without_politeness(&tokens);
        cues::see(&tokens[from..to], grammar, &Lists::none())
    };
    let seen: Vec<Vec<Vec<Cue>>> = negatives::groups()
        .iter()
        .map(|group| group.utterances.iter().map(see).collect())
        .collect();
    let vocabularies = vocabularies(model, grammar);
    let kept = negatives::outside(&seen, &vocabularies, grammar.neutral_kinds());
    seen.into_iter()
        .flatten()
        .zip(kept.into_iter().flatten())
        .filter_map(|(cues, kept)| kept.then_some(cues))
        .collect()
}

/// What the samples of each intent speak of: their words, and the values of its lists.
fn vocabularies(model: &Model, grammar: &Grammar) -> Vec<Vocabulary> {
    let mut vocabularies = Vec::new();
    for intent in model.intents.iter().filter(|intent| intent.name != FALLBACK) {
        let mut known: Vocabulary = BTreeSet::new();
        let mut learn = |text: &str| {
            let tokens = normalise::tokens(text).unwrap_or_default();
            known.extend(
                cues::see(&tokens, &Grammar::default(), &Lists::none())
                    .iter()
                    .filter_map(Cue::meaning),
            );
        };
        for piece in intent.samples.iter().flat_map(|sample| &sample.pieces) {
            if let Piece::Words(words) = piece {
                learn(words);
            }
        }
        for slot in &intent.slots {
            let values = model.types.get(&slot.slot_type).filter(|_| {
                !grammar.is_free(&slot.slot_type)
                    && !super::lists::is_filled_by_households(&slot.slot_type)
            });
            for value in values.into_iter().flatten() {
                learn(&value.value);
                value.synonyms.iter().for_each(|synonym| learn(synonym));
            }
        }
        vocabularies.push(known);
    }
    vocabularies
}
