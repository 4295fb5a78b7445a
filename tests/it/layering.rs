//! Dependencies point `api → engine ← indexer`, heavy crates stay out of the serving program, and every licence is one
//! that the project can live with.

use std::collections::{BTreeSet, HashMap};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

const LICENCES: [&str; 20] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MPL-2.0",
    "MPL-2.0+",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "MIT-0",
    "NCSA",
    "bzip2-1.0.6",
];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(florilege_tests::root().join("Cargo.toml"))
        .exec()
        .expect("cargo metadata runs")
}

/// Names of everything that a package needs to be built and run, itself left out.
fn needs(metadata: &Metadata, package: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("resolved");
    let nodes: HashMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let start = metadata
        .packages
        .iter()
        .find(|p| p.name.as_str() == package)
        .expect("a package of the workspace");
    let (mut open, mut seen) = (vec![&start.id], BTreeSet::new());
    while let Some(id) = open.pop() {
        for dep in &nodes[id].deps {
            let normal = dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if normal && seen.insert(&dep.pkg) {
                open.push(&dep.pkg);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

#[test]
fn the_engine_knows_no_network_no_database_and_no_heavy_crate() {
    let needs = needs(&metadata(), "florilege-engine");
    assert!(needs.contains("tantivy"), "the walk finds dependencies");
    for stranger in [
        "tokio",
        "axum",
        "hyper",
        "reqwest",
        "ureq",
        "sqlx",
        "sqlx-core",
        "polars",
        "linfa",
        "florilege",
        "florilege-indexer",
    ] {
        assert!(!needs.contains(stranger), "the engine needs {stranger}");
    }
}

#[test]
fn the_server_and_the_indexer_do_not_know_each_other() {
    let metadata = metadata();
    let (server, indexer) = (needs(&metadata, "florilege"), needs(&metadata, "florilege-indexer"));
    for stranger in ["florilege-indexer", "polars", "linfa", "ndarray"] {
        assert!(!server.contains(stranger), "the server needs {stranger}");
    }
    for stranger in ["florilege", "axum", "sqlx", "sqlx-core"] {
        assert!(!indexer.contains(stranger), "the indexer needs {stranger}");
    }
    assert!(server.contains("florilege-engine") && indexer.contains("florilege-engine"));
}

#[test]
fn heavy_crates_stand_once() {
    let metadata = metadata();
    for heavy in [
        "tantivy",
        "arrow-ipc",
        "axum",
        "sqlx-core",
        "polars",
        "tokio",
        "hyper",
        "rstar",
    ] {
        let count = metadata
            .packages
            .iter()
            .filter(|package| package.name.as_str() == heavy)
            .count();
        assert_eq!(count, 1, "{heavy} is compiled {count} times");
    }
}

#[test]
fn every_licence_is_one_of_the_list() {
    for package in metadata().packages {
        let licence = package
            .license
            .clone()
            .unwrap_or_default()
            .replace('/', " OR ")
            .replace(['(', ')'], " ");
        let fits = |all: &str| all.split(" AND ").all(|one| LICENCES.contains(&one.trim()));
        assert!(
            licence.split(" OR ").any(fits),
            "{} {}: licence {licence:?}",
            package.name,
            package.version
        );
    }
}

#[test]
fn every_dependency_comes_from_the_one_registry() {
    for package in metadata().packages {
        let source = package.source.map(|source| source.to_string()).unwrap_or_default();
        let is_ours = source.is_empty() && package.name.starts_with("florilege");
        assert!(
            is_ours || source.starts_with("registry+"),
            "{}: {source:?}",
            package.name
        );
    }
}

#[test]
fn the_list_of_licences_is_that_of_cargo_deny() {
    let text = std::fs::read_to_string(florilege_tests::root().join(".deny.toml")).expect("text");
    let allowed = text
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .expect("a list");
    let allowed: BTreeSet<&str> = allowed.split('"').skip(1).step_by(2).collect();
    // A licence "or later" is an expression of a crate; cargo-deny reads it from the licence itself.
    let ours: BTreeSet<&str> = LICENCES.into_iter().filter(|name| !name.ends_with('+')).collect();
    assert_eq!(allowed, ours);
}
