//! Several writers, readers in between, large batches, lost connections.

use std::time::{Duration, Instant};

use super::*;

/// Three stores on one database, as three processes would be, many callers each; readers follow all the while.
pub(super) async fn the_log_has_no_gap_whoever_writes(place: &Place) {
    const CALLS: u64 = 40;
    let stores = [place.open().await, place.open().await, place.open().await];
    let mut writers = Vec::new();
    for (number, store) in stores.iter().enumerate() {
        for caller in 0..4 {
            let store = store.clone();
            writers.push(tokio::spawn(async move {
                let mut last = Sequence(0);
                for call in 0..CALLS {
                    let id = format!("o-{number}-{caller}-{call}");
                    let appended = submit(&store, vec![offer(&id, "a"), stock(&id, 1)]).await;
                    assert!(appended.sequence > last, "order of arrival");
                    last = appended.sequence;
                    // What is acknowledged can be read at once, by any of them.
                    let before = Sequence(last.0 - 1);
                    assert!(!store.log_after(before, 1).await.expect("the log").is_empty());
                }
            }));
        }
    }
    let total = 2 * CALLS * writers.len() as u64;
    let followers: Vec<_> = stores
        .iter()
        .map(|store| tokio::spawn(follow(store.clone(), total)))
        .collect();
    for writer in writers {
        writer.await.expect("wrote");
    }
    let mut logs = Vec::new();
    for follower in followers {
        logs.push(follower.await.expect("followed"));
    }
    assert_gapless(&logs[0]);
    assert!(
        logs.iter().all(|log| *log == logs[0]),
        "each follower has seen the same"
    );
}

/// Polls as a serving process does: an entry once passed over would be missing for ever.
async fn follow(store: Store, total: u64) -> Vec<Entry> {
    let mut log: Vec<Entry> = Vec::new();
    let started = Instant::now();
    while (log.len() as u64) < total {
        let after = log.last().map_or(Sequence(0), |entry| entry.sequence);
        log.extend(store.log_after(after, 13).await.expect("the log"));
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "only {} of {total}",
            log.len()
        );
    }
    log
}

pub(super) async fn a_large_batch_goes_in_whole(place: &Place) {
    let (writer, watcher) = (place.open().await, place.open().await);
    let mut grown = watcher.subscribe();
    let changes: Vec<Change> = (0..20_000)
        .map(|n| offer(&format!("o{}", n % 15_000), "titre"))
        .collect();
    let started = Instant::now();
    let appended = submit(&writer, changes.clone()).await;
    eprintln!("20,000 changes in {:?}", started.elapsed());
    assert_eq!((appended.sequence, appended.accepted()), (Sequence(20_000), 20_000));
    tokio::time::timeout(Duration::from_secs(5), grown.wait_for(|last| *last == Sequence(20_000)))
        .await
        .expect("the other process notices")
        .expect("and is alive");
    let logged: Vec<Change> = whole_log(&watcher)
        .await
        .into_iter()
        .filter_map(|entry| entry.change)
        .collect();
    assert!(logged == changes);
    assert_eq!(whole_state(&watcher).await.1.len(), 15_000);
}

/// On PostgreSQL every connection is cut while callers write; on SQLite another process holds the lock for a while.
pub(super) async fn a_lost_connection_is_found_again(place: &Place) {
    let store = place.open().await;
    submit(&store, vec![offer("before", "a")]).await;
    disturb(place).await;
    let started = Instant::now();
    let mut refused = 0;
    for number in 0..50 {
        let id = format!("o{number}");
        while let Err(error) = store.submit(vec![offer(&id, "a")]).await {
            assert!(error.is_transient(), "{error}");
            refused += 1;
            assert!(started.elapsed() < Duration::from_secs(60), "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if number % 10 == 0 {
            disturb(place).await;
        }
    }
    eprintln!("{refused} refused in between");
    let log = whole_log(&store).await;
    assert_gapless(&log);
    assert_eq!(
        whole_state(&store).await.1.len(),
        51,
        "each acknowledged change is there"
    );
    // A commit whose answer was lost may have been sent again: more entries, the same state.
    assert!(log.len() >= 51);
}

async fn disturb(place: &Place) {
    if let Some((server, name)) = &place.server {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
        admin(server, format!("{sql}'{name}'")).await;
        return;
    }
    let other = place.open().await;
    tokio::spawn(async move {
        let tx = other.shared.database.write().await.expect("the lock");
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(tx);
    });
}
