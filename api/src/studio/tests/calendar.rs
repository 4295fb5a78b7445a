//! The calendar over the router, and documents that the studio shows and does not edit.

use axum::http::StatusCode;
use serde_json::json;

use super::{Seat, account};
use crate::http::tests::Bench;
use crate::store::Role;

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_period_stands_on_its_days_and_leads_to_its_document() {
    let bench = Bench::new().await;
    account(&bench, "admin", Role::Admin, &[]).await;
    let admin = Seat::take(&bench, "admin").await;
    for (id, fields) in [
        ("july", "&from=2027-07-01T00:00&to=2027-08-01T00:00"),
        ("fourteenth", "&act=day|2027-07-14"),
        ("always", ""),
    ] {
        let tokens = admin.tokens("/studio/playlists/new").await;
        let form = format!("{tokens}&id={id}&title=%3Cb%3E{id}&rule_all=1&then=publish{fields}");
        let made = admin.post("/studio/playlists/new", &form).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    }
    let event =
        json!({"name": "Night of museums", "from": "2027-07-03T18:00:00+02:00", "to": "2027-07-04T02:00:00+02:00"});
    let calendar = json!({"id": "year", "title": "The year", "events": [event]});
    let made = bench
        .call("POST", "/v1/editorial/calendars", &calendar.to_string())
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let done = bench.call("POST", "/v1/editorial/calendars/year/publish", "").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);

    let mut page = admin.get("/studio/calendar?month=2027-07").await;
    for _ in 0..100 {
        if page.text.contains("Night of museums") {
            break;
        }
        // Published a moment ago, served a moment later.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        page = admin.get("/studio/calendar?month=2027-07").await;
    }
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(
        page.text.contains("July 2027") && page.text.contains("3 documents"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("1 document is published without a period"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("&#60;b&#62;july") && !page.text.contains("<b>july"),
        "a title is text"
    );
    assert!(
        page.text.contains("href=\"/studio/playlists/july\"") && page.text.contains("href=\"/studio/calendars/year\"")
    );
    let day = admin.get("/studio/calendar?month=2027-07&day=2027-07-04").await.text;
    assert!(
        day.contains("On 2027-07-04") && day.contains("2 documents"),
        "the night lasts into the fourth: {day}"
    );
    let alone = admin
        .get("/studio/calendar?month=2027-07&kind=calendars&q=museums")
        .await
        .text;
    assert!(alone.contains("1 document<") && !alone.contains("july"), "{alone}");
    for strange in ["month=9999-99", "day=tomorrow&kind=none", "page=99999999999"] {
        let reply = admin.get(&format!("/studio/calendar?{strange}")).await;
        assert!(
            reply.status == StatusCode::OK || reply.status == StatusCode::BAD_REQUEST,
            "{strange}"
        );
    }

    let open = admin.get("/studio/calendars/year").await;
    assert_eq!(open.headers["location"], "/studio/calendars/year/versions");
    let versions = admin.get("/studio/calendars/year/versions").await.text;
    assert!(
        versions.contains("Night of museums") && versions.contains("The year"),
        "{versions}"
    );
}
