//! Numbers as people and spreadsheets write them: `1 234,5`, `206777.0`, `1,2 M`, `3K`.
//!
//! Invariant: what is returned is finite; anything doubtful is none.

/// A decimal number; a comma is a decimal point, spaces group digits, `K`, `M` and `Md` multiply.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let (digits, factor) = unsuffixed(text.trim());
    let plain = digits
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '\'' && *c != '’')
        .map(|c| if c == ',' { '.' } else { c })
        .collect::<String>();
    let shaped = plain
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
    let value = plain.parse::<f64>().ok().filter(|_| shaped)? * factor;
    value.is_finite().then_some(value)
}

/// A count: as [`decimal`], but `1,234` and `1.234` group digits; negative ones are none.
pub(super) fn count(text: &str) -> Option<f64> {
    let text = text.trim();
    let grouped = text.split([',', '.']).enumerate().all(|(place, part)| {
        part.bytes().all(|b| b.is_ascii_digit()) && (place == 0 && !part.is_empty() || part.len() == 3)
    });
    let value = if grouped {
        text.replace([',', '.'], "").parse().ok()
    } else {
        decimal(text)
    };
    value.filter(|value: &f64| *value >= 0.0)
}

fn unsuffixed(text: &str) -> (&str, f64) {
    for (suffix, factor) in [("md", 1e9), ("k", 1e3), ("m", 1e6)] {
        let at = text.len().saturating_sub(suffix.len());
        if text.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(suffix)) {
            return (&text[..at], factor);
        }
    }
    (text, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_written() {
        for (text, value) in [
            ("12", Some(12.0)),
            ("1 234,5", Some(1234.5)),
            ("1\u{a0}234", Some(1234.0)),
            ("-0.5", Some(-0.5)),
            ("1,2 M", Some(1_200_000.0)),
            ("3K", Some(3_000.0)),
            ("2.5k", Some(2_500.0)),
            ("NaN", None),
            ("inf", None),
            ("", None),
            ("M", None),
            ("12 rue", None),
            ("1e400", None),
        ] {
            assert_eq!(decimal(text), value, "{text}");
        }
    }

    #[test]
    fn counts_group_digits_by_threes() {
        for (text, value) in [
            ("1,234", Some(1234.0)),
            ("1.234.567", Some(1_234_567.0)),
            ("206777.0", Some(206_777.0)),
            ("1,5 M", Some(1_500_000.0)),
            ("-4", None),
            ("x", None),
        ] {
            assert_eq!(count(text), value, "{text}");
        }
    }
}
