//! What was heard: dialog acts, sentiment, entities, and the gist of a short answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::about::Phrases;
use super::act::Act;
use super::entity::{Entity, Gazetteer};
use super::pattern::{Captures, Concepts, Pattern};
use super::words::{Rewrites, Segment};

/// An answer longer than this is a story; its gist is not a name or a title.
const MAX_ANSWER_WORDS: usize = 5;
/// How far a negation reaches: "not a very good film".
const NEGATION_REACH: usize = 3;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Feeling {
    Positive,
    Negative,
    #[default]
    Neutral,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ActPatterns {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) except: Vec<Pattern>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Language {
    pub(crate) rewrites: Rewrites,
    pub(crate) concepts: Concepts,
    pub(crate) acts: BTreeMap<Act, ActPatterns>,
    pub(crate) positive: BTreeSet<String>,
    pub(crate) negative: BTreeSet<String>,
    pub(crate) negations: BTreeSet<String>,
    pub(crate) lead_ins: Vec<Vec<String>>,
    pub(crate) tails: Vec<Vec<String>>,
    pub(crate) no_name: BTreeSet<String>,
    pub(crate) requests: Vec<Pattern>,
    pub(crate) phrases: Phrases,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) segments: Vec<Segment>,
    pub(crate) acts: BTreeSet<Act>,
    pub(crate) feeling: Feeling,
    pub(crate) entities: Vec<Entity>,
    /// The gist of a short answer: "i think the matrix" -> "the matrix".
    pub(crate) answer: Option<String>,
    /// What the turn is about, as we would say it: "your old bicycle".
    pub(crate) about: Option<String>,
    /// Words that carry meaning, rewritten.
    pub(crate) content: BTreeSet<String>,
    pub(crate) words: usize,
    /// It speaks of us: "you", "your".
    pub(crate) about_us: bool,
    /// Mostly letters of another script than ours.
    pub(crate) foreign: bool,
}

impl Heard {
    pub(crate) fn is(&self, act: Act) -> bool {
        self.acts.contains(&act)
    }

    pub(crate) fn find(&self, pattern: &Pattern) -> Option<Captures> {
        self.segments.iter().find_map(|s| pattern.find(s))
    }

    pub(crate) fn entity(&self, kind: &str) -> Option<&str> {
        match kind {
            "answer" => self.answer.as_deref(),
            kind => {
                self.entities.iter().find(|e| e.kind == kind && !e.denied).map(|e| e.name.as_str())
            }
        }
    }
}

impl Language {
    pub(crate) fn listen(&self, text: &str, known: Option<Act>, names: &Gazetteer) -> Heard {
        let segments = self.rewrites.segments(text);
        let mut acts: BTreeSet<Act> = self
            .acts
            .iter()
            .filter(|(_, said)| segments.iter().any(|s| said.performed_in(s)))
            .map(|(act, _)| *act)
            .collect();
        if segments.iter().any(|s| s.marked) {
            acts.insert(Act::Question);
        }
        if segments.is_empty() && known.is_none() {
            acts.insert(Act::NotUnderstood);
        }
        acts.extend(known);
        let entities: Vec<Entity> =
            segments.iter().flat_map(|s| names.find(s, &self.negations)).collect();
        let answer = self.answer(&segments, &acts);
        let grave = acts.iter().any(|act| act.is_grave());
        let about = if grave { None } else { self.about(&segments, &entities, answer.as_deref()) };
        let content = segments.iter().flat_map(|s| s.words.iter().chain(&s.said));
        let content =
            content.filter(|word| self.phrases.is_content(word)).map(|w| w.to_lowercase());
        let content = content.collect();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let ours = text.chars().filter(|c| c.is_alphabetic() && *c < '\u{250}').count();
        Heard {
            feeling: self.feeling(&segments),
            entities,
            answer,
            about,
            content,
            about_us: segments.iter().flat_map(|s| &s.words).any(|w| w == "you" || w == "your"),
            words: segments.iter().map(|s| s.words.len()).sum(),
            foreign: letters > 0 && ours * 2 < letters,
            segments,
            acts,
        }
    }

    /// Whether something that holds people's own words may leave our mouth.
    pub(crate) fn may_be_said(&self, text: &str) -> bool {
        let unfit = [Act::Offensive, Act::SelfHarm, Act::Abuse];
        let segments = self.rewrites.segments(text);
        !unfit
            .iter()
            .filter_map(|act| self.acts.get(act))
            .any(|said| segments.iter().any(|s| said.performed_in(s)))
    }

    /// A name that we know, else the phrase that stands out, else a short answer itself.
    fn about(
        &self,
        segments: &[Segment],
        entities: &[Entity],
        answer: Option<&str>,
    ) -> Option<String> {
        let words: usize = segments.iter().map(|s| s.words.len()).sum();
        let phrase = self.phrases.about(segments);
        let holds = |name: &str| {
            phrase
                .as_ref()
                .is_some_and(|phrase| phrase.to_lowercase().contains(&name.to_lowercase()))
        };
        // In people's own words, but with our capital letters: "the matrix" -> "The Matrix".
        let spoken = |entity: &Entity| {
            let same = entity.name.to_lowercase() == entity.said.to_lowercase();
            if same { entity.name.clone() } else { entity.said.clone() }
        };
        // "in May" is a name of ours for a month, and no thing.
        let thing = |entity: &&Entity| {
            entity.said.split(' ').next().is_some_and(|first| self.phrases.may_begin(first))
        };
        let about = match entities {
            [only] if !thing(&only) => phrase,
            [only] if words <= MAX_ANSWER_WORDS && !holds(&only.said) => Some(spoken(only)),
            _ => phrase,
        };
        let about = about.or_else(|| entities.iter().find(thing).map(spoken));
        let short = answer.filter(|answer| {
            let words: Vec<&str> = answer.split(' ').collect();
            let telling =
                |word: &&str| self.phrases.is_content(word) && !self.phrases.is_hollow(word);
            words.len() <= 2 && words.iter().all(telling)
        });
        let about = about.or_else(|| short.map(str::to_owned))?;
        let unfit = |word: &str| self.negative.contains(word) || self.positive.contains(word);
        (!about.split(' ').any(unfit)).then_some(about)
    }

    fn feeling(&self, segments: &[Segment]) -> Feeling {
        let mut score = 0_i32;
        for segment in segments {
            let mut negated = 0_usize;
            for word in &segment.words {
                if self.negations.contains(word) {
                    negated = NEGATION_REACH + 1;
                }
                negated = negated.saturating_sub(1);
                let worth = i32::from(self.positive.contains(word))
                    - i32::from(self.negative.contains(word));
                score += if negated > 0 { -worth } else { worth };
            }
        }
        match score {
            1.. => Feeling::Positive,
            0 => Feeling::Neutral,
            ..0 => Feeling::Negative,
        }
    }

    fn answer(&self, segments: &[Segment], acts: &BTreeSet<Act>) -> Option<String> {
        if acts.iter().any(|act| act.is_empty_answer() || act.is_grave()) {
            return None;
        }
        let segment = segments.iter().rfind(|s| !s.words.is_empty())?;
        let (mut words, mut said) = (segment.words.as_slice(), segment.said.as_slice());
        while let Some(lead) = self.lead_ins.iter().find(|lead| words.starts_with(lead)) {
            (words, said) = (&words[lead.len()..], &said[lead.len()..]);
        }
        while let Some(tail) = self.tails.iter().find(|tail| words.ends_with(tail)) {
            let end = words.len() - tail.len();
            (words, said) = (&words[..end], &said[..end]);
        }
        // "lemon cake, and terrible bread": the first of several is the answer.
        if let Some(end) = words.iter().position(|word| word == "and").filter(|at| *at > 0) {
            (words, said) = (&words[..end], &said[..end]);
        }
        let first = words.first()?;
        if self.no_name.contains(first) || !self.phrases.may_begin(first) {
            return None;
        }
        if words[1..].iter().any(|word| self.phrases.is_possessive(word)) {
            return None;
        }
        // "a bit sad" is a remark, and no name.
        let telling = |word: &&String| {
            let feels = self.positive.contains(*word) || self.negative.contains(*word);
            !feels && self.phrases.is_content(word) && !self.phrases.is_hollow(word)
        };
        let names = words.iter().any(|word| telling(&word)) || words.iter().all(|w| w.len() <= 2);
        (names && words.len() <= MAX_ANSWER_WORDS).then(|| said.join(" "))
    }
}

impl ActPatterns {
    pub(crate) fn performed_in(&self, segment: &Segment) -> bool {
        self.patterns.iter().any(|p| p.find(segment).is_some())
            && !self.except.iter().any(|p| p.find(segment).is_some())
    }
}
