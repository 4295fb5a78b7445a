//! Rising: a spike of what is taken anew, not volume, nor words, nor a short log.

use super::{DAY, NOW, booking, catalogue, offer, said, user};
use crate::catalogue::acts::rising::RISING;
use crate::change::Change;

#[test]
fn rising_is_a_spike_against_its_own_past_not_volume() {
    let mut changes: Vec<Change> = (0..3).map(|n| offer(n, n)).collect();
    changes.extend((0..600).map(|n| user(n, true)));
    // A steady best-seller: five a day for 100 days. A spike: eight in a day. Chance: two in a day.
    changes.extend((0..500).map(|n| booking(n, n, "o0", NOW - n as i64 * DAY / 5)));
    changes.extend((500..508).map(|n| booking(n, n, "o1", NOW - (n as i64 - 500) * DAY / 8)));
    changes.extend((508..510).map(|n| booking(n, n, "o2", NOW - (n as i64 - 508) * DAY / 8)));
    let catalogue = catalogue(&changes);
    let name = |item| catalogue.item(item).expect("there").id.to_string();
    let rising: Vec<_> = catalogue
        .acts()
        .rising(NOW, 10)
        .into_iter()
        .map(|(item, _)| name(item))
        .collect();
    assert_eq!(rising, ["i1"]);
    let steady = catalogue.find_item("i0").expect("there");
    assert!(
        (catalogue.acts().lift(steady, NOW) - 1.0).abs() < 0.25,
        "{}",
        catalogue.acts().lift(steady, NOW)
    );
    assert!(catalogue.acts().rising(NOW + 6 * DAY, 10).is_empty(), "a spike passes");
    assert!(
        catalogue.acts().rising(NOW - 3 * DAY, 10).is_empty(),
        "what is to come is not known before"
    );
}

#[test]
fn words_on_what_was_taken_long_ago_are_no_rise() {
    let lift = |late: &[&str]| {
        let mut changes = vec![offer(0, 0)];
        changes.extend((0..20).map(|n| user(n, true)));
        changes.extend((0..20).map(|n| booking(n, n, "o0", NOW - 40 * DAY)));
        for (kind, act) in late.iter().enumerate() {
            changes.extend((0..20).map(|n| said(100 * (kind + 1) + n, n, act, "o0", NOW - DAY)));
        }
        let catalogue = catalogue(&changes);
        let work = catalogue.find_item("i0").expect("there");
        catalogue.acts().lift(work, NOW)
    };
    let quiet = lift(&[]);
    assert!(quiet < 1.0, "{quiet}");
    for late in ["attendance", "like", "favorite", "review", "share"] {
        assert_eq!(lift(&[late]), quiet, "{late}");
    }
    assert!(lift(&["cancellation", "favorite"]) > RISING, "taken anew");
    assert!(lift(&["booking"]) > RISING, "booked anew");
}

#[test]
fn a_young_log_does_not_make_what_is_steady_rise() {
    // Forty a day, for as many days as there is a log; a month of it fills half of the slow sum.
    for days in [30, 60, 200] {
        let mut changes = vec![offer(0, 0)];
        changes.extend((0..40 * days).map(|n| user(n, true)));
        changes.extend((0..40 * days).map(|n| booking(n as usize, n as usize, "o0", NOW - i64::from(n) * DAY / 40)));
        let catalogue = catalogue(&changes);
        let steady = catalogue.find_item("i0").expect("there");
        let lift = catalogue.acts().lift(steady, NOW);
        assert!((lift - 1.0).abs() < 0.15, "{days} days: {lift}");
    }
}
