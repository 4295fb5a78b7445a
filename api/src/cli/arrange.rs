//! `florilege arrange`: problems as lines on standard input, one answer a line in the same order.
//!
//! Lines that are already there are solved side by side; one that comes alone is answered at once. Invariant: as many
//! lines come out as go in, each one JSON object.

use std::io::{BufRead, BufReader, Read, Write};

use clap::Args;
use florilege_engine::arrange::line;
use rayon::prelude::*;

/// How many lines are solved side by side.
const AT_ONCE: usize = 512;

const EXAMPLES: &str = r#"Examples:
  No two of a category in a row:
    echo '{"candidates":[{"id":"a","score":2,"attributes":{"category":"LIVRE"}},{"id":"b","score":1,"attributes":{"category":"CINEMA"}}],"k":2,"rules":[{"by":"category","window":2,"max":1,"strict":true}]}' | florilege arrange
  A pin, and at least one small venue among the first two:
    echo '{"candidates":[{"id":"a","score":3},{"id":"b","score":2},{"id":"c","score":1,"attributes":{"small":"yes"}}],"k":3,"pins":[{"id":"b","rank":0}],"quotas":[{"by":"small","value":"yes","min":1,"first":2}]}' | florilege arrange
  A rule that cannot be met: full length with the fewest breaks, instead of a short list:
    echo '{"candidates":[{"id":"a","score":2,"attributes":{"genre":["jazz"]}},{"id":"b","score":1,"attributes":{"genre":["jazz","rock"]}}],"k":2,"rules":[{"by":"genre","window":2,"max":1}],"policy":"relax"}' | florilege arrange

A line that is no problem is answered by {"error":{"code","message"}}."#;

/// Solve diversification problems, a line of JSON each.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arrange {}

impl Arrange {
    /// Answers until the end of standard input.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        answer_all(std::io::stdin(), &mut std::io::stdout().lock())
    }
}

/// Answers every line of `input`.
pub(super) fn answer_all(input: impl Read, out: &mut impl Write) -> anyhow::Result<()> {
    let mut input = BufReader::with_capacity(1 << 20, input);
    loop {
        let lines = waiting(&mut input)?;
        if lines.is_empty() {
            return Ok(());
        }
        let answers: Vec<String> = lines.par_iter().map(|line| answer(line)).collect();
        for answer in answers {
            writeln!(out, "{answer}")?;
        }
        out.flush()?;
    }
}

/// The next line, and those after it that have already come.
fn waiting(input: &mut BufReader<impl Read>) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(lines);
        }
        lines.push(line);
        if lines.len() == AT_ONCE || !input.buffer().contains(&b'\n') {
            return Ok(lines);
        }
    }
}

fn answer(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => line::answer(text.trim()),
        Err(_) => r#"{"error":{"code":"malformed_json","message":"a line is UTF-8"}}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn as_many_answers_as_lines_in_their_order() {
        let problem = |id: usize| format!(r#"{{"candidates":[{{"id":"c{id}","score":1,"attributes":{{}}}}],"k":1}}"#);
        let mut input: Vec<u8> = (0..1_000)
            .flat_map(|id| format!("{}\n", problem(id)).into_bytes())
            .collect();
        input.extend_from_slice(b"{bad\n\xff\n\n");
        input.extend_from_slice(problem(7).as_bytes());
        let mut out = Vec::new();
        answer_all(&input[..], &mut out).expect("answers");
        let answers: Vec<Value> = out
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).expect("JSON"))
            .collect();
        assert_eq!(answers.len(), 1_004);
        for (id, answer) in answers.iter().take(1_000).enumerate() {
            assert_eq!(answer["slate"][0], format!("c{id}"));
        }
        assert!(
            answers[1_000..1_003]
                .iter()
                .all(|answer| answer["error"]["code"].is_string())
        );
        assert_eq!(answers[1_003]["slate"][0], "c7");
    }
}
