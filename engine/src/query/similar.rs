//! `POST /v1/similar`: a list near to an offer or to some works.
//!
//! The request of a recommendation with what it is to be near to. Invariant: a checked request names either one offer
//! or at least one work.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::RecommendationRequest;
use crate::catalogue::Catalogue;
use crate::ids::{ItemId, OfferId};
use crate::invalid::{Code, Faults, Invalid};
use crate::json;

/// The most works that a list may be near to.
const MAX_ITEMS: usize = 100;

/// What the list is near to, and how it is made.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SimilarRequest {
    /// Near to the work of this offer.
    pub offer_id: Option<OfferId>,
    /// Near to these works.
    pub item_ids: Option<Vec<ItemId>>,
    /// As for recommendations.
    #[serde(flatten)]
    pub list: RecommendationRequest,
}

/// What is not a field of recommendations.
#[derive(Deserialize)]
struct Near {
    offer_id: Option<OfferId>,
    item_ids: Option<Vec<ItemId>>,
}

impl SimilarRequest {
    /// Reads a request; the list's own fields are as strict as those of recommendations.
    pub fn read(mut fields: Map<String, Value>) -> Result<Self, Invalid> {
        let names = ["offer_id", "item_ids"];
        let near = names.iter().filter_map(|name| fields.remove_entry(*name)).collect();
        let Near { offer_id, item_ids } = json::from_value(Value::Object(near))?;
        Ok(Self {
            offer_id,
            item_ids,
            list: json::from_value(Value::Object(fields))?,
        })
    }

    /// Every limit of the contract.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        let (offer, items) = (self.offer_id.is_some(), self.item_ids.as_deref());
        faults.require(offer || items.is_some(), "/offer_id", Code::MissingField, || {
            "say what the list is near to, by offer_id or by item_ids".into()
        });
        faults.require(!offer || items.is_none(), "/item_ids", Code::InvalidValue, || {
            "either offer_id or item_ids, not both".into()
        });
        let count = items.map(<[ItemId]>::len);
        faults.require(count != Some(0), "/item_ids", Code::InvalidValue, || {
            "at least one work".into()
        });
        let fits = count.is_none_or(|count| count <= MAX_ITEMS);
        faults.require(fits, "/item_ids", Code::TooLarge, || {
            format!("at most {MAX_ITEMS} works")
        });
        faults.finish()?;
        self.list.check()
    }

    /// The works that the list is near to. All must be known, unless the list was `begun` while they were.
    pub fn works(&self, catalogue: &Catalogue, begun: bool) -> Result<Vec<ItemId>, Invalid> {
        if let Some(offer) = &self.offer_id {
            let row = catalogue.find(offer.as_str()).and_then(|row| catalogue.offer(row));
            let item = row.and_then(|row| Some(catalogue.item(row.item)?.id.clone()));
            let gone = begun.then(|| ItemId::from(offer.clone()));
            return item
                .or(gone)
                .map(|item| vec![item])
                .ok_or_else(|| unknown("/offer_id", "offer"));
        }
        let items = self.item_ids.clone().unwrap_or_default();
        match items
            .iter()
            .position(|item| catalogue.find_item(item.as_str()).is_none())
        {
            Some(place) if !begun => Err(unknown(&format!("/item_ids/{place}"), "work")),
            Some(_) | None => Ok(items),
        }
    }
}

fn unknown(pointer: &str, what: &str) -> Invalid {
    Invalid::one(pointer, Code::UnknownValue, format!("there is no such {what}"))
}
