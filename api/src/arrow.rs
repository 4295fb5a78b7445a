//! Offers from an Arrow IPC stream: each row becomes the JSON of an offer, and goes the way of every other change.
//!
//! For bulk writers that have columns at hand. Invariants: column names are field names of the contract; a row that
//! is no offer is refused by its number, from 1; no stream, however made, does worse than being refused.

mod claims;

use std::io::Cursor;
use std::panic::catch_unwind;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, RecordBatch, StructArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, TimeUnit};
use florilege_engine::change::Change;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::json;
use florilege_engine::offer::Offer;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use serde_json::{Map, Value, json};

/// Why a stream cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It is no Arrow IPC stream, or a damaged one.
    #[error("not an Arrow IPC stream: {0}")]
    Malformed(String),
    /// It holds more rows than a body may.
    #[error("more than {0} rows")]
    TooLong(usize),
    /// It unpacks to more than a body may.
    #[error("more than {0} MiB, unpacked")]
    TooLarge(u64),
    /// A column has a type that no field of an offer has.
    #[error("column {column} has the type {kind}, which no field of an offer has")]
    Type {
        /// Its name.
        column: String,
        /// The Arrow type.
        kind: String,
    },
}

/// Each row of the stream as JSON text, at most `limit` of them.
///
/// # Errors
/// When the stream cannot be read.
pub fn rows(stream: &[u8], limit: usize) -> Result<Vec<Vec<u8>>, StreamError> {
    claims::check(stream)?;
    // The reader of streams panics on some that are damaged: the client's mistake, not ours.
    let read = catch_unwind(|| whole(stream, limit));
    read.unwrap_or_else(|_| Err(StreamError::Malformed("it is damaged".to_owned())))
}

fn whole(stream: &[u8], limit: usize) -> Result<Vec<Vec<u8>>, StreamError> {
    let damaged = |error: arrow_schema::ArrowError| StreamError::Malformed(error.to_string());
    let mut rows = Vec::new();
    for batch in StreamReader::try_new(Cursor::new(stream), None).map_err(damaged)? {
        let batch = batch.map_err(damaged)?;
        if batch.num_rows() > limit - rows.len() {
            return Err(StreamError::TooLong(limit));
        }
        add(&batch, &mut rows)?;
    }
    Ok(rows)
}

/// Reads one of these rows into a change.
///
/// # Errors
/// When it is no offer.
pub fn read(row: &[u8], taxonomy: &Taxonomy) -> Result<Change, Invalid> {
    let offer: Offer = json::parse(row)?;
    offer.check(taxonomy)?;
    Ok(Change::OfferUpsert(Box::new(offer)))
}

/// What a stream that cannot be read is to a client.
impl From<StreamError> for Invalid {
    fn from(error: StreamError) -> Self {
        let code = match error {
            StreamError::Malformed(_) => Code::InvalidValue,
            StreamError::TooLong(_) | StreamError::TooLarge(_) => Code::TooLarge,
            StreamError::Type { .. } => Code::InvalidType,
        };
        Self::one("", code, error.to_string())
    }
}

fn add(batch: &RecordBatch, rows: &mut Vec<Vec<u8>>) -> Result<(), StreamError> {
    let schema = batch.schema();
    for field in schema.fields() {
        let unreadable = |kind: &DataType| StreamError::Type {
            column: field.name().clone(),
            kind: kind.to_string(),
        };
        readable(field.data_type()).map_err(unreadable)?;
    }
    let table = StructArray::from(batch.clone());
    rows.extend((0..batch.num_rows()).map(|row| object(&table, row).to_string().into_bytes()));
    Ok(())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the list of Arrow's types is long and grows; all that no field of an offer has are refused alike"
)]
/// Whether [`value`] reads a type; the inner type that it does not read.
fn readable(kind: &DataType) -> Result<(), &DataType> {
    match kind {
        DataType::Null
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Timestamp(..)
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View => Ok(()),
        DataType::List(inner) | DataType::LargeList(inner) | DataType::FixedSizeList(inner, _) => {
            readable(inner.data_type())
        }
        DataType::Struct(fields) => fields.iter().try_for_each(|field| readable(field.data_type())),
        DataType::Dictionary(_, values) => readable(values),
        other => Err(other),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`readable` has let nothing else through")]
/// The JSON of one cell.
fn value(cells: &dyn Array, row: usize) -> Value {
    if cells.is_null(row) {
        return Value::Null;
    }
    match cells.data_type() {
        DataType::Boolean => json!(cells.as_boolean().value(row)),
        DataType::Utf8 => json!(cells.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => json!(cells.as_string::<i64>().value(row)),
        DataType::Utf8View => json!(cells.as_string_view().value(row)),
        DataType::List(_) => list(&cells.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&cells.as_list::<i64>().value(row)),
        DataType::FixedSizeList(..) => list(&cells.as_fixed_size_list().value(row)),
        DataType::Struct(_) => object(cells.as_struct(), row),
        DataType::Timestamp(unit, _) => json!(moment(cells, *unit, row).to_string()),
        DataType::Dictionary(..) => {
            let dictionary = cells.as_any_dictionary();
            let keys = dictionary.normalized_keys();
            value(dictionary.values().as_ref(), keys[row])
        }
        number => numeric(cells, number, row),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`readable` has let nothing else through")]
fn numeric(cells: &dyn Array, kind: &DataType, row: usize) -> Value {
    match kind {
        DataType::Int8 => json!(cells.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => json!(cells.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(cells.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(cells.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => json!(cells.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => json!(cells.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => json!(cells.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => json!(cells.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => real(f64::from(cells.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => real(cells.as_primitive::<Float64Type>().value(row)),
        _ => Value::Null,
    }
}

/// A number, or a word that no field takes for one: a NaN must not pass for an absent value.
fn real(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(|| json!(number.to_string()), Value::Number)
}

fn list(cells: &Arc<dyn Array>) -> Value {
    (0..cells.len()).map(|row| value(cells.as_ref(), row)).collect()
}

fn object(cells: &StructArray, row: usize) -> Value {
    let fields = cells.fields().iter().zip(cells.columns());
    let fields = fields.map(|(field, column)| (field.name().clone(), value(column.as_ref(), row)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The instant of a timestamp, in UTC: Arrow keeps instants, whatever the zone that it names.
fn moment(cells: &dyn Array, unit: TimeUnit, row: usize) -> Moment {
    Moment::from_millis(match unit {
        TimeUnit::Second => cells
            .as_primitive::<TimestampSecondType>()
            .value(row)
            .saturating_mul(1_000),
        TimeUnit::Millisecond => cells.as_primitive::<TimestampMillisecondType>().value(row),
        TimeUnit::Microsecond => cells
            .as_primitive::<TimestampMicrosecondType>()
            .value(row)
            .div_euclid(1_000),
        TimeUnit::Nanosecond => cells
            .as_primitive::<TimestampNanosecondType>()
            .value(row)
            .div_euclid(1_000_000),
    })
}

#[cfg(test)]
pub(crate) mod tests;
