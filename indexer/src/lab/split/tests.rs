//! What is judged was never learnt from; splits are the same every time.

use std::collections::BTreeSet;

use super::*;
use crate::lab::dataset::{Gatherer, Line};

fn data(users: usize) -> Dataset {
    let mut gatherer = Gatherer::default();
    for user in 0..users {
        let mut random = Random::new(77, user as u64);
        for _ in 0..4 + user % 20 {
            gatherer.act(&Line {
                user: &format!("u{user}"),
                item: &format!("i{}", random.below(40)),
                value: if random.unit() < 0.8 { 5.0 } else { 2.0 },
                time: random.below(1_000) as i64,
            });
        }
    }
    gatherer.finish("made", Some(4.0))
}

fn named(split: &Split, items: &[u32]) -> BTreeSet<u32> {
    items.iter().map(|item| split.items[*item as usize]).collect()
}

#[test]
fn nothing_judged_is_learnt() {
    let data = data(120);
    let positives = data.positives();
    for way in [Way::Strong, Way::Last, Way::Temporal] {
        let folds = if way == Way::Strong { 5 } else { 1 };
        let splits = way.split(&data, folds, 3).expect("splits");
        for split in &splits {
            for held in &split.held {
                let (shown, hidden) = (named(split, &held.shown), named(split, &held.hidden));
                assert!(shown.is_disjoint(&hidden) && !shown.is_empty() && !hidden.is_empty());
                let own: BTreeSet<u32> = positives[held.user as usize].iter().map(|(item, _)| *item).collect();
                assert!(shown.union(&hidden).all(|item| own.contains(item)));
                for row in split.train.rows().map(|row| named(split, row)) {
                    assert!(way != Way::Strong || row != own, "a held-out reader stands in training");
                }
            }
        }
        if way == Way::Strong {
            let judged: Vec<u32> = splits
                .iter()
                .flat_map(|split| split.held.iter().map(|held| held.user))
                .collect();
            let once: BTreeSet<u32> = judged.iter().copied().collect();
            assert_eq!(once.len(), judged.len(), "each reader is judged once");
            assert!(judged.len() > 80);
            let shown = |held: &Held| held.shown.len() as f64 / (held.shown.len() + held.hidden.len()) as f64;
            let all: Vec<f64> = splits.iter().flat_map(|split| split.held.iter().map(shown)).collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            assert!((mean - 0.8).abs() < 0.03, "{mean}");
        }
        if way == Way::Last {
            for held in &splits[0].held {
                let last = positives[held.user as usize].last().expect("a yes").0;
                assert_eq!(named(&splits[0], &held.hidden), BTreeSet::from([last]));
            }
        }
    }
}

#[test]
fn a_moment_parts_before_from_after() {
    let data = data(120);
    let split = &Way::Temporal.split(&data, 1, 1).expect("a split")[0];
    let moment: i64 = split
        .name
        .rsplit(' ')
        .next()
        .expect("a word")
        .parse()
        .expect("a moment");
    let positives = data.positives();
    for held in &split.held {
        let time = |item: u32| {
            positives[held.user as usize]
                .iter()
                .find(|(own, _)| *own == item)
                .expect("a yes")
                .1
        };
        assert!(named(split, &held.shown).into_iter().all(|item| time(item) < moment));
        assert!(named(split, &held.hidden).into_iter().all(|item| time(item) >= moment));
    }
}

#[test]
fn a_seed_is_a_split() {
    let data = data(60);
    let hash = |seed: u64| Way::Strong.split(&data, 3, seed).expect("splits")[1].hash.clone();
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
    assert_eq!(Way::Strong.split(&data, 0, 1), Err(SplitError::Folds(0)));
    assert!(matches!(
        Way::Strong.split(&super::tests::data(2), 1, 1),
        Err(SplitError::TooFew(_) | SplitError::Folds(_))
    ));
}
