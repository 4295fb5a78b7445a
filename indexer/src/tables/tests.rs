//! Tables read back by polars: what was written is there, by day, and nobody who does not agree.

use std::io::BufRead;

use florilege_engine::generate::Plan as Catalogued;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use polars::prelude::{DataFrame, ParquetReader, SerReader};

use super::generated::Catalogue;
use super::lines::export;
use super::*;
use crate::population::Plan;
use crate::population::figures::Figures;
use crate::progress::Progress;

fn parquet(path: &Path) -> DataFrame {
    let file = File::open(path).expect("a table");
    ParquetReader::new(file).finish().expect("Parquet")
}

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).expect("a column");
    let text = |row: usize| column.get(row).expect("a row").get_str().unwrap_or("").to_owned();
    (0..frame.height()).map(text).collect()
}

/// The folders of days and all their events.
fn days(root: &Path) -> Vec<(String, DataFrame)> {
    let folders = fs::read_dir(root.join("events")).expect("days");
    let mut names: Vec<String> = folders
        .map(|entry| entry.expect("a folder").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let read = |name: String| {
        let frame = parquet(&root.join("events").join(&name).join("part-00000.parquet"));
        (name, frame)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn a_public_is_written_by_day_with_the_catalogue_it_acts_on() {
    let place = tempfile::tempdir().expect("a folder");
    let plan = Catalogued {
        offers: 3_000,
        venues: None,
        seed: 3,
        now: Moment::from_millis(1_796_122_800_000),
    };
    let generator = plan.check().expect("a plan");
    let taxonomy = Taxonomy::built_in();
    let tables = Tables::create(place.path()).expect("tables");
    let mut catalogue = Catalogue::new(&taxonomy, &tables);
    for change in generator.changes() {
        catalogue.take(&change).expect("taken");
    }
    let public = Plan {
        readers: 500,
        events: 20_000,
        seed: 3,
        first: 20_000,
        days: 60,
    };
    let figures = Figures::built_in().expect("figures");
    let made = catalogue
        .people(&figures, public, 2024, &Progress::silent())
        .expect("people");
    assert!(made.events > 17_000 && made.events < 23_000, "{made:?}");
    assert!(
        made.bookings * 100 > made.events * 8 && made.bookings * 100 < made.events * 14,
        "{made:?}"
    );
    let offers = parquet(&place.path().join("offers/part-00000.parquet"));
    assert_eq!(offers.height(), 3_000);
    let known: std::collections::BTreeSet<String> = texts(&offers, "id").into_iter().collect();
    assert_eq!(parquet(&place.path().join("readers/part-00000.parquet")).height(), 500);
    let found = days(place.path());
    assert_eq!(
        found.iter().map(|(_, day)| day.height() as u64).sum::<u64>(),
        made.events
    );
    assert!(found[0].0 >= format!("date={}", date(20_000)) && found.len() > 50);
    for (_, day) in &found {
        for offer in texts(day, "offer_id").iter().filter(|offer| !offer.is_empty()) {
            assert!(known.contains(offer), "{offer}");
        }
    }
    assert!(matches!(Tables::create(place.path()), Err(TablesError::There(_))));
}

const LINES: &str = r#"
{"op":"venue.upsert","venue":{"id":"v","name":"Librairie","department":"35"}}
{"op":"offer.upsert","offer":{"id":"a","title":"Un livre","subcategory":"LIVRE_PAPIER","venue_id":"v","genres":["Roman","Poésie"],"price_cents":900}}
{"op":"offer.upsert","offer":{"id":"gone","title":"Un autre","subcategory":"LIVRE_PAPIER"}}
{"op":"offer.stock","id":"a","price_cents":700}
{"op":"offer.delete","id":"gone"}
{"op":"user.upsert","user":{"id":"agrees","birth_year":2008,"department":"35","consents":{"personalisation":true}}}
{"op":"user.upsert","user":{"id":"does-not","consents":{"personalisation":false}}}
{"op":"user.upsert","user":{"id":"erased","consents":{"personalisation":true}}}
{"op":"event","event":{"id":"e1","type":"booking","user_id":"agrees","offer_id":"a","at":"2026-03-01T00:30:00+01:00","rank":3}}
{"op":"event","event":{"id":"e2","type":"search","user_id":"agrees","at":"2026-03-01T12:00:00Z","text":"my name is"}}
{"op":"event","event":{"id":"e3","type":"booking","user_id":"does-not","offer_id":"a","at":"2026-03-01T12:00:00Z"}}
{"op":"event","event":{"id":"e4","type":"click","user_id":"erased","offer_id":"a","at":"2026-03-01T12:00:00Z"}}
{"op":"user.erase","id":"erased"}
not a line
"#;

#[test]
fn a_store_comes_out_as_it_is_without_names_and_without_those_who_do_not_agree() {
    let place = tempfile::tempdir().expect("a folder");
    let tables = Tables::create(place.path()).expect("tables");
    let open = || Ok(Box::new(LINES.as_bytes()) as Box<dyn BufRead>);
    let made = export(open, &Taxonomy::built_in(), &tables).expect("tables");
    assert_eq!((made.offers, made.venues, made.readers), (1, 1, 1));
    assert_eq!((made.events, made.left_out, made.rejected), (2, 2, 1));
    let offers = parquet(&place.path().join("offers/part-00000.parquet"));
    assert_eq!(texts(&offers, "genres"), ["Roman|Poésie"]);
    assert_eq!(texts(&offers, "category"), ["LIVRE"]);
    assert_eq!(texts(&offers, "department"), ["35"]);
    let price = offers.column("price_cents").expect("a price");
    assert_eq!(
        price.get(0).expect("a price").try_extract::<i64>().expect("a number"),
        700
    );
    let found = days(place.path());
    // The day is that of UTC.
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["date=2026-02-28", "date=2026-03-01"]);
    assert_eq!(texts(&found[0].1, "id"), ["e1"]);
    let columns: Vec<String> = found[1].1.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!(
        columns,
        ["id", "type", "reader", "offer_id", "request_id", "rank", "at", "value"]
    );
    for (_, day) in &found {
        assert!(!format!("{day:?}").contains("agrees"));
    }
}
