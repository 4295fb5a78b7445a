//! What a running server does when its database goes or its disk is full: it serves on, refuses writes with 503 and
//! `retry-after`, says that it is not ready, loses nothing, and recovers by itself.

use std::process::Command;
use std::time::{Duration, Instant};

use florilege_tests::{Postgres, Server, program, until};
use serde_json::{Value, json};

fn put(server: &Server, n: u32) -> (u16, Value) {
    let offer = json!({"id": format!("o{n}"), "title": format!("Titre {n}"), "subcategory": "CONCERT",
        "description": "long ".repeat(400)});
    server.call("PUT", &format!("/v1/offers/o{n}"), Some(&offer))
}

fn is_ready(server: &Server) -> bool {
    server.call("GET", "/health/ready", None).0 == 200
}

/// How many offers the lists know.
fn served(server: &Server) -> u64 {
    let found = server.post("/v1/search", &json!({"limit": 1}));
    found["total"].as_u64().expect("a total")
}

/// Writes again and again until one goes in.
fn put_at_last(server: &Server, n: u32) {
    until("a write goes in again", || put(server, n).0 == 200);
}

#[test]
fn a_database_that_goes_away_stops_writes_alone() {
    let Some(database) = Postgres::start() else { return };
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().to_string_lossy().into_owned();
    let server = Server::start(&["serve", "--data", &folder, "--database-url", &database.url]);
    for n in 0..10 {
        assert_eq!(put(&server, n).0, 200);
    }
    until("all is served", || served(&server) == 10);

    database.down();
    let at = Instant::now();
    let (status, problem) = put(&server, 10);
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")), "{problem}");
    assert!(at.elapsed() < Duration::from_secs(45), "{:?}", at.elapsed());
    // Once it is known to be away, nobody waits for it any more.
    until("a write is refused at once", || {
        let at = Instant::now();
        put(&server, 10).0 == 503 && at.elapsed() < Duration::from_secs(2)
    });
    assert_eq!(served(&server), 10, "reading goes on");
    let listed = server.post("/v1/recommendations", &json!({"limit": 5}));
    assert!(listed["offers"].as_array().is_some_and(|offers| !offers.is_empty()));
    assert_eq!(server.call("GET", "/health/live", None).0, 200);
    assert!(!is_ready(&server), "and says so");

    database.up();
    put_at_last(&server, 11);
    until("it is ready again", || is_ready(&server));
    // What was answered by 503 was not kept, or, sent at the very moment of the loss, kept whole.
    until("what was taken is served", || (11..=12).contains(&served(&server)));
    assert_eq!(server.call("GET", "/v1/offers/o11", None).0, 200);
    assert_eq!(server.stop(), Some(0));
    let server = Server::start(&["serve", "--data", &folder, "--database-url", &database.url]);
    until("all is there after a restart", || (11..=12).contains(&served(&server)));
}

/// Sets the largest file that a process may write, from outside.
fn limit_files(server: &Server, bytes: &str) {
    let limited = Command::new("prlimit")
        .args(["--pid", &server.id().to_string(), &format!("--fsize={bytes}:unlimited")])
        .status();
    assert!(limited.is_ok_and(|status| status.success()), "prlimit runs");
}

/// A limit on the size of files stands for a full disk: the writes of the store fail in the same place.
#[test]
fn a_full_disk_stops_writes_alone() {
    let data = tempfile::tempdir().expect("a folder");
    // The signal that would end the process is ignored from before its start; then a write fails like on a full disk.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
        .arg(program("florilege"))
        .args(["serve", "--data", &data.path().to_string_lossy(), "--log", "error"]);
    let server = Server::start_by(&mut command);
    for n in 0..10 {
        assert_eq!(put(&server, n).0, 200);
    }
    until("all is served", || served(&server) == 10);

    limit_files(&server, "400000");
    let mut taken = 10;
    let problem = loop {
        let (status, answer) = put(&server, taken);
        if status != 200 {
            assert_eq!(status, 503, "{answer}");
            break answer;
        }
        taken += 1;
        assert!(taken < 2_000, "the limit is never reached");
    };
    assert_eq!(problem["code"], "unavailable");
    until("all that was taken is served", || served(&server) == u64::from(taken));
    assert_eq!(put(&server, 5_000).0, 503, "still full");
    assert_eq!(server.call("GET", "/health/live", None).0, 200);

    limit_files(&server, "unlimited");
    put_at_last(&server, 5_001);
    until("it is ready", || is_ready(&server));
    assert_eq!(server.stop(), Some(0));
    let server = Server::serve(data.path());
    for n in (0..taken).chain([5_001]) {
        let (status, answer) = server.call("GET", &format!("/v1/offers/o{n}"), None);
        assert_eq!(status, 200, "acknowledged and lost: {answer}");
    }
    assert_eq!(server.call("GET", "/v1/offers/o5000", None).0, 404, "refused and kept");
}
