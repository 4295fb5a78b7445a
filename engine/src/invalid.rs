//! What is wrong with an input, field by field: the one error shape of everything that comes from outside.
//!
//! Parsers and checks of the engine return it; the API turns it into problem details. Invariant: every fault has a
//! JSON pointer, a code of the fixed list and a sentence that says what to do.

use serde::{Deserialize, Serialize};

/// The kinds of fault, as clients may switch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Not JSON at all.
    MalformedJson,
    /// A field that the contract does not name.
    UnknownField,
    /// A required field is absent.
    MissingField,
    /// A field given twice.
    DuplicateField,
    /// Another JSON type than expected.
    InvalidType,
    /// The right type, an impossible value.
    InvalidValue,
    /// A word outside a closed list.
    UnknownValue,
    /// A text, list or number beyond its limit.
    TooLarge,
    /// An operation that `/v1/changes` does not know.
    UnknownOp,
    /// A subcategory that the taxonomy does not hold.
    UnknownSubcategory,
    /// A change for something that is not there.
    NotFound,
    /// A cursor that is damaged, or continues another request.
    CursorMismatch,
}

impl Code {
    /// The code as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "malformed_json",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::DuplicateField => "duplicate_field",
            Self::InvalidType => "invalid_type",
            Self::InvalidValue => "invalid_value",
            Self::UnknownValue => "unknown_value",
            Self::TooLarge => "too_large",
            Self::UnknownOp => "unknown_op",
            Self::UnknownSubcategory => "unknown_subcategory",
            Self::NotFound => "not_found",
            Self::CursorMismatch => "cursor_mismatch",
        }
    }
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[error("{pointer}: {message}")]
pub struct Fault {
    /// Where, as an RFC 6901 pointer; empty for the whole.
    pub pointer: String,
    /// What kind.
    pub code: Code,
    /// What is wrong and what would be right, in lower case without a full stop.
    pub message: String,
}

impl Fault {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            message: message.into(),
        }
    }
}

/// An input that cannot be taken: at least one fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Invalid(pub Vec<Fault>);

impl Invalid {
    /// An input with this one fault.
    pub fn one(pointer: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self(vec![Fault::new(pointer, code, message)])
    }

    /// Whether the text was no JSON: a client error of its own (400).
    pub fn is_malformed(&self) -> bool {
        self.0.iter().any(|fault| fault.code == Code::MalformedJson)
    }

    /// The same faults, with every pointer under a prefix such as `/offer`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        for fault in &mut self.0 {
            fault.pointer.insert_str(0, prefix);
        }
        self
    }
}

/// Gathers faults while a document is checked, so that a client sees all of them at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault unless the condition holds.
    pub fn require(&mut self, holds: bool, pointer: &str, code: Code, message: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Fault::new(pointer, code, message()));
        }
    }

    /// Notes what a part of the document is faulted for, with every pointer under the part's.
    pub fn within(&mut self, prefix: &str, check: impl FnOnce(&mut Self)) {
        let mut part = Self::default();
        check(&mut part);
        self.0.extend(Invalid(part.0).under(prefix).0);
    }

    /// Notes a text longer than a limit in characters.
    pub fn limit_text(&mut self, text: &str, max: usize, pointer: &str) {
        let fits = text.len() <= max || text.chars().count() <= max;
        self.require(fits, pointer, Code::TooLarge, || format!("at most {max} characters"));
    }

    /// Notes a list that is too long, or that has an entry longer than 256 characters or blank.
    pub fn limit_words(&mut self, words: &[String], max: usize, pointer: &str) {
        self.require(words.len() <= max, pointer, Code::TooLarge, || {
            format!("at most {max} entries")
        });
        for (place, word) in words.iter().enumerate().take(max) {
            let at = || format!("{pointer}/{place}");
            self.limit_text(word, 256, &at());
            self.require(!word.trim().is_empty(), &at(), Code::InvalidValue, || {
                "an entry must not be blank".into()
            });
        }
    }

    /// All is well, or what is not.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Invalid(self.0))
        }
    }
}
