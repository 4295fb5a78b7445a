//! Text as the sources have it, made fit to be read and to be searched.
//!
//! Every cell that becomes a title, a description or a word passes [`clean`]; every comparison of words passes
//! [`fold`]. Invariant: cleaned text has no entity, no tag, no control character but the line break.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::mapping::{Case, Repair};

/// Entities decoded (also twice encoded ones), tags and control characters out, white space settled.
pub fn clean(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    if text.contains(['<', '&']) {
        text = Cow::Owned(without_tags(&text));
        for _ in 0..3 {
            let decoded = html_escape::decode_html_entities(&text).into_owned();
            if decoded == *text {
                break;
            }
            text = Cow::Owned(without_tags(&decoded));
        }
    }
    settle(&text)
}

/// Lines kept (at most one empty between two), spaces single, no control characters.
fn settle(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.replace("\r\n", "\n").split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let before = out.len();
        for word in line.split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}') {
            if word.is_empty() {
                continue;
            }
            if out.len() > before {
                out.push(' ');
            } else if before > 0 {
                out.push_str(if empty > 0 { "\n\n" } else { "\n" });
            }
            out.push_str(word);
        }
        empty = if out.len() > before { 0 } else { empty + 1 };
    }
    out.nfc().collect()
}

/// Tags out; those that end a line leave a line break. A `<` that opens no tag stays.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some(tag) = tag_of(from) else {
            out.push('<');
            rest = &from[1..];
            continue;
        };
        let name = tag.trim_start_matches(['<', '/']).to_ascii_lowercase();
        if ["br", "p>", "p ", "li", "div", "h1", "h2", "h3", "tr"]
            .iter()
            .any(|t| name.starts_with(t))
        {
            out.push('\n');
        }
        rest = &from[tag.len()..];
    }
    out.push_str(rest);
    out
}

fn tag_of(text: &str) -> Option<&str> {
    let opens = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
    let end = text.find('>').filter(|end| *end <= 2_000 && opens)?;
    Some(&text[..=end])
}

/// Lower case without accents, words by single spaces, one space at either end: `L'Été` is ` l ete `.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            'ß' => out.push_str("ss"),
            c if c.is_alphanumeric() => out.push(c),
            _ if !out.ends_with(' ') => out.push(' '),
            _ => {}
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Words or a phrase to be found as whole words in folded text; a final `*` takes any ending.
#[derive(Debug, Clone)]
pub struct Needle(String);

impl Needle {
    /// Of words as they stand in a mapping.
    pub fn new(words: &str) -> Self {
        let mut folded = fold(words);
        if words.trim_end().ends_with('*') {
            folded.truncate(folded.trim_end().len());
        }
        Self(folded)
    }

    /// Whether it stands in a text that was folded.
    pub fn is_in(&self, folded: &str) -> bool {
        self.0.len() > 1 && folded.contains(&self.0)
    }
}

/// Lower case letters and digits without accents, joined by `-`.
pub fn slug(text: &str) -> String {
    fold(text).trim().replace(' ', "-")
}

/// Another case; a word ends at anything but a letter, a digit or an apostrophe inside it.
pub fn recase(text: &str, case: Case) -> String {
    let lower = text.to_lowercase();
    match case {
        Case::Lower => lower,
        Case::Sentence => capital(&lower),
        Case::Title => lower
            .split_inclusive([' ', '-', '\'', '’', '/', '('])
            .map(capital)
            .collect(),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `Ferrante, Elena (1943-....)` → `Elena Ferrante`; a name without a comma only loses its dates.
pub fn upright(name: &str) -> String {
    let bare = name.split('(').next().unwrap_or("").trim().trim_end_matches('.');
    match bare.split_once(',') {
        Some((last, first)) if !first.contains(',') => format!("{} {}", first.trim(), last.trim()).trim().into(),
        Some(_) | None => bare.into(),
    }
}

/// Mends text by one of the repairs a mapping can ask for.
pub fn repair(text: &str, how: Repair) -> String {
    match how {
        Repair::Iso5426 => from_iso5426(text),
        Repair::Mojibake => from_mojibake(text).unwrap_or_else(|| text.into()),
    }
}

/// Accents that stand before their letter, as in records of ISO 5426 read as Latin-1.
fn from_iso5426(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let composed = accent(c)
            .zip(chars.peek().copied())
            .and_then(|(accent, letter)| unicode_normalization::char::compose(letter, accent));
        match composed {
            Some(letter) => {
                out.push(letter);
                chars.next();
            }
            None => out.push(c),
        }
    }
    out
}

const fn accent(c: char) -> Option<char> {
    Some(match c {
        'á' => '\u{300}',
        'â' => '\u{301}',
        'ã' => '\u{302}',
        'ä' => '\u{303}',
        'è' => '\u{308}',
        'ê' => '\u{30a}',
        'ð' => '\u{327}',
        _ => return None,
    })
}

/// Text that only makes sense as UTF-8 read as Windows-1252, read right.
fn from_mojibake(text: &str) -> Option<String> {
    let bytes = text.chars().map(windows_1252_byte).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok().filter(|right| right.len() < text.len())
}

/// Windows-1252 above its control area is Latin-1; these are the places 0x80 to 0x9f.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Bytes read as Windows-1252, which never fails.
pub fn from_windows_1252(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
            _ => char::from(*byte),
        })
        .collect()
}

fn windows_1252_byte(c: char) -> Option<u8> {
    let place = WINDOWS_1252.iter().position(|known| *known == c);
    place
        .and_then(|place| u8::try_from(place + 0x80).ok())
        .or_else(|| u8::try_from(u32::from(c)).ok())
}

/// At most so many characters; whether any was cut.
pub fn shorten(text: &mut String, max: usize) -> bool {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return false;
    };
    text.truncate(end);
    true
}

#[cfg(test)]
mod tests;
