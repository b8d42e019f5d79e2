//! What people say near a speaker that is none of its business.
//!
//! Explicit negatives are what keeps "call it a day" from calling anybody. They are general; a model of
//! the weather must not learn that talk of the weather is out of scope, so what belongs to a model's own domain is
//! left out, judged from its samples alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::cues::{Cue, Kinds};
use super::lexicon::Symbol;

/// Utterances in groups; each group begins with `# name`.
const WRITTEN: &str = include_str!("negatives.txt");
/// A group of which so much is explained by a model is of the model's domain.
const GROUP_SHARE: f32 = 0.30;
/// An utterance is explained when this much of its meaning is words that one intent uses.
const EXPLAINED: f32 = 0.72;
/// An utterance outside such a group is left out only when nearly all of it is explained.
const ALL_EXPLAINED: f32 = 0.95;

/// A group of utterances about one thing.
#[derive(Debug)]
pub struct Group {
    pub name: &'static str,
    pub utterances: Vec<&'static str>,
}

/// The negatives as they are written.
pub fn groups() -> &'static [Group] {
    static READ: OnceLock<Vec<Group>> = OnceLock::new();
    READ.get_or_init(|| {
        let mut groups: Vec<Group> = Vec::new();
        for line in WRITTEN.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.strip_prefix('#') {
                Some(name) => groups.push(Group { name: name.trim(), utterances: vec![] }),
                None => {
                    if let Some(group) = groups.last_mut() {
                        group.utterances.push(line);
                    }
                }
            }
        }
        groups
    })
}

/// The meanings that the samples of one intent speak of.
pub type Vocabulary = BTreeSet<Symbol>;

/// Which utterances (by group, then place) are outside the domain of a model with these vocabularies.
///
/// `seen` holds the cues of every utterance of [`groups`]; words of the kinds in `neutral` (numbers, days, names)
/// say nothing about what is talked of.
#[must_use]
pub fn outside(
    seen: &[Vec<Vec<Cue>>],
    vocabularies: &[Vocabulary],
    neutral: Kinds,
) -> Vec<Vec<bool>> {
    let mut spread: BTreeMap<Symbol, u32> = BTreeMap::new();
    let mut count = 0;
    for cues in seen.iter().flatten() {
        let meanings: BTreeSet<Symbol> = cues.iter().filter_map(Cue::meaning).collect();
        meanings.into_iter().for_each(|meaning| *spread.entry(meaning).or_default() += 1);
        count += 1;
    }
    // A rare word says more about what is talked of (inverse document frequency).
    let weight = |meaning: &Symbol| {
        let times = spread.get(meaning).copied().unwrap_or(1);
        (f32::from(u16::try_from(count).unwrap_or(u16::MAX)) / times as f32).ln()
    };
    let explained = |cues: &Vec<Cue>| {
        let meanings: Vec<(Symbol, f32)> = cues
            .iter()
            .filter(|cue| (cue.begins | cue.inside) & neutral == 0)
            .filter_map(Cue::meaning)
            .map(|meaning| (meaning, weight(&meaning)))
            .collect();
        let all: f32 = meanings.iter().map(|(_, weight)| weight).sum();
        let best = vocabularies.iter().map(|known| {
            meanings.iter().filter(|(meaning, _)| known.contains(meaning)).map(|(_, w)| w).sum()
        });
        if all == 0.0 { 0.0 } else { best.fold(0.0_f32, f32::max) / all }
    };
    seen.iter()
        .map(|group| {
            let shares: Vec<f32> = group.iter().map(explained).collect();
            let inside = shares.iter().filter(|share| **share >= EXPLAINED).count();
            let of_domain = inside as f32 > GROUP_SHARE * group.len() as f32;
            shares.into_iter().map(|share| !of_domain && share < ALL_EXPLAINED).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_and_none_twice() {
        let all: Vec<&str> = groups().iter().flat_map(|group| group.utterances.clone()).collect();
        assert!(all.len() >= 1_500, "{}", all.len());
        let different: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), different.len());
    }
}
