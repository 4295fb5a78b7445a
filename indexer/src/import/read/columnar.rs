//! Parquet and Arrow files, through polars: every value as text, lists as one cell.
//!
//! Invariant: a row comes out as the same cells whichever of the formats it was written in.

use std::fs::File;
use std::path::Path;

use polars::prelude::{AnyValue, DataFrame, IpcReader, ParquetReader, SerReader};

use super::{LIST, RawRow, RawTable, ReadError, Unread};
use crate::import::mapping::Format;
use crate::import::report::Reason;

/// Reads a whole file; the line of a row is its place from 1.
pub(super) fn read(path: &Path, format: Format) -> Result<RawTable, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })?;
    let frame = if format == Format::Parquet {
        ParquetReader::new(file).finish()
    } else {
        IpcReader::new(file).finish()
    };
    let columnar = |source| ReadError::Columnar {
        path: path.to_owned(),
        source,
    };
    table(&frame.map_err(columnar)?).map_err(columnar)
}

fn table(frame: &DataFrame) -> Result<RawTable, polars::error::PolarsError> {
    let mut table = RawTable {
        columns: frame.get_column_names().iter().map(ToString::to_string).collect(),
        ..RawTable::default()
    };
    for row in 0..frame.height() {
        let cells = frame
            .columns()
            .iter()
            .map(|column| column.get(row).map(cell))
            .collect::<Result<Vec<_>, _>>()?;
        let line = row as u64 + 1;
        if cells.iter().all(Option::is_none) {
            table.unread.push(Unread {
                line,
                reason: Reason::BlankRow,
                about: String::new(),
            });
        } else {
            table.rows.push(RawRow {
                line,
                cells,
                mended: Vec::new(),
            });
        }
    }
    Ok(table)
}

fn cell(value: AnyValue<'_>) -> Option<String> {
    match value {
        AnyValue::Null => None,
        AnyValue::List(words) => {
            let words = words.iter().filter_map(cell).collect::<Vec<_>>();
            (!words.is_empty()).then(|| words.join(&LIST.to_string()))
        }
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "polars' enum grows with its features; all others print"
        )]
        other => Some(other.get_str().map_or_else(|| other.to_string(), ToOwned::to_owned))
            .filter(|text| !text.trim().is_empty()),
    }
}
