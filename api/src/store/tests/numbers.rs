//! Acts and readers' ways, as the studio counts them.

use florilege_engine::event::{EventType, Then};

use super::*;

fn act(id: &str, user: &str, kind: &str) -> Change {
    let event = serde_json::json!({"id": id, "type": kind, "user_id": user, "offer_id": "o1",
        "at": "2026-11-22T12:00:00+01:00", "text": "\"type\":\"booking\""});
    change(&serde_json::json!({"op": "event", "event": event}).to_string())
}

async fn filled(place: &Place) -> Store {
    let store = place.open().await;
    let mut changes = vec![offer("o1", "a")];
    for reader in ["lectrice-a", "lectrice-b", "lectrice-c"] {
        changes.push(user(reader, &[], true));
    }
    for (number, (reader, kind)) in [
        ("lectrice-a", "impression"),
        ("lectrice-a", "view"),
        ("lectrice-b", "booking"),
        ("lectrice-a", "booking"),
        ("lectrice-a", "click"),
        ("lectrice-a", "cancellation"),
        ("lectrice-b", "attendance"),
    ]
    .into_iter()
    .enumerate()
    {
        changes.push(act(&format!("e{number}"), reader, kind));
    }
    submit(&store, changes).await;
    store
}

pub(super) async fn acts_come_in_pieces_the_newest_first(place: &Place) {
    let store = filled(place).await;
    let (mut kinds, mut before, mut pieces) = (Vec::new(), None, 0);
    loop {
        let piece = store.acts_before(before, 3).await.expect("read");
        kinds.extend(piece.acts.iter().map(|act| act.kind));
        assert!(piece.acts.iter().all(|act| matches!(act.then, Some(Then::Known(_)))));
        (before, pieces) = (piece.before, pieces + 1);
        if before.is_none() {
            break;
        }
    }
    use EventType::{Attendance, Booking, Cancellation, Click, Impression, View};
    assert_eq!(
        kinds,
        [Attendance, Cancellation, Click, Booking, Booking, View, Impression]
    );
    assert_eq!(pieces, 3);
    submit(&store, vec![erase("lectrice-a")]).await;
    let left = store.acts_before(None, 10).await.expect("read").acts;
    assert_eq!(
        left.iter().map(|act| act.kind).collect::<Vec<_>>(),
        [Attendance, Booking]
    );
}

pub(super) async fn a_way_has_the_first_act_and_the_bookings_and_no_name(place: &Place) {
    let store = filled(place).await;
    let past = store.readers_past().await.expect("read");
    let ways = store.journeys(1, past).await.expect("read");
    let kinds: Vec<Vec<EventType>> = ways
        .iter()
        .map(|way| way.acts.iter().map(|act| act.kind).collect())
        .collect();
    use EventType::{Attendance, Booking, Cancellation, Impression};
    assert_eq!(
        kinds,
        [vec![Impression, Booking, Cancellation], vec![Booking, Attendance]],
        "one who did nothing has no way"
    );
    assert!(!format!("{ways:?}").contains("lectrice"), "{ways:?}");
    let halves = [store.journeys(1, 2).await, store.journeys(2, past).await];
    let halves: Vec<_> = halves.into_iter().flat_map(|half| half.expect("read")).collect();
    assert_eq!(halves, ways, "pieces make the whole");
    submit(&store, vec![erase("lectrice-a")]).await;
    assert_eq!(store.journeys(1, past).await.expect("read").len(), 1);
}
