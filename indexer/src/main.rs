//! The `florilege-indexer` command: a shim, everything is in the library.
//!
//! Invariant: the exit code is 0 done, 1 failed, 2 wrong usage.

use std::process::ExitCode;

fn main() -> ExitCode {
    florilege_indexer::cli::run()
}
