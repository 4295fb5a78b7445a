//! Instructions that fixed calls take, counted by callgrind and held against a committed baseline: more than a tenth
//! over fails.
//!
//! Run where `FLORILEGE_INSTRUCTIONS` is set (`.ci/run`): `check` compares, `bless` writes `benches/instructions.txt`
//! anew. Counts hardly depend on the machine or on what else it does; they do on the compiler and its profile, so each
//! profile has its own. The test runs itself under callgrind, one workload a process, and only [`measured`] counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use florilege_engine::arrange::line;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::Plan;
use florilege_engine::home::FeedRequest;
use florilege_engine::json;
use florilege_engine::live::{Engine, Generation};
use florilege_engine::query::{RecommendationRequest, SearchRequest};
use florilege_engine::search::suggest::SuggestRequest;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use florilege_tests::root;
use serde_json::{Value, json};

const NOW: &str = "2026-11-22T12:00:00Z";
const OFFERS: usize = 2_000;
/// What a count may be over its baseline.
const ALLOWED: f64 = 0.10;
const PROFILE: &str = if cfg!(debug_assertions) { "dev" } else { "release" };

/// A workload: a name and calls like those of a server.
type Workload = (&'static str, fn(&Generation, Moment));

const WORKLOADS: [Workload; 6] = [
    ("recommend", recommend),
    ("recommend_known_reader", recommend_known),
    ("search", search),
    ("suggest", suggest),
    ("feed", feed),
    ("arrange", arrange),
];

fn recommend(generation: &Generation, now: Moment) {
    for seed in 1..4 {
        let request: RecommendationRequest = json::from_value(json!({
            "context": {"position": {"lat": 48.85, "lng": 2.35}, "age": 18, "credit_cents": 15000},
            "limit": 20, "seed": seed,
        }))
        .expect("a request");
        let made = generation.recommend(&request, None, now).expect("a list");
        assert_eq!(black_box(made).offers.len(), 20);
    }
}

fn recommend_known(generation: &Generation, now: Moment) {
    let request: RecommendationRequest = json::from_value(json!({
        "user_id": "u1", "context": {"position": {"lat": 48.85, "lng": 2.35}}, "limit": 20, "seed": 1, "explain": true,
    }))
    .expect("a request");
    let made = generation.recommend(&request, None, now).expect("a list");
    assert!(!black_box(made).offers.is_empty());
}

fn search(generation: &Generation, now: Moment) {
    for (q, sort) in [
        ("concert jazz", "relevance"),
        ("roman gratuit samedi", "relevance"),
        ("", "date"),
    ] {
        let request: SearchRequest = json::from_value(json!({
            "q": q, "sort": sort, "facets": ["category", "price"], "limit": 20, "seed": 1,
            "filters": {"position": {"lat": 48.85, "lng": 2.35}},
        }))
        .expect("a request");
        let _ = black_box(generation.search(&request, None, now).expect("an answer"));
    }
}

fn suggest(generation: &Generation, now: Moment) {
    for q in ["c", "con", "concret", "mus"] {
        let asked = SuggestRequest {
            q: q.to_owned(),
            position: None,
            limit: 10,
        };
        let _ = black_box(generation.suggest(&asked, now));
    }
}

fn feed(generation: &Generation, now: Moment) {
    let request: FeedRequest =
        json::from_value(json!({"context": {"position": {"lat": 48.85, "lng": 2.35}, "age": 18}, "seed": 1}))
            .expect("a request");
    let made = generation.feed(&request, now).expect("a page");
    assert!(!black_box(made).modules.is_empty());
}

fn arrange(_: &Generation, _: Moment) {
    let candidates: Vec<Value> = (0..200)
        .map(|n| json!({"id": format!("c{n}"), "score": f64::from(200 - n) / 7.0, "attributes": {"genre": [format!("g{}", n % 7)]}}))
        .collect();
    let problem = json!({"candidates": candidates, "k": 20, "rules": [{"by": "genre", "window": 3, "max": 1}],
        "quotas": [{"by": "genre", "value": "g6", "min": 3}], "policy": "relax"});
    assert!(black_box(line::answer(&problem.to_string())).contains("slate"));
}

/// The only function whose instructions are counted, with all that it calls.
#[inline(never)]
fn measured(work: fn(&Generation, Moment), generation: &Generation, now: Moment) {
    work(generation, now);
}

/// The seeded catalogue, with a reader who has done things, as an artefact.
fn prepare(folder: &Path) {
    let now: Moment = NOW.parse().expect("a time");
    let plan = Plan {
        offers: OFFERS,
        venues: Some(200),
        seed: 7,
        now,
    };
    let taxonomy = Arc::new(Taxonomy::built_in());
    let mut changes: Vec<Change> = plan.check().expect("a plan").changes().collect();
    let offers: Vec<String> = changes.iter().filter_map(offer_id).step_by(97).take(12).collect();
    changes.push(change_of(
        &taxonomy,
        &json!({"op": "user.upsert", "user": {"id": "u1", "birth_year": 2008,
        "credit_cents": 15000, "consents": {"personalisation": true}, "practices": ["LIVRE"]}}),
    ));
    for (number, offer) in offers.iter().enumerate() {
        let event = json!({"id": format!("e{number}"), "type": "like", "user_id": "u1", "offer_id": offer, "at": NOW});
        changes.push(change_of(&taxonomy, &json!({"op": "event", "event": event})));
    }
    let engine = Engine::in_memory(taxonomy).expect("an engine");
    let batch: Vec<(Sequence, Option<Change>)> = (1..)
        .map(Sequence)
        .zip(changes)
        .map(|(number, change)| (number, Some(change)))
        .collect();
    engine.apply(&batch).expect("applied");
    engine.snapshot(folder).expect("an artefact");
}

fn change_of(taxonomy: &Taxonomy, value: &Value) -> Change {
    Change::parse(value.to_string().as_bytes(), taxonomy).expect("a change")
}

fn offer_id(change: &Change) -> Option<String> {
    if let Change::OfferUpsert(offer) = change {
        return Some(offer.id.as_str().to_owned());
    }
    None
}

/// What runs under callgrind: one workload over the artefact that the parent prepared.
#[test]
fn one_workload() {
    let Ok(asked) = std::env::var("FLORILEGE_INSTRUCTIONS_OF") else {
        return;
    };
    let (name, folder) = asked.split_once(' ').expect("a name and a folder");
    let taxonomy = Arc::new(Taxonomy::built_in());
    let opened = Engine::open(Path::new(folder), &taxonomy).expect("the artefact");
    let generation = opened.engine.generation();
    assert_eq!(generation.counts().offers, OFFERS);
    let (_, work) = WORKLOADS
        .into_iter()
        .find(|(known, _)| *known == name)
        .expect("a workload");
    let now = NOW.parse().expect("a time");
    // Once before, so that what is made once and kept is not counted.
    work(&generation, now);
    measured(work, &generation, now);
}

/// The instructions of one workload.
fn count(name: &str, artefact: &Path, out: &Path) -> u64 {
    let done = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=*instructions*measured*",
        ])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "instructions::one_workload", "--test-threads", "1"])
        .env("FLORILEGE_INSTRUCTIONS_OF", format!("{name} {}", artefact.display()))
        // One thread, so that no work is shared out by chance.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .expect("valgrind runs: tests/run installs it");
    assert!(
        done.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = std::fs::read_to_string(out).expect("counts");
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    let total = total.and_then(|total| total.trim().parse().ok()).expect("a total");
    assert!(total > 10_000, "{name}: nothing was counted");
    total
}

fn baseline() -> PathBuf {
    root().join("benches/instructions.txt")
}

/// `PROFILE WORKLOAD COUNT`, a line each.
fn committed() -> BTreeMap<(String, String), u64> {
    let text = std::fs::read_to_string(baseline()).unwrap_or_default();
    let line = |line: &str| {
        let [profile, name, count] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        Some(((profile.to_owned(), name.to_owned()), count.parse().ok()?))
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(line)
        .collect()
}

fn bless(counts: &[(&str, u64)]) {
    let mut all = committed();
    all.retain(|(profile, _), _| profile != PROFILE);
    all.extend(
        counts
            .iter()
            .map(|(name, count)| ((PROFILE.to_owned(), (*name).to_owned()), *count)),
    );
    let mut text = "# Instructions of fixed calls: profile, workload, count. Written by\n\
        # FLORILEGE_INSTRUCTIONS=bless cargo test --workspace --test it instructions\n"
        .to_owned();
    for ((profile, name), count) in all {
        let _ = writeln!(text, "{profile} {name} {count}");
    }
    std::fs::write(baseline(), text).expect("written");
}

#[test]
fn fixed_calls_take_no_more_instructions_than_before() {
    let asked = std::env::var("FLORILEGE_INSTRUCTIONS").unwrap_or_default();
    if !["check", "bless"].contains(&asked.as_str()) {
        eprintln!("instructions are counted by .ci/run: not here");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let artefact = folder.path().join("artefact");
    prepare(&artefact);
    let counts = WORKLOADS.map(|(name, _)| (name, count(name, &artefact, &folder.path().join(name))));
    let before = committed();
    let (mut table, mut over) = (String::new(), Vec::new());
    for (name, count) in counts {
        let base = before.get(&(PROFILE.to_owned(), name.to_owned())).copied();
        let change = base.map(|base| count as f64 / base as f64 - 1.0);
        let told = change.map_or("new".to_owned(), |change| format!("{:+.1} %", change * 100.0));
        let _ = writeln!(table, "{name:<24} {:>14} {count:>14} {told:>9}", base.unwrap_or(0));
        if change.is_none_or(|change| change > ALLOWED) {
            over.push(name);
        }
    }
    println!("{PROFILE:<24} {:>14} {:>14}\n{table}", "before", "now");
    if asked == "bless" {
        return bless(&counts);
    }
    assert!(
        over.is_empty(),
        "more than {} % over the baseline, or without one: {over:?}\n{table}\n\
         where it is meant: FLORILEGE_INSTRUCTIONS=bless cargo test --workspace --test it instructions",
        ALLOWED * 100.0
    );
}
