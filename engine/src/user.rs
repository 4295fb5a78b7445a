//! A reader as the booking core describes one: no name, no address, only what tailors a list.
//!
//! The document that `/v1/users` takes and gives back. Invariant: a field that names a person is refused, and an
//! absent consent is a refusal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::geo::Position;
use crate::ids::UserId;
use crate::invalid::{Code, Faults, Invalid};
use crate::money::Cents;
use crate::offer::MAX_WORDS;
use crate::query::Filters;

/// What the reader has agreed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Consents {
    /// Learning from acts, and lists made for this reader.
    pub personalisation: bool,
    /// Showing what friends like, and being shown to them.
    pub social: bool,
    /// Use in anonymised research data.
    pub research: bool,
}

/// Money for a set of offers alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// What it is called.
    pub name: String,
    /// What is left.
    pub cents: Cents,
    /// Which offers it pays, as search filters.
    #[serde(default)]
    pub filter: Map<String, Value>,
}

impl Wallet {
    /// The filter, read and checked; an empty one matches every offer.
    pub fn filters(&self) -> Result<Filters, Invalid> {
        let filters: Filters = crate::json::from_value(Value::Object(self.filter.clone()))?;
        let mut faults = Faults::default();
        filters.check(&mut faults);
        faults.finish()?;
        Ok(filters)
    }
}

/// One reader; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// Year of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<u16>,
    /// Home, as coarse as the booking core likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The department's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Every territory the reader belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// Categories that the reader says to practise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub practices: Vec<String>,
    /// Answers of the onboarding questionnaire.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub questionnaire: Map<String, Value>,
    /// A persona that the booking core gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Value>,
    /// Credit left; absent means no budget filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_cents: Option<Cents>,
    /// What is left of it for digital offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digital_credit_cents: Option<Cents>,
    /// Other purses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wallets: Vec<Wallet>,
    /// Close ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub friends: Vec<UserId>,
    /// What the reader agreed to.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub consents: Consents,
    /// Segments of the booking core.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
}

impl User {
    /// The document as an answer shows it: every field, absent ones with their defaults.
    pub fn full(&self) -> Value {
        let compact = serde_json::to_value(self).unwrap_or_default();
        crate::json::complete(
            compact,
            &[
                ("birth_year", json!(null)),
                ("position", json!(null)),
                ("department", json!(null)),
                ("territories", json!([])),
                ("practices", json!([])),
                ("questionnaire", json!({})),
                ("persona", json!(null)),
                ("credit_cents", json!(null)),
                ("digital_credit_cents", json!(null)),
                ("wallets", json!([])),
                ("friends", json!([])),
                (
                    "consents",
                    json!({"personalisation": false, "social": false, "research": false}),
                ),
                ("segments", json!([])),
            ],
        )
    }

    /// Every limit.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        if let Some(year) = self.birth_year {
            faults.require((1900..=2100).contains(&year), "/birth_year", Code::InvalidValue, || {
                "between 1900 and 2100".into()
            });
        }
        faults.limit_words(&self.territories, MAX_WORDS, "/territories");
        faults.limit_words(&self.practices, MAX_WORDS, "/practices");
        faults.limit_words(&self.segments, MAX_WORDS, "/segments");
        faults.require(self.friends.len() <= 5_000, "/friends", Code::TooLarge, || {
            "at most 5000 friends".into()
        });
        faults.require(self.wallets.len() <= 20, "/wallets", Code::TooLarge, || {
            "at most 20 wallets".into()
        });
        faults.require(
            self.persona.as_ref().is_none_or(is_mixture),
            "/persona",
            Code::InvalidValue,
            || "the identifier of a persona, or an object of shares at least 0".into(),
        );
        faults.finish()?;
        let at = |place: usize| format!("/wallets/{place}/filter");
        let read = |(place, wallet): (usize, &Wallet)| wallet.filters().map(drop).map_err(|wrong| (place, wrong));
        let wrong = self.wallets.iter().enumerate().find_map(|one| read(one).err());
        wrong.map_or(Ok(()), |(place, wrong)| {
            // A filter's own faults point from where the filter starts.
            Err(strip(wrong, "/filters").under(&at(place)))
        })
    }
}

fn strip(mut wrong: Invalid, prefix: &str) -> Invalid {
    for fault in &mut wrong.0 {
        if let Some(rest) = fault.pointer.strip_prefix(prefix) {
            fault.pointer = rest.to_owned();
        }
    }
    wrong
}

/// A persona as a profile names it: one identifier, or shares of several.
fn is_mixture(value: &Value) -> bool {
    let share = |share: &Value| share.as_f64().is_some_and(|share| (0.0..=1e6).contains(&share));
    match value {
        Value::Null => true,
        Value::String(id) => !id.trim().is_empty() && id.len() <= 256,
        Value::Object(shares) => shares.len() <= 1_000 && shares.values().all(share),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
    }
}
