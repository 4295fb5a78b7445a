//! The studio over its router, in process: sign-in, rights, forged and replayed forms.

mod calendar;
mod desk;
mod numbers;

use axum::body::Body;
use axum::http::{Request, StatusCode};

use crate::http::tests::{Bench, Reply};
use crate::store::{NewAccount, Role};

const PASSWORD: &str = "a long enough password";

/// Somebody signed in, with the cookie.
struct Seat<'a> {
    bench: &'a Bench,
    cookie: String,
}

async fn account(bench: &Bench, login: &str, role: Role, territories: &[&str]) {
    let new = NewAccount {
        login: login.to_owned(),
        hash: super::password::hash(PASSWORD).expect("hashed"),
        role,
        territories: territories.iter().map(|t| (*t).to_owned()).collect(),
    };
    bench.app.store.add_account(new).await.expect("made");
}

async fn sign_in(bench: &Bench, login: &str, password: &str) -> Reply {
    let body = format!("login={login}&password={}", password.replace(' ', "+"));
    bench.send(form("/studio/sign-in", body, "")).await
}

fn form(path: &str, body: impl Into<Body>, cookie: &str) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", cookie)
        .body(body.into())
        .expect("a request")
}

impl<'a> Seat<'a> {
    async fn take(bench: &'a Bench, login: &str) -> Self {
        let reply = sign_in(bench, login, PASSWORD).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        let cookie = reply.headers["set-cookie"].to_str().expect("text");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        Self { bench, cookie }
    }

    async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path)
            .header("cookie", &self.cookie)
            .header("accept-language", "en");
        self.bench.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, path: &str, body: &str) -> Reply {
        self.bench.send(form(path, body.to_owned(), &self.cookie)).await
    }

    /// The tokens of the first form of a page that has them all.
    async fn tokens(&self, path: &str) -> String {
        let page = self.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let csrf = hidden(&page.text, "csrf").expect("a token");
        let once = hidden(&page.text, "once").unwrap_or_default();
        format!("csrf={csrf}&once={once}")
    }
}

fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_without_signing_in() {
    let bench = Bench::new().await;
    let reply = bench.call("GET", "/studio", "").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.headers["location"], "/studio/sign-in?to=%2Fstudio");
    let page = bench.call("GET", "/studio/sign-in", "").await;
    assert!(page.text.contains("florilege accounts add"), "{}", page.text);
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.starts_with("default-src 'self'; "), "{policy}");

    account(&bench, "desk", Role::Reader, &[]).await;
    let page = bench.call("GET", "/studio/sign-in", "").await;
    assert!(page.text.contains("name=\"password\""), "{}", page.text);
    let wrong = sign_in(&bench, "desk", "another long password").await;
    let nobody = sign_in(&bench, "nobody", PASSWORD).await;
    assert_eq!(
        (wrong.status, nobody.status),
        (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN)
    );
    assert_eq!(wrong.text, nobody.text, "the two are told alike");
    let seat = Seat::take(&bench, "desk").await;
    assert_eq!(seat.get("/studio").await.status, StatusCode::OK);
    let missing = seat.get("/studio/none").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text.contains("There is no such page"), "{}", missing.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_failures_lock_even_the_right_password_out() {
    let bench = Bench::new().await;
    account(&bench, "desk", Role::Reader, &[]).await;
    for _ in 0..5 {
        assert_eq!(sign_in(&bench, "desk", "wrong").await.status, StatusCode::FORBIDDEN);
    }
    let locked = sign_in(&bench, "DESK", PASSWORD).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS, "{}", locked.text);
    account(&bench, "other", Role::Reader, &[]).await;
    Seat::take(&bench, "other").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_account_and_at_sign_out() {
    let bench = Bench::new().await;
    account(&bench, "desk", Role::Admin, &[]).await;
    account(&bench, "gone", Role::Reader, &[]).await;
    let (desk, gone) = (Seat::take(&bench, "desk").await, Seat::take(&bench, "gone").await);
    let tokens = desk.tokens("/studio/accounts").await;
    let removed = desk.post("/studio/accounts/gone/remove", &tokens).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER, "{}", removed.text);
    assert_eq!(gone.get("/studio").await.status, StatusCode::SEE_OTHER);
    let tokens = desk.tokens("/studio/accounts").await;
    let own = desk.post("/studio/accounts/desk/remove", &tokens).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let out = desk.post("/studio/sign-out", &tokens).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.get("/studio").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_an_administrators_and_shown_once() {
    let bench = Bench::new().await;
    account(&bench, "desk", Role::Publisher, &[]).await;
    account(&bench, "admin", Role::Admin, &[]).await;
    account(&bench, "admin-35", Role::Admin, &["35"]).await;
    let desk = Seat::take(&bench, "desk").await;
    assert_eq!(desk.get("/studio/keys").await.status, StatusCode::FORBIDDEN);
    let local = Seat::take(&bench, "admin-35").await;
    assert_eq!(local.get("/studio/keys").await.status, StatusCode::FORBIDDEN);
    let admin = Seat::take(&bench, "admin").await;
    let tokens = admin.tokens("/studio/keys").await;
    let body = format!("{tokens}&scope=edit&territories=35&note=%3Cscript%3Ealert(1)%3C/script%3E");
    let made = admin.post("/studio/keys", &body).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let token = hidden(&made.text.replace("readonly ", "name=\"t\" "), "t").expect("a token");
    assert!(token.starts_with("flo_"), "{token}");
    assert!(!made.text.contains("<script>alert"), "text is escaped");
    let again = admin.post("/studio/keys", &body).await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "a replayed form makes no second key"
    );
    let listed = bench.app.store.list_keys().await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].territories, ["35"]);
    assert!(!admin.get("/studio/keys").await.text.contains(&token), "shown once");
    let tokens = admin.tokens("/studio/keys").await;
    let revoked = admin
        .post(&format!("/studio/keys/{}/revoke", listed[0].id), &tokens)
        .await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    assert!(bench.app.store.list_keys().await.expect("listed")[0].revoked.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_endless_and_strange_forms_end_well() {
    let bench = Bench::new().await;
    account(&bench, "admin", Role::Admin, &[]).await;
    account(&bench, "admin2", Role::Admin, &[]).await;
    let (admin, other) = (Seat::take(&bench, "admin").await, Seat::take(&bench, "admin2").await);
    for body in [
        "scope=serve",
        "csrf=&once=&scope=serve",
        "csrf=x&once=aaaaaaaaaaaaaaaaaaaaaa&scope=serve",
    ] {
        let reply = admin.post("/studio/keys", body).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{body}");
    }
    let tokens = admin.tokens("/studio/keys").await;
    let stolen = other.post("/studio/keys", &format!("{tokens}&scope=serve")).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN, "a token is of one session");
    let mut cross = form("/studio/keys", format!("{tokens}&scope=serve"), &admin.cookie);
    cross
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().expect("a header"));
    assert_eq!(bench.send(cross).await.status, StatusCode::FORBIDDEN);
    let endless = admin
        .post("/studio/keys", &format!("{tokens}&note={}", "x".repeat(5 << 20)))
        .await;
    assert_eq!(endless.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(endless.text.contains("mébioctet"), "{}", endless.text);
    let strange = admin.post("/studio/keys", &format!("{tokens}&scope=none")).await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bench.app.store.keys().is_empty(), "none of them made a key");
}
