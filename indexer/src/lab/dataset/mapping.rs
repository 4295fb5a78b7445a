//! A mapping file: how any table says who did what when.
//!
//! ```toml
//! name = "loans"
//! positive = 3.0                       # values below are no yes; left out, every act is one
//! [acts]
//! files = ["loans-*.csv"]              # from the folder of --data; `*` stands for anything in a name
//! input = { format = "csv", separator = ";" }  # as of imports; guessed from the name where absent
//! user = "reader"
//! item = "work"
//! value = "stars"                      # optional
//! time = "when"                        # optional: seconds, milliseconds, RFC 3339 or a date
//! [items]                              # optional
//! files = ["works.parquet"]
//! item = "id"
//! title = "name"                       # optional
//! categories = ["field", "genres"]     # columns, the main category first
//! separator = "|"                      # between the categories of one cell
//! none = ["-"]                         # cells that name no category
//! ```
//!
//! Invariant: a key that is not known here is refused, not ignored.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::read::{DataError, by_name};
use super::{Dataset, Gatherer, Line};
use crate::import::mapping::Input;
use crate::import::read::{LIST, RawTable, read as table};

/// How data is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    name: Option<String>,
    positive: Option<f32>,
    acts: Acts,
    items: Option<Items>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Acts {
    #[serde(default)]
    files: Vec<String>,
    input: Option<Input>,
    user: String,
    item: String,
    value: Option<String>,
    time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    files: Vec<String>,
    input: Option<Input>,
    item: String,
    title: Option<String>,
    #[serde(default)]
    categories: Vec<String>,
    separator: Option<String>,
    #[serde(default)]
    none: Vec<String>,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not there.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not a mapping.
    #[error("{path} is not a mapping of acts: {source}")]
    Toml {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// No format is known by that name.
    #[error("cannot tell what {0} is made of: give `input = {{ format = … }}`")]
    Format(PathBuf),
    /// No file has that name.
    #[error("no file {pattern:?} in {folder}")]
    Nothing {
        /// What was looked for.
        pattern: String,
        /// Where.
        folder: PathBuf,
    },
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// See [`MappingError`].
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let text = std::fs::read_to_string(path).map_err(|source| MappingError::Io {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| MappingError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads the data, from a folder or, where no files are named, from one file.
    pub(super) fn dataset(&self, path: &Path) -> Result<Dataset, DataError> {
        let mut gatherer = Gatherer::default();
        let acts = if self.acts.files.is_empty() || path.is_file() {
            vec![path.to_owned()]
        } else {
            named(path, &self.acts.files)?
        };
        for file in acts {
            self.acts.gather(&file, &mut gatherer)?;
        }
        if let Some(items) = &self.items {
            let folder = if path.is_file() {
                path.parent().unwrap_or(path)
            } else {
                path
            };
            for file in named(folder, &items.files)? {
                items.gather(&file, &mut gatherer)?;
            }
        }
        let stem = || {
            path.file_stem()
                .map_or_else(|| "data".into(), |name| name.to_string_lossy().into_owned())
        };
        Ok(gatherer.finish(&self.name.clone().unwrap_or_else(stem), self.positive))
    }
}

impl Acts {
    fn gather(&self, path: &Path, gatherer: &mut Gatherer) -> Result<(), DataError> {
        let found = open(path, self.input.as_ref())?;
        gatherer.unread += found.unread.len() as u64;
        let (user, item) = (column(path, &found, &self.user)?, column(path, &found, &self.item)?);
        let optional = |name: &Option<String>| name.as_ref().map(|name| column(path, &found, name)).transpose();
        let (value, time) = (optional(&self.value)?, optional(&self.time)?);
        for row in &found.rows {
            let cell = |at: usize| row.cells.get(at).and_then(Option::as_deref).map(str::trim);
            let value = value.map_or(Some(1.0), |at| cell(at).and_then(number));
            let time = time.map_or(Some(0), |at| cell(at).and_then(seconds));
            match (cell(user), cell(item), value, time) {
                (Some(user), Some(item), Some(value), Some(time)) => gatherer.act(&Line {
                    user,
                    item,
                    value,
                    time,
                }),
                _ => gatherer.unread += 1,
            }
        }
        Ok(())
    }
}

impl Items {
    fn gather(&self, path: &Path, gatherer: &mut Gatherer) -> Result<(), DataError> {
        let found = open(path, self.input.as_ref())?;
        let item = column(path, &found, &self.item)?;
        let title = self.title.as_ref().map(|name| column(path, &found, name)).transpose()?;
        let columns = self.categories.iter().map(|name| column(path, &found, name));
        let categories: Vec<usize> = columns.collect::<Result<_, _>>()?;
        for row in &found.rows {
            let cell = |at: usize| row.cells.get(at).and_then(Option::as_deref).map(str::trim);
            let Some(item) = cell(item) else {
                gatherer.unread += 1;
                continue;
            };
            let words = categories
                .iter()
                .filter_map(|at| cell(*at))
                .flat_map(|cell| self.words(cell));
            let words: Vec<&str> = words
                .filter(|word| !self.none.iter().any(|none| none == word))
                .collect();
            gatherer.item(item, title.and_then(cell).unwrap_or(""), words.into_iter());
        }
        Ok(())
    }

    fn words<'a>(&'a self, cell: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        let separator = self.separator.as_deref().filter(|separator| !separator.is_empty());
        let parts: Vec<&str> = match separator {
            Some(separator) => cell.split(separator).collect(),
            None => vec![cell],
        };
        parts.into_iter().flat_map(|part| part.split(LIST)).map(str::trim)
    }
}

fn open(path: &Path, input: Option<&Input>) -> Result<RawTable, DataError> {
    if let Some(input) = input {
        return Ok(table(path, input)?);
    }
    let guessed = by_name(path).ok_or_else(|| MappingError::Format(path.to_owned()))?;
    Ok(table(path, &guessed)?)
}

fn column(path: &Path, found: &RawTable, name: &str) -> Result<usize, DataError> {
    let at = found.columns.iter().position(|column| column.trim() == name);
    at.ok_or_else(|| DataError::Column {
        path: path.to_owned(),
        column: name.to_owned(),
        found: found.columns.join(", "),
    })
}

/// The files of a folder that patterns name, by name.
fn named(folder: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, MappingError> {
    let mut found = Vec::new();
    for pattern in patterns {
        let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
        let fits = |name: &str| {
            name == pattern
                || (pattern.contains('*')
                    && name.len() >= start.len() + end.len()
                    && name.starts_with(start)
                    && name.ends_with(end))
        };
        let entries = std::fs::read_dir(folder).map_err(|source| MappingError::Io {
            path: folder.to_owned(),
            source,
        })?;
        let before = found.len();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        found.extend(paths.filter(|path| path.file_name().is_some_and(|name| fits(&name.to_string_lossy()))));
        if found.len() == before {
            return Err(MappingError::Nothing {
                pattern: pattern.clone(),
                folder: folder.to_owned(),
            });
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// A number, with a decimal comma or point.
fn number(text: &str) -> Option<f32> {
    let number: f32 = text.replace(',', ".").parse().ok()?;
    number.is_finite().then_some(number)
}

/// Seconds since 1970 from seconds, milliseconds, RFC 3339, a date and a time, or a date (UTC where nothing is said).
pub(super) fn seconds(text: &str) -> Option<i64> {
    /// Past this, a number counts milliseconds: the year 5138 in seconds.
    const MILLISECONDS: f64 = 1e11;
    if let Ok(number) = text.parse::<f64>() {
        let seconds = if number.abs() >= MILLISECONDS {
            number / 1e3
        } else {
            number
        };
        return number.is_finite().then_some(seconds.floor() as i64);
    }
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(stamp.as_second());
    }
    let day = || text.parse::<jiff::civil::Date>().ok().map(|date| date.at(0, 0, 0, 0));
    let local = text.parse::<jiff::civil::DateTime>().ok().or_else(day)?;
    Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}
