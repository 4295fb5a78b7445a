//! Random logs of readers against slow obvious twins: the tables against plain counting, and the live state against
//! the same log read again after readers were erased, and against the state of a store handed over at a start.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at the variants that it is about"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::{Value, json};

use super::kin::{SAMPLE, SHRINK};
use crate::catalogue::Catalogue;
use crate::change::{Change, Sequence};
use crate::event::{Event, EventType};
use crate::pipeline::asking::Meter;
use crate::taxonomy::Taxonomy;

mod rising;

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_790_000_000_000;
const TYPES: [&str; 13] = [
    "booking",
    "booking",
    "booking",
    "favorite",
    "like",
    "like",
    "cancellation",
    "unfavorite",
    "dislike",
    "share",
    "review",
    "attendance",
    "view",
];

fn change(line: Value) -> Change {
    static TAXONOMY: LazyLock<Taxonomy> = LazyLock::new(Taxonomy::built_in);
    Change::parse(line.to_string().as_bytes(), &TAXONOMY).expect("a change")
}

fn catalogue<'c>(changes: impl IntoIterator<Item = &'c Change>) -> Catalogue {
    let mut catalogue = Catalogue::empty(Arc::new(Taxonomy::built_in()));
    for (change, at) in changes.into_iter().zip(1..) {
        catalogue.apply(Sequence(at), change);
    }
    catalogue.settle();
    catalogue
}

fn offer(n: u32, item: u32) -> Change {
    change(json!({"op": "offer.upsert", "offer": {
        "id": format!("o{n}"), "item_id": format!("i{item}"), "title": "t", "subcategory": "CONCERT"}}))
}

fn user(n: u32, personal: bool) -> Change {
    change(json!({"op": "user.upsert", "user": {"id": format!("u{n}"), "consents": {"personalisation": personal}}}))
}

fn event(rng: &mut Pcg64, number: usize, readers: u32, offers: u32) -> Change {
    let kind = TYPES[rng.random_range(0..TYPES.len())];
    let at = NOW - rng.random_range(0..40 * DAY);
    let mut event = json!({"id": format!("e{number}"), "type": kind, "user_id": format!("u{}", rng.random_range(0..readers)),
        "offer_id": format!("o{}", rng.random_range(0..offers)), "at": jiff::Timestamp::from_millisecond(at).expect("a time").to_string()});
    if kind == "review" {
        event["value"] = json!(rng.random_range(1..6));
    }
    if kind == "share" {
        event["to_user_id"] = json!(format!("u{}", rng.random_range(0..readers)));
    }
    change(json!({"op": "event", "event": event}))
}

/// What a store that keeps the contract would log: events of consenting readers alone; a withdrawal or an erasure
/// empties what came before.
#[derive(Default)]
struct Log {
    entries: Vec<Option<Change>>,
    /// Every entry as it was when it was written: what a live engine has applied.
    lived: Vec<Change>,
    consent: BTreeMap<String, bool>,
}

impl Log {
    fn write(&mut self, change: Change) {
        match &change {
            Change::Event(event) if self.consent.get(event.user_id.as_str()) != Some(&true) => return,
            Change::UserUpsert(user) => {
                let id = user.id.to_string();
                if !user.consents.personalisation {
                    self.empty(&id, |change| matches!(change, Change::Event(_)));
                }
                self.consent.insert(id, user.consents.personalisation);
            }
            Change::UserErase(id) => {
                self.empty(id.as_str(), |_| true);
                for entry in self.entries.iter_mut().flatten() {
                    if let Change::Event(event) = entry
                        && event.to_user_id.as_ref() == Some(id)
                    {
                        event.to_user_id = None;
                    }
                }
                self.consent.remove(id.as_str());
            }
            _ => {}
        }
        self.lived.push(change.clone());
        self.entries.push(Some(change));
    }

    fn empty(&mut self, reader: &str, which: impl Fn(&Change) -> bool) {
        for entry in &mut self.entries {
            let of_reader = match entry {
                Some(Change::Event(event)) => event.user_id.as_str() == reader,
                Some(Change::UserUpsert(user)) => user.id.as_str() == reader,
                _ => false,
            };
            if of_reader && entry.as_ref().is_some_and(&which) {
                *entry = None;
            }
        }
    }

    /// The log as it can be read today.
    fn again(&self) -> impl Iterator<Item = &Change> {
        self.entries.iter().flatten()
    }

    /// What a store hands to an engine that starts: offers, then readers, then events in their order.
    fn handed_over(&self) -> Vec<Change> {
        let (mut offers, mut users, mut events) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for change in self.again() {
            match change {
                Change::OfferUpsert(offer) => _ = offers.insert(offer.id.clone(), change.clone()),
                Change::OfferDelete(id) => _ = offers.remove(id),
                Change::UserUpsert(user) => _ = users.insert(user.id.clone(), change.clone()),
                Change::UserErase(id) => _ = users.remove(id),
                Change::Event(_) => events.push(change.clone()),
                _ => {}
            }
        }
        offers.into_values().chain(users.into_values()).chain(events).collect()
    }
}

fn random_log(rng: &mut Pcg64, length: usize, readers: u32, offers: u32) -> Log {
    let mut log = Log::default();
    for number in 0..length {
        let (n, reader) = (rng.random_range(0..offers), rng.random_range(0..readers));
        let change = match rng.random_range(0..40) {
            0..=4 => offer(n, rng.random_range(0..offers / 2)),
            5 => change(json!({"op": "offer.delete", "id": format!("o{n}")})),
            6..=9 => user(reader, rng.random_range(0..8) > 0),
            10 => change(json!({"op": "user.erase", "id": format!("u{reader}")})),
            _ => event(rng, number, readers, offers),
        };
        log.write(change);
    }
    log
}

/// Everything observable of the tables, by identifiers.
fn shape(catalogue: &Catalogue, readers: u32, items: u32) -> Vec<String> {
    let acts = catalogue.acts();
    let name = |item| catalogue.item(item).map_or("?", |item| item.id.as_str());
    let mut lines = Vec::new();
    for n in 0..items {
        let Some(item) = catalogue.find_item(&format!("i{n}")) else {
            continue;
        };
        let mut kin: Vec<(&str, f64)> = acts
            .kin(&[(item, 1.0)], &Meter::endless())
            .into_iter()
            .map(|(item, near)| (name(item), near))
            .collect();
        kin.sort_by(|a, b| a.0.cmp(b.0));
        lines.push(format!("{n} {:?} {:?} {kin:?}", acts.tally(item), acts.lift(item, NOW)));
    }
    for n in 0..readers {
        let id = format!("u{n}");
        let recent: Vec<&str> = acts.recent(&id).map(name).collect();
        let received: Vec<_> = acts.received(&id).collect();
        lines.push(format!("{id} {recent:?} {received:?}"));
    }
    lines.push(format!("{:?}", acts.praised().map(name).collect::<Vec<_>>()));
    lines.push(format!(
        "{:?}",
        acts.rising(NOW, 100)
            .into_iter()
            .map(|(item, lift)| (name(item), lift))
            .collect::<Vec<_>>()
    ));
    lines
}

#[test]
fn the_live_state_is_that_of_the_erased_log_read_again() {
    let mut told = 0;
    for seed in 0..120 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let (readers, offers) = (rng.random_range(3..14), rng.random_range(6..24));
        let length = rng.random_range(50..900);
        let log = random_log(&mut rng, length, readers, offers);
        let live = shape(&catalogue(&log.lived), readers, offers);
        assert_eq!(
            live,
            shape(&catalogue(log.again()), readers, offers),
            "seed {seed}: the log again"
        );
        assert_eq!(
            live,
            shape(&catalogue(&log.handed_over()), readers, offers),
            "seed {seed}: a start"
        );
        told += live.iter().map(String::len).sum::<usize>();
    }
    assert!(told > 100_000, "the worlds are too empty: {told}");
}

#[test]
fn an_erased_reader_leaves_what_the_others_alone_would_have_made() {
    for seed in 500..560 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut log = random_log(&mut rng, 500, 8, 16);
        log.write(change(json!({"op": "user.erase", "id": "u3"})));
        let without = |change: &Change| match change {
            Change::Event(event) if event.user_id.as_str() == "u3" => None,
            Change::UserUpsert(user) if user.id.as_str() == "u3" => None,
            Change::Event(event) => {
                let mut event = event.clone();
                event.to_user_id.take_if(|to| to.as_str() == "u3");
                Some(Change::Event(event))
            }
            other => Some(other.clone()),
        };
        let others: Vec<Change> = log.lived.iter().filter_map(without).collect();
        assert!(others.len() < log.lived.len());
        assert_eq!(
            shape(&catalogue(&log.lived), 8, 16),
            shape(&catalogue(&others), 8, 16),
            "seed {seed}"
        );
    }
}

/// What each reader has done with each offer, by the plainest reading of the events.
fn plain(log: &Log) -> BTreeMap<(String, String), (BTreeSet<&'static str>, i64)> {
    let mut acts: BTreeMap<(String, String), (BTreeSet<&'static str>, i64)> = BTreeMap::new();
    for change in log.again() {
        let Change::Event(event) = change else { continue };
        let Event {
            user_id, offer_id, at, ..
        } = &**event;
        let key = (user_id.to_string(), offer_id.as_ref().expect("an offer").to_string());
        let (sets, clears): (&[&'static str], &[&'static str]) = match event.kind {
            EventType::Booking | EventType::Attendance => (&["booked"], &[]),
            EventType::Cancellation => (&[], &["booked"]),
            EventType::Favorite => (&["kept"], &[]),
            EventType::Unfavorite => (&[], &["kept"]),
            EventType::Like => (&["liked"], &[]),
            EventType::Dislike => (&[], &["liked", "kept"]),
            EventType::Share => (&["shared"], &[]),
            EventType::Review if event.value >= Some(4.0) => (&["praised"], &["blamed", "praised"]),
            EventType::Review if event.value <= Some(2.0) => (&["blamed"], &["blamed", "praised"]),
            EventType::Review => (&[], &["blamed", "praised"]),
            _ => (&[], &[]),
        };
        let takes = |marks: &BTreeSet<&str>| ["booked", "kept", "liked"].iter().any(|mark| marks.contains(mark));
        let held = acts.entry(key.clone()).or_insert((BTreeSet::new(), i64::MIN));
        let was_taken = takes(&held.0);
        clears.iter().for_each(|clear| _ = held.0.remove(clear));
        held.0.extend(sets);
        match (was_taken, takes(&held.0)) {
            (false, true) => held.1 = at.millis(),
            (true, true) if event.kind == EventType::Booking => held.1 = held.1.max(at.millis()),
            _ => {}
        }
        if held.0.is_empty() {
            acts.remove(&key);
        }
    }
    acts
}

#[test]
fn the_tables_are_what_counting_gives() {
    let (mut pairs, mut lifted, mut risen) = (0, 0, 0);
    for seed in 900..960 {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut log = Log::default();
        (0..12).for_each(|n| log.write(offer(n, n / 2)));
        (0..20).for_each(|n| log.write(user(n, true)));
        (0..400).for_each(|number| {
            let event = event(&mut rng, number, 20, 12);
            log.write(event);
        });
        let catalogue = catalogue(&log.lived);
        let acts = plain(&log);
        let item = |offer: &str| offer[1..].parse::<u32>().expect("a number") / 2;
        let mut takers: BTreeMap<u32, BTreeMap<&str, i64>> = BTreeMap::new();
        let mut tallies: BTreeMap<(u32, &str), BTreeSet<&str>> = BTreeMap::new();
        for ((reader, offer), (marks, at)) in &acts {
            if marks.iter().any(|mark| ["booked", "kept", "liked"].contains(mark)) {
                let held = takers.entry(item(offer)).or_default().entry(reader).or_insert(i64::MIN);
                *held = (*held).max(*at);
            }
            for mark in marks {
                tallies.entry((item(offer), mark)).or_default().insert(reader);
            }
        }
        for n in 0..6u32 {
            let ix = catalogue.find_item(&format!("i{n}")).expect("there");
            let tally = catalogue.acts().tally(ix);
            let count = |mark| tallies.get(&(n, mark)).map_or(0, BTreeSet::len) as u32;
            assert_eq!(
                (tally.likes, tally.shares),
                (count("liked"), count("shared")),
                "seed {seed}"
            );
            assert_eq!((tally.praises, tally.blames), (count("praised"), count("blamed")));
            let mine = takers.get(&n).cloned().unwrap_or_default();
            assert_eq!(tally.takers as usize, mine.len());
            let kin: BTreeMap<u32, f64> = catalogue
                .acts()
                .kin(&[(ix, 2.0)], &Meter::endless())
                .into_iter()
                .map(|(item, near)| {
                    (
                        catalogue.item(item).expect("there").id.as_str()[1..]
                            .parse()
                            .expect("a number"),
                        near,
                    )
                })
                .collect();
            for (other, theirs) in takers.iter().filter(|(other, _)| **other != n) {
                let common = theirs.keys().filter(|reader| mine.contains_key(*reader)).count() as f64;
                let cosine = common / ((mine.len() as f64 * theirs.len() as f64).sqrt() + SHRINK);
                assert!(
                    (kin.get(other).copied().unwrap_or(0.0) - cosine).abs() < 1e-12,
                    "seed {seed}: {n} {other}"
                );
                pairs += usize::from(common > 0.0);
            }
            let slots = |at: i64| at.div_euclid(6 * 3_600_000);
            let decayed = |half: f64| -> f64 {
                mine.values()
                    .filter(|at| slots(**at) <= slots(NOW))
                    .map(|at| 0.5f64.powf((slots(NOW) - slots(*at)) as f64 / half))
                    .sum()
            };
            let first = takers.values().flat_map(BTreeMap::values).map(|at| slots(*at)).min();
            let known = first.map_or(0, |first| slots(NOW) - first + 1);
            let always = (1.0 - 0.5f64.powf(1.0 / 112.0)).recip();
            let counted: f64 = (0..known).map(|ago| 0.5f64.powf(ago as f64 / 112.0)).sum();
            let made_up = (always / counted).min(2.0);
            let lift = (28.0 * decayed(4.0) + 28.0) / (made_up * decayed(112.0) + 28.0);
            assert!((catalogue.acts().lift(ix, NOW) - lift).abs() < 1e-9, "seed {seed}: {n}");
            lifted += usize::from(lift > 1.2);
            let lately = mine.values().filter(|at| (0..8).contains(&(slots(NOW) - slots(**at))));
            let rises = lift >= 2.0 && lately.count() >= 3;
            let rise = catalogue.acts().rise(ix, NOW);
            assert!(rise.is_some() == rises && rise.is_none_or(|rise| (rise - lift).abs() < 1e-9));
            risen += usize::from(rises);
        }
    }
    assert!(pairs > 1_000 && lifted > 20 && risen > 10, "{pairs} {lifted} {risen}");
}

fn booking(number: usize, reader: usize, offer: &str, at: i64) -> Change {
    said(number, reader, "booking", offer, at)
}

fn said(number: usize, reader: usize, kind: &str, offer: &str, at: i64) -> Change {
    let at = jiff::Timestamp::from_millisecond(at).expect("a time").to_string();
    let mut event = json!({"id": format!("b{number}"), "type": kind, "user_id": format!("u{reader}"),
        "offer_id": offer, "at": at});
    if kind == "review" {
        event["value"] = json!(5);
    }
    change(json!({"op": "event", "event": event}))
}

#[test]
fn an_event_dated_far_ahead_hides_nobody() {
    let mut changes: Vec<Change> = (0..2).map(|n| offer(n, n)).collect();
    changes.extend((0..60).map(|n| user(n, true)));
    changes.extend((0..50).map(|n| booking(n, n, "o0", NOW + 9_000 * DAY)));
    changes.extend((50..58).map(|n| booking(n, n, "o1", NOW)));
    let catalogue = catalogue(&changes);
    assert_eq!(catalogue.acts().rising(NOW, 1).len(), 1);
}

#[test]
fn a_reader_is_kept_within_bounds_and_the_latest_stay() {
    let mut changes: Vec<Change> = (0..100).map(|n| offer(n, n)).collect();
    changes.push(user(0, true));
    changes.extend((0..100).map(|n| booking(n, 0, &format!("o{n}"), NOW + n as i64)));
    let catalogue = catalogue(&changes);
    let recent: Vec<_> = catalogue
        .acts()
        .recent("u0")
        .map(|item| catalogue.item(item).expect("there").id.to_string())
        .collect();
    let latest: Vec<_> = (68..100).rev().map(|n| format!("i{n}")).collect();
    assert_eq!(recent, latest);
    assert_eq!(
        catalogue.acts().tally(catalogue.find_item("i0").expect("there")).takers,
        0
    );
}

#[test]
fn neighbours_of_a_much_taken_work_are_those_of_its_last_takers() {
    let count = SAMPLE * 3;
    let mut changes: Vec<Change> = (0..3).map(|n| offer(n, n)).collect();
    changes.extend((0..count).map(|n| user(n as u32, true)));
    for n in 0..count {
        changes.push(booking(2 * n, n, "o0", NOW + n as i64));
        let other = if n < count - SAMPLE { "o1" } else { "o2" };
        changes.push(booking(2 * n + 1, n, other, NOW + n as i64));
    }
    let catalogue = catalogue(&changes);
    let ix = |id| catalogue.find_item(id).expect("there");
    let kin = catalogue.acts().kin(&[(ix("i0"), 1.0)], &Meter::endless());
    assert_eq!(kin.iter().map(|(item, _)| *item).collect::<Vec<_>>(), [ix("i2")]);
    let short = Meter::new(3);
    assert!(catalogue.acts().kin(&[(ix("i0"), 1.0)], &short).len() <= 1 && short.ran_out());
}

#[test]
fn without_consent_there_is_no_trace() {
    let mut changes: Vec<Change> = (0..4).map(|n| offer(n, n)).collect();
    changes.extend([user(0, false), user(1, true)]);
    changes.extend((0..4).flat_map(|n| {
        [
            booking(n, 0, &format!("o{n}"), NOW),
            booking(n + 9, 2, &format!("o{n}"), NOW),
        ]
    }));
    let silent = catalogue(&changes);
    assert_eq!(shape(&silent, 3, 4), shape(&catalogue(&changes[..6]), 3, 4));
    changes.extend((0..4).map(|n| booking(n + 20, 1, &format!("o{n}"), NOW)));
    let told = shape(&catalogue(&changes), 3, 4);
    assert_ne!(told, shape(&silent, 3, 4));
    changes.push(user(1, false));
    assert_eq!(
        shape(&catalogue(&changes), 3, 4),
        shape(&silent, 3, 4),
        "consent taken back"
    );
}
