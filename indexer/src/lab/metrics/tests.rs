//! The golden values of other libraries, and slow obvious twins on random lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::lab::metrics::input::Texts;

fn judged(
    run: &Value,
    qrels: &Value,
    items: Option<&Value>,
    history: Option<&Value>,
    k: usize,
) -> BTreeMap<String, f64> {
    let [run, qrels] = [run, qrels].map(ToString::to_string);
    let [items, history] = [items, history].map(|value| value.map(ToString::to_string));
    let texts = Texts {
        run: &run,
        qrels: &qrels,
        items: items.as_deref(),
        history: history.as_deref(),
        facets: None,
    };
    evaluate(&texts.read().expect("an input"), &[k])
}

fn near(values: &BTreeMap<String, f64>, key: &str, expected: f64, tolerance: f64) {
    let value = values.get(key).copied().unwrap_or(f64::NAN);
    assert!((value - expected).abs() <= tolerance, "{key}: {value}, not {expected}");
}

#[test]
fn the_values_of_other_libraries_are_ours() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/metrics/golden.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("not checked: {} is not there", path.display());
        return;
    };
    let golden: Value = serde_json::from_str(&text).expect("golden values");
    let values = judged(
        &golden["run"],
        &golden["qrel"],
        Some(&golden["cat"]),
        Some(&golden["prev"]),
        5,
    );
    let of = |library: &str, key: &str| golden["values"][library][key].as_f64().expect("a value");
    for (key, library, theirs) in [
        ("ndcg@5", "ranx", "ndcg@5"),
        ("ndcg@5", "ir_measures", "nDCG@5"),
        ("recall@5", "ranx", "recall@5"),
        ("recall@5", "rectools", "Recall@5"),
        ("recall_liang@5", "closed_forms", "Recall@5_Liang(min(K,|T|))"),
        ("map@5", "ranx", "map@5"),
        ("map@5", "rectools", "MAP@5"),
        ("mrr@5", "ranx", "mrr@5"),
        ("precision@5", "ranx", "precision@5"),
        ("hit_rate@5", "ranx", "hit_rate@5"),
        ("alpha_ndcg@5", "pyndeval_mean", "alpha-nDCG@5"),
        ("alpha_dcg@5", "pyndeval_mean", "alpha-DCG@5"),
        ("err_ia@5", "pyndeval_mean", "ERR-IA@5"),
        ("nerr_ia@5", "pyndeval_mean", "nERR-IA@5"),
        ("srecall@5", "pyndeval_mean", "strec@5"),
        ("p_ia@5", "pyndeval_mean", "P-IA@5"),
        ("miuf@5", "rectools", "MIUF@5"),
        ("serendipity@5", "rectools", "Serendipity@5"),
        ("ild@5", "closed_forms", "ILD_cat@5"),
        ("hhi@5", "closed_forms", "HHI_cat"),
        ("calibration_kl@5", "closed_forms", "calib_KL(p||q~),alpha=.01"),
        ("gini@5", "closed_forms", "gini_items"),
        ("coverage@5", "closed_forms", "coverage"),
    ] {
        near(&values, key, of(library, theirs), 1e-6);
    }
    // Said in bits there, in nats here.
    let nats = of("closed_forms", "entropy_cat_bits") * std::f64::consts::LN_2;
    near(&values, "entropy@5", nats, 1e-5);
    for user in ["u1", "u2", "u3"] {
        let alone = json!({ user: golden["qrel"][user] });
        let values = judged(&golden["run"], &alone, Some(&golden["cat"]), None, 5);
        let of = |key: &str| {
            golden["values"]["pyndeval_per_user"][user][key]
                .as_f64()
                .expect("a value")
        };
        for (key, theirs) in [
            ("alpha_ndcg@5", "alpha-nDCG@5"),
            ("err_ia@5", "ERR-IA@5"),
            ("nerr_ia@5", "nERR-IA@5"),
            ("srecall@5", "strec@5"),
        ] {
            near(&values, key, of(theirs), 1e-9);
        }
    }
}

#[test]
fn what_is_missing_is_absent_and_nothing_else() {
    let (run, qrels) = (json!({"u": ["a"]}), json!({"u": {"a": 1}}));
    let (items, history) = (json!({"a": ["x"]}), json!({"u": ["a"]}));
    let keys = |items, history| {
        judged(&run, &qrels, items, history, 3)
            .into_keys()
            .collect::<BTreeSet<_>>()
    };
    let all = keys(Some(&items), Some(&history));
    for key in "ndcg recall recall_liang map mrr alpha_ndcg err_ia srecall ild entropy coverage gini miuf serendipity calibration_kl".split(' ') {
        assert!(all.contains(&format!("{key}@3")), "{key}");
    }
    let bare = keys(None, None);
    assert!(
        bare.contains("ndcg@3") && !bare.contains("ild@3") && !bare.contains("miuf@3") && !bare.contains("coverage@3")
    );
    let with_items = keys(Some(&items), None);
    assert!(
        with_items.contains("gini@3")
            && !with_items.contains("serendipity@3")
            && !with_items.contains("calibration_kl@3")
    );
    let with_history = keys(None, Some(&history));
    assert!(with_history.contains("miuf@3") && !with_history.contains("serendipity@3"));
}

#[test]
fn edges_are_finite_and_as_documented() {
    let run = json!({"long": ["a", "a", "b", "zz", "c"], "empty": [], "stranger": ["a"]});
    let qrels =
        json!({"long": {"a": 1, "b": 2, "none": 0, "bad": -1}, "empty": {"a": 1}, "nolist": {"b": 1}, "nothing": {}});
    let items = json!({"a": ["x", "x", "y"], "b": ["y"], "c": [], "d": ["z"]});
    let history = json!({"long": ["a", "unknown"], "nothing": []});
    for k in [1, 2, 5, 100] {
        let values = judged(&run, &qrels, Some(&items), Some(&history), k);
        for (key, value) in &values {
            assert!(value.is_finite() && *value >= 0.0, "{key}: {value}");
        }
    }
    let values = judged(&run, &qrels, Some(&items), Some(&history), 5);
    // The repetition of "a" is no hit, and takes the second place.
    near(&values, "recall@5", 0.25, 1e-12);
    near(&values, "map@5", (1.0 + 2.0 / 3.0) / 2.0 / 4.0, 1e-12);
    near(&values, "precision@5", 2.0 / 5.0 / 4.0, 1e-12);
    let ideal = 2.0 + discount(2);
    near(&values, "ndcg@5", (1.0 + 2.0 * discount(3)) / ideal / 4.0, 1e-12);
    // Neither the stranger, who is not in the qrels, nor the unknown item covers anything.
    near(&values, "coverage@5", 3.0 / 4.0, 1e-12);
    // One reader has a history with a genre: the mean is over that one.
    let q = [("x", (0.5 + 0.5) / 3.0), ("y", (0.5 + 0.5 + 1.0) / 3.0)];
    let kl: f64 = q
        .iter()
        .map(|(_, q)| 0.5 * (0.5 / (0.99 * q + 0.01 * 0.5_f64)).ln())
        .sum();
    near(&values, "calibration_kl@5", kl, 1e-12);
    let none = judged(&json!({}), &json!({}), Some(&json!({})), Some(&json!({})), 5);
    assert!(none.values().all(|value| value.is_finite()));
}

#[test]
fn a_perfect_list_is_perfect() {
    let values = judged(
        &json!({"u": ["a", "b", "c"]}),
        &json!({"u": {"a": 3, "b": 2, "c": 1}}),
        Some(&json!({"a": ["x"], "b": ["y"], "c": ["z"]})),
        None,
        3,
    );
    for key in [
        "ndcg@3",
        "recall@3",
        "map@3",
        "mrr@3",
        "alpha_ndcg@3",
        "nerr_ia@3",
        "srecall@3",
        "ild@3",
        "ild_rank@3",
        "coverage@3",
    ] {
        near(&values, key, 1.0, 1e-12);
    }
    near(&values, "entropy@3", 3.0_f64.ln(), 1e-12);
    near(&values, "effective_genres@3", 3.0, 1e-9);
    near(&values, "gini@3", 0.0, 1e-12);
    near(&values, "longest_run@3", 1.0, 0.0);
    near(&values, "clash_rate@3", 0.0, 0.0);
}

/// A small generator of numbers, so that the cases are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

struct Case {
    run: BTreeMap<String, Vec<String>>,
    qrels: BTreeMap<String, BTreeMap<String, f64>>,
    items: BTreeMap<String, Vec<String>>,
    history: BTreeMap<String, Vec<String>>,
}

fn case(dice: &mut Dice) -> Case {
    let n = 12 + dice.below(20);
    let item = |number: u64| format!("i{number:02}");
    let items = (0..n)
        .map(|i| {
            (
                item(i),
                (0..1 + dice.below(3)).map(|_| format!("g{}", dice.below(6))).collect(),
            )
        })
        .collect();
    let mut case = Case {
        run: BTreeMap::new(),
        qrels: BTreeMap::new(),
        items,
        history: BTreeMap::new(),
    };
    for user in 0..4 {
        let name = format!("u{user}");
        let mut list: Vec<String> = Vec::new();
        for _ in 0..dice.below(15) {
            let next = item(dice.below(n));
            if !list.contains(&next) {
                list.push(next);
            }
        }
        case.run.insert(name.clone(), list);
        case.qrels.insert(
            name.clone(),
            (0..1 + dice.below(8))
                .map(|_| (item(dice.below(n)), (1 + dice.below(3)) as f64))
                .collect(),
        );
        case.history
            .insert(name, (0..1 + dice.below(9)).map(|_| item(dice.below(n))).collect());
    }
    case
}

type Twin = fn(&Case, &str, usize) -> f64;

fn shown<'a>(case: &'a Case, user: &str, k: usize) -> Vec<&'a String> {
    case.run[user].iter().take(k).collect()
}

fn genres_of(case: &Case, item: &str) -> BTreeSet<String> {
    case.items[item].iter().cloned().collect()
}

fn twin_ndcg(case: &Case, user: &str, k: usize) -> f64 {
    let judged = &case.qrels[user];
    let dcg = |gains: Vec<f64>| {
        gains
            .iter()
            .take(k)
            .enumerate()
            .map(|(at, gain)| gain / ((at + 2) as f64).log2())
            .sum::<f64>()
    };
    let mut best: Vec<f64> = judged.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    dcg(shown(case, user, k)
        .iter()
        .map(|item| judged.get(*item).copied().unwrap_or(0.0))
        .collect())
        / dcg(best)
}

fn twin_alpha_ndcg(case: &Case, user: &str, k: usize) -> f64 {
    let judged = &case.qrels[user];
    let value = |list: &[String]| {
        let mut total = 0.0;
        for (at, item) in list.iter().enumerate().filter(|(_, item)| judged.contains_key(*item)) {
            for genre in genres_of(case, item) {
                let before = list[..at]
                    .iter()
                    .filter(|other| judged.contains_key(*other) && genres_of(case, other).contains(&genre))
                    .count();
                total += 0.5_f64.powi(before as i32) / ((at + 2) as f64).log2();
            }
        }
        total
    };
    let mut ideal: Vec<String> = Vec::new();
    while ideal.len() < k {
        let with = |item: &String| [ideal.clone(), vec![item.clone()]].concat();
        let left = judged.keys().filter(|item| !ideal.contains(item));
        // The last of equal gains, as `max_by` takes it.
        let Some(best) = left.max_by(|a, b| value(&with(a)).total_cmp(&value(&with(b)))) else {
            break;
        };
        ideal.push(best.clone());
    }
    let list: Vec<String> = shown(case, user, k).into_iter().cloned().collect();
    value(&list) / value(&ideal)
}

fn twin_ild(case: &Case, user: &str, k: usize) -> f64 {
    let list = shown(case, user, k);
    let mut distances = Vec::new();
    for (i, a) in list.iter().enumerate() {
        for (j, b) in list.iter().enumerate() {
            if i != j {
                let (a, b) = (genres_of(case, a), genres_of(case, b));
                distances.push(1.0 - a.intersection(&b).count() as f64 / a.union(&b).count() as f64);
            }
        }
    }
    distances.iter().sum::<f64>() / distances.len().max(1) as f64
}

fn twin_srecall(case: &Case, user: &str, k: usize) -> f64 {
    let judged = &case.qrels[user];
    let all: BTreeSet<String> = judged.keys().flat_map(|item| genres_of(case, item)).collect();
    let list = shown(case, user, k);
    let served: BTreeSet<String> = list
        .iter()
        .filter(|item| judged.contains_key(**item))
        .flat_map(|item| genres_of(case, item))
        .collect();
    served.len() as f64 / all.len() as f64
}

fn twin_shares(case: &Case, items: &[&String]) -> BTreeMap<String, f64> {
    let mut shares = BTreeMap::new();
    for item in items {
        let genres = genres_of(case, item);
        for genre in &genres {
            *shares.entry(genre.clone()).or_insert(0.0) += 1.0 / genres.len() as f64 / items.len() as f64;
        }
    }
    shares
}

fn twin_entropy(case: &Case, user: &str, k: usize) -> f64 {
    twin_shares(case, &shown(case, user, k))
        .values()
        .map(|q| -q * q.ln())
        .sum()
}

fn twin_kl(case: &Case, user: &str, k: usize) -> f64 {
    let p = twin_shares(case, &case.history[user].iter().collect::<Vec<_>>());
    let q = twin_shares(case, &shown(case, user, k));
    p.iter()
        .map(|(genre, p)| p * (p / (0.99 * q.get(genre).unwrap_or(&0.0) + 0.01 * p)).ln())
        .sum()
}

fn twin_miuf(case: &Case, user: &str, k: usize) -> f64 {
    let list = shown(case, user, k);
    let readers = |item: &String| case.history.values().filter(|had| had.contains(item)).count().max(1);
    let bits = list
        .iter()
        .map(|item| (case.history.len() as f64 / readers(item) as f64).log2());
    bits.sum::<f64>() / list.len().max(1) as f64
}

fn twin_map(case: &Case, user: &str, k: usize) -> f64 {
    let list = shown(case, user, k);
    let judged = &case.qrels[user];
    let hit = |item: &String| judged.contains_key(item);
    let precision = |at: usize| list[..=at].iter().filter(|item| hit(item)).count() as f64 / (at + 1) as f64;
    (0..list.len()).filter(|at| hit(list[*at])).map(precision).sum::<f64>() / judged.len() as f64
}

#[test]
fn random_lists_are_judged_as_their_slow_twins_judge_them() {
    let twins: [(&str, Twin); 8] = [
        ("ndcg", twin_ndcg),
        ("alpha_ndcg", twin_alpha_ndcg),
        ("ild", twin_ild),
        ("srecall", twin_srecall),
        ("entropy", twin_entropy),
        ("calibration_kl", twin_kl),
        ("miuf", twin_miuf),
        ("map", twin_map),
    ];
    let mut dice = Dice(7);
    for _ in 0..150 {
        let case = case(&mut dice);
        let k = 1 + dice.below(12) as usize;
        let [run, history] = [json!(case.run), json!(case.history)];
        let values = judged(&run, &json!(case.qrels), Some(&json!(case.items)), Some(&history), k);
        for (name, twin) in twins {
            let expected = case.qrels.keys().map(|user| twin(&case, user, k)).sum::<f64>() / case.qrels.len() as f64;
            near(&values, &format!("{name}@{k}"), expected, 1e-9);
        }
    }
}

#[test]
fn a_wrong_input_is_told_by_its_name() {
    for (texts, says) in [
        (
            Texts {
                run: "[1]",
                qrels: "{}",
                ..Texts::default()
            },
            "the run is not valid",
        ),
        (
            Texts {
                run: "{}",
                qrels: "{\"u\":[]}",
                ..Texts::default()
            },
            "the qrels is not valid",
        ),
        (
            Texts {
                run: "{}",
                qrels: "{}",
                items: Some("{\"a\":[1]}"),
                ..Texts::default()
            },
            "the items is not valid",
        ),
    ] {
        let fault = texts.read().err().map(|fault| fault.to_string()).unwrap_or_default();
        assert!(fault.contains(says), "{fault}");
    }
}

#[test]
fn what_booking_would_widen_and_who_is_shown() {
    let texts = Texts {
        run: r#"{"u": ["a", "b", "c"], "new": ["a"]}"#,
        qrels: r#"{"u": {"a": 1}, "new": {"a": 1}}"#,
        facets: Some(
            r#"{"a": {"category": "book", "venue_kind": "shop", "subcategory": "novel", "venue": "v1", "genre": "crime"},
                "b": {"category": "book", "venue_kind": "shop", "subcategory": "essay", "venue": "v2", "genre": "crime"},
                "h": {"category": "book", "venue_kind": "library", "subcategory": "novel", "venue": "v1"}}"#,
        ),
        history: Some(r#"{"u": ["h"]}"#),
        ..Texts::default()
    };
    let values = evaluate(&texts.read().expect("an input"), &[3]);
    // a: a new kind of venue and genre; b: also a new subcategory and venue; c: nothing known; a first booking is 65.
    let of_u = (25.0 + 40.0 + 0.0) / 3.0;
    near(&values, "diversity_score@3", f64::midpoint(of_u, 65.0), 1e-12);
    let (v1, v2): (f64, f64) = (2.0, 1.0 / 3_f64.log2());
    near(&values, "provider_gini@3", (v1 - v2) / (2.0 * (v1 + v2)), 1e-12);
    let share = v1 / (v1 + v2);
    let kl = share * (share / (2.0 / 3.0)).ln() + (1.0 - share) * ((1.0 - share) / (1.0 / 3.0)).ln();
    near(&values, "provider_kl@3", kl, 1e-12);
    assert!(!values.contains_key("ild@3"));
}

#[test]
fn radio_looks_at_the_head_of_the_list() {
    let items = json!({"a": ["x"], "b": ["y"]});
    let history = json!({"u": ["a"]});
    let radio =
        |run: Value| judged(&run, &json!({"u": {"a": 1}}), Some(&items), Some(&history), 2)["radio_calibration@2"];
    let (first, last) = (radio(json!({"u": ["a", "b"]})), radio(json!({"u": ["b", "a"]})));
    let divergence = |q: f64| {
        let m = f64::midpoint(1.0, q);
        0.5 * (1.0 / m).log2() + 0.5 * q * (q / m).log2() + 0.5 * (1.0 - q)
    };
    let head = 1.0 / (1.0 + 1.0 / 3_f64.log2());
    assert!((first - divergence(head)).abs() < 1e-12, "{first}");
    assert!((last - divergence(1.0 - head)).abs() < 1e-12 && last > first, "{last}");
    assert!(radio(json!({"u": ["a"]})).abs() < 1e-12 && (radio(json!({"u": ["b"]})) - 1.0).abs() < 1e-12);
}
