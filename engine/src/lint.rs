//! Lint by resolution: what a draft would do in this catalogue, before it is published.
//!
//! Stands over [`mod@crate::editorial::lint`], which looks at the document alone. Invariants: it is said only of drafts
//! that can be saved; every message names its place in the document and a way to mend it; nothing is stored.

mod homes;
mod playlists;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::document::DocumentKind;
use crate::editorial::audience::Audience;
use crate::editorial::lint::{Message, Severity};
use crate::editorial::{self, Calendar, Home, Playlist};
use crate::live::Generation;
use crate::time::Moment;

/// Everything that there is to say of a draft, worst first. `now` is when it would be published.
pub fn lint(generation: &Generation, kind: DocumentKind, body: &Map<String, Value>, now: Moment) -> Vec<Message> {
    let mut messages = editorial::lint(generation.catalogue(), kind, body, now);
    if messages.iter().any(|message| message.severity == Severity::Error) {
        return messages;
    }
    let value = Value::Object(body.clone());
    match kind {
        DocumentKind::Playlists => {
            if let Ok(playlist) = crate::json::from_value::<Playlist>(value) {
                messages.extend(playlists::resolved(generation, playlist, now));
            }
        }
        DocumentKind::Homes => {
            if let Ok(home) = crate::json::from_value::<Home>(value) {
                messages.extend(homes::resolved(generation, &home, now));
            }
        }
        DocumentKind::Calendars => {
            if let Ok(calendar) = crate::json::from_value::<Calendar>(value) {
                messages.extend(calendar_of(generation, &calendar, now));
            }
        }
        DocumentKind::Scenarios
        | DocumentKind::Personas
        | DocumentKind::Labels
        | DocumentKind::Synonyms
        | DocumentKind::Experiments
        | DocumentKind::Closures => {}
    }
    messages.sort_by(|a, b| (a.severity, &a.pointer).cmp(&(b.severity, &b.pointer)));
    messages
}

fn warning(
    pointer: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
    mend: impl Into<String>,
) -> Message {
    Message {
        severity: Severity::Warning,
        pointer: pointer.into(),
        code,
        message: message.into(),
        mend: Some(mend.into()),
    }
}

/// An audience that nobody can be in, as far as the catalogue knows; the pointer is that of the audience.
fn nobody(generation: &Generation, audience: &Audience, pointer: &str) -> Vec<Message> {
    let catalogue = generation.catalogue();
    let mut messages = Vec::new();
    for (place, persona) in audience.personas.iter().enumerate() {
        if catalogue.personas().find(persona.as_str()).is_none() {
            let at = format!("{pointer}/personas/{place}");
            let known: Vec<&str> = catalogue
                .personas()
                .all()
                .iter()
                .map(|persona| persona.id.as_str())
                .collect();
            let mend = format!("the personas are {}", known.join(", "));
            messages.push(warning(
                at,
                "unknown_persona",
                format!("no persona is called {persona}"),
                mend,
            ));
        }
    }
    for (place, territory) in audience.territories.iter().enumerate() {
        if !is_known(generation, territory) {
            let at = format!("{pointer}/territories/{place}");
            let message = format!("no venue and no reader is in territory {territory}");
            messages.push(warning(
                at,
                "unknown_territory",
                message,
                "mend the name, or remove the territory",
            ));
        }
    }
    messages
}

fn is_known(generation: &Generation, territory: &str) -> bool {
    let catalogue = generation.catalogue();
    let named =
        |words: &[crate::catalogue::words::Word]| words.iter().any(|word| catalogue.words().text(*word) == territory);
    let venue = catalogue.venues().any(|venue| {
        let department = venue.document.as_ref().and_then(|venue| venue.department.as_deref());
        named(&venue.territories) || department == Some(territory)
    });
    venue
        || catalogue.readers().any(|(_, reader)| {
            let profile = reader.profile.as_ref();
            profile.is_some_and(|user| {
                user.department.as_deref() == Some(territory) || user.territories.iter().any(|own| own == territory)
            })
        })
}

/// A schedule that is over when the draft is published.
fn over(to: Option<Moment>, now: Moment) -> Option<Message> {
    let message = format!("it ended {}", to?);
    (to? <= now).then(|| {
        warning(
            "/schedule/to",
            "over",
            message,
            "move the end, or leave the schedule out",
        )
    })
}

fn calendar_of(generation: &Generation, calendar: &Calendar, now: Moment) -> Vec<Message> {
    let playlists = generation.catalogue().editorial().playlists();
    let mut messages = Vec::new();
    for (place, event) in calendar.events.iter().enumerate() {
        if event.to <= now {
            let message = format!("{} is over", event.name);
            messages.push(warning(
                format!("/events/{place}/to"),
                "over",
                message,
                "move it to its next date, or remove it",
            ));
        }
        for (at, id) in event.playlists.iter().enumerate() {
            let pointer = format!("/events/{place}/playlists/{at}");
            match playlists.get(id.as_str()) {
                None => {
                    let message = format!("no playlist {id} is published");
                    messages.push(warning(
                        pointer,
                        "unpublished_playlist",
                        message,
                        "publish the playlist first",
                    ));
                }
                Some(playlist) if calendar.territory.is_some() && playlist.territory != calendar.territory => {
                    let message = format!("playlist {id} is not of this territory: its calendar has no say");
                    messages.push(warning(
                        pointer,
                        "outside_territory",
                        message,
                        "name playlists of the territory",
                    ));
                }
                Some(_) => {}
            }
        }
    }
    messages
}
