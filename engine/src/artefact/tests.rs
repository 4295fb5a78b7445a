//! What is written is what is opened; what is damaged is refused by name and the one before takes over.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::change::{Change, Sequence};
use crate::generate::Plan;
use crate::live::Engine;
use crate::taxonomy::Taxonomy;

mod museum;

fn taxonomy() -> Arc<Taxonomy> {
    Arc::new(Taxonomy::built_in())
}

fn changes(offers: usize) -> Vec<Change> {
    let now = "2026-01-10T12:00:00+01:00".parse().expect("a time");
    let plan = Plan {
        offers,
        venues: Some(20),
        seed: 3,
        now,
    };
    let mut changes: Vec<Change> = plan.check().expect("a plan").changes().collect();
    let user = r#"{"op":"user.upsert","user":{"id":"u","consents":{"personalisation":true}}}"#;
    changes.push(Change::parse(user.as_bytes(), &taxonomy()).expect("a change"));
    let document =
        r#"{"op":"document","document":{"kind":"scenarios","id":"s","version":1,"body":{"id":"s","title":"t"}}}"#;
    changes.push(Change::parse_entry(document.as_bytes(), &taxonomy()).expect("a change"));
    changes
}

/// An engine with holes among its rows, opened under `dir`.
fn filled(dir: &Path, offers: usize) -> Engine {
    let engine = Engine::open(dir, &taxonomy()).expect("an empty folder").engine;
    let mut changes = changes(offers);
    let ids: Vec<_> = changes
        .iter()
        .filter_map(|c| {
            if let Change::OfferUpsert(o) = c {
                Some(o.id.clone())
            } else {
                None
            }
        })
        .collect();
    changes.extend(ids.iter().step_by(7).map(|id| Change::OfferDelete(id.clone())));
    let start = engine.generation().sequence().0 + 1;
    let batch: Vec<_> = changes
        .into_iter()
        .zip(start..)
        .map(|(change, n)| (Sequence(n), Some(change)))
        .collect();
    engine.apply(&batch).expect("applied");
    engine
}

fn rows(engine: &Engine) -> Vec<(u32, String)> {
    let generation = engine.generation();
    generation
        .catalogue()
        .offers()
        .map(|(row, offer)| (row.0, offer.document.to_string()))
        .collect()
}

fn words(engine: &Engine) -> Vec<u32> {
    let generation = engine.generation();
    let query = crate::text::TextQuery::parse("livre");
    let mut rows: Vec<u32> = generation
        .text()
        .search(&query, crate::text::Accept::All, 1)
        .expect("a search")
        .hits
        .iter()
        .map(|h| h.row.0)
        .collect();
    rows.sort_unstable();
    rows
}

fn newest(dir: &Path) -> PathBuf {
    write::finished(dir)
        .expect("a folder")
        .first()
        .expect("an artefact")
        .clone()
}

#[test]
fn what_is_opened_is_what_was_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = filled(dir.path(), 300);
    let manifest = engine.snapshot(dir.path()).expect("written");
    let again = Engine::open(dir.path(), &taxonomy()).expect("opened");
    assert_eq!(again.notes, Vec::<String>::new());
    let (before, after) = (engine.generation(), again.engine.generation());
    let offers = |counts: crate::catalogue::Counts| (counts.offers, counts.items, counts.venues, counts.waiting);
    assert_eq!(
        (before.sequence(), offers(before.counts())),
        (after.sequence(), offers(after.counts()))
    );
    assert_eq!(manifest.offers, before.counts().offers);
    assert_eq!(rows(&engine), rows(&again.engine));
    assert!(!words(&engine).is_empty());
    assert_eq!(words(&engine), words(&again.engine));
    assert!(before.catalogue().reader("u").is_some() && after.catalogue().reader("u").is_none());
    assert_eq!(verify::faults(after.catalogue()), Vec::<String>::new());
}

#[test]
fn an_opened_engine_goes_on_and_is_written_again() {
    let dir = tempfile::tempdir().expect("a folder");
    filled(dir.path(), 60).snapshot(dir.path()).expect("written");
    let engine = Engine::open(dir.path(), &taxonomy()).expect("opened").engine;
    let line = r#"{"op":"offer.upsert","offer":{"id":"new","title":"Xylophone","subcategory":"CONCERT"}}"#;
    let next = engine.generation().sequence().next();
    engine
        .apply(&[(
            next,
            Some(Change::parse(line.as_bytes(), &taxonomy()).expect("a change")),
        )])
        .expect("applied");
    engine.snapshot(dir.path()).expect("written again");
    let again = Engine::open(dir.path(), &taxonomy()).expect("opened again").engine;
    assert_eq!(rows(&engine), rows(&again));
    assert!(again.generation().catalogue().find("new").is_some());
}

#[test]
fn only_the_newest_two_are_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = filled(dir.path(), 20);
    for _ in 0..4 {
        engine.snapshot(dir.path()).expect("written");
        let next = engine.generation().sequence().next();
        engine.apply(&[(next, None)]).expect("skipped");
    }
    assert_eq!(write::finished(dir.path()).expect("a folder").len(), 2);
}

#[test]
fn any_damaged_file_is_refused_by_name_and_the_one_before_is_opened() {
    let clean = tempfile::tempdir().expect("a folder");
    let engine = filled(clean.path(), 40);
    let first = engine.snapshot(clean.path()).expect("written").sequence;
    engine.apply(&[(first.next(), None)]).expect("skipped");
    let manifest = engine.snapshot(clean.path()).expect("written");
    let newest = newest(clean.path());
    for file in manifest
        .files
        .iter()
        .map(|file| file.path.as_str())
        .chain(["manifest.json"])
    {
        let path = newest.join(file);
        let whole = fs::read(&path).expect("a file");
        for damage in ["flip", "cut", "gone"] {
            match damage {
                "flip" => fs::write(&path, flipped(&whole)).expect("written"),
                "cut" => fs::write(&path, &whole[..whole.len() / 2]).expect("written"),
                _ => fs::remove_file(&path).expect("removed"),
            }
            let opened = Engine::open(clean.path(), &taxonomy()).expect("opens all the same");
            assert_eq!(
                opened.engine.generation().sequence(),
                first,
                "{file} {damage}: {:?}",
                opened.notes
            );
            assert!(opened.notes[0].contains("artefact-"), "{:?}", opened.notes);
            fs::write(&path, &whole).expect("mended");
        }
    }
    let mended = Engine::open(clean.path(), &taxonomy()).expect("opened");
    assert_eq!(mended.engine.generation().sequence(), manifest.sequence);
}

/// One bit of the middle is another; in the manifest that is a digit or a letter of something that is checked.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    bytes
}

#[test]
fn another_format_or_taxonomy_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    filled(dir.path(), 10).snapshot(dir.path()).expect("written");
    let other = Taxonomy::from_toml(
        include_str!("../../data/taxonomy.toml")
            .replace("CARTE_JEUNES", "CARTES")
            .as_str(),
    );
    let opened = Engine::open(dir.path(), &Arc::new(other.expect("consistent"))).expect("opens empty");
    assert!(opened.notes[0].contains("another taxonomy"), "{:?}", opened.notes);
    assert_eq!(opened.engine.generation().counts().offers, 0);
    let path = newest(dir.path()).join("manifest.json");
    let later = fs::read_to_string(&path)
        .expect("a manifest")
        .replace(&format!("\"format\": {FORMAT}"), "\"format\": 99");
    fs::write(&path, later).expect("written");
    let opened = Engine::open(dir.path(), &taxonomy()).expect("opens empty");
    assert!(opened.notes[0].contains("format 99"), "{:?}", opened.notes);
}

#[test]
fn verify_finds_a_good_artefact_good() {
    let dir = tempfile::tempdir().expect("a folder");
    filled(dir.path(), 100).snapshot(dir.path()).expect("written");
    let scratch = tempfile::tempdir().expect("a folder");
    let report = verify(&newest(dir.path()), scratch.path(), &taxonomy()).expect("a report");
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!(report.offers, 100 - 100_usize.div_ceil(7));
    assert!(report.bytes_an_offer > 0.0 && report.bytes.contains_key("text"));
}
