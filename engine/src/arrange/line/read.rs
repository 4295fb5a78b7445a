//! Reading a line: names become numbers, and every unknown, missing or doubled one an error that points to it.
//!
//! Invariant: candidates are put in id order, so that equal scores are resolved by id.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::Value;

use super::LineError;
use crate::arrange::problem::{
    Attribute, DEFAULT_BUDGET, Pin, Policy, Problem, ProblemError, Quota, Rule, Shown, Values,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    candidates: Vec<Candidate>,
    k: usize,
    #[serde(default)]
    rules: Option<Vec<RuleLine>>,
    #[serde(default)]
    pins: Option<Vec<PinLine>>,
    #[serde(default)]
    exclude: Option<Vec<String>>,
    #[serde(default)]
    quotas: Option<Vec<QuotaLine>>,
    #[serde(default)]
    history: Option<Vec<Tags>>,
    #[serde(default)]
    policy: Option<PolicyLine>,
    #[serde(default)]
    reserve: Option<usize>,
    #[serde(default)]
    budget: Option<usize>,
    #[serde(default)]
    explain: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Candidate {
    id: String,
    score: f64,
    #[serde(default)]
    attributes: Option<Tags>,
}

type Tags = BTreeMap<String, Tag>;

/// One value, several, or none.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a value, a list of values or null")]
enum Tag {
    Many(Vec<Scalar>),
    One(Scalar),
    Nothing(()),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a string, a number or a boolean")]
enum Scalar {
    Text(String),
    Flag(bool),
    Number(serde_json::Number),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleLine {
    by: String,
    #[serde(default)]
    window: Option<usize>,
    #[serde(default)]
    max: Option<usize>,
    #[serde(default)]
    strict: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinLine {
    id: String,
    rank: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuotaLine {
    by: String,
    value: Scalar,
    #[serde(default)]
    min: Option<usize>,
    #[serde(default)]
    max: Option<usize>,
    #[serde(default)]
    first: Option<usize>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PolicyLine {
    Cut,
    Relax,
}

/// The names behind the numbers of a problem.
#[derive(Debug, Default)]
pub(super) struct Named {
    ids: Vec<String>,
    /// Where each candidate stood in the line.
    given: Vec<usize>,
    values: Vec<Vec<String>>,
    pub(super) explain: bool,
}

impl Named {
    pub(super) fn id(&self, candidate: u32) -> &str {
        self.ids.get(candidate as usize).map_or("", String::as_str)
    }

    pub(super) fn value(&self, attribute: usize, value: u32) -> &str {
        let names = self.values.get(attribute);
        names
            .and_then(|names| names.get(value as usize))
            .map_or("", String::as_str)
    }

    /// A fault of the problem, pointing into the line.
    pub(super) fn fault(&self, error: &ProblemError) -> LineError {
        let pointer = match error {
            ProblemError::Places(_) => "/k".to_owned(),
            ProblemError::Reserve(_) => "/reserve".to_owned(),
            ProblemError::Score(i) => format!("/candidates/{}/score", self.given.get(*i).copied().unwrap_or(*i)),
            ProblemError::Candidates(_) => "/candidates".to_owned(),
            ProblemError::AttributeLength { .. } => String::new(),
            ProblemError::RuleAttribute(i) => format!("/rules/{i}/by"),
            ProblemError::RuleWindow(i) => format!("/rules/{i}/window"),
            ProblemError::Rules(_) => "/rules".to_owned(),
            ProblemError::PinCandidate(i) => format!("/pins/{i}/id"),
            ProblemError::PinRank(i) => format!("/pins/{i}/rank"),
            ProblemError::ExcludeCandidate(i) => format!("/exclude/{i}"),
            ProblemError::QuotaAttribute(i) => format!("/quotas/{i}/by"),
            ProblemError::Quotas(_) => "/quotas".to_owned(),
            ProblemError::History(i) => format!("/history/{i}"),
        };
        let message = match error {
            ProblemError::Score(i) => {
                format!(
                    "the score of candidate {:?} must be finite, at least 0 and at most 1e300",
                    self.id(*i as u32)
                )
            }
            other @ (ProblemError::Places(_)
            | ProblemError::Reserve(_)
            | ProblemError::Candidates(_)
            | ProblemError::AttributeLength { .. }
            | ProblemError::RuleAttribute(_)
            | ProblemError::RuleWindow(_)
            | ProblemError::Rules(_)
            | ProblemError::PinCandidate(_)
            | ProblemError::PinRank(_)
            | ProblemError::ExcludeCandidate(_)
            | ProblemError::QuotaAttribute(_)
            | ProblemError::Quotas(_)
            | ProblemError::History(_)) => other.to_string(),
        };
        LineError {
            code: error.code(),
            message,
            pointer,
        }
    }
}

/// Reads a line into a problem and the names of its numbers.
pub(super) fn problem(line: &str) -> Result<(Problem, Named), LineError> {
    let line: Line = parse(line)?;
    let mut reader = Reader::default();
    let mut order: Vec<usize> = (0..line.candidates.len()).collect();
    order.sort_by(|a, b| line.candidates[*a].id.cmp(&line.candidates[*b].id).then(a.cmp(b)));
    unique(&line.candidates, &order)?;
    reader.name_attributes(&line);
    let problem = Problem {
        scores: order.iter().map(|i| line.candidates[*i].score).collect(),
        attributes: reader.attributes(&line.candidates, &order),
        k: line.k,
        rules: line.rules.iter().flatten().map(|r| reader.rule(r)).collect(),
        pins: pins(&line, &order)?,
        exclude: line
            .exclude
            .iter()
            .flatten()
            .filter_map(|id| find(&line.candidates, &order, id))
            .collect(),
        quotas: line.quotas.iter().flatten().map(|q| reader.quota(q)).collect(),
        history: line.history.iter().flatten().map(|h| reader.shown(h)).collect(),
        policy: line.policy.map_or(Policy::Cut, PolicyLine::policy),
        reserve: line.reserve.unwrap_or(0),
        budget: line.budget.unwrap_or(DEFAULT_BUDGET).min(10 * DEFAULT_BUDGET),
    };
    let ids = order.iter().map(|i| line.candidates[*i].id.clone()).collect();
    let explain = line.explain.unwrap_or(false);
    Ok((
        problem,
        Named {
            ids,
            given: order,
            values: reader.names,
            explain,
        },
    ))
}

impl PolicyLine {
    fn policy(self) -> Policy {
        match self {
            Self::Cut => Policy::Cut,
            Self::Relax => Policy::Relax,
        }
    }
}

fn parse(line: &str) -> Result<Line, LineError> {
    let value: Value = serde_json::from_str(line).map_err(|e| LineError {
        code: "malformed_json",
        message: e.to_string(),
        pointer: String::new(),
    })?;
    serde_path_to_error::deserialize(value).map_err(|e| {
        let message = e.inner().to_string();
        let code = match message.as_str() {
            m if m.starts_with("unknown field") => "unknown_field",
            m if m.starts_with("missing field") => "missing_field",
            _ => "invalid_value",
        };
        LineError {
            code,
            message,
            pointer: pointer(e.path()),
        }
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

fn unique(candidates: &[Candidate], order: &[usize]) -> Result<(), LineError> {
    match order
        .windows(2)
        .find(|two| candidates[two[0]].id == candidates[two[1]].id)
    {
        None => Ok(()),
        Some(two) => Err(LineError {
            code: "duplicate_candidate",
            message: format!("candidate {:?} stands twice", candidates[two[1]].id),
            pointer: format!("/candidates/{}/id", two[1]),
        }),
    }
}

fn find(candidates: &[Candidate], order: &[usize], id: &str) -> Option<u32> {
    order
        .binary_search_by(|i| candidates[*i].id.as_str().cmp(id))
        .ok()
        .map(|at| at as u32)
}

fn pins(line: &Line, order: &[usize]) -> Result<Vec<Pin>, LineError> {
    let pin = |(i, pin): (usize, &PinLine)| match find(&line.candidates, order, &pin.id) {
        Some(candidate) => Ok(Pin {
            candidate,
            rank: pin.rank,
        }),
        None => Err(LineError {
            code: "unknown_candidate",
            message: format!("pin {:?} is not among the candidates", pin.id),
            pointer: format!("/pins/{i}/id"),
        }),
    };
    line.pins.iter().flatten().enumerate().map(pin).collect()
}

/// Gives numbers to attribute names and to their values.
#[derive(Debug, Default)]
struct Reader {
    attributes: Vec<String>,
    numbers: Vec<FxHashMap<String, u32>>,
    names: Vec<Vec<String>>,
}

impl Reader {
    /// Only attributes that a rule or a quota speaks of matter.
    fn name_attributes(&mut self, line: &Line) {
        let rules = line.rules.iter().flatten().map(|r| &r.by);
        for by in rules.chain(line.quotas.iter().flatten().map(|q| &q.by)) {
            if !self.attributes.contains(by) {
                self.attributes.push(by.clone());
                self.numbers.push(FxHashMap::default());
                self.names.push(Vec::new());
            }
        }
    }

    fn number(&self, by: &str) -> usize {
        self.attributes.iter().position(|a| a == by).unwrap_or(usize::MAX)
    }

    fn value(&mut self, attribute: usize, scalar: &Scalar) -> u32 {
        let name = match scalar {
            Scalar::Text(text) => text.clone(),
            Scalar::Flag(flag) => flag.to_string(),
            Scalar::Number(number) => number.to_string(),
        };
        let next = self.names[attribute].len() as u32;
        let number = *self.numbers[attribute].entry(name.clone()).or_insert(next);
        if number == next {
            self.names[attribute].push(name);
        }
        number
    }

    fn values(&mut self, attribute: usize, tags: Option<&Tags>) -> Values {
        let by = self.attributes[attribute].clone();
        match tags.and_then(|t| t.get(&by)) {
            Some(Tag::One(one)) => std::iter::once(self.value(attribute, one)).collect(),
            Some(Tag::Many(many)) => many.iter().map(|s| self.value(attribute, s)).collect(),
            Some(Tag::Nothing(())) | None => Values::new(),
        }
    }

    fn attributes(&mut self, candidates: &[Candidate], order: &[usize]) -> Vec<Attribute> {
        let mut made = Vec::new();
        for attribute in 0..self.attributes.len() {
            let of = |i: &usize| self.values(attribute, candidates[*i].attributes.as_ref());
            let values = order.iter().map(of).collect();
            made.push(Attribute {
                by: self.attributes[attribute].clone().into(),
                values,
            });
        }
        made
    }

    fn rule(&self, rule: &RuleLine) -> Rule {
        Rule {
            attribute: self.number(&rule.by),
            window: rule.window.unwrap_or(2),
            max: rule.max.unwrap_or(1),
            strict: rule.strict.unwrap_or(true),
        }
    }

    fn quota(&mut self, quota: &QuotaLine) -> Quota {
        let attribute = self.number(&quota.by);
        Quota {
            attribute,
            value: self.value(attribute, &quota.value),
            min: quota.min.unwrap_or(0),
            max: quota.max,
            first: quota.first,
        }
    }

    fn shown(&mut self, tags: &Tags) -> Shown {
        Shown {
            values: (0..self.attributes.len()).map(|a| self.values(a, Some(tags))).collect(),
        }
    }
}
