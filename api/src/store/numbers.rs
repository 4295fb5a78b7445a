//! What readers did and what they were answered, as the studio counts it.
//!
//! Read off the serving path, in pieces of a bounded size. Invariant: nothing that comes from here names a reader.

use std::collections::BTreeMap;

use florilege_engine::event::{EventType, Then};
use florilege_engine::geo::Position;
use florilege_engine::time::Moment;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::Store;
use super::error::StoreError;
use super::load::checked;
use super::names::Number;
use super::sql::{Row, Value};

/// An act, without who did it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Act {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// About which offer.
    #[serde(default)]
    pub offer_id: Option<String>,
    /// After which answer.
    #[serde(default)]
    pub request_id: Option<String>,
    /// When.
    pub at: Moment,
    /// What the offer was when the act came.
    #[serde(skip)]
    pub then: Option<Then>,
}

/// The acts of a piece of the log, the latest come first.
#[derive(Debug, Default)]
pub struct Acts {
    /// What was done.
    pub acts: Vec<Act>,
    /// Where the piece begins: the next one stands before it. None at the beginning of the log.
    pub before: Option<i64>,
}

/// What a reader says, without who it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// A persona that the booking core gives.
    pub persona: Option<Json>,
    /// Home.
    pub position: Option<Position>,
    /// The department's code.
    pub department: Option<String>,
    /// Every territory the reader belongs to.
    pub territories: Vec<String>,
    /// Answers of the onboarding questionnaire.
    pub questionnaire: Map<String, Json>,
}

/// A reader's way: who it is as far as numbers go, the first act, and every booking, cancellation and attendance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journey {
    /// What the reader says.
    pub profile: Profile,
    /// In the order of the log.
    pub acts: Vec<Act>,
}

/// A line of the log that holds an act.
#[derive(Deserialize)]
struct Line {
    event: Act,
    #[serde(default)]
    then: Option<Then>,
}

impl Store {
    /// A piece of at most so many acts before a place of the log.
    pub async fn acts_before(&self, before: Option<i64>, limit: usize) -> Result<Acts, StoreError> {
        let sql = "SELECT e.sequence, l.body FROM events e JOIN log l ON l.sequence = e.sequence \
                   WHERE e.sequence < $1 ORDER BY e.sequence DESC LIMIT $2";
        let limit_value = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![before.unwrap_or(i64::MAX).into(), limit_value.into()];
        let rows = self.shared.database.rows(sql, values).await?;
        let last = rows.last().map(|row| row.int(0)).transpose()?;
        Ok(Acts {
            before: last.filter(|_| rows.len() >= limit),
            acts: rows
                .iter()
                .filter_map(|row| act(row).transpose())
                .collect::<Result<_, _>>()?,
        })
    }

    /// The number after the newest reader's.
    pub async fn readers_past(&self) -> Result<i64, StoreError> {
        let rows = self
            .shared
            .database
            .rows("SELECT reader FROM counter", Vec::new())
            .await?;
        let newest = rows.first().map(|row| row.int(0)).transpose()?;
        Ok(newest.unwrap_or(0).saturating_add(1))
    }

    /// The ways of the readers whose numbers are from the first to before the second, those with an act alone.
    pub async fn journeys(&self, from: i64, past: i64) -> Result<Vec<Journey>, StoreError> {
        let sql = "SELECT e.reader, l.body FROM events e JOIN log l ON l.sequence = e.sequence \
                   WHERE e.reader >= $1 AND e.reader < $2 AND (l.body LIKE '%\"type\":\"booking\"%' \
                   OR l.body LIKE '%\"type\":\"cancellation\"%' OR l.body LIKE '%\"type\":\"attendance\"%' \
                   OR e.sequence = (SELECT min(f.sequence) FROM events f WHERE f.reader = e.reader)) \
                   ORDER BY e.reader, e.sequence";
        let values = || vec![Value::from(from), Value::from(past)];
        let mut tx = self.shared.database.snapshot().await?;
        let mut journeys: BTreeMap<Number, Journey> = BTreeMap::new();
        for row in tx.rows(sql, values()).await? {
            if let Some(act) = act(&row)? {
                journeys.entry(row.int(0)?).or_default().acts.push(act);
            }
        }
        let sql = "SELECT reader, body FROM profiles WHERE reader >= $1 AND reader < $2";
        for row in tx.rows(sql, values()).await? {
            if let Some(journey) = journeys.get_mut(&row.int(0)?) {
                journey.profile = checked(serde_json::from_str(&row.text(1)?))?;
            }
        }
        tx.commit().await?;
        Ok(journeys.into_values().collect())
    }

    /// Kept answers among some, each with its identifier.
    pub async fn requests_among(&self, ids: Vec<String>) -> Result<Vec<(String, String)>, StoreError> {
        let mut tx = self.shared.database.snapshot().await?;
        let keys = ids.into_iter().map(Value::from).collect();
        let rows = tx.among("SELECT id, body FROM requests WHERE id", keys).await?;
        tx.commit().await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}

/// The act of a line of the log; none where an erasure has emptied it.
fn act(row: &Row) -> Result<Option<Act>, StoreError> {
    let Some(body) = row.maybe_text(1)? else {
        return Ok(None);
    };
    let line: Line = checked(serde_json::from_str(&body))?;
    Ok(Some(Act {
        then: line.then,
        ..line.event
    }))
}
