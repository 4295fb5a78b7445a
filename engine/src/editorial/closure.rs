//! Closures: venues of a territory are closed for a while, and digital offers go up.
//!
//! Invariant: a closure names where it holds, and ends after it starts where both are known.

use serde::{Deserialize, Serialize};

use super::audience::{MAX_AUDIENCE, Schedule};
use super::{Body, Head, Standing};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::taxonomy::Taxonomy;
use crate::time::Moment;

/// Venues are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// Its identifier.
    pub id: DocumentId,
    /// Why.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Where venues are closed.
    pub territories: Vec<String>,
    /// Its first moment; as soon as it is published, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// The first moment after it; until it is archived, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
}

impl Closure {
    /// Whether it holds at a moment in a territory.
    #[must_use]
    pub fn holds(&self, now: Moment, territory: &str) -> bool {
        let schedule = Schedule {
            from: self.from,
            to: self.to,
        };
        schedule.holds(now) && self.territories.iter().any(|there| there == territory)
    }
}

impl Body for Closure {
    const KIND: DocumentKind = DocumentKind::Closures;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.require(!self.territories.is_empty(), "/territories", Code::InvalidValue, || {
            "a closure names where it holds".into()
        });
        faults.limit_words(&self.territories, MAX_AUDIENCE, "/territories");
        if let Some(own) = &self.territory {
            for (place, there) in self.territories.iter().enumerate() {
                faults.require(
                    there == own,
                    &format!("/territories/{place}"),
                    Code::InvalidValue,
                    || format!("a closure of territory {own} holds there alone"),
                );
            }
        }
        let ordered = !matches!((self.from, self.to), (Some(from), Some(to)) if from >= to);
        faults.require(ordered, "/to", Code::InvalidValue, || "to must be after from".into());
    }
}
