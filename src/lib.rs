//! The map of the house. `main -> commands -> app -> {channels, calls, speech, store, connect} -> turn -> core`.

pub mod app;
pub mod calls;
pub mod channels;
pub mod clock;
pub mod commands;
pub mod config;
pub mod connect;
pub mod data_folder;
pub mod devices;
pub mod dialogs;
pub mod server;
pub mod speech;
pub mod store;
pub mod telemetry;
pub mod turn;
pub mod world;
