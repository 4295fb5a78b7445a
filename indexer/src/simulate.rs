//! The simulator: readers of the eight personas, in real places, over months, under one policy or another.
//!
//! What a policy is worth is measured on readers whose tastes are this module's own document, not the engine's model.
//! Invariants: the same seed gives the same numbers on any number of threads; a reader meets the same moods under
//! every policy (common random numbers), so that policies are compared reader by reader.

pub mod ablation;
pub mod assumptions;
pub mod choice;
pub mod editors;
pub mod outcome;
pub mod policy;
pub mod reader;
pub mod report;
pub mod year;

pub use ablation::{Ablation, ablate};
pub use assumptions::{Assumptions, AssumptionsError};
pub use policy::Policy;
pub use report::{Report, compare};
pub use year::{Plan, SimulateError};

#[cfg(test)]
mod tests;
