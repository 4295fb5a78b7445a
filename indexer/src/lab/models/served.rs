//! What is saved here and what the engine serves of it are one model: the same scores and the same best items.

use florilege_engine::model::{Kind, Model as Served};

use super::folder::{Array, FORMAT, Manifest, write};
use super::*;
use crate::lab::random::Random;

const ITEMS: usize = 60;

/// Readers of three tastes.
fn readers() -> Binary {
    let row = |reader: u64| {
        let mut random = Random::new(5, reader);
        let taste = random.below(3);
        let likes = |item: u32| if item as usize % 3 == taste { 0.4 } else { 0.08 };
        (0..ITEMS as u32)
            .filter(|item| random.unit() < likes(*item))
            .collect::<Vec<_>>()
    };
    Binary::new((0..200).map(row), ITEMS)
}

fn saved(settings: Settings, model: &dyn Model, out: &std::path::Path) -> Served {
    let manifest = Manifest {
        format: FORMAT,
        version: "test".into(),
        settings: serde_json::json!(settings),
        seed: 1,
        data: String::new(),
        readers: 200,
        items: ITEMS,
        acts: 0,
        files: Default::default(),
    };
    let names: Vec<String> = (0..ITEMS).map(|item| format!("work {item}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Served::open(&write(out, manifest, &names, &model.arrays()).expect("written")).expect("served")
}

#[test]
fn the_engine_scores_as_the_lab_does() {
    let (readers, out) = (readers(), tempfile::tempdir().expect("a folder"));
    for settings in Settings::all() {
        if settings.name() == "popularity" {
            continue;
        }
        let model = settings.train(&readers, 1).expect("trained");
        let served = saved(settings, &*model, out.path());
        assert_eq!((served.kind(), served.items()), (Kind::Collaborative, ITEMS));
        assert_eq!(Kind::of(served.name()), Some(Kind::Collaborative));
        for history in [vec![0, 3, 9], vec![1], vec![7, 30, 31, 32, 59]] {
            let mut ours = vec![0.0; ITEMS];
            model.score(&history, &mut ours);
            let numbers = history.iter().map(|item| {
                let number = served.number(&format!("work {item}")).expect("known");
                (number, 1.0)
            });
            let folded = served.fold(numbers.collect());
            let most = ours.iter().map(|score| score.abs()).fold(0.0, f64::max);
            for (item, score) in (0..).zip(&ours) {
                let theirs = served.score(&folded, item);
                let close = (score - theirs).abs() <= 1e-4 * most;
                assert!(
                    close || history.contains(&item),
                    "{} {item}: {score} {theirs}",
                    settings.name()
                );
            }
            let best = served.best(&folded, 10);
            let others = (0..ITEMS as u32).filter(|item| !history.contains(item));
            let top = others.map(|item| ours[item as usize]).fold(f64::MIN, f64::max);
            assert!(
                (ours[best[0].0 as usize] - top).abs() <= 1e-4 * most,
                "{}",
                settings.name()
            );
            assert!(best.iter().all(|(item, _)| !history.contains(item)));
        }
    }
}

#[test]
fn vectors_of_content_are_served_and_what_makes_no_list_is_not() {
    let out = tempfile::tempdir().expect("a folder");
    let texts: Vec<String> = [
        "mer bateau port",
        "mer bateau voile",
        "loi juge crime",
        "loi juge avocat",
    ]
    .map(str::to_owned)
    .to_vec();
    let settings = crate::lab::content::Settings {
        dimensions: 2,
        least: 2,
    };
    let made = crate::lab::content::Content::train(&texts, settings, 1);
    let vectors = texts.iter().flat_map(|text| made.vector(text)).map(|x| x as f32);
    let array = Array::F32(vec![4, made.dimensions], vectors.collect());
    let manifest = |model: &str, items| Manifest {
        format: FORMAT,
        version: "test".into(),
        settings: serde_json::json!({"model": model}),
        seed: 1,
        data: String::new(),
        readers: 0,
        items,
        acts: 0,
        files: Default::default(),
    };
    let folder = write(
        out.path(),
        manifest("content", 4),
        &["a", "b", "c", "d"],
        &[("vectors", array)],
    );
    let served = Served::open(&folder.expect("written")).expect("served");
    let best = served.best(&served.fold(vec![(0, 1.0)]), 3);
    assert_eq!((served.kind(), served.id(best[0].0)), (Kind::Content, Some("b")));
    assert!(best[0].1 > 0.9, "{best:?}");
    for name in ["popularity", "personas", "weights"] {
        let folder = write(out.path(), manifest(name, 0), &[], &[]).expect("written");
        let refused = Served::open(&folder).expect_err(name);
        assert_eq!(refused.to_string(), format!("a model of {name} is not served"));
    }
}
