//! One store, one writer: what goes in, what comes out, what is refused.

use std::time::Duration;

use florilege_engine::event::{Facts, Then};
use florilege_engine::ids::{ItemId, OfferId, UserId, VenueId};
use florilege_engine::invalid::Code;

use super::*;
use crate::store::StoreError;

pub(super) async fn what_goes_in_comes_out(place: &Place) {
    let store = place.open().await;
    let venue =
        change(r#"{"op":"venue.upsert","venue":{"id":"v1","name":"Librairie","position":{"lat":48.1,"lng":-1.6}}}"#);
    let book = change(
        r#"{"op":"offer.upsert","offer":{"id":"o1","title":"L'Été","subcategory":"LIVRE_PAPIER","venue_id":"v1",
        "price_cents":1290,"dates":["2026-12-01T19:30:00+01:00"],"vector":[0.1,-2.5e-7],
        "attributes":{"a":null,"b":[1,2.5,"\u0000"]},"updated_at":"2026-11-01T00:00:00Z"}}"#,
    );
    let changes = vec![
        venue.clone(),
        book.clone(),
        user("u1", &["u2"], true),
        event("e1", "u1", Some("u2")),
    ];
    let appended = submit(&store, changes.clone()).await;
    assert_eq!(appended.sequence, Sequence(4));
    assert_eq!(appended.accepted(), 4);
    let log = whole_log(&store).await;
    assert_gapless(&log);
    let logged: Vec<Change> = log.into_iter().filter_map(|entry| entry.change).collect();
    assert_eq!(logged, changes);
    assert_eq!(whole_state(&store).await, (Sequence(4), changes));

    let id = OfferId::new("o1").expect("an id");
    let found = store.offer(&id).await.expect("read").expect("there");
    assert_eq!(Change::OfferUpsert(Box::new(found)), book);
    let id = VenueId::new("v1").expect("an id");
    let found = store.venue(&id).await.expect("read").expect("there");
    assert_eq!(Change::VenueUpsert(Box::new(found)), venue);
    let id = UserId::new("u1").expect("an id");
    let known = store.user(&id).await.expect("read").expect("there");
    assert_eq!(Change::UserUpsert(Box::new(known.profile)), user("u1", &["u2"], true));
    let acts: Vec<Change> = known
        .events
        .into_iter()
        .map(|act| Change::Event(Box::new(act)))
        .collect();
    assert_eq!(acts, [event("e1", "u1", Some("u2"))]);
    let mut readers = Vec::new();
    let read = store.readers(Sequence(4), |change| readers.push(as_sent(change))).await;
    read.expect("read");
    assert_eq!(readers, [user("u1", &["u2"], true), event("e1", "u1", Some("u2"))]);
    readers.clear();
    let read = store.readers(Sequence(3), |change| readers.push(change)).await;
    read.expect("read");
    assert_eq!(readers, [user("u1", &["u2"], true)], "the event comes with the log");
    let id = UserId::new("u2").expect("an id");
    assert_eq!(store.user(&id).await.expect("read"), None, "mentioned is not known");
}

pub(super) async fn each_change_has_its_fate(place: &Place) {
    let store = place.open().await;
    let dated = |title: &str, at: &str| {
        let line =
            r#"{"op":"offer.upsert","offer":{"id":"o2","title":"T","subcategory":"LIVRE_PAPIER","updated_at":"A"}}"#;
        change(
            &line
                .replace("\"T\"", &format!("{title:?}"))
                .replace("\"A\"", &format!("{at:?}")),
        )
    };
    submit(
        &store,
        vec![
            dated("new", "2026-11-02T00:00:00Z"),
            user("u1", &[], true),
            event("e1", "u1", None),
        ],
    )
    .await;
    let appended = submit(
        &store,
        vec![
            dated("old", "2026-11-01T23:59:59Z"),
            dated("same time, other offset", "2026-11-02T01:00:00+01:00"),
            stock("nobody", 1),
            delete("nobody"),
            change(r#"{"op":"venue.delete","id":"nobody"}"#),
            erase("nobody"),
            event("e1", "u1", None),
            event("e2", "nobody", None),
            user("u3", &[], false),
            event("e3", "u3", None),
            event("e4", "u1", None),
            event("e4", "u1", None),
        ],
    )
    .await;
    let fates: Vec<String> = appended.outcomes.iter().map(fate).collect();
    let expected = [
        "Older",
        "4",
        "/id",
        "/id",
        "/id",
        "/id",
        "Duplicate",
        "NoConsent",
        "5",
        "NoConsent",
        "6",
        "Duplicate",
    ];
    assert_eq!(fates, expected);
    assert!(appended.rejected().all(|(_, fault)| fault.code == Code::NotFound));
    assert_eq!(appended.rejected().map(|(at, _)| at).collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!((appended.accepted(), appended.sequence), (8, Sequence(6)));
    assert_gapless(&whole_log(&store).await);
    let found = store.offer(&OfferId::new("o2").expect("an id")).await.expect("read");
    assert_eq!(
        found.map(|offer| offer.title).as_deref(),
        Some("same time, other offset")
    );
    let nothing = submit(&store, vec![stock("nobody", 1)]).await;
    assert_eq!(nothing.sequence, Sequence(6), "a refusal leaves the log alone");
    assert_eq!(submit(&store, Vec::new()).await.sequence, Sequence(6));
}

fn fate(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied(at) => at.0.to_string(),
        Outcome::Ignored(why) => format!("{why:?}"),
        Outcome::Rejected(fault) => fault.pointer.clone(),
    }
}

pub(super) async fn a_submission_is_played_in_order(place: &Place) {
    let store = place.open().await;
    let appended = submit(
        &store,
        vec![
            offer("o1", "a"),
            stock("o1", 3),
            delete("o1"),
            stock("o1", 4),
            offer("o1", "b"),
            stock("o1", 5),
        ],
    )
    .await;
    let fates: Vec<String> = appended.outcomes.iter().map(fate).collect();
    assert_eq!(fates, ["1", "2", "3", "/id", "4", "5"]);
    let found = store
        .offer(&OfferId::new("o1").expect("an id"))
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.title.as_str(), found.stock), ("b", Some(5)));
    submit(&store, vec![stock("o1", 6), offer("o1", "c"), delete("o1")]).await;
    assert_eq!(
        store.offer(&OfferId::new("o1").expect("an id")).await.expect("read"),
        None
    );
    assert_eq!(whole_state(&store).await, (Sequence(8), Vec::new()));
}

/// What each event says its offer was, from the log and from what an engine is built from, which are the same.
async fn told(store: &Store) -> Vec<Option<Then>> {
    let then = |change: Change| {
        let Change::Event(event) = change else { return None };
        Some(event.then)
    };
    let log = store.log_after(Sequence(0), 1_000).await.expect("the log");
    let logged: Vec<_> = log.into_iter().filter_map(|entry| then(entry.change?)).collect();
    let mut handed = Vec::new();
    let state = store.state(|change| handed.extend(then(change))).await;
    state.expect("the state");
    assert_eq!(handed, logged);
    logged
}

pub(super) async fn an_event_says_what_its_offer_was(place: &Place) {
    let store = place.open().await;
    let venue = |kind: &str| {
        change(&format!(
            r#"{{"op":"venue.upsert","venue":{{"id":"v1","name":"n","kind":"{kind}"}}}}"#
        ))
    };
    let placed = |subcategory: &str| {
        let offer = serde_json::json!({"id": "o1", "item_id": "i1", "venue_id": "v1", "title": "t", "subcategory": subcategory,
            "genres": ["a", "b", "a", "c", "d", "e"]});
        change(&serde_json::json!({"op": "offer.upsert", "offer": offer}).to_string())
    };
    let known = |subcategory: &str, kind: Option<&str>| {
        Some(Then::Known(Box::new(Facts {
            item: ItemId::new("i1").expect("an id"),
            subcategory: subcategory.to_owned(),
            venue: Some(VenueId::new("v1").expect("an id")),
            venue_kind: kind.map(str::to_owned),
            genres: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        })))
    };
    let act = |n: usize| event(&format!("e{n}"), "u1", None);
    let withdraw = change(r#"{"op":"venue.delete","id":"v1"}"#);
    // All in one batch, then each in its own.
    submit(
        &store,
        vec![
            user("u1", &[], true),
            act(1),
            venue("k"),
            placed("CONCERT"),
            act(2),
            placed("VISITE"),
            act(3),
            delete("o1"),
            act(4),
        ],
    )
    .await;
    for changes in [
        vec![placed("CONCERT")],
        vec![act(5)],
        vec![venue("l")],
        vec![act(6), stock("o1", 2), act(7)],
    ] {
        submit(&store, changes).await;
    }
    submit(&store, vec![placed("VISITE"), act(8), withdraw, act(9)]).await;
    submit(&store, vec![delete("o1")]).await;
    submit(&store, vec![act(10)]).await;
    let unknown = Some(Then::Unknown);
    let expected = [
        unknown.clone(),
        known("CONCERT", Some("k")),
        known("VISITE", Some("k")),
        unknown.clone(),
        known("CONCERT", Some("k")),
        known("CONCERT", Some("l")),
        known("CONCERT", Some("l")),
        known("VISITE", Some("l")),
        known("VISITE", None),
        unknown,
    ];
    assert_eq!(told(&store).await, expected);
    let id = UserId::new("u1").expect("an id");
    let shown = store.user(&id).await.expect("read").expect("there").events;
    assert_eq!(serde_json::to_value(&shown[1]).expect("JSON").get("then"), None);
    submit(&store, vec![user("u1", &[], false)]).await;
    assert_eq!(told(&store).await, [], "consent taken back");
}

pub(super) async fn a_store_opened_again_goes_on(place: &Place) {
    let store = place.open().await;
    submit(&store, vec![offer("o1", "a"), user("u1", &[], true)]).await;
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.last_sequence(), Sequence(2));
    submit(&store, vec![event("e1", "u1", None)]).await;
    let logged: Vec<Option<Change>> = whole_log(&store).await.into_iter().map(|entry| entry.change).collect();
    let expected = [offer("o1", "a"), user("u1", &[], true), event("e1", "u1", None)].map(Some);
    assert_eq!(logged, expected);
}

pub(super) async fn a_newer_schema_is_refused(place: &Place) {
    let store = place.open().await;
    let mut tx = store.shared.database.write().await.expect("a transaction");
    tx.run("INSERT INTO schema_version (version) VALUES (999)", Vec::new())
        .await
        .expect("written");
    tx.commit().await.expect("committed");
    store.close().await;
    let again = Store::open(place.url.clone(), Arc::new(Taxonomy::built_in()), Limits::default()).await;
    assert!(matches!(again, Err(StoreError::Schema { found: 999, .. })), "{again:?}");
}

pub(super) async fn a_full_queue_says_so(place: &Place) {
    let limits = Limits {
        queued_changes: 10,
        ..Limits::default()
    };
    let store = place.open_with(limits).await;
    // More than the bound enters an empty queue; what comes behind it meanwhile does not.
    let many: Vec<Change> = (0..3_000).map(|n| offer(&format!("o{n}"), "a")).collect();
    let first = tokio::spawn({
        let store = store.clone();
        async move { store.submit(many).await }
    });
    while store.waiting() == 0 && !first.is_finished() {
        tokio::task::yield_now().await;
    }
    let refused = store.submit(vec![offer("late", "a")]).await;
    assert!(matches!(refused, Err(StoreError::Overloaded { retry_after }) if retry_after > Duration::ZERO));
    let first = first.await.expect("ran").expect("written");
    assert_eq!(first.sequence, Sequence(3_000));
    assert_eq!(submit(&store, vec![offer("late", "a")]).await.sequence, Sequence(3_001));
    assert_eq!(store.waiting(), 0);
}

pub(super) async fn a_closed_store_refuses(place: &Place) {
    let store = place.open().await;
    store.close().await;
    let refused = store.submit(vec![offer("o1", "a")]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
}

pub(super) async fn a_foreign_file_is_refused(place: &Place) {
    let StoreUrl::Sqlite(_) = &place.url else {
        let taxonomy = Arc::new(Taxonomy::built_in());
        let nobody = StoreUrl::Postgres("postgres://user:secret@127.0.0.1:1/none".into());
        assert!(!format!("{nobody:?}").contains("secret"));
        let limits = Limits {
            timeout: Duration::from_secs(2),
            ..Limits::default()
        };
        let away = Store::open(nobody, taxonomy, limits).await;
        assert!(matches!(away, Err(StoreError::Unavailable { .. })), "{away:?}");
        return;
    };
    let file = place.folder.path().join("other.sqlite");
    let text = "This is a letter and no database at all. ".repeat(100);
    std::fs::write(&file, &text).expect("written");
    let refused = Store::open(
        StoreUrl::Sqlite(file.clone()),
        Arc::new(Taxonomy::built_in()),
        Limits::default(),
    )
    .await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(file).expect("read"), text, "and left as it was");
}
