//! Editing on the real program: what was published stands after a kill, after a stop, and in another store.

use std::path::Path;

use florilege_tests::{Server, database, run};
use serde_json::{Value, json};

fn offers() -> String {
    let line = |n: usize| {
        json!({"op": "offer.upsert", "offer": {"id": format!("o{n:02}"), "title": "t", "price_cents": 300 * n,
            "subcategory": (["LIVRE_PAPIER", "CONCERT", "VISITE"][n % 3]), "popularity": {"bookings_28d": 50 * n}}})
        .to_string()
    };
    (0..30).map(line).collect::<Vec<_>>().join("\n")
}

fn scenario(price: f64) -> Value {
    json!({"id": "home", "title": "Accueil", "weights": {"price": price, "popularity": 0.1},
        "diversity": {"rules": [{"by": "category", "window": 3, "max": 1}]}})
}

/// What a reader sees, but for what differs between any two calls.
fn list(server: &Server) -> Value {
    let body =
        json!({"seed": 9, "limit": 10, "explain": true, "context": {"now": "2026-01-10T12:00:00+01:00", "age": 18}});
    let answer = server.post("/v1/recommendations", &body);
    json!({"offers": answer["offers"], "scenario": answer["scenario"], "diversity": answer["diversity"]})
}

fn edit(server: &Server, method: &str, path: &str, body: Option<&Value>) -> Value {
    let (status, answer) = server.call(method, &format!("/v1/editorial/scenarios{path}"), body);
    assert!(status < 300, "{method} {path}: {answer}");
    if let Some(sequence) = answer["sequence"].as_u64() {
        server.wait_for(sequence);
    }
    answer
}

fn written_documents(data: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(data.join("artefacts")).expect("artefacts");
    let names = folders.map(|entry| entry.expect("an entry").path().join("documents.ndjson"));
    names.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

/// Publishes, kills, stops and rolls back over one store; the list must follow the documents alone.
fn lives_through(data: &Path, arguments: &[&str]) {
    let mut server = Server::start(arguments);
    let _ = server.load(&offers());
    let built_in = list(&server);
    edit(&server, "POST", "", Some(&scenario(1.0)));
    edit(&server, "POST", "/home/publish", None);
    let cheap = list(&server);
    assert_eq!(cheap["scenario"], json!({"id": "home", "version": 1}));
    assert_ne!(cheap["offers"], built_in["offers"]);
    edit(&server, "PUT", "/home", Some(&scenario(0.0)));
    server.kill();

    let server = Server::start(arguments);
    assert_eq!(list(&server), cheap, "after a kill, from the store and its log");
    assert_eq!(
        edit(&server, "GET", "/home", None)["version"],
        2,
        "the draft is there too"
    );
    assert_eq!(server.stop(), Some(0));
    assert!(
        written_documents(data)
            .iter()
            .any(|text| text.contains("\"version\":1"))
    );

    let server = Server::start(arguments);
    assert_eq!(list(&server), cheap, "after a stop, from the artefact");
    edit(&server, "POST", "/home/publish", None);
    assert_ne!(list(&server)["offers"], cheap["offers"]);
    edit(&server, "POST", "/home/rollback", Some(&json!({"version": 1})));
    assert_eq!(list(&server)["offers"], cheap["offers"], "after a rollback");
    edit(&server, "DELETE", "/home", None);
    assert_eq!(list(&server), built_in);
    assert_eq!(server.stop(), Some(0));
    let server = Server::start(arguments);
    assert_eq!(list(&server), built_in, "what was archived stays away");
}

#[test]
fn what_is_published_stays_published_with_the_embedded_store() {
    let data = tempfile::tempdir().expect("a folder");
    lives_through(data.path(), &["serve", "--data", &data.path().to_string_lossy()]);
}

#[test]
fn what_is_published_stays_published_with_postgresql() {
    let Some(url) = database() else { return };
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().to_string_lossy();
    lives_through(data.path(), &["serve", "--data", &folder, "--database-url", &url]);
}

#[test]
fn documents_go_from_one_store_to_another() {
    let (from, to) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let (source, target) = (from.path().to_string_lossy(), to.path().to_string_lossy());
    let server = Server::serve(from.path());
    let _ = server.load(&offers());
    edit(&server, "POST", "", Some(&scenario(1.0)));
    edit(&server, "POST", "/home/publish", None);
    let expected = list(&server);
    assert_eq!(server.stop(), Some(0));

    let (code, lines, errors) = run("florilege", &["editorial", "export", "--data", &source], "");
    assert_eq!((code, lines.lines().count()), (Some(0), 1), "{errors}");
    let import: [&str; 6] = ["editorial", "import", "--data", &target, "-", "--json"];
    let (code, report, errors) = run("florilege", &import, &lines);
    assert_eq!(code, Some(0), "{errors}");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["accepted"], &report["sequence"]), (&json!(1), &json!(1)));
    let server = Server::serve(to.path());
    let _ = server.load(&offers());
    assert_eq!(list(&server)["offers"], expected["offers"]);

    let bad = lines.replace("\"price\"", "\"prize\"");
    let (code, report, errors) = run("florilege", &import, &bad);
    assert_eq!(code, Some(1), "{report}");
    assert!(errors.contains("/body/weights/prize"), "{errors}");
}
