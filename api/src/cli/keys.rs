//! `florilege keys`: access keys of a data folder or a database.
//!
//! Invariant: a token is printed once, when its key is made, and kept nowhere.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Subcommand};
use florilege_engine::taxonomy::Taxonomy;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cli, Output};
use crate::boot::open_store;
use crate::store::{Key, NewKey, Scope, Store};

const EXAMPLES: &str = "\
Examples:
  florilege keys add --scope serve --note 'the app' --data ./data
  florilege keys add --scope edit --territory 35 --territory QPV035001 --data ./data
  florilege keys list --data ./data --json
  florilege keys revoke k3fz9q --data ./data

Scopes: serve (lists, search), ingest (writing), edit (editorial documents), admin (everything).
From the first key on every call needs one. A revoked key is refused within a second.";

/// Make, list and revoke access keys.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Keys {
    #[command(flatten)]
    store: StoreArgs,
    #[command(subcommand)]
    action: Action,
}

/// Where the keys and the accounts are; before or after the action.
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    /// The data folder.
    #[arg(long, value_name = "DIR", env = "FLORILEGE_DATA", global = true)]
    data: Option<PathBuf>,
    /// A PostgreSQL store, postgres://user:password@host:port/name, instead of the embedded one.
    #[arg(
        long,
        value_name = "URL",
        env = "FLORILEGE_DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    database_url: Option<String>,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and print its token, once.
    Add(Add),
    /// List every key, without tokens.
    List(Output),
    /// Revoke a key by its identifier.
    Revoke(Revoke),
}

/// A key to make.
#[derive(Debug, Args)]
struct Add {
    /// What it allows: serve, ingest, edit or admin.
    #[arg(long, env = "FLORILEGE_SCOPE", value_parser = scope)]
    scope: Scope,
    /// Where an editor may work; may be given several times, absent means everywhere.
    #[arg(long, value_name = "TERRITORY", env = "FLORILEGE_TERRITORY", value_delimiter = ',')]
    territory: Vec<String>,
    /// When it ends by itself, RFC 3339.
    #[arg(long, value_name = "TIME", env = "FLORILEGE_EXPIRES")]
    expires: Option<Timestamp>,
    /// A note to recognise it by.
    #[arg(long, default_value = "", env = "FLORILEGE_NOTE")]
    note: String,
    #[command(flatten)]
    output: Output,
}

/// A key to revoke.
#[derive(Debug, Args)]
struct Revoke {
    /// Its identifier, as `keys list` shows it.
    id: String,
    #[command(flatten)]
    output: Output,
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse()
        .map_err(|error: crate::store::UnknownScope| error.to_string())
}

impl Keys {
    /// Does it.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.store.open().await?;
        let done = match self.action {
            Action::Add(add) => add.run(&store).await,
            Action::List(output) => list(output, &store).await,
            Action::Revoke(revoke) => revoke.run(&store).await,
        };
        store.close().await;
        done
    }
}

impl StoreArgs {
    /// The store, open.
    pub(super) async fn open(&self) -> anyhow::Result<Store> {
        let Some(data) = &self.data else {
            let message = "--data DIR (or FLORILEGE_DATA) says where the store is";
            Cli::command().error(ErrorKind::MissingRequiredArgument, message).exit();
        };
        open_store(data, self.database_url.as_deref(), Taxonomy::built_in().into()).await
    }
}

impl Add {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let new = NewKey {
            scope: self.scope,
            territories: self.territory,
            expires: self.expires,
            note: self.note,
        };
        let (key, token) = store.add_key(new).await?;
        let mut shown = shown(&key);
        shown["token"] = json!(token);
        eprintln!("key {} of scope {}; the token is shown this once", key.id, key.scope);
        self.output.print(&shown, || token)
    }
}

async fn list(output: Output, store: &Store) -> anyhow::Result<()> {
    let keys = store.list_keys().await?;
    let all: Vec<Value> = keys.iter().map(shown).collect();
    output.print(&json!({"keys": all}), || {
        keys.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

impl Revoke {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let key = store.revoke_key(&self.id).await?;
        self.output.print(&shown(&key), || format!("revoked {}", key.id))
    }
}

fn shown(key: &Key) -> Value {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": key.id, "scope": key.scope.as_str(), "territories": key.territories, "note": key.note,
        "created": key.created.to_string(), "expires": time(key.expires), "revoked": time(key.revoked),
    })
}

/// A key as a line for people.
fn line(key: &Key) -> String {
    let state = match (key.revoked, key.expires) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "valid".to_owned(),
    };
    format!(
        "{}  {:<6}  {state}  {}  {}",
        key.id,
        key.scope.as_str(),
        key.territories.join(","),
        key.note
    )
}
