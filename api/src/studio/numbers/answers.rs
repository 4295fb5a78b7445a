//! In which list of an answer an offer stood: a module of a home, a playlist, or another list.
//!
//! Read from the answers that the store keeps, each once a count. Invariant: as much is read of an answer as names
//! its lists; what is no answer of ours names none.

use std::collections::HashMap;

use serde::Deserialize;

/// Where an offer was shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// A module of a home; the built-in home has no identifier.
    Module(String, String),
    /// A playlist, on its own or in a module.
    Playlist(String),
    /// A list that is neither, by its kind.
    List(String),
    /// Not in an answer that is still kept.
    Elsewhere,
}

/// What of a kept answer names its lists.
#[derive(Debug, Deserialize)]
struct Kept {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    answer: Answer,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    home: Option<Named>,
    playlist: Option<Named>,
    modules: Vec<Module>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Module {
    id: String,
    #[serde(default)]
    playlist: Option<Named>,
    #[serde(default)]
    offers: Vec<Named>,
}

/// The places of one answer.
#[derive(Debug)]
pub(super) enum Answered {
    /// All of it is one list.
    One(Place),
    /// A page: the places of each offer.
    Page(HashMap<String, Vec<Place>>),
}

impl Answered {
    /// Reads a kept answer.
    pub(super) fn read(body: &str) -> Self {
        let Ok(kept) = serde_json::from_str::<Kept>(body) else {
            return Self::One(Place::Elsewhere);
        };
        if let Some(playlist) = kept.answer.playlist {
            return Self::One(Place::Playlist(playlist.id));
        }
        if kept.answer.modules.is_empty() {
            return Self::One(Place::List(kept.kind));
        }
        let home = kept.answer.home.map_or_else(String::new, |home| home.id);
        let mut offers: HashMap<String, Vec<Place>> = HashMap::new();
        for module in kept.answer.modules {
            let own = Place::Module(home.clone(), module.id);
            let playlist = module.playlist.map(|playlist| Place::Playlist(playlist.id));
            for offer in module.offers {
                let places = std::iter::once(own.clone()).chain(playlist.clone());
                offers.entry(offer.id).or_default().extend(places);
            }
        }
        Self::Page(offers)
    }

    /// Where an offer stood in it.
    pub(super) fn places(&self, offer: Option<&str>) -> &[Place] {
        const ELSEWHERE: &[Place] = &[Place::Elsewhere];
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Page(offers) => offer
                .and_then(|offer| offers.get(offer))
                .map_or(ELSEWHERE, Vec::as_slice),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn places(body: Value, offer: &str) -> Vec<Place> {
        Answered::read(&body.to_string()).places(Some(offer)).to_vec()
    }

    #[test]
    fn a_place_is_a_module_a_playlist_or_a_kind_of_list() {
        let page = json!({"kind": "feed", "request": {"x": 1}, "answer": {"home": {"id": "h", "version": 2}, "modules": [
            {"id": "a", "kind": "new", "playlist": null, "offers": [{"id": "x", "title": "X"}]},
            {"id": "b", "playlist": {"id": "p", "version": 1}, "offers": [{"id": "y"}]}]}});
        let module = |id: &str| Place::Module("h".into(), id.into());
        let playlist = Place::Playlist("p".into());
        assert_eq!(places(page.clone(), "x"), [module("a")]);
        assert_eq!(places(page.clone(), "y"), [module("b"), playlist.clone()]);
        assert_eq!(places(page, "z"), [Place::Elsewhere]);
        let alone = json!({"kind": "playlist", "answer": {"playlist": {"id": "p"}, "offers": [{"id": "y"}]}});
        assert_eq!(places(alone, "any"), [playlist]);
        let list = json!({"kind": "recommendations", "answer": {"offers": []}});
        assert_eq!(places(list, "x"), [Place::List("recommendations".into())]);
        assert_eq!(places(json!([1]), "x"), [Place::Elsewhere]);
    }
}
