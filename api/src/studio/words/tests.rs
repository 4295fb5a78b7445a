//! Both languages complete; every key that a page or a handler uses has words.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

fn keys(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#', '}']));
    lines.filter_map(|line| Some(line.split_once(" =")?.0)).collect()
}

#[test]
fn both_languages_hold_the_same_keys() {
    let (french, english) = (keys(FRENCH), keys(ENGLISH));
    assert!(french.len() > 50);
    let missing: Vec<_> = french.symmetric_difference(&english).collect();
    assert!(missing.is_empty(), "in one language alone: {missing:?}");
    for key in &french {
        for lang in [Lang::Fr, Lang::En] {
            let said = lang.n(key, 3);
            assert!(
                lang.has(key) && !said.is_empty() && !said.contains('{'),
                "{key}: {said}"
            );
        }
    }
}

/// What stands between a marker and the next quote, in the pages and the handlers.
fn used(folder: &Path, marker: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
    {
        if entry.is_dir() {
            used(&entry, marker, found);
            continue;
        }
        if entry.ends_with("words/tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&entry).unwrap_or_default();
        let after = text.split(marker).skip(1);
        found.extend(after.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
}

#[test]
fn every_key_in_use_has_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for marker in ["p.t(\"", "p.n(\"", ".t(\"", "Forbidden(\""] {
        used(&root.join("studio/pages"), marker, &mut found);
        used(&root.join("src/studio"), marker, &mut found);
    }
    assert!(found.len() > 40, "the walk finds the keys");
    let missing: Vec<_> = found
        .iter()
        .filter(|key| !key.is_empty() && !key.starts_with('-'))
        .filter(|key| !Lang::Fr.has(key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn french_first_then_what_the_browser_says_then_the_choice() {
    let mut headers = HeaderMap::new();
    assert_eq!(Lang::of_headers(&headers), Lang::Fr);
    headers.insert(
        header::ACCEPT_LANGUAGE,
        "de-DE, en-GB;q=0.8, fr;q=0.5".parse().expect("a header"),
    );
    assert_eq!(Lang::of_headers(&headers), Lang::En);
    headers.insert(header::COOKIE, "a=b; studio_language=fr".parse().expect("a header"));
    assert_eq!(Lang::of_headers(&headers), Lang::Fr);
}
