//! The socialbot: a pure function of conversation, turn, time and seed.
//!
//! One turn runs down a line of small steps, each in its own file:
//! [`words`] normalises and segments, [`listen`] finds dialog acts, sentiment and entities,
//! [`candidates`] lets every source propose, [`choice`] takes one proposal for a stated reason, and
//! [`voice`] turns it into an acknowledgement, a response and at most one question.
//! [`about`] finds the thing that a reply can pick up, [`knowledge`] and [`calculate`] what can be looked up or
//! worked out, [`bridge`] when to offer a call; [`schedule`] chooses what to bring up, [`model`] and [`filter`] are
//! the seam for a language model and what its words must pass.
//! What is said is authored: [`sheet`] is the format, [`load`] compiles it, [`lint`] finds what an
//! author would rather not ship. What lives across turns is [`state::Conversation`].

mod about;
mod act;
mod bot;
mod bridge;
mod calculate;
mod candidates;
mod choice;
mod entity;
mod filter;
mod knowledge;
mod ledger;
mod lines;
mod lint;
mod listen;
mod load;
mod memory;
mod mistake;
mod model;
mod pattern;
mod schedule;
mod sheet;
mod state;
mod trial;
mod voice;
mod words;

pub use act::Act;
pub use bot::{Acquaintance, Bot, Errand, Reply, Source, Turn};
pub use filter::{Unfit, redact};
pub use memory::Fact;
pub use mistake::Mistake;
pub use model::{Mode, Prompt, RECENT_TURNS};
pub use state::{Conversation, Counters, Place};

#[cfg(test)]
mod probes;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;
