//! Access keys in the studio: made (the token is shown once), listed, revoked.
//!
//! Invariant: only an administrator of every territory sees this; a token stands in the answer to its making alone.

use askama::Template;
use axum::extract::{Path, State};
use jiff::{SignedDuration, Timestamp};

use super::answer::{Answer, Refusal, go, html};
use super::page::Page;
use super::session::{Posted, Signed};
use super::state::Studio;
use crate::app::clock;
use crate::http::problem::{Kind, Problem};
use crate::store::{Key, NewKey, Role, Scope};

/// The longest note of a key, in characters.
const MAX_NOTE: usize = 200;

#[derive(Template)]
#[template(path = "keys.html")]
struct Keys {
    p: Page,
    keys: Vec<Key>,
    made: Option<(Key, String)>,
    now: Timestamp,
}

impl Keys {
    /// The state of a key, as the words call it.
    fn state(&self, key: &Key) -> &'static str {
        if key.revoked.is_some() {
            "revoked"
        } else if key.is_valid(self.now) {
            "valid"
        } else {
            "over"
        }
    }
}

/// Lets administrators through.
pub(super) fn admin(signed: &Signed) -> Result<(), Refusal> {
    signed.require(Role::Admin)?;
    signed.require_territory(None)
}

pub(super) async fn show(State(studio): State<Studio>, signed: Signed) -> Answer {
    admin(&signed)?;
    html(&page(&studio, &signed, None).await?)
}

async fn page(studio: &Studio, signed: &Signed, made: Option<(Key, String)>) -> Result<Keys, Refusal> {
    let mut keys = studio.store.list_keys().await?;
    keys.reverse();
    Ok(Keys {
        p: signed.page("keys"),
        keys,
        made,
        now: clock().timestamp(),
    })
}

pub(super) async fn add(State(studio): State<Studio>, posted: Posted) -> Answer {
    admin(&posted.signed)?;
    posted.once(&studio)?;
    let form = &posted.form;
    let scope: Scope = form
        .get("scope")
        .parse()
        .map_err(|error: crate::store::UnknownScope| Problem::new(Kind::Invalid, error.to_string()))?;
    let days: Option<i64> = form.number("days").filter(|days| (1..=3_650).contains(days));
    let new = NewKey {
        scope,
        territories: form.words("territories"),
        expires: days.map(|days| clock().timestamp() + SignedDuration::from_hours(24 * days)),
        note: form.get("note").chars().take(MAX_NOTE).collect(),
    };
    let made = studio.store.add_key(new).await?;
    html(&page(&studio, &posted.signed, Some(made)).await?)
}

pub(super) async fn revoke(State(studio): State<Studio>, Path(id): Path<String>, posted: Posted) -> Answer {
    admin(&posted.signed)?;
    posted.once(&studio)?;
    studio.store.revoke_key(&id).await?;
    go("/studio/keys?said=revoked")
}
