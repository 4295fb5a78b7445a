//! `florilege accounts`: who may sign in to the studio.
//!
//! Invariant: a generated password is printed once; a chosen one comes from standard input, never from an argument.

use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Output;
use super::keys::StoreArgs;
use crate::store::{Account, NewAccount, Role, Store, UnknownRole};
use crate::studio::password;

const EXAMPLES: &str = "\
Examples:
  florilege accounts add --login admin --role admin --data ./data
  florilege accounts add --login desk-35 --role editor --territory 35 --data ./data
  pass show studio | florilege accounts add --login desk --role publisher --password-stdin --data ./data
  florilege accounts list --data ./data --json
  florilege accounts remove desk-35 --data ./data

Roles: reader (looks), editor (saves drafts), publisher (publishes), admin (keys and accounts too).
Without --password-stdin a password is drawn and printed, once.";

/// Make, list and remove accounts of the studio.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Accounts {
    #[command(flatten)]
    store: StoreArgs,
    #[command(subcommand)]
    action: Action,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account and print its password, once.
    Add(Add),
    /// List every account.
    List(Output),
    /// Remove an account and end its sessions.
    Remove(Remove),
    /// Give an account another password; its sessions end.
    Password(Password),
}

/// An account to make.
#[derive(Debug, Args)]
struct Add {
    /// What it signs in with: letters, digits and . _ - @ +
    #[arg(long, env = "FLORILEGE_LOGIN")]
    login: String,
    /// What it may do: reader, editor, publisher or admin.
    #[arg(long, env = "FLORILEGE_ROLE", value_parser = role)]
    role: Role,
    /// Where it may edit; may be given several times, absent means everywhere.
    #[arg(long, value_name = "TERRITORY", env = "FLORILEGE_TERRITORY", value_delimiter = ',')]
    territory: Vec<String>,
    #[command(flatten)]
    secret: Secret,
}

/// Where the password comes from.
#[derive(Debug, Args)]
struct Secret {
    /// Read the password from the first line of standard input instead of drawing one.
    #[arg(long, env = "FLORILEGE_PASSWORD_STDIN", value_parser = BoolishValueParser::new())]
    password_stdin: bool,
    #[command(flatten)]
    output: Output,
}

/// An account to remove.
#[derive(Debug, Args)]
struct Remove {
    /// Its login.
    login: String,
    #[command(flatten)]
    output: Output,
}

/// An account that gets another password.
#[derive(Debug, Args)]
struct Password {
    /// Its login.
    login: String,
    #[command(flatten)]
    secret: Secret,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: UnknownRole| error.to_string())
}

impl Accounts {
    /// Does it.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.store.open().await?;
        let done = match self.action {
            Action::Add(add) => add.run(&store).await,
            Action::List(output) => list(output, &store).await,
            Action::Remove(remove) => remove.run(&store).await,
            Action::Password(password) => password.run(&store).await,
        };
        store.close().await;
        done
    }
}

impl Secret {
    /// The password, and whether it was drawn here.
    fn read(&self) -> anyhow::Result<(String, bool)> {
        if !self.password_stdin {
            return Ok((password::generate()?, true));
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        Ok((line.trim_end_matches(['\r', '\n']).to_owned(), false))
    }

    /// Says what was done; the password only where it was drawn.
    fn tell(&self, mut shown: Value, secret: String, drawn: bool) -> anyhow::Result<()> {
        if !drawn {
            return self.output.print(&shown, || "done".to_owned());
        }
        shown["password"] = json!(secret);
        eprintln!("the password is shown this once");
        self.output.print(&shown, || secret)
    }
}

impl Add {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let (secret, drawn) = self.secret.read()?;
        let new = NewAccount {
            login: self.login,
            hash: password::hash(&secret)?,
            role: self.role,
            territories: self.territory,
        };
        let account = store.add_account(new).await?;
        self.secret.tell(shown(&account), secret, drawn)
    }
}

async fn list(output: Output, store: &Store) -> anyhow::Result<()> {
    let accounts = store.accounts().await?;
    let all: Vec<Value> = accounts.iter().map(shown).collect();
    output.print(&json!({"accounts": all}), || {
        accounts.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

impl Remove {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        store.remove_account(&self.login).await?;
        self.output
            .print(&json!({"removed": self.login}), || format!("removed {}", self.login))
    }
}

impl Password {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let (secret, drawn) = self.secret.read()?;
        store.set_password(&self.login, password::hash(&secret)?).await?;
        self.secret.tell(json!({"login": self.login}), secret, drawn)
    }
}

fn shown(account: &Account) -> Value {
    json!({
        "login": account.login, "role": account.role.as_str(), "territories": account.territories,
        "created": account.created.to_string(),
    })
}

fn line(account: &Account) -> String {
    let territories = account.territories.join(",");
    format!("{}  {:<9}  {territories}", account.login, account.role.as_str())
}
