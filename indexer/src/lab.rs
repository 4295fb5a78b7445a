//! The lab: how good and how diverse lists are, offline.
//!
//! Invariant: nothing is sampled; the same input gives the same numbers.

pub mod metrics;
