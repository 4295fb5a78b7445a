//! Forms: fields in their order, as a browser sends them.
//!
//! Invariant: at most the limit of a body is read; text is UTF-8, with line ends as `\n`.

use axum::body::Body;
use axum::http::Request;

use super::answer::Refusal;
use crate::http::body;
use crate::http::problem::{Kind, Problem};

/// Name and value, in the order of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Parses urlencoded text.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let clean = |text: &str| text.replace("\r\n", "\n").replace('\0', "");
        let fields = form_urlencoded::parse(bytes);
        Self(fields.map(|(name, value)| (clean(&name), clean(&value))).collect())
    }

    /// The body of a request.
    pub(super) async fn read(request: Request<Body>) -> Result<Self, Refusal> {
        let media = body::media_type(request.headers())?;
        if media.as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(Problem::new(
                Kind::UnsupportedMediaType,
                "a form is application/x-www-form-urlencoded",
            )
            .into());
        }
        let bytes = body::whole(request, body::MAX_BODY_BYTES).await?;
        Ok(Self::parse(&bytes))
    }

    /// The first value of a name, trimmed; empty when absent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or("").trim()
    }

    /// The first value of a name, unless it is empty.
    pub(super) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a name as a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.some(name).and_then(|text| text.replace(',', ".").parse().ok())
    }

    /// Words of a name, apart by commas or lines.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let words = self.all(name).flat_map(|text| text.split([',', '\n']));
        words
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// Whether a box is ticked.
    pub(super) fn is(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }
}
