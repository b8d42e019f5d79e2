//! The ways in. Channels do not know each other; each turns what it hears into a `Request` and ends in `turn`.

pub mod alexa;
pub mod browser;
pub mod health;
