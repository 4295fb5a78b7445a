//! Every model against a slow obvious twin on small random data, and one another's laws.

use florilege_engine::model::linear::Cholesky;

use super::dense::{Square, solve};
use super::ease::{ByItems, ByReaders};
use super::ials::{Parameters, Room, Side, start};
use super::*;
use crate::lab::random::Random;

/// Readers who like one of a few tastes, so that there is something to learn.
fn readers(count: usize, items: usize, seed: u64) -> Binary {
    let row = |reader: usize| {
        let mut random = Random::new(seed, reader as u64);
        let taste = random.below(3);
        let likes = |item: usize| if item % 3 == taste { 0.5 } else { 0.12 };
        (0..items as u32)
            .filter(|item| random.unit() < likes(*item as usize))
            .collect::<Vec<_>>()
    };
    Binary::new((0..count).map(row), items)
}

fn dense(readers: &Binary) -> Vec<Vec<f64>> {
    let row = |row: &[u32]| {
        let mut line = vec![0.0; readers.width()];
        row.iter().for_each(|item| line[*item as usize] = 1.0);
        line
    };
    readers.rows().map(row).collect()
}

fn scores(model: &dyn Model, history: &[u32], items: usize) -> Vec<f64> {
    let mut out = vec![0.0; items];
    model.score(history, &mut out);
    out
}

/// Gauss–Jordan with pivots: slow and obvious.
fn inverse(mut a: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = a.len();
    for (at, row) in a.iter_mut().enumerate() {
        row.extend((0..n).map(|column| f64::from(u8::from(column == at))));
    }
    for column in 0..n {
        let pivot = (column..n).max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs()));
        a.swap(column, pivot.expect("a row"));
        let lead = a[column][column];
        a[column].iter_mut().for_each(|x| *x /= lead);
        let line = a[column].clone();
        for (row, other) in a.iter_mut().enumerate().filter(|(row, _)| *row != column) {
            let _ = row;
            let factor = other[column];
            other.iter_mut().zip(&line).for_each(|(x, y)| *x -= factor * y);
        }
    }
    a.into_iter().map(|row| row[n..].to_vec()).collect()
}

fn gram(x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = x[0].len();
    let entry = |i: usize, j: usize| x.iter().map(|row| row[i] * row[j]).sum();
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * (1.0 + b.abs()),
            "{what} at {at}: {a}, not {b}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

#[test]
fn ease_is_its_closed_form_from_either_side() {
    for (count, items, lambda) in [(40, 12, 3.0), (15, 30, 10.0), (200, 150, 25.0)] {
        let given = readers(count, items, 5);
        let mut g = gram(&dense(&given));
        (0..items).for_each(|at| g[at][at] += lambda);
        let p = inverse(g);
        let weight = |i: usize, j: usize| if i == j { 0.0 } else { -p[i][j] / p[j][j] };
        let by_items = ByItems::train(&given, lambda).expect("solved");
        let by_readers = ByReaders::train(&given, lambda).expect("solved");
        for row in given.rows().take(10) {
            let expected: Vec<f64> = (0..items)
                .map(|j| row.iter().map(|i| weight(*i as usize, j)).sum())
                .collect();
            close(&scores(&by_items, row, items), &expected, 2e-5, "by items");
            close(&scores(&by_readers, row, items), &expected, 1e-9, "by readers");
        }
    }
}

#[test]
fn a_large_inverse_times_its_matrix_is_one() {
    for size in [1, 2, 191, 192, 193, 384, 385, 700] {
        let given = readers(size / 2 + 3, size, 9);
        let matrix = Square::gram(&given, 4.0);
        let inverse = matrix.clone().inverse().expect("positive definite");
        for row in (0..size).step_by(7) {
            for column in 0..size {
                let terms = (0..size)
                    .map(|k| f64::from(matrix.numbers[row * size + k]) * f64::from(inverse.numbers[k * size + column]));
                let sum: f64 = terms.sum();
                let one = f64::from(u8::from(row == column));
                assert!((sum - one).abs() < 2e-4, "{size}: {row} {column}: {sum}");
            }
        }
    }
    let broken = Square {
        numbers: vec![1.0, 2.0, 2.0, 1.0],
        size: 2,
    };
    assert!(broken.inverse().is_none());
    assert!(Cholesky::of(vec![0.0], 1).is_none());
}

#[test]
fn a_small_system_is_solved() {
    let mut random = Random::new(3, 3);
    for size in [1, 2, 9, 33] {
        let x: Vec<Vec<f64>> = (0..size + 4)
            .map(|_| (0..size).map(|_| random.normal()).collect())
            .collect();
        let mut a = gram(&x);
        (0..size).for_each(|at| a[at][at] += 1.0);
        let b: Vec<f64> = (0..size).map(|_| random.normal()).collect();
        let p = inverse(a.clone());
        let expected: Vec<f64> = p
            .iter()
            .map(|row| row.iter().zip(&b).map(|(x, y)| x * y).sum())
            .collect();
        let mut flat: Vec<f32> = a.iter().flatten().map(|x| *x as f32).collect();
        let mut found: Vec<f32> = b.iter().map(|x| *x as f32).collect();
        assert!(solve(&mut flat, &mut found));
        let found: Vec<f64> = found.into_iter().map(f64::from).collect();
        close(&found, &expected, 1e-3, "x");
    }
    assert!(!solve(&mut [0.0], &mut [1.0]));
}

#[test]
fn ials_folds_in_what_the_normal_equations_say() {
    let given = readers(60, 20, 2);
    let settings = Settings::Ials {
        dimensions: 5,
        alpha0: 0.3,
        lambda: 0.05,
        nu: 0.7,
        sigma: 0.5,
        epochs: 3,
    };
    let parameters = Parameters::of(&settings);
    let side = start(20, &parameters, 8);
    let h: Vec<Vec<f64>> = side
        .vectors
        .chunks(5)
        .map(|v| v.iter().map(|x| f64::from(*x)).collect())
        .collect();
    for row in given.rows().take(12) {
        let mut a = gram(&h);
        a.iter_mut().flatten().for_each(|x| *x *= 0.3);
        let ridge = 0.05 * (row.len() as f64 + 0.3 * 20.0).powf(0.7);
        (0..5).for_each(|at| a[at][at] += ridge);
        let mut b = vec![0.0; 5];
        for item in row {
            let v = &h[*item as usize];
            (0..5).for_each(|i| {
                b[i] += v[i];
                (0..5).for_each(|j| a[i][j] += v[i] * v[j]);
            });
        }
        let p = inverse(a);
        let expected: Vec<f64> = p
            .iter()
            .map(|line| line.iter().zip(&b).map(|(x, y)| x * y).sum())
            .collect();
        let mut found = vec![0.0; 5];
        side.fold(row, &parameters, &mut Room::default(), &mut found);
        let found: Vec<f64> = found.into_iter().map(f64::from).collect();
        close(&found, &expected, 1e-4, "a reader's vector");
    }
}

/// What iALS minimises, written out over every pair.
fn loss(given: &Binary, users: &Side, items: &Side, p: &Parameters) -> f64 {
    let vectors = |side: &Side| -> Vec<Vec<f64>> {
        side.vectors
            .chunks(p.dimensions)
            .map(|v| v.iter().map(|x| f64::from(*x)).collect())
            .collect()
    };
    let (w, h) = (vectors(users), vectors(items));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut sum = 0.0;
    for (user, row) in given.rows().enumerate() {
        for (item, vector) in h.iter().enumerate() {
            let said = dot(&w[user], vector);
            sum += p.alpha0 * said * said;
            if row.contains(&(item as u32)) {
                sum += (1.0 - said) * (1.0 - said);
            }
        }
        let ridge = (row.len() as f64 + p.alpha0 * h.len() as f64).powf(p.nu);
        sum += p.lambda * ridge * dot(&w[user], &w[user]);
    }
    for (item, readers) in given.transposed().rows().enumerate() {
        let ridge = (readers.len() as f64 + p.alpha0 * w.len() as f64).powf(p.nu);
        sum += p.lambda * ridge * dot(&h[item], &h[item]);
    }
    sum
}

#[test]
fn each_half_pass_of_ials_lowers_its_loss() {
    let given = readers(50, 24, 4);
    let settings = Settings::named("ials").expect("a model");
    let parameters = Parameters {
        dimensions: 6,
        ..Parameters::of(&settings)
    };
    let of_item = given.transposed();
    let mut items = start(24, &parameters, 1);
    let mut before = f64::INFINITY;
    for _ in 0..6 {
        let users = items.other(&given, &parameters);
        let half = loss(&given, &users, &items, &parameters);
        assert!(half <= before * (1.0 + 1e-5), "{half} after {before}");
        items = users.other(&of_item, &parameters);
        before = loss(&given, &users, &items, &parameters);
        assert!(before <= half * (1.0 + 1e-5), "{before} after {half}");
    }
}

#[test]
fn neighbours_are_those_of_brute_force() {
    let given = readers(70, 18, 6);
    let x = dense(&given);
    let g = gram(&x);
    let degree: Vec<f64> = x.iter().map(|row| row.iter().sum()).collect();
    let cosine = |i: usize, j: usize| g[i][j] / ((g[i][i] * g[j][j]).sqrt() + 4.0);
    let walk = |i: usize, j: usize| {
        let sum: f64 = x
            .iter()
            .zip(&degree)
            .map(|(row, d)| row[i] * row[j] * d.max(1.0).powf(-0.8))
            .sum();
        g[i][i].powf(-0.8) * sum * g[j][j].powf(-0.3)
    };
    type Twin<'a> = &'a dyn Fn(usize, usize) -> f64;
    let both: [(Weights, Twin<'_>); 2] = [
        (neighbours::cosine(&given, 6, 4.0), &cosine),
        (neighbours::walk(&given, 6, 0.8, 0.3), &walk),
    ];
    for (found, weight) in both {
        for (i, own) in g.iter().enumerate() {
            let mut expected: Vec<(u32, f64)> = (0..18_u32)
                .filter(|j| *j as usize != i && own[*j as usize] > 0.0)
                .map(|j| (j, weight(i, j as usize)))
                .collect();
            expected.sort_by(|a, b| (b.1 as f32).total_cmp(&(a.1 as f32)).then(a.0.cmp(&b.0)));
            expected.truncate(6);
            expected.sort_by_key(|(j, _)| *j);
            let row: Vec<(u32, f32)> = found.row(i).collect();
            assert_eq!(
                row.iter().map(|(j, _)| *j).collect::<Vec<_>>(),
                expected.iter().map(|(j, _)| *j).collect::<Vec<_>>()
            );
            for ((_, a), (_, b)) in row.iter().zip(&expected) {
                assert!((f64::from(*a) - b).abs() < 1e-6, "{i}: {a} {b}");
            }
        }
    }
}

#[test]
fn slim_meets_the_conditions_of_its_optimum() {
    let given = readers(120, 16, 7);
    let g = gram(&dense(&given));
    let (l1, l2) = (1.5, 6.0);
    let found = slim::train(&given, l1, l2, 500);
    let mut w = vec![vec![0.0; 16]; 16];
    (0..16).for_each(|i| {
        found
            .row(i)
            .for_each(|(j, weight)| w[i][j as usize] = f64::from(weight))
    });
    let mut some = 0;
    for j in 0..16 {
        assert_eq!(w[j][j], 0.0);
        for i in (0..16).filter(|i| *i != j) {
            // Of ½|xⱼ − Xw|² + l₁ Σ w + ½ l₂ Σ w² by wᵢ: 0 where wᵢ > 0, not below 0 where it is 0.
            let slope = (0..16).map(|k| g[i][k] * w[k][j]).sum::<f64>() - g[i][j] + l1 + l2 * w[i][j];
            if w[i][j] > 0.0 {
                some += 1;
                assert!(slope.abs() < 1e-3, "{i} {j}: {slope}");
            } else {
                assert!(slope > -1e-3, "{i} {j}: {slope}");
            }
        }
    }
    assert!(some > 20, "{some} weights");
}

#[test]
fn a_model_knows_tastes_and_gives_the_same_on_one_thread() {
    let given = readers(300, 30, 11);
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    for mut settings in Settings::all() {
        if let Settings::Ials { dimensions, .. } = &mut settings {
            *dimensions = 8;
        }
        if let Settings::Slim { l2, .. } = &mut settings {
            *l2 = 10.0;
        }
        let model = settings.train(&given, 3).expect("a model");
        let other = alone.install(|| settings.train(&given, 3)).expect("a model");
        let history = [0, 3, 6];
        let said = scores(&*model, &history, 30);
        assert_eq!(said, scores(&*other, &history, 30), "{}", settings.name());
        assert!(said.iter().all(|score| score.is_finite()));
        let mean = |rest: usize| (9..30).filter(|i| i % 3 == rest).map(|i| said[i]).sum::<f64>() / 7.0;
        if settings != Settings::Popularity {
            assert!(mean(0) > mean(1) && mean(0) > mean(2), "{}: {said:?}", settings.name());
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let given = readers(10, 5, 1);
    for text in [
        r#"{"model":"ease","lambda":0}"#,
        r#"{"model":"item-knn","neighbours":0,"shrink":1}"#,
        r#"{"model":"slim","l1":-1,"l2":1,"passes":3}"#,
        r#"{"model":"ials","dimensions":0,"alpha0":1,"lambda":1,"nu":1,"sigma":1,"epochs":1}"#,
    ] {
        let settings: Settings = serde_json::from_str(text).expect("settings");
        assert!(
            matches!(settings.train(&given, 1), Err(TrainError::Settings(_))),
            "{text}"
        );
    }
    assert!(serde_json::from_str::<Settings>(r#"{"model":"ease","lambda":1,"lamda":2}"#).is_err());
    for settings in Settings::all() {
        assert_eq!(Settings::named(settings.name()), Some(settings));
        let text = serde_json::to_string(&settings).expect("text");
        assert_eq!(serde_json::from_str::<Settings>(&text).expect("settings"), settings);
    }
}

#[test]
fn a_folder_is_whole_checked_and_never_written_twice() {
    let given = readers(30, 12, 1);
    let settings = Settings::named("item-knn").expect("a model");
    let model = settings.train(&given, 1).expect("trained");
    let manifest = folder::Manifest {
        format: folder::FORMAT,
        version: "test".into(),
        settings: serde_json::json!(settings),
        seed: 1,
        data: "none".into(),
        readers: 30,
        items: 12,
        acts: given.ones(),
        files: Default::default(),
    };
    let names: Vec<String> = (0..12).map(|item| format!("item {item}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let out = tempfile::tempdir().expect("a folder");
    let made = folder::write(out.path(), manifest.clone(), &names, &model.arrays()).expect("written");
    let read = folder::check(&made).expect("whole");
    assert_eq!(read.files.len(), 4);
    assert!(matches!(
        folder::write(out.path(), manifest, &names, &model.arrays()),
        Err(folder::FolderError::Exists(_))
    ));
    let values = std::fs::read(made.join("values.npy")).expect("an array");
    assert!(values.starts_with(b"\x93NUMPY\x01\x00"));
    let header = u16::from_le_bytes([values[8], values[9]]) as usize;
    assert_eq!((10 + header) % 64, 0);
    let text = String::from_utf8_lossy(&values[10..10 + header]).into_owned();
    let weights = (values.len() - 10 - header) / 4;
    assert!(
        text.contains("'<f4'") && text.contains(&format!("({weights},)")),
        "{text}"
    );
    std::fs::write(made.join("values.npy"), b"x").expect("spoilt");
    assert!(matches!(folder::check(&made), Err(folder::FolderError::Checksum(_))));
}
