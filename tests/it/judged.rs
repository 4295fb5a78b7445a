//! How good search is on real events and works: floors under nDCG@10 and MRR of the judged set.
//!
//! `benches/search_judged.rs` runs the same set on other engines.

use florilege_tests::judged::{ask, documents, engine, imported, questions, score};
use florilege_tests::{root, shared_data};

/// What search must reach on the whole set; a little under what it reached when they were set.
const NDCG: f64 = 0.82;
const MRR: f64 = 0.85;

#[test]
fn the_judged_set_stays_above_its_floors() {
    let questions = questions(&root());
    assert!(questions.len() >= 200, "{}", questions.len());
    let Some(data) = shared_data() else { return };
    let lines = imported(&data);
    let documents = documents(&lines);
    let without: Vec<&str> = questions
        .iter()
        .filter(|question| question.ideal(&documents).is_empty())
        .map(|question| question.text.as_str())
        .collect();
    assert!(without.is_empty(), "no good answer exists to {without:?}");
    let engine = engine(&lines);
    let (score, each) = score(&questions, &documents, |q| ask(&engine, q));
    let mut worst: Vec<(f64, &str)> = each
        .iter()
        .zip(&questions)
        .map(|(one, q)| (one.0, q.text.as_str()))
        .collect();
    worst.sort_by(|one, two| one.0.total_cmp(&two.0));
    eprintln!(
        "{} questions: nDCG@10 {:.3}, MRR {:.3}; the worst: {:?}",
        questions.len(),
        score.ndcg,
        score.mrr,
        &worst[..30]
    );
    assert!(
        score.ndcg >= NDCG && score.mrr >= MRR,
        "{score:?}, the worst: {:?}",
        &worst[..30]
    );
}
