//! The guides are true: every command block of every guide is run, in order, against the program; every metric and
//! every setting is told; the unit and the container file name flags that are there.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use florilege_tests::{Server, program, root, run};

/// The address that guides use; a test takes a free one instead.
const ADDRESS: &str = "127.0.0.1:7700";

fn guide(name: &str) -> String {
    std::fs::read_to_string(root().join("api/guides").join(name)).expect("a guide")
}

/// The blocks of a document with their languages.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```").filter(|language| !language.is_empty()) else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        found.push((language.to_owned(), body.join("\n")));
    }
    found
}

fn can_run_typescript() -> bool {
    let tried = Command::new("node")
        .args([
            "--experimental-strip-types",
            "--input-type=module-typescript",
            "-e",
            "const one: number = 1;",
        ])
        .output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    if !can {
        eprintln!("no node that reads TypeScript: that block is not run");
    }
    can
}

/// One shell script of all blocks.
fn script(text: &str, folder: &Path) -> String {
    let mut script = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n".to_owned();
    for (number, (language, body)) in blocks(text).into_iter().enumerate() {
        // Node takes a module by its extension.
        let file = folder.join(format!("block-{number}.{}", language.replace("typescript", "mts")));
        let run = match language.as_str() {
            "sh" => body.clone(),
            "python" => format!("python3 '{}'", file.display()),
            "typescript" if can_run_typescript() => {
                format!("node --no-warnings --experimental-strip-types '{}'", file.display())
            }
            "toml" => format!("florilege check --data ./nowhere --config '{}'", file.display()),
            _ => continue,
        };
        std::fs::write(file, body).expect("written");
        script.push_str(&run);
        script.push('\n');
    }
    script
}

fn run_guide(name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    let text = guide(name).replace(ADDRESS, &free.to_string());
    let script = script(&text, folder.path());
    assert!(script.lines().count() > 10, "the guide has commands");
    let beside = program("florilege");
    let path = std::env::var("PATH").unwrap_or_default();
    let done = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env(
            "PATH",
            format!("{}:{path}", beside.parent().expect("a folder").display()),
        )
        .output()
        .expect("bash runs");
    let (out, errors) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert!(done.status.success(), "{name}: {}\n{out}\n{errors}", done.status);
}

#[test]
fn the_commands_of_operate_run() {
    run_guide("operate.md");
}

#[test]
fn the_commands_of_connect_run() {
    run_guide("connect.md");
}

#[test]
fn the_commands_of_privacy_run() {
    run_guide("privacy.md");
}

/// Names in the first column of a table, as `name`.
fn told(text: &str, prefix: &str) -> BTreeSet<String> {
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = cells
        .filter_map(|cell| cell.split('`').next())
        .filter(|name| name.starts_with(prefix));
    names.map(str::to_owned).collect()
}

#[test]
fn every_metric_is_told_and_none_that_is_not_there() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::serve(data.path());
    let _ = server.call("GET", "/health/ready", None);
    let mut request = serde_json::json!({"limit": 1});
    // The slow checker takes a sample: until it has taken one, its metrics are not there.
    let text = loop {
        let text = server.text("/metrics");
        if text.contains("florilege_lists_verified_total") || request["seed"].as_u64() > Some(400) {
            break text;
        }
        request["seed"] = (request["seed"].as_u64().unwrap_or(0) + 1).into();
        let _ = server.post("/v1/recommendations", &request);
    };
    let served: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next().map(str::to_owned))
        .collect();
    assert_eq!(told(&guide("operate.md"), "florilege_"), served);
}

#[test]
fn packaging_names_flags_that_are_there() {
    let (code, help, _) = run("florilege", &["serve", "--help"], "");
    assert_eq!(code, Some(0));
    for file in ["api/packaging/florilege.service", "api/packaging/Containerfile"] {
        let text = std::fs::read_to_string(root().join(file)).expect("text");
        let words = text.split(|c: char| c.is_whitespace() || "\"[],".contains(c));
        let flags: BTreeSet<&str> = words.filter(|word| word.starts_with("--")).collect();
        let ours = ["--data", "--listen", "--log-json", "--drain-s"];
        for flag in ours {
            assert!(flags.contains(flag) && help.contains(flag), "{file} {flag}");
        }
    }
    let unit = root().join("api/packaging/florilege.service");
    let Ok(linted) = Command::new("systemd-analyze")
        .arg("verify")
        .arg("--man=no")
        .arg(&unit)
        .output()
    else {
        eprintln!("no systemd-analyze: the unit is not linted");
        return;
    };
    // It cannot find the program here, nor a bus; what it says of the unit itself counts.
    let told = String::from_utf8_lossy(&linted.stderr).into_owned();
    let faults = told
        .lines()
        .filter(|line| line.contains("florilege.service") && !line.contains("not executable"));
    assert_eq!(faults.collect::<Vec<_>>(), Vec::<&str>::new());
}
