//! One SQL for two databases: the same statements, with `$1` parameters, run on SQLite and on PostgreSQL.
//!
//! Everything in the store talks through [`Database`] and [`Tx`]; the few differences (opening, locks, listening)
//! stand here. Invariant: columns are integers of 64 bits and texts, nothing else, so that both read the same.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgListener, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Pool, Row as _, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::StoreUrl;
use super::error::StoreError;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backend {
    Sqlite,
    Postgres,
}

/// A value bound to a parameter.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Int(i64),
    MaybeInt(Option<i64>),
    Text(String),
    MaybeText(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::MaybeInt(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::MaybeText(value)
    }
}

/// A row of either.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

macro_rules! getter {
    ($name:ident, $kind:ty) => {
        pub(super) fn $name(&self, column: usize) -> Result<$kind, StoreError> {
            match self {
                Self::Sqlite(row) => row.try_get(column),
                Self::Postgres(row) => row.try_get(column),
            }
            .map_err(|error| StoreError::Damaged(error.to_string()))
        }
    };
}

impl Row {
    getter!(int, i64);
    getter!(maybe_int, Option<i64>);
    getter!(text, String);
    getter!(maybe_text, Option<String>);
}

/// The query with its values bound, for either database.
macro_rules! bound {
    ($database:ty, $sql:expr, $values:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe($sql));
        for value in $values {
            query = match value {
                Value::Int(value) => query.bind(value),
                Value::MaybeInt(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::MaybeText(value) => query.bind(value),
            };
        }
        query
    }};
}

/// The open database: pools of connections.
#[derive(Debug, Clone)]
pub(super) struct Database {
    pools: Pools,
    /// SQLite takes one writer at a time: those of this process queue here, fairly, instead of polling its lock.
    turn: Arc<Mutex<()>>,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite { write: Pool<Sqlite>, read: Pool<Sqlite> },
    Postgres(Pool<Postgres>),
}

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);

impl Database {
    pub(super) async fn open(url: &StoreUrl, timeout: Duration) -> Result<Self, StoreError> {
        let pools = match url {
            StoreUrl::Sqlite(file) => open_sqlite(file, timeout).await?,
            StoreUrl::Postgres(url) => {
                let options = PoolOptions::new().max_connections(READERS + 4).acquire_timeout(timeout);
                Pools::Postgres(options.connect(url).await?)
            }
        };
        Ok(Self {
            pools,
            turn: Arc::default(),
        })
    }

    /// The same database over connections of the runtime that calls; writers of both still take turns.
    pub(super) async fn again(&self, url: &StoreUrl, timeout: Duration) -> Result<Self, StoreError> {
        let turn = self.turn.clone();
        Ok(Self {
            turn,
            ..Self::open(url, timeout).await?
        })
    }

    pub(super) const fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// A transaction that writes. On SQLite it is the only one, from its start.
    pub(super) async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pools {
            Pools::Sqlite { write, .. } => {
                let turn = self.turn.clone().lock_owned().await;
                Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?, Some(turn))
            }
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that reads one moment of the whole database.
    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?, None),
            Pools::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Tx::Postgres(pool.begin_with(begin).await?)
            }
        })
    }

    /// One reading statement.
    pub(super) async fn rows(&self, sql: impl Into<String>, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => {
                let rows = bound!(Sqlite, sql, values).fetch_all(read).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Pools::Postgres(pool) => {
                let rows = bound!(Postgres, sql, values).fetch_all(pool).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Runs a statement of SQLite outside of a transaction, on the writing connection; nothing on PostgreSQL.
    pub(super) async fn pragma(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let _turn = self.turn.lock().await;
                let rows = bound!(Sqlite, sql, values).fetch_all(write).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Pools::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// What wakes whenever a writer of any process says so; none on SQLite, which is looked at instead.
    pub(super) async fn listen(&self, channel: &str) -> Result<Option<PgListener>, StoreError> {
        match &self.pools {
            Pools::Sqlite { .. } => Ok(None),
            Pools::Postgres(pool) => {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.listen(channel).await?;
                Ok(Some(listener))
            }
        }
    }

    pub(super) async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

async fn open_sqlite(file: &Path, timeout: Duration) -> Result<Pools, StoreError> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("cache_size", "-32768")
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        .pragma("wal_autocheckpoint", "4000");
    let pool = || {
        PoolOptions::<Sqlite>::new()
            .acquire_timeout(timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            // A full disk ends a transaction behind the driver's back; such a connection is not used again.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
    };
    // The first connection makes the file and its journal mode; the others only read.
    let write = pool().max_connections(1).connect_with(options.clone()).await?;
    let read = pool()
        .max_connections(READERS)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok(Pools::Sqlite { write, read })
}

/// An open transaction; dropped without [`Tx::commit`], it never was.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>, Option<OwnedMutexGuard<()>>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(..) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    pub(super) async fn rows(&mut self, sql: impl Into<String>, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx, _) => {
                let rows = bound!(Sqlite, sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = bound!(Postgres, sql, values).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The only row of a query that always has one, or at most one.
    pub(super) async fn row(&mut self, sql: &str, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// Runs a statement; how many rows it touched.
    pub(super) async fn run(&mut self, sql: impl Into<String>, values: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx, _) => bound!(Sqlite, sql, values).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bound!(Postgres, sql, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs several statements without parameters.
    pub(super) async fn script(&mut self, sql: String) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx, _) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Inserts rows, many a statement; `tail` may say what to do about a conflict.
    pub(super) async fn insert(&mut self, head: &str, rows: Vec<Vec<Value>>, tail: &str) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let size = chunk(rows.len(), self.backend());
            let chunk: Vec<Vec<Value>> = rows.by_ref().take(size).collect();
            match self {
                Self::Sqlite(tx, _) => {
                    let width = chunk.first().map_or(0, Vec::len);
                    let groups: Vec<String> = (0..chunk.len()).map(|row| group(row * width, width)).collect();
                    let sql = format!("{head} VALUES {} {tail}", groups.join(","));
                    bound!(Sqlite, sql, chunk.into_iter().flatten())
                        .execute(&mut **tx)
                        .await?;
                }
                Self::Postgres(tx) => {
                    let columns = columns(chunk);
                    let arrays: Vec<String> = (1..).zip(&columns).map(|(at, column)| column.parameter(at)).collect();
                    let sql = format!("{head} SELECT * FROM unnest({}) {tail}", arrays.join(","));
                    bound_arrays(sql, columns).execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }

    /// The rows whose key is one of many; `head` ends with the key's column.
    pub(super) async fn among(&mut self, head: &str, keys: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::new();
        let mut keys = keys.into_iter();
        while keys.len() > 0 {
            let size = chunk(keys.len(), self.backend());
            let chunk: Vec<Value> = keys.by_ref().take(size).collect();
            match self {
                Self::Sqlite(..) => {
                    let sql = format!("{head} IN {}", group(0, chunk.len()));
                    found.extend(self.rows(sql, chunk).await?);
                }
                Self::Postgres(tx) => {
                    let columns = columns(chunk.into_iter().map(|key| vec![key]).collect());
                    let query = bound_arrays(format!("{head} = ANY ($1)"), columns);
                    let rows = query.fetch_all(&mut **tx).await?;
                    found.extend(rows.into_iter().map(Row::Postgres));
                }
            }
        }
        Ok(found)
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            // The turn is given back only after the commit.
            Self::Sqlite(tx, _turn) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// How many rows the next statement takes: on SQLite of few sizes, so that few statements are prepared.
fn chunk(left: usize, backend: Backend) -> usize {
    match backend {
        Backend::Sqlite => [256, 64, 16, 4].into_iter().find(|size| left >= *size).unwrap_or(1),
        Backend::Postgres => left.min(4_096),
    }
}

/// `($5,$6)`: parameters after the first `skipped`.
fn group(skipped: usize, width: usize) -> String {
    let names: Vec<String> = (1..=width).map(|place| format!("${}", skipped + place)).collect();
    format!("({})", names.join(","))
}

/// A column of many rows, for PostgreSQL: one parameter, however many they are.
enum Column {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
}

impl Column {
    fn parameter(&self, place: usize) -> String {
        match self {
            Self::Ints(_) => format!("${place}::bigint[]"),
            Self::Texts(_) => format!("${place}::text[]"),
        }
    }

    fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Ints(column), Value::Int(value)) => column.push(Some(value)),
            (Self::Ints(column), Value::MaybeInt(value)) => column.push(value),
            (Self::Texts(column), Value::Text(value)) => column.push(Some(value)),
            (Self::Texts(column), Value::MaybeText(value)) => column.push(value),
            // Columns are made of their first row; every row of an insert has the same kinds.
            (Self::Ints(column), Value::Text(_) | Value::MaybeText(_)) => column.push(None),
            (Self::Texts(column), Value::Int(_) | Value::MaybeInt(_)) => column.push(None),
        }
    }
}

fn columns(rows: Vec<Vec<Value>>) -> Vec<Column> {
    let kind = |value: &Value| match value {
        Value::Int(_) | Value::MaybeInt(_) => Column::Ints(Vec::with_capacity(rows.len())),
        Value::Text(_) | Value::MaybeText(_) => Column::Texts(Vec::with_capacity(rows.len())),
    };
    let mut columns: Vec<Column> = rows.first().into_iter().flatten().map(kind).collect();
    for row in rows {
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
    }
    columns
}

fn bound_arrays(sql: String, columns: Vec<Column>) -> Query<'static, Postgres, PgArguments> {
    let mut query = sqlx::query::<Postgres>(AssertSqlSafe(sql));
    for column in columns {
        query = match column {
            Column::Ints(values) => query.bind(values),
            Column::Texts(values) => query.bind(values),
        };
    }
    query
}
