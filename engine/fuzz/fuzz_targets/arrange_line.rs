//! Any line gets one JSON object: a slate or an error.
//!
//! Invariant: the answer parses, and holds either `slate` or `error.code`.

#![no_main]

use florilege_engine::arrange::line::answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    let answer: serde_json::Value = serde_json::from_str(&answer(line)).expect("an answer is JSON");
    assert!(answer["slate"].is_array() || answer["error"]["code"].is_string(), "{answer}");
});
