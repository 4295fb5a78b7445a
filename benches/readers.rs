//! Lists for readers, everything on: percentiles of `pipeline::execute` in one process, one thread, at 200,000 offers.
//!
//! `cargo bench -p florilege-benches --bench readers [-- OFFERS]`. Readers of all personas, some with answers alone,
//! some with twenty acts, some nobody, in the towns of the catalogue; k = 20. Invariant: the same plan and seed ask the
//! same requests on every machine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use florilege_engine::arrange::Workspace;
use florilege_engine::catalogue::Catalogue;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::Plan;
use florilege_engine::pipeline::asking::Meter;
use florilege_engine::pipeline::{self, Asking, Query, answer, attributes, pool, soft};
use florilege_engine::query::RecommendationRequest;
use florilege_engine::source::{self, Out};
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

/// That of the serving program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const OFFERS: usize = 200_000;
const READERS: usize = 2_000;
const REQUESTS: usize = 3_000;
/// Places of a list, and so what the sources are asked for first.
const DEPTH: usize = 20;
const NOW_MS: i64 = 1_790_000_000_000;
const PERSONAS: [&str; 8] = [
    "casanier",
    "intuitif",
    "anticonformiste",
    "partenaire",
    "specialiste",
    "adherent",
    "connecte",
    "curieux",
];

fn main() {
    let offers = std::env::args().filter_map(|text| text.parse().ok()).next();
    let offers = offers.unwrap_or(OFFERS);
    let now = Moment::from_millis(NOW_MS);
    let mut rng = Pcg64::seed_from_u64(1);
    let mut world = World::new(offers, now);
    world.people(&mut rng, now);
    println!("{:?}", world.catalogue.counts());
    for (name, kind) in [
        ("nobody", Ask::Nobody),
        ("reader", Ask::Reader),
        ("visit", Ask::Visit),
        ("group of 4", Ask::Group),
    ] {
        let requests: Vec<RecommendationRequest> = (0..REQUESTS).map(|n| world.ask(&mut rng, kind, n)).collect();
        let mut times: Vec<Duration> = Vec::with_capacity(REQUESTS);
        let mut shown = 0;
        for request in &requests {
            let start = Instant::now();
            let list = pipeline::execute(&world.catalogue, request, None, now).expect("an answer");
            times.push(start.elapsed());
            shown += list.offers.len();
        }
        times.sort_unstable();
        let at = |share: f64| times[(times.len() as f64 * share) as usize];
        println!(
            "{name:<12} p50 {:>8.3?} p90 {:>8.3?} p99 {:>8.3?} max {:>8.3?} ({shown} offers shown)",
            at(0.5),
            at(0.9),
            at(0.99),
            times[times.len() - 1]
        );
        stages(&world, &requests, now);
    }
}

/// Where the time goes: the median of each stage of `pipeline::execute` at its first asking, over the same requests once
/// more, and of each source.
fn stages(world: &World, requests: &[RecommendationRequest], now: Moment) {
    const NAMES: [&str; 7] = ["hydrate", "gather", "filter", "score", "resolve", "arrange", "explain"];
    let mut spent: [Vec<Duration>; 7] = Default::default();
    let mut sources: [Vec<Duration>; source::SOURCES.len()] = Default::default();
    let (mut rows, mut works) = (0, 0);
    for request in requests {
        let asking = Asking::default();
        let mut clock = Instant::now();
        let mut lap = |stage: usize| {
            spent[stage].push(clock.elapsed());
            clock = Instant::now();
        };
        let query = Query::hydrate(&world.catalogue, request, &asking, None, now).expect("a query");
        lap(0);
        let gathered = source::gather(&query, DEPTH);
        lap(1);
        let (kept, removed) = pool::filter(&query, &gathered.rows);
        lap(2);
        let scored = pool::score(&query, kept);
        lap(3);
        let pool = pool::resolve(&query, &scored, pool::share(&query, DEPTH));
        lap(4);
        let problem = attributes::problem(&query, &pool).expect("a problem");
        let arranged = soft::arrange(&query, &pool, &problem, &mut Workspace::default()).expect("a list");
        lap(5);
        std::hint::black_box(answer::explain(&query, &pool, problem.problem(), &arranged, removed));
        lap(6);
        rows += gathered.rows.len();
        works += pool.len();
        for (source, times) in source::SOURCES.iter().zip(&mut sources) {
            let mut out = Out {
                rows: Vec::new(),
                drawn: Vec::new(),
                meter: Meter::endless(),
            };
            let start = Instant::now();
            source.gather(&query, DEPTH, &mut out);
            times.push(start.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let told = |name: &str, times: &mut Vec<Duration>| format!("{name} {:.0?}", median(times));
    let stages: Vec<String> = NAMES
        .iter()
        .zip(&mut spent)
        .map(|(name, times)| told(name, times))
        .collect();
    let named = source::SOURCES.iter().map(|source| source.name());
    let sources: Vec<String> = named.zip(&mut sources).map(|(name, times)| told(name, times)).collect();
    let (rows, works) = (rows / requests.len(), works / requests.len());
    println!(
        "             {}; {rows} rows gathered, {works} works arranged\n             places known: {}",
        stages.join(", "),
        sources.join(", ")
    );
}

#[derive(Clone, Copy)]
enum Ask {
    Nobody,
    Reader,
    Visit,
    Group,
}

struct World {
    catalogue: Catalogue,
    sequence: u64,
    offers: Vec<String>,
    towns: Vec<Value>,
}

impl World {
    fn new(offers: usize, now: Moment) -> Self {
        let plan = Plan {
            offers,
            venues: None,
            seed: 1,
            now,
        };
        let mut world = Self {
            catalogue: Catalogue::empty(Arc::new(Taxonomy::built_in())),
            sequence: 0,
            offers: Vec::new(),
            towns: Vec::new(),
        };
        for change in plan.check().expect("a plan").changes() {
            if let Change::OfferUpsert(offer) = &change {
                world.offers.push(offer.id.to_string());
            }
            if let Change::VenueUpsert(venue) = &change {
                let position = venue.position.map(|at| json!({"lat": at.lat(), "lng": at.lng()}));
                world.towns.extend(position);
            }
            world.apply(&change);
        }
        world.catalogue.settle();
        world
    }

    fn apply(&mut self, change: &Change) {
        self.sequence += 1;
        self.catalogue.apply(Sequence(self.sequence), change);
    }

    fn line(&mut self, line: &Value) {
        let change = Change::parse(line.to_string().as_bytes(), self.catalogue.taxonomy()).expect("a change");
        self.apply(&change);
    }

    /// Readers of every persona; two of three have twenty acts.
    fn people(&mut self, rng: &mut Pcg64, now: Moment) {
        for n in 0..READERS {
            let category = ["LIVRE", "CINEMA", "MUSEE"][n % 3];
            let answers = json!({"likes": [category, "Manga"], "outings": "sometimes"});
            let persona = PERSONAS[n % 8];
            self.line(
                &json!({"op": "user.upsert", "user": {"id": format!("u{n}"), "birth_year": 2008, "persona": persona,
                "questionnaire": answers, "credit_cents": 15_000, "digital_credit_cents": 10_000,
                "consents": {"personalisation": true, "social": true}}}),
            );
            let acts = if n % 3 == 0 { 0 } else { 20 };
            for act in 0..acts {
                let event = self.event(rng, &format!("u{n}"), &format!("e{n}-{act}"), now);
                self.line(&json!({"op": "event", "event": event}));
            }
        }
    }

    fn event(&self, rng: &mut Pcg64, user: &str, id: &str, now: Moment) -> Value {
        let kind = ["impression", "impression", "click", "booking", "like", "dislike"][rng.random_range(0..6usize)];
        let offer = &self.offers[rng.random_range(0..self.offers.len())];
        json!({"id": id, "type": kind, "user_id": user, "offer_id": offer, "at": now})
    }

    fn ask(&self, rng: &mut Pcg64, kind: Ask, seed: usize) -> RecommendationRequest {
        let mut context = json!({"position": self.towns[rng.random_range(0..self.towns.len())], "age": 18});
        let mut reader = || format!("u{}", rng.random_range(0..READERS));
        let mut request = json!({"seed": seed, "limit": DEPTH});
        match kind {
            Ask::Nobody => {}
            Ask::Reader => request["user_id"] = json!(reader()),
            Ask::Group => context["users"] = json!([reader(), reader(), reader(), reader()]),
            Ask::Visit => {
                let now = Moment::from_millis(NOW_MS);
                let events = (0..5).map(|n| self.event(rng, "visitor", &format!("v{n}"), now));
                context["events"] = events.collect();
            }
        }
        request["context"] = context;
        serde_json::from_value(request).expect("a request")
    }
}
