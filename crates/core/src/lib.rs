//! Everything in Hearthline that decides.
//!
//! No input or output, no clock, no randomness, no async: time and seed are arguments, effects are
//! values. The server around this crate loads state, calls [`skill::decide`], saves, and then carries
//! the effects out.

pub mod call;
pub mod conversation;
pub mod effect;
pub mod household;
pub mod id;
pub mod intent;
pub mod policy;
pub mod request;
pub mod say;
pub mod skill;
pub mod thread;
pub mod time;
pub mod understanding;
