//! Reading what was published by another version of this program: what it does not know is passed over.
//!
//! Stands between the log and the typed documents; what editors send is read strictly instead. Invariant: a field
//! that is known is never passed over.

use serde_json::{Map, Value};

use super::Body;
use crate::invalid::{Code, Invalid};
use crate::json;

/// The most unknown fields that are passed over; a document with more is another thing.
const MOST_UNKNOWN: usize = 64;

/// The document, without the fields that this program does not know; none where the rest does not fit either.
pub(super) fn leniently<B: Body>(body: &Map<String, Value>) -> Option<B> {
    let mut value = Value::Object(body.clone());
    for _ in 0..=MOST_UNKNOWN {
        match json::from_value(value.clone()) {
            Ok(body) => return Some(body),
            Err(invalid) => forget(&mut value, &invalid)?,
        }
    }
    None
}

fn forget(value: &mut Value, Invalid(faults): &Invalid) -> Option<()> {
    let unknown = faults.iter().find(|fault| fault.code == Code::UnknownField)?;
    let (parent, field) = unknown.pointer.rsplit_once('/')?;
    let field = field.replace("~1", "/").replace("~0", "~");
    let parent = value.pointer_mut(parent)?.as_object_mut()?;
    parent.remove(&field).map(drop)
}
