//! Random logs in which offers and venues change and go: what a live process has learnt of its readers against one that
//! starts from what a store hands over, and against one that starts in the middle and reads the log on.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::event::{Event, Facts, Then};
use crate::ids::{OfferId, UserId, VenueId};
use crate::offer::Offer;
use crate::taxonomy::Taxonomy;
use crate::user::User;
use crate::venue::Venue;

const KINDS: [&str; 5] = ["LIVRE_PAPIER", "SEANCE_CINE", "VISITE", "CONCERT", "VOD"];
const TYPES: [&str; 9] = [
    "booking",
    "booking",
    "booking",
    "cancellation",
    "impression",
    "hide",
    "like",
    "attendance",
    "click",
];
const NOW: i64 = 1_790_000_000_000;

static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);

fn change(line: &Value) -> Change {
    Change::parse(line.to_string().as_bytes(), &TAXONOMY).expect("a change")
}

/// A store as one would write it on paper: what stands, and the log with what events' offers were.
#[derive(Default)]
struct Paper {
    offers: BTreeMap<OfferId, Offer>,
    venues: BTreeMap<VenueId, Venue>,
    users: BTreeMap<UserId, User>,
    log: Vec<Option<Change>>,
    /// Every entry as it was when it was written.
    lived: Vec<Change>,
}

impl Paper {
    fn write(&mut self, mut change: Change) {
        match &mut change {
            Change::OfferUpsert(offer) => _ = self.offers.insert(offer.id.clone(), (**offer).clone()),
            Change::OfferDelete(id) => _ = self.offers.remove(id),
            Change::VenueUpsert(venue) => _ = self.venues.insert(venue.id.clone(), (**venue).clone()),
            Change::VenueDelete(id) => _ = self.venues.remove(id),
            Change::UserUpsert(user) => {
                if !user.consents.personalisation {
                    self.forget(&user.id);
                }
                self.users.insert(user.id.clone(), (**user).clone());
            }
            Change::UserErase(id) => {
                self.forget(id);
                self.users.remove(id);
                let of_reader =
                    |entry: &&mut Option<Change>| matches!(entry, Some(Change::UserUpsert(user)) if user.id == *id);
                self.log.iter_mut().filter(of_reader).for_each(|entry| *entry = None);
            }
            Change::Event(event) => {
                let agrees = |user: &User| user.consents.personalisation;
                if !self.users.get(&event.user_id).is_some_and(agrees) {
                    return;
                }
                event.then = Some(self.then(event.offer_id.as_ref().expect("an offer")));
            }
            Change::OfferStock(..) | Change::Document(_) => {}
        }
        self.lived.push(change.clone());
        self.log.push(Some(change));
    }

    fn then(&self, id: &OfferId) -> Then {
        let Some(offer) = self.offers.get(id) else {
            return Then::Unknown;
        };
        let venue = offer.venue_id.as_ref().and_then(|venue| self.venues.get(venue));
        Then::Known(Box::new(Facts::of(offer, venue.and_then(|venue| venue.kind.clone()))))
    }

    fn forget(&mut self, id: &UserId) {
        let of_reader =
            |entry: &&mut Option<Change>| matches!(entry, Some(Change::Event(event)) if event.user_id == *id);
        self.log.iter_mut().filter(of_reader).for_each(|entry| *entry = None);
    }

    fn catalogue(&self) -> Vec<Change> {
        let venues = self.venues.values().cloned().map(Box::new).map(Change::VenueUpsert);
        let offers = self.offers.values().cloned().map(Box::new).map(Change::OfferUpsert);
        venues.chain(offers).collect()
    }

    fn readers(&self, until: usize) -> Vec<Change> {
        let users = self.users.values().cloned().map(Box::new).map(Change::UserUpsert);
        let entries = self.log[..until].iter().flatten();
        let events = entries.filter(|entry| matches!(entry, Change::Event(_)));
        users.chain(events.cloned()).collect()
    }
}

fn random_change(rng: &mut Pcg64, number: usize) -> Change {
    let (offer, venue) = (
        format!("o{}", rng.random_range(0..14)),
        format!("v{}", rng.random_range(0..5)),
    );
    let user = format!("u{}", rng.random_range(0..5));
    let line = match rng.random_range(0..40) {
        0..=7 => {
            let genres: Vec<String> = (0..rng.random_range(0..7))
                .map(|_| format!("g{}", rng.random_range(0..9)))
                .collect();
            json!({"op": "offer.upsert", "offer": {"id": offer, "item_id": format!("i{}", rng.random_range(0..9)),
                "venue_id": rng.random_bool(0.7).then_some(venue), "title": "t", "genres": genres,
                "subcategory": KINDS[rng.random_range(0..KINDS.len())]}})
        }
        8..=10 => json!({"op": "offer.delete", "id": offer}),
        11..=12 => {
            let kind = format!("k{}", rng.random_range(0..4));
            json!({"op": "venue.upsert", "venue": {"id": venue, "name": "n", "kind": kind}})
        }
        13 => json!({"op": "venue.delete", "id": venue}),
        14..=17 => {
            let consents = json!({"personalisation": rng.random_bool(0.9)});
            json!({"op": "user.upsert", "user": {"id": user, "consents": consents}})
        }
        18 if rng.random_bool(0.3) => json!({"op": "user.erase", "id": user}),
        _ => json!({"op": "event", "event": {"id": format!("e{number}"), "offer_id": offer, "user_id": user,
            "type": TYPES[rng.random_range(0..TYPES.len())],
            "at": jiff::Timestamp::from_millisecond(NOW + number as i64).expect("a time").to_string()}}),
    };
    change(&line)
}

/// What was learnt, without the numbers of a process.
fn learnt<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Vec<String> {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    for (change, at) in changes.into_iter().zip(1..) {
        catalogue.apply(Sequence(at), change);
    }
    let mut readers: Vec<_> = catalogue.readers().collect();
    readers.sort_unstable_by_key(|(id, _)| *id);
    let mut lines = vec![format!("{:?}", catalogue.steps())];
    for (id, reader) in readers {
        let mut works: [Vec<&str>; 2] =
            [&reader.booked, &reader.hidden_items].map(|set| set.iter().map(|id| id.as_str()).collect());
        works.iter_mut().for_each(|works| works.sort_unstable());
        let practice = &reader.practice;
        let genres = practice
            .genres()
            .map(|(word, value)| (catalogue.words().text(word), value));
        let mut points: Vec<(&str, f64)> = catalogue
            .offers()
            .map(|(_, offer)| (offer.id.as_str(), practice.points(&catalogue.about(offer))))
            .collect();
        points.sort_unstable_by_key(|(id, _)| *id);
        lines.push(format!(
            "{id} {works:?} {:?} {:?} {:?} {:?} {} {} {} {points:?}",
            practice.evidence().collect::<Vec<_>>(),
            genres.collect::<Vec<_>>(),
            practice.tired(NOW).collect::<Vec<_>>(),
            practice.taken().collect::<Vec<_>>(),
            practice.said(),
            practice.openness(),
            practice.bookings(),
        ));
    }
    lines
}

#[test]
fn what_was_learnt_does_not_depend_on_when_the_process_started() {
    let (mut said, mut moved) = (0, 0);
    for seed in 0..80 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let length = rng.random_range(40..500);
        let middle = rng.random_range(0..length);
        let (mut paper, mut halfway) = (Paper::default(), None);
        for number in 0..length {
            paper.write(random_change(&mut rng, number));
            if number == middle {
                halfway = Some((paper.log.len(), paper.catalogue()));
            }
        }
        let live = learnt(&paper.lived);
        let handed: Vec<Change> = paper
            .catalogue()
            .into_iter()
            .chain(paper.readers(paper.log.len()))
            .collect();
        assert_eq!(live, learnt(&handed), "seed {seed}: from the store alone");

        let (at, catalogue) = halfway.expect("the middle came");
        let after = paper.log[at..].iter().flatten().cloned();
        let begun: Vec<Change> = catalogue.into_iter().chain(paper.readers(at)).chain(after).collect();
        assert_eq!(
            live,
            learnt(&begun),
            "seed {seed}: from an artefact and the log after it"
        );

        let forgetful: Vec<Change> = handed.into_iter().map(without_then).collect();
        moved += usize::from(live != learnt(&forgetful));
        said += live.iter().map(String::len).sum::<usize>();
    }
    assert!(said > 50_000 && moved > 40, "the worlds are too quiet: {said} {moved}");
}

fn without_then(change: Change) -> Change {
    if let Change::Event(event) = change {
        return Change::Event(Box::new(Event { then: None, ..*event }));
    }
    change
}

#[test]
fn an_entry_says_what_the_offer_was_and_a_client_may_not() {
    let event = json!({"id": "e", "type": "booking", "user_id": "u", "offer_id": "o", "at": "2026-01-01T00:00:00Z"});
    let known = json!({"known": {"item": "i", "subcategory": "CONCERT", "venue": "v", "genres": ["g"]}});
    for then in [known, json!("unknown")] {
        let line = json!({"op": "event", "event": event, "then": then}).to_string();
        let entry = Change::parse_entry(line.as_bytes(), &TAXONOMY).expect("an entry");
        assert!(matches!(&entry, Change::Event(event) if event.then.is_some()));
        let again = Change::parse_entry(entry.to_line().as_bytes(), &TAXONOMY).expect("an entry");
        assert_eq!(entry, again);
        let refused = Change::parse(line.as_bytes(), &TAXONOMY).expect_err("a client's line");
        assert_eq!(refused.0[0].pointer, "/then");
        let inside = json!({"op": "event", "event": {"id": "e", "type": "booking", "user_id": "u", "offer_id": "o",
            "at": "2026-01-01T00:00:00Z", "then": then}});
        let refused = Change::parse(inside.to_string().as_bytes(), &TAXONOMY).expect_err("a client's line");
        assert_eq!(refused.0[0].pointer, "/event/then");
        let Change::Event(event) = entry else { unreachable!() };
        assert!(
            !serde_json::to_string(&event).expect("JSON").contains("then"),
            "a body shows none"
        );
    }
}
