//! Random changes against a plain model: maps in memory and a list for the log.

use std::collections::{BTreeMap, BTreeSet};

use florilege_engine::event::Event;
use florilege_engine::ids::{OfferId, UserId, VenueId};
use florilege_engine::offer::Offer;
use florilege_engine::user::User;
use florilege_engine::venue::Venue;

use super::*;

/// The store as one would write it on paper.
#[derive(Default)]
struct Model {
    offers: BTreeMap<OfferId, Offer>,
    venues: BTreeMap<VenueId, Venue>,
    users: BTreeMap<UserId, User>,
    events: Vec<Event>,
    /// Each entry with the reader it is about.
    log: Vec<(Option<UserId>, Option<Change>)>,
    /// Readers that some kept change has mentioned, and that were not erased since.
    mentioned: BTreeSet<UserId>,
}

impl Model {
    fn apply(&mut self, change: &Change) -> &'static str {
        match change {
            Change::OfferUpsert(offer) => {
                let old = self.offers.get(&offer.id).and_then(|old| old.updated_at);
                if matches!((old, offer.updated_at), (Some(old), Some(new)) if new < old) {
                    return "older";
                }
                self.offers.insert(offer.id.clone(), (**offer).clone());
                self.append(None, change)
            }
            Change::OfferDelete(id) => match self.offers.remove(id) {
                Some(_) => self.append(None, change),
                None => "unknown",
            },
            Change::OfferStock(id, patch) => match self.offers.get_mut(id) {
                Some(offer) => {
                    offer.patch(patch);
                    self.append(None, change)
                }
                None => "unknown",
            },
            Change::VenueUpsert(venue) => {
                self.venues.insert(venue.id.clone(), (**venue).clone());
                self.append(None, change)
            }
            Change::VenueDelete(id) => match self.venues.remove(id) {
                Some(_) => self.append(None, change),
                None => "unknown",
            },
            Change::UserUpsert(user) => self.upsert(user, change),
            Change::UserErase(id) => self.erase(id, change),
            Change::Event(event) => self.keep(event, change),
            Change::Document(_) => "unknown",
        }
    }

    fn append(&mut self, reader: Option<&UserId>, change: &Change) -> &'static str {
        self.log.push((reader.cloned(), Some(change.clone())));
        "applied"
    }

    fn upsert(&mut self, user: &User, change: &Change) -> &'static str {
        let agreed = self.users.get(&user.id).is_some_and(|old| old.consents.personalisation);
        if agreed && !user.consents.personalisation {
            self.events.retain(|event| event.user_id != user.id);
            for (reader, line) in &mut self.log {
                if reader.as_ref() == Some(&user.id) && matches!(line, Some(Change::Event(_))) {
                    *line = None;
                }
            }
        }
        self.users.insert(user.id.clone(), user.clone());
        self.mentioned.insert(user.id.clone());
        self.mentioned.extend(user.friends.iter().cloned());
        self.append(Some(&user.id), change)
    }

    fn erase(&mut self, id: &UserId, change: &Change) -> &'static str {
        if !self.mentioned.remove(id) {
            return "unknown";
        }
        self.users.remove(id);
        self.events.retain(|event| event.user_id != *id);
        self.users
            .values_mut()
            .for_each(|user| user.friends.retain(|friend| friend != id));
        let clean = |event: &mut Event| event.to_user_id = event.to_user_id.take().filter(|to| to != id);
        self.events.iter_mut().for_each(clean);
        for (reader, line) in &mut self.log {
            if reader.as_ref() == Some(id) {
                (*reader, *line) = (None, None);
            }
            match line {
                Some(Change::UserUpsert(user)) => user.friends.retain(|friend| friend != id),
                Some(Change::Event(event)) => clean(event),
                _ => {}
            }
        }
        self.append(None, change)
    }

    fn keep(&mut self, event: &Event, change: &Change) -> &'static str {
        if !self
            .users
            .get(&event.user_id)
            .is_some_and(|user| user.consents.personalisation)
        {
            return "no consent";
        }
        if self.events.iter().any(|known| known.id == event.id) {
            return "duplicate";
        }
        self.events.push(event.clone());
        self.mentioned.extend(event.to_user_id.clone());
        self.append(Some(&event.user_id), change)
    }

    fn state(&self) -> Vec<Change> {
        let venues = self
            .venues
            .values()
            .map(|venue| Change::VenueUpsert(Box::new(venue.clone())));
        let offers = self
            .offers
            .values()
            .map(|offer| Change::OfferUpsert(Box::new(offer.clone())));
        let users = self
            .users
            .values()
            .map(|user| Change::UserUpsert(Box::new(user.clone())));
        let events = self.events.iter().map(|event| Change::Event(Box::new(event.clone())));
        venues.chain(offers).chain(users).chain(events).collect()
    }
}

fn draw(random: &mut Random) -> Change {
    let offer_id = format!("o{}", random.below(12));
    let names = ["ana", "bo", "cy", "du", "eve", "fé"];
    let name = names[random.below(6) as usize];
    let other = names[random.below(6) as usize];
    match random.below(20) {
        0..=4 => {
            let day = random.below(28) + 1;
            let at = (random.below(2) == 0).then(|| format!("2026-11-{day:02}T00:00:00Z"));
            let offer = serde_json::json!({"id": offer_id, "title": format!("t{day}"), "subcategory": "LIVRE_PAPIER", "updated_at": at});
            change(&serde_json::json!({"op": "offer.upsert", "offer": offer}).to_string())
        }
        5..=7 => stock(&offer_id, random.below(9) as u32),
        8 => delete(&offer_id),
        9 => change(&format!(
            r#"{{"op":"venue.upsert","venue":{{"id":"v{}","name":"n"}}}}"#,
            random.below(4)
        )),
        10 => change(&format!(r#"{{"op":"venue.delete","id":"v{}"}}"#, random.below(4))),
        11..=13 => user(name, &[other], random.below(4) > 0),
        14 => erase(name),
        _ => event(
            &format!("e{}", random.below(60)),
            name,
            (random.below(2) == 0).then_some(other),
        ),
    }
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied(_) => "applied",
        Outcome::Ignored(Ignored::Older) => "older",
        Outcome::Ignored(Ignored::Duplicate) => "duplicate",
        Outcome::Ignored(Ignored::NoConsent) => "no consent",
        Outcome::Rejected(_) => "unknown",
    }
}

pub(super) async fn random_changes_equal_a_plain_model(place: &Place) {
    let mut random = Random(7);
    let mut model = Model::default();
    let mut store = place.open().await;
    let mut started_at = 0;
    for round in 0..120 {
        let changes: Vec<Change> = (0..=random.below(30)).map(|_| draw(&mut random)).collect();
        let expected: Vec<&str> = changes.iter().map(|change| model.apply(change)).collect();
        let appended = submit(&store, changes).await;
        let fates: Vec<&str> = appended.outcomes.iter().map(word).collect();
        assert_eq!(fates, expected, "round {round}");
        assert_eq!(appended.sequence, Sequence(model.log.len() as u64));
        if round % 20 == 19 {
            compare(&store, &model, started_at).await;
        }
        if round % 40 == 39 {
            store.close().await;
            store = place.open().await;
            started_at = model.log.len();
            compare(&store, &model, started_at).await;
        }
    }
    assert!(model.log.len() > 800, "the test must not test nothing");
}

/// The log, entry by entry, and the current state. A process that was started after an erasure knows nothing of the
/// reader any more: that entry is empty to it.
async fn compare(store: &Store, model: &Model, started_at: usize) {
    let log = whole_log(store).await;
    assert_gapless(&log);
    assert_eq!(log.len(), model.log.len());
    for (place, (entry, (_, expected))) in log.iter().zip(&model.log).enumerate() {
        let is_gone = place < started_at && matches!(expected, Some(Change::UserErase(_)));
        let expected = expected.as_ref().filter(|_| !is_gone);
        assert_eq!(entry.change.as_ref(), expected, "entry {}", place + 1);
    }
    let (sequence, state) = whole_state(store).await;
    assert_eq!(sequence, Sequence(model.log.len() as u64));
    let by_text = |changes: Vec<Change>| changes.iter().map(Change::to_line).collect::<BTreeSet<String>>();
    assert_eq!(by_text(state), by_text(model.state()));
}
