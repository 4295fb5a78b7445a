//! Florilège by the batch: real files into change lines, generated catalogues, artefacts, metrics.
//!
//! The binary is a shim over [`cli::run`]. Invariant: nothing here serves; the engine is called, never copied.

pub mod cli;
pub mod import;
pub mod lab;
pub mod population;
pub mod progress;
pub mod simulate;
pub mod tables;
