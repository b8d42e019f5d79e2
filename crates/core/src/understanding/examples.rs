//! Utterances to learn from, made of a model's samples: each slot filled with what may be said there.

use super::cues::{self, Cue, Kinds};
use super::grammar::Grammar;
use super::lists::{self, Lists};
use super::model::{Model, Piece, Sample};
use super::negatives;
use super::normalise::{self, Token};
use super::resolver;
use super::typed::Typed;

/// How often a sample with slots is said, each time with other words in them: known ones, other known ones, unknown ones.
const VARIANTS: usize = 3;
/// With more samples than this, each is said only once, in turns the one way and another: a big model shows by itself how
/// differently a wish is put, and training has to be over at start.
const MANY_SAMPLES: usize = 1_500;
/// One sample of so many is also said among other words: "hang on, pause it, somebody is at the door".
const AMONG_OTHERS: usize = 2;
/// The most words around it.
const OTHER_WORDS: usize = 5;
/// The most words of a message that is made up.
const MESSAGE_WORDS: usize = 6;

/// A slot in an utterance.
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    /// Its number in the grammar.
    pub slot: u16,
    pub from: usize,
    pub to: usize,
}

/// An utterance, what is seen of it and what it means.
#[derive(Debug, Clone)]
pub struct Utterance {
    pub cues: Vec<Cue>,
    /// The number of its intent in the grammar.
    pub intent: usize,
    pub slots: Vec<Filled>,
}

/// What each sample of `model` may sound like.
#[must_use]
pub fn of_model(model: &Model, grammar: &Grammar) -> Vec<Utterance> {
    let samples: usize = model.intents.iter().map(|intent| intent.samples.len()).sum();
    let variants = if samples > MANY_SAMPLES { 1 } else { VARIANTS };
    let mut maker = Maker { grammar, model, turn: 0, words: snippets() };
    let mut utterances = Vec::new();
    for (number, intent) in model.intents.iter().enumerate() {
        let types = |name: &str| intent.slots.iter().find(|slot| slot.name == name);
        let slot_type = |name: &str| types(name).map_or("", |slot| slot.slot_type.as_str());
        for (at, sample) in intent.samples.iter().enumerate() {
            let slots = sample.pieces.iter().any(|piece| matches!(piece, Piece::Slot(_)));
            for variant in 0..if slots { variants } else { 1 } {
                let said = maker.say(sample, (at + variant) % VARIANTS, slot_type);
                utterances.extend(said.map(|(cues, slots)| Utterance {
                    cues,
                    intent: number,
                    slots,
                }));
            }
            if at % AMONG_OTHERS == 0
                && let Some((cues, slots)) = maker.say(sample, at / AMONG_OTHERS % 2, slot_type)
            {
                let (cues, slots) = maker.among_others(cues, slots);
                utterances.push(Utterance { cues, intent: number, slots });
            }
        }
        for phrase in super::builtin::phrases(&intent.name) {
            if let Some(tokens) = normalise::tokens(phrase) {
                let cues = cues::see(&tokens, grammar, &Lists::none());
                utterances.push(Utterance { cues, intent: number, slots: vec![] });
            }
        }
    }
    utterances
}

/// Words to put where anything may be said.
fn snippets() -> Vec<Vec<Token>> {
    let all = negatives::groups().iter().flat_map(|group| &group.utterances);
    all.step_by(7).filter_map(|text| normalise::tokens(text)).collect()
}

struct Maker<'m> {
    grammar: &'m Grammar,
    model: &'m Model,
    /// Counts choices, so that each is another one.
    turn: usize,
    words: Vec<Vec<Token>>,
}

impl Maker<'_> {
    /// A sample said with filled slots.
    fn say<'t>(
        &mut self,
        sample: &Sample,
        variant: usize,
        type_of: impl Fn(&str) -> &'t str,
    ) -> Option<(Vec<Cue>, Vec<Filled>)> {
        let (mut tokens, mut slots, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for piece in &sample.pieces {
            match piece {
                Piece::Words(words) => tokens.extend(normalise::tokens(words)?),
                Piece::Slot(name) => {
                    let from = tokens.len();
                    let kinds = self.fill(type_of(name), variant, &mut tokens);
                    let to = tokens.len();
                    known.extend(kinds.map(|kinds| (kinds, from, to)));
                    slots.push(Filled { slot: self.grammar.slot_number(name)?, from, to });
                }
            }
        }
        let (from, to) = normalise::without_politeness(&tokens);
        let reaches = |slot: &Filled| slot.from >= from && slot.to <= to;
        let (from, to) = if slots.iter().all(reaches) { (from, to) } else { (0, tokens.len()) };
        let mut cues = cues::see(&tokens, self.grammar, &Lists::none());
        for (kinds, from, to) in known {
            cues::mark(&mut cues, kinds, from, to);
        }
        for slot in &mut slots {
            slot.from -= from;
            slot.to -= from;
        }
        Some((cues[from..to].to_vec(), slots))
    }

    /// Puts words for a slot of this type; says of what kind they are known to be.
    fn fill(&mut self, slot_type: &str, variant: usize, tokens: &mut Vec<Token>) -> Option<Kinds> {
        self.turn += 1;
        let turn = self.turn.wrapping_mul(7_919);
        let mut put = |text: &str| tokens.extend(normalise::tokens(text).unwrap_or_default());
        if let Some(typed) = Typed::of(slot_type) {
            let examples = typed.examples();
            put(examples[turn % examples.len()]);
            return None;
        }
        let values = self.model.types.get(slot_type).filter(|values| !values.is_empty());
        let household = lists::is_filled_by_households(slot_type);
        let anything = self.grammar.is_free(slot_type) || (values.is_none() && !household);
        match (values, variant) {
            _ if anything => self.snippet(turn, MESSAGE_WORDS, tokens),
            // A name that nobody lists, or that was misheard as other words.
            (_, 2) if lists::is_name(slot_type) => self.snippet(turn, 2, tokens),
            (Some(values), _) if !(lists::is_name(slot_type) && variant == 1) => {
                let value = &values[turn % values.len()];
                let names = 1 + value.synonyms.len();
                match turn / values.len() % names {
                    0 => put(&value.value),
                    at => put(&value.synonyms[at - 1]),
                }
                return self.grammar.kinds(slot_type);
            }
            _ => {
                put(resolver::first_name(turn));
                return self.grammar.name_kinds(slot_type);
            }
        }
        None
    }

    /// The same with other words before or after.
    fn among_others(&mut self, said: Vec<Cue>, mut slots: Vec<Filled>) -> (Vec<Cue>, Vec<Filled>) {
        self.turn += 1;
        let mut tokens = Vec::new();
        self.snippet(self.turn.wrapping_mul(7_919), OTHER_WORDS, &mut tokens);
        let others = cues::see(&tokens, self.grammar, &Lists::none());
        if self.turn.is_multiple_of(3) {
            return ([said, others].concat(), slots);
        }
        for slot in &mut slots {
            slot.from += others.len();
            slot.to += others.len();
        }
        ([others, said].concat(), slots)
    }

    fn snippet(&self, turn: usize, most: usize, tokens: &mut Vec<Token>) {
        let words = &self.words[turn % self.words.len()];
        let count = 1 + turn / 13 % most;
        let from = if most < MESSAGE_WORDS { turn / 7 % words.len() } else { 0 };
        tokens.extend(words[from..].iter().take(count).cloned());
    }
}
