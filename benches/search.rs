//! Search and completion in process on a generated catalogue: the latency of every kind of question.
//!
//! `cargo bench -p florilege-benches --bench search [-- OFFERS]`, a million offers where not said. Invariant: seeded,
//! so that two runs time the same work; every question is timed three times and its best time kept.

use std::time::{Duration, Instant};

use florilege_engine::change::{Change, Sequence};
use florilege_engine::generate::Plan;
use florilege_engine::geo::Position;
use florilege_engine::live::{Engine, Generation};
use florilege_engine::query::SearchRequest;
use florilege_engine::search::suggest::SuggestRequest;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

/// That of the serving program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: i64 = 1_790_000_000_000;
const BATCH: usize = 20_000;
const REPEATS: usize = 3;
const COUNT: usize = 300;

fn filled(offers: usize) -> Engine {
    let plan = Plan {
        offers,
        venues: None,
        seed: 1,
        now: Moment::from_millis(NOW),
    };
    let generator = plan.check().expect("a plan");
    let engine = Engine::in_memory(std::sync::Arc::new(Taxonomy::built_in())).expect("an engine");
    let mut batch: Vec<(Sequence, Option<Change>)> = Vec::with_capacity(BATCH);
    for (change, n) in generator.changes().zip(1..) {
        batch.push((Sequence(n), Some(change)));
        if batch.len() == BATCH {
            engine.apply(&std::mem::take(&mut batch)).expect("applied");
        }
    }
    engine.apply(&batch).expect("applied");
    engine
}

/// Titles and towns of some offers: what readers type.
struct Typed {
    titles: Vec<String>,
    towns: Vec<(String, Position)>,
}

fn typed(generation: &Generation, random: &mut Pcg64) -> Typed {
    let catalogue = generation.catalogue();
    let (mut titles, mut towns) = (Vec::new(), Vec::new());
    while titles.len() < COUNT || towns.len() < COUNT {
        let row = florilege_engine::catalogue::row::Row(random.random_range(0..catalogue.row_bound() as u32));
        let Some(offer) = catalogue.document(row) else { continue };
        titles.push(offer.title.clone());
        let venue = offer
            .venue_id
            .and_then(|id| catalogue.venue(catalogue.find_venue(id.as_str())?)?.document.clone());
        if let Some((city, position)) = venue.and_then(|venue| Some((venue.city.clone()?, venue.position?))) {
            towns.push((city, position));
        }
    }
    Typed { titles, towns }
}

fn report(name: &str, mut ask: impl FnMut(usize) -> usize) {
    let (mut times, mut found) = (Vec::new(), 0);
    for at in 0..COUNT {
        let timed = |ask: &mut dyn FnMut(usize) -> usize| {
            let start = Instant::now();
            let found = ask(at);
            (start.elapsed(), found)
        };
        let best: (Duration, usize) = (0..REPEATS).map(|_| timed(&mut ask)).min().unwrap_or_default();
        times.push(best.0);
        found += best.1;
    }
    times.sort();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
    println!(
        "| {name} | {:.2} ms | {:.2} ms | {:.2} ms | {} |",
        ms(0.5),
        ms(0.99),
        ms(1.0),
        found / COUNT
    );
}

fn search(generation: &Generation, body: Value) -> usize {
    let request: SearchRequest = florilege_engine::json::from_value(body).expect("a request");
    let found = generation
        .search(&request, None, Moment::from_millis(NOW))
        .expect("an answer");
    found.total
}

fn misspelt(title: &str, random: &mut Pcg64) -> String {
    let mut letters: Vec<char> = title.chars().collect();
    if letters.len() > 3 {
        let at = random.random_range(1..letters.len() - 1);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

/// How deep the deep page is.
const DEEP: usize = 100;

/// The time of the first page and of a deep one: a key is a key, however deep.
fn paging(generation: &Generation) {
    let body = json!({"q": "concert", "understand": false, "limit": 20});
    let request: SearchRequest = florilege_engine::json::from_value(body).expect("a request");
    let now = Moment::from_millis(NOW);
    let first = generation.search(&request, None, now).expect("an answer");
    let mut page = first.next.clone();
    for _ in 1..DEEP {
        let Some(from) = page.as_ref() else { break };
        page = generation.search(&request, Some(from), now).expect("an answer").next;
    }
    report("page 1 of a common word, everywhere", |_| {
        generation.search(&request, None, now).expect("an answer").total
    });
    report(&format!("page {} of it", DEEP + 1), |_| {
        generation
            .search(&request, page.as_ref(), now)
            .expect("an answer")
            .total
    });
}

/// Words that many offers hold.
const COMMON: [&str; 8] = [
    "concert",
    "livre",
    "exposition",
    "film",
    "spectacle",
    "manga",
    "visite",
    "jazz",
];

/// Some of them, mistyped.
const TYPOS: [&str; 4] = ["concret", "expositon", "spectacel", "vistie"];

fn main() {
    let offers = std::env::args()
        .filter_map(|text| text.parse().ok())
        .next()
        .unwrap_or(1_000_000);
    let start = Instant::now();
    let engine = filled(offers);
    let generation = engine.generation();
    println!(
        "{offers} offers in {:.1} s, {} names",
        start.elapsed().as_secs_f64(),
        generation.names().len()
    );
    let random = &mut Pcg64::seed_from_u64(7);
    let typed = typed(&generation, random);
    println!("| question | p50 | p99 | max | works found |\n|---|---|---|---|---|");
    for letters in [1, 3, 6, 12] {
        report(&format!("completion of {letters} letters"), |at| {
            let asked = SuggestRequest {
                q: typed.titles[at].chars().take(letters).collect(),
                position: Some(typed.towns[at].1),
                limit: 10,
            };
            generation.suggest(&asked, Moment::from_millis(NOW)).len()
        });
    }
    let wrong: Vec<String> = typed
        .titles
        .iter()
        .take(COUNT)
        .map(|title| misspelt(title, random))
        .collect();
    report("completion with a typo", |at| {
        let asked = SuggestRequest {
            q: wrong[at].chars().take(10).collect(),
            position: None,
            limit: 10,
        };
        generation.suggest(&asked, Moment::from_millis(NOW)).len()
    });
    searches(&generation, &typed, &wrong);
    paging(&generation);
}

fn searches(generation: &Generation, typed: &Typed, wrong: &[String]) {
    let near = |at: usize| json!({"position": typed.towns[at].1, "radius_m": 20_000});
    report("a title", |at| search(generation, json!({"q": typed.titles[at]})));
    report("a common word with a typo, 20 km", |at| {
        let word = TYPOS[at % TYPOS.len()];
        search(generation, json!({"q": word, "understand": false, "filters": near(at)}))
    });
    report("a title with a typo", |at| search(generation, json!({"q": wrong[at]})));
    report("a common word, everywhere", |at| {
        search(generation, json!({"q": COMMON[at % COMMON.len()], "understand": false}))
    });
    report("a common word, 20 km, bookable, up to 20 €, 3 facets", |at| {
        let mut filters = near(at);
        filters["price_cents"] = json!({"max": 2_000});
        let facets = json!(["category", "search_group", "price"]);
        search(
            generation,
            json!({"q": COMMON[at % COMMON.len()], "filters": filters, "facets": facets}),
        )
    });
    report("a title, 20 km, bookable, up to 20 €, 3 facets", |at| {
        let mut filters = near(at);
        filters["price_cents"] = json!({"max": 2_000});
        let facets = json!(["category", "search_group", "price"]);
        search(
            generation,
            json!({"q": typed.titles[at], "filters": filters, "facets": facets}),
        )
    });
    report("no words, 20 km, by popularity, 3 facets", |at| {
        let facets = json!(["category", "search_group", "price"]);
        search(
            generation,
            json!({"filters": near(at), "sort": "popularity", "facets": facets}),
        )
    });
    report("the same with a category chosen", |at| {
        let mut filters = near(at);
        filters["categories"] = json!(["LIVRE", "MUSIQUE_LIVE"]);
        let facets = json!(["category", "search_group", "price"]);
        search(
            generation,
            json!({"q": COMMON[at % COMMON.len()], "filters": filters, "facets": facets}),
        )
    });
    report("understood: kind, price, town, day", |at| {
        let q = format!(
            "{} moins de 20 euros à {} samedi",
            COMMON[at % COMMON.len()],
            typed.towns[at].0
        );
        search(generation, json!({ "q": q }))
    });
}
