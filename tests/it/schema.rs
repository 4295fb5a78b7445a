//! The OpenAPI document against the server, by schemathesis: whatever the document allows is answered as it says.
//!
//! It is no part of the ordinary run: `FLORILEGE_LONG=1` makes an environment of its own from PyPI and runs it.

use std::path::Path;
use std::process::Command;

use florilege_tests::{Server, is_long};

/// What must hold for every answer. What the document cannot say (a limit across fields, an identifier that must be
/// known) may be refused, so whether generated values are accepted is not among these.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// A call that waits for an entry of the log far ahead is told 503 at its deadline, and is none of the above.
const SETTINGS: &str = "[parameters]\n\"query.min_sequence\" = 0\n\"header.x-deadline-ms\" = \"5000\"\n";

fn install(folder: &Path) -> String {
    let done = Command::new("sh")
        .args(["-c", "python3 -m venv venv && venv/bin/pip install -q schemathesis"])
        .current_dir(folder)
        .output()
        .expect("sh runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    folder.join("venv/bin/schemathesis").to_string_lossy().into_owned()
}

#[test]
fn generated_calls_are_answered_as_the_document_says() {
    if !is_long() {
        eprintln!("schemathesis is of the long form: not run");
        return;
    }
    let (folder, data) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let program = install(folder.path());
    std::fs::write(folder.path().join("schemathesis.toml"), SETTINGS).expect("written");
    let server = Server::serve(data.path());
    let done = Command::new(program)
        .args([
            "run",
            &format!("{}/openapi.json", server.base),
            "--checks",
            CHECKS,
            "--seed",
            "1",
        ])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", "100"])
        // Lines of JSON are no media type that it can make; `fuzz` does.
        .args([
            "--exclude-path",
            "/v1/changes",
            "--exclude-path",
            "/v1/editorial/import",
        ])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
