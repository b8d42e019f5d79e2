//! The speaker page and its device socket (docs/device-protocol.md).

pub mod commands;
pub mod pages;
pub mod protocol;
mod socket;
pub mod view;

pub use socket::device;
