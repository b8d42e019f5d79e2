//! Slots for words that no sample fits whole: what a span can be, what was missed, where a sentence begins anew.

use super::names::{could_be_misheard, could_be_name};
use super::{Fill, Found, Grammar, How, MAX_NAME_WORDS, Taking};
use crate::understanding::lists::{self, Lists};
use crate::understanding::normalise::Token;

/// The fewest literal words of a sample that the end of an utterance may fit.
const LITERALS_OF_AN_END: usize = 1;
/// So many words may come before an end that a sample fits; what is longer is dictated.
const MOST_RESTARTS: usize = 8;
/// How close words that are no name must come to one.
const LIKE_A_NAME: f32 = 0.7;
/// How many words beside a span may belong to its value.
const REACH: usize = 2;

impl Grammar {
    /// The reading of the longest end of `tokens` that a sample of `intent` fits with known values only: what people
    /// come to after "call my, uh".
    #[must_use]
    pub fn read_end<'g>(
        &'g self,
        intent: usize,
        tokens: &'g [Token],
        lists: &'g Lists,
    ) -> Option<Found<'g>> {
        let known = |found: &Found<'_>| {
            found.literals >= LITERALS_OF_AN_END
                && !found.fills.iter().any(|fill| matches!(fill.how, How::Unknown))
        };
        (1..tokens.len().min(MOST_RESTARTS)).find_map(|from| {
            let read = self.read(tokens, (from, tokens.len()), lists);
            read.into_iter().find(|found| found.intent == self.intents[intent] && known(found))
        })
    }

    /// A misheard name at the end of `tokens`: damage makes other words of it, "shove on" of Siobhan, so that only its
    /// sound tells. Some word must be one that no sample has.
    #[must_use]
    pub fn name_at_end<'g>(
        &'g self,
        intent: usize,
        tokens: &[Token],
        lists: &Lists,
    ) -> Option<Fill<'g>> {
        let (slot, slot_type) = self.takes.range((intent, 0)..=(intent, u16::MAX)).find_map(
            |((_, slot), taking)| match &self.takings[usize::from(*taking)] {
                Taking::Listed { slot_type, name: true, .. } if lists::is_name(slot_type) => {
                    Some((*slot, slot_type.as_str()))
                }
                _ => None,
            },
        )?;
        let to = tokens.len();
        let mut best: Option<(f32, Fill<'g>)> = None;
        for from in to.saturating_sub(MAX_NAME_WORDS).max(1)..to {
            if !tokens[from..].iter().any(|token| !self.has_word(&token.text)) {
                break;
            }
            let words: Vec<&str> = tokens[from..].iter().map(|token| token.text.as_str()).collect();
            let found = lists.contact(&words.join(" "));
            let score = found.best().map_or(0.0, |best| best.score);
            if score >= LIKE_A_NAME && best.is_none_or(|(known, _)| score > known) {
                let slot = &self.slots[usize::from(slot)];
                best = Some((score, Fill { slot, slot_type, from, to, how: How::Unknown }));
            }
        }
        best.map(|(_, fill)| fill)
    }

    /// Adds listed values and forms of the slots of `intent` that stand in `tokens` and are in no slot yet.
    pub fn add_missed<'g>(
        &'g self,
        intent: usize,
        tokens: &[Token],
        lists: &'g Lists,
        found: &mut Found<'g>,
    ) {
        for ((_, slot), _) in self.takes.range((intent, 0)..=(intent, u16::MAX)) {
            if found.fills.iter().any(|fill| fill.slot == self.slots[usize::from(*slot)]) {
                continue;
            }
            let missed = (0..tokens.len()).filter_map(|at| {
                let fill = self.fill((intent, *slot), tokens, (at, at + 1), lists)?;
                let known = match fill.how {
                    How::Listed { phrase, .. } => phrase.stands_out(),
                    How::Formed(typed) => typed.stands_out(&tokens[fill.from..fill.to]),
                    How::Unknown | How::Free => false,
                };
                (known && !found.overlaps(&fill)).then_some(fill)
            });
            let longest = missed.max_by_key(|fill| (fill.to - fill.from, usize::MAX - fill.from));
            found.fills.extend(longest);
        }
    }

    /// What a slot of `intent` makes of the words at `from..to` of `tokens`, or of those beside them when that is a
    /// value; `None` if they can be no value of the slot.
    #[must_use]
    pub fn fill<'g>(
        &'g self,
        (intent, slot): (usize, u16),
        tokens: &[Token],
        (from, to): (usize, usize),
        lists: &'g Lists,
    ) -> Option<Fill<'g>> {
        let taking = &self.takings[usize::from(*self.takes.get(&(intent, slot))?)];
        let around = from.saturating_sub(REACH)..(to + REACH).min(tokens.len());
        let overlaps = |(start, end): &(usize, usize)| *start < to && *end > from;
        let longest = |spans: &mut dyn Iterator<Item = (usize, usize)>| {
            spans.filter(overlaps).max_by_key(|(start, end)| (end - start, usize::MAX - start))
        };
        let name = &self.slots[usize::from(slot)];
        let fill = |slot_type, (from, to), how| Fill { slot: name, slot_type, from, to, how };
        match taking {
            Taking::Formed(typed) => {
                let mut spans = around
                    .flat_map(|at| typed.ends(tokens, at).into_iter().map(move |end| (at, end)));
                longest(&mut spans).map(|span| fill("", span, How::Formed(*typed)))
            }
            Taking::Free { slot_type } => Some(fill(slot_type, (from, to), How::Free)),
            Taking::Listed { slot_type, name, .. } => {
                // A model's values for what households fill are placeholders only.
                let home = lists.list(slot_type).map(|list| (list, true));
                let model = self.values.get(slot_type).map(|list| (list, false));
                let found = home.or(model).and_then(|(list, household)| {
                    let mut spans = around
                        .clone()
                        .flat_map(|at| list.at(tokens, at).map(move |found| (at, found.end)));
                    let span = longest(&mut spans)?;
                    let found = list.at(tokens, span.0).find(|found| found.end == span.1)?;
                    let (phrase, possessive) = (found.phrase, found.possessive);
                    Some(fill(slot_type, span, How::Listed { phrase, possessive, household }))
                });
                let heard = || {
                    lists::is_name(slot_type)
                        && could_be_misheard(&tokens[from..to])
                        && sounds_known(tokens, (from, to), lists)
                };
                let named = !*name || could_be_name(&tokens[from..to]) || heard();
                if let Some(whole) = found.as_ref().and_then(|found| joined(tokens, found, lists)) {
                    return Some(whole);
                }
                found.or_else(|| named.then(|| fill(slot_type, (from, to), How::Unknown)))
            }
        }
    }
}

/// A name in pieces that are names themselves, "my gran" and "ma": together they sound like somebody too.
fn joined<'g>(tokens: &[Token], found: &Fill<'g>, lists: &Lists) -> Option<Fill<'g>> {
    let list = lists.list(found.slot_type).filter(|_| lists::is_name(found.slot_type))?;
    let earliest = found.from.saturating_sub(REACH);
    let from =
        (earliest..found.from).find(|at| list.at(tokens, *at).any(|it| it.end == found.from));
    let to = list.at(tokens, found.to).map(|after| after.end).max();
    let whole = (from.unwrap_or(found.from), to.unwrap_or(found.to));
    let longer = whole != (found.from, found.to) && sounds_known(tokens, whole, lists);
    longer.then_some(Fill { from: whole.0, to: whole.1, how: How::Unknown, ..*found })
}

/// Whether these words sound like the name of somebody in the address book.
fn sounds_known(tokens: &[Token], (from, to): (usize, usize), lists: &Lists) -> bool {
    let words: Vec<&str> = tokens[from..to].iter().map(|token| token.text.as_str()).collect();
    lists.contact(&words.join(" ")).best().is_some_and(|best| best.score >= LIKE_A_NAME)
}
