//! `florilege lines`: all that a store holds as change lines, on standard output.
//!
//! What `florilege load` takes, `florilege-indexer export` makes tables of. Published documents come with the editorial export
//! and are left out here. Invariant: venues, offers, readers and then their events, of one moment.

use std::io::{BufWriter, Write};

use clap::Args;
use florilege_engine::change::Change;

use super::place::Place;

const EXAMPLES: &str = "\
Examples:
  florilege lines --data ./data > all.ndjson
  florilege lines --data ./data | florilege load --data ./copy -

The lines name readers: keep them as you keep the store.";

/// Print all that a store holds as change lines.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Lines {
    #[command(flatten)]
    place: Place,
}

impl Lines {
    /// Prints; the first fault of the output ends it, and a reader that has seen enough is none.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.place.open_existing().await?;
        let mut out = BufWriter::new(std::io::stdout());
        let mut fault = None;
        let read = store.state(|change| {
            if fault.is_none() {
                fault = line(change).and_then(|line| writeln!(out, "{line}").err());
            }
        });
        let read = read.await;
        store.close().await;
        read?;
        let ended = fault.map_or_else(|| out.flush(), Err);
        match ended {
            Err(fault) if fault.kind() != std::io::ErrorKind::BrokenPipe => Err(fault.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// The line of a change that comes from outside; what the store noted beside an event is its own.
fn line(change: Change) -> Option<String> {
    match change {
        Change::Document(_) => None,
        Change::Event(mut event) => {
            event.then = None;
            Some(Change::Event(event).to_line())
        }
        Change::OfferUpsert(_)
        | Change::OfferDelete(_)
        | Change::OfferStock(..)
        | Change::VenueUpsert(_)
        | Change::VenueDelete(_)
        | Change::UserUpsert(_)
        | Change::UserErase(_) => Some(change.to_line()),
    }
}
