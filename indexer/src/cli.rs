//! The command line: what can be asked for, and in which words it is answered.
//!
//! Results go to standard output (JSON where `--json` is given), progress and faults to standard error. Invariant: the
//! exit code is 0 done, 1 failed, 2 wrong usage (a mapping that is refused is one).

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod build;
mod common;
mod evaluate;
mod export;
mod generate;
mod import;
mod measure;
mod metrics;
mod simulate;
mod train;

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
  florilege-indexer generate --offers 20000 --seed 7 --out lines
  florilege-indexer export --data data --out tables
  florilege-indexer build --out artefacts lines/events.ndjson lines/cinemas.ndjson
  florilege-indexer verify artefacts
  florilege-indexer metrics --run run.json --qrels qrels.json --items items.json --at 5 --at 10 --json
  florilege-indexer evaluate --data ml-latest-small --out fronts
  florilege-indexer train --model ease --data ml-latest-small --out models
  florilege-indexer simulate --quick
  florilege-indexer measure training --model ials

Every command explains itself: florilege-indexer import --help";

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Import),
    Generate(generate::Generate),
    Export(export::Export),
    Build(build::Build),
    Verify(build::Verify),
    Metrics(metrics::Metrics),
    Evaluate(evaluate::Evaluate),
    Train(train::Train),
    Measure(measure::Timing),
    Simulate(simulate::Simulate),
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
        Command::Generate(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::Verify(command) => command.run(),
        Command::Metrics(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Train(command) => command.run(),
        Command::Measure(command) => command.run(),
        Command::Simulate(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault::Failed(fault)) => told(&fault, 1),
        Err(Fault::Usage(fault)) => told(&fault, 2),
    }
}

fn told(fault: &anyhow::Error, code: u8) -> ExitCode {
    let mut text = fault.to_string();
    for cause in fault.chain().skip(1).map(ToString::to_string) {
        // Our errors say their cause in their own sentence.
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    eprintln!("florilege-indexer: {text}");
    ExitCode::from(code)
}

/// A result on standard output; a reader that has seen enough is no fault.
fn say(result: impl Display) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{result}").and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(fault.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
