//! Moments: RFC 3339 with an offset, kept as given so that an answer says it the same way.
//!
//! Every date of an offer and every `now` is one. Invariant: comparisons look at the instant alone, never at the
//! offset; the engine reads no clock.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant and the offset from UTC it was written with.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    at: Timestamp,
    offset: Offset,
}

/// A text that is no RFC 3339 time with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time is RFC 3339 with an offset, such as 2026-12-01T19:30:00+01:00, not {0:?}")]
pub struct InvalidMoment(String);

impl Moment {
    /// The instant, said in UTC.
    pub const fn utc(at: Timestamp) -> Self {
        Self {
            at,
            offset: Offset::UTC,
        }
    }

    /// The instant, said with this offset from UTC.
    pub const fn with_offset(at: Timestamp, offset: Offset) -> Self {
        Self { at, offset }
    }

    /// The instant.
    pub const fn timestamp(self) -> Timestamp {
        self.at
    }

    /// Milliseconds since 1970, the unit of the catalogue's columns.
    pub fn millis(self) -> i64 {
        self.at.as_millisecond()
    }

    /// The moment this many milliseconds after 1970, in UTC; clamped to the years that exist.
    pub fn from_millis(millis: i64) -> Self {
        let at = Timestamp::from_millisecond(millis);
        Self::utc(at.unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX }))
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.cmp(&other.at)
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;
    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        parse(text).ok_or_else(|| InvalidMoment(text.chars().take(64).collect()))
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.fff](Z|±HH:MM)`: the shape is checked first, since the parser below is more lenient.
fn parse(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let shaped = text.len() >= 20
        && bytes[4] == b'-'
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[16] == b':'
        && !text.contains('[');
    if !shaped {
        return None;
    }
    let offset = Pieces::parse(text).ok()?.to_numeric_offset()?;
    Some(Moment {
        at: text.parse().ok()?,
        offset,
    })
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.offset == Offset::UTC {
            return write!(out, "{}", self.at);
        }
        write!(out, "{}", self.at.display_with_offset(self.offset))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_kept_and_the_instant_compared() {
        let paris: Moment = "2026-12-01T19:30:00+01:00".parse().expect("a time");
        let utc: Moment = "2026-12-01T18:30:00Z".parse().expect("a time");
        assert_eq!(paris, utc);
        assert_eq!(paris.to_string(), "2026-12-01T19:30:00+01:00");
        assert_eq!(utc.to_string(), "2026-12-01T18:30:00Z");
    }

    #[test]
    fn a_time_without_an_offset_is_refused() {
        for text in [
            "2026-12-01",
            "2026-12-01T19:30:00",
            "tomorrow",
            "",
            "2026-13-01T00:00:00Z",
            "2026-12-01T19:30:00+01:00[Europe/Paris]",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
