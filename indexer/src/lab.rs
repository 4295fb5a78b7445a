//! The lab: how good and how diverse lists are, offline.
//!
//! `florilege-indexer evaluate`: [`dataset`] → [`split`] → [`models`] → [`frozen`] scores → [`sweep`] over [`rerank`]ers →
//! [`front`]s with [`bootstrap`]ped intervals → [`report`]. Invariant: nothing is sampled; the same input gives the same
//! numbers, on any number of threads.

pub mod bootstrap;
pub mod content;
pub mod dataset;
pub mod front;
pub mod frozen;
pub mod measure;
pub mod metrics;
pub mod models;
pub mod personas;
pub mod random;
pub mod report;
pub mod rerank;
pub mod run;
pub mod sparse;
pub mod split;
pub mod sweep;
pub mod weights;
