//! Alexa custom skills as a skill's own server meets them: what Amazon sends, what it may be answered,
//! and proof that it was Amazon who asked.
//!
//! [`Verifier`] takes headers and a raw body and returns [`Verified`], the only door to a parsed
//! [`request::Envelope`]. [`response`] has every directive, and [`lint`] finds what Amazon would refuse, most
//! of which it would refuse without saying why. Nothing here opens a connection or reads a clock: the
//! certificate [`Fetcher`], the trust anchors and the time are given.

#[cfg(any(test, feature = "dev"))]
pub mod dev;
pub mod lint;
pub mod request;
pub mod response;
pub mod ssml;
mod verify;
mod wire;

pub use verify::{FetchError, FetchFuture, Fetcher, Refusal, Verified, Verifier};
pub use verify::{MAX_BODY_BYTES, MAX_CHAIN_BYTES, anchors_from_pem};
