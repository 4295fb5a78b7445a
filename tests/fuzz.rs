//! A fuzzer for parsers, on the stable toolchain: it bends known inputs, and keeps each that gave a new outcome to bend
//! it further.
//!
//! Guided by outcomes, not by coverage: a parser says in a word what became of an input (refused where and why, or
//! taken with what shape). Coverage-guided targets over the same functions stand in `engine/fuzz`. Invariants: without
//! `FLORILEGE_FUZZ_SECONDS` it is a function of its seed and of a fixed count; an input that panics, or takes longer
//! than [`SLOW`], is printed and kept in a file.

pub mod targets;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The longest input.
const LONGEST: usize = 8 << 10;
/// The most inputs that are kept to be bent further.
const KEPT: usize = 4_096;
/// What one input may take in a development build on a busy machine.
pub const SLOW: Duration = Duration::from_secs(5);

/// Texts that parsers trip over.
const ODD: [&str; 40] = [
    "null",
    "true",
    "-1",
    "0",
    "-0.0",
    "1e400",
    "1e-320",
    "NaN",
    "18446744073709551616",
    "-9223372036854775809",
    "4294967296",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[[[[[[[[[[[]]]]]]]]]]]]",
    "\"9999-12-31T23:59:59Z\"",
    "\"0000-01-01T00:00:00+23:59\"",
    "\"2026-02-30T00:00:00Z\"",
    "\"ﷺ🏴‍☠️é\"",
    "\u{feff}",
    "\u{202e}",
    "\u{0}",
    "\\",
    "\"",
    "'",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\r\n",
    "\t",
    "=",
    "#",
    "/",
    "~1",
];

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// How many inputs were tried.
    pub inputs: u64,
    /// Every outcome, each once.
    pub outcomes: HashSet<String>,
}

/// Seconds for each target, where they are given.
#[must_use]
pub fn seconds() -> Option<u64> {
    std::env::var("FLORILEGE_FUZZ_SECONDS").ok()?.parse().ok()
}

/// Bends `seeds` and gives each to `target`: for the seconds of `FLORILEGE_FUZZ_SECONDS`, else `count` times.
///
/// # Panics
/// When an input makes the target panic, or takes too long.
pub fn run(name: &str, seeds: &[Vec<u8>], count: u64, mut target: impl FnMut(&[u8]) -> String) -> Ran {
    let mut rng = Pcg64::seed_from_u64(99);
    let (begun, limit) = (Instant::now(), seconds().map(Duration::from_secs));
    let mut held = Ran {
        inputs: 0,
        outcomes: HashSet::new(),
    };
    let mut corpus: Vec<Vec<u8>> = seeds.to_vec();
    let mut next: Vec<Vec<u8>> = corpus.iter().rev().cloned().collect();
    loop {
        let goes_on = limit.map_or(held.inputs < count, |limit| begun.elapsed() < limit);
        if !goes_on {
            break;
        }
        // The seeds first, as they are.
        let input = next.pop().unwrap_or_else(|| bent(&mut rng, &corpus));
        let outcome = tried(name, &input, &mut target);
        held.inputs += 1;
        if held.outcomes.insert(outcome) && corpus.len() < KEPT {
            corpus.push(input);
        }
    }
    eprintln!(
        "fuzz {name}: {} inputs, {} outcomes, {:.1} s",
        held.inputs,
        held.outcomes.len(),
        begun.elapsed().as_secs_f64()
    );
    held
}

/// Gives one input; a panic, or an answer that takes too long, tells which it was.
fn tried(name: &str, input: &[u8], target: &mut impl FnMut(&[u8]) -> String) -> String {
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
    let took = begun.elapsed();
    match outcome {
        Ok(outcome) if took <= SLOW => outcome,
        Ok(_) => panic!("fuzz {name}: {took:?} for {}", kept(name, input)),
        Err(panic) => {
            eprintln!("fuzz {name}: panics at {}", kept(name, input));
            resume_unwind(panic)
        }
    }
}

/// Writes an input to a file and tells it.
fn kept(name: &str, input: &[u8]) -> String {
    let file = std::env::temp_dir().join(format!("florilege-fuzz-{name}-{}", std::process::id()));
    // It is printed too.
    let _ = std::fs::write(&file, input);
    format!("{} ({})", input.escape_ascii(), file.display())
}

/// One of the corpus with some things bent: mostly one, and mostly a value, so that much still parses.
fn bent(rng: &mut Pcg64, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = corpus[rng.random_range(0..corpus.len())].clone();
    let times = if rng.random_bool(0.6) {
        1
    } else {
        rng.random_range(2..6)
    };
    for _ in 0..times {
        if rng.random_bool(0.7) {
            bend_value(rng, &mut bytes, corpus);
        } else {
            bend(rng, &mut bytes, corpus);
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Another value in the place of one.
fn bend_value(rng: &mut Pcg64, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    match rng.random_range(0..3) {
        0 => number(rng, bytes),
        1 => {
            let odd = ODD[rng.random_range(0..ODD.len())];
            exchange(rng, bytes, odd.as_bytes());
        }
        _ => {
            let other = &corpus[rng.random_range(0..corpus.len())];
            if let Some((from, to)) = value(rng, other) {
                exchange(rng, bytes, &other[from..to]);
            }
        }
    }
}

/// Any bytes.
fn bend(rng: &mut Pcg64, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = rng.random_range(0..=bytes.len());
    let until = (at + rng.random_range(1..16)).min(bytes.len());
    match rng.random_range(0..7) {
        0 if at < bytes.len() => bytes[at] = rng.random_range(0..=255),
        1 if at < bytes.len() => bytes[at] ^= 1 << rng.random_range(0..8),
        2 => drop(bytes.drain(at..until)),
        3 => {
            let piece = bytes[at..until].to_vec();
            bytes.splice(at..at, piece);
        }
        4 if rng.random_bool(0.2) => bytes.truncate(at),
        5 => drop(bytes.splice(at..at, ODD[rng.random_range(0..ODD.len())].bytes())),
        _ => {
            let other = &corpus[rng.random_range(0..corpus.len())];
            crossed(rng, bytes, at, other);
        }
    }
}

/// Goes on with another's end.
fn crossed(rng: &mut Pcg64, bytes: &mut Vec<u8>, at: usize, other: &[u8]) {
    let from = rng.random_range(0..=other.len());
    bytes.truncate(at);
    bytes.extend_from_slice(&other[from..]);
}

/// Puts another number in the place of one.
fn number(rng: &mut Pcg64, bytes: &mut Vec<u8>) {
    let Some(at) = place(rng, bytes, u8::is_ascii_digit) else {
        return;
    };
    let end = bytes[at..].iter().position(|byte| !byte.is_ascii_digit());
    let end = end.map_or(bytes.len(), |length| at + length);
    let other = match rng.random_range(0..5) {
        0 => "0".to_owned(),
        1 => u64::MAX.to_string(),
        2 => format!("{}", rng.random_range(0..300)),
        3 => format!("1{}", "0".repeat(rng.random_range(1..40))),
        _ => format!("{}.5", rng.random_range(0..100)),
    };
    bytes.splice(at..end, other.bytes());
}

/// Puts this in the place of a value.
fn exchange(rng: &mut Pcg64, bytes: &mut Vec<u8>, other: &[u8]) {
    if let Some((from, to)) = value(rng, bytes) {
        bytes.splice(from..to, other.iter().copied());
    }
}

/// Where a value stands: after a colon or an equals sign, up to the comma, the end of the line, or its own last bracket.
fn value(rng: &mut Pcg64, bytes: &[u8]) -> Option<(usize, usize)> {
    let from = place(rng, bytes, |byte| matches!(byte, b':' | b'='))? + 1;
    let (mut depth, mut quoted) = (0_u32, false);
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted && depth == 0 => return Some((from, at)),
            b']' | b'}' if !quoted => depth -= 1,
            b',' | b'\n' | b'&' if !quoted && depth == 0 => return Some((from, at)),
            _ => {}
        }
    }
    Some((from, bytes.len()))
}

/// Some place where such a byte stands.
fn place(rng: &mut Pcg64, bytes: &[u8], is: impl Fn(&u8) -> bool) -> Option<usize> {
    let places: Vec<usize> = (0..bytes.len()).filter(|at| is(&bytes[*at])).collect();
    places.get(rng.random_range(0..places.len().max(1))).copied()
}

/// A refusal in a word: each fault's code and where, without numbers of places.
#[must_use]
pub fn refused(invalid: &florilege_engine::invalid::Invalid) -> String {
    let told = |fault: &florilege_engine::invalid::Fault| {
        let pointer: String = fault
            .pointer
            .chars()
            .filter(|letter| !letter.is_ascii_digit())
            .take(40)
            .collect();
        format!("{:?} {pointer}", fault.code)
    };
    invalid.0.iter().take(3).map(told).collect::<Vec<_>>().join(", ")
}
