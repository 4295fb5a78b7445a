//! An offer: one work or event at one place, as the booking core sends it.
//!
//! The document that `/v1/offers` takes and gives back. Invariant: [`Offer::check`] has passed for every offer that
//! the store or the catalogue holds.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::geo::Position;
use crate::ids::{ItemId, OfferId, VenueId};
use crate::invalid::{Code, Faults, Invalid};
use crate::money::Cents;
use crate::taxonomy::Taxonomy;
use crate::time::Moment;

/// The longest title, in characters.
pub const MAX_TITLE: usize = 1_000;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 50_000;
/// The most entries of a list of words.
pub const MAX_WORDS: usize = 200;
/// The most dates of an offer.
pub const MAX_DATES: usize = 5_000;
/// The most dimensions of a vector.
pub const MAX_VECTOR: usize = 4_096;
/// The most bytes of `attributes` as JSON.
pub const MAX_ATTRIBUTES_BYTES: usize = 65_536;

/// What a place or an offer is accessible for; what is not said is false.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts, named by the contract"
)]
pub struct Accessibility {
    /// For deaf and hard of hearing people.
    pub audio: bool,
    /// For people with a mental disability.
    pub mental: bool,
    /// For people with a motor disability.
    pub motor: bool,
    /// For blind and partially sighted people.
    pub visual: bool,
}

/// Counts that the booking core gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Popularity {
    /// Bookings of the last 7 days.
    pub bookings_7d: u32,
    /// Bookings of the last 14 days.
    pub bookings_14d: u32,
    /// Bookings of the last 28 days.
    pub bookings_28d: u32,
    /// Likes, ever.
    pub likes: u32,
}

/// One offer; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its identifier.
    pub id: OfferId,
    /// The work; the offer's own identifier where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// Who offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// What it is called.
    pub title: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A key of the taxonomy.
    pub subcategory: String,
    /// Genres, free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
    /// Authors, artists, directors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<String>,
    /// Editorial tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Levers that the taxonomy declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Where it takes place, if not at the venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The price; absent means unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_cents: Option<Cents>,
    /// When; none means always available.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Moment>,
    /// Whether the booking core lets it be booked.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub bookable: bool,
    /// Places or copies left; absent means unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// Whether two seats can be booked at once.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub duo: bool,
    /// The youngest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    /// The oldest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u8>,
    /// Accessibility of the offer itself.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub accessibility: Accessibility,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// When it was first published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Moment>,
    /// Before this moment it cannot be booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_opens_at: Option<Moment>,
    /// Offers that accompany it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked_offers: Vec<OfferId>,
    /// Counts from the booking core.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub popularity: Popularity,
    /// A content vector from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<Vec<f32>>,
    /// Passes through.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    /// Lets an older change be ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Moment>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

/// The hot path of a catalogue: what changes by the minute. An absent field stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StockPatch {
    /// Whether it can be booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookable: Option<bool>,
    /// What is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// The new price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_cents: Option<Cents>,
    /// All dates, replacing those before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Vec<Moment>>,
}

impl StockPatch {
    /// The limits of the patch.
    pub fn check(&self) -> Result<(), Invalid> {
        let count = self.dates.as_ref().map_or(0, Vec::len);
        let mut faults = Faults::default();
        faults.require(count <= MAX_DATES, "/dates", Code::TooLarge, || {
            format!("at most {MAX_DATES} dates")
        });
        faults.finish()
    }
}

impl Offer {
    /// The document as an answer shows it: every field, absent ones with their defaults.
    pub fn full(&self) -> Value {
        let compact = serde_json::to_value(self).unwrap_or_default();
        crate::json::complete(
            compact,
            &[
                ("item_id", json!(self.id)),
                ("venue_id", json!(null)),
                ("description", json!(null)),
                ("genres", json!([])),
                ("creators", json!([])),
                ("tags", json!([])),
                ("labels", json!([])),
                ("position", json!(null)),
                ("price_cents", json!(null)),
                ("dates", json!([])),
                ("bookable", json!(true)),
                ("stock", json!(null)),
                ("duo", json!(false)),
                ("min_age", json!(null)),
                ("max_age", json!(null)),
                (
                    "accessibility",
                    json!({"audio": false, "mental": false, "motor": false, "visual": false}),
                ),
                ("language", json!(null)),
                ("image_url", json!(null)),
                ("published_at", json!(null)),
                ("booking_opens_at", json!(null)),
                ("linked_offers", json!([])),
                (
                    "popularity",
                    json!({"bookings_7d": 0, "bookings_14d": 0, "bookings_28d": 0, "likes": 0}),
                ),
                ("vector", json!(null)),
                ("attributes", json!({})),
                ("updated_at", json!(null)),
            ],
        )
    }

    /// The work: its own identifier where none is named.
    pub fn item(&self) -> ItemId {
        self.item_id.clone().unwrap_or_else(|| self.id.clone().into())
    }

    /// Every limit and every reference to the taxonomy.
    pub fn check(&self, taxonomy: &Taxonomy) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        self.check_texts(&mut faults);
        self.check_ages(&mut faults);
        self.check_vector(&mut faults);
        let known = taxonomy.find(&self.subcategory).is_some();
        faults.require(known, "/subcategory", Code::UnknownSubcategory, || {
            format!("the taxonomy has no subcategory {:?}", self.subcategory)
        });
        check_labels(&mut faults, &self.labels, taxonomy);
        let linked = self.linked_offers.len();
        faults.require(linked <= MAX_WORDS, "/linked_offers", Code::TooLarge, || {
            format!("at most {MAX_WORDS} entries")
        });
        faults.require(self.dates.len() <= MAX_DATES, "/dates", Code::TooLarge, || {
            format!("at most {MAX_DATES} dates")
        });
        check_attributes(&mut faults, &self.attributes);
        faults.finish()
    }

    fn check_texts(&self, faults: &mut Faults) {
        faults.require(!self.title.trim().is_empty(), "/title", Code::InvalidValue, || {
            "a title must not be blank".into()
        });
        faults.limit_text(&self.title, MAX_TITLE, "/title");
        faults.limit_text(
            self.description.as_deref().unwrap_or(""),
            MAX_DESCRIPTION,
            "/description",
        );
        faults.limit_text(self.language.as_deref().unwrap_or(""), 35, "/language");
        faults.limit_text(self.image_url.as_deref().unwrap_or(""), 2_048, "/image_url");
        faults.limit_words(&self.genres, MAX_WORDS, "/genres");
        faults.limit_words(&self.creators, MAX_WORDS, "/creators");
        faults.limit_words(&self.tags, MAX_WORDS, "/tags");
    }

    fn check_ages(&self, faults: &mut Faults) {
        if let (Some(min), Some(max)) = (self.min_age, self.max_age) {
            faults.require(min <= max, "/max_age", Code::InvalidValue, || {
                "max_age must not be below min_age".into()
            });
        }
    }

    fn check_vector(&self, faults: &mut Faults) {
        let vector = self.vector.as_deref().unwrap_or(&[]);
        faults.require(vector.len() <= MAX_VECTOR, "/vector", Code::TooLarge, || {
            format!("at most {MAX_VECTOR} dimensions")
        });
        let finite = vector.iter().all(|x| x.is_finite());
        faults.require(finite, "/vector", Code::InvalidValue, || {
            "every component must be finite".into()
        });
    }

    /// The offer after a change of stock.
    pub fn patch(&mut self, patch: &StockPatch) {
        self.bookable = patch.bookable.unwrap_or(self.bookable);
        self.stock = patch.stock.or(self.stock);
        self.price_cents = patch.price_cents.or(self.price_cents);
        if let Some(dates) = &patch.dates {
            self.dates.clone_from(dates);
        }
    }
}

pub(crate) fn check_labels(faults: &mut Faults, labels: &[String], taxonomy: &Taxonomy) {
    faults.limit_words(labels, MAX_WORDS, "/labels");
    for (place, label) in labels.iter().enumerate() {
        faults.require(
            taxonomy.labels().contains(label),
            &format!("/labels/{place}"),
            Code::UnknownValue,
            || {
                format!(
                    "{label:?} is no label; the taxonomy declares {}",
                    taxonomy.labels().join(", ")
                )
            },
        );
    }
}

pub(crate) fn check_attributes(faults: &mut Faults, attributes: &Map<String, Value>) {
    let bytes = if attributes.is_empty() {
        0
    } else {
        serde_json::to_string(attributes).map_or(usize::MAX, |text| text.len())
    };
    faults.require(bytes <= MAX_ATTRIBUTES_BYTES, "/attributes", Code::TooLarge, || {
        format!("at most {MAX_ATTRIBUTES_BYTES} bytes")
    });
}
