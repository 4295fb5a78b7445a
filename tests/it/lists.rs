//! Lists over HTTP on generated catalogues: the rule holds on any input and across pages, while the catalogue changes.

use florilege_tests::Server;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

const SUBCATEGORIES: [&str; 6] = [
    "LIVRE_PAPIER",
    "CONCERT",
    "SEANCE_CINE",
    "VISITE",
    "VOD",
    "ACHAT_INSTRUMENT",
];

fn line(rng: &mut Pcg64, n: usize, kinds: usize) -> String {
    let offer = json!({
        "id": format!("o{n:04}"), "item_id": format!("i{}", n / 2), "title": format!("Titre {n}"),
        "subcategory": SUBCATEGORIES[rng.random_range(0..kinds)],
        "position": {"lat": 48.0 + rng.random_range(0.0..1.0), "lng": -2.0 + rng.random_range(0.0..1.0)},
        "price_cents": rng.random_range(0..3_000), "popularity": {"bookings_28d": rng.random_range(0..100)},
    });
    json!({"op": "offer.upsert", "offer": offer}).to_string()
}

fn legal(categories: &[String]) -> bool {
    categories.windows(2).all(|pair| pair[0] != pair[1])
}

fn names(answer: &Value, field: &str) -> Vec<String> {
    answer["offers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|o| o[field].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn the_rule_holds_across_pages_while_the_catalogue_changes() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    for seed in 0..20 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (count, kinds) = (
            rng.random_range(20..200usize),
            rng.random_range(1..=SUBCATEGORIES.len()),
        );
        let deletes: Vec<String> = (0..200)
            .map(|n| json!({"op": "offer.delete", "id": format!("o{n:04}")}).to_string())
            .collect();
        let _ = server.load(&deletes.join("\n"));
        let lines: Vec<String> = (0..count).map(|n| line(&mut rng, n, kinds)).collect();
        let _ = server.load(&lines.join("\n"));
        let mut request = json!({"limit": rng.random_range(1..15), "seed": seed, "context": {"position": {"lat": 48.5, "lng": -1.5}}});
        let (mut categories, mut items, mut place) = (Vec::new(), Vec::new(), 0);
        for page in 0..6 {
            let answer = server.post("/v1/recommendations", &request);
            categories.extend(names(&answer, "category"));
            items.extend(names(&answer, "item_id"));
            for offer in answer["offers"].as_array().expect("a list") {
                assert_eq!(offer["rank"], place);
                place += 1;
            }
            let short = names(&answer, "id").len() < request["limit"].as_u64().expect("a limit") as usize;
            assert_eq!(
                answer["diversity"]["satisfied"], !short,
                "seed {seed}: {}",
                answer["diversity"]
            );
            assert!(
                !short || answer["diversity"]["shortfall"].is_object(),
                "{}",
                answer["diversity"]
            );
            if answer["next_cursor"].is_null() {
                break;
            }
            request["cursor"] = answer["next_cursor"].clone();
            let changes: Vec<String> = (0..10).map(|k| line(&mut rng, count + page * 10 + k, kinds)).collect();
            let _ = server.load(&changes.join("\n"));
        }
        assert!(legal(&categories), "seed {seed}: {categories:?}");
        let distinct: std::collections::BTreeSet<_> = items.iter().collect();
        assert_eq!(distinct.len(), items.len(), "seed {seed}: an item twice");
    }
}

#[test]
fn value_and_bound_are_those_of_the_list() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    let mut rng = Pcg64::seed_from_u64(5);
    let lines: Vec<String> = (0..500).map(|n| line(&mut rng, n, 6)).collect();
    let _ = server.load(&lines.join("\n"));
    for seed in 0..30 {
        let answer = server.post(
            "/v1/recommendations",
            &json!({"seed": seed, "limit": 20, "explain": true}),
        );
        let offers = answer["offers"].as_array().expect("a list");
        let value: f64 = offers
            .iter()
            .enumerate()
            .map(|(p, o)| o["score"].as_f64().expect("a score") / (p as f64 + 2.0).log2())
            .sum();
        let diversity = &answer["diversity"];
        assert!((value - diversity["value"].as_f64().expect("a value")).abs() < 1e-9);
        let (bound, gap) = (
            diversity["bound"].as_f64().expect("a bound"),
            diversity["gap"].as_f64().expect("a gap"),
        );
        assert!(
            bound >= value - 1e-9 && (gap - (1.0 - value / bound)).abs() < 1e-9,
            "{diversity}"
        );
    }
}

#[test]
fn a_sold_out_offer_leaves_the_lists_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    let mut rng = Pcg64::seed_from_u64(9);
    let lines: Vec<String> = (0..60).map(|n| line(&mut rng, n, 6)).collect();
    let _ = server.load(&lines.join("\n"));
    for _ in 0..20 {
        let first = names(&server.post("/v1/recommendations", &json!({"seed": 3})), "id")[0].clone();
        let (status, answer) = server.call(
            "PATCH",
            &format!("/v1/offers/{first}/stock"),
            Some(&json!({"stock": 0})),
        );
        assert_eq!(status, 200, "{answer}");
        let path = format!("/v1/recommendations?min_sequence={}", answer["generation"]);
        let next = server.post(&path, &json!({"seed": 3, "limit": 200}));
        assert!(!names(&next, "id").contains(&first), "{first} is still there");
    }
}
