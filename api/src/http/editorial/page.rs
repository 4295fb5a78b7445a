//! Parameters of the editing lists: filters, `limit` and `cursor`.
//!
//! Invariant: a cursor continues the list that made it: only `limit` may change.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use florilege_engine::invalid::{Code, Invalid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::cursor::Binding;
use super::super::problem::Problem;
use super::super::query::Query;
use super::super::route::Param;
use crate::app::App;

/// How many entries a page has where nobody says.
const DEFAULT_LIMIT: usize = 50;
/// How many it may have.
const MAX_LIMIT: usize = 200;

/// `limit`, as the documentation says it.
pub(crate) const LIMIT: Param = Param {
    name: "limit",
    kind: "integer",
    what: "How many, 1 to 200; 50 where absent.",
};

/// `cursor`, as the documentation says it.
pub(crate) const CURSOR: Param = Param {
    name: "cursor",
    kind: "string",
    what: "The `next_cursor` of the page before.",
};

/// A page of a list that is asked for.
pub(crate) struct Page {
    values: BTreeMap<String, String>,
    binding: Binding,
    /// How many entries.
    pub(crate) limit: usize,
}

impl Page {
    /// Reads the parameters of a list; `scope` names which list it is, path included.
    pub(crate) fn read(query: Query, scope: &str, known: &[Param]) -> Result<Self, Problem> {
        let mut values = BTreeMap::new();
        for (name, value) in query.pairs {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            if !known.iter().any(|param| param.name == name) {
                let message = format!("unknown parameter {name:?}");
                return Err(Invalid::one(pointer, Code::UnknownField, message).into());
            }
            if values.insert(name, value).is_some() {
                return Err(Invalid::one(pointer, Code::DuplicateField, "given twice").into());
            }
        }
        let mut page = Self {
            binding: Binding::new(scope, &json!(values)),
            values,
            limit: DEFAULT_LIMIT,
        };
        page.limit = page.value("limit")?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&page.limit) {
            let message = format!("between 1 and {MAX_LIMIT}");
            return Err(Invalid::one("/limit", Code::InvalidValue, message).into());
        }
        Ok(page)
    }

    /// A parameter, if it is given.
    pub(crate) fn value<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.values.get(name) else {
            return Ok(None);
        };
        let wrong = |error: T::Err| Invalid::one(format!("/{name}"), Code::InvalidValue, error.to_string());
        Ok(Some(text.parse().map_err(wrong)?))
    }

    /// Where the page starts, on later pages.
    pub(crate) fn after<T: DeserializeOwned>(&self, app: &App) -> Result<Option<T>, Problem> {
        let cursor = self.values.get("cursor");
        let opened = cursor.map(|cursor| app.signer.open(&self.binding, cursor));
        Ok(opened.transpose()?)
    }

    /// Cuts what was read, one more than asked for, to the page, and says where the next one starts.
    pub(crate) fn cut<E, T: Serialize>(
        &self,
        app: &App,
        entries: &mut Vec<E>,
        key: impl Fn(&E) -> T,
    ) -> Result<Option<String>, Problem> {
        if entries.len() <= self.limit {
            return Ok(None);
        }
        entries.truncate(self.limit);
        let last = entries.last().map(key);
        let sealed = last.map(|last| app.signer.seal(&self.binding, &last));
        sealed.transpose().map_err(Problem::internal)
    }
}
