//! House rules that can be checked: headers, sizes, paths named in documents, no float comparison that can fail.

use std::fs;
use std::path::{Path, PathBuf};

use florilege_tests::root;

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 80;
const DOCUMENTS: [&str; 14] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "api/SECURITY.md",
    "api/guides/benchmark.md",
    "api/guides/connect.md",
    "api/guides/first-hour.md",
    "api/guides/operate.md",
    "api/guides/privacy.md",
    "api/guides/tune.md",
    "benches/README.md",
    "notebooks-data/README.md",
    "notebooks-data/dictionary.md",
    "indexer/mappings/README.md",
];

fn files(under: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(under)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
    {
        let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
        if entry.is_dir() && name != "target" && !name.starts_with('.') {
            files(&entry, extension, found);
        } else if entry.extension().is_some_and(|is| is == extension) {
            found.push(entry);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root(), "rs", &mut found);
    assert!(found.len() > 50, "the walk finds the sources");
    let root = root();
    let named = |path: PathBuf| {
        let name = path
            .strip_prefix(&root)
            .expect("under the root")
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(&path).expect("text"))
    };
    found.into_iter().map(named).collect()
}

fn check(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_opens_with_what_it_decides() {
    check(
        sources()
            .into_iter()
            .filter(|(_, text)| !text.starts_with("//!"))
            .map(|(name, _)| name)
            .collect(),
    );
}

#[test]
fn no_file_is_too_long() {
    let long = |(name, text): (String, String)| {
        let lines = text.lines().count();
        (lines > MAX_FILE_LINES).then(|| format!("{name}: {lines} lines"))
    };
    check(sources().into_iter().filter_map(long).collect());
}

#[test]
fn no_function_is_too_long() {
    let mut faults = Vec::new();
    for (name, text) in sources().into_iter().filter(|(name, _)| !is_test(name)) {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| is_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let end = lines[start..]
                .iter()
                .position(|line| line.len() == indent + 1 && line.trim() == "}")
                .unwrap_or(0);
            if end > MAX_FUNCTION_LINES {
                faults.push(format!("{name}:{}: {end} lines", start + 1));
            }
        }
    }
    check(faults);
}

/// A test may be one long table.
fn is_test(name: &str) -> bool {
    name.contains("tests")
}

fn is_function(line: &str) -> bool {
    let words = line.trim_start();
    [
        "fn ",
        "pub fn ",
        "pub(crate) fn ",
        "pub(super) fn ",
        "async fn ",
        "pub async fn ",
        "pub(super) async fn ",
    ]
    .iter()
    .any(|start| words.starts_with(start))
}

#[test]
fn floats_are_compared_totally() {
    let faulty = |(name, text): (String, String)| {
        let line = text
            .lines()
            .position(|line| line.contains(".partial_cmp(") && !line.trim_start().starts_with("//"))?;
        (!name.ends_with("tidy.rs")).then(|| format!("{name}:{}", line + 1))
    };
    check(sources().into_iter().filter_map(faulty).collect());
}

#[test]
fn nothing_is_left_loose() {
    let macros = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    let loose = [&macros[..], &[format!("#[{}", "ignore")]].concat();
    let faulty = |(name, text): (String, String)| {
        let line = text
            .lines()
            .position(|line| loose.iter().any(|word| line.contains(word)))?;
        Some(format!("{name}:{}", line + 1))
    };
    check(sources().into_iter().filter_map(faulty).collect());
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut faults = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap_or_else(|_| panic!("{document} is missing"));
        for named in text.split('`').skip(1).step_by(2).filter(|named| is_path(named)) {
            if !root().join(named).exists() {
                faults.push(format!("{document} names {named}"));
            }
        }
    }
    check(faults);
}

/// A path of the repository: under one of its folders, without a wildcard or an argument.
fn is_path(named: &str) -> bool {
    let under = ["engine/", "indexer/", "api/", "benches/", "tests/", "notebooks-data/"];
    under.iter().any(|folder| named.starts_with(folder)) && !named.contains(['*', ' ', '<', '{', '…'])
}

#[test]
fn the_top_level_is_the_fixed_one() {
    let fixed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "engine",
        "indexer",
        "api",
        "benches",
        "tests",
        "notebooks-data",
        "target",
    ];
    let names = fs::read_dir(root())
        .expect("the root")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    check(
        names
            .filter(|name| !name.starts_with('.') && !fixed.contains(&name.as_str()))
            .collect(),
    );
}
