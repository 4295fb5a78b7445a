//! A table of figures: on a page, as CSV and as an Arrow stream.
//!
//! Every figure of the studio is one. Invariants: the three forms hold the same rows in the same order; a download has
//! identifiers where the page has words; a text that a spreadsheet would take for a formula is marked as none.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::studio::answer::Refusal;
use crate::studio::words::Lang;

/// The most rows of a table on a page; its downloads have them all.
const SHOWN: usize = 100;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Count,
    /// A number with a fraction.
    Number,
    /// A share between 0 and 1, shown in percent.
    Share,
    /// A change against before, 0 for none, shown in percent.
    Change,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in downloads; `column-NAME` are its words.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
}

impl Column {
    /// Whether it holds texts.
    pub(crate) fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }
}

/// A column of that name and kind.
pub(crate) const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// An identifier, and what it is called on a page.
    Name(String, String),
    /// How many.
    Count(u64),
    /// How much.
    Number(f64),
    /// Nothing to say: unknown, or of too few readers.
    Nothing,
}

impl Cell {
    /// A text that is called what it is.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Name(text.clone(), text)
    }

    /// A number, where there is one.
    pub(crate) fn maybe(number: Option<f64>) -> Self {
        number
            .filter(|number| number.is_finite())
            .map_or(Self::Nothing, Self::Number)
    }
}

/// A row, with where it leads; nowhere where that is empty.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) link: String,
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// A row that leads nowhere.
    pub(crate) const fn plain(cells: Vec<Cell>) -> Self {
        Self {
            link: String::new(),
            cells,
        }
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// Its name in addresses; `table-NAME` is its title.
    pub(crate) name: &'static str,
    /// As many as each row has cells.
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// The rows that a page shows.
    pub(crate) fn shown(&self) -> &[Row] {
        &self.rows[..self.rows.len().min(SHOWN)]
    }

    /// A file of it, by the end of its name.
    pub(crate) fn download(&self, end: &str) -> Result<Response, Refusal> {
        let (media, bytes) = match end {
            "csv" => ("text/csv; charset=utf-8", self.csv().into_bytes()),
            "arrow" => {
                let broken = |error: ArrowError| Refusal::Broken(error.to_string());
                ("application/vnd.apache.arrow.stream", self.arrow().map_err(broken)?)
            }
            _ => return Err(Refusal::NotFound),
        };
        let file = format!("attachment; filename=\"florilege-{}.{end}\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, media.to_owned()),
            (header::CONTENT_DISPOSITION, file),
        ];
        Ok((headers, bytes).into_response())
    }

    /// As CSV, RFC 4180 but for line ends of one character.
    pub(crate) fn csv(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let mut text = format!("{}\n", names.join(","));
        for row in &self.rows {
            let cells: Vec<String> = row.cells.iter().map(written).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    /// As one batch of an Arrow IPC stream.
    pub(crate) fn arrow(&self) -> Result<Vec<u8>, ArrowError> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|column| Field::new(column.name, data_type(column.kind), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let arrays = self.columns.iter().enumerate();
        let arrays = arrays.map(|(place, column)| self.array(place, column.kind)).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.write(&batch)?;
        writer.into_inner()
    }

    fn array(&self, place: usize, kind: Kind) -> ArrayRef {
        let cells = self
            .rows
            .iter()
            .map(|row| row.cells.get(place).unwrap_or(&Cell::Nothing));
        match kind {
            Kind::Text => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
                Cell::Name(id, _) => Some(id.as_str()),
                Cell::Count(_) | Cell::Number(_) | Cell::Nothing => None,
            }))),
            Kind::Count => Arc::new(UInt64Array::from_iter(cells.map(|cell| match cell {
                Cell::Count(count) => Some(*count),
                Cell::Name(..) | Cell::Number(_) | Cell::Nothing => None,
            }))),
            Kind::Number | Kind::Share | Kind::Change => {
                Arc::new(Float64Array::from_iter(cells.map(|cell| match cell {
                    Cell::Number(number) => Some(*number),
                    Cell::Name(..) | Cell::Count(_) | Cell::Nothing => None,
                })))
            }
        }
    }
}

const fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Count => DataType::UInt64,
        Kind::Number | Kind::Share | Kind::Change => DataType::Float64,
    }
}

/// A cell of CSV.
fn written(cell: &Cell) -> String {
    match cell {
        Cell::Name(id, _) => quoted(id),
        Cell::Count(count) => count.to_string(),
        Cell::Number(number) => format!("{number}"),
        Cell::Nothing => String::new(),
    }
}

/// A field of CSV; a text that a spreadsheet would take for a formula gets a mark before it.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if is_formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// A cell in words.
pub(crate) fn words(lang: Lang, kind: Kind, cell: &Cell) -> String {
    match cell {
        Cell::Name(_, shown) => shown.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Number(number) => match kind {
            Kind::Share => percent(lang, *number),
            Kind::Change => change(lang, *number),
            Kind::Text | Kind::Count | Kind::Number => decimal(lang, *number, 1),
        },
        Cell::Nothing => "–".to_owned(),
    }
}

/// A number with so many digits after the mark of the language.
pub(crate) fn decimal(lang: Lang, number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    match lang {
        Lang::Fr => text.replace('.', ","),
        Lang::En => text,
    }
}

/// A share in percent.
pub(crate) fn percent(lang: Lang, share: f64) -> String {
    let text = decimal(lang, 100.0 * share, 1);
    match lang {
        Lang::Fr => format!("{text} %"),
        Lang::En => format!("{text}%"),
    }
}

/// More or less than before, with a sign that needs no colour.
fn change(lang: Lang, change: f64) -> String {
    let sign = match change {
        _ if change.abs() < 0.000_5 => "=",
        _ if change > 0.0 => "▲ +",
        _ => "▼ −",
    };
    format!("{sign}{}", percent(lang, change.abs()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, UInt64Type};
    use arrow_ipc::reader::StreamReader;

    use super::*;

    fn table() -> Table {
        Table {
            name: "t",
            columns: vec![
                column("who", Kind::Text),
                column("count", Kind::Count),
                column("share", Kind::Share),
            ],
            rows: vec![
                Row::plain(vec![
                    Cell::Name("=1+1".into(), "One".into()),
                    Cell::Count(3),
                    Cell::Number(0.125),
                ]),
                Row::plain(vec![Cell::text("a \"b\", c"), Cell::Count(0), Cell::Nothing]),
            ],
        }
    }

    #[test]
    fn csv_is_quoted_and_no_formula() {
        let wanted = "who,count,share\n\"'=1+1\",3,0.125\n\"a \"\"b\"\", c\",0,\n";
        assert_eq!(table().csv(), wanted);
    }

    #[test]
    fn the_arrow_stream_holds_the_same_rows() {
        let bytes = table().arrow().expect("a stream");
        let batches: Vec<RecordBatch> = StreamReader::try_new(Cursor::new(bytes), None)
            .expect("a stream")
            .map(|batch| batch.expect("a batch"))
            .collect();
        assert_eq!(batches.len(), 1);
        let batch = &batches[0];
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 3));
        assert_eq!(batch.column(0).as_string::<i32>().value(1), "a \"b\", c");
        assert_eq!(batch.column(1).as_primitive::<UInt64Type>().value(0), 3);
        let share = batch.column(2).as_primitive::<Float64Type>();
        assert!((share.value(0) - 0.125).abs() < f64::EPSILON && batch.column(2).is_null(1));
    }

    #[test]
    fn figures_are_said_as_each_language_says_them() {
        for (kind, number, french, english) in [
            (Kind::Share, 0.125, "12,5 %", "12.5%"),
            (Kind::Change, 0.5, "▲ +50,0 %", "▲ +50.0%"),
            (Kind::Change, -0.25, "▼ −25,0 %", "▼ −25.0%"),
            (Kind::Change, 0.0, "=0,0 %", "=0.0%"),
            (Kind::Number, 1.25, "1,2", "1.2"),
        ] {
            let cell = Cell::Number(number);
            assert_eq!(words(Lang::Fr, kind, &cell), french);
            assert_eq!(words(Lang::En, kind, &cell), english);
        }
    }
}
