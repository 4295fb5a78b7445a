//! Prices in figures and in words: `Gratuit`, `de 5 à 12 €`, `prix libre`, `Tarif plein 8€ / réduit 5€`.
//!
//! A text is read clause by clause. Invariant: free is only what is free for everybody; what is doubtful is unknown,
//! so that no reader with an empty credit is sent where they must pay.

use florilege_engine::money::Cents;

use super::mapping::{Choose, PriceRule, Unit};
use super::number::decimal;
use super::text::{Needle, fold};

const FREE: [&str; 12] = [
    "gratuit",
    "gratuite",
    "gratuits",
    "gratuites",
    "gratuitement",
    "entree libre",
    "acces libre",
    "visite libre",
    "libre et gratuit",
    "free",
    "0 euro",
    "offert",
];
const AS_YOU_LIKE: [&str; 8] = [
    "prix libre",
    "participation libre",
    "libre participation",
    "tarif libre",
    "contribution libre",
    "au chapeau",
    "prix conscient",
    "donation libre",
];
const NOT_FREE: [&str; 4] = ["pas gratuit", "non gratuit", "payant", "payante"];
const REDUCED: [&str; 22] = [
    "reduit",
    "reduits",
    "enfant*",
    "moins de",
    "etudiant*",
    "abonne*",
    "adherent*",
    "demandeur*",
    "chomeur*",
    "jeune*",
    "scolaire*",
    "groupe*",
    "accompagn*",
    "pour les",
    "senior*",
    "famille*",
    "rsa",
    "handicap",
    "1er dimanche",
    "premier dimanche",
    "membre*",
    "solidaire",
];
const FULL: [&str; 6] = ["plein", "normal", "adulte*", "general", "tarif unique", "public"];

/// What a price says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// So much.
    Price(Cents),
    /// Nothing about the price.
    Nothing,
    /// Something, but not what it costs.
    Unread,
}

/// Reads a price.
pub(super) fn price(rule: &PriceRule, text: &str) -> Said {
    if let Some(amount) = decimal(text) {
        let cents = if rule.unit == Unit::Euro {
            amount * 100.0
        } else {
            amount
        };
        return priced(cents);
    }
    let clauses: Vec<Clause> = clauses(text)
        .into_iter()
        .filter_map(|clause| Clause::read(clause, rule))
        .collect();
    let amounts = |wanted: &dyn Fn(Kind) -> bool| {
        let of = clauses.iter().filter(move |clause| wanted(clause.kind));
        of.flat_map(|clause| clause.amounts.clone()).collect::<Vec<f64>>()
    };
    let all = amounts(&|_| true);
    if !all.is_empty() {
        let full = amounts(&|kind| kind == Kind::Full);
        let plain = amounts(&|kind| kind == Kind::Plain);
        let chosen = match rule.choose {
            Choose::Lowest => lowest(&all),
            Choose::Highest => all.iter().copied().max_by(f64::total_cmp),
            Choose::Full => lowest(&full).or_else(|| lowest(&plain)).or_else(|| lowest(&all)),
        };
        return chosen.map_or(Said::Unread, priced);
    }
    if clauses.iter().any(|clause| clause.free) {
        return Said::Price(Cents::ZERO);
    }
    if mentions_money(text) {
        Said::Unread
    } else {
        Said::Nothing
    }
}

fn lowest(amounts: &[f64]) -> Option<f64> {
    amounts.iter().copied().min_by(f64::total_cmp)
}

fn priced(cents: f64) -> Said {
    if !(0.0..=f64::from(Cents::MAX.get())).contains(&cents) {
        return Said::Unread;
    }
    Cents::new(cents.round() as i64).map_or(Said::Unread, Said::Price)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Full,
    Plain,
    Reduced,
}

#[derive(Debug)]
struct Clause {
    kind: Kind,
    amounts: Vec<f64>,
    free: bool,
}

impl Clause {
    fn read(text: &str, rule: &PriceRule) -> Option<Self> {
        let folded = fold(text);
        let has = |words: &[&str]| words.iter().any(|word| Needle::new(word).is_in(&folded));
        if rule.ignore.iter().any(|word| Needle::new(word).is_in(&folded)) {
            return None;
        }
        let kind = if has(&FULL) {
            Kind::Full
        } else if has(&REDUCED) {
            Kind::Reduced
        } else {
            Kind::Plain
        };
        let free = has(&AS_YOU_LIKE) || (has(&FREE) && !has(&NOT_FREE) && !has(&REDUCED));
        Some(Self {
            kind,
            amounts: amounts(text),
            free,
        })
    }
}

/// Parts of a text that speak of one price each; a label before an amount begins a part of its own.
fn clauses(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for part in text.split(['|', ';', '/', '\n']).flat_map(|part| part.split(" - ")) {
        let mut rest = part;
        while let Some(at) = next_clause(rest) {
            out.push(&rest[..at]);
            rest = &rest[at..];
        }
        out.push(rest);
    }
    out
}

/// Where the next clause begins: after an amount, past its brackets, or after a full stop or a comma that no digit
/// follows.
fn next_clause(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut priced = false;
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '€' => priced = true,
            ',' | '.' if depth <= 0 && !after.starts_with(|c: char| c.is_ascii_digit()) && !after.trim().is_empty() => {
                return Some(at + 1);
            }
            _ => {}
        }
        let boundary = c == ' ' && depth <= 0;
        priced |= boundary && ends_priced(&text[..at]);
        if boundary && priced && !continues(after) && !after.trim().is_empty() {
            return Some(at + 1);
        }
    }
    None
}

fn ends_priced(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or("");
    let before = text.trim_end_matches(last).trim_end();
    is_euro(last) && before.ends_with(|c: char| c.is_ascii_digit())
}

/// Whether what follows an amount still speaks of it: `5 € à 12 €`, `7 € (enfants)`, `8 € réduit`.
fn continues(after: &str) -> bool {
    let word = after.split(' ').next().unwrap_or("");
    let folded = fold(word);
    word.starts_with('(')
        || word.chars().all(|c| c.is_ascii_digit())
        || [
            " a ", " au ", " ou ", " et ", " euros ", " pour ", " en ", " le ", " la ", " par ", "  ",
        ]
        .contains(&folded.as_str())
        || REDUCED
            .iter()
            .chain(&FULL)
            .any(|label| Needle::new(label).is_in(&folded))
}

fn is_euro(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '€');
    word == "€"
        || ["eur", "euro", "euros", "eu"]
            .iter()
            .any(|euro| word.eq_ignore_ascii_case(euro))
}

fn mentions_money(text: &str) -> bool {
    let folded = fold(text);
    ["tarif*", "prix", "payant*", "euro*", "eur", "billet*", "gratuit*"]
        .iter()
        .any(|word| Needle::new(word).is_in(&folded))
        || text.contains('€')
}

/// Amounts in cents: numbers before or after `€`, before `euros`, or the lower end of a range that ends in one.
fn amounts(text: &str) -> Vec<f64> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Number(value) = token else { continue };
        let next = tokens.get(at + 1);
        let euro_before =
            at > 0 && tokens[at - 1] == Token::Euro && (at < 2 || !matches!(tokens[at - 2], Token::Number(_)));
        let cents_of_before = at > 1 && tokens[at - 1] == Token::Euro && matches!(tokens[at - 2], Token::Number(_));
        if next == Some(&Token::Euro) {
            let cents = match tokens.get(at + 2) {
                Some(Token::Number(cents)) if *cents < 100.0 && *cents >= 10.0 && glued(text) => *cents,
                Some(_) | None => 0.0,
            };
            found.push(value * 100.0 + cents);
        } else if euro_before || (next == Some(&Token::Range) && ranged(&tokens[at + 2..])) {
            found.push(value * 100.0);
        } else if cents_of_before {
            // Counted with the euros before it, as in 5€50.
        }
    }
    found
}

/// Whether a text writes cents after the sign: `5€50`.
fn glued(text: &str) -> bool {
    text.split_once('€')
        .is_some_and(|(_, after)| after.starts_with(|c: char| c.is_ascii_digit()))
}

fn ranged(tokens: &[Token]) -> bool {
    matches!(tokens, [Token::Number(_), Token::Euro, ..])
}

#[derive(Debug, PartialEq)]
enum Token {
    Number(f64),
    Euro,
    Range,
    Other,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = if c.is_ascii_digit() {
            number_length(rest)
        } else if c.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (word, after) = rest.split_at(len);
        rest = after;
        if c.is_ascii_digit() {
            out.push(decimal(word).map_or(Token::Other, Token::Number));
        } else if is_euro(word) {
            out.push(Token::Euro);
        } else if matches!(fold(word).trim(), "a" | "et" | "ou") || matches!(word, "-" | "–" | "→") {
            out.push(Token::Range);
        } else if !c.is_whitespace() && c != '\u{202f}' {
            out.push(Token::Other);
        }
    }
    out
}

/// Digits with at most one decimal mark, and groups of three after a space.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    while bytes.get(end) == Some(&b' ') && digits(end + 1) == 3 && end <= 3 {
        end += 4;
    }
    match bytes.get(end) {
        Some(b',' | b'.') if digits(end + 1) > 0 => end + 1 + digits(end + 1),
        _ => end,
    }
}

#[cfg(test)]
mod tests;
