//! The line form: shapes, verdicts and errors, by example.

use serde_json::{Value, json};

use crate::arrange::line::answer;

fn solved(problem: &Value) -> Value {
    serde_json::from_str(&answer(&problem.to_string())).unwrap()
}

fn offers(list: &[(&str, f64, &str)]) -> Value {
    let offer = |(id, score, category): &(&str, f64, &str)| json!({"id": id, "score": score, "attributes": {"category": category}});
    list.iter().map(offer).collect()
}

fn adjacency() -> Value {
    json!([{"by": "category", "window": 2, "max": 1, "strict": true}])
}

#[test]
fn the_counterexample_to_greedy() {
    let candidates = offers(&[("b", 1.0, "B"), ("a1", 0.999, "A"), ("a2", 0.998, "A"), ("c", 0.0, "C")]);
    let answer = solved(&json!({"candidates": candidates, "k": 3, "rules": adjacency()}));
    assert_eq!(answer["slate"], json!(["a1", "b", "a2"]));
    assert_eq!(answer["satisfied"], json!(true));
    assert_eq!(answer["gap"], json!(0.0));
    assert_eq!(answer["solver"], json!("threshold_dp"));
    assert_eq!(
        (&answer["violations"], &answer["relaxed"], &answer["shortfall"]),
        (&json!([]), &json!([]), &Value::Null)
    );
}

#[test]
fn a_list_cut_short_says_why() {
    let candidates = offers(&[("x", 3.0, "A"), ("y", 2.0, "A"), ("z", 1.0, "A"), ("w", 0.5, "B")]);
    let answer = solved(&json!({"candidates": candidates, "k": 4, "rules": adjacency()}));
    assert_eq!(answer["slate"], json!(["x", "w", "y"]));
    assert_eq!(answer["satisfied"], json!(false));
    let short = &answer["shortfall"];
    assert_eq!(
        (&short["missing"], &short["rank"], &short["cause"]),
        (&json!(1), &json!(3), &json!("rule"))
    );
    assert_eq!(
        (&short["rule"], &short["by"], &short["value"]),
        (&json!(0), &json!("category"), &json!("A"))
    );
    assert_eq!(short["relaxation"]["places"], json!(4));
    assert_eq!(short["relaxation"]["breaks"].as_array().unwrap().len(), 1);
}

#[test]
fn relax_fills_the_list_with_fewest_breaks() {
    let candidates = offers(&[("x", 3.0, "A"), ("y", 2.0, "A"), ("z", 1.0, "A"), ("w", 0.5, "B")]);
    let answer = solved(&json!({"candidates": candidates, "k": 4, "rules": adjacency(), "policy": "relax"}));
    assert_eq!(answer["slate"], json!(["x", "y", "w", "z"]));
    assert_eq!(answer["violations"], json!([{"rule": 0, "rank": 1, "by": "category"}]));
    assert_eq!(answer["relaxed"], json!([{"rule": 0, "by": "category", "breaks": 1}]));
    assert_eq!(answer["satisfied"], json!(false));
}

#[test]
fn contradictory_pins_are_a_verdict() {
    let candidates = offers(&[("x", 3.0, "A"), ("y", 2.0, "A"), ("z", 1.0, "B")]);
    let pins = json!([{"id": "x", "rank": 0}, {"id": "y", "rank": 1}]);
    let answer = solved(&json!({"candidates": candidates, "k": 3, "rules": adjacency(), "pins": pins}));
    assert_eq!(answer["slate"], json!(["x"]));
    assert_eq!(answer["satisfied"], json!(false));
    assert_eq!(answer["shortfall"]["pins"], json!(["y"]));
    assert_eq!(
        answer["contradictions"],
        json!([{"kind": "pins_rule", "rule": 0, "rank": 1, "value": "A"}])
    );
}

#[test]
fn ties_go_by_id() {
    let candidates = offers(&[("d", 1.0, "A"), ("b", 1.0, "A"), ("c", 1.0, "B"), ("a", 1.0, "B")]);
    let answer = solved(&json!({"candidates": candidates, "k": 4}));
    assert_eq!(answer["slate"], json!(["a", "b", "c", "d"]));
    assert_eq!(answer["solver"], json!("sort"));
}

#[test]
fn history_binds_the_first_place_and_breaks_nothing() {
    let candidates = offers(&[("x", 3.0, "A"), ("z", 1.0, "B")]);
    let history = json!([{"category": "A"}, {"category": "A"}]);
    let answer = solved(&json!({"candidates": candidates, "k": 2, "rules": adjacency(), "history": history}));
    assert_eq!(answer["slate"], json!(["z", "x"]));
    assert_eq!(answer["satisfied"], json!(true));
}

#[test]
fn too_few_candidates() {
    let answer = solved(&json!({"candidates": [], "k": 2, "rules": adjacency()}));
    assert_eq!(answer["slate"], json!([]));
    assert_eq!(
        (&answer["value"], &answer["bound"], &answer["gap"]),
        (&json!(0.0), &json!(0.0), &json!(0.0))
    );
    assert_eq!(answer["shortfall"]["cause"], json!("candidates"));
}

#[test]
fn quotas_bring_what_they_ask() {
    let candidates = offers(&[("x", 3.0, "A"), ("y", 2.0, "A"), ("z", 1.0, "B")]);
    let quotas =
        json!([{"by": "category", "value": "B", "min": 1}, {"by": "category", "value": "A", "max": 0, "first": 1}]);
    let answer = solved(&json!({"candidates": candidates, "k": 2, "quotas": quotas}));
    assert_eq!(answer["slate"], json!(["z", "x"]));
    assert_eq!(answer["satisfied"], json!(true));
}

#[test]
fn moves_are_told_on_demand() {
    let candidates = offers(&[("x", 3.0, "A"), ("y", 2.0, "A"), ("z", 1.0, "B")]);
    let answer = solved(&json!({"candidates": candidates, "k": 3, "rules": adjacency(), "explain": true}));
    let risen = json!({"id": "z", "rank": 1, "relevance_rank": 2, "by": [{"rule": 0}], "displaced": "y"});
    assert_eq!(answer["moved"][1], risen);
}

#[test]
fn bad_lines_are_typed_errors() {
    let one = offers(&[("x", 1.0, "A")]);
    let cases = [
        ("".to_owned(), "malformed_json", ""),
        ("{\"k\":1e999}".to_owned(), "malformed_json", ""),
        ("[]".to_owned(), "invalid_value", ""),
        (json!({"candidates": one}).to_string(), "missing_field", ""),
        (
            json!({"candidates": one, "k": 1, "speed": 2}).to_string(),
            "unknown_field",
            "/speed",
        ),
        (json!({"candidates": one, "k": 0}).to_string(), "k_out_of_range", "/k"),
        (json!({"candidates": one, "k": 201}).to_string(), "k_out_of_range", "/k"),
        (json!({"candidates": one, "k": -1}).to_string(), "invalid_value", "/k"),
        (
            json!({"candidates": offers(&[("x", -1.0, "A")]), "k": 1}).to_string(),
            "invalid_score",
            "/candidates/0/score",
        ),
        (
            json!({"candidates": offers(&[("x", 1.0, "A"), ("x", 1.0, "A")]), "k": 1}).to_string(),
            "duplicate_candidate",
            "/candidates/1/id",
        ),
        (
            json!({"candidates": one, "k": 1, "rules": [{"by": "category", "window": 0}]}).to_string(),
            "invalid_window",
            "/rules/0/window",
        ),
        (
            json!({"candidates": one, "k": 1, "pins": [{"id": "y", "rank": 0}]}).to_string(),
            "unknown_candidate",
            "/pins/0/id",
        ),
        (
            json!({"candidates": one, "k": 1, "pins": [{"id": "x", "rank": 1}]}).to_string(),
            "pin_out_of_range",
            "/pins/0/rank",
        ),
        (
            json!({"candidates": one, "k": 1, "policy": "widen"}).to_string(),
            "invalid_value",
            "/policy",
        ),
    ];
    for (line, code, pointer) in cases {
        let answer: Value = serde_json::from_str(&answer(&line)).unwrap();
        assert_eq!(
            (answer["error"]["code"].as_str(), answer["error"]["pointer"].as_str()),
            (Some(code), Some(pointer)),
            "{line}"
        );
    }
}

#[test]
fn the_documented_lines_are_answered() {
    let documented = include_str!("../line.rs")
        .lines()
        .filter_map(|l| l.strip_prefix("//! {"));
    let answers: Vec<Value> = documented
        .map(|l| serde_json::from_str(&answer(&format!("{{{l}"))).unwrap())
        .collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["slate"], json!(["a", "c", "b"]));
    assert_eq!(answers[1]["violations"][0]["rank"], json!(1));
    assert_eq!(answers[2]["shortfall"]["quota_missing"], json!(1));
}
