//! Keys, answered requests, backups.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::*;
use crate::store::{Answered, NewKey, Scope, StoreError, clock};

fn editor(expires: Option<Timestamp>) -> NewKey {
    NewKey {
        scope: Scope::Edit,
        territories: vec!["35".into(), "QPV-é".into()],
        expires,
        note: "bureau".into(),
    }
}

pub(super) async fn keys_open_until_revoked(place: &Place) {
    let (store, other) = (place.open().await, place.open().await);
    assert!(store.keys().is_empty());
    let (key, token) = store.add_key(editor(None)).await.expect("made");
    assert!(token.starts_with("flo_") && token.len() == 47, "{token}");
    let now = clock::now();
    assert_eq!(store.keys().find(&token, now), Some(&key));
    assert_eq!(store.keys().find(&token.replace("flo_", "flp_"), now), None);
    assert_eq!(store.keys().find("", now), None);
    until(|| other.keys().find(&token, now).is_some()).await;
    let bytes = place.bytes();
    assert!(
        !String::from_utf8_lossy(&bytes).contains(&token[4..]),
        "the token itself is stored nowhere"
    );

    let revoked = store.revoke_key(&key.id).await.expect("revoked");
    assert_eq!(store.keys().find(&token, now), None, "at once here");
    let started = Instant::now();
    until(|| other.keys().find(&token, now).is_none()).await;
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "within a second elsewhere: {:?}",
        started.elapsed()
    );
    assert_eq!(store.revoke_key(&key.id).await.expect("again").revoked, revoked.revoked);
    assert!(matches!(
        store.revoke_key("none").await,
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(other.list_keys().await.expect("listed"), [revoked]);
    assert!(!store.keys().is_empty(), "a revoked key does not open the house to all");
}

async fn until(holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(10), "never");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn a_key_ends_by_itself(place: &Place) {
    let store = place.open().await;
    let end = clock::now() + SignedDuration::from_hours(1);
    let (key, token) = store.add_key(editor(Some(end))).await.expect("made");
    let keys = store.keys();
    assert_eq!(keys.find(&token, end - SignedDuration::from_secs(1)), Some(&key));
    assert_eq!(keys.find(&token, end), None);
}

pub(super) async fn requests_are_kept_and_bounded(place: &Place) {
    let limits = Limits {
        requests_kept: 5,
        ..Limits::default()
    };
    let store = place.open_with(limits.clone()).await;
    let answered: Vec<Answered> = (0..8).map(body).collect();
    for each in &answered {
        assert!(store.record(each.clone()));
        let waiting = store.request(each.id).await.expect("read").expect("there at once");
        assert_eq!(waiting.get(), each.body.get());
        crate::store::requests::flush(&store.shared).await.expect("written");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    crate::store::requests::sweep(&store.shared, &limits)
        .await
        .expect("swept");
    let mut kept = Vec::new();
    for each in &answered {
        kept.push(store.request(each.id).await.expect("read").is_some());
    }
    assert_eq!(kept, [false, false, false, true, true, true, true, true]);
    let over = Limits {
        requests_for: Duration::ZERO,
        ..limits
    };
    crate::store::requests::sweep(&store.shared, &over)
        .await
        .expect("swept");
    assert!(
        store.request(answered[7].id).await.expect("read").is_none(),
        "its time is over"
    );
}

fn body(number: u32) -> Answered {
    let text = format!(r#"{{"seed":{number},"score":0.1,"list":["@reader:1","x"]}}"#);
    Answered {
        id: Uuid::now_v7(),
        readers: Vec::new(),
        body: RawValue::from_string(text).expect("JSON"),
    }
}

pub(super) async fn a_backup_is_a_store(place: &Place) {
    let store = place.open().await;
    submit(
        &store,
        vec![offer("o1", "a"), user("u1", &[], true), event("e1", "u1", None)],
    )
    .await;
    let copy = tempfile::tempdir().expect("a folder");
    let file = copy.path().join("store.sqlite");
    let done = store.backup(&file).await;
    if !place.is_sqlite() {
        assert!(matches!(done, Err(StoreError::Invalid(_))), "{done:?}");
        return;
    }
    done.expect("written");
    assert!(store.backup(&file).await.is_err(), "nothing is overwritten");
    submit(&store, vec![delete("o1")]).await;
    let taxonomy = Arc::new(Taxonomy::built_in());
    let restored = Store::open(StoreUrl::Sqlite(file), taxonomy, Limits::default())
        .await
        .expect("opens");
    assert_eq!(
        whole_state(&restored).await.1,
        [offer("o1", "a"), user("u1", &[], true), event("e1", "u1", None)]
    );
    assert_eq!(submit(&restored, vec![offer("o2", "b")]).await.sequence, Sequence(4));
}
