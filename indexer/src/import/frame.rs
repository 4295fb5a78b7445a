//! All rows of a source as one polars frame: variants renamed, lookup tables joined.
//!
//! Between reading and mapping. Invariant: the frame has one row for each readable row, in the order of the files;
//! a join neither drops nor doubles any.

use std::collections::HashMap;

use polars::prelude::{
    ChunkedArray, Column, DataFrame, IntoColumn, IntoLazy, JoinType, MaintainOrderJoin, NamedFrom, Series, StringType,
    UniqueKeepStrategy, col,
};

use super::ImportError;
use super::mapping::{Lookup, Variant};
use super::read::{RawRow, RawTable};
use super::report::Mended;
use super::text::repair;
use super::value::{holds, text};

/// Where a row came from, and what was mended to read it.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The file's number.
    pub(super) file: usize,
    /// The line, from 1.
    pub(super) line: u64,
    /// What was mended.
    pub(super) mended: Vec<Mended>,
}

/// The rows of a source.
pub(super) struct Frame {
    frame: DataFrame,
    origins: Vec<Origin>,
}

impl Frame {
    /// The rows of several files, by the names of their columns.
    pub(super) fn of(tables: Vec<RawTable>, variants: &[Variant]) -> Result<Self, ImportError> {
        let mut gathered = Gathered::default();
        for (file, table) in tables.into_iter().enumerate() {
            for row in table.rows {
                gathered.add(file, &table.columns, row, variants);
            }
        }
        gathered.finish()
    }

    /// Joins the columns of a table, which is none where the mapping can do without.
    pub(super) fn join(&mut self, lookup: &Lookup, table: Option<Self>) -> Result<(), ImportError> {
        let keys = {
            let rows = self.rows();
            (0..self.origins.len())
                .map(|row| text(&lookup.key, rows.row(row)))
                .collect::<Vec<_>>()
        };
        let mut left = self.frame.clone();
        left.with_column(Series::new(KEY.into(), keys).into_column())?;
        self.frame = match table {
            Some(table) => joined(left, lookup, table.frame)?,
            None => with_empty(left, lookup)?,
        };
        Ok(())
    }

    /// Where each row came from.
    pub(super) fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.frame.get_column_names().iter().map(ToString::to_string).collect()
    }

    /// The cells, to be read by row.
    pub(super) fn rows(&self) -> Rows<'_> {
        let named = |column: &'_ Column| column.name().to_string();
        Rows {
            columns: self
                .frame
                .columns()
                .iter()
                .filter_map(|column| Some((named(column), column.str().ok()?)))
                .collect(),
        }
    }
}

const KEY: &str = "\u{1}key";

fn joined(left: DataFrame, lookup: &Lookup, table: DataFrame) -> Result<DataFrame, ImportError> {
    let mut wanted = vec![col(lookup.table_key.as_str()).alias(KEY)];
    wanted.extend(
        lookup
            .columns
            .iter()
            .map(|(from, to)| col(from.as_str()).alias(to.as_str())),
    );
    let right = table
        .lazy()
        .select(wanted)
        .unique_stable_generic(Some(vec![col(KEY)]), UniqueKeepStrategy::First);
    let both = left
        .lazy()
        .join_builder()
        .with(right)
        .left_on([col(KEY)])
        .right_on([col(KEY)])
        .how(JoinType::Left)
        .maintain_order(MaintainOrderJoin::Left)
        .finish()
        .collect()?;
    Ok(both.drop(KEY)?)
}

fn with_empty(mut left: DataFrame, lookup: &Lookup) -> Result<DataFrame, ImportError> {
    let height = left.height();
    for name in lookup.columns.values() {
        left.with_column(Series::new(name.as_str().into(), vec![None::<&str>; height]).into_column())?;
    }
    Ok(left.drop(KEY)?)
}

#[derive(Default)]
struct Gathered {
    names: Vec<String>,
    places: HashMap<String, usize>,
    cells: Vec<Vec<Option<String>>>,
    origins: Vec<Origin>,
}

impl Gathered {
    fn add(&mut self, file: usize, header: &[String], mut row: RawRow, variants: &[Variant]) {
        let variant = variants.iter().find(|variant| {
            let place = header.iter().position(|name| *name == variant.when.column);
            holds(&variant.when, place.and_then(|place| row.cells.get(place)?.as_deref()))
        });
        let names = variant.and_then(|variant| variant.columns.as_deref()).unwrap_or(header);
        for how in variant.iter().flat_map(|variant| &variant.repair) {
            for cell in row.cells.iter_mut().flatten() {
                *cell = repair(cell, *how);
            }
        }
        let height = self.origins.len();
        for (name, cell) in names.iter().zip(row.cells) {
            let column = self.column(name, height);
            column.resize(height, None);
            column.push(cell);
        }
        self.origins.push(Origin {
            file,
            line: row.line,
            mended: row.mended,
        });
    }

    fn column(&mut self, name: &str, height: usize) -> &mut Vec<Option<String>> {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                self.places.insert(name.into(), self.names.len());
                self.names.push(name.into());
                self.cells.push(vec![None; height]);
                self.names.len() - 1
            }
        };
        &mut self.cells[place]
    }

    fn finish(self) -> Result<Frame, ImportError> {
        let height = self.origins.len();
        let columns = self
            .names
            .into_iter()
            .zip(self.cells)
            .map(|(name, mut cells)| {
                cells.resize(height, None);
                Series::new(name.into(), cells).into_column()
            })
            .collect();
        Ok(Frame {
            frame: DataFrame::new(height, columns)?,
            origins: self.origins,
        })
    }
}

/// The columns of a frame by name.
pub(super) struct Rows<'a> {
    columns: HashMap<String, &'a ChunkedArray<StringType>>,
}

impl<'a> Rows<'a> {
    /// One row.
    pub(super) fn row(&'a self, row: usize) -> Row<'a> {
        Row {
            rows: self,
            row,
            number: None,
        }
    }
}

/// One row, by the names of its columns.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    rows: &'a Rows<'a>,
    row: usize,
    number: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// A cell; none where it is empty or there is no such column. The column `#` is the number of a repeated venue.
    pub(super) fn cell(self, column: &str) -> Option<&'a str> {
        if column == "#" {
            return self.number;
        }
        self.rows.columns.get(column)?.get(self.row)
    }

    /// The same row as one of several venues.
    pub(super) fn numbered(self, number: &'a str) -> Self {
        Self {
            number: Some(number),
            ..self
        }
    }
}
