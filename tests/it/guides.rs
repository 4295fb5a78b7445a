//! The guides are true: every command block of every guide is run, in order, against the program; every metric and
//! every setting is told; the unit and the container file name flags that are there.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
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

/// The compiler of TypeScript that `tests/run` installs from the lock file; nothing where it has not.
fn typescript() -> Option<PathBuf> {
    let compiler = root().join("tests/browser/node_modules/typescript/bin/tsc");
    if compiler.is_file() {
        return compiler.canonicalize().ok();
    }
    eprintln!("no TypeScript is installed: tests/run does that; that block is not run");
    None
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
            "typescript" => match typescript() {
                Some(compiler) => compiled(&compiler, &file),
                None => continue,
            },
            "toml" => format!("florilege check --data ./nowhere --config '{}'", file.display()),
            _ => continue,
        };
        std::fs::write(file, body).expect("written");
        script.push_str(&run);
        script.push('\n');
    }
    script
}

/// Checks a block strictly, then runs what it compiles to.
fn compiled(compiler: &Path, file: &Path) -> String {
    format!(
        "node '{}' --strict --target es2022 --module nodenext --lib es2022,dom '{}'\nnode '{}'",
        compiler.display(),
        file.display(),
        file.with_extension("mjs").display()
    )
}

fn run_guide(name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port");
    let text = guide(name).replace(ADDRESS, &free.to_string());
    let script = script(&text, folder.path());
    assert!(script.lines().count() > 10, "the guide has commands");
    let (beside, _) = (program("florilege"), program("florilege-indexer"));
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
fn the_commands_of_the_first_hour_run() {
    run_guide("first-hour.md");
}

#[test]
fn the_commands_of_tune_run() {
    run_guide("tune.md");
}

#[test]
fn the_commands_of_benchmark_run() {
    run_guide("benchmark.md");
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

/// Commands of the documents that take minutes: they are not run, but their programs, benches and flags are there.
#[test]
fn what_takes_minutes_names_what_is_there() {
    let benches = std::fs::read_to_string(root().join("benches/Cargo.toml")).expect("text");
    let mut seen = 0;
    for name in [
        "first-hour.md",
        "tune.md",
        "benchmark.md",
        "connect.md",
        "operate.md",
        "privacy.md",
    ] {
        let all = blocks(&guide(name))
            .into_iter()
            .filter(|(language, _)| language == "console");
        for line in all.flat_map(|(_, body)| body.lines().map(str::to_owned).collect::<Vec<_>>()) {
            let words: Vec<&str> = line.split_whitespace().take_while(|word| *word != ">").collect();
            seen += 1;
            match words[..] {
                ["cargo", "build", ..] => {}
                ["cargo", "bench", "-p", "florilege-benches", "--bench", bench, ..] => {
                    assert!(benches.contains(&format!("name = {bench:?}")), "{line}");
                }
                [program @ ("florilege" | "florilege-indexer"), command, ..] => {
                    let (code, help, _) = run(program, &[command, "--help"], "");
                    assert_eq!(code, Some(0), "{line}");
                    for flag in words.iter().filter(|word| word.starts_with("--")) {
                        // `editorial export` has its own help; flags of all its actions stand there too.
                        let (_, below, _) = run(program, &[command, words[2], "--help"], "");
                        assert!(help.contains(flag) || below.contains(flag), "{line}: {flag}");
                    }
                }
                _ => panic!("{name}: {line}"),
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

/// Instructions of a container file, without comments and with their continuation lines.
fn instructions(text: &str) -> Vec<(String, String)> {
    let text = text.replace("\\\n", " ");
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let pair = |line: &str| {
        let (word, rest) = line.split_once(' ').expect("a word and its rest");
        (word.to_owned(), rest.trim().to_owned())
    };
    lines.map(pair).collect()
}

#[test]
fn the_container_file_is_what_its_format_allows() {
    let text = std::fs::read_to_string(root().join("api/packaging/Containerfile")).expect("text");
    let all = instructions(&text);
    let known = [
        "FROM",
        "RUN",
        "COPY",
        "WORKDIR",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    ];
    for (word, rest) in &all {
        assert!(known.contains(&word.as_str()), "{word}");
        if ["ENTRYPOINT", "CMD"].contains(&word.as_str()) {
            let form: Result<Vec<String>, _> = serde_json::from_str(rest);
            assert!(
                form.is_ok_and(|words| !words.is_empty()),
                "{word} in the form of a list: {rest}"
            );
        }
        // An image's tag, and no package list left in a layer.
        assert!(
            word != "FROM" || rest.split(" AS ").next().is_some_and(|image| image.contains(':')),
            "{rest}"
        );
        assert!(
            !rest.contains("apt-get install") || rest.contains("rm -rf /var/lib/apt/lists"),
            "{rest}"
        );
    }
    let of = |word: &str| {
        all.iter()
            .filter(|(known, _)| known == word)
            .map(|(_, rest)| rest.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(all[0].0, "FROM");
    assert_eq!((of("FROM").len(), of("ENTRYPOINT").len(), of("CMD").len()), (2, 1, 1));
    assert!(
        of("USER").last().is_some_and(|user| user != "root" && user != "0"),
        "it does not run as root"
    );
    let stages: Vec<String> = of("FROM")
        .iter()
        .filter_map(|from| Some(from.split_once(" AS ")?.1.to_owned()))
        .collect();
    for copy in of("COPY")
        .iter()
        .filter_map(|copy| copy.strip_prefix("--from=").map(str::to_owned))
    {
        let from = copy.split(' ').next().expect("a stage");
        assert!(stages.iter().any(|stage| stage == from), "{copy}");
    }
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
