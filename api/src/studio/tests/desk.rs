//! Documents over the router: rights by role and territory, conflicts, replays, what is typed staying typed.

use axum::http::StatusCode;
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;

use super::{Seat, account};
use crate::http::tests::Bench;
use crate::store::{DocumentKey, Role};

fn key(id: &str) -> DocumentKey {
    DocumentKey {
        kind: DocumentKind::Playlists,
        id: DocumentId::new(id).expect("an identifier"),
    }
}

async fn seat<'a>(bench: &'a Bench, login: &str, role: Role, territories: &[&str]) -> Seat<'a> {
    account(bench, login, role, territories).await;
    Seat::take(bench, login).await
}

impl Seat<'_> {
    /// Saves a playlist; `fields` come after the tokens.
    async fn save(&self, id: &str, fields: &str) -> crate::http::tests::Reply {
        let tokens = self.tokens("/studio/playlists/new").await;
        self.post(&format!("/studio/playlists/{id}"), &format!("{tokens}&{fields}"))
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_is_made_changed_published_and_rolled_back() {
    let bench = Bench::new().await;
    let desk = seat(&bench, "desk", Role::Publisher, &[]).await;
    let made = desk
        .save("new", "id=p&title=%3Cscript%3Ealert(1)%3C/script%3E&rule_all=1")
        .await;
    assert_eq!(
        made.headers["location"], "/studio/playlists/p?said=saved",
        "{}",
        made.text
    );
    let page = desk.get("/studio/playlists/p").await.text;
    assert!(
        page.contains("&#60;script&#62;") && !page.contains("<script>alert"),
        "a title is text"
    );
    let published = desk.save("p", "version=1&title=B&rule_all=1&then=publish").await;
    assert_eq!(
        published.headers["location"], "/studio/playlists/p?said=published",
        "{}",
        published.text
    );
    let document = bench.app.store.document(&key("p")).await.expect("there");
    assert_eq!((document.newest.version, document.published), (2, Some(2)));
    assert_eq!(document.newest.author, "desk");
    let tokens = desk.tokens("/studio/playlists/p").await;
    let back = desk
        .post("/studio/playlists/p/rollback", &format!("{tokens}&version=2&to=1"))
        .await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    let history = desk.get("/studio/playlists/p/versions").await.text;
    assert!(history.contains("<del>B</del>"), "{history}");
    let tokens = desk.tokens("/studio/playlists/p").await;
    let archived = desk
        .post("/studio/playlists/p/archive", &format!("{tokens}&version=3"))
        .await;
    assert_eq!(archived.headers["location"], "/studio/playlists/p?said=archived");
    let audit = desk.get("/studio/audit").await.text;
    for done in ["created", "draft saved", "published", "rolled back", "archived"] {
        assert!(audit.contains(done), "{done} is missing in {audit}");
    }
}

/// A browser cuts a slider's value to its end and to its steps: what nobody touched must come back as it stands.
#[tokio::test(flavor = "multi_thread")]
async fn every_weight_fits_its_slider() {
    let bench = Bench::new().await;
    let desk = seat(&bench, "desk", Role::Editor, &[]).await;
    desk.save("new", "id=p&title=A&rule_all=1&weight_price=7.53").await;
    let page = desk.get("/studio/playlists/p").await.text;
    let sliders: Vec<&str> = page.split("<input type=\"range\" name=\"weight_").skip(1).collect();
    assert_eq!(sliders.len(), florilege_engine::score::FEATURES.len());
    for slider in sliders {
        let number = |field: &str| -> f64 {
            let after = slider.split_once(&format!(" {field}=\"")).expect(field).1;
            after.split_once('"').expect("quoted").0.parse().expect("a number")
        };
        let (value, step) = (number("value"), number("step"));
        assert!(
            value <= number("max") && number("data-default") <= number("max"),
            "{slider:.120}"
        );
        assert!((value / step - (value / step).round()).abs() < 1e-9, "{slider:.120}");
    }
    assert!(page.contains("value=\"7.53\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_does_what_it_may_and_no_more() {
    let bench = Bench::new().await;
    let publisher = seat(&bench, "publisher", Role::Publisher, &[]).await;
    let editor = seat(&bench, "editor", Role::Editor, &[]).await;
    let reader = seat(&bench, "reader", Role::Reader, &[]).await;
    assert_eq!(
        reader.save("new", "id=p&title=A&rule_all=1").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        editor.save("new", "id=p&title=A&rule_all=1").await.status,
        StatusCode::SEE_OTHER
    );
    let fields = "version=1&title=A&rule_all=1&then=publish";
    assert_eq!(editor.save("p", fields).await.status, StatusCode::FORBIDDEN);
    let tokens = editor.tokens("/studio/playlists/p").await;
    for act in ["publish", "archive", "rollback"] {
        let reply = editor
            .post(&format!("/studio/playlists/p/{act}"), &format!("{tokens}&to=1"))
            .await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{act}");
    }
    assert_eq!(
        bench.app.store.document(&key("p")).await.expect("there").published,
        None
    );
    let tokens = publisher.tokens("/studio/playlists/p").await;
    let reply = publisher
        .post("/studio/playlists/p/publish", &format!("{tokens}&version=1"))
        .await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
    assert_eq!(reader.get("/studio/playlists/p").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_of_35_touches_nothing_of_26() {
    let bench = Bench::new().await;
    let national = seat(&bench, "national", Role::Publisher, &[]).await;
    let local = seat(&bench, "local", Role::Publisher, &["35"]).await;
    for (id, territory) in [("drome", "26"), ("ille", "35"), ("all", "")] {
        let fields = format!("id={id}&title=A&rule_all=1&territory={territory}");
        assert_eq!(national.save("new", &fields).await.status, StatusCode::SEE_OTHER);
    }
    for id in ["drome", "all"] {
        let reply = local.save(id, "version=1&title=B&rule_all=1&territory=35").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{id}: what stands is not theirs");
        for act in ["publish", "archive", "rollback"] {
            let tokens = local.tokens(&format!("/studio/playlists/{id}")).await;
            let reply = local
                .post(&format!("/studio/playlists/{id}/{act}"), &format!("{tokens}&to=1"))
                .await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{act} {id}");
        }
        let document = bench.app.store.document(&key(id)).await.expect("there");
        assert_eq!((document.newest.version, document.published), (1, None));
    }
    for territory in ["26", ""] {
        let fields = format!("version=1&title=B&rule_all=1&territory={territory}");
        assert_eq!(
            local.save("ille", &fields).await.status,
            StatusCode::FORBIDDEN,
            "nor may it become another's"
        );
    }
    let own = local
        .save("ille", "version=1&title=B&rule_all=1&territory=35&then=publish")
        .await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.text);
    // What readers see is of 35 still, what was saved since is of 26: neither half is enough.
    assert_eq!(
        national
            .save("ille", "version=2&title=C&rule_all=1&territory=26")
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    let seen = local.save("ille", "version=3&title=D&rule_all=1&territory=35").await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_save_shows_both_and_a_replay_saves_nothing() {
    let bench = Bench::new().await;
    let desk = seat(&bench, "desk", Role::Editor, &[]).await;
    let other = seat(&bench, "other", Role::Editor, &[]).await;
    let tokens = desk.tokens("/studio/playlists/new").await;
    let body = format!("{tokens}&id=p&title=A&rule_all=1");
    assert_eq!(
        desk.post("/studio/playlists/new", &body).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        desk.post("/studio/playlists/new", &body).await.status,
        StatusCode::CONFLICT,
        "a replay"
    );
    assert_eq!(
        other.save("p", "version=1&title=Theirs&rule_all=1").await.status,
        StatusCode::SEE_OTHER
    );
    let late = desk.save("p", "version=1&title=Mine&rule_all=1").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.text.contains("<del>Theirs</del>") && late.text.contains("<ins>Mine</ins>"),
        "{}",
        late.text
    );
    assert!(late.text.contains("name=\"over\" value=\"2\""), "{}", late.text);
    let taken = desk.save("new", "id=p&title=Again&rule_all=1").await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "an identifier that is taken");
    let over = desk.save("p", "version=1&over=2&title=Mine&rule_all=1").await;
    assert_eq!(over.status, StatusCode::SEE_OTHER, "{}", over.text);
    assert_eq!(
        bench.app.store.document(&key("p")).await.expect("there").newest.version,
        3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_values_are_told_and_nothing_is_lost() {
    let bench = Bench::new().await;
    let desk = seat(&bench, "desk", Role::Editor, &[]).await;
    for (fields, pointer) in [
        ("id=p&title=&subtitle=kept", "/title"),
        ("id=p&title=A&subtitle=kept&min_offers=9&max_offers=3", "/min_offers"),
        ("id=p&title=A&subtitle=kept&max_offers=many", "/max_offers"),
        (
            "id=p&title=A&subtitle=kept&rule_categories=NONE",
            "/rule/filters/categories/0",
        ),
        ("id=p&title=A&subtitle=kept&order=upwards", "/order"),
        ("title=A&subtitle=kept", "/id"),
    ] {
        let reply = desk.save("new", fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(
            reply.text.contains(&format!("<span class=\"code\">{pointer}")),
            "{pointer}: {}",
            reply.text
        );
        assert!(reply.text.contains("name=\"subtitle\" value=\"kept\""), "{fields}");
    }
    assert!(bench.app.store.document(&key("p")).await.is_err());
    let named_new = desk.save("new", "id=new&title=A&rule_all=1").await;
    assert_eq!(named_new.status, StatusCode::UNPROCESSABLE_ENTITY);
    for path in [
        "/studio/playlists/none",
        "/studio/scenarios",
        "/studio/none/none",
        "/studio/playlists/none/versions",
    ] {
        assert_eq!(desk.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_on_an_empty_catalogue() {
    let bench = Bench::new().await;
    let admin = seat(&bench, "admin", Role::Admin, &[]).await;
    for path in [
        "",
        "/playlists",
        "/playlists/new",
        "/homes",
        "/homes/new",
        "/personas",
        "/personas/new?copy=curieux",
        "/why",
        "/map",
        "/map?density=1&as_point=48.11,-1.68",
        "/calendar",
        "/numbers/venues",
        "/audit",
        "/keys",
        "/accounts",
    ] {
        let reply = admin.get(&format!("/studio{path}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    }
    // Numbers are being counted, or there is nothing to count.
    let numbers = admin.get("/studio/numbers").await;
    assert_eq!(numbers.status, StatusCode::OK, "{}", numbers.text);
}
