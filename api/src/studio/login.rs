//! Signing in and out, and the language.
//!
//! Invariants: a wrong login takes as long as a wrong password and says the same; after a few failures in a row
//! nothing is looked at for a while, longer each time; a sign-in starts a new session.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use super::answer::{Answer, Refusal, html, html_with};
use super::form::Form;
use super::page::Page;
use super::password;
use super::session::{self, LASTS_S, Posted, cookie, draw, hash, same_site, set_cookie};
use super::state::Studio;
use super::words::{self, Lang};
use crate::app::clock;
use crate::store::MAX_LOGIN_BYTES;

/// Failures in a row that cost nothing.
const FREE_FAILURES: u64 = 5;
/// The first wait, in milliseconds; it doubles with each failure.
const FIRST_WAIT_MS: i64 = 30_000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1000;
/// A year, for the language.
const YEAR_S: i64 = 365 * 24 * 3600;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignIn {
    p: Page,
    to: String,
    fault: Option<String>,
    anybody: bool,
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub(super) struct To {
    #[serde(default)]
    to: String,
}

pub(super) async fn show(State(studio): State<Studio>, Query(To { to }): Query<To>, headers: HeaderMap) -> Answer {
    let lang = Lang::of_headers(&headers);
    html(&page(&studio, lang, to, None).await?)
}

async fn page(studio: &Studio, lang: Lang, to: String, fault: Option<String>) -> Result<SignIn, Refusal> {
    let query: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
    Ok(SignIn {
        p: Page::new(lang, "", &format!("/studio/sign-in?to={query}"), None, ""),
        anybody: studio.store.has_accounts().await?,
        to,
        fault,
    })
}

pub(super) async fn sign_in(State(studio): State<Studio>, request: Request) -> Answer {
    let headers = request.headers().clone();
    same_site(&headers)?;
    let form = Form::read(request).await?;
    let lang = Lang::of_headers(&headers);
    match check(&studio, &form).await? {
        Checked::Right(login) => open(&studio, &headers, &login, form.get("to")).await,
        Checked::Wrong => refuse(&studio, lang, &form, StatusCode::FORBIDDEN, lang.t("sign-in-wrong")).await,
        Checked::Locked(seconds) => {
            let fault = lang.n("sign-in-locked", seconds);
            refuse(&studio, lang, &form, StatusCode::TOO_MANY_REQUESTS, fault).await
        }
    }
}

async fn refuse(studio: &Studio, lang: Lang, form: &Form, status: StatusCode, fault: String) -> Answer {
    let page = page(studio, lang, form.get("to").to_owned(), Some(fault)).await?;
    html_with(status, &page)
}

/// What a login and a password are worth.
enum Checked {
    Right(String),
    Wrong,
    /// For so many seconds.
    Locked(i64),
}

async fn check(studio: &Studio, form: &Form) -> Result<Checked, Refusal> {
    let login = form.get("login").to_ascii_lowercase();
    if login.is_empty() || login.len() > MAX_LOGIN_BYTES {
        return Ok(Checked::Wrong);
    }
    let key = hash("sign-in", &login);
    let (failures, now) = (studio.store.failures(&key).await?, clock().millis());
    if failures.count >= FREE_FAILURES && failures.until > now {
        return Ok(Checked::Locked((failures.until - now + 999) / 1000));
    }
    // Counted before it is looked at: many at once are as many failures.
    studio
        .store
        .note_failure(&key, now + wait_ms(failures.count + 1))
        .await?;
    let known = studio.store.account(&login).await?.map(|(_, hash)| hash);
    let given = form.all("password").next().unwrap_or("").to_owned();
    let right = studio
        .hashing(move || password::is_right(&given, known.as_deref()))
        .await;
    if right != Some(true) {
        return Ok(Checked::Wrong);
    }
    studio.store.clear_failures(&key).await?;
    Ok(Checked::Right(login))
}

/// How long nothing is looked at after so many failures in a row.
fn wait_ms(failures: u64) -> i64 {
    let Some(more) = failures.checked_sub(FREE_FAILURES) else {
        return 0;
    };
    let doubled = FIRST_WAIT_MS.checked_shl(u32::try_from(more).unwrap_or(u32::MAX).min(20));
    doubled.map_or(LONGEST_WAIT_MS, |wait| wait.clamp(FIRST_WAIT_MS, LONGEST_WAIT_MS))
}

async fn open(studio: &Studio, headers: &HeaderMap, login: &str, to: &str) -> Answer {
    if let Some(old) = cookie(headers, session::COOKIE) {
        studio.store.close_session(&hash("session", old)).await?;
    }
    let token = draw::<32>()?;
    let expires = clock().timestamp() + SignedDuration::from_secs(LASTS_S);
    studio
        .store
        .open_session(&hash("session", &token), login, expires)
        .await?;
    let line = set_cookie(headers, session::COOKIE, &token, LASTS_S);
    Ok((AppendHeaders([(header::SET_COOKIE, line)]), Redirect::to(own(to))).into_response())
}

pub(super) async fn sign_out(State(studio): State<Studio>, headers: HeaderMap, posted: Posted) -> Answer {
    studio.store.close_session(&posted.signed.session).await?;
    let line = set_cookie(&headers, session::COOKIE, "", 0);
    Ok((
        AppendHeaders([(header::SET_COOKIE, line)]),
        Redirect::to("/studio/sign-in"),
    )
        .into_response())
}

pub(super) async fn language(Path(code): Path<String>, Query(To { to }): Query<To>, headers: HeaderMap) -> Response {
    let Some(lang) = Lang::of(&code) else {
        return Refusal::NotFound.into_response();
    };
    let line = set_cookie(&headers, words::COOKIE, lang.code(), YEAR_S);
    (AppendHeaders([(header::SET_COOKIE, line)]), Redirect::to(own(&to))).into_response()
}

/// A path of the studio, or its first page: nobody is sent elsewhere.
fn own(path: &str) -> &str {
    let ours = path == "/studio" || path.starts_with("/studio/") || path.starts_with("/studio?");
    let plain = path.bytes().all(|byte| (b' '..0x7f).contains(&byte) && byte != b'\\');
    if ours && plain { path } else { "/studio" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        assert_eq!(
            [1, 4, 5, 6, 7, 60].map(wait_ms),
            [0, 0, 30_000, 60_000, 120_000, 900_000]
        );
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for path in [
            "",
            "//evil",
            "https://evil",
            "/studio\\@evil",
            "/studiox",
            "/studio/\r\nx: y",
        ] {
            assert_eq!(own(path), "/studio", "{path:?}");
        }
        assert_eq!(own("/studio/keys?x=1"), "/studio/keys?x=1");
    }
}
