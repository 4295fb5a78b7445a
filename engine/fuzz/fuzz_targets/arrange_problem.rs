//! Any bytes, read as a problem, end in a typed error or in a slate that verifies.
//!
//! Invariant: no input panics, hangs, or gets a list that the slow checker refuses.

#![no_main]

use florilege_engine::arrange::verify::verify;
use florilege_engine::arrange::{Attribute, Pin, Policy, Problem, Quota, Rule, Shown, Values, explain, solve};
use libfuzzer_sys::fuzz_target;

/// Bytes taken one by one; zeros when they run out.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, end: u8) -> usize {
        usize::from(self.next() % end)
    }

    /// Small mostly, now and then anything.
    fn number(&mut self) -> usize {
        match self.next() {
            255 => usize::MAX,
            254 => usize::from(self.next()) << 8 | usize::from(self.next()),
            small => usize::from(small % 9),
        }
    }

    fn score(&mut self) -> f64 {
        match self.next() {
            255 => f64::from_bits((0..8).fold(0, |bits, _| bits << 8 | u64::from(self.next()))),
            small => f64::from(small % 16),
        }
    }

    fn values(&mut self) -> Values {
        (0..self.below(4)).map(|_| u32::from(self.next() % 5)).collect()
    }
}

fn problem(bytes: &mut Bytes<'_>) -> Problem {
    let n = bytes.below(24);
    let attributes = bytes.below(3);
    let attribute = |b: &mut Bytes<'_>| Attribute { by: "x".into(), values: (0..n).map(|_| b.values()).collect() };
    Problem {
        k: bytes.number(),
        scores: (0..n).map(|_| bytes.score()).collect(),
        attributes: (0..attributes).map(|_| attribute(bytes)).collect(),
        rules: (0..bytes.below(4)).map(|_| rule(bytes)).collect(),
        pins: (0..bytes.below(4)).map(|_| Pin { candidate: bytes.number() as u32, rank: bytes.number() }).collect(),
        exclude: (0..bytes.below(3)).map(|_| bytes.number() as u32).collect(),
        quotas: (0..bytes.below(3)).map(|_| quota(bytes)).collect(),
        history: (0..bytes.below(5)).map(|_| Shown { values: (0..attributes).map(|_| bytes.values()).collect() }).collect(),
        policy: if bytes.below(2) == 0 { Policy::Cut } else { Policy::Relax },
        reserve: bytes.number(),
        budget: 200 * bytes.below(8),
    }
}

fn rule(bytes: &mut Bytes<'_>) -> Rule {
    Rule { attribute: bytes.below(3), window: bytes.number(), max: bytes.number(), strict: bytes.below(2) == 0 }
}

fn quota(bytes: &mut Bytes<'_>) -> Quota {
    let maybe = |b: &mut Bytes<'_>| (b.below(2) == 0).then(|| b.number());
    Quota {
        attribute: bytes.below(3),
        value: u32::from(bytes.next() % 5),
        min: bytes.number(),
        max: maybe(bytes),
        first: maybe(bytes),
    }
}

fuzz_target!(|data: &[u8]| {
    let problem = problem(&mut Bytes(data));
    let Ok(checked) = problem.clone().check() else { return };
    let slate = solve(&checked);
    assert_eq!(verify(&problem, &slate), vec![], "{problem:#?} {slate:#?}");
    assert_eq!(explain::moves(&problem, &slate).len(), slate.places.len());
});
