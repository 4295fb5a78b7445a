//! Several processes on one PostgreSQL: one writes, two follow, one of those is killed and comes back.
//!
//! No change is lost, answers at one generation are the same whoever gives them, and whoever was not killed never
//! answers with an error. A few seconds; minutes with `FLORILEGE_LONG=1`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use florilege_tests::{Server, is_long, until};
use serde_json::{Value, json};

const OFFERS: usize = 150;
const KINDS: [&str; 5] = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE", "VISITE", "VOD"];

fn server(data: &Path, url: &str) -> Server {
    Server::start(&["serve", "--data", &data.to_string_lossy(), "--database-url", url])
}

fn offer(n: usize) -> String {
    let offer = json!({"id": format!("o{n:03}"), "title": format!("Titre {n}"), "subcategory": KINDS[n % 5],
        "price_cents": 0, "popularity": {"bookings_28d": n % 17}});
    json!({"op": "offer.upsert", "offer": offer}).to_string()
}

/// One list, without what may differ from call to call.
fn list(server: &Server, seed: u64) -> Value {
    let request = json!({"seed": seed, "limit": 20, "context": {"now": "2026-12-01T10:00:00Z"}});
    let mut answer = server.post("/v1/recommendations", &request);
    for field in ["request_id", "took_ms", "next_cursor"] {
        answer[field] = Value::Null;
    }
    answer
}

/// What has been answered at each generation, whoever answered.
#[derive(Default)]
struct Answers {
    by_generation: Mutex<HashMap<u64, Value>>,
    compared: AtomicUsize,
}

impl Answers {
    fn note(&self, answer: Value) {
        let generation = answer["generation"].as_u64().expect("a generation");
        let mut known = self.by_generation.lock().expect("not poisoned");
        if let Some(before) = known.get(&generation) {
            assert_eq!(*before, answer, "two answers at generation {generation}");
            self.compared.fetch_add(1, Ordering::Relaxed);
        } else {
            known.insert(generation, answer);
        }
    }
}

/// The last price of each offer that was acknowledged.
struct Prices(Vec<AtomicU32>);

/// Changes prices one by one until told to stop; every answer must be a 200.
fn write(writer: &Server, prices: &Prices, stop: &AtomicBool) -> u64 {
    let mut last = 0;
    for number in 1u32.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let n = (number as usize * 7) % OFFERS;
        let path = format!("/v1/offers/o{n:03}/stock");
        let (status, answer) = writer.call("PATCH", &path, Some(&json!({"price_cents": number})));
        assert_eq!(status, 200, "{answer}");
        last = answer["generation"].as_u64().expect("a generation").max(last);
        prices.0[n].store(number, Ordering::SeqCst);
    }
    last
}

/// Every price as a server's lists show it.
fn served_prices(server: &Server) -> HashMap<String, u64> {
    let found = server.post("/v1/search", &json!({"limit": 200, "sort": "newest"}));
    let hits = found["hits"].as_array().expect("hits").iter();
    hits.map(|hit| {
        let id = hit["id"].as_str().expect("an id").to_owned();
        (id, hit["price_cents"].as_u64().expect("a price"))
    })
    .collect()
}

#[test]
fn a_killed_follower_comes_back_and_nothing_is_lost() {
    let Some(url) = florilege_tests::database() else { return };
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let writer = server(folders[0].path(), &url);
    let lines: Vec<String> = (0..OFFERS).map(offer).collect();
    let loaded = writer.load(&lines.join("\n"));
    let steady = server(folders[1].path(), &url);
    steady.wait_for(loaded["sequence"].as_u64().expect("a sequence"));

    let prices = Prices((0..OFFERS).map(|_| AtomicU32::new(0)).collect());
    let (stop, answers) = (AtomicBool::new(false), Answers::default());
    let lasts = Duration::from_secs(if is_long() { 180 } else { 4 });
    let last = std::thread::scope(|scope| {
        let written = scope.spawn(|| write(&writer, &prices, &stop));
        let asked = scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                answers.note(list(&steady, 1));
            }
        });
        let started = Instant::now();
        let mut kills = 0;
        while kills < 2 || started.elapsed() < lasts {
            let mut shaky = server(folders[2].path(), &url);
            for _ in 0..20 {
                answers.note(list(&shaky, 1));
            }
            shaky.kill();
            kills += 1;
        }
        stop.store(true, Ordering::SeqCst);
        asked.join().expect("no answer but 200, and none that differs");
        written.join().expect("no answer but 200")
    });

    let back = server(folders[2].path(), &url);
    for follower in [&writer, &steady, &back] {
        follower.wait_for(last);
        until("the follower is ready", || {
            follower.call("GET", "/health/ready", None).0 == 200
        });
        let served = served_prices(follower);
        assert_eq!(served.len(), OFFERS);
        for (n, price) in prices.0.iter().enumerate() {
            let expected = u64::from(price.load(Ordering::SeqCst));
            assert_eq!(served[&format!("o{n:03}")], expected, "o{n:03}");
        }
    }
    let before = answers.compared.load(Ordering::Relaxed);
    for seed in 100..120 {
        let at_rest = [&writer, &steady, &back].map(|server| list(server, seed));
        assert_eq!(at_rest[0], at_rest[1]);
        assert_eq!(at_rest[0], at_rest[2], "also who was killed");
    }
    eprintln!("{before} answers at one generation compared, {last} entries");
}
