//! Changes: the one way for data to come in, a line of JSON each.
//!
//! `/v1/changes`, `florilege load` and the importers speak it, the store's log keeps it, the catalogue applies it.
//! Invariant: a [`Change`] is checked; one that parsed can be applied.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::document::Publication;
use crate::event::{Event, Then};
use crate::ids::{OfferId, UserId, VenueId};
use crate::invalid::{Code, Invalid};
use crate::json;
use crate::offer::{Offer, StockPatch};
use crate::taxonomy::Taxonomy;
use crate::user::User;
use crate::venue::Venue;

/// The place of an entry in the change log, from 1, without gaps; 0 is before the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One change of the catalogue, of a reader, or an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An offer, new or replaced.
    OfferUpsert(Box<Offer>),
    /// An offer is gone.
    OfferDelete(OfferId),
    /// What is left of an offer.
    OfferStock(OfferId, StockPatch),
    /// A venue, new or replaced.
    VenueUpsert(Box<Venue>),
    /// A venue is gone; its offers stay, without it.
    VenueDelete(VenueId),
    /// A reader, new or replaced.
    UserUpsert(Box<User>),
    /// A reader is erased with all that is known of them.
    UserErase(UserId),
    /// An act.
    Event(Box<Event>),
    /// An editorial document was published or archived; comes from the editing calls alone.
    Document(Box<Publication>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    op: &'a str,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    offer: Option<&'a RawValue>,
    #[serde(borrow, default)]
    venue: Option<&'a RawValue>,
    #[serde(borrow, default)]
    user: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    then: Option<&'a RawValue>,
    #[serde(borrow, default)]
    document: Option<&'a RawValue>,
    #[serde(borrow, default)]
    bookable: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stock: Option<&'a RawValue>,
    #[serde(borrow, default)]
    price_cents: Option<&'a RawValue>,
    #[serde(borrow, default)]
    dates: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(tag = "op")]
enum Written<'a> {
    #[serde(rename = "offer.upsert")]
    OfferUpsert { offer: &'a Offer },
    #[serde(rename = "offer.delete")]
    OfferDelete { id: &'a OfferId },
    #[serde(rename = "offer.stock")]
    OfferStock {
        id: &'a OfferId,
        #[serde(flatten)]
        stock: &'a StockPatch,
    },
    #[serde(rename = "venue.upsert")]
    VenueUpsert { venue: &'a Venue },
    #[serde(rename = "venue.delete")]
    VenueDelete { id: &'a VenueId },
    #[serde(rename = "user.upsert")]
    UserUpsert { user: &'a User },
    #[serde(rename = "user.erase")]
    UserErase { id: &'a UserId },
    #[serde(rename = "event")]
    Event {
        event: &'a Event,
        #[serde(skip_serializing_if = "Option::is_none")]
        then: &'a Option<Then>,
    },
    #[serde(rename = "document")]
    Document { document: &'a Publication },
}

impl Change {
    /// Reads and checks one line from outside.
    pub fn parse(line: &[u8], taxonomy: &Taxonomy) -> Result<Self, Invalid> {
        let change = Self::parse_entry(line, taxonomy)?;
        match &change {
            Self::Document(_) => Err(Invalid::one("/op", Code::UnknownOp, UNKNOWN_OP)),
            Self::Event(event) if event.then.is_some() => {
                Err(Invalid::one("/then", Code::UnknownField, "unknown field `then`"))
            }
            Self::Event(_)
            | Self::OfferUpsert(_)
            | Self::OfferDelete(_)
            | Self::OfferStock(..)
            | Self::VenueUpsert(_)
            | Self::VenueDelete(_)
            | Self::UserUpsert(_)
            | Self::UserErase(_) => Ok(change),
        }
    }

    /// Reads and checks one line of the log, which also holds what the editing calls have published, and what the
    /// offers of events were.
    pub fn parse_entry(line: &[u8], taxonomy: &Taxonomy) -> Result<Self, Invalid> {
        let change = Self::read_entry(line)?;
        change.check(taxonomy)?;
        Ok(change)
    }

    /// Reads one line of the log, unchecked.
    pub fn read_entry(line: &[u8]) -> Result<Self, Invalid> {
        // The envelope borrows; an escaped `op` (never sent by a sane client) takes the slower way round.
        let text = std::str::from_utf8(line).map_err(|_| Invalid::one("", Code::MalformedJson, "a line is UTF-8"))?;
        let envelope: Line<'_> = match serde_json::from_str(text) {
            Ok(envelope) => envelope,
            Err(_) => return Err(Self::misshapen(line)),
        };
        envelope.read()
    }

    /// Every limit of what it carries, with pointers into the line.
    pub fn check(&self, taxonomy: &Taxonomy) -> Result<(), Invalid> {
        match self {
            Self::OfferUpsert(offer) => offer.check(taxonomy).map_err(|e| e.under("/offer")),
            Self::VenueUpsert(venue) => venue.check(taxonomy).map_err(|e| e.under("/venue")),
            Self::UserUpsert(user) => user.check().map_err(|e| e.under("/user")),
            Self::Event(event) => event.check().map_err(|e| e.under("/event")),
            Self::OfferStock(_, patch) => patch.check(),
            Self::OfferDelete(_) | Self::VenueDelete(_) | Self::UserErase(_) | Self::Document(_) => Ok(()),
        }
    }

    /// The line that [`Change::parse`] reads back.
    pub fn to_line(&self) -> String {
        let written = match self {
            Self::OfferUpsert(offer) => Written::OfferUpsert { offer },
            Self::OfferDelete(id) => Written::OfferDelete { id },
            Self::OfferStock(id, stock) => Written::OfferStock { id, stock },
            Self::VenueUpsert(venue) => Written::VenueUpsert { venue },
            Self::VenueDelete(id) => Written::VenueDelete { id },
            Self::UserUpsert(user) => Written::UserUpsert { user },
            Self::UserErase(id) => Written::UserErase { id },
            Self::Event(event) => Written::Event {
                event,
                then: &event.then,
            },
            Self::Document(document) => Written::Document { document },
        };
        // Maps with text keys and checked numbers always serialise.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Why a line has not even the outer shape.
    fn misshapen(line: &[u8]) -> Invalid {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "read only to learn which field is at fault")]
        struct Owned {
            op: String,
            id: Option<serde_json::Value>,
            offer: Option<serde_json::Value>,
            venue: Option<serde_json::Value>,
            user: Option<serde_json::Value>,
            event: Option<serde_json::Value>,
            document: Option<serde_json::Value>,
            bookable: Option<serde_json::Value>,
            stock: Option<serde_json::Value>,
            price_cents: Option<serde_json::Value>,
            dates: Option<serde_json::Value>,
        }
        match json::parse::<Owned>(line) {
            Err(invalid) => invalid,
            Ok(_) => Invalid::one("/op", Code::UnknownOp, UNKNOWN_OP),
        }
    }
}

const UNKNOWN_OP: &str =
    "op is one of offer.upsert, offer.delete, offer.stock, venue.upsert, venue.delete, user.upsert, user.erase, event";

impl Line<'_> {
    fn read(&self) -> Result<Change, Invalid> {
        match self.op {
            "offer.upsert" => self
                .only(&["offer"])
                .and_then(|()| body(self.offer, "/offer"))
                .map(|o| Change::OfferUpsert(Box::new(o))),
            "offer.delete" => self
                .only(&["id"])
                .and_then(|()| body(self.id, "/id"))
                .map(Change::OfferDelete),
            "offer.stock" => self
                .only(&["id", "bookable", "stock", "price_cents", "dates"])
                .and_then(|()| self.stock()),
            "venue.upsert" => self
                .only(&["venue"])
                .and_then(|()| body(self.venue, "/venue"))
                .map(|v| Change::VenueUpsert(Box::new(v))),
            "venue.delete" => self
                .only(&["id"])
                .and_then(|()| body(self.id, "/id"))
                .map(Change::VenueDelete),
            "user.upsert" => self
                .only(&["user"])
                .and_then(|()| body(self.user, "/user"))
                .map(|u| Change::UserUpsert(Box::new(u))),
            "user.erase" => self
                .only(&["id"])
                .and_then(|()| body(self.id, "/id"))
                .map(Change::UserErase),
            "event" => self
                .only(&["event", "then"])
                .and_then(|()| self.event())
                .map(|e| Change::Event(Box::new(e))),
            "document" => self
                .only(&["document"])
                .and_then(|()| body(self.document, "/document"))
                .map(|d| Change::Document(Box::new(d))),
            _ => Err(Invalid::one("/op", Code::UnknownOp, UNKNOWN_OP)),
        }
    }

    fn event(&self) -> Result<Event, Invalid> {
        let event = body(self.event, "/event")?;
        let then = optional(self.then, "/then")?;
        Ok(Event { then, ..event })
    }

    /// The stock stands beside `id`, or as one object under `stock`.
    fn stock(&self) -> Result<Change, Invalid> {
        let id = body(self.id, "/id")?;
        let patch = match self.stock {
            Some(nested) if nested.get().starts_with('{') => body(Some(nested), "/stock")?,
            Some(_) | None => StockPatch {
                bookable: optional(self.bookable, "/bookable")?,
                stock: optional(self.stock, "/stock")?,
                price_cents: optional(self.price_cents, "/price_cents")?,
                dates: optional(self.dates, "/dates")?,
            },
        };
        Ok(Change::OfferStock(id, patch))
    }

    /// Refuses a field that this operation does not carry.
    fn only(&self, allowed: &[&str]) -> Result<(), Invalid> {
        let given = [
            ("id", self.id.is_some()),
            ("offer", self.offer.is_some()),
            ("venue", self.venue.is_some()),
            ("user", self.user.is_some()),
            ("event", self.event.is_some()),
            ("then", self.then.is_some()),
            ("document", self.document.is_some()),
            ("bookable", self.bookable.is_some()),
            ("stock", self.stock.is_some()),
            ("price_cents", self.price_cents.is_some()),
            ("dates", self.dates.is_some()),
        ];
        match given.iter().find(|(name, is)| *is && !allowed.contains(name)) {
            Some((name, _)) => Err(Invalid::one(
                format!("/{name}"),
                Code::UnknownField,
                format!("{} carries no {name}", self.op),
            )),
            None => Ok(()),
        }
    }
}

fn body<T: serde::de::DeserializeOwned>(raw: Option<&RawValue>, pointer: &str) -> Result<T, Invalid> {
    let raw = raw.ok_or_else(|| {
        Invalid::one(
            pointer,
            Code::MissingField,
            format!("missing field `{}`", &pointer[1..]),
        )
    })?;
    json::parse(raw.get().as_bytes()).map_err(|invalid| invalid.under(pointer))
}

fn optional<T: serde::de::DeserializeOwned>(raw: Option<&RawValue>, pointer: &str) -> Result<Option<T>, Invalid> {
    raw.filter(|raw| raw.get() != "null")
        .map(|raw| body(Some(raw), pointer))
        .transpose()
}

#[cfg(test)]
mod tests;
