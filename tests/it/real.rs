//! The whole path on real files: import, load, and a search that equals a linear scan of the file.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use florilege_engine::geo::Position;
use florilege_engine::text::{Analyser, Plan, TextDoc, TextQuery, matches};
use florilege_tests::{Server, root, run, shared_data};
use serde_json::{Value, json};

fn import(mapping: &str, file: &Path, out: &Path) -> Value {
    let mapping = root().join("indexer/mappings").join(mapping);
    let arguments = [
        "import",
        "--json",
        "--mapping",
        &mapping.to_string_lossy(),
        "--out",
        &out.to_string_lossy(),
        &file.to_string_lossy(),
    ]
    .map(str::to_owned);
    let (code, report, error) = run(
        "florilege-indexer",
        &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
        "",
    );
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&report).expect("a report")
}

/// Every change line under a folder, venues before the offers that name them.
fn lines(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|is| is == "ndjson") {
            text.push_str(&std::fs::read_to_string(path).expect("lines"));
        }
    }
    text
}

struct Scanned {
    offer: Value,
    position: Position,
}

/// The offers of true venue points, read off the change lines with nothing of the engine but its positions.
fn scan(lines: &str) -> (Vec<Scanned>, HashMap<String, Value>) {
    let parsed: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let venues: HashMap<String, Value> = parsed
        .iter()
        .filter(|line| line["op"] == "venue.upsert")
        .map(|line| {
            (
                line["venue"]["id"].as_str().expect("an id").to_owned(),
                line["venue"].clone(),
            )
        })
        .collect();
    let offers = parsed
        .iter()
        .filter(|line| line["op"] == "offer.upsert")
        .map(|line| line["offer"].clone());
    let placed = offers.filter_map(|offer| {
        let own = offer["position"].as_object().cloned();
        let of_venue = || {
            venues.get(offer["venue_id"].as_str()?)?["position"]
                .as_object()
                .cloned()
        };
        let at = own.or_else(of_venue)?;
        let position = Position::new(at["lat"].as_f64()?, at["lng"].as_f64()?).ok()?;
        Some(Scanned { offer, position })
    });
    (placed.collect(), venues)
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// Whether the words stand in the offer, by the slow twin of the text index.
fn has_words(query: &TextQuery, offer: &Value, venue: Option<&Value>, names: &[String]) -> bool {
    let (creators, mut themes) = (texts(&offer["creators"]), texts(&offer["genres"]));
    themes.extend(texts(&offer["tags"]));
    themes.extend(names.iter().map(String::as_str));
    let text = |value: &'static str| offer[value].as_str().unwrap_or("");
    let document = TextDoc {
        title: text("title"),
        creators: &creators,
        venue_name: venue.and_then(|venue| venue["name"].as_str()).unwrap_or(""),
        city: venue.and_then(|venue| venue["city"].as_str()).unwrap_or(""),
        themes: &themes,
        description: text("description"),
        identifiers: &[text("item_id"), text("id")],
    };
    matches(query, &Plan::STRICT, &Analyser::default().terms(&document))
}

fn names(subcategory: &str) -> Vec<String> {
    let taxonomy = florilege_engine::taxonomy::Taxonomy::built_in();
    let sub = taxonomy.subcategory(taxonomy.find(subcategory).expect("known"));
    let both = [taxonomy.category(sub.category), &sub.named];
    both.iter()
        .flat_map(|named| [Some(named.fr.clone()), named.en.clone()])
        .flatten()
        .collect()
}

#[test]
fn concerts_around_a_town_are_those_that_a_linear_scan_of_the_file_keeps() {
    let Some(data) = shared_data() else { return };
    let out = tempfile::tempdir().expect("a folder");
    let report = import("events.toml", &data.join("events/events.jsonl"), out.path());
    assert!(report.to_string().contains("6206"), "every row is counted: {report}");
    let lines = lines(out.path());
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::serve(folder.path());
    let answer = server.load(&lines);
    assert_eq!(answer["rejected"], json!([]));
    let (offers, venues) = scan(&lines);
    let (now, query) = ("2025-10-01T00:00:00+02:00", TextQuery::parse("concert"));
    let begins = now.parse().expect("a time");
    let mut found_any = 0;
    for (town, lat, lng) in [
        ("Paris", 48.8566, 2.3522),
        ("Lyon", 45.764, 4.8357),
        ("Rennes", 48.1173, -1.6778),
        ("Nyons", 44.3608, 5.1397),
    ] {
        let centre = Position::new(lat, lng).expect("a position");
        let mut kept: Vec<(f64, String)> = offers
            .iter()
            .filter(|one| one.position.distance(centre).0 <= 20_000.0)
            .filter(|one| bookable(&one.offer, begins))
            .filter(|one| {
                let venue = one.offer["venue_id"].as_str().and_then(|id| venues.get(id));
                has_words(
                    &query,
                    &one.offer,
                    venue,
                    &names(one.offer["subcategory"].as_str().expect("a key")),
                )
            })
            .map(|one| {
                (
                    one.position.distance(centre).0,
                    one.offer["id"].as_str().expect("an id").to_owned(),
                )
            })
            .collect();
        kept.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let filters = json!({"position": {"lat": lat, "lng": lng}, "radius_m": 20_000, "include_digital": false});
        let body = json!({"q": "concert", "filters": filters, "sort": "distance", "limit": 200, "understand": false, "context": {"now": now}});
        let answer = server.post("/v1/search", &body);
        let hits = answer["hits"].as_array().expect("a list");
        let got: Vec<(f64, String)> = hits
            .iter()
            .map(|hit| {
                (
                    hit["distance_m"].as_f64().expect("a distance"),
                    hit["id"].as_str().expect("an id").to_owned(),
                )
            })
            .collect();
        assert_eq!(
            answer["total"].as_u64().map(|total| total as usize),
            Some(kept.len()),
            "{town}"
        );
        assert_eq!(
            got.iter().map(|(_, id)| id).collect::<Vec<_>>(),
            kept.iter().take(200).map(|(_, id)| id).collect::<Vec<_>>(),
            "{town}"
        );
        found_any += kept.len();
    }
    assert!(found_any > 10, "{found_any} concerts in four towns");
}

fn bookable(offer: &Value, now: florilege_engine::time::Moment) -> bool {
    let dates = texts(&offer["dates"]);
    let later = |date: &&str| {
        date.parse::<florilege_engine::time::Moment>()
            .is_ok_and(|date| date >= now)
    };
    offer["bookable"] != false && (dates.is_empty() || dates.iter().any(later))
}

#[test]
fn every_real_file_is_imported_and_served() {
    let Some(data) = shared_data() else { return };
    let sources: BTreeMap<&str, &str> = BTreeMap::from([
        ("cinemas.toml", "venues/cinemas.csv"),
        ("museums.toml", "venues/museums.csv"),
        ("festivals.toml", "venues/festivals.csv"),
        ("libraries.toml", "venues/libraries.jsonl"),
        ("events.toml", "events/events.jsonl"),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::serve(folder.path());
    for (mapping, file) in sources {
        let out = tempfile::tempdir().expect("a folder");
        let _ = import(mapping, &data.join(file), out.path());
        let answer = server.load(&lines(out.path()));
        assert_eq!(answer["rejected"], json!([]), "{mapping}");
        assert!(
            answer["accepted"].as_u64() > Some(1_000),
            "{mapping}: {}",
            answer["accepted"]
        );
    }
    let body = json!({"context": {"now": "2025-10-01T12:00:00+02:00", "position": {"lat": 48.1173, "lng": -1.6778}, "age": 18}});
    let list = server.post("/v1/recommendations", &body);
    assert_eq!(
        list["offers"].as_array().map(Vec::len),
        Some(20),
        "{}",
        list["diversity"]
    );
    assert_eq!(list["diversity"]["satisfied"], true);
}
