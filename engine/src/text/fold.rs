//! One way to write a word: lower case, no accents, no ligatures, no compatibility forms.
//!
//! First step of the analysis, on both sides of a search. Invariant: folding twice changes nothing, and a folded
//! word holds letters and digits alone.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters that Unicode does not take apart, as French and its neighbours write them without.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'œ' => "oe",
        'æ' => "ae",
        'ø' => "o",
        'ß' => "ss",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        _ => return None,
    })
}

/// The word in lower case without accents, ligatures or compatibility forms; nothing but letters and digits.
pub fn fold(word: &str) -> String {
    if word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return word.to_owned();
    }
    let mut folded = String::with_capacity(word.len());
    for letter in word.nfkd().flat_map(char::to_lowercase).nfkd() {
        match plain(letter) {
            Some(letters) => folded.push_str(letters),
            None if letter.is_alphanumeric() && !is_combining_mark(letter) => folded.push(letter),
            None => {}
        }
    }
    folded
}

/// The word in lower case with its accents, composed: what "typed with the right accents" compares.
pub(super) fn lower(word: &str) -> String {
    if word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    {
        return word.to_owned();
    }
    word.nfkc().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a character belongs inside a word.
pub fn is_word_char(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter)
}

/// Every apostrophe people type.
pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | '‘' | 'ʼ' | '‛' | '´' | '`' | '′' | '＇')
}

/// Every hyphen people type, without the dashes that stand between sentences.
pub(super) fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '‐' | '‑' | '−' | '\u{ad}' | '﹣' | '－')
}

/// Scripts written without spaces: every sign is a word.
pub(super) fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
