//! Column files: Arrow IPC, one batch for every so many rows.
//!
//! A table of an artefact has an identifier, a document as compact JSON and, for offers, the columns that people who
//! look at an artefact with other tools want. Invariant: a row whose `id` is null is a hole.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Int64Builder, StringBuilder, UInt32Builder};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema};

use super::{ArtefactError, at};
use crate::catalogue::row::OfferRow;

/// Rows of one batch.
const BATCH: usize = 16_384;

/// A writer of one table.
pub(super) struct Table {
    writer: FileWriter<BufWriter<File>>,
    schema: Arc<Schema>,
    ids: StringBuilder,
    documents: StringBuilder,
    offers: Option<OfferColumns>,
    rows: usize,
}

#[derive(Default)]
struct OfferColumns {
    category: UInt32Builder,
    price_cents: UInt32Builder,
    bookable: BooleanBuilder,
    bookings_28d: UInt32Builder,
    first_date_ms: Int64Builder,
}

impl Table {
    /// Starts a table of identifiers and documents.
    pub(super) fn create(path: &Path, with_offer_columns: bool) -> Result<Self, ArtefactError> {
        let mut fields = vec![
            Field::new("id", DataType::Utf8, true),
            Field::new("document", DataType::Utf8, true),
        ];
        if with_offer_columns {
            fields.push(Field::new("category", DataType::UInt32, true));
            fields.push(Field::new("price_cents", DataType::UInt32, true));
            fields.push(Field::new("bookable", DataType::Boolean, true));
            fields.push(Field::new("bookings_28d", DataType::UInt32, true));
            fields.push(Field::new("first_date_ms", DataType::Int64, true));
        }
        let schema = Arc::new(Schema::new(fields));
        let file = BufWriter::new(File::create(path).map_err(at(path))?);
        let columns = |error| ArtefactError::Columns(path.into(), error);
        let options = IpcWriteOptions::default()
            .try_with_compression(Some(CompressionType::LZ4_FRAME))
            .map_err(columns)?;
        let writer = FileWriter::try_new_with_options(file, &schema, options).map_err(columns)?;
        Ok(Self {
            writer,
            schema,
            ids: StringBuilder::new(),
            documents: StringBuilder::new(),
            offers: with_offer_columns.then(OfferColumns::default),
            rows: 0,
        })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, id: &str, document: &str) -> Result<(), ArrowError> {
        self.ids.append_value(id);
        self.documents.append_value(document);
        self.pushed()
    }

    /// Adds an offer, or the hole that one left.
    pub(super) fn push_offer(&mut self, offer: Option<&OfferRow>) -> Result<(), ArrowError> {
        self.ids.append_option(offer.map(|offer| offer.id.as_str()));
        self.documents.append_option(offer.map(|offer| &*offer.document));
        if let Some(columns) = &mut self.offers {
            columns.push(offer);
        }
        self.pushed()
    }

    fn pushed(&mut self) -> Result<(), ArrowError> {
        self.rows += 1;
        if self.rows.is_multiple_of(BATCH) {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), ArrowError> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.ids.finish()), Arc::new(self.documents.finish())];
        if let Some(columns) = &mut self.offers {
            arrays.extend(columns.finish());
        }
        self.writer
            .write(&RecordBatch::try_new(Arc::clone(&self.schema), arrays)?)
    }

    /// Ends the table; its bytes are on the disk afterwards.
    pub(super) fn finish(mut self, path: &Path) -> Result<(), ArtefactError> {
        let columns = |error| ArtefactError::Columns(path.into(), error);
        self.flush().map_err(columns)?;
        self.writer.finish().map_err(columns)?;
        let buffer = self.writer.into_inner().map_err(columns)?;
        let file = buffer.into_inner().map_err(|error| at(path)(error.into_error()))?;
        file.sync_all().map_err(at(path))
    }
}

impl OfferColumns {
    fn push(&mut self, offer: Option<&OfferRow>) {
        self.category
            .append_option(offer.and_then(|offer| u32::try_from(offer.category.index()).ok()));
        self.price_cents
            .append_option(offer.and_then(|offer| offer.price).map(|price| price.get()));
        self.bookable.append_option(offer.map(|offer| offer.bookable));
        self.bookings_28d.append_option(offer.map(|offer| offer.bookings[2]));
        self.first_date_ms
            .append_option(offer.and_then(|offer| offer.dates.first().copied()));
    }

    fn finish(&mut self) -> [ArrayRef; 5] {
        [
            Arc::new(self.category.finish()),
            Arc::new(self.price_cents.finish()),
            Arc::new(self.bookable.finish()),
            Arc::new(self.bookings_28d.finish()),
            Arc::new(self.first_date_ms.finish()),
        ]
    }
}

/// Reads the documents of a table, batch by batch; a hole is none.
pub(super) fn read(
    path: &Path,
    mut sink: impl FnMut(Vec<Option<&str>>) -> Result<(), ArtefactError>,
) -> Result<(), ArtefactError> {
    let columns = |error| ArtefactError::Columns(path.into(), error);
    let file = File::open(path).map_err(at(path))?;
    let reader = FileReader::try_new_buffered(file, Some(vec![1])).map_err(columns)?;
    for batch in reader {
        let batch = batch.map_err(columns)?;
        let documents = batch.column(0).as_any().downcast_ref::<StringArray>();
        let wrong = || ArtefactError::Damaged {
            path: path.into(),
            what: "documents are no texts".to_owned(),
        };
        let documents = documents.ok_or_else(wrong)?;
        sink(
            (0..documents.len())
                .map(|row| documents.is_valid(row).then(|| documents.value(row)))
                .collect(),
        )?;
    }
    Ok(())
}
