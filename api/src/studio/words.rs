//! The studio's words in French and English, by Fluent.
//!
//! Every page asks here by key. Invariant: both languages hold the same keys, and every key that a page or a handler
//! uses is among them (a test reads them all).

use std::fmt::Display;
use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const FRENCH: &str = include_str!("../../studio/words/fr.ftl");
const ENGLISH: &str = include_str!("../../studio/words/en.ftl");
/// The cookie that keeps the choice.
pub(super) const COOKIE: &str = "studio_language";

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| [bundle("fr", FRENCH), bundle("en", ENGLISH)]);

/// A language of the studio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Lang {
    /// French, the first.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Its code, as in the attribute `lang`.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of a code.
    pub(super) fn of(code: &str) -> Option<Self> {
        match code {
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The one chosen, else the first of the browser's that there is, else French.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let chosen = super::session::cookie(headers, COOKIE).and_then(Self::of);
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let first = |accepted: &str| {
            let codes = accepted.split(',').filter_map(|range| range.trim().get(..2));
            codes.into_iter().find_map(Self::of)
        };
        chosen.or_else(|| accepted.and_then(first)).unwrap_or_default()
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::Fr => &BUNDLES[0],
            Self::En => &BUNDLES[1],
        }
    }

    /// The words of a key; the key itself where it has none.
    pub(super) fn t(self, key: &str) -> String {
        self.with(key, None)
    }

    /// The words of a key about a number, or a text, called `n` in them.
    pub(super) fn n(self, key: &str, value: impl Display) -> String {
        let text = value.to_string();
        let mut args = FluentArgs::new();
        let number = text.parse::<i64>().ok();
        args.set("n", number.map_or_else(|| FluentValue::from(text), FluentValue::from));
        self.with(key, Some(&args))
    }

    /// Whether there are words for a key.
    pub(super) fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn with(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let pattern = bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return key.to_owned();
        };
        // A fault in a pattern shows in the text, and in the test that reads them all.
        bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }
}

fn bundle(code: &str, text: &str) -> Bundle {
    let language: LanguageIdentifier = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    bundle.set_use_isolating(false);
    let (resource, faults) = match FluentResource::try_new(text.to_owned()) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, faults)) => (resource, faults),
    };
    debug_assert!(faults.is_empty(), "{code}: {faults:?}");
    let added = bundle.add_resource(resource);
    debug_assert!(added.is_ok(), "{code}: {added:?}");
    bundle
}

#[cfg(test)]
mod tests;
