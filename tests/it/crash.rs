//! `kill -9` at any moment: every acknowledged change is there after the restart, and none is half there.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use florilege_tests::Server;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::json;

/// Kills of one run; the long form has fifty.
fn kills() -> usize {
    if std::env::var_os("FLORILEGE_LONG").is_some() { 50 } else { 10 }
}

/// Two offers that only ever change together, so that half a batch would show.
fn pair(number: u64) -> String {
    let offer = |id: &str| {
        json!({"op": "offer.upsert", "offer": {"id": id, "title": format!("Version {number}"), "subcategory": "CONCERT", "attributes": {"n": number}}})
    };
    format!("{}\n{}\n", offer("left"), offer("right"))
}

/// Writes numbered pairs until the server is gone; gives the last number that was acknowledged.
fn write_until_killed(server: &Server, from: u64, stop: &AtomicBool, acknowledged: &AtomicU64) {
    let mut number = from;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        match server.try_send("POST", "/v1/changes", "application/x-ndjson", Some(pair(number).as_bytes())) {
            Ok((200, answer)) => {
                assert_eq!(answer["accepted"], 2, "{answer}");
                acknowledged.store(number, Ordering::SeqCst);
            }
            Ok((status, answer)) => panic!("{status} {answer}"),
            Err(_) => return,
        }
    }
}

fn number_of(server: &Server, id: &str) -> u64 {
    let (status, answer) = server.call("GET", &format!("/v1/offers/{id}"), None);
    assert!(status == 200 || status == 404, "{answer}");
    answer["offer"]["attributes"]["n"].as_u64().unwrap_or(0)
}

fn crash_test(arguments: &[&str]) {
    let mut rng = Pcg64::seed_from_u64(42);
    let mut last = 0;
    for kill in 0..kills() {
        let mut server = Server::start(arguments);
        let (left, right) = (number_of(&server, "left"), number_of(&server, "right"));
        assert_eq!(left, right, "half a batch after kill {kill}");
        assert!(left >= last, "kill {kill}: {last} was acknowledged, {left} is there");
        let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(left));
        let wait = Duration::from_millis(rng.random_range(20..400));
        let pid = server.id();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| write_until_killed(&server, left, &stop, &acknowledged));
            std::thread::sleep(wait);
            let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            assert!(killed.is_ok_and(|status| status.success()));
            stop.store(true, Ordering::SeqCst);
            writer.join().expect("the writer ends");
        });
        last = acknowledged.load(Ordering::SeqCst);
        server.kill();
    }
    assert!(last > 0, "nothing was ever acknowledged");
    let server = Server::start(arguments);
    assert!(number_of(&server, "left") >= last && number_of(&server, "left") == number_of(&server, "right"));
}

#[test]
fn nothing_acknowledged_is_lost_with_the_embedded_store() {
    let data = tempfile::tempdir().expect("a folder");
    crash_test(&["serve", "--data", &data.path().to_string_lossy()]);
}

#[test]
fn nothing_acknowledged_is_lost_with_postgresql() {
    let Some(url) = florilege_tests::database() else { return };
    let data = tempfile::tempdir().expect("a folder");
    crash_test(&["serve", "--data", &data.path().to_string_lossy(), "--database-url", &url]);
}
