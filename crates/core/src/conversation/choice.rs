//! One candidate takes the turn.

use super::candidates::Candidate;

/// The highest class, then the highest rank, then whoever spoke up first: fixed, so that the same
/// turn is always answered by the same source and the reason can be read off.
pub(crate) fn choose(candidates: Vec<Candidate<'_>>) -> Option<Candidate<'_>> {
    candidates.into_iter().rev().max_by_key(|c| (c.bid, c.rank))
}
