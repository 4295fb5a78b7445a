//! The simulator repeats itself, counts as production does, and can tell a good policy from a bad one.

use std::sync::Arc;

use florilege_engine::catalogue::Catalogue;
use florilege_engine::catalogue::row::OfferRow;
use florilege_engine::change::Sequence;
use florilege_engine::generate;
use florilege_engine::geo::Position;
use florilege_engine::taxonomy::Taxonomy;
use indicatif::ProgressBar;

use super::choice::{Chooser, State};
use super::outcome::{Measure, Outcome, gini};
use super::reader::{Commune, Reader, Territory};
use super::year::run;
use super::{Assumptions, Plan, Policy};

fn plan() -> Plan {
    Plan {
        readers: 30,
        months: 1,
        offers: 600,
        seed: 3,
        now: "2026-12-01T08:00:00+01:00".parse().unwrap(),
        communes: Vec::new(),
        assumed: Assumptions::built_in(&Taxonomy::built_in()).unwrap(),
        documents: Vec::new(),
    }
}

#[test]
fn the_same_plan_gives_the_same_year() {
    let bar = ProgressBar::hidden();
    for policy in Policy::ALL {
        assert_eq!(run(&plan(), policy, &bar).unwrap(), run(&plan(), policy, &bar).unwrap());
    }
}

#[test]
fn nothing_appeals_that_cannot_be_paid() {
    let mut poor = plan();
    poor.assumed.credit_cents = [0; 4];
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    let generated = generate::Plan {
        offers: poor.offers,
        venues: None,
        seed: poor.seed,
        now: poor.now,
    };
    for (change, at) in generated.check().unwrap().changes().zip(1..) {
        catalogue.apply(Sequence(at), &change);
    }
    catalogue.settle();
    let home = [Commune {
        name: "Rennes".into(),
        position: Position::new(48.117, -1.678).unwrap(),
        weight: 1.0,
    }];
    let reader = Reader::draw(1, 0, &poor.assumed, &home, &catalogue);
    let state = State::new(&reader, &poor.assumed);
    let chooser = Chooser {
        assumed: &poor.assumed,
        catalogue: &catalogue,
        reader: &reader,
        seed: 1,
    };
    let appeals = |free: bool| {
        let priced = move |offer: &OfferRow| (offer.price.is_none_or(|price| price.get() == 0)) == free;
        let offers = catalogue.offers().filter(move |(_, offer)| priced(offer));
        offers.map(|(_, offer)| chooser.appeal(offer, &state)).sum::<f64>()
    };
    assert_eq!(appeals(false), 0.0);
    assert!(appeals(true) > 0.0);
}

#[test]
fn whoever_wants_nothing_books_nothing() {
    let mut idle = plan();
    idle.assumed.eagerness = 0.0;
    let (outcomes, _) = run(&idle, Policy::Popularity, &ProgressBar::hidden()).unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.bookings == 0 && outcome.points == 0)
    );
}

#[test]
fn gini_is_that_of_the_formula() {
    // One venue of four has everything: (2·4 − 4 − 1)·8 / (4·8) = 3/4; all alike: 0.
    assert!((gini([7; 8].into_iter(), 4) - 0.75).abs() < 1e-12);
    assert!(gini([1, 2, 3, 4].into_iter(), 4).abs() < 1e-12);
    assert_eq!(gini(std::iter::empty(), 4), 0.0);
}

#[test]
fn measures_are_means_over_readers() {
    let reader = |bookings, points, categories| Outcome {
        territory: Territory::Town,
        persona: 0,
        bookings,
        points,
        categories,
        venues: Vec::new(),
    };
    let readers = [reader(4, 100, 3), reader(0, 0, 0)];
    let of = |measure: Measure| measure.of(readers.iter(), 1);
    assert_eq!(
        [
            of(Measure::Bookings),
            of(Measure::PointsPerBooking),
            of(Measure::ThreeCategories)
        ],
        [2.0, 25.0, 0.5]
    );
}

#[test]
fn assumptions_that_do_not_hold_together_are_refused() {
    let taxonomy = Taxonomy::built_in();
    let built_in = include_str!("../../data/simulation.toml");
    for (from, to) in [
        ("patience = 0.92", "patience = 1.2"),
        ("LIVRE = 0.40", "LIVRES = 0.40"),
        ("rural = 9000.0", "rural = 0.0"),
    ] {
        assert!(built_in.contains(from));
        assert!(
            Assumptions::parse(&built_in.replacen(from, to, 1), &taxonomy).is_err(),
            "{to}"
        );
    }
}
