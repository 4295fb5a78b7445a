//! Separated values: quotes, line breaks inside them, rows too short or too long, a quote that is never closed.
//!
//! Invariant: a record that does not have the header's number of cells costs at most its own first line: reading goes
//! on at the next one.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{RawRow, RawTable, Unread, excerpt};
use crate::import::mapping::{Encoding, Format, Input};
use crate::import::report::{Mended, Reason};
use crate::import::text::from_windows_1252;

/// Reads a whole file.
pub(super) fn read(bytes: &[u8], input: &Input) -> RawTable {
    let mut cursor = Cursor { bytes, at: 0, line: 1 };
    for _ in 0..input.skip_lines {
        cursor.skip_line();
    }
    let dialect = Dialect::of(input, cursor.first_line());
    let columns = match &input.columns {
        Some(columns) => columns.clone(),
        None => header(&mut cursor, dialect),
    };
    let mut table = RawTable {
        columns,
        ..RawTable::default()
    };
    read_run(&mut cursor, dialect, &mut table);
    table
}

#[derive(Clone, Copy)]
struct Dialect {
    separator: u8,
    quote: Option<u8>,
    encoding: Encoding,
}

impl Dialect {
    fn of(input: &Input, first_line: &[u8]) -> Self {
        let given = input.separator.as_ref().and_then(|s| s.bytes().next());
        let guess = || {
            let count = |separator: &u8| first_line.iter().filter(|byte| *byte == separator).count();
            [b',', b'|', b'\t', b';'].into_iter().max_by_key(count).unwrap_or(b',')
        };
        Self {
            separator: given.unwrap_or_else(|| if input.format == Format::Tsv { b'\t' } else { guess() }),
            quote: input.quote.as_ref().map_or(Some(b'"'), |q| q.bytes().next()),
            encoding: input.encoding,
        }
    }

    fn reader(self) -> Reader {
        ReaderBuilder::new()
            .delimiter(self.separator)
            .quoting(self.quote.is_some())
            .quote(self.quote.unwrap_or(b'"'))
            .build()
    }

    /// Whether every quote that opens is closed before a separator or the end, as in a record that spans lines by
    /// intention.
    fn quotes_well(self, raw: &[u8]) -> bool {
        let Some(quote) = self.quote else { return true };
        let (mut inside, mut starts) = (false, true);
        let mut bytes = raw.iter().peekable();
        while let Some(byte) = bytes.next() {
            if inside && *byte == quote && bytes.next_if(|next| **next == quote).is_none() {
                inside = false;
                let next = bytes.peek();
                if next.is_some_and(|next| **next != self.separator && !matches!(**next, b'\r' | b'\n' | b' ')) {
                    return false;
                }
            } else if !inside && starts && *byte == quote {
                inside = true;
            }
            starts = !inside && *byte == self.separator;
        }
        !inside
    }

    fn unquoted(self) -> Self {
        Self { quote: None, ..self }
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Cursor<'a> {
    fn first_line(&self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        rest.split(|byte| *byte == b'\n').next().unwrap_or(rest)
    }

    fn skip_line(&mut self) {
        self.advance(self.at + self.first_line().len() + 1);
    }

    fn advance(&mut self, to: usize) {
        let to = to.min(self.bytes.len());
        let breaks = self.bytes[self.at..to].iter().filter(|byte| **byte == b'\n').count();
        self.line += breaks as u64;
        self.at = to;
    }
}

fn header(cursor: &mut Cursor<'_>, dialect: Dialect) -> Vec<String> {
    let (record, read) = next_record(&mut dialect.reader(), &cursor.bytes[cursor.at..]);
    cursor.advance(cursor.at + read);
    let mut names: Vec<String> = Vec::new();
    for cell in &record {
        let (text, _) = decode(cell, Encoding::Auto).unwrap_or_default();
        let name = text
            .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
            .to_owned();
        let copies = names.iter().filter(|known| **known == name).count();
        names.push(if copies == 0 {
            name
        } else {
            format!("{name}_{}", copies + 1)
        });
    }
    names
}

type Record = Vec<Vec<u8>>;

/// The cells of the next record, and how many bytes it takes with its end of line.
fn next_record(reader: &mut Reader, bytes: &[u8]) -> (Record, usize) {
    reader.reset();
    let (mut text, mut ends) = (vec![0; 1_024], vec![0; 64]);
    let (mut read, mut written, mut cells) = (0, 0, 0);
    loop {
        let (result, nin, nout, nend) = reader.read_record(&bytes[read..], &mut text[written..], &mut ends[cells..]);
        read += nin;
        written += nout;
        cells += nend;
        match result {
            // Asked again with nothing more to read, it ends the last record.
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => text.resize(text.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record | ReadRecordResult::End => break,
        }
    }
    let mut from = 0;
    let cell = |end: &usize| text[std::mem::replace(&mut from, *end)..*end].to_vec();
    (ends[..cells].iter().map(cell).collect(), read)
}

/// Reads to the end; a record whose quoting has to be doubted gives way to its first line.
fn read_run(cursor: &mut Cursor<'_>, dialect: Dialect, table: &mut RawTable) {
    let bytes = cursor.bytes;
    let mut reader = dialect.reader();
    loop {
        cursor.advance(cursor.at + breaks(&bytes[cursor.at..]));
        if cursor.at >= bytes.len() {
            return;
        }
        let (record, read) = next_record(&mut reader, &bytes[cursor.at..]);
        let raw = &bytes[cursor.at..cursor.at + read];
        let lines = raw.trim_ascii_end().iter().filter(|byte| **byte == b'\n').count();
        if lines > 0 && (record.len() != table.columns.len() || !dialect.quotes_well(raw)) {
            take_line_alone(cursor, dialect, table);
            continue;
        }
        take(&record, cursor.line, dialect.encoding, None, table);
        cursor.advance(cursor.at + read);
    }
}

fn breaks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
}

/// The first line of a doubtful record by itself, quotes being characters.
fn take_line_alone(cursor: &mut Cursor<'_>, dialect: Dialect, table: &mut RawTable) {
    let line = cursor.first_line();
    let (record, _) = next_record(&mut dialect.unquoted().reader(), line);
    if record.len() == table.columns.len() {
        take(&record, cursor.line, dialect.encoding, dialect.quote, table);
    } else {
        table.unread.push(Unread {
            line: cursor.line,
            reason: Reason::RaggedRow,
            about: excerpt(&from_windows_1252(line)),
        });
    }
    cursor.skip_line();
}

/// One record into the table; `stray` is the quote that stands in it as a character.
fn take(record: &[Vec<u8>], line: u64, encoding: Encoding, stray: Option<u8>, table: &mut RawTable) {
    let mut mended = Vec::new();
    let mut cells = Vec::with_capacity(table.columns.len());
    for cell in record {
        let Some((text, foreign)) = decode(cell, encoding) else {
            return unread(table, line, Reason::BadEncoding, record);
        };
        if foreign && !mended.contains(&Mended::Encoding) {
            mended.push(Mended::Encoding);
        }
        let text = stray.map_or(text.as_str(), |quote| text.trim().trim_matches(char::from(quote)));
        cells.push(Some(text.to_owned()).filter(|text| !text.trim().is_empty()));
    }
    let width = table.columns.len();
    if cells.iter().all(Option::is_none) {
        return unread(table, line, Reason::BlankRow, record);
    }
    if cells.iter().skip(width).any(Option::is_some) {
        return unread(table, line, Reason::RaggedRow, record);
    }
    if cells.len() != width {
        mended.push(Mended::RowLength);
    }
    if stray.is_some() {
        mended.push(Mended::StrayQuote);
    }
    cells.resize(width, None);
    table.rows.push(RawRow { line, cells, mended });
}

fn unread(table: &mut RawTable, line: u64, reason: Reason, record: &[Vec<u8>]) {
    let cells = record.iter().map(|cell| from_windows_1252(cell)).collect::<Vec<_>>();
    table.unread.push(Unread {
        line,
        reason,
        about: excerpt(&cells.join(" | ")),
    });
}

/// The text of a cell, and whether it was not UTF-8; none where it had to be.
fn decode(cell: &[u8], encoding: Encoding) -> Option<(String, bool)> {
    if encoding == Encoding::Latin1 {
        return Some((from_windows_1252(cell), false));
    }
    match (std::str::from_utf8(cell), encoding) {
        (Ok(text), _) => Some((text.to_owned(), false)),
        (Err(_), Encoding::Auto) => Some((from_windows_1252(cell), true)),
        (Err(_), Encoding::Utf8 | Encoding::Latin1) => None,
    }
}
