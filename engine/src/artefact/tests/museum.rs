//! Every format that was ever written is opened, or refused by its number; published documents are part of it.

use serde_json::json;

use super::*;
use crate::document::{DocumentKind, Publication};
use crate::ids::DocumentId;

fn museum() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("museum")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"))
    {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// The engine that a start makes of a piece of the museum, and what it says.
fn opened(format: u32) -> (Engine, Vec<String>) {
    let dir = tempfile::tempdir().expect("a folder");
    copy(
        &museum().join(format!("format-{format}")),
        &dir.path().join(format!("artefact-{:020}", 16)),
    );
    let opened = Engine::open(dir.path(), &taxonomy()).expect("opens all the same");
    (opened.engine, opened.notes)
}

#[test]
fn every_format_has_a_piece_in_the_museum() {
    for format in 1..=FORMAT {
        let manifest = fs::read_to_string(museum().join(format!("format-{format}/manifest.json")));
        let manifest: serde_json::Value = serde_json::from_str(&manifest.expect("a piece")).expect("JSON");
        assert_eq!(manifest["format"], format);
    }
}

#[test]
fn a_readable_format_opens_whole() {
    for format in OLDEST_READABLE..=FORMAT {
        let (engine, notes) = opened(format);
        assert_eq!(notes, Vec::<String>::new(), "format {format}");
        let generation = engine.generation();
        assert_eq!((generation.sequence(), generation.counts().offers), (Sequence(16), 12));
        let scenario = generation.catalogue().editorial().scenarios().get("home").cloned();
        assert_eq!(scenario.map(|scenario| scenario.version), Some(1), "format {format}");
    }
}

#[test]
fn an_older_format_is_refused_by_its_number_and_the_start_is_empty() {
    for format in 1..OLDEST_READABLE {
        let (engine, notes) = opened(format);
        assert!(
            notes[0].contains(&format!("has format {format}; this program reads")),
            "{notes:?}"
        );
        assert_eq!(
            engine.generation().sequence(),
            Sequence(0),
            "the store's whole state comes next"
        );
    }
}

#[test]
fn published_documents_come_back_also_those_that_cannot_be_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let engine = filled(dir.path(), 20);
    let bodies = [
        (
            DocumentKind::Scenarios,
            "home",
            json!({"id": "home", "title": "Accueil", "weights": {"soon": 0.5}}),
        ),
        (
            DocumentKind::Homes,
            "strange",
            json!({"id": "strange", "title": "t", "modules": 3}),
        ),
        (
            DocumentKind::Playlists,
            "p",
            json!({"id": "p", "title": "é\n\"", "territory": "35", "picks": []}),
        ),
    ];
    for (kind, id, body) in bodies {
        let publication = Publication {
            kind,
            id: DocumentId::new(id).expect("an identifier"),
            version: 3,
            territory: None,
            body: body.as_object().cloned(),
        };
        let next = engine.generation().sequence().next();
        engine
            .apply(&[(next, Some(Change::Document(Box::new(publication))))])
            .expect("applied");
    }
    engine.snapshot(dir.path()).expect("written");
    let again = Engine::open(dir.path(), &taxonomy()).expect("opened").engine;
    let published = |engine: &Engine| -> Vec<Publication> {
        engine
            .generation()
            .catalogue()
            .editorial()
            .publications()
            .cloned()
            .collect()
    };
    assert_eq!(published(&again).len(), 4);
    assert_eq!(published(&again), published(&engine));
    let unreadable = again.generation().catalogue().editorial().unreadable().len();
    assert_eq!(unreadable, 1);
}
