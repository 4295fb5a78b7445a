//! `/v1/similar`: what is near, what is refused, pages, the record and the replay; and the chances of what was drawn.

use serde_json::{Value, json};

use super::Bench;

const NOW: &str = "2026-06-15T12:00:00Z";

/// Three families of works in three categories, by creator.
async fn stocked() -> Bench {
    let bench = Bench::new().await;
    let kinds = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE"];
    let line = |n: usize| {
        let offer = json!({"id": format!("o{n:02}"), "item_id": format!("i{n:02}"), "title": format!("Titre {n}"), "subcategory": kinds[n % 3],
            "creators": [format!("c{}", n / 3 % 3)], "popularity": {"bookings_7d": 0, "bookings_14d": 0, "bookings_28d": n, "likes": 0}});
        json!({"op": "offer.upsert", "offer": offer}).to_string()
    };
    let lines: Vec<String> = (0..36).map(line).collect();
    let report = bench.changes(lines.join("\n")).await.json();
    assert_eq!(report["rejected"], json!([]));
    bench
}

async fn ask(bench: &Bench, body: &Value) -> super::Reply {
    bench
        .call("POST", "/v1/similar?min_sequence=36", &body.to_string())
        .await
}

fn ids(answer: &Value, field: &str) -> Vec<String> {
    let offers = answer["offers"].as_array().expect("a list").iter();
    offers
        .map(|offer| offer[field].as_str().expect("a text").to_owned())
        .collect()
}

#[tokio::test]
async fn what_is_near_comes_first_and_the_seed_stands_nowhere() {
    let bench = stocked().await;
    let by_offer = json!({"offer_id": "o04", "seed": 1, "limit": 9, "context": {"now": NOW, "age": 18}});
    let answer = ask(&bench, &by_offer).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let found = ids(&answer, "item_id");
    assert!(!found.contains(&"i04".to_owned()) && found.len() == 9);
    let family = |id: &String| id[1..].parse::<usize>().expect("a number") / 3 % 3;
    assert!(found.iter().all(|id| family(id) == 1), "of one creator: {found:?}");
    let categories = ids(&answer, "category");
    assert!(categories.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(
        answer["offers"][0]["sources"]
            .as_array()
            .map(|named| named.contains(&json!("similar"))),
        Some(true)
    );
    let mut by_item = by_offer.clone();
    by_item.as_object_mut().expect("an object").remove("offer_id");
    by_item["item_ids"] = json!(["i04"]);
    assert_eq!(ids(&ask(&bench, &by_item).await.json(), "item_id"), found);
}

#[tokio::test]
async fn pages_go_on_outwards_to_the_last_offer() {
    let bench = stocked().await;
    let mut request = json!({"item_ids": ["i04", "i08"], "seed": 1, "limit": 10, "context": {"now": NOW, "age": 18}});
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let page = ask(&bench, &request).await.json();
        all.extend(ids(&page, "item_id"));
        pages += 1;
        if page["next_cursor"].is_null() {
            break;
        }
        request["cursor"] = page["next_cursor"].clone();
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!((count, all.len(), pages), (34, 34, 4));
    let other = json!({"item_ids": ["i04"], "seed": 1, "limit": 10, "context": {"now": NOW, "age": 18}, "cursor": request["cursor"]});
    assert_eq!(ask(&bench, &other).await.problem().1, "cursor_mismatch");
}

#[tokio::test]
async fn what_is_no_request_is_refused_where_it_is_wrong() {
    let bench = stocked().await;
    for (body, code, pointer) in [
        (json!({}), "missing_field", "/offer_id"),
        (json!({"offer_id": null}), "missing_field", "/offer_id"),
        (
            json!({"offer_id": "o01", "item_ids": ["i02"]}),
            "invalid_value",
            "/item_ids",
        ),
        (json!({"item_ids": []}), "invalid_value", "/item_ids"),
        (json!({"offer_id": "nothing"}), "unknown_value", "/offer_id"),
        (json!({"item_ids": ["i01", "nothing"]}), "unknown_value", "/item_ids/1"),
        (json!({"offer_id": 3}), "invalid_type", "/offer_id"),
        (json!({"item_ids": ["i01", 3]}), "invalid_type", "/item_ids/1"),
        (json!({"offer_id": "o01", "colour": 1}), "unknown_field", "/colour"),
        (json!({"offer_id": "o01", "limit": 0}), "invalid_value", "/limit"),
        (
            json!({"offer_id": "o01", "context": {"age": "x"}}),
            "invalid_type",
            "/context/age",
        ),
    ] {
        let problem = ask(&bench, &body).await.problem();
        assert_eq!(problem, (422, code.to_owned(), pointer.to_owned()), "{body}");
    }
    assert_eq!(bench.call("POST", "/v1/similar", "[1]").await.status, 422);
    assert_eq!(bench.call("POST", "/v1/similar", "{").await.status, 400);
}

#[tokio::test]
async fn it_is_kept_explained_and_replayed() {
    let bench = stocked().await;
    let body = json!({"offer_id": "o04", "limit": 4, "explain": true, "context": {"age": 18}});
    let answer = ask(&bench, &body).await.json();
    for offer in answer["offers"].as_array().expect("a list") {
        let parts = offer["explanation"]["features"].as_array().expect("features").iter();
        let sum: f64 = parts.filter_map(|part| part["contribution"].as_f64()).sum();
        assert!((sum - offer["score"].as_f64().expect("a score")).abs() < 1e-9);
    }
    let id = answer["request_id"].as_str().expect("an id");
    let kept = bench.call("GET", &format!("/v1/requests/{id}"), "").await.json();
    assert_eq!(kept["kind"], "similar");
    assert_eq!(kept["request"]["offer_id"], "o04");
    assert_eq!(kept["answer"]["offers"], answer["offers"]);
    let explored = kept["explored"].as_array().expect("a list");
    assert!(!explored.is_empty());
    for one in explored {
        let chance = one["propensity"].as_f64().expect("a chance");
        assert!(chance > 0.0 && chance <= 1.0 && one["offer_id"].is_string(), "{one}");
    }
    let again = bench
        .call("POST", &format!("/v1/requests/{id}/replay"), "")
        .await
        .json();
    assert_eq!(again["replay"], "recomputed");
    assert_eq!(again["offers"], answer["offers"]);
}

#[tokio::test]
async fn a_short_deadline_is_told_and_replayed_with_the_same_effort() {
    use axum::body::Body;
    use axum::http::Request;
    let bench = stocked().await;
    let body = json!({"offer_id": "o04", "limit": 4, "context": {"age": 18}}).to_string();
    ask(&bench, &json!({"offer_id": "o04"})).await;
    let request = Request::post("/v1/similar")
        .header("content-type", "application/json")
        .header("x-deadline-ms", "900");
    let answer = bench
        .send(request.body(Body::from(body)).expect("a request"))
        .await
        .json();
    assert_eq!(answer["degraded"], json!([]), "there was enough");
    let id = answer["request_id"].as_str().expect("an id");
    let again = bench
        .call("POST", &format!("/v1/requests/{id}/replay"), "")
        .await
        .json();
    assert_eq!(
        (&again["replay"], &again["offers"]),
        (&json!("recomputed"), &answer["offers"])
    );
}
