//! The bridge to people: when somebody who can be called comes up, offer to call them or to leave a word.
//!
//! Rarely, with consent and never twice: an offer takes the place of our next question, waits for a yes, and
//! whatever the answer, it is not made again.

use super::act::Act;
use super::bot::{Acquaintance, Errand, Source};
use super::candidates::{Bid, Candidate, Change, Moment, Next};
use super::listen::Feeling;

/// Nobody is offered a call before they have warmed up.
const WARM_AFTER: u32 = 4;
/// Turns between two offers: about a quarter of an hour of talk.
const BETWEEN: u32 = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) errand: Errand,
    /// The id of the [`Acquaintance`].
    pub(crate) who: String,
    /// As it is spoken: "your sister Anna".
    pub(crate) person: String,
}

/// Puts an offer in place of what a candidate would ask next, if somebody who can be called has come up.
pub(crate) fn offer_after(m: &Moment<'_, '_>, candidate: &mut Candidate<'_>) {
    let leads_on = match candidate.next {
        Next::Node(_) | Next::Thread | Next::Return | Next::Prompt => true,
        // A remark opened a topic; one that was asked for comes first.
        Next::Open(_) => candidate.bid < Bid::ForceStart,
        _ => false,
    };
    let told =
        matches!(candidate.source, Source::Topic | Source::Memory) && !m.heard.is(Act::Question);
    let turns = m.state.counters.turns;
    let rested = m.state.offered_at == 0 || turns > m.state.offered_at + BETWEEN;
    if !leads_on || !told || turns <= WARM_AFTER || !rested || m.state.care > 0 {
        return;
    }
    let Some(offer) = m.turn.people.iter().find_map(|person| offer(m, person)) else { return };
    candidate.changes.push(Change::Offered { errand: offer.errand, who: offer.who.clone() });
    candidate.next = Next::Offer(offer);
}

fn offer(m: &Moment<'_, '_>, person: &Acquaintance) -> Option<Offer> {
    let named = mentioned(m, &person.name);
    let relation =
        person.relation.as_deref().filter(|relation| mentioned(m, &format!("my {relation}")));
    if !named && relation.is_none() {
        return None;
    }
    // Longing asks for a call, plain mention for a word passed on.
    let errand = if m.heard.feeling == Feeling::Neutral { Errand::Message } else { Errand::Call };
    let made = m.state.offered.get(&person.id);
    if made.is_some_and(|made| made.contains(&errand)) {
        return None;
    }
    let spoken = match relation {
        Some(relation) if !person.name.to_lowercase().contains(relation) && !named => {
            format!("your {relation} {}", person.name)
        }
        _ => person.name.clone(),
    };
    Some(Offer { errand, who: person.id.clone(), person: spoken })
}

/// Whether the words stand in what was heard, in the forms that both become when they are rewritten.
fn mentioned(m: &Moment<'_, '_>, words: &str) -> bool {
    let wanted = m.bot.language.rewrites.words(words);
    !wanted.is_empty()
        && m.heard
            .segments
            .iter()
            .any(|s| s.words.windows(wanted.len()).any(|found| found == wanted))
}
