//! Backup and restore as the guide tells them: a copy taken while the server is used is a whole store.

use florilege_tests::{Server, run};
use serde_json::{Value, json};

fn put(server: &Server, n: u32) -> u64 {
    let offer = json!({"id": format!("o{n}"), "title": format!("Titre {n}"), "subcategory": "CONCERT"});
    let (status, answer) = server.call("PUT", &format!("/v1/offers/o{n}"), Some(&offer));
    assert_eq!(status, 200, "{answer}");
    answer["generation"].as_u64().expect("a generation")
}

fn total(server: &Server) -> Value {
    server.post("/v1/search", &json!({"limit": 1}))["total"].clone()
}

#[test]
fn a_backup_taken_under_writes_is_restored() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    for n in 0..50 {
        let _ = put(&server, n);
    }
    let restored = tempfile::tempdir().expect("a folder");
    let file = restored.path().join("store.sqlite");
    let (data_flag, file_flag) = (data.path().to_string_lossy(), file.to_string_lossy());
    let arguments = ["backup", "--data", &data_flag, "--json", &file_flag];
    let (code, told) = std::thread::scope(|scope| {
        let backup = scope.spawn(|| run("florilege", &arguments, ""));
        for n in 50..120 {
            let _ = put(&server, n);
        }
        let (code, told, errors) = backup.join().expect("ran");
        assert_eq!(code, Some(0), "{errors}");
        (code, told)
    });
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(code, Some(0));
    assert!(told["sequence"].as_u64() >= Some(50), "{told}");
    let (code, _, errors) = run("florilege", &arguments, "");
    assert_eq!(code, Some(1), "nothing is overwritten: {errors}");

    let back = Server::serve(restored.path());
    let copied = total(&back).as_u64().expect("a total");
    assert!((50..=120).contains(&copied), "{copied}");
    let stands = back.post("/v1/search", &json!({"limit": 1}))["generation"].as_u64();
    assert_eq!(stands, Some(copied), "one state of the store, whole");
    assert!(put(&back, 1_000) == copied + 1, "and it goes on from there");
    server.wait_for(120);
    assert_eq!(total(&server), 120, "the first one has noticed nothing");
}

#[test]
fn a_dump_of_postgresql_is_restored() {
    let (Some(url), Some(other)) = (florilege_tests::database(), florilege_tests::database()) else {
        return;
    };
    let (data, fresh) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let server = Server::start(&[
        "serve",
        "--data",
        &data.path().to_string_lossy(),
        "--database-url",
        &url,
    ]);
    for n in 0..30 {
        let _ = put(&server, n);
    }
    let dump = format!("pg_dump '{url}' | psql -q -v ON_ERROR_STOP=1 '{other}'");
    let done = std::process::Command::new("sh")
        .args(["-c", &dump])
        .output()
        .expect("runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let back = Server::start(&[
        "serve",
        "--data",
        &fresh.path().to_string_lossy(),
        "--database-url",
        &other,
    ]);
    assert_eq!(total(&back), 30);
    assert_eq!(put(&back, 1_000), 31);
}
