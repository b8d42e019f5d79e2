//! What reaches out over HTTP.

pub mod alexa;
