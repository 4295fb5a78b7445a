//! The values of a mapping that may be written short or long: a column, a list of columns, or a table of rules.
//!
//! Invariant: the short form means the same as the long one with that column and nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// One value, or an array of them.
#[derive(Debug, Clone)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ManyVisitor(PhantomData))
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value or an array of values")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let value = T::deserialize(serde::de::value::StrDeserializer::new(text))?;
        Ok(OneOrMany(vec![value]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| OneOrMany(vec![value]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany)
    }
}

/// A change of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// Every word begins with a capital: `GAUMONT PARNASSE` → `Gaumont Parnasse`.
    Title,
    /// The first letter alone is a capital.
    Sentence,
    /// None is.
    Lower,
}

/// How names are written in the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// As they are read.
    #[default]
    Plain,
    /// `Ferrante, Elena (1943-....)` is Elena Ferrante.
    Inverted,
}

/// A text made of columns.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default, remote = "Self")]
pub struct Text {
    /// The column.
    pub column: Option<String>,
    /// Several: those that say something are joined.
    pub columns: Vec<String>,
    /// What joins them.
    pub join: Option<String>,
    /// The same for every row.
    pub constant: Option<String>,
    /// Text with `{column}` in it; nothing where one of them is empty.
    pub template: Option<String>,
    /// Only what stands before the first of this.
    pub before: Option<String>,
    /// Only what stands after the first of this; nothing where there is none.
    pub after: Option<String>,
    /// Another case.
    pub case: Option<Case>,
    /// A code of this many digits: `1001.0` is `01001`.
    pub pad: Option<usize>,
    /// Exact values that are written otherwise; the empty text is none.
    pub map: BTreeMap<String, String>,
    /// For a row that gives nothing.
    pub default: Option<String>,
}

/// A list of words made of columns.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default, remote = "Self")]
pub struct Words {
    /// The column; an array of a JSON source is a list already.
    pub column: Option<String>,
    /// What separates the words of a cell; the whole cell is one where absent.
    pub separator: Option<String>,
    /// The same for every row.
    pub constant: Vec<String>,
    /// Exact words that are written otherwise; the empty text is none.
    pub map: BTreeMap<String, String>,
    /// Whether a word that `map` does not name is left out.
    pub only_mapped: bool,
    /// How names are written.
    pub names: Names,
}

/// `"column"` for `{ column = "column" }`.
struct ShortVisitor<T>(PhantomData<T>);

trait Short<'de>: Sized {
    fn short(column: String) -> Self;
    fn long<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error>;
}

impl<'de, T: Short<'de>> Visitor<'de> for ShortVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the name of a column or a table of rules")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::short(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::long(MapAccessDeserializer::new(map))
    }
}

/// A type whose rules may be shortened to the name of its column.
macro_rules! shortened {
    ($($kind:ty),+) => {$(
        impl<'de> Short<'de> for $kind {
            fn short(column: String) -> Self {
                Self {
                    column: Some(column),
                    ..Self::default()
                }
            }

            fn long<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                Self::deserialize(input)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                input.deserialize_any(ShortVisitor(PhantomData))
            }
        }
    )+};
}

shortened!(Text, Words);
