//! From a text to its words, the same for catalogue and queries.
//!
//! First stage of search: elisions go ("l'avare" → avare), accents and case fold, compounds keep their parts and
//! their joined form ("porte-bonheur" → porte, bonheur, also portebonheur), acronyms close up ("N.T.M." → ntm),
//! editions have one name ("tome 3", "t. 3", "T3" → also t3), signs that make a name stay ("canal+").
//! Invariant: pure; spans are byte ranges of the text, in order and disjoint; a text yields at most [`MAX_WORDS`].

use smallvec::SmallVec;

use super::fold::{fold, is_apostrophe, is_hyphen, is_ideograph, is_word_char, lower};
use super::stop::is_elided;

/// Words read of one text; what follows is not searched.
pub const MAX_WORDS: usize = 2_000;
/// Letters of the longest word kept; the rest of a longer one is cut.
pub const MAX_LETTERS: usize = 40;
/// Parts of the longest compound that also gets a joined form.
const MAX_PARTS: usize = 5;
/// Words that introduce the number of a volume.
const EDITION: [&str; 5] = ["t", "tome", "tomes", "vol", "volume"];

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Folded: lower case, no accents, never empty.
    pub text: String,
    /// Lower case with its accents.
    pub surface: String,
    /// The forms it is part of: the compound, the edition. A match of one of them is a match of the word.
    pub joined: SmallVec<[String; 1]>,
    /// A barer form under which a catalogue's word is found too ("canal" for "canal+", "3" for "t3").
    pub bare: Option<String>,
    /// Where it stands in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A run of word characters, and what glues it to the run before.
struct Piece<'a> {
    raw: &'a str,
    start: usize,
    /// The sign between the previous piece and this one, when there is exactly one and it glues.
    glue: Option<char>,
}

impl Piece<'_> {
    fn end(&self) -> usize {
        self.start + self.raw.len()
    }
}

/// The words of a text.
pub fn words(text: &str) -> Vec<Word> {
    let pieces = pieces(text);
    let mut words = Vec::with_capacity(pieces.len());
    let mut rest = pieces.as_slice();
    while !rest.is_empty() && words.len() < MAX_WORDS {
        let length = 1 + rest[1..].iter().take_while(|piece| piece.glue.is_some()).count();
        let (chunk, after) = rest.split_at(length);
        push_chunk(chunk, text, &mut words);
        rest = after;
    }
    words.truncate(MAX_WORDS);
    editions(&mut words);
    words
}

fn is_glue(sign: char) -> bool {
    is_apostrophe(sign) || is_hyphen(sign) || matches!(sign, '&' | '.' | '/' | '·')
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(is_word_char).map(|found| at + found) {
        let end = piece_end(text, begin);
        let glue = glue_between(&text[at..begin]).filter(|_| !pieces.is_empty());
        pieces.push(Piece {
            raw: &text[begin..end],
            start: begin,
            glue,
        });
        at = end;
        if pieces.len() > 2 * MAX_WORDS {
            break;
        }
    }
    pieces
}

fn glue_between(gap: &str) -> Option<char> {
    let mut signs = gap.chars();
    let sign = signs.next().filter(|sign| is_glue(*sign))?;
    signs.next().is_none().then_some(sign)
}

/// The end of the word that begins here: its letters, and the + or # that make a name of them.
fn piece_end(text: &str, begin: usize) -> usize {
    let rest = &text[begin..];
    let first = rest.chars().next().unwrap_or(' ');
    if is_ideograph(first) {
        return begin + first.len_utf8();
    }
    let stop = |letter: char| !is_word_char(letter) || is_ideograph(letter);
    let letters = rest.find(stop).unwrap_or(rest.len());
    let signs = rest[letters..]
        .bytes()
        .take_while(|byte| matches!(byte, b'+' | b'#'))
        .count();
    let whole = letters + signs;
    let followed = rest[whole..].chars().next().is_some_and(is_word_char);
    begin + if signs <= 2 && !followed { whole } else { letters }
}

fn push_chunk(chunk: &[Piece<'_>], text: &str, words: &mut Vec<Word>) {
    if chunk.len() > 1 && is_acronym(chunk) {
        let (start, end) = (chunk[0].start, chunk[chunk.len() - 1].end());
        let letters: String = chunk.iter().map(|piece| piece.raw).collect();
        words.extend(word(&letters, start, end));
        return;
    }
    let first = words.len();
    let elided = chunk.len() > 1 && chunk[1].glue.is_some_and(is_apostrophe) && is_elided(&fold(chunk[0].raw));
    for piece in &chunk[usize::from(elided)..] {
        words.extend(word(&text[piece.start..piece.end()], piece.start, piece.end()));
    }
    if let Some(joined) = joined(chunk) {
        words[first..]
            .iter_mut()
            .for_each(|word| word.joined.push(joined.clone()));
    }
}

/// Single letters with dots between them.
fn is_acronym(chunk: &[Piece<'_>]) -> bool {
    let letter = |piece: &Piece<'_>| piece.raw.chars().count() == 1 && piece.raw.chars().all(char::is_alphabetic);
    chunk.iter().all(letter) && chunk[1..].iter().all(|piece| piece.glue == Some('.'))
}

fn joined(chunk: &[Piece<'_>]) -> Option<String> {
    if chunk.len() < 2 || chunk.len() > MAX_PARTS {
        return None;
    }
    let joined: String = chunk.iter().map(|piece| fold(piece.raw)).collect();
    (joined.chars().count() <= MAX_LETTERS).then_some(joined)
}

/// One word of the index, or none when nothing is left after folding.
fn word(raw: &str, start: usize, end: usize) -> Option<Word> {
    let signs = raw.len() - raw.trim_end_matches(['+', '#']).len();
    let folded = fold(&raw[..raw.len() - signs]);
    if folded.is_empty() {
        return None;
    }
    let mut text = canonical_number(cut(folded));
    let surface = cut(lower(raw));
    let mut bare = None;
    if signs > 0 {
        bare = Some(text.clone());
        text.push_str(&raw[raw.len() - signs..]);
    }
    Some(Word {
        text,
        surface,
        joined: SmallVec::new(),
        bare,
        start,
        end,
    })
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_LETTERS) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

/// "03" is 3; "1er", "2ème", "20th" are 1e, 2e, 20e.
fn canonical_number(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return text;
    }
    let (number, suffix) = text.split_at(digits);
    let number = without_zeros(number);
    match suffix {
        "" => number.to_owned(),
        "e" | "er" | "ere" | "re" | "eme" | "ieme" | "nd" | "nde" | "st" | "rd" | "th" => format!("{number}e"),
        _ => text,
    }
}

fn without_zeros(number: &str) -> &str {
    let trimmed = number.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

/// Gives "tome 3", "t. 3", "vol. III" and "T3" their common form t3.
fn editions(words: &mut [Word]) {
    for at in 0..words.len() {
        if let Some(number) = words[at].text.strip_prefix('t').filter(|number| is_number(number)) {
            let number = without_zeros(number).to_owned();
            words[at].text = format!("t{number}");
            words[at].bare = Some(number);
        } else if EDITION.contains(&words[at].text.as_str()) && at + 1 < words.len() {
            join_edition(words, at);
        }
    }
}

fn join_edition(words: &mut [Word], at: usize) {
    let Some(number) = edition_number(&words[at + 1].text) else {
        return;
    };
    let edition = format!("t{number}");
    words[at].joined.push(edition.clone());
    words[at + 1].joined.push(edition);
    words[at + 1].bare = Some(number);
}

fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn edition_number(text: &str) -> Option<String> {
    if is_number(text) {
        return Some(without_zeros(text).to_owned());
    }
    const ROMAN: [&str; 20] = [
        "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
        "xviii", "xix", "xx",
    ];
    ROMAN
        .iter()
        .position(|roman| *roman == text)
        .map(|at| (at + 1).to_string())
}

/// A book or product number in one form: digits alone, an ISBN of ten as its thirteen. None when it is no such number.
pub fn identifier(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(14);
    for letter in text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !is_hyphen(*letter))
    {
        let last = matches!(letter, 'x' | 'X') && digits.len() == 9;
        if digits.len() >= 14 || !(letter.is_ascii_digit() || last) {
            return None;
        }
        digits.push(letter.to_ascii_uppercase());
    }
    match digits.len() {
        10 => isbn13(&digits),
        8 | 12 | 13 | 14 if !digits.ends_with('X') => Some(digits),
        _ => None,
    }
}

/// The thirteen digits of an ISBN of ten, when its check digit is right.
fn isbn13(ten: &str) -> Option<String> {
    let value = |byte: u8| if byte == b'X' { 10 } else { u32::from(byte - b'0') };
    let sum: u32 = ten
        .bytes()
        .zip((1..=10).rev())
        .map(|(byte, weight)| value(byte) * weight)
        .sum();
    if !sum.is_multiple_of(11) {
        return None;
    }
    let body = format!("978{}", &ten[..9]);
    let sum: u32 = body
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(byte, weight)| value(byte) * weight)
        .sum();
    Some(format!("{body}{}", (10 - sum % 10) % 10))
}
