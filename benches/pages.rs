//! Pages of ten modules of ten offers at 200,000 offers: time in one process on one thread, and what solving a page
//! together gains over its modules in turn and over modules that know nothing of each other.
//!
//! `cargo bench -p florilege-benches --bench pages [-- OFFERS]` over a generated catalogue, `-- FILE.ndjson…` over the
//! change lines that `florilege-indexer import` made of a real one. Invariant: the same seed asks the same pages on
//! every machine.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use florilege_engine::change::{Change, Sequence};
use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::generate::Plan;
use florilege_engine::home::{self, Feed, FeedRequest, Means};
use florilege_engine::ids::DocumentId;
use florilege_engine::live::{Engine, Generation};
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

/// That of the serving program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const OFFERS: usize = 200_000;
const PAGES: usize = 400;
const BATCH: usize = 10_000;
/// The moment of a generated catalogue.
const NOW_MS: i64 = 1_790_000_000_000;
/// The moment of the real one: 17 September 2025, as in the judged set.
const REAL_NOW_MS: i64 = 1_758_092_400_000;

fn main() {
    let arguments = || std::env::args().skip(1);
    let files: Vec<String> = arguments().filter(|text| text.ends_with(".ndjson")).collect();
    let offers = arguments().find_map(|text| text.parse().ok()).unwrap_or(OFFERS);
    let now = Moment::from_millis(if files.is_empty() { NOW_MS } else { REAL_NOW_MS });
    let taxonomy = Arc::new(Taxonomy::built_in());
    let engine = Engine::in_memory(Arc::clone(&taxonomy)).expect("an engine");
    let towns = if files.is_empty() {
        fill(&engine, generated(offers, now))
    } else {
        fill(&engine, files.iter().flat_map(|file| real(file, &taxonomy)))
    };
    let generation = engine.generation();
    println!("{:?}", generation.counts());
    let mut rng = Pcg64::seed_from_u64(2);
    let requests: Vec<FeedRequest> = (0..PAGES).map(|n| ask(&mut rng, &towns, n)).collect();
    for means in [Means::Together, Means::InTurn, Means::Alone] {
        measure(&generation, &requests, now, means);
    }
    crowd(&engine);
    println!("with 10,000 more playlists and 500 more homes published:");
    measure(&engine.generation(), &requests, now, Means::Together);
}

/// A generated catalogue.
fn generated(offers: usize, now: Moment) -> impl Iterator<Item = Change> {
    let plan = Plan {
        offers,
        venues: None,
        seed: 1,
        now,
    };
    plan.check().expect("a plan").changes().collect::<Vec<_>>().into_iter()
}

/// The changes of a file.
fn real(file: &str, taxonomy: &Taxonomy) -> Vec<Change> {
    let text = std::fs::read(file).expect("change lines");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| Change::parse(line, taxonomy).expect("a change"))
        .collect()
}

/// The catalogue, its playlists and its home; where there is something to see.
fn fill(engine: &Engine, catalogue: impl Iterator<Item = Change>) -> Vec<Value> {
    let (mut batch, mut towns, mut sequence) = (Vec::new(), Vec::new(), 0);
    let documents = documents()
        .into_iter()
        .map(|publication| Change::Document(Box::new(publication)));
    for change in catalogue.chain(documents) {
        if let Change::VenueUpsert(venue) = &change {
            towns.extend(venue.position.map(|at| json!({"lat": at.lat(), "lng": at.lng()})));
        }
        sequence += 1;
        batch.push((Sequence(sequence), Some(change)));
        if batch.len() == BATCH {
            engine.apply(&batch).expect("applied");
            batch.clear();
        }
    }
    engine.apply(&batch).expect("applied");
    towns
}

/// A home of ten modules, three of them playlists.
fn documents() -> Vec<Publication> {
    let playlist = |id: &str, categories: Value, order: &str| {
        (
            DocumentKind::Playlists,
            json!({"id": id, "title": id, "order": order,
        "rule": {"filters": {"categories": categories}}}),
        )
    };
    let module = |kind: &str| json!({"id": kind, "kind": kind, "floating": kind != "recommendations"});
    let own = ["recommendations", "nearby", "trending", "new", "venues"].map(module);
    let again = json!({"id": "free", "kind": "recommendations", "rule": {"filters": {"price_cents": {"max": 0}}}});
    let more = json!({"id": "soon", "kind": "nearby", "weights": {"soon": 1.5}});
    let lists = ["lire", "sortir", "tout"].map(|id| json!({"id": id, "kind": "playlist", "playlist": id}));
    let modules: Vec<Value> = own.into_iter().chain([again, more]).chain(lists).collect();
    let all = [
        playlist("lire", json!(["LIVRE"]), "popularity"),
        playlist("sortir", json!(["MUSIQUE_LIVE", "SPECTACLE", "CINEMA"]), "relevance"),
        playlist("tout", json!([]), "relevance"),
        (
            DocumentKind::Homes,
            json!({"id": "accueil", "title": "Accueil", "modules": modules}),
        ),
    ];
    all.into_iter().map(publication).collect()
}

/// Documents that a busy programme has beside those of a page: playlists, and homes for audiences of their own.
fn crowd(engine: &Engine) {
    let playlist = |n: usize| {
        (
            DocumentKind::Playlists,
            json!({"id": format!("p{n}"), "title": "t", "rule": {"filters": {"categories": ["LIVRE"]}}}),
        )
    };
    let home = |n: usize| {
        (
            DocumentKind::Homes,
            json!({"id": format!("h{n}"), "title": "t", "priority": 9, "audience": {"segments": [format!("s{n}")]},
        "modules": [{"id": "r", "kind": "recommendations"}]}),
        )
    };
    let all = (0..10_000).map(playlist).chain((0..500).map(home));
    let first = engine.generation().sequence().0 + 1;
    let entry = |(body, sequence): ((DocumentKind, Value), u64)| {
        let change = Change::Document(Box::new(publication(body)));
        (Sequence(sequence), Some(change))
    };
    let batch: Vec<_> = all.zip(first..).map(entry).collect();
    engine.apply(&batch).expect("applied");
}

fn publication((kind, body): (DocumentKind, Value)) -> Publication {
    Publication {
        kind,
        id: DocumentId::new(body["id"].as_str().expect("an id")).expect("an id"),
        version: 1,
        territory: None,
        body: body.as_object().cloned(),
    }
}

fn ask(rng: &mut Pcg64, towns: &[Value], seed: usize) -> FeedRequest {
    let at = &towns[rng.random_range(0..towns.len())];
    let age = rng.random_range(15..19u8);
    let request = json!({"context": {"position": at, "age": age, "credit_cents": 15_000}, "seed": seed});
    florilege_engine::json::from_value(request).expect("a request")
}

fn measure(generation: &Generation, requests: &[FeedRequest], now: Moment, means: Means) {
    let (mut times, mut figures) = (Vec::with_capacity(requests.len()), Figures::default());
    for request in requests {
        let start = Instant::now();
        let page = home::execute_by(generation, request, now, means).expect("a page");
        times.push(start.elapsed());
        figures.add(&page);
    }
    times.sort_unstable();
    let at = |share: f64| -> Duration { times[(times.len() as f64 * share) as usize] };
    println!(
        "{means:?}: p50 {:.3?} p90 {:.3?} p99 {:.3?} max {:.3?}",
        at(0.5),
        at(0.9),
        at(0.99),
        times[times.len() - 1]
    );
    figures.print(requests.len() as f64);
}

/// Sums over pages.
#[derive(Default)]
struct Figures {
    modules: usize,
    offers: usize,
    repeats: usize,
    categories: usize,
    venues: usize,
    same_neighbours: usize,
    value: f64,
    bound: f64,
    floors_met: usize,
    floors: usize,
}

impl Figures {
    fn add(&mut self, page: &Feed) {
        let offers: Vec<_> = page.modules.iter().flat_map(|module| &module.offers).collect();
        let works: BTreeSet<_> = offers.iter().map(|offer| &offer.item_id).collect();
        let firsts: Vec<_> = page.modules.iter().filter_map(|module| module.offers.first()).collect();
        self.modules += page.modules.len();
        self.offers += offers.len();
        self.repeats += offers.len() - works.len();
        self.categories += offers
            .iter()
            .map(|offer| &offer.subcategory)
            .collect::<BTreeSet<_>>()
            .len();
        self.venues += offers
            .iter()
            .map(|offer| &offer.venue_id)
            .collect::<BTreeSet<_>>()
            .len();
        self.same_neighbours += firsts
            .windows(2)
            .filter(|pair| pair[0].category == pair[1].category)
            .count();
        self.value += page.page.value;
        self.bound += page.page.bound;
        self.floors += page.page.floors.len();
        self.floors_met += page
            .page
            .floors
            .iter()
            .filter(|floor| floor.shown >= floor.wanted)
            .count();
    }

    fn print(&self, pages: f64) {
        let mean = |sum: usize| sum as f64 / pages;
        println!(
            "  a page: {:.2} modules, {:.1} offers, {:.2} repeats, {:.1} subcategories, {:.1} venues, {:.2} neighbours that begin alike, \
             value {:.2} of at most {:.2} ({:.1} %), floors met {:.0} %",
            mean(self.modules),
            mean(self.offers),
            mean(self.repeats),
            mean(self.categories),
            mean(self.venues),
            mean(self.same_neighbours),
            self.value / pages,
            self.bound / pages,
            100.0 * self.value / self.bound,
            100.0 * self.floors_met as f64 / self.floors.max(1) as f64
        );
    }
}
