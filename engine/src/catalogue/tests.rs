//! Long random sequences of changes against a state built afresh from what a plain model holds.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::change::Change;

fn change(line: &str) -> Change {
    Change::parse(line.as_bytes(), &Taxonomy::built_in()).expect(line)
}

/// Everything observable of a state, by identifiers alone.
fn shape(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let mut shape = BTreeMap::new();
    for (row, offer) in catalogue.offers() {
        let place = offer
            .place
            .and_then(|place| catalogue.places().get(place))
            .map(|place| place.position);
        let item = catalogue
            .item(offer.item)
            .map(|item| (item.id.to_string(), item.rows.len()));
        let value = format!(
            "{} {} {place:?} {item:?} {:?}",
            offer.bookable,
            offer.waiting,
            catalogue.document(row)
        );
        shape.insert(format!("offer {}", offer.id), value);
    }
    for (name, orders) in [("popular", catalogue.popular()), ("newest", catalogue.newest())] {
        for (category, order) in orders.iter().enumerate() {
            let ids: Vec<&str> = order.iter().map(|ranked| ranked.id.as_str()).collect();
            shape.insert(format!("{name} {category}"), ids.join(" "));
        }
    }
    let origin = crate::geo::Position::new(40.0, 2.0).expect("a position");
    for (place, metres) in catalogue.places().nearest(origin) {
        let rows = &catalogue.places().get(place).expect("a place").rows;
        let ids: Vec<&str> = rows
            .iter()
            .filter_map(|row| catalogue.offer(*row))
            .map(|offer| offer.id.as_str())
            .collect();
        shape.insert(format!("place {:.3}", metres.0), ids.join(" "));
    }
    shape.insert("counts".into(), format!("{:?}", catalogue.counts()));
    shape
}

#[derive(Default)]
struct Model {
    offers: BTreeMap<u32, Offer>,
    venues: BTreeMap<u32, String>,
}

impl Model {
    /// A random change, applied to the model as plainly as can be.
    fn step(&mut self, rng: &mut Pcg64) -> Change {
        let (offer, venue) = (rng.random_range(0..40u32), rng.random_range(0..8u32));
        match rng.random_range(0..10) {
            0..=3 => {
                let line = offer_line(rng, offer, venue);
                let change = change(&line);
                if let Change::OfferUpsert(document) = &change {
                    self.offers.insert(offer, (**document).clone());
                }
                change
            }
            4 => {
                self.offers.remove(&offer);
                change(&format!(r#"{{"op":"offer.delete","id":"o{offer}"}}"#))
            }
            5..=7 => {
                let stock = rng.random_range(0..3u32);
                if let Some(document) = self.offers.get_mut(&offer) {
                    document.stock = Some(stock);
                }
                change(&format!(r#"{{"op":"offer.stock","id":"o{offer}","stock":{stock}}}"#))
            }
            8 => {
                let lat = 45.0 + f64::from(rng.random_range(0..4u32));
                let line = format!(
                    r#"{{"op":"venue.upsert","venue":{{"id":"v{venue}","name":"n","position":{{"lat":{lat},"lng":2}}}}}}"#
                );
                self.venues.insert(venue, line.clone());
                change(&line)
            }
            _ => {
                self.venues.remove(&venue);
                change(&format!(r#"{{"op":"venue.delete","id":"v{venue}"}}"#))
            }
        }
    }

    /// The state that the model's documents give, built from nothing.
    fn rebuilt(&self) -> Catalogue {
        let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
        for line in self.venues.values() {
            catalogue.apply(Sequence(1), &change(line));
        }
        for offer in self.offers.values() {
            catalogue.apply(Sequence(1), &Change::OfferUpsert(Box::new(offer.clone())));
        }
        catalogue
    }
}

fn offer_line(rng: &mut Pcg64, offer: u32, venue: u32) -> String {
    let sub = ["LIVRE_PAPIER", "CONCERT", "VOD"][rng.random_range(0..3usize)];
    let own = if rng.random_range(0..3) == 0 {
        r#","position":{"lat":44,"lng":2}"#
    } else {
        ""
    };
    let (item, booked) = (rng.random_range(0..6u32), rng.random_range(0..4u32));
    format!(
        r#"{{"op":"offer.upsert","offer":{{"id":"o{offer}","item_id":"i{item}","venue_id":"v{venue}","title":"t","subcategory":"{sub}","popularity":{{"bookings_28d":{booked}}}{own}}}}}"#
    )
}

#[test]
fn any_sequence_of_changes_gives_the_state_of_its_last_documents() {
    for seed in 0..20 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut model = Model::default();
        let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
        for step in 1..=400 {
            let next = model.step(&mut rng);
            catalogue.apply(Sequence(step), &next);
            if step % 20 == 0 {
                catalogue.settle();
                assert_eq!(
                    shape(&catalogue),
                    shape(&model.rebuilt()),
                    "seed {seed}, step {step}, after {next:?}"
                );
                for (row, glance) in catalogue.glances() {
                    let derived = catalogue.offer(row).map_or(Glance::EMPTY, |offer| {
                        Glance::of(offer, catalogue.item(offer.item).expect("a work").rows.len() > 1)
                    });
                    assert_eq!(*glance, derived, "seed {seed}, step {step}, after {next:?}");
                }
            }
        }
        assert_eq!(catalogue.sequence(), Sequence(400));
    }
}

#[test]
fn a_generation_is_not_changed_by_the_next() {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let mut rng = Pcg64::seed_from_u64(1);
    let mut model = Model::default();
    (1..200).for_each(|n| drop(catalogue.apply(Sequence(n), &model.step(&mut rng))));
    let (held, before) = (catalogue.clone(), shape(&catalogue));
    (200..400).for_each(|n| drop(catalogue.apply(Sequence(n), &model.step(&mut rng))));
    assert_eq!(shape(&held), before);
    assert_ne!(shape(&catalogue), before);
}

#[test]
fn an_offer_waits_for_its_venue() {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let offer = r#"{"op":"offer.upsert","offer":{"id":"o","venue_id":"v","title":"t","subcategory":"CONCERT"}}"#;
    catalogue.apply(Sequence(1), &change(offer));
    assert_eq!(
        (
            catalogue.counts().waiting,
            catalogue.popular().iter().map(Order::len).sum::<usize>()
        ),
        (1, 0)
    );
    catalogue.apply(
        Sequence(2),
        &change(r#"{"op":"venue.upsert","venue":{"id":"v","name":"n"}}"#),
    );
    assert_eq!(
        (
            catalogue.counts().waiting,
            catalogue.popular().iter().map(Order::len).sum::<usize>()
        ),
        (0, 1)
    );
}

#[test]
fn what_a_reader_booked_or_hid_is_known_with_consent_alone() {
    for consent in [true, false] {
        let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
        let user = format!(r#"{{"op":"user.upsert","user":{{"id":"u","consents":{{"personalisation":{consent}}}}}}}"#);
        let booking = r#"{"op":"event","event":{"id":"e","type":"booking","user_id":"u","offer_id":"o","at":"2026-01-01T00:00:00Z"}}"#;
        let offer = r#"{"op":"offer.upsert","offer":{"id":"o","item_id":"i","title":"t","subcategory":"CONCERT"}}"#;
        for line in [offer, &user, booking] {
            catalogue.apply(Sequence(1), &change(line));
        }
        let booked = catalogue.reader("u").is_some_and(|reader| reader.booked.contains("i"));
        assert_eq!(booked, consent);
    }
}
