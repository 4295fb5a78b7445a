//! Benchmarks live in the bench targets; this crate holds what they share.

pub mod families;
pub mod movielens;
pub mod served;

/// The allocator of the serving program, so that what is measured here is what serves.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;
