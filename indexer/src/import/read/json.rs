//! JSON, a line or an array of objects: nested objects become columns with a dot, lists of words one cell.
//!
//! Invariant: a line that is no object is a fault of that line alone.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{LIST, RawRow, RawTable, Unread, excerpt};
use crate::import::mapping::Encoding;
use crate::import::report::{Mended, Reason};
use crate::import::text::from_windows_1252;

#[derive(Default)]
struct Builder {
    table: RawTable,
    places: HashMap<String, usize>,
}

/// Reads an object a line; empty lines are no rows.
pub(super) fn read_lines(bytes: &[u8], encoding: Encoding) -> RawTable {
    let mut builder = Builder::default();
    for (line, text) in (1u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        if !text.trim_ascii().is_empty() {
            builder.line(line, text.trim_ascii(), encoding);
        }
    }
    builder.finish()
}

/// Reads an array of objects; the line of a row is its place.
pub(super) fn read_array(bytes: &[u8]) -> Result<RawTable, String> {
    let rows: Vec<Value> = serde_json::from_slice(bytes).map_err(|fault| fault.to_string())?;
    let mut builder = Builder::default();
    for (line, row) in (1u64..).zip(rows) {
        match row {
            Value::Object(object) => builder.row(line, object, Vec::new()),
            other => builder.unread(line, Reason::MalformedJson, &other.to_string()),
        }
    }
    Ok(builder.finish())
}

impl Builder {
    fn line(&mut self, line: u64, bytes: &[u8], encoding: Encoding) {
        let mut mended = Vec::new();
        let text = match (std::str::from_utf8(bytes), encoding) {
            (Ok(text), Encoding::Auto | Encoding::Utf8) => text.to_owned(),
            (Err(_), Encoding::Utf8) => return self.unread(line, Reason::BadEncoding, &from_windows_1252(bytes)),
            (Err(_), Encoding::Auto) => {
                mended.push(Mended::Encoding);
                from_windows_1252(bytes)
            }
            (Ok(_) | Err(_), Encoding::Latin1) => from_windows_1252(bytes),
        };
        let parsed = serde_json::from_str(&text).or_else(|fault| {
            let without = without_nan(&text).ok_or(fault)?;
            mended.push(Mended::JsonNan);
            serde_json::from_str(&without)
        });
        match parsed {
            Ok(object) => self.row(line, object, mended),
            Err(fault) => self.unread(line, Reason::MalformedJson, &format!("{fault}: {text}")),
        }
    }

    fn row(&mut self, line: u64, object: Map<String, Value>, mended: Vec<Mended>) {
        let mut row = RawRow {
            line,
            cells: vec![None; self.places.len()],
            mended,
        };
        self.flatten("", object, &mut row.cells);
        if row.cells.iter().all(Option::is_none) {
            return self.unread(line, Reason::BlankRow, "{}");
        }
        self.table.rows.push(row);
    }

    fn flatten(&mut self, prefix: &str, object: Map<String, Value>, cells: &mut Vec<Option<String>>) {
        for (key, value) in object {
            let name = format!("{prefix}{key}");
            match value {
                Value::Object(inner) => self.flatten(&format!("{name}."), inner, cells),
                other => {
                    let next = self.places.len();
                    let place = *self.places.entry(name).or_insert(next);
                    cells.resize(self.places.len().max(cells.len()), None);
                    cells[place] = cell(other);
                }
            }
        }
    }

    fn unread(&mut self, line: u64, reason: Reason, about: &str) {
        self.table.unread.push(Unread {
            line,
            reason,
            about: excerpt(about),
        });
    }

    fn finish(mut self) -> RawTable {
        let mut columns = vec![String::new(); self.places.len()];
        for (name, place) in self.places {
            columns[place] = name;
        }
        for row in &mut self.table.rows {
            row.cells.resize(columns.len(), None);
        }
        self.table.columns = columns;
        self.table
    }
}

fn cell(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Value::Array(values) => {
            let words = values.into_iter().filter_map(cell).collect::<Vec<_>>();
            (!words.is_empty()).then(|| words.join(&LIST.to_string()))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    }
}

/// `NaN` and `Infinity`, which Python writes and JSON does not know, replaced by null; none where there are none.
fn without_nan(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    let mut rest = text;
    let mut any = false;
    while let Some(c) = rest.chars().next() {
        let word = ["-Infinity", "Infinity", "NaN"]
            .into_iter()
            .find(|word| !inside && rest.starts_with(word));
        if let Some(word) = word {
            out.push_str("null");
            rest = &rest[word.len()..];
            any = true;
            continue;
        }
        inside ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    any.then_some(out)
}
