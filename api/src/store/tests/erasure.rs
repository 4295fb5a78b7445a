//! A reader who is erased is found nowhere: not in the answers, not in the bytes.

use florilege_engine::ids::UserId;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::*;
use crate::store::Answered;

/// An identifier that occurs by no chance.
const ID: &str = "lectrice-7f3a9c51";

fn holds(bytes: &[u8], id: &str) -> bool {
    bytes.windows(id.len()).any(|window| window == id.as_bytes())
}

fn answered(reader: &str) -> Answered {
    let body = serde_json::json!({"context": {"user_id": reader, "friends": ["u2", reader]}, "q": "@reader:1"});
    Answered {
        id: Uuid::now_v7(),
        readers: vec![UserId::new(reader).expect("an id"), UserId::new("u2").expect("an id")],
        body: RawValue::from_string(body.to_string()).expect("JSON"),
    }
}

pub(super) async fn an_erased_reader_is_nowhere(place: &Place) {
    let store = place.open().await;
    let (id, request) = (UserId::new(ID).expect("an id"), answered(ID));
    submit(
        &store,
        vec![offer("o1", "a"), user("u2", &[ID], true), user(ID, &["u2"], true)],
    )
    .await;
    submit(&store, vec![event("e1", ID, Some("u2")), event("e2", "u2", Some(ID))]).await;
    assert!(store.record(request.clone()));
    crate::store::requests::flush(&store.shared).await.expect("written");
    let kept = store.request(request.id).await.expect("read").expect("there");
    let as_json = |raw: &RawValue| serde_json::from_str::<serde_json::Value>(raw.get()).expect("JSON");
    assert_eq!(as_json(&kept), as_json(&request.body), "it is given back as it was");
    assert!(holds(&place.bytes(), ID), "else the test below proves nothing");

    let appended = submit(&store, vec![erase(ID)]).await;
    assert_eq!(appended.sequence, Sequence(6));
    assert!(!holds(&place.bytes(), ID), "found after the erasure");
    assert_eq!(store.user(&id).await.expect("read"), None);
    assert_eq!(
        store
            .request(request.id)
            .await
            .expect("read")
            .map(|raw| raw.to_string()),
        None
    );
    let known = store
        .user(&UserId::new("u2").expect("an id"))
        .await
        .expect("read")
        .expect("there");
    assert_eq!((known.profile.friends.len(), known.events.len()), (0, 1));
    assert_eq!(known.events[0].to_user_id, None);
    let log = whole_log(&store).await;
    assert_gapless(&log);
    let emptied: Vec<u64> = log
        .iter()
        .filter(|entry| entry.change.is_none())
        .map(|entry| entry.sequence.0)
        .collect();
    assert_eq!(emptied, [3, 4], "its numbers stay, its content goes");
    assert_eq!(log[5].change, Some(erase(ID)), "a follower can still obey");

    store.close().await;
    assert!(!holds(&place.bytes(), ID), "found after the closing");
    let store = place.open().await;
    assert_eq!(whole_log(&store).await[5].change, None);
    // The same identifier may come back, as somebody new.
    submit(&store, vec![user(ID, &[], true), event("e1", ID, None)]).await;
    assert_eq!(store.user(&id).await.expect("read").expect("there").events.len(), 1);
    let back = submit(&store, vec![erase(ID), user(ID, &[], true), erase(ID), erase(ID)]).await;
    assert_eq!(back.rejected().map(|(at, _)| at).collect::<Vec<_>>(), [3]);
    assert!(!holds(&place.bytes(), ID), "found after the second erasure");
}

/// Pages split and merge on the way; no copy may stay in their unused parts.
pub(super) async fn many_readers_leave_no_trace(place: &Place) {
    let store = place.open().await;
    let mut random = Random(11);
    let name = |n: u64| format!("trace-{n:04}-{}", "x".repeat((n * 37 % 150) as usize));
    let mut living = Vec::new();
    for round in 0..30 {
        let new: Vec<String> = (round * 20..round * 20 + 20).map(name).collect();
        let mut changes: Vec<Change> = new.iter().map(|id| user(id, &[&new[0], &new[7]], true)).collect();
        changes.extend(
            new.iter()
                .enumerate()
                .map(|(n, id)| event(&format!("e-{round}-{n}"), id, Some(&new[3]))),
        );
        submit(&store, changes).await;
        living.extend(new);
        let gone: Vec<String> = (0..10)
            .map(|_| living.swap_remove(random.below(living.len() as u64) as usize))
            .collect();
        submit(&store, gone.iter().map(|id| erase(id)).collect()).await;
    }
    let bytes = place.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let found = (0..600)
        .map(name)
        .filter(|id| !living.contains(id))
        .filter(|id| text.contains(&format!("{}-", &id[..10])));
    assert_eq!(found.collect::<Vec<_>>(), Vec::<String>::new());
    assert!(
        living.iter().all(|id| text.contains(id.as_str())),
        "those who stay are there"
    );
}

pub(super) async fn a_follower_learns_of_an_erasure(place: &Place) {
    let (writer, follower) = (place.open().await, place.open().await);
    submit(&writer, vec![user(ID, &[], true)]).await;
    let (sequence, state) = whole_state(&follower).await;
    assert_eq!(state.len(), 1);
    submit(&writer, vec![event("e1", ID, None), erase(ID)]).await;
    let after: Vec<Option<Change>> = follower
        .log_after(sequence, 10)
        .await
        .expect("the log")
        .into_iter()
        .map(|entry| entry.change)
        .collect();
    assert_eq!(after, [None, Some(erase(ID))]);
    let again = follower.log_after(sequence, 10).await.expect("the log");
    assert_eq!(again[1].change, Some(erase(ID)), "also when it has to read twice");
}

pub(super) async fn consent_taken_back_empties_the_events(place: &Place) {
    let store = place.open().await;
    submit(&store, vec![user("u1", &[], true), user("u2", &[], true)]).await;
    submit(&store, vec![event("e1", "u1", None), event("e2", "u2", None)]).await;
    submit(
        &store,
        vec![event("e3", "u1", None), user("u1", &[], false), event("e4", "u1", None)],
    )
    .await;
    let known = store
        .user(&UserId::new("u1").expect("an id"))
        .await
        .expect("read")
        .expect("there");
    assert_eq!((known.profile.consents.personalisation, known.events.len()), (false, 0));
    let changes: Vec<Option<Change>> = whole_log(&store).await.into_iter().map(|entry| entry.change).collect();
    let expected = [
        Some(user("u1", &[], true)),
        Some(user("u2", &[], true)),
        None,
        Some(event("e2", "u2", None)),
        None,
        Some(user("u1", &[], false)),
    ];
    assert_eq!(changes, expected);
}
