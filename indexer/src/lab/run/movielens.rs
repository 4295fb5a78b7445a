//! MovieLens (small), where it is there: what the lab must find on real acts.

use std::path::Path;

use super::*;
use crate::lab::dataset::read::read;
use crate::lab::report::best_model;

#[test]
fn every_model_beats_popularity_and_the_best_beats_its_neighbours() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/movielens-small");
    if !folder.is_dir() {
        eprintln!("not checked: {} is not there", folder.display());
        return;
    }
    let data = read(&folder, None).expect("data");
    assert_eq!(
        (data.acts.len(), data.users.len(), data.items.len()),
        (100_836, 610, 9_742)
    );
    let options = Options {
        way: Way::Strong,
        folds: 1,
        seed: 1,
        k: 10,
        pool: 40,
        strengths: 2,
        draws: 300,
        models: Settings::all().to_vec(),
        cache: None,
    };
    let (numbers, _) = run(&data, &options, &Progress::silent()).expect("numbers");
    for one in &numbers.models {
        if let Some(over) = one.over_popularity {
            assert!(over.low > 0.0 && over.p_holm < 0.05, "{}: {over:?}", one.model);
        }
    }
    let best = best_model(&numbers).expect("a model");
    let best = numbers.models.iter().find(|one| one.model == best).expect("a model");
    let over = best.over_neighbours.expect("another model than item-knn");
    assert!(over.low > 0.0 && over.p_holm < 0.05, "{over:?}");
    for row in numbers.rows.iter().filter(|row| row.rule) {
        assert_eq!(row.metrics["main_clash_rate"], 0.0);
        assert_eq!(row.greedy.expect("measured").proven, 1.0);
    }
}
