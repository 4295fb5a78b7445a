//! Columns become offers; damaged streams are refused.

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray, TimestampMillisecondArray};
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};

use super::*;

fn stream(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a writer");
    writer.write(&batch).expect("writes");
    writer.finish().expect("finishes");
    drop(writer);
    bytes
}

pub(crate) fn offers() -> Vec<u8> {
    let mut genres = ListBuilder::new(StringBuilder::new());
    genres.append_value([Some("Manga"), Some("BD")]);
    genres.append_null();
    genres.append_null();
    let position = StructArray::from(
        RecordBatch::try_from_iter([
            (
                "lat",
                Arc::new(Float64Array::from(vec![48.1, f64::NAN, 1.0])) as ArrayRef,
            ),
            ("lng", Arc::new(Float64Array::from(vec![-1.5, 0.0, 1.0]))),
        ])
        .expect("a batch"),
    );
    stream(vec![
        ("id", Arc::new(StringArray::from(vec!["a", "b", "c"])) as ArrayRef),
        ("title", Arc::new(StringArray::from(vec![Some("A"), Some("B"), None]))),
        ("subcategory", Arc::new(StringArray::from(vec!["CONCERT"; 3]))),
        ("price_cents", Arc::new(Int64Array::from(vec![Some(900), None, None]))),
        ("genres", Arc::new(genres.finish())),
        ("position", Arc::new(position)),
        (
            "published_at",
            Arc::new(TimestampMillisecondArray::from(vec![1_767_225_600_000; 3])),
        ),
    ])
}

#[test]
fn rows_become_offers_or_are_refused() {
    let taxonomy = Taxonomy::built_in();
    let rows = rows(&offers(), 10).expect("rows");
    let read: Vec<_> = rows.iter().map(|row| read(row, &taxonomy)).collect();
    let Ok(Change::OfferUpsert(offer)) = &read[0] else {
        panic!("{:?}", read[0])
    };
    assert_eq!(
        (offer.genres.len(), offer.price_cents.map(|price| price.get())),
        (2, Some(900))
    );
    assert_eq!(
        offer.published_at.map(|at| at.to_string()).as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    let code = |read: &Result<Change, Invalid>| read.as_ref().err().map(|invalid| invalid.0[0].code);
    assert_eq!(
        (code(&read[1]), code(&read[2])),
        (Some(Code::InvalidType), Some(Code::MissingField))
    );
}

#[test]
fn damaged_streams_are_refused() {
    let good = offers();
    assert!(matches!(rows(&good, 2), Err(StreamError::TooLong(2))));
    assert!(matches!(rows(b"not arrow at all", 10), Err(StreamError::Malformed(_))));
    let odd = stream(vec![(
        "id",
        Arc::new(arrow_array::Date32Array::from(vec![1])) as ArrayRef,
    )]);
    assert!(matches!(rows(&odd, 10), Err(StreamError::Type { .. })));
    for place in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[place] ^= 0xff;
        // Whatever it gives, it must come back.
        let _ = rows(&bad, 10).map(|rows| rows.len());
    }
}

/// The same rows with compressed buffers.
pub(crate) fn packed() -> Vec<u8> {
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(arrow_ipc::CompressionType::LZ4_FRAME))
        .expect("options");
    let long: ArrayRef = Arc::new(StringArray::from(vec!["abc".repeat(400); 3]));
    let batch = RecordBatch::try_from_iter([("title", long)]).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &batch.schema(), options).expect("a writer");
    writer.write(&batch).expect("writes");
    writer.finish().expect("finishes");
    drop(writer);
    bytes
}

#[test]
fn a_stream_that_claims_to_unpack_to_more_than_it_may_is_refused_before_it_is_read() {
    let good = packed();
    assert_eq!(rows(&good, 10).expect("rows").len(), 3, "compressed streams are read");
    // The length that stands before the texts, three times 1,200 bytes; the last offset says the same before.
    let claim = 3_600_i64.to_le_bytes();
    let at = good.windows(8).rposition(|bytes| bytes == claim).expect("a claim");
    for size in [1 << 40, i64::MAX, 513 << 20] {
        let mut bad = good.clone();
        bad[at..at + 8].copy_from_slice(&size.to_le_bytes());
        assert!(matches!(rows(&bad, 10), Err(StreamError::TooLarge(512))), "{size}");
    }
    // A head, and a body, longer than all there is.
    let mut bad = good.clone();
    bad[4..8].copy_from_slice(&i32::MAX.to_le_bytes());
    assert!(matches!(rows(&bad, 10), Err(StreamError::Malformed(_))));
    assert!(matches!(
        rows(&good[..good.len() - 200], 10),
        Err(StreamError::Malformed(_))
    ));
    assert!(matches!(
        rows(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 10),
        Err(StreamError::Malformed(_))
    ));
}
