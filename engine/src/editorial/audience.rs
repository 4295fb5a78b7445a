//! Whom and when an editorial document is for.
//!
//! Shared by playlists, homes, their modules and experiments. Invariant: what is not said excludes nobody and no
//! moment; a list means any of its values, and the fields hold together.

use serde::{Deserialize, Serialize};

use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::json::is_default;
use crate::time::Moment;

/// The most values of one list of an audience.
pub const MAX_AUDIENCE: usize = 200;

/// Ages in years, both ends included; an unknown age is outside any bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Ages {
    /// The youngest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u8>,
    /// The oldest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u8>,
}

impl Ages {
    /// Whether an age is within; with no bound, everybody is.
    #[must_use]
    pub fn includes(self, age: Option<u8>) -> bool {
        let bounded = self.min.is_some() || self.max.is_some();
        let within = |age: u8| self.min.is_none_or(|min| min <= age) && self.max.is_none_or(|max| age <= max);
        age.map_or(!bounded, within)
    }

    fn check(self, faults: &mut Faults) {
        let ordered = !matches!((self.min, self.max), (Some(min), Some(max)) if min > max);
        faults.require(ordered, "/ages/min", Code::InvalidValue, || {
            "min must not be above max".into()
        });
    }
}

/// From one moment to before another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// The first moment; always before, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// The first moment after; never, where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
}

impl Schedule {
    /// Whether a moment is in `[from, to)`.
    #[must_use]
    pub fn holds(self, now: Moment) -> bool {
        self.from.is_none_or(|from| from <= now) && self.to.is_none_or(|to| now < to)
    }

    pub(super) fn check(self, faults: &mut Faults) {
        let ordered = !matches!((self.from, self.to), (Some(from), Some(to)) if from >= to);
        faults.require(ordered, "/schedule/to", Code::InvalidValue, || {
            "to must be after from, else it never holds".into()
        });
    }
}

/// Whom a document is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// Readers in whose mixture one of these personas leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personas: Vec<DocumentId>,
    /// Readers of these ages.
    #[serde(skip_serializing_if = "is_default")]
    pub ages: Ages,
    /// Readers of any of these territories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Readers in any of these segments, which the booking core gives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Known readers alone, or unknown ones alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_in: Option<bool>,
}

impl Audience {
    /// Whether it is for everybody.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        *self == Self::default()
    }

    /// Bounds, and what cannot be together; pointers start at the audience.
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.require(self.personas.len() <= MAX_AUDIENCE, "/personas", Code::TooLarge, || {
            format!("at most {MAX_AUDIENCE} entries")
        });
        self.ages.check(faults);
        faults.limit_words(&self.territories, MAX_AUDIENCE, "/territories");
        faults.limit_words(&self.segments, MAX_AUDIENCE, "/segments");
        let known = self.logged_in != Some(false) || self.segments.is_empty();
        faults.require(known, "/logged_in", Code::InvalidValue, || {
            "a reader who is not logged in is in no segment: drop one of the two".into()
        });
    }
}
