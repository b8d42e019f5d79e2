//! What to bring up next, when it is our turn to lead.

use jiff::civil::DateTime;

use super::bot::{Bot, Round, Topic};
use super::candidates::holds;
use super::listen::Heard;
use super::sheet::When;
use super::state::{Conversation, Place};
use crate::time::Seed;

/// The next thread of a topic that this person has not heard of.
///
/// In a later session a thread may open again as long as it has words of which none was said.
pub(crate) fn thread(state: &Conversation, here: DateTime, topic: &Topic) -> Option<Place> {
    let earlier =
        state.topics.get(&topic.name).is_some_and(|s| s.session < state.counters.sessions);
    let open = |allow_known: bool| {
        topic.start.iter().find(|name| {
            let Some(node) = topic.nodes.get(*name) else { return false };
            if let Some(deck) = node.draw.as_ref().and_then(|deck| topic.decks.get(deck)) {
                let unasked = |round: &Round| {
                    round.ask.0.iter().all(|line| state.ledger.said(line.key).is_none())
                };
                return deck.iter().any(unasked) && holds(state, here, node.when.as_ref());
            }
            let heard = node.say.0.iter().filter(|l| state.ledger.said(l.key).is_some()).count();
            // Coming back to a fact a minute after it was told would be odd.
            if let Some(When::Known(key)) = &node.when
                && !state.remembers(key)
            {
                return false;
            }
            let new = heard == 0 || (allow_known && heard < node.say.len());
            new && holds(state, here, node.when.as_ref())
        })
    };
    let node = open(false).or_else(|| earlier.then(|| open(true)).flatten())?;
    Some(Place { topic: topic.name.clone(), node: node.clone() })
}

/// The topic to lead over to: one that the last topic names, one we have not had (explore), one
/// that people stayed with (exploit); before all, the one that was just touched on; never a declined one. Chance breaks ties.
pub(crate) fn topic<'b>(
    bot: &'b Bot,
    state: &Conversation,
    here: DateTime,
    heard: &Heard,
    from: Option<&Topic>,
    seed: Seed,
) -> Option<&'b Topic> {
    let open: Vec<&Topic> = bot
        .topics
        .values()
        .filter(|t| from.is_none_or(|from| from.name != t.name))
        .filter(|t| !state.is_declined(&t.name) && thread(state, here, t).is_some())
        .collect();
    let worth = |topic: &Topic| {
        let turns = state.topics.get(&topic.name).map_or(0, |s| s.turns);
        let named = from.is_some_and(|from| from.to.contains(&topic.name));
        u32::from(touched(topic, heard)) * 8
            + u32::from(turns == 0) * 4
            + u32::from(named) * 2
            + u32::from(turns >= 6)
    };
    let best = open.iter().map(|t| worth(t)).max()?;
    let best: Vec<&Topic> = open.into_iter().filter(|t| worth(t) == best).collect();
    seed.pick("topic", best.len()).map(|index| best[index])
}

/// Whether what was just said has to do with a topic: then it is the one to come to.
fn touched(topic: &Topic, heard: &Heard) -> bool {
    let patterns = topic.triggers.iter().chain(&topic.mentions);
    let kinds = topic.entities.iter().chain(&topic.kinds);
    heard
        .entities
        .iter()
        .any(|entity| !entity.denied && kinds.clone().any(|kind| *kind == entity.kind))
        || patterns.into_iter().any(|pattern| heard.find(pattern).is_some())
}
