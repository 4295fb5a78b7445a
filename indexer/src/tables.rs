//! Catalogue, readers and acts as Parquet, in folders that DuckDB, Spark and polars read as they are.
//!
//! `offers/`, `venues/` and `readers/` hold parts, `events/date=2026-01-31/` those of a day (of UTC). Written by
//! [`generated`] publics and by [`lines`], a store's own; `notebooks-data/dictionary.md` tells every column. Invariant: a
//! file has its name only when it is whole, and a folder that holds tables already is never written into.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, DataType, ParquetWriter, PolarsError, TimeUnit};

pub mod generated;
pub mod lines;
#[cfg(test)]
mod tests;

/// What stands between the values of one cell.
pub const BETWEEN: &str = "|";
/// The folders.
const FOLDERS: [&str; 4] = ["offers", "venues", "readers", "events"];

/// Why tables cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// The disk.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that cannot be made or written.
    #[error("cannot write {path}: {source}")]
    Table {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: PolarsError,
    },
    /// Tables are there already.
    #[error("{0} is there already: give another folder")]
    There(PathBuf),
}

/// An offer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfferRow {
    /// Its identifier.
    pub id: String,
    /// The work.
    pub item_id: String,
    /// The venue.
    pub venue_id: Option<String>,
    /// What it is called.
    pub title: String,
    /// Key of the subcategory.
    pub subcategory: String,
    /// Key of the category.
    pub category: String,
    /// `digital`, `event` or `physical`.
    pub kind: &'static str,
    /// Genres, one cell.
    pub genres: String,
    /// Creators, one cell.
    pub creators: String,
    /// Euro cents.
    pub price_cents: Option<i64>,
    /// The venue's department.
    pub department: Option<String>,
    /// Whether it can be booked.
    pub bookable: bool,
    /// Milliseconds since 1970.
    pub published_at: Option<i64>,
    /// Bookings of 28 days.
    pub bookings_28d: u32,
}

/// A venue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VenueRow {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Option<String>,
    /// The town.
    pub city: Option<String>,
    /// The department's code.
    pub department: Option<String>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Degrees east.
    pub lng: Option<f64>,
}

/// A reader, without a name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReaderRow {
    /// The number, of this export alone.
    pub reader: u32,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// The department's code.
    pub department: Option<String>,
    /// Territories, one cell.
    pub territories: String,
    /// The persona, where one is given.
    pub persona: Option<String>,
    /// Credit left.
    pub credit_cents: Option<i64>,
    /// When they came, in milliseconds since 1970.
    pub signed_up: Option<i64>,
}

/// An act.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventRow {
    /// Its identifier.
    pub id: String,
    /// What was done.
    pub kind: &'static str,
    /// By whom: the number of this export.
    pub reader: u32,
    /// To which offer.
    pub offer_id: Option<String>,
    /// In which answer, or visit.
    pub request_id: Option<String>,
    /// At which rank of it.
    pub rank: Option<u32>,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Stars, seconds.
    pub value: Option<f64>,
}

/// A folder of tables.
#[derive(Debug)]
pub struct Tables {
    root: PathBuf,
}

impl Tables {
    /// In a folder that holds none yet.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn create(root: &Path) -> Result<Self, TablesError> {
        if let Some(there) = FOLDERS.iter().map(|name| root.join(name)).find(|path| path.exists()) {
            return Err(TablesError::There(there));
        }
        fs::create_dir_all(root).map_err(|source| TablesError::Io {
            path: root.to_owned(),
            source,
        })?;
        Ok(Self { root: root.to_owned() })
    }

    /// Writes a part of the offers.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn offers(&self, part: usize, rows: &[OfferRow]) -> Result<(), TablesError> {
        let columns = || {
            Ok(vec![
                column("id", rows, |row| row.id.clone()),
                column("item_id", rows, |row| row.item_id.clone()),
                optional("venue_id", rows, |row| row.venue_id.clone()),
                column("title", rows, |row| row.title.clone()),
                column("subcategory", rows, |row| row.subcategory.clone()),
                column("category", rows, |row| row.category.clone()),
                column("kind", rows, |row| row.kind.to_owned()),
                column("genres", rows, |row| row.genres.clone()),
                column("creators", rows, |row| row.creators.clone()),
                Column::new("price_cents".into(), collected(rows, |row| row.price_cents)),
                optional("department", rows, |row| row.department.clone()),
                Column::new("bookable".into(), collected(rows, |row| row.bookable)),
                moment(Column::new(
                    "published_at".into(),
                    collected(rows, |row| row.published_at),
                ))?,
                Column::new("bookings_28d".into(), collected(rows, |row| row.bookings_28d)),
            ])
        };
        self.write("offers", part, rows.len(), columns)
    }

    /// Writes a part of the venues.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn venues(&self, part: usize, rows: &[VenueRow]) -> Result<(), TablesError> {
        let columns = || {
            Ok(vec![
                column("id", rows, |row| row.id.clone()),
                column("name", rows, |row| row.name.clone()),
                optional("kind", rows, |row| row.kind.clone()),
                optional("city", rows, |row| row.city.clone()),
                optional("department", rows, |row| row.department.clone()),
                Column::new("lat".into(), collected(rows, |row| row.lat)),
                Column::new("lng".into(), collected(rows, |row| row.lng)),
            ])
        };
        self.write("venues", part, rows.len(), columns)
    }

    /// Writes a part of the readers.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn readers(&self, part: usize, rows: &[ReaderRow]) -> Result<(), TablesError> {
        let columns = || {
            Ok(vec![
                Column::new("reader".into(), collected(rows, |row| row.reader)),
                Column::new("birth_year".into(), collected(rows, |row| row.birth_year)),
                optional("department", rows, |row| row.department.clone()),
                column("territories", rows, |row| row.territories.clone()),
                optional("persona", rows, |row| row.persona.clone()),
                Column::new("credit_cents".into(), collected(rows, |row| row.credit_cents)),
                moment(Column::new("signed_up".into(), collected(rows, |row| row.signed_up)))?,
            ])
        };
        self.write("readers", part, rows.len(), columns)
    }

    /// Writes a part of a day's events; the day in days since 1970.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn events(&self, day: i32, part: usize, rows: &[EventRow]) -> Result<(), TablesError> {
        let columns = || {
            Ok(vec![
                column("id", rows, |row| row.id.clone()),
                column("type", rows, |row| row.kind.to_owned()),
                Column::new("reader".into(), collected(rows, |row| row.reader)),
                optional("offer_id", rows, |row| row.offer_id.clone()),
                optional("request_id", rows, |row| row.request_id.clone()),
                Column::new("rank".into(), collected(rows, |row| row.rank)),
                moment(Column::new("at".into(), collected(rows, |row| row.at)))?,
                Column::new("value".into(), collected(rows, |row| row.value)),
            ])
        };
        self.write(&format!("events/date={}", date(day)), part, rows.len(), columns)
    }

    fn write(
        &self,
        folder: &str,
        part: usize,
        height: usize,
        columns: impl Fn() -> Result<Vec<Column>, PolarsError>,
    ) -> Result<(), TablesError> {
        let folder = self.root.join(folder);
        let path = folder.join(format!("part-{part:05}.parquet"));
        let draft = path.with_extension("draft");
        let io = |source| TablesError::Io {
            path: path.clone(),
            source,
        };
        let table = |source| TablesError::Table {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(io)?;
        let file = File::create(&draft).map_err(io)?;
        let mut frame = columns()
            .and_then(|columns| DataFrame::new(height, columns))
            .map_err(table)?;
        ParquetWriter::new(file).finish(&mut frame).map_err(table)?;
        fs::rename(&draft, &path).map_err(io)
    }
}

fn collected<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

fn column<R>(name: &str, rows: &[R], of: impl Fn(&R) -> String) -> Column {
    Column::new(name.into(), collected(rows, of))
}

fn optional<R>(name: &str, rows: &[R], of: impl Fn(&R) -> Option<String>) -> Column {
    Column::new(name.into(), collected(rows, of))
}

fn moment(millis: Column) -> Result<Column, PolarsError> {
    millis.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
}

/// A day since 1970 as it stands in names of folders.
#[must_use]
pub fn date(day: i32) -> String {
    let start = jiff::civil::date(1970, 1, 1);
    let days = jiff::Span::new().try_days(day);
    days.and_then(|days| start.checked_add(days))
        .unwrap_or(start)
        .to_string()
}
