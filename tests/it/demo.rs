//! The first command of the README: it starts, prints where to look, and the lines that it prints work.

use std::process::Command;

use florilege_tests::{Server, run};
use serde_json::{Value, json};

#[test]
fn the_demo_answers_and_the_lines_it_prints_work() {
    let server = Server::start(&["demo"]);
    let lines: Vec<&String> = server.greeting.iter().filter(|line| line.trim_start().starts_with("curl ")).collect();
    assert_eq!(lines.len(), 3, "{:?}", server.greeting);
    for line in lines {
        let output = Command::new("sh").args(["-c", line]).output().expect("a shell");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(output.status.success() && answer.is_object(), "{line}: {answer}");
    }
    let rennes = json!({"lat": 48.117, "lng": -1.678});
    let list = server.post("/v1/recommendations", &json!({"limit": 20, "context": {"position": rennes, "age": 18}}));
    let offers = list["offers"].as_array().expect("a list");
    assert_eq!(offers.len(), 20);
    assert_eq!(list["diversity"]["satisfied"], true);
    assert!(offers.windows(2).all(|pair| pair[0]["category"] != pair[1]["category"]));
    let near = json!({"q": "concert", "filters": {"position": rennes, "radius_m": 20_000}, "sort": "distance"});
    let found = server.post("/v1/search", &near);
    assert!(found["total"].as_u64() > Some(0), "{found}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn help_teaches_and_a_wrong_flag_is_wrong_usage() {
    for program in ["florilege", "florilege-indexer"] {
        let (code, help, _) = run(program, &["--help"], "");
        assert_eq!(code, Some(0));
        assert!(help.contains("Examples:"), "{help}");
        assert_eq!(run(program, &["--no-such-flag"], "").0, Some(2));
    }
}

#[test]
fn the_server_refuses_to_listen_to_everybody_without_a_key() {
    let data = tempfile::tempdir().expect("a folder");
    let (code, _, error) = run("florilege", &["serve", "--data", &data.path().to_string_lossy(), "--listen", "0.0.0.0:0"], "");
    assert_eq!(code, Some(1));
    assert!(error.contains("key") && error.contains("loopback"), "{error}");
}
