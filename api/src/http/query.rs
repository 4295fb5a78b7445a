//! Query strings: decoded strictly, `min_sequence` taken out, the rest refused or handed on.
//!
//! Invariant: a parameter that a route does not know is a 422 `unknown_field`, as in a body.

use axum::http::Uri;
use florilege_engine::change::Sequence;
use florilege_engine::invalid::{Code, Invalid};

use super::problem::{Kind, Problem};

/// The parameters of a call, in their order, without `min_sequence`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Names and values, percent-decoded.
    pub(crate) pairs: Vec<(String, String)>,
    /// What the state must have applied.
    pub(crate) min_sequence: Option<Sequence>,
}

impl Query {
    /// Reads the query string of an address.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let mut query = Self::default();
        for pair in uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            query.take(decode(name)?, decode(value)?)?;
        }
        Ok(query)
    }

    fn take(&mut self, name: String, value: String) -> Result<(), Problem> {
        if name != "min_sequence" {
            self.pairs.push((name, value));
            return Ok(());
        }
        let number = value.parse::<u64>().map_err(|_| {
            Invalid::one(
                "/min_sequence",
                Code::InvalidType,
                "min_sequence is a whole number, as `generation` in an answer",
            )
        })?;
        self.min_sequence = Some(Sequence(number));
        Ok(())
    }

    /// Refuses whatever is left.
    pub(crate) fn require_empty(&self) -> Result<(), Problem> {
        match self.pairs.first() {
            Some((name, _)) => Err(Problem::from(Invalid::one(
                format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                Code::UnknownField,
                format!("unknown parameter {name:?}"),
            ))),
            None => Ok(()),
        }
    }
}

/// Percent-decoding of a form: `+` is a space.
fn decode(text: &str) -> Result<String, Problem> {
    let bytes = percent_decode(&text.replace('+', " "));
    let unreadable = |_| Problem::new(Kind::MalformedRequest, "the query string is not percent-encoded UTF-8");
    String::from_utf8(bytes?).map_err(unreadable)
}

/// The bytes that `%XX` stand for.
fn percent_decode(text: &str) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next(), bytes.next()].map(|digit| (digit? as char).to_digit(16));
        let [Some(high), Some(low)] = digits else {
            return Err(Problem::new(
                Kind::MalformedRequest,
                "a % in the query string starts two hexadecimal digits",
            ));
        };
        out.push((high * 16 + low) as u8);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(query: &str) -> Result<Query, Problem> {
        Query::of(&format!("/x?{query}").parse().expect("an address"))
    }

    #[test]
    fn pairs_are_decoded() {
        let query = read("q=th%C3%A9%C3%A2tre+%26%20danse&min_sequence=7&free").expect("a query");
        let pairs = [("q".into(), "théâtre & danse".into()), ("free".into(), String::new())];
        assert_eq!((query.pairs, query.min_sequence), (pairs.to_vec(), Some(Sequence(7))));
    }

    #[test]
    fn bad_escapes_are_told() {
        for query in ["q=%", "q=%4", "q=%zz", "q=%ff", "q=%C3"] {
            assert_eq!(read(query).expect_err(query).code(), "malformed_request", "{query}");
        }
        assert_eq!(read("min_sequence=-1").expect_err("a number").code(), "invalid_type");
    }
}
