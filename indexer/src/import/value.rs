//! What a mapping's texts, words, tests and identifiers are for one row.
//!
//! Invariant: a pure function of the row: the same row gives the same identifier in every run.

use std::borrow::Cow;

use super::frame::Row;
use super::mapping::{IdRule, IdStyle, Names, OneOrMany, Text, When, Words};
use super::read::LIST;
use super::text::{Needle, clean, fold, recase, slug, upright};

/// The text, cleaned; none where the row says nothing.
pub(super) fn text(rule: &Text, row: Row<'_>) -> Option<String> {
    let found = raw(rule, row)
        .map(Cow::into_owned)
        .and_then(|found| finished(rule, found));
    found.or_else(|| rule.default.clone())
}

fn raw<'a>(rule: &'a Text, row: Row<'a>) -> Option<Cow<'a, str>> {
    if let Some(constant) = &rule.constant {
        return Some(Cow::Borrowed(constant));
    }
    if let Some(template) = &rule.template {
        return filled(template, row).map(Cow::Owned);
    }
    if let Some(column) = &rule.column {
        return row.cell(column).map(unlisted);
    }
    let parts: Vec<_> = rule
        .columns
        .iter()
        .filter_map(|column| row.cell(column))
        .map(unlisted)
        .collect();
    (!parts.is_empty()).then(|| Cow::Owned(parts.join(rule.join.as_deref().unwrap_or(" "))))
}

/// A list of the source, as text.
fn unlisted(cell: &str) -> Cow<'_, str> {
    if cell.contains(LIST) {
        Cow::Owned(cell.replace(LIST, ", "))
    } else {
        Cow::Borrowed(cell)
    }
}

fn filled(template: &str, row: Row<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (column, after) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&unlisted(row.cell(column)?));
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

fn finished(rule: &Text, found: String) -> Option<String> {
    let mut found = clean(&found);
    if let Some(mark) = &rule.before {
        found.truncate(found.find(mark).unwrap_or(found.len()));
    }
    if let Some(mark) = &rule.after {
        found = found.split_once(mark)?.1.to_owned();
    }
    let mut found = found.trim().to_owned();
    if let Some(digits) = rule.pad {
        found = padded(&found, digits);
    }
    if let Some(mapped) = rule.map.get(&found) {
        found.clone_from(mapped);
    }
    if let Some(case) = rule.case {
        found = recase(&found, case);
    }
    (!found.is_empty()).then_some(found)
}

/// A code that lost its zeros to a spreadsheet: `1001.0` of five digits is `01001`.
fn padded(code: &str, digits: usize) -> String {
    let bare = code.strip_suffix(".0").unwrap_or(code);
    format!("{bare:0>digits$}")
}

/// The words of several rules, each once, in order.
pub(super) fn words(rules: &OneOrMany<Words>, row: Row<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for word in rules.0.iter().flat_map(|rule| some_words(rule, row)) {
        add_word(&mut all, word);
    }
    all
}

/// Adds a word unless it stands there already, in any case and with any accents.
pub(super) fn add_word(all: &mut Vec<String>, word: String) {
    let same = |known: &String| known == &word || fold(known) == fold(&word);
    if !all.iter().any(same) {
        all.push(word);
    }
}

fn some_words(rule: &Words, row: Row<'_>) -> Vec<String> {
    let cell = rule.column.as_deref().and_then(|column| row.cell(column)).unwrap_or("");
    let parts: Vec<&str> = match &rule.separator {
        Some(separator) if !separator.is_empty() => cell
            .split(LIST)
            .flat_map(|part| part.split(separator.as_str()))
            .collect(),
        Some(_) | None => cell.split(LIST).collect(),
    };
    let read = parts.into_iter().filter_map(|part| word(rule, &clean(part)));
    rule.constant.iter().cloned().chain(read).collect()
}

fn word(rule: &Words, part: &str) -> Option<String> {
    let word = match rule.map.get(part) {
        Some(mapped) => mapped.clone(),
        None if rule.only_mapped => String::new(),
        None if rule.names == Names::Inverted => upright(part),
        None => part.to_owned(),
    };
    (!word.is_empty()).then_some(word)
}

/// Whether a test holds for a cell.
pub(super) fn holds(when: &When, cell: Option<&str>) -> bool {
    let text = cell.map(str::trim).unwrap_or("");
    let test = |words: &Option<Vec<String>>, holds: &dyn Fn(&str) -> bool| {
        words.as_ref().map(|words| words.iter().any(|word| holds(word)))
    };
    let says = |word: &str| Needle::new(word).is_in(&fold(text));
    test(&when.is, &|word| word == text) != Some(false)
        && test(&when.not, &|word| word == text) != Some(true)
        && test(&when.contains, &says) != Some(false)
        && test(&when.lacks, &says) != Some(true)
        && test(&when.starts_with, &|start| text.starts_with(start)) != Some(false)
        && test(&when.ends_with, &|end| text.ends_with(end)) != Some(false)
        && when.empty.is_none_or(|empty| empty == text.is_empty())
}

/// Whether every test holds for a row.
pub(super) fn all_hold(tests: &OneOrMany<When>, row: Row<'_>) -> bool {
    tests.0.iter().all(|when| holds(when, row.cell(&when.column)))
}

/// The identifier; none where its first part is empty.
pub(super) fn identifier(rule: &IdRule, row: Row<'_>) -> Option<String> {
    let parts: Vec<String> = rule
        .from
        .0
        .iter()
        .map(|part| text(part, row).unwrap_or_default())
        .collect();
    if parts.first().is_none_or(String::is_empty) {
        return None;
    }
    let said = || parts.iter().filter(|part| !part.is_empty());
    let body = match rule.style {
        IdStyle::Plain => said().cloned().collect::<Vec<_>>().join("-"),
        IdStyle::Slug => said().map(|part| slug(part)).collect::<Vec<_>>().join("-"),
        IdStyle::Hash => hash(&parts),
    };
    let id = format!(
        "{}{}",
        rule.prefix,
        body.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    Some(if id.len() > 200 {
        format!("{}{}", rule.prefix, hash(&parts))
    } else {
        id
    })
}

/// FNV-1a over the folded parts: the same in every run, on every machine.
pub(super) fn hash(parts: &[String]) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in fold(part).bytes().chain([0]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{state:016x}")
}
