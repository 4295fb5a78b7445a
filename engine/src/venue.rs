//! A venue: who offers, and where its offers take place unless they say otherwise.
//!
//! The document that `/v1/venues` takes and gives back. Invariant: [`Venue::check`] has passed for every venue that
//! the store or the catalogue holds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::department::Department;
use crate::geo::Position;
use crate::ids::VenueId;
use crate::invalid::{Code, Faults, Invalid};
use crate::offer::{Accessibility, MAX_WORDS, check_attributes, check_labels};
use crate::taxonomy::Taxonomy;

/// One venue; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Venue {
    /// Its identifier.
    pub id: VenueId,
    /// What it is called.
    pub name: String,
    /// Free text: bookshop, theatre…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The postal code, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The department's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Every territory it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Levers that the taxonomy declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Accessibility of the place.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub accessibility: Accessibility,
    /// IANA name; Europe/Paris where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Passes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_hours: Option<Value>,
    /// Passes through.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
}

impl Venue {
    /// The document as an answer shows it: every field, absent ones with their defaults.
    pub fn full(&self) -> Value {
        let compact = serde_json::to_value(self).unwrap_or_default();
        crate::json::complete(
            compact,
            &[
                ("kind", json!(null)),
                ("position", json!(null)),
                ("address", json!(null)),
                ("city", json!(null)),
                ("postal_code", json!(null)),
                ("department", json!(null)),
                ("territories", json!([])),
                ("labels", json!([])),
                (
                    "accessibility",
                    json!({"audio": false, "mental": false, "motor": false, "visual": false}),
                ),
                ("time_zone", json!(null)),
                ("opening_hours", json!(null)),
                ("attributes", json!({})),
            ],
        )
    }

    /// The French department that it is in: what it says, else what its postal code says.
    pub fn known_department(&self) -> Option<&'static Department> {
        let said = self.department.as_deref().and_then(Department::find);
        said.or_else(|| Department::of_postal_code(self.postal_code.as_deref()?))
    }

    /// Every limit and every reference.
    pub fn check(&self, taxonomy: &Taxonomy) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        faults.require(!self.name.trim().is_empty(), "/name", Code::InvalidValue, || {
            "a name must not be blank".into()
        });
        faults.limit_text(&self.name, 1_000, "/name");
        for (text, pointer) in [
            (&self.kind, "/kind"),
            (&self.address, "/address"),
            (&self.city, "/city"),
            (&self.postal_code, "/postal_code"),
            (&self.department, "/department"),
        ] {
            faults.limit_text(text.as_deref().unwrap_or(""), 1_000, pointer);
        }
        faults.limit_words(&self.territories, MAX_WORDS, "/territories");
        check_labels(&mut faults, &self.labels, taxonomy);
        if let Some(zone) = &self.time_zone {
            let known = jiff::tz::db().get(zone).is_ok();
            faults.require(known, "/time_zone", Code::UnknownValue, || {
                format!("{zone:?} is no IANA time zone")
            });
        }
        check_attributes(&mut faults, &self.attributes);
        faults.finish()
    }
}
