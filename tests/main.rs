//! The one integration binary: each further one would link the whole house again.
//! A journey is a file in `tests/journeys` and a line here.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "tests may fail loudly, print tables and watch the real clock"
)]

mod journeys {
    mod alexa;
    mod browser;
    mod calls;
    mod corpus;
    mod dialogs;
    mod echo_talk;
    mod hear;
    mod house;
    mod language_model;
    mod manifest;
    mod parse;
    mod replay;
    mod scripts;
    mod simulate;
    mod stage;
    mod start;
    mod store;
    mod understanding;
}
