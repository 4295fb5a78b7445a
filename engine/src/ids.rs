//! Identifiers given by the booking core, one type each so that the compiler keeps them apart.
//!
//! They stand on every path, from a change line to an answer. Invariant: an identifier is 1 to 256 bytes of
//! UTF-8 without control characters; a value of these types can only be built checked.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest identifier, in bytes.
pub const MAX_ID_BYTES: usize = 256;

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Nothing, or white space alone.
    #[error("an identifier must not be empty")]
    Empty,
    /// More than [`MAX_ID_BYTES`].
    #[error("an identifier has at most {MAX_ID_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// A control character such as a line break.
    #[error("an identifier must not hold control characters")]
    Control,
}

fn checked(text: &str) -> Result<Arc<str>, InvalidId> {
    if text.trim().is_empty() {
        return Err(InvalidId::Empty);
    }
    if text.len() > MAX_ID_BYTES {
        return Err(InvalidId::TooLong(text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidId::Control);
    }
    Ok(Arc::from(text))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The checked identifier, or why the text is none.
            pub fn new(text: &str) -> Result<Self, InvalidId> {
                checked(text).map(Self)
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// One thing to book at one place.
    OfferId
}
id! {
    /// A work: the same book in five hundred shops is one item.
    ItemId
}
id! {
    /// Who offers, and where.
    VenueId
}
id! {
    /// A reader, named by the booking core with no personal datum.
    UserId
}
id! {
    /// One act of a reader; ingestion is idempotent by it.
    EventId
}

id! {
    /// One editorial document of its kind.
    DocumentId
}

impl From<OfferId> for ItemId {
    /// An offer that names no work is its own.
    fn from(offer: OfferId) -> Self {
        Self(offer.0)
    }
}
