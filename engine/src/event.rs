//! An act of a reader, or something that was shown to one.
//!
//! What `/v1/events` takes. Invariant: every event but a search names an offer, and its identifier makes a second
//! delivery harmless.

mod then;

use serde::{Deserialize, Serialize};

use crate::ids::{EventId, OfferId, UserId};
use crate::invalid::{Code, Faults, Invalid};
use crate::time::Moment;
pub use then::{Facts, GENRES_EACH, Then};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventType {
    /// Was on the screen.
    Impression,
    /// The offer's page was opened.
    View,
    /// Was tapped in a list.
    Click,
    /// Was kept.
    Favorite,
    /// Is kept no more.
    Unfavorite,
    /// Was booked.
    Booking,
    /// The booking was undone.
    Cancellation,
    /// The reader went.
    Attendance,
    /// Liked.
    Like,
    /// Disliked.
    Dislike,
    /// Not to be shown again.
    Hide,
    /// Sent to somebody.
    Share,
    /// Written about.
    Review,
    /// Words were searched.
    Search,
}

impl EventType {
    /// The type as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Impression => "impression",
            Self::View => "view",
            Self::Click => "click",
            Self::Favorite => "favorite",
            Self::Unfavorite => "unfavorite",
            Self::Booking => "booking",
            Self::Cancellation => "cancellation",
            Self::Attendance => "attendance",
            Self::Like => "like",
            Self::Dislike => "dislike",
            Self::Hide => "hide",
            Self::Share => "share",
            Self::Review => "review",
            Self::Search => "search",
        }
    }
}

/// One event; see the contract for each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its identifier.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// To whom.
    pub user_id: UserId,
    /// With what; a search has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_id: Option<OfferId>,
    /// In which answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// At which rank of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// When.
    pub at: Moment,
    /// A number such as stars or seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The words of a review or a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// To whom it was shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_user_id: Option<UserId>,
    /// What the offer was when the store accepted the event; stands beside the event in the log, never in a body.
    #[serde(skip)]
    pub then: Option<Then>,
}

impl Event {
    /// Every limit.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::default();
        let named = self.offer_id.is_some() || self.kind == EventType::Search;
        faults.require(named, "/offer_id", Code::MissingField, || {
            "every event but a search names an offer".into()
        });
        faults.limit_text(self.text.as_deref().unwrap_or(""), 10_000, "/text");
        faults.limit_text(self.request_id.as_deref().unwrap_or(""), 64, "/request_id");
        faults.finish()
    }
}
