//! Accounts in the studio: made (a generated password is shown once), listed, removed.
//!
//! Invariant: only an administrator of every territory sees this, and none removes the account in use.

use askama::Template;
use axum::extract::{Path, State};

use super::answer::{Answer, Refusal, go, html};
use super::keys::admin;
use super::page::Page;
use super::password;
use super::session::{Posted, Signed};
use super::state::Studio;
use crate::http::problem::{Kind, Problem};
use crate::store::{Account, NewAccount, Role, UnknownRole};

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    p: Page,
    accounts: Vec<Account>,
    made: Option<(Account, String)>,
}

pub(super) async fn show(State(studio): State<Studio>, signed: Signed) -> Answer {
    admin(&signed)?;
    html(&page(&studio, &signed, None).await?)
}

async fn page(studio: &Studio, signed: &Signed, made: Option<(Account, String)>) -> Result<Accounts, Refusal> {
    Ok(Accounts {
        p: signed.page("accounts"),
        accounts: studio.store.accounts().await?,
        made,
    })
}

pub(super) async fn add(State(studio): State<Studio>, posted: Posted) -> Answer {
    admin(&posted.signed)?;
    posted.once(&studio)?;
    let form = &posted.form;
    let role: Role = form
        .get("role")
        .parse()
        .map_err(|error: UnknownRole| Problem::new(Kind::Invalid, error.to_string()))?;
    let password = password::generate().map_err(|error| Refusal::Broken(error.to_string()))?;
    let given = password.clone();
    let hashed = studio.hashing(move || password::hash(&given)).await;
    let Some(Ok(hash)) = hashed else {
        return Err(Refusal::Broken("a password could not be hashed".to_owned()));
    };
    let new = NewAccount {
        login: form.get("login").to_owned(),
        hash,
        role,
        territories: form.words("territories"),
    };
    let account = studio.store.add_account(new).await?;
    html(&page(&studio, &posted.signed, Some((account, password))).await?)
}

pub(super) async fn remove(State(studio): State<Studio>, Path(login): Path<String>, posted: Posted) -> Answer {
    admin(&posted.signed)?;
    posted.once(&studio)?;
    if login == posted.signed.account.login {
        return Err(Refusal::Forbidden("refused-own-account"));
    }
    studio.store.remove_account(&login).await?;
    go("/studio/accounts?said=removed")
}
