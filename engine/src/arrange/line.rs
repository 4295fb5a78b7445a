//! One problem as a line of JSON in, one answer as a line of JSON out: what `florilege arrange` speaks.
//!
//! Stands outside the main path, for the command line and for tests by others.
//! Invariant: the answer is always one JSON object; what cannot be read or solved is `{"error":{"code","message"}}`.
//!
//! Three lines to try:
//! ```text
//! {"candidates":[{"id":"a","score":0.9,"attributes":{"category":"LIVRE"}},{"id":"b","score":0.8,"attributes":{"category":"LIVRE"}},{"id":"c","score":0.1,"attributes":{"category":"CINEMA"}}],"k":3,"rules":[{"by":"category","window":2,"max":1,"strict":true}]}
//! {"candidates":[{"id":"a","score":0.9,"attributes":{"genre":["Manga","Jeunesse"]}},{"id":"b","score":0.8,"attributes":{"genre":"Manga"}}],"k":2,"rules":[{"by":"genre","window":2,"max":1,"strict":false}]}
//! {"candidates":[{"id":"a","score":0.9,"attributes":{}},{"id":"b","score":0.8,"attributes":{"label":"local"}}],"k":1,"quotas":[{"by":"label","value":"local","min":1}],"pins":[{"id":"a","rank":0}]}
//! ```

mod read;

use serde_json::{Value, json};

use super::explain::{self, Reason};
use super::problem::Checked;
use super::search::Workspace;
use super::slate::{Contradiction, Relaxation, Shortfall, Slate, Violation};
use super::solve::solve_with;
use read::Named;

/// Why a line has no slate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LineError {
    /// A short stable name, for machines.
    pub code: &'static str,
    /// What is wrong and where.
    pub message: String,
    /// JSON pointer to the fault, empty for the whole line.
    pub pointer: String,
}

/// The answer to one line.
#[must_use]
pub fn answer(line: &str) -> String {
    answer_with(line, &mut Workspace::default())
}

/// The answer to one line, in memory kept between lines.
#[must_use]
pub fn answer_with(line: &str, ws: &mut Workspace) -> String {
    match solve_line(line, ws) {
        Ok(answer) => answer.to_string(),
        Err(e) => json!({"error": {"code": e.code, "message": e.message, "pointer": e.pointer}}).to_string(),
    }
}

fn solve_line(line: &str, ws: &mut Workspace) -> Result<Value, LineError> {
    let (problem, named) = read::problem(line)?;
    let checked = problem.check().map_err(|e| named.fault(&e))?;
    let slate = solve_with(&checked, ws);
    let mut answer = written(&checked, &named, &slate);
    if named.explain {
        answer["moved"] = moved(&checked, &named, &slate);
    }
    Ok(answer)
}

fn written(checked: &Checked, named: &Named, slate: &Slate) -> Value {
    let problem = checked.problem();
    let by = |rule: usize| &problem.attributes[problem.rules[rule].attribute].by;
    let violation = |v: &Violation| json!({"rule": v.rule, "rank": v.rank, "by": by(v.rule)});
    let relaxed = |(rule, breaks): &(usize, usize)| json!({"rule": rule, "by": by(*rule), "breaks": breaks});
    json!({
        "slate": slate.places.iter().map(|c| named.id(*c)).collect::<Vec<_>>(),
        "value": slate.value,
        "bound": slate.bound,
        "gap": slate.gap,
        "satisfied": slate.satisfied,
        "violations": slate.violations.iter().map(violation).collect::<Vec<_>>(),
        "shortfall": slate.shortfall.as_ref().map(|s| shortfall(checked, named, s)),
        "relaxed": slate.relaxed.iter().map(relaxed).collect::<Vec<_>>(),
        "contradictions": slate.contradictions.iter().map(|c| contradiction(named, checked, c)).collect::<Vec<_>>(),
        "solver": slate.solver.name(),
        "exact": slate.exact,
    })
}

fn shortfall(checked: &Checked, named: &Named, short: &Shortfall) -> Value {
    let problem = checked.problem();
    let of_rule = short.rule.map(|r| problem.rules[r].attribute);
    let attribute = of_rule.or(short.quota.map(|q| problem.quotas[q].attribute));
    let value = attribute.zip(short.value).map(|(a, v)| named.value(a, v));
    json!({
        "missing": short.missing,
        "rank": short.rank,
        "cause": short.cause.name(),
        "rule": short.rule,
        "quota": short.quota,
        "by": attribute.map(|a| &problem.attributes[a].by),
        "value": value,
        "pins": short.pins.iter().map(|p| named.id(problem.pins[*p].candidate)).collect::<Vec<_>>(),
        "quota_missing": short.quota_missing,
        "relaxation": short.relaxation.as_ref().map(relaxation),
    })
}

fn relaxation(found: &Relaxation) -> Value {
    let breaks: Vec<Value> = found
        .breaks
        .iter()
        .map(|v| json!({"rule": v.rule, "rank": v.rank}))
        .collect();
    json!({"breaks": breaks, "places": found.places, "value": found.value, "proven": found.proven})
}

fn contradiction(named: &Named, checked: &Checked, found: &Contradiction) -> Value {
    let problem = checked.problem();
    let id = |pin: &usize| named.id(problem.pins[*pin].candidate);
    match found {
        Contradiction::Pins { first, second } => json!({"kind": "pins", "pins": [id(first), id(second)]}),
        Contradiction::PinExcluded { pin } => json!({"kind": "pin_excluded", "pins": [id(pin)]}),
        Contradiction::PinsRule { rule, rank, value } => {
            let attribute = problem.rules[*rule].attribute;
            json!({"kind": "pins_rule", "rule": rule, "rank": rank, "value": named.value(attribute, *value)})
        }
        Contradiction::Quota { quota } => json!({"kind": "quota", "quota": quota}),
    }
}

fn moved(checked: &Checked, named: &Named, slate: &Slate) -> Value {
    let reason = |r: &Reason| match r {
        Reason::Pin => json!({"pin": true}),
        Reason::Rule(rule) => json!({"rule": rule}),
        Reason::Quota(quota) => json!({"quota": quota}),
        Reason::Others => json!({"others": true}),
    };
    let moves = explain::moves(checked.problem(), slate);
    let written = moves.iter().map(|m| {
        json!({
            "id": named.id(m.candidate),
            "rank": m.rank,
            "relevance_rank": m.relevance_rank,
            "by": m.by.iter().map(reason).collect::<Vec<_>>(),
            "displaced": m.displaced.map(|c| named.id(c)),
        })
    });
    Value::Array(written.collect())
}
