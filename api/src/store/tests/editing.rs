//! The life of an editorial document.

use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::ids::DocumentId;
use serde_json::json;

use super::*;
use crate::store::{AuditListing, Document, DocumentKey, Draft, Listing, Status, StoreError};

fn key(id: &str) -> DocumentKey {
    DocumentKey {
        kind: DocumentKind::Scenarios,
        id: DocumentId::new(id).expect("an id"),
    }
}

fn after(after: u64, limit: usize) -> AuditListing {
    AuditListing {
        after,
        limit,
        ..AuditListing::default()
    }
}

fn draft(near: f64) -> Draft {
    let body = json!({"weights": {"near": near, "new": null}});
    Draft {
        territory: Some("35".into()),
        body: body.as_object().expect("an object").clone(),
    }
}

fn publication(version: u64, near: Option<f64>) -> Change {
    Change::Document(Box::new(Publication {
        kind: DocumentKind::Scenarios,
        id: key("home").id,
        version,
        territory: Some("35".into()),
        body: near.map(|near| draft(near).body),
    }))
}

#[track_caller]
fn stands(document: &Document, status: Status, version: u64, published: Option<u64>) {
    let stands = (document.status, document.newest.version, document.published);
    assert_eq!(stands, (status, version, published));
}

pub(super) async fn a_document_has_its_life(place: &Place) {
    let store = place.open().await;
    let made = store
        .create_document(key("home"), draft(0.1), "k1")
        .await
        .expect("made");
    stands(&made, Status::Draft, 1, None);
    let saved = store
        .save_document(key("home"), draft(0.2), Some(1), "k2")
        .await
        .expect("saved");
    stands(&saved, Status::Draft, 2, None);
    assert_eq!(store.last_sequence(), Sequence(0), "a draft is nobody's business");

    let published = store
        .publish_document(key("home"), Some(2), "k1")
        .await
        .expect("published");
    stands(&published.document, Status::Published, 2, Some(2));
    assert_eq!((published.sequence, store.last_sequence()), (Sequence(1), Sequence(1)));
    let again = store
        .publish_document(key("home"), None, "k1")
        .await
        .expect("as it was");
    assert_eq!(again, published, "twice published is once published");
    submit(&store, vec![offer("o1", "a")]).await;
    let ahead = store
        .save_document(key("home"), draft(0.3), None, "k1")
        .await
        .expect("saved");
    stands(&ahead, Status::Published, 3, Some(2));
    assert_eq!(
        whole_state(&store).await.1,
        [publication(2, Some(0.2)), offer("o1", "a")]
    );

    let back = store
        .rollback_document(key("home"), 1, Some(3), "k1")
        .await
        .expect("rolled back");
    stands(&back.document, Status::Published, 4, Some(4));
    assert_eq!(back.document.newest.draft, draft(0.1));
    let gone = store
        .archive_document(key("home"), Some(4), "k1")
        .await
        .expect("archived");
    stands(&gone.document, Status::Archived, 4, None);
    assert_eq!(store.document(&key("home")).await.expect("read"), gone.document);
    assert_eq!(
        store.archive_document(key("home"), None, "k1").await.expect("still"),
        gone
    );

    let log = whole_log(&store).await;
    assert_gapless(&log);
    let logged: Vec<Change> = log.into_iter().filter_map(|entry| entry.change).collect();
    let expected = [
        publication(2, Some(0.2)),
        offer("o1", "a"),
        publication(4, Some(0.1)),
        publication(4, None),
    ];
    assert_eq!(logged, expected);
    assert_eq!(whole_state(&store).await, (Sequence(4), vec![offer("o1", "a")]));
    let versions = store
        .document_versions(&key("home"), u64::MAX, 100)
        .await
        .expect("read");
    let bodies: Vec<Draft> = versions.into_iter().map(|version| version.draft).collect();
    assert_eq!(bodies, [draft(0.1), draft(0.3), draft(0.2), draft(0.1)]);
    let audit = store.audit(&after(0, 100)).await.expect("read");
    let lines: Vec<(u64, &str, &str, u64)> = audit
        .iter()
        .map(|line| (line.number, line.author.as_str(), line.action.as_str(), line.version))
        .collect();
    let expected = [
        (1, "k1", "create", 1),
        (2, "k2", "save", 2),
        (3, "k1", "publish", 2),
        (4, "k1", "save", 3),
        (5, "k1", "rollback", 4),
        (6, "k1", "archive", 4),
    ];
    assert_eq!(lines, expected);
    assert_eq!(store.audit(&after(4, 1)).await.expect("read"), audit[4..5]);
    let revived = store
        .save_document(key("home"), draft(0.4), None, "k1")
        .await
        .expect("saved");
    stands(&revived, Status::Draft, 5, None);
}

pub(super) async fn two_editors_do_not_overwrite_each_other(place: &Place) {
    let store = place.open().await;
    store.create_document(key("b"), draft(0.1), "k1").await.expect("made");
    store.create_document(key("a"), draft(0.1), "k1").await.expect("made");
    let twice = store.create_document(key("a"), draft(0.2), "k1").await;
    assert!(
        matches!(twice, Err(StoreError::Conflict { given: 0, current: 1 })),
        "{twice:?}"
    );
    let editors = (0..8).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .save_document(key("a"), draft(f64::from(n)), Some(1), "k1")
                .await
                .is_ok()
        })
    });
    let mut won = 0;
    for editor in editors.collect::<Vec<_>>() {
        won += u32::from(editor.await.expect("ran"));
    }
    assert_eq!(won, 1);
    let late = store.publish_document(key("a"), Some(1), "k1").await;
    assert!(
        matches!(late, Err(StoreError::Conflict { given: 1, current: 2 })),
        "{late:?}"
    );
    let none = store.rollback_document(key("a"), 9, None, "k1").await;
    assert!(
        matches!(none, Err(StoreError::NotFound { what: "version", .. })),
        "{none:?}"
    );
    let nobody = store.publish_document(key("c"), None, "k1").await;
    assert!(
        matches!(nobody, Err(StoreError::NotFound { what: "document", .. })),
        "{nobody:?}"
    );
    let all = store
        .documents(DocumentKind::Scenarios, &Listing::all())
        .await
        .expect("read");
    assert_eq!(
        all.iter().map(|document| document.key.id.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(
        store
            .documents(DocumentKind::Homes, &Listing::all())
            .await
            .expect("read"),
        []
    );
    assert_eq!(
        store.audit(&after(0, 100)).await.expect("read").len(),
        3,
        "what failed left no line"
    );
}

pub(super) async fn documents_come_in_pages_and_by_status(place: &Place) {
    let store = place.open().await;
    for id in ["draft", "seen", "away", "again"] {
        store.create_document(key(id), draft(0.1), "k1").await.expect("made");
        if id != "draft" {
            store.publish_document(key(id), None, "k1").await.expect("published");
        }
    }
    store.archive_document(key("away"), None, "k1").await.expect("archived");
    let ids = async |listing: Listing| -> Vec<String> {
        let found = store.documents(DocumentKind::Scenarios, &listing).await.expect("read");
        found.iter().map(|document| document.key.id.to_string()).collect()
    };
    assert_eq!(ids(Listing::all()).await, ["again", "away", "draft", "seen"]);
    let of = |status| Listing {
        status: Some(status),
        ..Listing::all()
    };
    assert_eq!(ids(of(Status::Draft)).await, ["draft"]);
    assert_eq!(ids(of(Status::Published)).await, ["again", "seen"]);
    assert_eq!(ids(of(Status::Archived)).await, ["away"]);
    let page = |after: &str| Listing {
        standing: true,
        territory: Some("35".into()),
        after: Some(key(after).id),
        limit: 1,
        ..Listing::default()
    };
    assert_eq!(ids(page("again")).await, ["draft"]);
    assert_eq!(ids(page("draft")).await, ["seen"]);
    assert_eq!(
        ids(Listing {
            territory: Some("56".into()),
            ..Listing::all()
        })
        .await,
        Vec::<String>::new()
    );

    for n in 2..6 {
        store
            .save_document(key("seen"), draft(f64::from(n)), None, "k1")
            .await
            .expect("saved");
    }
    store
        .publish_document(key("seen"), None, "k1")
        .await
        .expect("published");
    let versions = store.document_versions(&key("seen"), 5, 2).await.expect("read");
    assert_eq!(
        versions.iter().map(|version| version.version).collect::<Vec<_>>(),
        [4, 3]
    );
    assert_eq!(
        store.document_version(&key("seen"), 3).await.expect("read").draft,
        draft(3.0)
    );
    assert_eq!(store.published_before(&key("seen"), 5).await.expect("read"), Some(1));
    assert_eq!(store.published_before(&key("seen"), 1).await.expect("read"), None);
    let of_one = AuditListing {
        kind: Some(DocumentKind::Scenarios),
        id: Some(key("away").id),
        ..after(0, 100)
    };
    let lines = store.audit(&of_one).await.expect("read");
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["create", "publish", "archive"]);
    let other = AuditListing {
        kind: Some(DocumentKind::Homes),
        ..after(0, 100)
    };
    assert_eq!(store.audit(&other).await.expect("read"), []);
}
