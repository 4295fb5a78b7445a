//! Writes a piece for the museum of formats: a small artefact of the format that this program writes.
//!
//! Run once, before a change of format: `cargo run -p florilege-engine --example museum -- DIR`. The artefact tests
//! open every piece ever kept. Invariant: a piece, once kept, is never written again.

use std::path::PathBuf;
use std::sync::Arc;

use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::Plan;
use florilege_engine::live::Engine;
use florilege_engine::taxonomy::Taxonomy;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or("usage: museum DIR")?;
    let plan = Plan {
        offers: 12,
        venues: Some(3),
        seed: 1,
        now: "2026-01-10T12:00:00+01:00".parse()?,
    };
    let mut changes: Vec<Change> = plan.check()?.changes().collect();
    let document = r#"{"op":"document","document":{"kind":"scenarios","id":"home","version":1,
        "body":{"id":"home","title":"Accueil","weights":{"popularity":1.0}}}}"#;
    changes.push(Change::parse_entry(document.as_bytes(), &Taxonomy::built_in())?);
    let batch: Vec<_> = changes
        .into_iter()
        .zip(1..)
        .map(|(change, sequence)| (Sequence(sequence), Some(change)))
        .collect();
    let engine = Engine::open(&folder, &Arc::new(Taxonomy::built_in()))?.engine;
    engine.apply(&batch)?;
    let manifest = engine.snapshot(&folder)?;
    println!("format {} at entry {}", manifest.format, manifest.sequence.0);
    Ok(())
}
