//! Benchmarks live in the bench targets; this crate holds what they share.

pub mod families;
pub mod movielens;
pub mod served;
