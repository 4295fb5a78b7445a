//! Territories: every editing route by every kind of key, over documents of one's own, of another, of everybody.

use serde_json::{Value, json};

use florilege_engine::document::DocumentKind;

use super::{Bench, ask, key};
use crate::store::Scope;

/// Documents: whose they are.
const OWNERS: [(&str, Option<&str>); 3] = [("own", Some("35")), ("other", Some("56")), ("all", None)];

fn body(id: &str, territory: Option<&str>) -> Value {
    json!({"id": id, "title": "t", "territory": territory})
}

/// A document of a kind, of a territory where its kind can be of one.
fn document(kind: DocumentKind, id: &str, territory: Option<&str>) -> Value {
    let more = match kind {
        DocumentKind::Synonyms => return json!({"id": id, "groups": [["ciné", "cinéma"]]}),
        DocumentKind::Labels => json!({"label": "labelled"}),
        DocumentKind::Experiments => json!({"arms": [{"id": "a", "share": 0.5}, {"id": "b", "share": 0.5}]}),
        DocumentKind::Closures => json!({"territories": [territory.unwrap_or("35")], "from": "2026-01-01T00:00:00Z"}),
        DocumentKind::Homes => json!({"modules": [{"id": "m", "kind": "recommendations"}]}),
        DocumentKind::Playlists | DocumentKind::Scenarios | DocumentKind::Personas | DocumentKind::Calendars => {
            json!({})
        }
    };
    let mut body = body(id, territory);
    let fields = body.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    body
}

async fn filled(bench: &Bench, admin: &str, kind: DocumentKind) {
    for (id, territory) in OWNERS {
        let made = ask(
            bench,
            "POST",
            &format!("/v1/editorial/{kind}"),
            &document(kind, id, territory),
            &[("authorization", admin)],
        )
        .await;
        assert_eq!(made.status, 201, "{kind}: {}", made.text);
        let path = format!("/v1/editorial/{kind}/{id}/publish");
        assert_eq!(
            ask(bench, "POST", &path, &Value::Null, &[("authorization", admin)])
                .await
                .status,
            200
        );
    }
}

/// What each call on a document answers to an editor of territory 35.
fn calls(kind: DocumentKind, id: &str, territory: Option<&str>) -> Vec<(&'static str, String, Value)> {
    let path = format!("/v1/editorial/{kind}/{id}");
    vec![
        ("PUT", path.clone(), document(kind, id, territory)),
        ("POST", format!("{path}/publish"), Value::Null),
        ("POST", format!("{path}/rollback"), json!({"version": 1})),
        ("DELETE", path, Value::Null),
    ]
}

#[tokio::test]
async fn an_editor_of_a_territory_changes_what_is_theirs_and_reads_the_rest() {
    let bench = Bench::new().await;
    let admin = key(&bench, Scope::Admin, &[]).await;
    let everywhere = key(&bench, Scope::Edit, &[]).await;
    let local = key(&bench, Scope::Edit, &["35", "QPV035001"]).await;
    for kind in DocumentKind::ALL {
        filled(&bench, &admin, kind).await;
        for (id, territory) in OWNERS {
            // Words mean the same everywhere: they are of no territory.
            let theirs = id == "own" && kind != DocumentKind::Synonyms;
            for (method, path, body) in calls(kind, id, territory) {
                for (editor, allowed) in [(&local, theirs), (&everywhere, true), (&admin, true)] {
                    let headers = [("authorization", editor.as_str()), ("if-match", "*")];
                    let reply = ask(&bench, method, &path, &body, &headers).await;
                    let expected = if allowed { 200 } else { 403 };
                    assert_eq!(reply.status, expected, "{method} {path}: {}", reply.text);
                }
            }
            for path in [
                format!("/v1/editorial/{kind}/{id}"),
                format!("/v1/editorial/{kind}/{id}/versions"),
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
}

#[tokio::test]
async fn an_editor_of_a_territory_makes_nothing_elsewhere() {
    let bench = Bench::new().await;
    let local = key(&bench, Scope::Edit, &["35"]).await;
    let headers = [("authorization", local.as_str())];
    for kind in DocumentKind::ALL {
        for (id, territory) in OWNERS {
            let theirs = id == "own" && kind != DocumentKind::Synonyms;
            let reply = ask(
                &bench,
                "POST",
                &format!("/v1/editorial/{kind}"),
                &document(kind, id, territory),
                &headers,
            )
            .await;
            assert_eq!(
                reply.status,
                if theirs { 201 } else { 403 },
                "{kind} {id}: {}",
                reply.text
            );
        }
    }
}

#[tokio::test]
async fn no_document_is_moved_out_of_or_into_a_territory() {
    let bench = Bench::new().await;
    let admin = key(&bench, Scope::Admin, &[]).await;
    filled(&bench, &admin, DocumentKind::Playlists).await;
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
    for (method, path, body) in calls(DocumentKind::Playlists, "all", Some("35")) {
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
