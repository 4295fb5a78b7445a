//! Calendars: cultural events that open and close playlists.
//!
//! A playlist that a calendar names is shown while one of its events holds. Invariant: every event ends after it
//! starts.

use serde::{Deserialize, Serialize};

use super::audience::MAX_AUDIENCE;
use super::visitor::Visitor;
use super::{Body, Head, MAX_TEXT, Shelf, Standing};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::invalid::{Code, Faults};
use crate::taxonomy::Taxonomy;
use crate::time::Moment;

/// The most events of a calendar.
pub const MAX_EVENTS: usize = 1_000;

/// An event of the cultural year, such as the night of museums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarEvent {
    /// What it is called.
    pub name: String,
    /// Its first moment.
    pub from: Moment,
    /// The first moment after it.
    pub to: Moment,
    /// Where it holds; none means everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
    /// The playlists that it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub playlists: Vec<DocumentId>,
}

impl CalendarEvent {
    /// Whether it holds at a moment, wherever.
    #[must_use]
    pub fn holds(&self, now: Moment) -> bool {
        self.from <= now && now < self.to
    }

    fn check(&self, faults: &mut Faults) {
        faults.limit_text(&self.name, MAX_TEXT, "/name");
        faults.require(!self.name.trim().is_empty(), "/name", Code::InvalidValue, || {
            "a name must not be blank".into()
        });
        faults.require(self.from < self.to, "/to", Code::InvalidValue, || {
            "to must be after from".into()
        });
        faults.limit_words(&self.territories, MAX_AUDIENCE, "/territories");
        faults.require(
            self.playlists.len() <= MAX_AUDIENCE,
            "/playlists",
            Code::TooLarge,
            || format!("at most {MAX_AUDIENCE} entries"),
        );
    }
}

/// Events of the cultural year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Its identifier.
    pub id: DocumentId,
    /// What it is called.
    pub title: String,
    /// The server's to say: taken, and not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Standing>,
    /// Whose it is; absent means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territory: Option<String>,
    /// Its events.
    #[serde(default)]
    pub events: Vec<CalendarEvent>,
}

/// Whether the calendars let a playlist be shown: one of its events holds now, and where the visitor is, or no
/// calendar names it. A calendar of a territory speaks of playlists of that territory alone.
#[must_use]
pub fn opens(shelf: &Shelf<Calendar>, playlist: &DocumentId, territory: Option<&str>, visitor: &Visitor) -> bool {
    let heard = shelf
        .iter()
        .filter(|calendar| calendar.territory.is_none() || calendar.territory.as_deref() == territory);
    let mut named = heard
        .flat_map(|calendar| &calendar.body.events)
        .filter(|event| event.playlists.contains(playlist))
        .peekable();
    let here = |event: &CalendarEvent| {
        event.territories.is_empty()
            || event
                .territories
                .iter()
                .any(|there| visitor.territories.contains(there))
    };
    named.peek().is_none() || named.any(|event| event.holds(visitor.now) && here(event))
}

impl Body for Calendar {
    const KIND: DocumentKind = DocumentKind::Calendars;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, _taxonomy: &Taxonomy, faults: &mut Faults) {
        faults.require(self.events.len() <= MAX_EVENTS, "/events", Code::TooLarge, || {
            format!("at most {MAX_EVENTS} events")
        });
        for (place, event) in self.events.iter().enumerate().take(MAX_EVENTS) {
            faults.within(&format!("/events/{place}"), |faults| event.check(faults));
        }
    }
}
