//! Prices and ages: "gratuit", "moins de 10 euros", "entre 5 et 10 €", "dès 6 ans".
//!
//! Invariant: a number is a price only beside a currency, an age only beside "ans": "moins de 10" alone stays words.

use super::tokens::{Token, says_any};

/// What the words say of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Price {
    Free,
    Between(Option<u32>, Option<u32>),
}

/// What "pas cher" means, in cents.
const CHEAP: u32 = 1_000;
const MOST: &[&str] = &[
    "moins de",
    "a moins de",
    "pas plus de",
    "au maximum",
    "maximum",
    "max",
    "jusqu a",
    "sous",
    "inferieur a",
    "under",
    "less than",
    "at most",
    "up to",
    "below",
    "pour moins de",
    "en dessous de",
    "a",
    "pour",
];
const LEAST: &[&str] = &["plus de", "a partir de", "au dessus de", "minimum", "more than", "over"];
const CURRENCY: &[&str] = &["euros", "euro", "eur", "balles"];

/// What the words say of money, and how many words say it.
pub(super) fn price(tokens: &[Token]) -> Option<(usize, Price)> {
    free(tokens)
        .map(|taken| (taken, Price::Free))
        .or_else(|| {
            says_any(
                tokens,
                &[
                    "pas cher",
                    "pas chere",
                    "pas cheres",
                    "pas chers",
                    "petit prix",
                    "petits prix",
                    "cheap",
                ],
            )
            .map(|n| (n, Price::Between(None, Some(CHEAP))))
        })
        .or_else(|| between(tokens))
        .or_else(|| bounded(tokens))
}

fn free(tokens: &[Token]) -> Option<usize> {
    let said = says_any(
        tokens,
        &[
            "gratuit",
            "gratuits",
            "gratuite",
            "gratuites",
            "gratuitement",
            "entree libre",
            "entree gratuite",
            "acces libre",
            "sans payer",
            "for free",
            "free entry",
            "free admission",
            "0 euro",
            "0 euros",
            "zero euro",
        ],
    );
    // "free jazz" is no price.
    said.or_else(|| {
        let before = says_any(tokens, &["free"])?;
        says_any(
            &tokens[before..],
            &[
                "concert",
                "concerts",
                "event",
                "events",
                "show",
                "shows",
                "exhibition",
                "museum",
                "museums",
            ],
        )
        .map(|_| before)
    })
}

/// "entre 5 et 10 €", "de 5 à 10 euros", "5-10 €".
fn between(tokens: &[Token]) -> Option<(usize, Price)> {
    let taken = says_any(tokens, &["entre", "de", "between", "from"]).unwrap_or(0);
    let (one, from, _) = amount(tokens.get(taken..)?)?;
    let mut at = taken + one;
    let dash = tokens.get(at - 1).is_some_and(|token| token.after.trim() == "-");
    match says_any(tokens.get(at..)?, &["et", "a", "and", "to"]) {
        Some(more) if taken > 0 => at += more,
        Some(_) | None if dash => {}
        Some(_) | None => return None,
    }
    let (two, to, currency) = amount(tokens.get(at..)?)?;
    (currency && from <= to).then_some((at + two, Price::Between(Some(from), Some(to))))
}

fn bounded(tokens: &[Token]) -> Option<(usize, Price)> {
    let (least, most) = (says_any(tokens, LEAST), says_any(tokens, MOST));
    let taken = least.or(most).unwrap_or(0);
    let (more, cents, currency) = amount(tokens.get(taken..)?)?;
    if !currency {
        return None;
    }
    let mut at = taken + more;
    let after = tokens.get(at..).unwrap_or_default();
    if let Some(more) = says_any(after, &["et plus", "ou plus", "minimum", "mini"]) {
        return Some((at + more, Price::Between(Some(cents), None)));
    }
    at += says_any(after, &["max", "maximum", "maxi", "ou moins", "et moins"]).unwrap_or(0);
    let price = if least.is_some() {
        Price::Between(Some(cents), None)
    } else {
        Price::Between(None, Some(cents))
    };
    Some((at, price))
}

/// A small number in digits or letters.
pub(super) fn number(token: &Token) -> Option<u32> {
    const WORDS: [(&str, u32); 16] = [
        ("un", 1),
        ("une", 1),
        ("deux", 2),
        ("trois", 3),
        ("quatre", 4),
        ("cinq", 5),
        ("six", 6),
        ("sept", 7),
        ("huit", 8),
        ("neuf", 9),
        ("dix", 10),
        ("douze", 12),
        ("quinze", 15),
        ("vingt", 20),
        ("trente", 30),
        ("cent", 100),
    ];
    if token.opaque {
        return None;
    }
    let known = WORDS
        .iter()
        .find(|(word, _)| *word == token.text)
        .map(|(_, number)| *number);
    known.or_else(|| token.text.parse().ok().filter(|number| *number < 100_000))
}

/// An amount in cents, and whether a currency stands beside it.
fn amount(tokens: &[Token]) -> Option<(usize, u32, bool)> {
    let token = tokens.first().filter(|token| !token.opaque)?;
    let digits = token
        .text
        .find(|sign: char| !sign.is_ascii_digit())
        .unwrap_or(token.text.len());
    if digits > 0 && digits < token.text.len() {
        // "10euros"
        let (number, unit) = token.text.split_at(digits);
        let euros: u32 = number.parse().ok().filter(|euros| *euros < 100_000)?;
        return CURRENCY.contains(&unit).then_some((1, euros * 100, true));
    }
    let euros = number(token)?;
    let decimal = matches!(token.after.as_str(), "," | ".") && digits > 0;
    let part = tokens
        .get(1)
        .filter(|next| decimal && next.text.len() <= 2)
        .and_then(|next| {
            let value: u32 = next.text.parse().ok()?;
            Some(if next.text.len() == 1 { value * 10 } else { value })
        });
    let taken = 1 + usize::from(part.is_some());
    let cents = euros * 100 + part.unwrap_or(0);
    if tokens[taken - 1].after.trim_start().starts_with('€') || tokens[0].after.trim_start().starts_with('€') {
        return Some((taken, cents, true));
    }
    match says_any(tokens.get(taken..).unwrap_or_default(), CURRENCY) {
        Some(more) => Some((taken + more, cents, true)),
        None => Some((taken, cents, false)),
    }
}

/// "dès 6 ans", "à partir de 12 ans", "pour un enfant de 8 ans", "15 ans".
pub(super) fn age(tokens: &[Token]) -> Option<(usize, u8)> {
    let lead = &[
        "a partir de",
        "des",
        "pour les",
        "pour un enfant de",
        "pour enfant de",
        "pour enfants de",
        "pour mon enfant de",
        "pour",
        "de",
        "enfant de",
        "enfants de",
        "ages",
        "age de",
    ];
    let taken = says_any(tokens, lead).unwrap_or(0);
    let years = number(tokens.get(taken)?)?;
    says_any(tokens.get(taken + 1..)?, &["ans", "an", "years old"])
        .map(|more| (taken + 1 + more, u8::try_from(years).unwrap_or(u8::MAX)))
        .filter(|(_, years)| *years <= 120)
}
