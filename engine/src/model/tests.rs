//! Models against slow twins, and folders that are not what they say.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

/// An array as a file.
pub(crate) fn npy(kind: &str, shape: &[usize], body: Vec<u8>) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sizes}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(body);
    bytes
}

pub(crate) fn f4(shape: &[usize], numbers: &[f32]) -> Vec<u8> {
    npy("<f4", shape, numbers.iter().flat_map(|n| n.to_le_bytes()).collect())
}

fn u4(numbers: &[u32]) -> Vec<u8> {
    npy(
        "<u4",
        &[numbers.len()],
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
    )
}

fn u8s(numbers: &[u64]) -> Vec<u8> {
    npy(
        "<u8",
        &[numbers.len()],
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
    )
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder as the indexer writes it.
pub(crate) fn folder(out: &Path, settings: &Value, ids: &[String], arrays: Vec<(&str, Vec<u8>)>) -> PathBuf {
    let mut files: Vec<(String, Vec<u8>)> = arrays
        .into_iter()
        .map(|(name, bytes)| (format!("{name}.npy"), bytes))
        .collect();
    files.push(("items.json".into(), json!(ids).to_string().into_bytes()));
    let sums: BTreeMap<&str, String> = files.iter().map(|(name, bytes)| (name.as_str(), hex(bytes))).collect();
    let manifest = json!({"format": 1, "version": "t", "settings": settings, "seed": 1, "data": "d",
        "readers": 2, "items": ids.len(), "acts": 3, "files": sums})
    .to_string();
    let model = settings["model"].as_str().expect("a name");
    let path = out.join(format!("{model}-{}", &hex(manifest.as_bytes())[..16]));
    std::fs::create_dir_all(&path).expect("a folder");
    files.push(("manifest.json".into(), manifest.into_bytes()));
    for (name, bytes) in files {
        std::fs::write(path.join(name), bytes).expect("written");
    }
    path
}

/// Rows of neighbours.
pub(crate) fn neighbours(out: &Path, ids: &[String], rows: &[Vec<(u32, f32)>]) -> PathBuf {
    let mut starts = vec![0u64];
    starts.extend(rows.iter().scan(0, |sum, row| {
        *sum += row.len() as u64;
        Some(*sum)
    }));
    let (columns, values): (Vec<u32>, Vec<f32>) = rows.iter().flatten().copied().unzip();
    let arrays = vec![
        ("starts", u8s(&starts)),
        ("columns", u4(&columns)),
        ("values", f4(&[values.len()], &values)),
    ];
    folder(out, &json!({"model": "item-knn"}), ids, arrays)
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("w{n:05}")).collect()
}

/// Numbers between -1 and 1, the same each time.
fn drawn(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u64 << 23) as f32) - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn factors(out: &Path, items: usize, size: usize) -> PathBuf {
    let vectors = drawn(3, items * size);
    let alpha0 = 0.25;
    let mut gram = vec![0.0f32; size * size];
    for vector in vectors.chunks(size) {
        for row in 0..size {
            for column in 0..=row {
                gram[row * size + column] += alpha0 * vector[row] * vector[column];
            }
        }
    }
    let settings = json!({"model": "ials", "alpha0": alpha0, "lambda": 0.01, "nu": 1.0});
    let arrays = vec![
        ("items", f4(&[items, size], &vectors)),
        ("gram", f4(&[size, size], &gram)),
    ];
    folder(out, &settings, &ids(items), arrays)
}

/// The best by scoring everything.
fn slow(model: &Model, folded: &Folded, most: usize) -> Vec<(u32, f64)> {
    let had: Vec<u32> = folded.history.iter().map(|(item, _)| *item).collect();
    let all = (0..model.items() as u32).filter(|item| !had.contains(item));
    let mut scored: Vec<(u32, f64)> = all.map(|item| (item, model.score(folded, item))).collect();
    scored.retain(|(_, score)| *score > 0.0);
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    scored.truncate(most);
    scored
}

#[test]
fn neighbours_add_up_over_the_history() {
    let out = tempfile::tempdir().expect("a folder");
    let rows = vec![
        vec![(1, 0.5), (2, 0.25)],
        vec![(0, 0.5), (2, 0.5), (3, -0.5)],
        vec![],
        vec![(2, 0.5)],
    ];
    let model = Model::open(&neighbours(out.path(), &ids(4), &rows)).expect("a model");
    assert_eq!((model.kind(), model.items()), (Kind::Collaborative, 4));
    let (first, second) = (
        model.number("w00000").expect("known"),
        model.number("w00001").expect("known"),
    );
    assert_eq!((model.number("other"), model.id(second)), (None, Some("w00001")));
    let folded = model.fold(vec![(first, 1.0), (second, 0.5)]);
    assert_eq!(
        model.best(&folded, 10),
        [(2, 0.5)],
        "what was had and what speaks against are left out"
    );
    assert_eq!((model.score(&folded, 2), model.score(&folded, 3)), (0.5, -0.25));
    assert_eq!(model.best(&model.fold(Vec::new()), 10), []);
}

#[test]
fn the_best_of_factors_are_those_of_scoring_everything() {
    let out = tempfile::tempdir().expect("a folder");
    for (items, size) in [(3, 1), (700, 5), (2_500, 24)] {
        let model = Model::open(&factors(out.path(), items, size)).expect("a model");
        for (history, most) in [
            (vec![(0, 1.0)], 1),
            (vec![(1, 1.0), (2, 0.4)], 30),
            (vec![(0, 1.0)], 5_000),
        ] {
            let folded = model.fold(history);
            assert_eq!(
                model.best(&folded, most),
                slow(&model, &folded, most),
                "{items} {size} {most}"
            );
        }
    }
}

#[test]
fn a_history_folded_into_factors_solves_its_equations() {
    let out = tempfile::tempdir().expect("a folder");
    let (items, size) = (200, 6);
    let model = Model::open(&factors(out.path(), items, size)).expect("a model");
    let vectors = drawn(3, items * size);
    let h = |item: usize| &vectors[item * size..(item + 1) * size];
    let history = [(4u32, 1.0), (9, 0.8), (150, 0.3)];
    let folded = model.fold(history.to_vec());
    let Made::Vector(reader) = &folded.made else {
        panic!("factors fold to a vector")
    };
    let dot = |item: usize| -> f64 {
        h(item)
            .iter()
            .zip(reader)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum()
    };
    let ridge = 0.01 * (history.iter().map(|(_, weight)| weight).sum::<f64>() + 0.25 * items as f64);
    for (at, own_part) in reader.iter().enumerate() {
        let own: f64 = history
            .iter()
            .map(|(i, w)| w * f64::from(h(*i as usize)[at]) * (dot(*i as usize) - 1.0))
            .sum();
        let all: f64 = (0..items).map(|i| 0.25 * f64::from(h(i)[at]) * dot(i)).sum();
        let left = own + all + ridge * f64::from(*own_part);
        assert!(left.abs() < 1e-4, "equation {at} leaves {left}");
    }
}

#[test]
fn content_is_near_by_angle_and_looks_at_so_many() {
    let out = tempfile::tempdir().expect("a folder");
    let of = |items: usize, size: usize| {
        let vectors = f4(&[items, size], &drawn(8, items * size));
        let path = folder(
            out.path(),
            &json!({"model": "content"}),
            &ids(items),
            vec![("vectors", vectors)],
        );
        Model::open(&path).expect("a model")
    };
    let few = of(900, 12);
    assert_eq!(few.kind(), Kind::Content);
    let folded = few.fold(vec![(5, 1.0), (700, 0.5)]);
    assert_eq!(few.best(&folded, 40), slow(&few, &folded, 40));
    assert!(
        (few.score(&few.fold(vec![(5, 2.0)]), 5) - 1.0).abs() < 1e-6,
        "its own cosine is 1"
    );
    // More than may be looked at: the own cell comes first.
    let many = of(3_000, 1_024);
    let folded = many.fold(vec![(17, 1.0)]);
    assert_eq!(many.looked_at(&folded), PRODUCTS / 1_024);
    let (found, all) = (many.best(&folded, 20), slow(&many, &folded, 20));
    assert!(!found.is_empty() && found.iter().all(|(item, score)| *score == many.score(&folded, *item)));
    assert!(found[0].1 <= all[0].1);
}

#[test]
fn a_damaged_folder_is_refused_with_the_reason() {
    let out = tempfile::tempdir().expect("a folder");
    let rows = vec![vec![(1, 0.5)], vec![(0, 0.5)]];
    let path = neighbours(out.path(), &ids(2), &rows);
    for file in ["starts.npy", "columns.npy", "values.npy", "items.json"] {
        let whole = std::fs::read(path.join(file)).expect("bytes");
        for damaged in [
            whole[..whole.len() - 1].to_vec(),
            [&whole[..], b"x"].concat(),
            Vec::new(),
        ] {
            std::fs::write(path.join(file), damaged).expect("written");
            let refused = Model::open(&path).expect_err(file);
            assert!(matches!(refused, ModelError::Checksum(_)), "{refused}");
        }
        std::fs::remove_file(path.join(file)).expect("removed");
        assert!(matches!(Model::open(&path), Err(ModelError::Io { .. })));
        std::fs::write(path.join(file), whole).expect("written");
    }
    Model::open(&path).expect("whole again");
    let manifest = std::fs::read_to_string(path.join("manifest.json")).expect("text");
    let changed = |from: &str, to: &str| {
        std::fs::write(path.join("manifest.json"), manifest.replace(from, to)).expect("written");
        Model::open(&path).expect_err(to).to_string()
    };
    assert!(changed("\"seed\":1", "\"seed\":2").contains("is not the folder of this manifest"));
    assert!(changed("\"format\":1", "\"format\":2").contains("has form 2, this program reads 1"));
    assert!(changed("{", "[").contains("is not what a model has there"));
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    let out = tempfile::tempdir().expect("a folder");
    let line = |starts: &[u64], columns: &[u32], values: &[f32]| {
        let arrays = vec![
            ("starts", u8s(starts)),
            ("columns", u4(columns)),
            ("values", f4(&[values.len()], values)),
        ];
        let path = folder(out.path(), &json!({"model": "ease"}), &ids(2), arrays);
        Model::open(&path).map(|_| ()).map_err(|refused| refused.to_string())
    };
    assert_eq!(line(&[0, 1, 2], &[1, 0], &[0.5, 0.5]), Ok(()));
    for (starts, columns, values, why) in [
        (&[0u64, 1][..], &[1u32][..], &[0.5f32][..], "no rows of 2 items"),
        (&[0, 2, 1], &[1], &[0.5], "no rows"),
        (&[1, 1, 1], &[1], &[0.5], "no rows"),
        (&[0, 1, 9], &[1], &[0.5], "no rows"),
        (&[0, 1, 1], &[2], &[0.5], "past 2 items"),
        (&[0, 1, 1], &[1], &[0.5, 0.5], "2 values of 1 columns"),
        (&[0, 1, 1], &[1], &[f32::NAN], "not finite"),
        (&[0, 1, 1], &[1], &[f32::INFINITY], "not finite"),
    ] {
        let refused = line(starts, columns, values).expect_err(why);
        assert!(refused.contains(why), "{refused}");
    }
    let content = |items: &[String], vectors: Vec<u8>| {
        let path = folder(
            out.path(),
            &json!({"model": "content"}),
            items,
            vec![("vectors", vectors)],
        );
        Model::open(&path).map(|_| ()).map_err(|refused| refused.to_string())
    };
    assert_eq!(content(&ids(2), f4(&[2, 1], &[0.0, 1.0])), Ok(()));
    for (items, vectors, why) in [
        (ids(3), f4(&[2, 1], &[0.0, 1.0]), "no vector for each of 3 items"),
        (ids(2), f4(&[2], &[0.0, 1.0]), "no vector for each"),
        (ids(2), f4(&[2, 2], &[0.0, 1.0]), "has 8 bytes for 4 numbers"),
        (ids(2), npy("<f8", &[2, 1], vec![0; 16]), "f4, u4 or u8 was expected"),
        (ids(2), u4(&[0, 1]), "f4 was expected"),
        (ids(2), b"PK".to_vec(), "no array of NumPy"),
        (vec!["a".into(), "a".into()], f4(&[2, 1], &[0.0, 1.0]), "stands twice"),
    ] {
        let refused = content(&items, vectors).expect_err(why);
        assert!(refused.contains(why), "{refused}");
    }
    let settings = json!({"model": "ials", "alpha0": 0, "lambda": 1, "nu": 1});
    let arrays = vec![("items", f4(&[2, 1], &[1.0, 1.0])), ("gram", f4(&[1, 1], &[1.0]))];
    let refused = Model::open(&folder(out.path(), &settings, &ids(2), arrays)).expect_err("alpha0");
    assert!(
        refused.to_string().contains("alpha0 must be a number above 0"),
        "{refused}"
    );
}

#[test]
fn no_bytes_of_an_array_break_its_reader() {
    let whole = f4(&[2, 3], &drawn(1, 6));
    assert!(matches!(npy::parse(&whole), Ok(npy::Array::F32(shape, _)) if shape == [2, 3]));
    for length in 0..whole.len() {
        assert!(npy::parse(&whole[..length]).is_err(), "{length} bytes");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut other = whole.clone();
            other[at] ^= 1 << bit;
            let _ = npy::parse(&other);
        }
    }
    let huge = npy("<f4", &[usize::MAX, 2], Vec::new());
    assert!(npy::parse(&huge).expect_err("too large").contains("cannot be"));
}

#[test]
fn a_shelf_holds_what_is_whole_and_says_what_is_not() {
    let out = tempfile::tempdir().expect("a folder");
    let whole = neighbours(out.path(), &ids(2), &[vec![(1, 0.5)], vec![]]);
    let damaged = factors(out.path(), 4, 2);
    std::fs::write(damaged.join("gram.npy"), b"").expect("written");
    folder(out.path(), &json!({"model": "popularity"}), &ids(1), Vec::new());
    std::fs::create_dir(out.path().join(".ease-1.draft")).expect("a folder");
    std::fs::write(out.path().join("notes.txt"), b"").expect("written");
    let opened = Shelf::open(out.path()).expect("a shelf");
    let name = whole.file_name().expect("a name").to_string_lossy().into_owned();
    assert_eq!(opened.shelf.names().collect::<Vec<_>>(), [name.as_str()]);
    assert_eq!(opened.passed_over, ["popularity"]);
    assert!(matches!(&opened.refused[..], [ModelError::Checksum(path)] if path.ends_with("gram.npy")));
    assert_eq!(Kind::of(&name), Some(Kind::Collaborative));
    assert_eq!(
        [
            Kind::of("ease"),
            Kind::of("ease-12"),
            Kind::of("popularity-0123456789abcdef")
        ],
        [None; 3]
    );
    assert!(Shelf::open(&out.path().join("nowhere")).is_err());
}
