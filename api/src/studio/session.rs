//! Sessions: the cookie, who is signed in, and the tokens of forms.
//!
//! Every page but the sign-in takes [`Signed`]; every form comes as [`Posted`]. Invariants: a cookie is HttpOnly and
//! SameSite=Strict, and known by its hash alone; a form of another session, or of another site, changes nothing.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::answer::Refusal;
use super::form::Form;
use super::page::Page;
use super::state::Studio;
use super::words::Lang;
use crate::store::{Account, Role};

/// The cookie of a session.
pub(super) const COOKIE: &str = "studio_session";
/// How long a session lasts, in seconds: a day of work.
pub(super) const LASTS_S: i64 = 12 * 3600;

/// The address of a request as it came.
#[derive(Debug, Clone)]
pub(super) struct Whole(pub(super) Uri);

/// Somebody signed in, looking at a page.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    /// Who.
    pub(super) account: Account,
    /// The language of the page.
    pub(super) lang: Lang,
    /// Where: path and query.
    pub(super) path: String,
    /// The token of the forms of this session.
    csrf: String,
    /// The hash of the session's token.
    pub(super) session: String,
}

/// A form that somebody signed in has sent from one of our pages.
#[derive(Debug)]
pub(super) struct Posted {
    /// Who.
    pub(super) signed: Signed,
    /// What.
    pub(super) form: Form,
}

impl Signed {
    /// What every page needs to know.
    pub(super) fn page(&self, at: &'static str) -> Page {
        Page::new(self.lang, at, &self.path, Some(&self.account), &self.csrf)
    }

    /// Goes on only in this role, or one above it.
    pub(super) fn require(&self, role: Role) -> Result<(), Refusal> {
        if self.account.role >= role {
            return Ok(());
        }
        Err(Refusal::Forbidden("refused-role"))
    }

    /// Whether a territory is this account's to edit.
    pub(super) fn holds(&self, territory: Option<&str>) -> bool {
        let own = &self.account.territories;
        own.is_empty() || territory.is_some_and(|territory| own.iter().any(|one| one == territory))
    }

    /// Goes on only where the account may edit.
    pub(super) fn require_territory(&self, territory: Option<&str>) -> Result<(), Refusal> {
        if self.holds(territory) {
            return Ok(());
        }
        Err(Refusal::Forbidden("refused-territory"))
    }
}

impl Posted {
    /// Goes on only the first time that this form is sent.
    pub(super) fn once(&self, studio: &Studio) -> Result<(), Refusal> {
        let mark = self.form.get("once");
        let sound = mark.len() == 22 && studio.take(&format!("{}{mark}", self.signed.session));
        if sound { Ok(()) } else { Err(Refusal::Replayed) }
    }
}

impl FromRequestParts<Studio> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, studio: &Studio) -> Result<Self, Refusal> {
        // The router of the studio has taken its own name off the path.
        let whole = parts.extensions.get::<Whole>().map_or(&parts.uri, |whole| &whole.0);
        let path = whole
            .path_and_query()
            .map_or("/studio", |path| path.as_str())
            .to_owned();
        let leave = || Refusal::SignIn(path.clone());
        let token = cookie(&parts.headers, COOKIE).ok_or_else(leave)?;
        let session = hash("session", token);
        let account = studio.store.session(&session).await?.ok_or_else(leave)?;
        Ok(Self {
            account,
            lang: Lang::of_headers(&parts.headers),
            csrf: hash("form", token),
            path,
            session,
        })
    }
}

impl FromRequest<Studio> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request<Body>, studio: &Studio) -> Result<Self, Refusal> {
        same_site(request.headers())?;
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, studio).await?;
        let form = Form::read(Request::from_parts(parts, body)).await?;
        if !bool::from(form.get("csrf").as_bytes().ct_eq(signed.csrf.as_bytes())) {
            return Err(Refusal::Forged);
        }
        Ok(Self { signed, form })
    }
}

/// Refuses a form that a browser says another site has sent.
pub(super) fn same_site(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(Refusal::Forged),
    }
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A line for `set-cookie`.
pub(super) fn set_cookie(headers: &HeaderMap, name: &str, value: &str, seconds: i64) -> String {
    let https = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/studio; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// What a token is known by, one for each use.
pub(super) fn hash(purpose: &str, token: &str) -> String {
    let digest = Sha256::new()
        .chain_update(b"florilege studio\0")
        .chain_update(purpose)
        .chain_update(b"\0")
        .chain_update(token)
        .finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

/// Random text of so many bytes.
pub(super) fn draw<const BYTES: usize>() -> Result<String, Refusal> {
    let mut bytes = [0u8; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Refusal::Broken(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
