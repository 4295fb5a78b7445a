//! The context of a request: where, when, and what is known of the reader at this moment.
//!
//! Part of every serving request. Invariant: what the context says wins over what is stored of the reader.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::filters::Need;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::UserId;
use crate::invalid::{Code, Faults};
use crate::money::Cents;
use crate::reason::Language;
use crate::time::Moment;

/// The most events of a visit or friends.
pub const MAX_COMPANY: usize = 1_000;
/// The most members of a group that goes out together.
pub const MAX_GROUP: usize = 50;

/// Where, when and who; see the contract for each field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// The moment of the answer; the server's clock where absent.
    pub now: Option<Moment>,
    /// Where the reader is.
    pub position: Option<Position>,
    /// How far the reader would go at most, in metres.
    pub radius_m: Option<f64>,
    /// Age in years; absent fails any minimum age.
    pub age: Option<u8>,
    /// Credit left in cents; absent means no budget filter, 0 free offers only.
    pub credit_cents: Option<Cents>,
    /// What is left of it for digital offers, in cents.
    pub digital_credit_cents: Option<Cents>,
    /// A mixture over personas.
    pub persona: BTreeMap<String, f64>,
    /// This visit's acts of an unknown reader.
    pub events: Vec<Event>,
    /// Close ones.
    pub friends: Vec<UserId>,
    /// A group that goes out together.
    pub users: Vec<UserId>,
    /// What must be accessible.
    pub accessibility: Vec<Need>,
    /// Whether only digital offers can be used.
    pub digital_only: bool,
    /// The language of the reasons; French where absent. The header `accept-language` sets it too.
    pub language: Option<Language>,
}

impl Context {
    /// Every limit.
    pub(crate) fn check(&self, faults: &mut Faults) {
        let radius = self
            .radius_m
            .is_none_or(|r| (0.0..=super::filters::MAX_RADIUS_M).contains(&r));
        faults.require(radius, "/context/radius_m", Code::InvalidValue, || {
            "between 0 and 20,100,000 metres".into()
        });
        for (count, pointer) in [
            (self.events.len(), "/context/events"),
            (self.friends.len(), "/context/friends"),
            (self.persona.len(), "/context/persona"),
        ] {
            faults.require(count <= MAX_COMPANY, pointer, Code::TooLarge, || {
                format!("at most {MAX_COMPANY} entries")
            });
        }
        faults.require(self.users.len() <= MAX_GROUP, "/context/users", Code::TooLarge, || {
            format!("at most {MAX_GROUP} members of a group")
        });
        for (name, share) in &self.persona {
            let fits = (0.0..=1e6).contains(share);
            faults.require(fits, &format!("/context/persona/{name}"), Code::InvalidValue, || {
                "a share ≥ 0".into()
            });
        }
    }
}
