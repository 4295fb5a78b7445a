//! Mapping files and the files that they map, bent: refused with a reason, or imported with every row told.
//!
//! As `tests/it/fuzz.rs` for the engine's parsers: a fixed count, or `FLORILEGE_FUZZ_SECONDS` for each.

use std::path::Path;

use florilege_engine::taxonomy::Taxonomy;
use florilege_tests::fuzz::run;

use super::super::mapping::Mapping;
use super::{SMALL, run as imported};

#[test]
fn mapping_files() {
    let taxonomy = Taxonomy::built_in();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let files = std::fs::read_dir(folder).expect("mappings").filter_map(Result::ok);
    let files = files.filter(|file| file.path().extension().is_some_and(|end| end == "toml"));
    let mut seeds: Vec<Vec<u8>> = files.map(|file| std::fs::read(file.path()).expect("text")).collect();
    seeds.sort_unstable();
    seeds.push(SMALL.into());
    let ran = run("mapping", &seeds, 3_000, |input| {
        let read = Mapping::from_toml(&String::from_utf8_lossy(input), &taxonomy);
        read.map_or_else(
            |error| {
                error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect()
            },
            |_| "ok".to_owned(),
        )
    });
    assert!(ran.outcomes.len() > 20 && ran.outcomes.contains("ok"), "{ran:?}");
}

#[test]
fn mapped_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mapping, file) = (folder.path().join("m.toml"), folder.path().join("file.csv"));
    std::fs::write(&mapping, SMALL).expect("written");
    let heads = "id;titre;texte;mots;lieu;ville;lat;lon;prix;debut;fin;vues\n";
    let seeds = [
        "1;\"Concert d&#039;&eacute;t&eacute;\";\"deux\nlignes\";a, b ,a;Salle;Brest;48,39;-4,49;de 5 à 12 €;2025-07-05 20:00;;1,2K\n",
        "2;Concert B;;;Salle;Brest;-4.49;48.39;Gratuit;05/07/2025;01/07/2025;x\n3;Concert;;;;;;;;2025-07-05;;3 M\n",
    ];
    let seeds = seeds.map(|seed| format!("{heads}{seed}").into_bytes());
    let ran = run("mapped", &seeds, 150, |input| {
        std::fs::write(&file, input).expect("written");
        match imported(&mapping, &[&file], &[]) {
            Ok(done) => format!(
                "ok {} {} {}",
                done.report.rows_kept,
                done.offers.len(),
                done.venues.len()
            ),
            Err(error) => error
                .to_string()
                .chars()
                .filter(|letter| letter.is_alphabetic())
                .take(30)
                .collect(),
        }
    });
    assert!(ran.outcomes.iter().any(|outcome| outcome.starts_with("ok")), "{ran:?}");
}
