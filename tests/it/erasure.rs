//! Erasure of a reader on the real program: after `DELETE /v1/users/{id}` the identifier is found nowhere.
//!
//! Not in an answer, and not in the bytes: the whole data folder (store, write-ahead log, artefacts, working files)
//! or the dump of PostgreSQL. A backup taken before is its keeper's to erase: see `api/guides/privacy.md`.

use std::path::Path;

use florilege_tests::{Server, until};
use serde_json::{Value, json};

/// An identifier that occurs by no chance.
const ID: &str = "lectrice-7f3a9c51";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every file under a folder that holds the identifier.
fn found_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(found_in(&path));
        } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes, ID)) {
            found.push(path.display().to_string());
        }
    }
    found
}

fn dump(url: &str) -> Vec<u8> {
    let dumped = std::process::Command::new("pg_dump")
        .arg(url)
        .output()
        .expect("pg_dump runs");
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    dumped.stdout
}

fn ok(server: &Server, method: &str, path: &str, body: Option<&Value>) -> Value {
    let (status, answer) = server.call(method, path, body);
    assert_eq!(status, 200, "{method} {path}: {answer}");
    answer
}

fn event(n: usize, kind: &str, user: &str, to: Option<&str>) -> Value {
    json!({"id": format!("e{n}"), "type": kind, "user_id": user, "offer_id": format!("o{n}"), "to_user_id": to,
        "at": "2026-11-20T12:00:00+01:00"})
}

/// The catalogue, the reader, a friend, acts of both, and lists that were asked for them.
fn live(server: &Server) -> Vec<String> {
    let kinds = ["LIVRE_PAPIER", "CONCERT", "SEANCE_CINE"];
    let line = |n: usize| {
        json!({"op": "offer.upsert", "offer": {"id": format!("o{n}"), "title": format!("Titre {n}"), "subcategory": kinds[n % 3]}})
            .to_string()
    };
    let lines: Vec<String> = (0..30).map(line).collect();
    let _ = server.load(&lines.join("\n"));
    let consents = json!({"personalisation": true, "social": true});
    let reader =
        json!({"id": ID, "birth_year": 2008, "practices": ["LIVRE"], "friends": ["amie"], "consents": consents});
    let friend = json!({"id": "amie", "friends": [ID], "consents": consents});
    ok(server, "PUT", &format!("/v1/users/{ID}"), Some(&reader));
    ok(server, "PUT", "/v1/users/amie", Some(&friend));
    let acts = json!([
        event(1, "booking", ID, None),
        event(2, "hide", ID, None),
        event(3, "share", "amie", Some(ID))
    ]);
    let taken = ok(server, "POST", "/v1/events", Some(&acts));
    server.wait_for(taken["sequence"].as_u64().expect("a sequence"));
    let asked = [
        json!({"user_id": ID, "limit": 5, "context": {"age": 18}}),
        json!({"user_id": "amie", "limit": 5, "context": {"friends": [ID]}}),
    ];
    asked
        .iter()
        .map(|request| {
            let answer = server.post("/v1/recommendations", request);
            answer["request_id"].as_str().expect("an id").to_owned()
        })
        .collect()
}

/// What the server answers about the reader once they are gone.
fn is_forgotten(server: &Server, requests: &[String]) {
    let (status, answer) = server.call("GET", &format!("/v1/users/{ID}"), None);
    assert_eq!(status, 404, "{answer}");
    for id in requests {
        for (method, path) in [
            ("GET", format!("/v1/requests/{id}")),
            ("POST", format!("/v1/requests/{id}/replay")),
        ] {
            assert_eq!(server.call(method, &path, None).0, 404, "{path}");
        }
    }
    let friend = ok(server, "GET", "/v1/users/amie", None);
    assert!(!friend.to_string().contains(ID), "{friend}");
    // What was booked and hidden is in the lists again: nobody knows of it any more.
    let request = json!({"user_id": ID, "seed": 1, "limit": 200, "context": {"now": "2026-12-01T10:00:00Z"},
        "diversity": {"rules": []}});
    let offers = server.post("/v1/recommendations", &request)["offers"].to_string();
    let stranger = json!({"user_id": "nobody-at-all", "seed": 1, "limit": 200, "context": {"now": "2026-12-01T10:00:00Z"},
        "diversity": {"rules": []}});
    assert_eq!(
        offers,
        server.post("/v1/recommendations", &stranger)["offers"].to_string()
    );
    assert!(offers.contains("\"o1\"") && offers.contains("\"o2\""));
    assert!(!server.text("/metrics").contains(ID));
}

fn erasure_test(data: &Path, url: Option<&str>) {
    let folder = data.to_string_lossy().into_owned();
    let mut arguments = vec!["serve", "--data", &folder];
    arguments.extend(url.iter().flat_map(|url| ["--database-url", url]));
    // Once more over an artefact that was written while the reader was there.
    let server = Server::start(&arguments);
    let requests = live(&server);
    assert_eq!(server.stop(), Some(0));
    let is_there = url.map_or_else(|| !found_in(data).is_empty(), |url| holds(&dump(url), ID));
    assert!(is_there, "else the test below proves nothing");

    let mut server = Server::start(&arguments);
    let erased = ok(&server, "DELETE", &format!("/v1/users/{ID}"), None);
    server.wait_for(erased["generation"].as_u64().expect("a generation"));
    is_forgotten(&server, &requests);
    // Removed artefacts and the emptied write-ahead log: at the latest when nobody reads them any more.
    until("no byte is left in the folder", || found_in(data).is_empty());
    if let Some(url) = url {
        assert!(!holds(&dump(url), ID), "found in the database");
    }
    server.kill();
    let server = Server::start(&arguments);
    is_forgotten(&server, &requests);
    assert_eq!(server.stop(), Some(0));
    // The lists above were asked under the identifier of a stranger, and such a one is not kept.
    assert_eq!(found_in(data), Vec::<String>::new());
    if let Some(url) = url {
        assert!(!holds(&dump(url), ID), "found in the database after the stop");
    }
}

#[test]
fn an_erased_reader_is_nowhere_in_the_data_folder() {
    let data = tempfile::tempdir().expect("a folder");
    erasure_test(data.path(), None);
}

#[test]
fn an_erased_reader_is_nowhere_in_postgresql() {
    let Some(url) = florilege_tests::database() else { return };
    let data = tempfile::tempdir().expect("a folder");
    erasure_test(data.path(), Some(&url));
}
