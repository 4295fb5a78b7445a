//! `florilege arrange` as a program: one answer a line, in order, whatever the lines are.

use florilege_tests::run;
use serde_json::{Value, json};

fn answers(lines: &[String]) -> Vec<Value> {
    let (code, output, error) = run("florilege", &["arrange"], &format!("{}\n", lines.join("\n")));
    assert_eq!(code, Some(0), "{error}");
    output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn problem(scores: &[(&str, f64, &str)], k: usize) -> Value {
    let candidates: Vec<Value> =
        scores.iter().map(|(id, score, category)| json!({"id": id, "score": score, "attributes": {"category": category}})).collect();
    json!({"candidates": candidates, "k": k, "rules": [{"by": "category", "window": 2, "max": 1, "strict": true}]})
}

#[test]
fn the_list_that_greedy_misses_is_found() {
    // SCIENCE: greedy with look-ahead takes B first and loses 23.4 %.
    let hard = problem(&[("b", 1.0, "B"), ("a1", 0.999, "A"), ("a2", 0.998, "A"), ("c", 0.0, "C")], 3);
    let answer = &answers(&[hard.to_string()])[0];
    assert_eq!(answer["slate"], json!(["a1", "b", "a2"]));
    let value = 0.999 + 1.0 / 3f64.log2() + 0.998 / 2.0;
    assert!((answer["value"].as_f64().expect("a value") - value).abs() < 1e-12);
    assert_eq!((&answer["satisfied"], &answer["gap"]), (&json!(true), &json!(0.0)));
}

#[test]
fn every_line_gets_one_answer_in_order() {
    let short = problem(&[("x", 1.0, "A"), ("y", 1.0, "A")], 2);
    let nan = r#"{"candidates":[{"id":"x","score":NaN}],"k":1}"#;
    let negative = json!({"candidates": [{"id": "x", "score": -1.0}], "k": 1});
    let unknown = json!({"candidates": [], "k": 1, "colour": 1});
    let lines = [short.to_string(), nan.to_owned(), negative.to_string(), "[]".to_owned(), unknown.to_string(), short.to_string()];
    let answers = answers(&lines);
    assert_eq!(answers.len(), lines.len());
    let failed: Vec<bool> = answers.iter().map(|answer| answer["error"].is_object()).collect();
    assert_eq!(failed, [false, true, true, true, true, false]);
    assert_eq!((&answers[0]["slate"], &answers[0]["satisfied"]), (&json!(["x"]), &json!(false)));
    assert_eq!(answers[0], answers[5]);
}
