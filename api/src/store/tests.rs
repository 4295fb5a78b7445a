//! The store's tests: one suite, run over SQLite and over a real PostgreSQL (`FLORILEGE_TEST_POSTGRES` holds the URL
//! of a server where databases may be made; `tests/postgres start DIR` gives one).

mod editing;
mod erasure;
mod many;
mod model;
mod numbers;
mod once;
mod side;

use std::sync::{Arc, LazyLock};

use florilege_engine::change::{Change, Sequence};
use florilege_engine::event::Event;
use florilege_engine::taxonomy::Taxonomy;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use super::{Appended, Entry, Ignored, Limits, Outcome, Store, StoreUrl};

/// An empty database of one of the two kinds, for one test.
struct Place {
    url: StoreUrl,
    /// The data folder, or an empty one.
    folder: TempDir,
    /// The server and the name of the database, to remove it.
    server: Option<(String, String)>,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            url: StoreUrl::in_folder(folder.path()),
            folder,
            server: None,
        }
    }

    /// Nothing when there is no server; `tests/run` always has one.
    async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("FLORILEGE_TEST_POSTGRES") else {
            eprintln!("FLORILEGE_TEST_POSTGRES is not set: not run over PostgreSQL");
            return None;
        };
        let name = format!("florilege_{}", uuid::Uuid::now_v7().simple());
        admin(&server, format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').expect("a URL ends with a database");
        Some(Self {
            url: StoreUrl::Postgres(format!("{base}/{name}")),
            folder: tempfile::tempdir().expect("a folder"),
            server: Some((server, name)),
        })
    }

    async fn open(&self) -> Store {
        self.open_with(Limits::default()).await
    }

    async fn open_with(&self, limits: Limits) -> Store {
        let taxonomy = Arc::new(Taxonomy::built_in());
        Store::open(self.url.clone(), taxonomy, limits)
            .await
            .expect("the store opens")
    }

    const fn is_sqlite(&self) -> bool {
        matches!(self.url, StoreUrl::Sqlite(_))
    }

    /// Everything that the database holds, as bytes: the files of the folder, or the server's own dump.
    fn bytes(&self) -> Vec<u8> {
        match &self.url {
            StoreUrl::Sqlite(_) => {
                let files = std::fs::read_dir(self.folder.path()).expect("the folder");
                let read = files.map(|file| std::fs::read(file.expect("a file").path()).expect("its bytes"));
                read.flatten().collect()
            }
            StoreUrl::Postgres(url) => {
                let dump = std::process::Command::new("pg_dump")
                    .arg(url)
                    .output()
                    .expect("pg_dump runs");
                assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
                dump.stdout
            }
        }
    }

    async fn end(self) {
        if let Some((server, name)) = self.server {
            admin(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn admin(server: &str, sql: String) {
    let mut connection = PgConnection::connect(server).await.expect("the server answers");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("done");
}

/// Each of these over each database.
macro_rules! over_both {
    ($($module:ident::$name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let place = super::Place::sqlite();
                super::$module::$name(&place).await;
                place.end().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = super::Place::postgres().await {
                    super::$module::$name(&place).await;
                    place.end().await;
                }
            })*
        }
    };
}

over_both!(
    once::what_goes_in_comes_out,
    once::each_change_has_its_fate,
    once::a_submission_is_played_in_order,
    once::an_event_says_what_its_offer_was,
    once::a_store_opened_again_goes_on,
    once::a_newer_schema_is_refused,
    once::a_full_queue_says_so,
    once::a_closed_store_refuses,
    once::a_foreign_file_is_refused,
    many::a_full_disk_loses_nothing,
    many::the_log_has_no_gap_whoever_writes,
    many::a_large_batch_goes_in_whole,
    many::a_lost_connection_is_found_again,
    model::random_changes_equal_a_plain_model,
    erasure::an_erased_reader_is_nowhere,
    erasure::many_readers_leave_no_trace,
    erasure::a_follower_learns_of_an_erasure,
    erasure::consent_taken_back_empties_the_events,
    editing::a_document_has_its_life,
    editing::two_editors_do_not_overwrite_each_other,
    editing::documents_come_in_pages_and_by_status,
    numbers::acts_come_in_pieces_the_newest_first,
    numbers::a_way_has_the_first_act_and_the_bookings_and_no_name,
    side::keys_open_until_revoked,
    side::a_key_ends_by_itself,
    side::requests_are_kept_and_bounded,
    side::a_backup_is_a_store,
);

/// A change as a client writes it.
fn change(line: &str) -> Change {
    static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);
    Change::parse(line.as_bytes(), &TAXONOMY).expect(line)
}

fn offer(id: &str, title: &str) -> Change {
    let offer = serde_json::json!({"id": id, "title": title, "subcategory": "LIVRE_PAPIER"});
    change(&serde_json::json!({"op": "offer.upsert", "offer": offer}).to_string())
}

fn stock(id: &str, stock: u32) -> Change {
    change(&format!(r#"{{"op":"offer.stock","id":"{id}","stock":{stock}}}"#))
}

fn delete(id: &str) -> Change {
    change(&format!(r#"{{"op":"offer.delete","id":"{id}"}}"#))
}

fn user(id: &str, friends: &[&str], personalisation: bool) -> Change {
    let user = serde_json::json!({
        "id": id, "friends": friends, "credit_cents": 15000, "consents": {"personalisation": personalisation},
    });
    change(&serde_json::json!({"op": "user.upsert", "user": user}).to_string())
}

fn event(id: &str, user: &str, to: Option<&str>) -> Change {
    let event = serde_json::json!({
        "id": id, "type": "share", "user_id": user, "offer_id": "o1", "to_user_id": to,
        "at": "2026-11-22T12:00:00+01:00", "text": "à lire",
    });
    change(&serde_json::json!({"op": "event", "event": event}).to_string())
}

fn erase(id: &str) -> Change {
    change(&format!(r#"{{"op":"user.erase","id":"{id}"}}"#))
}

/// A change without what the store says of its offer.
fn as_sent(change: Change) -> Change {
    if let Change::Event(event) = change {
        return Change::Event(Box::new(Event { then: None, ..*event }));
    }
    change
}

async fn submit(store: &Store, changes: Vec<Change>) -> Appended {
    store.submit(changes).await.expect("written")
}

async fn whole_log(store: &Store) -> Vec<Entry> {
    let mut log: Vec<Entry> = Vec::new();
    loop {
        let after = log.last().map_or(Sequence(0), |entry| entry.sequence);
        let more = store.log_after(after, 700).await.expect("the log");
        if more.is_empty() {
            return log;
        }
        log.extend(more.into_iter().map(|entry| Entry {
            change: entry.change.map(as_sent),
            ..entry
        }));
    }
}

fn assert_gapless(log: &[Entry]) {
    for (place, entry) in (1u64..).zip(log) {
        assert_eq!(entry.sequence, Sequence(place));
    }
}

async fn whole_state(store: &Store) -> (Sequence, Vec<Change>) {
    let mut state = Vec::new();
    let sequence = store
        .state(|change| state.push(as_sent(change)))
        .await
        .expect("the state");
    (sequence, state)
}

/// A small generator, so that a seed says it all.
struct Random(u64);

impl Random {
    /// Some number below the bound (SplitMix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % bound
    }
}
