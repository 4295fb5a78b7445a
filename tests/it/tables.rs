//! A store as tables: both programs, from change lines through the store to Parquet by day.

use std::path::Path;

use florilege_tests::run;
use serde_json::{Value, json};

const LINES: &str = r#"{"op":"venue.upsert","venue":{"id":"v","name":"Librairie","department":"35"}}
{"op":"offer.upsert","offer":{"id":"a","title":"Un livre","subcategory":"LIVRE_PAPIER","venue_id":"v"}}
{"op":"offer.upsert","offer":{"id":"b","title":"Un concert","subcategory":"CONCERT"}}
{"op":"offer.delete","id":"b"}
{"op":"user.upsert","user":{"id":"agrees","consents":{"personalisation":true}}}
{"op":"user.upsert","user":{"id":"does-not"}}
{"op":"event","event":{"id":"e1","type":"booking","user_id":"agrees","offer_id":"a","at":"2026-03-01T12:00:00Z"}}
{"op":"event","event":{"id":"e2","type":"click","user_id":"agrees","offer_id":"a","at":"2026-03-02T12:00:00Z"}}
"#;

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_store_comes_out_as_lines_and_as_tables() {
    let place = tempfile::tempdir().expect("a folder");
    let text = |name: &str| place.path().join(name).to_string_lossy().into_owned();
    let (data, copy, tables, again) = (text("data"), text("copy"), text("tables"), text("again"));
    let (code, _, errors) = run("florilege", &["load", "--data", &data, "-"], LINES);
    assert_eq!(code, Some(0), "{errors}");

    // What it prints makes a store that prints the same.
    let (code, lines, errors) = run("florilege", &["lines", "--data", &data], "");
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        !lines.contains("Un concert") && lines.contains("Un livre") && lines.contains("\"e2\""),
        "{lines}"
    );
    let (code, told, errors) = run("florilege", &["load", "--data", &copy, "--json", "-"], &lines);
    assert_eq!(code, Some(0), "{errors}");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["rejected"], json!([]), "{told}");
    assert_eq!(run("florilege", &["lines", "--data", &copy], "").1, lines);

    let export = |out: &str| {
        run(
            "florilege-indexer",
            &["export", "--data", &data, "--out", out, "--json"],
            "",
        )
    };
    let (code, told, errors) = export(&tables);
    assert_eq!(code, Some(0), "{errors}");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["offers"], &told["venues"], &told["readers"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!((&told["events"], &told["rejected"]), (&json!(2), &json!(0)), "{told}");
    let events = place.path().join("tables/events");
    assert_eq!(names(&events), ["date=2026-03-01", "date=2026-03-02"]);
    assert_eq!(names(&events.join("date=2026-03-01")), ["part-00000.parquet"]);
    let (code, _, errors) = export(&tables);
    assert_eq!(code, Some(1), "nothing is written over: {errors}");

    // A program that fails leaves no table that looks whole: it is told.
    let arguments = ["export", "--data", &text("nowhere"), "--out", &again];
    let (code, _, errors) = run("florilege-indexer", &arguments, "");
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("the server's program ended"), "{errors}");
}
