//! What reaches out over HTTP.

pub mod alexa;
pub mod language_model;
