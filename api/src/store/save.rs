//! Saving: what a played batch has changed, written in a few statements.
//!
//! Second half of the writer's transaction. Invariant: the counter moves, in the same transaction, to the sequence of the last
//! line of the log.

use florilege_engine::ids::UserId;

use super::batch::{Batch, LogLine, Slot};
use super::error::StoreError;
use super::load::Counter;
use super::names::Number;
use super::sql::{Backend, Tx, Value};

/// The channel on which PostgreSQL tells the other processes.
pub(super) const CHANNEL: &str = "florilege_log";

/// Writes everything; the caller commits.
pub(super) async fn save(tx: &mut Tx, batch: Batch, erased: &[(Number, UserId)], at: i64) -> Result<(), StoreError> {
    for (reader, _) in erased {
        erase(tx, *reader).await?;
    }
    for reader in &batch.forgotten {
        forget_events(tx, *reader).await?;
    }
    // After the erasures: the same identifier may come back, as another reader.
    names(tx, &batch).await?;
    profiles(tx, &batch).await?;
    let end = Counter {
        sequence: batch.sequence,
        reader: batch.last_reader,
        at,
    };
    counter(tx, &end, at, !batch.log.is_empty()).await?;
    let Batch {
        offers,
        venues,
        events,
        log,
        ..
    } = batch;
    insert_log(tx, log, at).await?;
    let rows = events.into_iter().map(|event| {
        vec![
            event.id.as_str().into(),
            event.reader.into(),
            event.sequence.into(),
            event.body.into(),
        ]
    });
    tx.insert("INSERT INTO events (id, reader, sequence, body)", rows.collect(), "")
        .await?;
    save_offers(tx, offers).await?;
    save_venues(tx, venues).await
}

pub(super) async fn names(tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
    let mut new: Vec<_> = batch
        .readers
        .iter()
        .filter(|(_, slot)| slot.is_new)
        .filter_map(|(id, slot)| slot.number.map(|number| (number, id)))
        .collect();
    // In their order, so that rows are only ever put at the end of the table.
    new.sort_unstable_by_key(|(number, _)| *number);
    let rows = new
        .into_iter()
        .map(|(number, id)| vec![number.into(), super::names::hash(id).into(), id.as_str().into()]);
    tx.insert("INSERT INTO names (reader, hash, id)", rows.collect(), "")
        .await
}

async fn erase(tx: &mut Tx, reader: Number) -> Result<(), StoreError> {
    for sql in [
        "UPDATE names SET id = NULL, hash = NULL WHERE reader = $1",
        "DELETE FROM profiles WHERE reader = $1",
        "DELETE FROM events WHERE reader = $1",
        "UPDATE log SET body = NULL WHERE reader = $1 AND body IS NOT NULL",
        "DELETE FROM requests WHERE id IN (SELECT request FROM request_readers WHERE reader = $1)",
        "DELETE FROM request_readers WHERE reader = $1",
    ] {
        tx.run(sql, vec![reader.into()]).await?;
    }
    Ok(())
}

async fn forget_events(tx: &mut Tx, reader: Number) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM events WHERE reader = $1",
        "UPDATE log SET body = NULL WHERE reader = $1 AND op = 'event' AND body IS NOT NULL",
    ] {
        tx.run(sql, vec![reader.into()]).await?;
    }
    Ok(())
}

async fn profiles(tx: &mut Tx, batch: &Batch) -> Result<(), StoreError> {
    let rows = batch.readers.values().filter_map(|slot| {
        let (number, body) = slot.number.zip(slot.body.clone())?;
        Some(vec![number.into(), i64::from(slot.personalised).into(), body.into()])
    });
    let head = "INSERT INTO profiles (reader, personalisation, body)";
    let tail = "ON CONFLICT (reader) DO UPDATE SET personalisation = excluded.personalisation, body = excluded.body";
    tx.insert(head, rows.collect(), tail).await
}

async fn insert_log(tx: &mut Tx, log: Vec<LogLine>, at: i64) -> Result<(), StoreError> {
    let rows = log.into_iter().map(|line| {
        vec![
            line.sequence.into(),
            at.into(),
            line.op.into(),
            line.reader.into(),
            line.body.into(),
        ]
    });
    tx.insert("INSERT INTO log (sequence, at, op, reader, body)", rows.collect(), "")
        .await
}

type Slots<Id> = std::collections::HashMap<Id, Slot>;

async fn save_offers(tx: &mut Tx, slots: Slots<florilege_engine::ids::OfferId>) -> Result<(), StoreError> {
    let (kept, gone): (Vec<_>, Vec<_>) = slots
        .into_iter()
        .filter(|(_, slot)| slot.dirty)
        .partition(|(_, slot)| slot.exists);
    let rows = kept
        .into_iter()
        .map(|(id, slot)| vec![id.as_str().into(), slot.updated_at.into(), slot.body.into()]);
    let tail = "ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, body = excluded.body";
    tx.insert("INSERT INTO offers (id, updated_at, body)", rows.collect(), tail)
        .await?;
    let gone = gone.into_iter().map(|(id, _)| Value::from(id.as_str())).collect();
    tx.among("DELETE FROM offers WHERE id", gone).await.map(|_| ())
}

async fn save_venues(tx: &mut Tx, slots: Slots<florilege_engine::ids::VenueId>) -> Result<(), StoreError> {
    let (kept, gone): (Vec<_>, Vec<_>) = slots
        .into_iter()
        .filter(|(_, slot)| slot.dirty)
        .partition(|(_, slot)| slot.exists);
    let rows = kept
        .into_iter()
        .map(|(id, slot)| vec![id.as_str().into(), slot.body.into()]);
    let tail = "ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    tx.insert("INSERT INTO venues (id, body)", rows.collect(), tail).await?;
    let gone = gone.into_iter().map(|(id, _)| Value::from(id.as_str())).collect();
    tx.among("DELETE FROM venues WHERE id", gone).await.map(|_| ())
}

/// Moves the counter and tells the other processes.
async fn counter(tx: &mut Tx, counter: &Counter, at: i64, has_grown: bool) -> Result<(), StoreError> {
    let sql = "UPDATE counter SET sequence = $1, reader = $2, at = $3";
    let values = vec![counter.sequence.into(), counter.reader.into(), at.into()];
    tx.run(sql, values).await?;
    if tx.backend() == Backend::Postgres && has_grown {
        let told = counter.sequence.to_string();
        tx.run("SELECT pg_notify($1, $2)", vec![CHANNEL.into(), told.into()])
            .await?;
    }
    Ok(())
}

/// Appends one line that is about no reader; the counter already stands at it.
pub(super) async fn append(
    tx: &mut Tx,
    at_line: &Counter,
    op: &'static str,
    body: String,
    at: i64,
) -> Result<(), StoreError> {
    let line = LogLine {
        sequence: at_line.sequence,
        op,
        reader: None,
        body: Some(body),
    };
    insert_log(tx, vec![line], at).await?;
    counter(tx, at_line, at, true).await
}
