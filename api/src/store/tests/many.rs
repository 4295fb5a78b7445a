//! Several writers, readers in between, large batches, lost connections.

use std::process::Command;
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

/// A small file system of its own, which only the superuser can make; said, where it cannot.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .output();
        let is_mounted = mount.is_ok_and(|done| done.status.success());
        is_mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Embedded only: PostgreSQL's disk is its own affair, and its refusal comes like any other.
pub(super) async fn a_full_disk_loses_nothing(place: &Place) {
    let disk = place.is_sqlite().then(SmallDisk::mount).flatten();
    let Some(disk) = disk else {
        eprintln!("no small disk: a full one is not tried");
        return;
    };
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![1u8; 700_000]).expect("room for it");
    let url = StoreUrl::in_folder(disk.0.path());
    let store = Store::open(url, Arc::new(Taxonomy::built_in()), Limits::default())
        .await
        .expect("opens");
    let mut kept = 0;
    let refused = loop {
        let id = format!("o{kept}");
        match store.submit(vec![offer(&id, &"titre ".repeat(150))]).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 5_000, "the disk is never full");
    };
    assert!(
        refused.is_transient() && refused.to_string().contains("full"),
        "{refused}"
    );
    assert_eq!(whole_state(&store).await.1.len(), kept, "readable all the while");
    std::fs::remove_file(ballast).expect("removed");
    let id = format!("o{kept}");
    submit(&store, vec![offer(&id, "again")]).await;
    assert_eq!(whole_state(&store).await.1.len(), kept + 1);
    assert_gapless(&whole_log(&store).await);
    store.close().await;
}
