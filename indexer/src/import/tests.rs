//! Whole imports: small files in every state, then the real ones where they are.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use florilege_engine::change::Change;
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::venue::Venue;

use super::mapping::{Mapping, MappingError};
use super::text::{Needle, fold};
use super::{GEO, ImportError, Options, import};
use crate::import::report::Report;
use crate::progress::Progress;

struct Imported {
    report: Report,
    offers: Vec<Offer>,
    venues: Vec<Venue>,
}

/// Imports, and reads the written lines back as the engine does.
fn run(mapping: &Path, files: &[&Path], tables: &[(&str, &Path)]) -> Result<Imported, ImportError> {
    let folder = tempfile::tempdir().expect("a folder");
    let taxonomy = Taxonomy::built_in();
    let options = Options {
        mapping: mapping.into(),
        files: files.iter().map(PathBuf::from).collect(),
        out: Some(folder.path().join("lines")),
        tables: tables
            .iter()
            .map(|(name, path)| ((*name).into(), PathBuf::from(path)))
            .collect::<BTreeMap<_, _>>(),
    };
    let report = import(&options, &taxonomy, &Progress::silent())?;
    let dropped: u64 = report.dropped.values().map(|tally| tally.count).sum();
    assert_eq!(report.rows_read, report.rows_kept + dropped, "every row is told once");
    assert_eq!(report.rows_dropped, dropped);
    let text = std::fs::read_to_string(report.output.as_ref().expect("an output")).expect("lines");
    let (mut offers, mut venues) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let change = Change::parse(line.as_bytes(), &taxonomy).expect("every line is a change");
        if let Change::OfferUpsert(offer) = change {
            offers.push(*offer);
        } else if let Change::VenueUpsert(venue) = change {
            venues.push(*venue);
        } else {
            panic!("an import writes offers and venues, not {change:?}");
        }
    }
    assert_eq!(report.lines, (offers.len() + venues.len()) as u64);
    Ok(Imported { report, offers, venues })
}

fn run_text(mapping: &str, file: &[u8]) -> Imported {
    let folder = tempfile::tempdir().expect("a folder");
    let (mapping_path, file_path) = (folder.path().join("m.toml"), folder.path().join("file"));
    std::fs::write(&mapping_path, mapping).expect("written");
    std::fs::write(&file_path, file).expect("written");
    run(&mapping_path, &[&file_path], &[]).expect("imported")
}

const SMALL: &str = r#"
source = "small"
[input]
format = "csv"
[venue]
id = { prefix = "v-", from = ["lieu", "ville"], style = "slug" }
name = "lieu"
city = "ville"
[venue.position]
lat = "lat"
lng = "lon"
within = "france"
precision = { constant = "event" }
[offer]
id = { prefix = "e-", from = "id" }
title = "titre"
description = "texte"
tags = { column = "mots", separator = "," }
price = { column = "prix" }
dates = { begin = "debut", end = "fin", required = true }
popularity = { column = "vues", period_days = 28 }
[classify]
text = ["titre", "mots"]
[[classify.rule]]
subcategory = "CONCERT"
any = ["concert*"]
[[classify.rule]]
drop = "closed"
any = ["fermé"]
"#;

#[test]
fn a_dirty_file_loses_nothing_in_silence() {
    let file = "\u{feff}id;titre;texte;mots;lieu;ville;lat;lon;prix;debut;fin;vues\r\n\
        1;\"Concert d&#039;&eacute;t&eacute;\";\"deux\r\nlignes\";a, b ,a;Salle;Brest;48,39;-4,49;de 5 à 12 €;2025-07-05 20:00;;1,2K\r\n\
        2;Concert B;;;Salle;Brest;-4.49;48.39;Gratuit;05/07/2025;01/07/2025;x\r\n\
        3;Concert C;;;Salle;Brest;NaN;NaN;prix libre;2025-07-05;;3 M\r\n\
        4;Pétanque;;;;;;;;2025-07-05;;\r\n\
        5;Concert sans date;;;;;;;;;;\r\n\
        6;Concert au jour dit;;;;;;;;bientôt;;\r\n\
        ;Concert sans numéro;;;;;;;;2025-07-05;;\r\n\
        7;;;;;;;;;2025-07-05;;\r\n\
        1;Concert encore;;;;;;;;2025-07-05;;\r\n\
        8;Fermé;;;;;;;;2025-07-05;;\r\n\
        ;;;;;;;;;;;\r\n\
        9;a;b;c;d;e;f;g;h;i;j;k;l\r\n";
    let Imported { report, offers, venues } = run_text(SMALL, file.as_bytes());
    assert_eq!(report.rows_read, 12);
    let dropped: Vec<(&str, u64)> = report
        .dropped
        .iter()
        .map(|(key, tally)| (key.as_str(), tally.count))
        .collect();
    assert_eq!(
        dropped,
        [
            ("bad_date", 1),
            ("blank_row", 1),
            ("closed", 1),
            ("duplicate_id", 1),
            ("missing_date", 1),
            ("missing_id", 1),
            ("missing_title", 1),
            ("ragged_row", 1),
            ("unclassified", 1)
        ]
    );
    let mended: Vec<(&str, u64)> = report
        .mended
        .iter()
        .map(|(key, tally)| (key.as_str(), tally.count))
        .collect();
    assert_eq!(
        mended,
        [
            ("bad_count", 1),
            ("end_before_begin", 1),
            ("impossible_position", 1),
            ("swapped_position", 1)
        ]
    );
    assert!((report.unclassified_share - 0.25).abs() < 1e-12);
    let first = &offers[0];
    assert_eq!(
        (first.title.as_str(), first.description.as_deref()),
        ("Concert d'été", Some("deux\nlignes"))
    );
    assert_eq!(first.tags, ["a", "b"]);
    assert_eq!(first.popularity.bookings_28d, 1_200);
    let prices: Vec<_> = offers
        .iter()
        .map(|offer| offer.price_cents.map(|cents| cents.get()))
        .collect();
    assert_eq!(prices, [Some(500), Some(0), Some(0)]);
    assert_eq!(venues.len(), 1);
    assert_eq!(
        (venues[0].id.as_str(), venues[0].city.as_deref()),
        ("v-salle-brest", Some("Brest"))
    );
    let at = venues[0].position.expect("a point");
    assert_eq!((at.lat(), at.lng()), (48.39, -4.49));
}

#[test]
fn a_swapped_point_is_set_right_and_an_impossible_one_is_none() {
    let mapping = SMALL.replace(
        "[offer]\n",
        "[offer]\nposition = { pair = \"lat\", within = \"france\" }\n",
    );
    let file = "id;titre;lat;debut\n1;Concert;\"-4.49, 48.39\";2025-07-05\n2;Concert;\"NaN, NaN\";2025-07-05\n3;Concert;;2025-07-05\n";
    let Imported { report, offers, .. } = run_text(&mapping, file.as_bytes());
    assert_eq!(offers[0].position.map(|at| at.lat()), Some(48.39));
    assert_eq!(offers[1].position, None);
    for key in ["swapped_position", "impossible_position", "no_position"] {
        assert_eq!(report.mended[key].count, 1, "{key}");
    }
}

#[test]
fn a_mapping_is_refused_before_any_file_is_read() {
    for (from, to, says) in [
        ("source =", "sauce =", "unknown field"),
        ("title = \"titre\"", "title = \"titre\"\ntitel = \"x\"", "unknown field"),
        ("\"CONCERT\"", "\"KONZERT\"", "KONZERT"),
        ("format = \"csv\"", "format = \"xls\"", "unknown variant"),
        ("any = [\"concert*\"]", "", "any, all, none or when"),
        ("lng = \"lon\"", "", "lat and lng, or pair"),
        ("within = \"france\"", "within = \"atlantis\"", "atlantis"),
        ("period_days = 28", "period_days = 0", "above 0"),
        ("source = \"small\"", "source = \"../small\"", "names the written file"),
        ("title = \"titre\"", "title = { before = \"x\" }", "one of column"),
        (
            "title = \"titre\"",
            "title = { column = \"a\", befor = \"x\" }",
            "befor",
        ),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let fault = super::mapping::Mapping::from_toml(&SMALL.replacen(from, to, 1), &Taxonomy::built_in());
        let text = fault.err().map(|fault| fault.to_string()).unwrap_or_default();
        assert!(text.contains(says), "{to}: {text}");
    }
}

#[test]
fn a_file_of_another_shape_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mapping, file) = (folder.path().join("m.toml"), folder.path().join("f.csv"));
    std::fs::write(&mapping, SMALL).expect("written");
    std::fs::write(&file, "x;y\n1;2\n").expect("written");
    let fault = run(&mapping, &[&file], &[])
        .err()
        .map(|fault| fault.to_string())
        .unwrap_or_default();
    assert!(fault.contains("none of the columns id"), "{fault}");
    let fault = run(&mapping, &[&folder.path().join("absent.csv")], &[]).err();
    assert!(matches!(fault, Some(ImportError::Read(_))));
}

#[test]
fn one_work_is_one_item_with_an_offer_at_every_venue() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write(
        "shops.toml",
        "source=\"shops\"\n[input]\nformat=\"csv\"\n[venue]\nid={prefix=\"s-\",from=\"id\"}\nname=\"name\"\nkind=\"kind\"\n[venue.attributes]\ntown=\"town\"\n",
    );
    write(
        "shops.csv",
        "id,name,kind,town\n1,A,shop,x\n2,B,shop,x\n3,C,bank,x\n4,D,shop,y\n",
    );
    write(
        "works.csv",
        "title,author,year,loans\nOne / Ann,\"Writer, Ann (1950-)\",2019,365\nOne / A. Writer,\"Writer, Ann (1950-)\",2020,730\nTwo,,2020,10\n",
    );
    write(
        "works.toml",
        "source=\"works\"\n[input]\nformat=\"csv\"\n[offer]\nid={prefix=\"w-\",style=\"hash\",from=[{column=\"title\",before=\" / \"},\"author\"]}\n\
         title={column=\"title\",before=\" / \"}\ncreators={column=\"author\",names=\"inverted\"}\npopularity={column=\"loans\",period_days=365}\nduplicates=\"merge\"\n\
         [classify]\ndefault=\"LIVRE_PAPIER\"\n[[spread]]\nname=\"shops\"\nmapping=\"shops.toml\"\nfile=\"shops.csv\"\nkinds=[\"shop\"]\nattributes={town=[\"x\"]}\n",
    );
    let imported = run(
        &folder.path().join("works.toml"),
        &[&folder.path().join("works.csv")],
        &[],
    )
    .expect("imported");
    assert_eq!(
        (imported.report.items, imported.report.offers, imported.venues.len()),
        (2, 4, 2)
    );
    assert_eq!(imported.report.mended["merged"].count, 1);
    let one: Vec<_> = imported.offers.iter().filter(|offer| offer.title == "One").collect();
    assert_eq!(one.len(), 2);
    assert_eq!(one[0].item(), one[1].item());
    assert_ne!(one[0].venue_id, one[1].venue_id);
    assert_eq!(
        (one[0].creators.as_slice(), one[0].popularity.bookings_7d),
        (["Ann Writer".to_owned()].as_slice(), 14)
    );
}

#[test]
fn parquet_and_arrow_give_what_csv_gives() {
    use polars::prelude::{DataFrame, IntoColumn, IpcWriter, NamedFrom, ParquetWriter, SerWriter, Series};
    let folder = tempfile::tempdir().expect("a folder");
    let mut frame = DataFrame::new(
        2,
        vec![
            Series::new("id".into(), [1_i64, 2]).into_column(),
            Series::new("titre".into(), ["Concert A", "Concert B"]).into_column(),
            Series::new("debut".into(), ["2025-07-05", "2025-07-06"]).into_column(),
        ],
    )
    .expect("a frame");
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).expect("a file");
    ParquetWriter::new(file("f.parquet"))
        .finish(&mut frame)
        .expect("written");
    IpcWriter::new(file("f.ipc")).finish(&mut frame).expect("written");
    std::fs::write(
        folder.path().join("f.csv"),
        "id,titre,debut\n1,Concert A,2025-07-05\n2,Concert B,2025-07-06\n",
    )
    .expect("written");
    let offers = |format: &str| {
        let mapping = folder.path().join(format!("{format}.toml"));
        std::fs::write(&mapping, SMALL.replace("\"csv\"", &format!("{format:?}"))).expect("written");
        run(&mapping, &[&folder.path().join(format!("f.{format}"))], &[])
            .expect("imported")
            .offers
    };
    assert_eq!(offers("csv").len(), 2);
    assert_eq!(offers("parquet"), offers("csv"));
    assert_eq!(offers("ipc"), offers("csv"));
}

/// The real data, where it is.
fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(file);
    if !path.exists() {
        eprintln!("not checked: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn mapping(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("mappings")
        .join(format!("{name}.toml"))
}

#[test]
fn every_mapping_is_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("mappings") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            super::mapping::Mapping::open(&path, &Taxonomy::built_in())
                .unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            count += 1;
        }
    }
    assert!(count >= 9);
}

#[test]
fn every_real_event_with_a_concert_keeps_its_point_and_its_words() {
    let Some(file) = data("events/events.jsonl") else {
        return;
    };
    let Imported { report, offers, .. } = run(&mapping("events"), &[&file], &[]).expect("imported");
    let by_id: HashMap<&str, &Offer> = offers.iter().map(|offer| (offer.id.as_str(), offer)).collect();
    let concert = [Needle::new("concert"), Needle::new("concerts")];
    let mut found = 0;
    let text = std::fs::read_to_string(&file).expect("the file");
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let words = ["title", "description", "long_description", "keywords"]
            .map(|key| row[key].to_string())
            .join(" ");
        let words = fold(&words);
        if !concert.iter().any(|needle| needle.is_in(&words)) {
            continue;
        }
        found += 1;
        let offer = by_id[row["uid"].as_str().expect("a uid")];
        assert_eq!(
            offer.attributes.get(GEO).and_then(|geo| geo.as_str()),
            row["geo"].as_str()
        );
        assert_eq!(offer.position.map(|at| at.lat()), row["lat"].as_f64());
        assert_eq!(offer.position.map(|at| at.lng()), row["lon"].as_f64());
    }
    assert!(found > 500, "{found}");
    assert_eq!(report.rows_read, 6_206);
    assert!(report.unclassified_share < 0.2, "{}", report.unclassified_share);
}

#[test]
fn every_real_file_is_told_to_the_last_row() {
    for (name, file, rows, kept) in [
        ("cinemas", "venues/cinemas.csv", 2_061, 2_061),
        ("museums", "venues/museums.csv", 1_227, 1_226),
        ("festivals", "venues/festivals.csv", 7_283, 6_900),
        ("libraries", "venues/libraries.jsonl", 8_245, 8_245),
        ("places", "population/cultural_places_by_commune.tsv", 38_056, 1_700),
        ("films", "loans/films.csv", 6_033, 6_000),
    ] {
        let Some(path) = data(file) else { return };
        let report = run(&mapping(name), &[&path], &[]).expect("imported").report;
        assert_eq!(report.rows_read, rows, "{name}");
        assert!(report.rows_kept >= kept, "{name}: {}", report.rows_kept);
    }
}

/// What became of a mapping: taken with which parts, or refused where.
fn told(bytes: &[u8], taxonomy: &Taxonomy) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return "no text".to_owned();
    };
    match Mapping::from_toml(text, taxonomy) {
        Ok(mapping) => format!(
            "ok {} {} {}",
            mapping.venue.is_some(),
            mapping.offer.is_some(),
            mapping.classify.is_some()
        ),
        Err(MappingError::Rule { at, .. }) => format!("rule {at}"),
        Err(MappingError::Format(error)) => {
            let message = error.message();
            let words = message.split_whitespace().take(3);
            words.collect::<Vec<_>>().join(" ")
        }
        Err(MappingError::Read { .. }) => "unread".to_owned(),
    }
}

/// Under bent files a mapping is refused with a reason or taken; `FLORILEGE_FUZZ_SECONDS` bends for longer.
#[test]
fn bent_mappings_are_told() {
    let taxonomy = Taxonomy::built_in();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let files = std::fs::read_dir(folder)
        .expect("mappings")
        .flatten()
        .map(|entry| entry.path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|is| is == "toml"))
        .collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).expect("a mapping"))
        .collect();
    let ran = florilege_tests::fuzz::run("mapping", &seeds, 6_000, |bytes| told(bytes, &taxonomy));
    assert!(ran.outcomes.len() >= 40, "{ran:?}");
    assert!(
        ran.outcomes.iter().any(|outcome| outcome.starts_with("ok true true")),
        "{ran:?}"
    );
}
