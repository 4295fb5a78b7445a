//! Reading: single documents, the log after a place, and the whole current state.
//!
//! What the engine is built from and kept up to date by. Invariant: [`Store::state`] and the place it returns are of
//! the same moment.

use florilege_engine::change::{Change, Sequence};
use florilege_engine::event::Event;
use florilege_engine::ids::{OfferId, UserId, VenueId};
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::user::User;
use florilege_engine::venue::Venue;
use serde::de::DeserializeOwned;

use super::answer::{Entry, Reader};
use super::error::StoreError;
use super::names::{self, Number};
use super::sql::{Row, Tx};
use super::{Store, documents, load};

/// How many rows of the state are read at once.
const PAGE: i64 = 2_000;

impl Store {
    /// The current offer.
    pub async fn offer(&self, id: &OfferId) -> Result<Option<Offer>, StoreError> {
        self.stored("SELECT body FROM offers WHERE id = $1", id.as_str()).await
    }

    /// The current venue.
    pub async fn venue(&self, id: &VenueId) -> Result<Option<Venue>, StoreError> {
        self.stored("SELECT body FROM venues WHERE id = $1", id.as_str()).await
    }

    async fn stored<T: DeserializeOwned>(&self, sql: &str, id: &str) -> Result<Option<T>, StoreError> {
        let rows = self.shared.database.rows(sql, vec![id.into()]).await?;
        rows.first().map(|row| body(row, 0)).transpose()
    }

    /// All that is known of a reader.
    pub async fn user(&self, id: &UserId) -> Result<Option<Reader>, StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        let sql = "SELECT names.reader, profiles.body FROM names JOIN profiles ON profiles.reader = names.reader \
                   WHERE names.hash = $1";
        let Some(row) = tx.row(sql, vec![names::hash(id).into()]).await? else {
            return Ok(None);
        };
        let number = row.int(0)?;
        let sql = "SELECT body FROM events WHERE reader = $1 ORDER BY sequence";
        let rows = tx.rows(sql, vec![number.into()]).await?;
        let mut known = vec![Change::UserUpsert(Box::new(body::<User>(&row, 1)?))];
        for row in &rows {
            known.push(Change::Event(Box::new(body::<Event>(row, 0)?)));
        }
        self.meet(&mut tx, &known).await?;
        tx.commit().await?;
        Ok(self.reader(known))
    }

    fn reader(&self, sealed: Vec<Change>) -> Option<Reader> {
        let (mut profile, mut events) = (None, Vec::new());
        for change in sealed.into_iter().filter_map(|change| self.shared.names.open(change)) {
            match change {
                Change::UserUpsert(user) => profile = Some(*user),
                Change::Event(event) => events.push(*event),
                Change::OfferUpsert(_)
                | Change::OfferDelete(_)
                | Change::OfferStock(..)
                | Change::VenueUpsert(_)
                | Change::VenueDelete(_)
                | Change::UserErase(_)
                | Change::Document(_) => {}
            }
        }
        profile.map(|profile| Reader { profile, events })
    }

    /// At most `limit` entries after a place, in order and without a gap.
    pub async fn log_after(&self, after: Sequence, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        let sql = "SELECT sequence, body FROM log WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = tx.rows(sql, vec![after.into(), limit.into()]).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.push((Sequence(row.int(0)?.unsigned_abs()), row.maybe_text(1)?));
        }
        let taxonomy = self.shared.taxonomy.clone();
        let parse_all = move || lines.into_iter().map(|line| parse(line, &taxonomy)).collect();
        let sealed: Vec<Line<Change>> = in_background(parse_all).await?;
        self.meet(&mut tx, sealed.iter().filter_map(|(_, change)| change.as_ref()))
            .await?;
        tx.commit().await?;
        let names = &self.shared.names;
        let open = |(sequence, change): (Sequence, Option<Change>)| Entry {
            sequence,
            change: change.and_then(|change| names.open(change)),
        };
        Ok(sealed.into_iter().map(open).collect())
    }

    /// Learns the readers whom sealed changes mention, so that they can be opened.
    async fn meet<'a>(&self, tx: &mut Tx, sealed: impl IntoIterator<Item = &'a Change>) -> Result<(), StoreError> {
        let numbers = sealed.into_iter().flat_map(names::numbers);
        let unknown = self.shared.names.unknown(numbers);
        let head = "SELECT reader, id FROM names WHERE id IS NOT NULL AND reader";
        for row in tx.among(head, names::values(&unknown)).await? {
            self.shared.names.learn(row.int(0)?, names::id_of(&row, 1)?);
        }
        Ok(())
    }

    /// Hands everything current to `sink` as changes: published documents, venues, offers, readers, then their events in the order of the
    /// log. Returns the place in the log at which this state stands, so that the log after it continues without a gap.
    pub async fn state(&self, mut sink: impl FnMut(Change) + Send) -> Result<Sequence, StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        let sequence = sequence(&mut tx).await?;
        documents::published(&mut tx).await?.into_iter().for_each(&mut sink);
        self.each(&mut tx, "venues", &mut sink, |row| {
            body(row, 1).map(Change::VenueUpsert)
        })
        .await?;
        self.each(&mut tx, "offers", &mut sink, |row| {
            body(row, 1).map(Change::OfferUpsert)
        })
        .await?;
        self.readers_in(&mut tx, sequence, &mut sink).await?;
        tx.commit().await?;
        Ok(sequence)
    }

    /// The readers as they are, with their events up to a place in the log: for an engine whose catalogue comes from
    /// an artefact, which holds no reader. The events after that place come with the log, so none counts twice.
    pub async fn readers(&self, until: Sequence, mut sink: impl FnMut(Change) + Send) -> Result<(), StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        self.readers_in(&mut tx, until, &mut sink).await?;
        tx.commit().await
    }

    /// Every document of a table, by its identifier.
    async fn each(
        &self,
        tx: &mut Tx,
        table: &str,
        sink: &mut (impl FnMut(Change) + Send),
        read: impl Fn(&Row) -> Result<Change, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT id, body FROM {table} WHERE id > $1 ORDER BY id LIMIT $2");
        let mut after = String::new();
        loop {
            let rows = tx.rows(&sql, vec![after.as_str().into(), PAGE.into()]).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.text(0)?;
            for row in &rows {
                let change = read(row)?;
                self.hand(change, sink);
            }
        }
    }

    async fn readers_in(
        &self,
        tx: &mut Tx,
        until: Sequence,
        sink: &mut (impl FnMut(Change) + Send),
    ) -> Result<(), StoreError> {
        let profiles = "SELECT reader, body FROM profiles WHERE reader > $1 ORDER BY reader LIMIT $2";
        self.each_numbered(tx, profiles, sink, |row| body(row, 1).map(Change::UserUpsert))
            .await?;
        let until = until.0;
        // From the log, which also says what each event's offer was when the event came.
        let events = format!(
            "SELECT events.sequence, log.body FROM events JOIN log ON log.sequence = events.sequence \
             WHERE events.sequence > $1 AND events.sequence <= {until} ORDER BY events.sequence LIMIT $2"
        );
        self.each_numbered(tx, &events, sink, |row| {
            load::checked(Change::read_entry(row.text(1)?.as_bytes()))
        })
        .await
    }

    async fn each_numbered(
        &self,
        tx: &mut Tx,
        sql: &str,
        sink: &mut (impl FnMut(Change) + Send),
        read: impl Fn(&Row) -> Result<Change, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let mut after: Number = 0;
        loop {
            let rows = tx.rows(sql, vec![after.into(), PAGE.into()]).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.int(0)?;
            let sealed: Result<Vec<Change>, StoreError> = rows.iter().map(&read).collect();
            let sealed = sealed?;
            self.meet(tx, &sealed).await?;
            for change in sealed.into_iter().filter_map(|change| self.shared.names.open(change)) {
                self.hand(change, sink);
            }
        }
    }

    /// Hands a document on, unless the taxonomy of today does not take it.
    fn hand(&self, change: Change, sink: &mut impl FnMut(Change)) {
        match change.check(&self.shared.taxonomy) {
            Ok(()) => sink(change),
            Err(reason) => tracing::warn!(%reason, "a stored document is left out, it no longer passes the checks"),
        }
    }
}

/// The place of the last entry.
pub(super) async fn sequence(tx: &mut Tx) -> Result<Sequence, StoreError> {
    let row = tx.row("SELECT sequence FROM counter", Vec::new()).await?;
    let row = row.ok_or_else(|| StoreError::Damaged("the counter is gone".to_owned()))?;
    Ok(Sequence(row.int(0)?.unsigned_abs()))
}

fn body<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, StoreError> {
    load::checked(serde_json::from_str(&row.text(column)?))
}

type Line<Body> = (Sequence, Option<Body>);

/// The sealed change of a line. One that today's checks refuse is passed over like an erased one, and told.
fn parse((sequence, body): Line<String>, taxonomy: &Taxonomy) -> Line<Change> {
    let change = body.and_then(|body| {
        let parsed = Change::parse_entry(body.as_bytes(), taxonomy);
        let refuse = |reason| tracing::warn!(sequence = sequence.0, %reason, "an entry of the log is passed over");
        parsed.map_err(refuse).ok()
    });
    (sequence, change)
}

/// Runs what computes for long away from the threads that wait.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::Unavailable {
            reason: error.to_string(),
        })
}
