//! Given labels against documents read anew, one by one, after every change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::*;
use crate::change::{Change, Sequence};
use crate::document::DocumentKind;
use crate::ids::DocumentId;
use crate::taxonomy::Taxonomy;

/// What stands, as plain documents.
#[derive(Default)]
struct Plain {
    offers: BTreeMap<u32, Value>,
    venues: BTreeMap<u32, Value>,
    labels: BTreeMap<u32, Value>,
}

impl Plain {
    /// The labels of an offer by the rule, read from the documents alone.
    fn labels_of(&self, offer: &Value) -> BTreeSet<String> {
        let words = |value: &Value| -> BTreeSet<String> {
            let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let venue = || {
            self.venues
                .values()
                .find(|venue| venue["id"].is_string() && venue["id"] == offer["venue_id"])
        };
        let awaited = offer["venue_id"].is_string() && venue().is_none();
        let mut labels = words(&offer["labels"]);
        for label in self.labels.values() {
            let stands = label["territory"].is_null()
                || venue().is_some_and(|venue| {
                    words(&venue["territories"]).contains(label["territory"].as_str().unwrap_or(""))
                });
            let picks = label["picks"].as_array().into_iter().flatten();
            let picked = picks
                .clone()
                .any(|pick| pick["offer_id"] == offer["id"] || pick["item_id"] == offer["item_id"]);
            let rule = &label["rule"]["filters"];
            let found = rule.is_object() && !awaited && {
                let tags = words(&rule["tags"]);
                let dearest = rule["price_cents"]["max"].as_u64();
                let territories = words(&rule["territories"]);
                (tags.is_empty() || !tags.is_disjoint(&words(&offer["tags"])))
                    && dearest.is_none_or(|most| offer["price_cents"].as_u64().is_none_or(|price| price <= most))
                    && (territories.is_empty()
                        || venue().is_some_and(|venue| !territories.is_disjoint(&words(&venue["territories"]))))
            };
            if stands && (picked || found) {
                labels.insert(label["label"].as_str().unwrap_or("").to_owned());
            }
        }
        labels
    }
}

fn some<'t>(rng: &mut Pcg64, of: &[&'t str]) -> Vec<&'t str> {
    of.iter().filter(|_| rng.random_range(0..3) == 0).copied().collect()
}

fn label(rng: &mut Pcg64, number: u32) -> Value {
    let territory = [Value::Null, json!("35"), json!("qpv-1")][rng.random_range(0..3usize)].clone();
    let stands_for = ["exclusive", "labelled", "virtuous"][rng.random_range(0..3usize)];
    let mut label = json!({"id": format!("l{number}"), "title": "Un label", "label": stands_for});
    if !territory.is_null() {
        label["territory"] = territory;
    }
    if rng.random() {
        let offer = json!({"offer_id": format!("o{}", rng.random_range(0..12u32))});
        label["picks"] = json!([offer, {"item_id": format!("i{}", rng.random_range(0..6u32))}]);
    }
    if rng.random() {
        let mut filters =
            json!({"tags": some(rng, &["jazz", "plein air"]), "territories": some(rng, &["35", "qpv-1"])});
        if rng.random() {
            filters["price_cents"] = json!({"max": rng.random_range(0..2_000u32)});
        }
        label["rule"] = json!({"filters": filters});
    }
    label
}

/// A random change, and the same in plain documents.
fn step(rng: &mut Pcg64, plain: &mut Plain, version: u64) -> Change {
    let (offer, venue, number) = (
        rng.random_range(0..12u32),
        rng.random_range(0..4u32),
        rng.random_range(0..4u32),
    );
    let line = match rng.random_range(0..9) {
        0..=2 => {
            let mut body = json!({"id": format!("o{offer}"), "item_id": format!("i{}", offer / 2), "title": "Titre",
                "subcategory": "CONCERT", "tags": some(rng, &["jazz", "plein air", "nuit"]), "labels": some(rng, &["exclusive", "local"]),
                "price_cents": rng.random_range(0..2_500u32)});
            if rng.random() {
                body["venue_id"] = json!(format!("v{venue}"));
            }
            plain.offers.insert(offer, body.clone());
            json!({"op": "offer.upsert", "offer": body})
        }
        3 => {
            let price = rng.random_range(0..2_500u32);
            if let Some(known) = plain.offers.get_mut(&offer) {
                known["price_cents"] = json!(price);
            }
            json!({"op": "offer.stock", "id": format!("o{offer}"), "price_cents": price})
        }
        4 => {
            plain.offers.remove(&offer);
            json!({"op": "offer.delete", "id": format!("o{offer}")})
        }
        5 => {
            let body = json!({"id": format!("v{venue}"), "name": "Salle", "territories": some(rng, &["35", "qpv-1"])});
            plain.venues.insert(venue, body.clone());
            json!({"op": "venue.upsert", "venue": body})
        }
        6 => {
            plain.venues.remove(&venue);
            json!({"op": "venue.delete", "id": format!("v{venue}")})
        }
        more => {
            let body = (more == 7).then(|| label(rng, number));
            match &body {
                Some(body) => plain.labels.insert(number, body.clone()),
                None => plain.labels.remove(&number),
            };
            return Change::Document(Box::new(Publication {
                kind: DocumentKind::Labels,
                id: DocumentId::new(&format!("l{number}")).expect("an id"),
                version,
                territory: body
                    .as_ref()
                    .and_then(|body| body["territory"].as_str())
                    .map(str::to_owned),
                body: body.and_then(|body| body.as_object().cloned()),
            }));
        }
    };
    Change::parse(line.to_string().as_bytes(), &Taxonomy::built_in()).expect("a change")
}

#[test]
fn given_labels_are_those_of_the_documents_after_every_change() {
    let (mut given, mut own) = (0, 0);
    for seed in 0..60 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
        let mut plain = Plain::default();
        for number in 1..120 {
            let change = step(&mut rng, &mut plain, number);
            catalogue.apply(Sequence(number), &change);
            for offer in plain.offers.values() {
                let row = catalogue.find(offer["id"].as_str().expect("an id")).expect("a row");
                let bits = catalogue.offer(row).expect("an offer").labels;
                let wanted = plain.labels_of(offer);
                let wanted_bits = catalogue.label_bits(wanted.iter().map(String::as_str));
                assert_eq!(
                    bits, wanted_bits,
                    "seed {seed}, after {change:?}: {offer} should have {wanted:?}"
                );
                own += offer["labels"].as_array().map_or(0, Vec::len);
                given += wanted.len();
            }
            let labelled: usize = catalogue.labelled().iter().map(|order| order.len()).sum();
            let marked = catalogue
                .offers()
                .filter(|(_, offer)| offer.labels != 0 && offer.is_offered())
                .count();
            assert_eq!(
                labelled, marked,
                "the source finds what carries a label, and that alone"
            );
        }
    }
    assert!(
        given > own + 1_000,
        "labels were given: {given} beside {own} that offers said"
    );
}
