//! The Florilège server: HTTP, store, keys, and the command line, over the engine that ranks.
//!
//! It translates: requests into questions to the engine, changes into entries of the store's log. Invariant: it knows
//! no ranking. Start at [`http`] for the paths, [`cli`] for the commands.

pub mod app;
pub mod applier;
pub mod arrow;
pub mod boot;
pub mod bulk;
pub mod cli;
pub mod config;
pub mod editorial;
pub mod http;
pub mod pool;
pub mod reload;
pub mod server;
mod snapshots;
pub mod store;
mod studio;
pub mod telemetry;
