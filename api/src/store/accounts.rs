//! Accounts of the studio: who may sign in, in which role and where; their sessions; failed sign-ins.
//!
//! The studio and `florilege accounts` come through here. Invariants: neither a password nor a session's token is
//! stored, only hashes; an account that goes takes its sessions along; failures are counted for unknown logins too.

use std::fmt;
use std::str::FromStr;

use florilege_engine::invalid::{Code, Fault};
use jiff::Timestamp;

use super::batch::json;
use super::error::StoreError;
use super::load::checked;
use super::sql::Row;
use super::{Store, clock};

/// The longest login, in bytes.
pub const MAX_LOGIN_BYTES: usize = 128;
/// Failed sign-ins older than this are forgotten, in milliseconds.
const FORGET_MS: i64 = 24 * 3600 * 1000;

/// What an account may do; each role may do what the one before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Look.
    Reader,
    /// Save drafts.
    Editor,
    /// Publish, take back, put away.
    Publisher,
    /// Keys and accounts.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Reader, Self::Editor, Self::Publisher, Self::Admin];

    /// Its name on the command line and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Editor => "editor",
            Self::Publisher => "publisher",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of reader, editor, publisher, admin, not {0:?}")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| UnknownRole(text.chars().take(64).collect()))
    }
}

/// An account without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What it signs in with; no person's name.
    pub login: String,
    /// What it may do.
    pub role: Role,
    /// Where it may edit; empty means everywhere.
    pub territories: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// An account to make.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What it signs in with: letters, digits and `.`, `_`, `-`, `@`, `+`.
    pub login: String,
    /// The slow hash of its password.
    pub hash: String,
    /// What it may do.
    pub role: Role,
    /// Where it may edit; empty means everywhere.
    pub territories: Vec<String>,
}

/// Failed sign-ins in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u64,
    /// Until when none is looked at, in milliseconds since 1970.
    pub until: i64,
}

impl Store {
    /// Makes an account. A login that is taken, or has other characters than it may, is refused.
    pub async fn add_account(&self, new: NewAccount) -> Result<Account, StoreError> {
        let login = checked_login(&new.login)?;
        let account = Account {
            login,
            role: new.role,
            territories: new.territories,
            created: clock::from_ms(clock::now_ms()),
        };
        let values = vec![
            account.login.as_str().into(),
            new.hash.into(),
            account.role.as_str().into(),
            json(&account.territories)?.into(),
            account.created.as_millisecond().into(),
        ];
        let sql = "INSERT INTO accounts (login, hash, role, territories, created) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT DO NOTHING";
        let mut tx = self.shared.database.write().await?;
        let made = tx.run(sql, values).await?;
        tx.commit().await?;
        if made == 0 {
            return Err(refused(format!("there is an account {:?} already", account.login)));
        }
        Ok(account)
    }

    /// Every account, by login.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let sql = "SELECT login, role, territories, created FROM accounts ORDER BY login";
        let rows = self.shared.database.rows(sql, Vec::new()).await?;
        rows.iter().map(account).collect()
    }

    /// Whether anybody can sign in.
    pub async fn has_accounts(&self) -> Result<bool, StoreError> {
        let rows = self
            .shared
            .database
            .rows("SELECT login FROM accounts LIMIT 1", Vec::new())
            .await?;
        Ok(!rows.is_empty())
    }

    /// An account and the hash of its password.
    pub async fn account(&self, login: &str) -> Result<Option<(Account, String)>, StoreError> {
        let sql = "SELECT login, role, territories, created, hash FROM accounts WHERE login = $1";
        let rows = self.shared.database.rows(sql, vec![login.into()]).await?;
        rows.first().map(|row| Ok((account(row)?, row.text(4)?))).transpose()
    }

    /// Takes an account away, with its sessions.
    pub async fn remove_account(&self, login: &str) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        tx.run("DELETE FROM sessions WHERE login = $1", vec![login.into()])
            .await?;
        let gone = tx
            .run("DELETE FROM accounts WHERE login = $1", vec![login.into()])
            .await?;
        tx.commit().await?;
        found(gone, login)
    }

    /// Gives an account another password; its sessions end.
    pub async fn set_password(&self, login: &str, hash: String) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        tx.run("DELETE FROM sessions WHERE login = $1", vec![login.into()])
            .await?;
        let sql = "UPDATE accounts SET hash = $1 WHERE login = $2";
        let changed = tx.run(sql, vec![hash.into(), login.into()]).await?;
        tx.commit().await?;
        found(changed, login)
    }

    /// Opens a session under the hash of its token; those that are over go.
    pub async fn open_session(&self, hash: &str, login: &str, expires: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        let over = "DELETE FROM sessions WHERE expires <= $1";
        tx.run(over, vec![clock::now_ms().into()]).await?;
        let sql = "INSERT INTO sessions (hash, login, expires) VALUES ($1, $2, $3)";
        let values = vec![hash.into(), login.into(), expires.as_millisecond().into()];
        tx.run(sql, values).await?;
        tx.commit().await
    }

    /// Whose session it is, unless it is over.
    pub async fn session(&self, hash: &str) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT a.login, a.role, a.territories, a.created FROM sessions s \
                   JOIN accounts a ON a.login = s.login WHERE s.hash = $1 AND s.expires > $2";
        let values = vec![hash.into(), clock::now_ms().into()];
        let rows = self.shared.database.rows(sql, values).await?;
        rows.first().map(account).transpose()
    }

    /// Ends a session.
    pub async fn close_session(&self, hash: &str) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        tx.run("DELETE FROM sessions WHERE hash = $1", vec![hash.into()])
            .await?;
        tx.commit().await
    }

    /// Failed sign-ins in a row under the hash of a login.
    pub async fn failures(&self, hash: &str) -> Result<Failures, StoreError> {
        let sql = "SELECT failures, until FROM sign_ins WHERE hash = $1";
        let rows = self.shared.database.rows(sql, vec![hash.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(Failures::default());
        };
        Ok(Failures {
            count: row.int(0)?.unsigned_abs(),
            until: row.int(1)?,
        })
    }

    /// Notes one more failure; those of a day ago are forgotten.
    pub async fn note_failure(&self, hash: &str, until: i64) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        let old = "DELETE FROM sign_ins WHERE until < $1";
        tx.run(old, vec![(clock::now_ms() - FORGET_MS).into()]).await?;
        let sql = "INSERT INTO sign_ins (hash, failures, until) VALUES ($1, 1, $2) \
                   ON CONFLICT (hash) DO UPDATE SET failures = sign_ins.failures + 1, until = $2";
        tx.run(sql, vec![hash.into(), until.into()]).await?;
        tx.commit().await
    }

    /// Forgets the failures of a login that signed in.
    pub async fn clear_failures(&self, hash: &str) -> Result<(), StoreError> {
        let mut tx = self.shared.database.write().await?;
        tx.run("DELETE FROM sign_ins WHERE hash = $1", vec![hash.into()])
            .await?;
        tx.commit().await
    }
}

fn account(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        login: row.text(0)?,
        role: checked(row.text(1)?.parse())?,
        territories: checked(serde_json::from_str(&row.text(2)?))?,
        created: clock::from_ms(row.int(3)?),
    })
}

fn found(count: u64, login: &str) -> Result<(), StoreError> {
    if count > 0 {
        return Ok(());
    }
    Err(StoreError::NotFound {
        what: "account",
        id: login.to_owned(),
    })
}

fn refused(message: String) -> StoreError {
    StoreError::Invalid(Fault::new("/login", Code::InvalidValue, message))
}

fn checked_login(login: &str) -> Result<String, StoreError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
    if login.is_empty() || login.len() > MAX_LOGIN_BYTES || !login.bytes().all(plain) {
        let message = format!("a login is 1 to {MAX_LOGIN_BYTES} letters, digits and . _ - @ +");
        return Err(refused(message));
    }
    Ok(login.to_ascii_lowercase())
}
