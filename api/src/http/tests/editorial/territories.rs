//! Territories: every editing route by every kind of key, over documents of one's own, of another, of everybody.

use serde_json::{Value, json};

use super::{Bench, ask, key};
use crate::store::Scope;

/// Documents: whose they are.
const OWNERS: [(&str, Option<&str>); 3] = [("own", Some("35")), ("other", Some("56")), ("all", None)];

fn body(id: &str, territory: Option<&str>) -> Value {
    json!({"id": id, "title": "t", "territory": territory})
}

async fn filled(bench: &Bench, admin: &str) {
    for (id, territory) in OWNERS {
        let made = ask(
            bench,
            "POST",
            "/v1/editorial/playlists",
            &body(id, territory),
            &[("authorization", admin)],
        )
        .await;
        assert_eq!(made.status, 201);
        let path = format!("/v1/editorial/playlists/{id}/publish");
        assert_eq!(
            ask(bench, "POST", &path, &Value::Null, &[("authorization", admin)])
                .await
                .status,
            200
        );
    }
}

/// What each call on a document answers to an editor of territory 35.
fn calls(id: &str, territory: Option<&str>) -> Vec<(&'static str, String, Value)> {
    let path = format!("/v1/editorial/playlists/{id}");
    vec![
        ("PUT", path.clone(), body(id, territory)),
        ("POST", format!("{path}/publish"), Value::Null),
        ("POST", format!("{path}/rollback"), json!({"version": 1})),
        ("DELETE", path, Value::Null),
    ]
}

#[tokio::test]
async fn an_editor_of_a_territory_changes_what_is_theirs_and_reads_the_rest() {
    let bench = Bench::new().await;
    let admin = key(&bench, Scope::Admin, &[]).await;
    filled(&bench, &admin).await;
    let everywhere = key(&bench, Scope::Edit, &[]).await;
    let local = key(&bench, Scope::Edit, &["35", "QPV035001"]).await;
    for (id, territory) in OWNERS {
        for (method, path, body) in calls(id, territory) {
            for (editor, allowed) in [(&local, id == "own"), (&everywhere, true), (&admin, true)] {
                let headers = [("authorization", editor.as_str()), ("if-match", "*")];
                let reply = ask(&bench, method, &path, &body, &headers).await;
                let expected = if allowed { 200 } else { 403 };
                assert_eq!(reply.status, expected, "{method} {path}: {}", reply.text);
            }
        }
        for path in [
            format!("/v1/editorial/playlists/{id}"),
            format!("/v1/editorial/playlists/{id}/versions"),
        ] {
            assert_eq!(
                ask(&bench, "GET", &path, &Value::Null, &[("authorization", local.as_str())])
                    .await
                    .status,
                200
            );
        }
    }
}

#[tokio::test]
async fn an_editor_of_a_territory_makes_nothing_elsewhere() {
    let bench = Bench::new().await;
    let local = key(&bench, Scope::Edit, &["35"]).await;
    let headers = [("authorization", local.as_str())];
    for kind in ["playlists", "scenarios", "calendars"] {
        for (id, territory) in OWNERS {
            let reply = ask(
                &bench,
                "POST",
                &format!("/v1/editorial/{kind}"),
                &body(id, territory),
                &headers,
            )
            .await;
            assert_eq!(reply.status, if id == "own" { 201 } else { 403 }, "{kind} {id}");
        }
    }
}

#[tokio::test]
async fn no_document_is_moved_out_of_or_into_a_territory() {
    let bench = Bench::new().await;
    let admin = key(&bench, Scope::Admin, &[]).await;
    filled(&bench, &admin).await;
    let local = key(&bench, Scope::Edit, &["35"]).await;
    let (by_local, by_admin) = (
        [("authorization", local.as_str())],
        [("authorization", admin.as_str()), ("if-match", "*")],
    );
    let path = "/v1/editorial/playlists/own";
    for territory in [Some("56"), None] {
        let headers = [by_local[0], ("if-match", "*")];
        assert_eq!(
            ask(&bench, "PUT", path, &body("own", territory), &headers).await.status,
            403,
            "out"
        );
    }
    // The draft is theirs now, what readers see is everybody's: publishing it would take that away.
    let all = "/v1/editorial/playlists/all";
    assert_eq!(
        ask(&bench, "PUT", all, &body("all", Some("35")), &by_admin)
            .await
            .status,
        200
    );
    for (method, path, body) in calls("all", Some("35")) {
        assert_eq!(
            ask(&bench, method, &path, &body, &[by_local[0], ("if-match", "*")])
                .await
                .status,
            403,
            "{method} {path}"
        );
    }
    // A version of before it was theirs is not theirs to bring back.
    assert_eq!(
        ask(&bench, "POST", &format!("{all}/publish"), &Value::Null, &by_admin)
            .await
            .status,
        200
    );
    let back = ask(
        &bench,
        "POST",
        &format!("{all}/rollback"),
        &json!({"version": 1}),
        &by_local,
    )
    .await;
    assert_eq!((back.problem().0, back.problem().1.as_str()), (403, "forbidden"));
    let own = ask(
        &bench,
        "POST",
        &format!("{all}/rollback"),
        &json!({"version": 2}),
        &by_local,
    )
    .await;
    assert_eq!(own.status, 200, "{}", own.text);
}

#[tokio::test]
async fn the_audit_names_keys() {
    let bench = Bench::new().await;
    let local = key(&bench, Scope::Edit, &["35"]).await;
    let headers = [("authorization", local.as_str())];
    ask(
        &bench,
        "POST",
        "/v1/editorial/playlists",
        &body("own", Some("35")),
        &headers,
    )
    .await;
    let audit = ask(&bench, "GET", "/v1/editorial/audit", &Value::Null, &headers)
        .await
        .json();
    let known = bench.app.store.list_keys().await.expect("read");
    assert_eq!(audit["audit"][0]["author"], known[0].id.as_str());
}
