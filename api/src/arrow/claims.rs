//! What a stream says of its own sizes, looked at before the reader allocates for it.
//!
//! The reader trusts the uncompressed length that stands before each compressed buffer: a few bytes could claim a
//! terabyte and end the process. Invariant: a stream that passes has no message longer than its own bytes, and unpacks
//! to no more than [`UNPACKED`] bytes.

use arrow_ipc::{Message, RecordBatch, root_as_message};

use super::StreamError;

/// The most bytes that all compressed buffers together may unpack to.
pub(super) const UNPACKED: u64 = 512 << 20;
/// What stands before the length of a message's head, but in streams of old.
const CONTINUES: [u8; 4] = [0xff; 4];

/// Walks over the messages of a stream without reading what they hold.
pub(super) fn check(stream: &[u8]) -> Result<(), StreamError> {
    let (mut rest, mut claimed) = (stream, 0_u64);
    while let Some((head, after)) = head(rest)? {
        // The head's own format wants it aligned, as a fresh copy is.
        let head = head.to_vec();
        let message = root_as_message(&head).map_err(|error| StreamError::Malformed(error.to_string()))?;
        let length = usize::try_from(message.bodyLength()).ok();
        let (body, next) = length
            .and_then(|length| after.split_at_checked(length))
            .ok_or_else(short)?;
        claimed = batches(&message).fold(claimed, |sum, batch| sum.saturating_add(unpacked(batch, body)));
        if claimed > UNPACKED {
            return Err(StreamError::TooLarge(UNPACKED >> 20));
        }
        rest = next;
    }
    Ok(())
}

/// The head of a message, and what follows it.
type Parts<'a> = (&'a [u8], &'a [u8]);

/// Those of the next message; nothing at the end.
fn head(rest: &[u8]) -> Result<Option<Parts<'_>>, StreamError> {
    let rest = rest.strip_prefix(&CONTINUES).unwrap_or(rest);
    let Some((length, rest)) = rest.split_first_chunk() else {
        return Ok(None);
    };
    match i32::from_le_bytes(*length) {
        0 => Ok(None),
        length => {
            let length = usize::try_from(length).ok();
            Ok(Some(
                length
                    .and_then(|length| rest.split_at_checked(length))
                    .ok_or_else(short)?,
            ))
        }
    }
}

fn batches<'a>(message: &Message<'a>) -> impl Iterator<Item = RecordBatch<'a>> {
    let dictionary = message.header_as_dictionary_batch().and_then(|batch| batch.data());
    message.header_as_record_batch().into_iter().chain(dictionary)
}

/// What the buffers of a batch claim to unpack to.
fn unpacked(batch: RecordBatch<'_>, body: &[u8]) -> u64 {
    if batch.compression().is_none() {
        return 0;
    }
    let claim = |buffer: &arrow_ipc::Buffer| {
        // An empty one has no length before it.
        (buffer.length() >= 8).then_some(())?;
        let at = usize::try_from(buffer.offset()).ok()?;
        let length = body.get(at..)?.first_chunk()?;
        // Below 0 says that the buffer is not compressed after all.
        u64::try_from(i64::from_le_bytes(*length)).ok()
    };
    let buffers = batch.buffers().into_iter().flatten();
    buffers.filter_map(claim).fold(0, u64::saturating_add)
}

fn short() -> StreamError {
    StreamError::Malformed("a message is longer than the stream".to_owned())
}
