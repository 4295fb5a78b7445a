//! The command line: what can be asked for, and in which words it is answered.
//!
//! Results go to standard output (JSON where `--json` is given), progress and faults to standard error. Invariant: the
//! exit code is 0 done, 1 failed, 2 wrong usage (a mapping that is refused is one).

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod import;
mod metrics;

/// Florilège by the batch: import, generate, build, verify, measure.
#[derive(Debug, Parser)]
#[command(name = "florilege-indexer", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  florilege-indexer import --mapping indexer/mappings/events.toml --out lines events.jsonl
  florilege-indexer import --mapping indexer/mappings/cinemas.toml --dry-run --json cinemas.csv
  florilege-indexer metrics --run run.json --qrels qrels.json --items items.json --at 5 --at 10 --json

Every command explains itself: florilege-indexer import --help";

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Import),
    Metrics(metrics::Metrics),
}

/// How a command went wrong.
enum Fault {
    /// It was asked for wrongly: exit code 2.
    Usage(anyhow::Error),
    /// It could not be done: exit code 1.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Fault {
    fn from(fault: E) -> Self {
        Self::Failed(fault.into())
    }
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(asked) => {
            // Printing help can only fail where nobody reads it.
            let _ = asked.print();
            return ExitCode::from(if asked.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = match cli.command {
        Command::Import(command) => command.run(),
        Command::Metrics(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault::Failed(fault)) => told(&fault, 1),
        Err(Fault::Usage(fault)) => told(&fault, 2),
    }
}

fn told(fault: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("florilege-indexer: {fault:#}");
    ExitCode::from(code)
}
