//! A whole evaluation over data of a foreign shape: the same every time, resumed, reported, compared.

use std::fmt::Write;

use super::*;
use crate::lab::dataset::read::read;
use crate::lab::random::Random;
use crate::lab::report;

const MAPPING: &str = r#"
[acts]
files = ["visits.tsv"]
user = "who"
item = "place"
time = "day"
[items]
files = ["places.csv"]
item = "place"
categories = ["kind", "also"]
"#;

/// Visitors of three tastes and places of five kinds, in files of their own shape.
fn data(folder: &std::path::Path) -> Dataset {
    let (mut visits, mut places) = (String::from("day\twho\tplace\n"), String::from("place,kind,also\n"));
    for place in 0..60 {
        let _ = writeln!(places, "p{place},kind {},kind {}", place % 5, place % 7 % 5);
    }
    for visitor in 0..80 {
        let mut random = Random::new(9, visitor);
        let taste = random.below(3);
        for place in 0..60 {
            if random.unit() < if place % 3 == taste { 0.4 } else { 0.05 } {
                let _ = writeln!(visits, "2025-03-{:02}\tv{visitor}\tp{place}", 1 + random.below(28));
            }
        }
    }
    for (name, text) in [
        ("visits.tsv", visits.as_str()),
        ("places.csv", &places),
        ("m.toml", MAPPING),
    ] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    read(folder, Some(&folder.join("m.toml"))).expect("data")
}

fn options(cache: Option<PathBuf>) -> Options {
    let mut models = Settings::all().to_vec();
    for settings in &mut models {
        if let Settings::Ials { dimensions, .. } = settings {
            *dimensions = 8;
        }
        if let Settings::Slim { l2, .. } = settings {
            *l2 = 10.0;
        }
    }
    Options {
        way: Way::Strong,
        folds: 2,
        seed: 4,
        k: 6,
        pool: 25,
        strengths: 4,
        draws: 60,
        models,
        cache,
    }
}

#[test]
fn an_evaluation_is_the_same_again_resumed_and_on_one_thread() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = data(folder.path());
    let silent = Progress::silent();
    let cache = folder.path().join("cache");
    let (first, times) = run(&data, &options(Some(cache.clone())), &silent).expect("numbers");
    let (resumed, _) = run(&data, &options(Some(cache)), &silent).expect("numbers");
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let (again, _) = alone.install(|| run(&data, &options(None), &silent)).expect("numbers");
    assert_eq!(first, resumed);
    assert_eq!(first, again);
    assert_eq!(first.rows.len(), 6 * 2 * (1 + 7 * 4));
    assert_eq!(first.duels.len(), 6 * 7 * 6 * 2);
    assert_eq!(times.len(), 16);
    for row in &first.rows {
        assert!(row.metrics.values().all(|value| value.is_finite()), "{row:?}");
        if row.rule {
            assert_eq!(row.metrics["main_clash_rate"], 0.0, "{} {}", row.reranker, row.strength);
        }
    }
    let alone = |name: &str| first.models.iter().find(|one| one.model == name).expect("a model");
    let accuracy = |name: &str| alone(name).metrics["ndcg@6"].value;
    for model in ["item-knn", "rp3-beta", "ease", "ials", "slim"] {
        assert!(accuracy(model) > accuracy("popularity"), "{model}");
    }
    // A soft model that is all strength is further from relevance, and calibrated lists are better calibrated.
    let point = |reranker: &str, strength: f64, metric: &str| {
        let is = |row: &&Row| row.model == "ease" && row.reranker == reranker && !row.rule && row.strength == strength;
        first.rows.iter().find(is).expect("a setting").metrics[metric]
    };
    assert!(point("calibrated", 1.0, "main_calibration_kl") < point("relevance", 0.0, "main_calibration_kl"));
    assert!(point("dpp", 1.0, "ild") > point("relevance", 0.0, "ild"));

    let out = folder.path().join("out");
    report::write(&out, &first, &times, "evaluate --data <here>").expect("a report");
    assert_eq!(report::read(&out).expect("numbers"), first);
    let page = std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("evaluate --data &lt;here&gt;") && page.contains("<svg"));
    for stranger in ["http:", "https:", "<script", "@import", "src="] {
        assert!(!page.contains(stranger), "the page has {stranger}");
    }
    assert!(page.contains(&first.data_hash) && page.contains(&first.splits[1].1));
    let points = std::fs::read_to_string(out.join("points.csv")).expect("points");
    assert_eq!(points.lines().count(), 1 + first.rows.len());
    let arrow = std::fs::read(out.join("points.arrow")).expect("points");
    assert!(arrow.starts_with(b"ARROW1"));

    let same = report::compare::compare(&first, &again);
    assert!(same.same_splits && same.changes.is_empty() && same.only_before == 0 && same.only_after == 0);
    let mut other = again;
    other.rows.pop();
    other.rows[0].metrics.insert("ndcg".into(), 0.0);
    let differs = report::compare::compare(&first, &other);
    assert_eq!((differs.changes.len(), differs.only_before), (1, 1));
    assert!(differs.text().contains("ndcg"));
}
