//! Words of the catalogue: completions and corrections.
//!
//! Beside search. Invariant: only words that some offer has are proposed.
