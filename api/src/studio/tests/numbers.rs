//! Numbers over the router: acts that follow answers, counted by module, playlist, venue and group of readers.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Seat, account};
use crate::app::clock;
use crate::http::tests::Bench;
use crate::store::Role;

/// Venues, offers, a published playlist, readers in Rennes.
async fn fill(bench: &Bench, admin: &Seat<'_>) {
    let mut lines = Vec::new();
    for (venue, offers) in [("big", 12), ("<small>", 2)] {
        lines.push(
            json!({"op": "venue.upsert", "venue": {"id": venue, "name": format!("Venue {venue}"), "city": "Rennes",
            "position": {"lat": 48.11, "lng": -1.68}}}),
        );
        for number in 0..offers {
            let id = format!("{venue}-{number}");
            let subcategory = ["LIVRE_PAPIER", "SEANCE_CINE", "JEU_SUPPORT_PHYSIQUE"][number % 3];
            lines.push(
                json!({"op": "offer.upsert", "offer": {"id": id, "title": format!("Offer {id}"),
                "subcategory": subcategory, "venue_id": venue, "price_cents": 0}}),
            );
        }
    }
    for reader in 0..6 {
        lines.push(
            json!({"op": "user.upsert", "user": {"id": format!("reader-{reader}"), "persona": "curieux",
            "position": {"lat": 48.11, "lng": -1.68}, "department": "35", "consents": {"personalisation": true}}}),
        );
    }
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let loaded = bench.changes(text.join("\n")).await;
    assert_eq!(loaded.status, StatusCode::OK, "{}", loaded.text);
    let tokens = admin.tokens("/studio/playlists/new").await;
    let fields = "id=p&title=Our+playlist&rule_all=1&rule_strict=soft&then=publish";
    let made = admin.post("/studio/playlists/new", &format!("{tokens}&{fields}")).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
}

/// Ten days ago, at noon.
fn seen() -> (String, String) {
    let at = clock().timestamp() - jiff::SignedDuration::from_hours(240);
    let day = at.to_string()[..10].to_owned();
    (day.clone(), format!("{day}T12:00:00Z"))
}

/// Each reader sees the playlist's offers and touches the first; each booked in three categories long ago.
async fn act(bench: &Bench) {
    let asked = r#"{"context":{"position":{"lat":48.11,"lng":-1.68},"age":18},"limit":20}"#;
    let answer = bench.call("POST", "/v1/playlists/p/offers", asked).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body = answer.json();
    let offers: Vec<&str> = body["offers"]
        .as_array()
        .expect("offers")
        .iter()
        .filter_map(|offer| offer["id"].as_str())
        .collect();
    assert!(offers.len() > 3, "{body}");
    let mut events = Vec::new();
    for reader in 0..6 {
        let user = format!("reader-{reader}");
        let mut add = |kind: &str, offer: &str, at: &str, request: Option<&Value>| {
            let id = format!("e{}-{reader}", events.len());
            let event =
                json!({"id": id, "type": kind, "user_id": user, "offer_id": offer, "at": at, "request_id": request});
            events.push(event);
        };
        for (place, offer) in ["big-0", "big-1", "big-2"].into_iter().enumerate() {
            add("booking", offer, &format!("2024-01-0{}T12:00:00Z", place + 1), None);
        }
        for offer in &offers {
            add("impression", offer, &seen().1, Some(&body["request_id"]));
        }
        add("click", offers[0], &seen().1, Some(&body["request_id"]));
    }
    let sent = bench.call("POST", "/v1/events", &json!(events).to_string()).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    // Answers are kept a little after they are given.
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
}

/// A page of numbers once its count is there and stands at everything.
async fn counted(seat: &Seat<'_>, path: &str, holds: &str) -> String {
    for _ in 0..100 {
        let reply = seat.get(path).await;
        if reply.status == StatusCode::OK && reply.text.contains(holds) {
            return reply.text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{path} never holds {holds}: {}", seat.get(path).await.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_saw_is_counted_by_playlist_venue_and_group() {
    let bench = Bench::new().await;
    account(&bench, "admin", Role::Admin, &[]).await;
    let admin = Seat::take(&bench, "admin").await;
    fill(&bench, &admin).await;
    act(&bench).await;
    let page = counted(&admin, "/studio/numbers", "Our playlist").await;
    assert!(page.contains("href=\"/studio/playlists/p\"") && page.contains("How practice widens"));

    let csv = admin.get("/studio/numbers/tables/playlists.csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(
        lines[0],
        "playlist,impression,click,booking,favorite,clicked,diversity,trend"
    );
    let shown = lines[1]
        .split(',')
        .nth(1)
        .and_then(|text| text.parse::<usize>().ok())
        .expect("a count");
    assert!(
        lines[1].starts_with("\"p\",") && shown.is_multiple_of(6) && shown > 18,
        "{}",
        lines[1]
    );
    assert_eq!(lines[1].split(',').nth(2), Some("6"));

    let personas = admin.get("/studio/numbers/tables/personas.csv").await.text;
    // Three bookings in three categories within days, two years ago: six readers, three categories each, all wide.
    let all = "6,3,1,6,3,1,6,3,1";
    assert!(
        personas.contains(&format!("\"all\",{all}")) && personas.contains(&format!("\"curieux\",{all}")),
        "{personas}"
    );
    let territories = admin.get("/studio/numbers/tables/territories.csv").await.text;
    assert!(
        territories.contains(&format!("\"rural\",{all}")),
        "one address around: {territories}"
    );
    let public = admin.get("/studio/numbers/tables/public.csv").await.text;
    assert!(
        public.contains("\"all\",\"\",6,1\n") && public.contains("\"department\",\"35\",6,1\n"),
        "{public}"
    );
    let small = admin.get("/studio/numbers/tables/small-venues.csv").await.text;
    assert!(small.contains("\"offers\",2,14,"), "{small}");

    for name in super::super::numbers::NAMES.iter().chain(&["cohorts"]) {
        let arrow = admin.get(&format!("/studio/numbers/tables/{name}.arrow")).await;
        assert_eq!(arrow.status, StatusCode::OK, "{name}");
        assert_eq!(arrow.headers["content-type"], "application/vnd.apache.arrow.stream");
    }
    for path in [
        "tables/none.csv",
        "tables/days.xls",
        "tables/days",
        "venues/none",
        "venues/big/none.csv",
    ] {
        let reply = admin.get(&format!("/studio/numbers/{path}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_has_its_page_and_few_readers_are_not_told() {
    let bench = Bench::new().await;
    account(&bench, "admin", Role::Admin, &[]).await;
    let admin = Seat::take(&bench, "admin").await;
    fill(&bench, &admin).await;
    let erased = bench
        .changes(
            r#"{"op":"user.erase","id":"reader-5"}
{"op":"user.erase","id":"reader-4"}"#,
        )
        .await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.text);
    act(&bench).await;
    let found = admin.get("/studio/numbers/venues?q=small+rennes").await.text;
    assert!(
        found.contains("Venue &#60;small&#62;") && !found.contains("Venue big"),
        "{found}"
    );
    let path = "/studio/numbers/venues/%3Csmall%3E";
    assert!(found.contains(path), "{found}");
    let page = counted(&admin, path, "Our playlist").await;
    assert!(page.contains("small venue") && !page.contains("Venue <small>"));
    let csv = admin.get(&format!("{path}/playlists.csv")).await.text;
    assert!(csv.contains("\"p\",8,"), "two offers, four readers: {csv}");
    let days = admin.get(&format!("{path}/days.csv")).await.text;
    assert!(days.contains(&format!("\"{}\",8,", seen().0)), "{days}");
    let personas = admin.get("/studio/numbers/tables/personas.csv").await.text;
    assert!(
        personas.contains("\"curieux\",,,,,,,,,\n"),
        "four readers are too few: {personas}"
    );
}
