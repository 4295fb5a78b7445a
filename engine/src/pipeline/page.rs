//! What a page leaves for the next: what was shown, and what the rules must remember.
//!
//! Carried by the API in an opaque cursor. Invariant: it names works and values by their identifiers, so that it
//! holds while the catalogue changes and in any process.

use serde::{Deserialize, Serialize};

use crate::query::RuleRequest;

/// The most works that the pages of one list may hold together; it keeps a cursor small.
pub const MAX_SHOWN: usize = 2_000;

/// The state at a cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageState {
    /// The rank of the next offer.
    pub start: usize,
    /// Fingerprints of the works shown, sorted.
    pub shown: Vec<u64>,
    /// The last offers shown, oldest first: for each, the values of each attribute that a rule looks at.
    pub history: Vec<Vec<Vec<String>>>,
    /// The rules of the list: a scenario that is published between two pages changes none that was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleRequest>>,
}

impl PageState {
    /// Whether a work stood on a page before.
    pub fn has_shown(&self, item: &str) -> bool {
        self.shown.binary_search(&fingerprint(item)).is_ok()
    }

    /// The state after this page.
    pub fn after<'a>(&self, items: impl ExactSizeIterator<Item = &'a str>, history: Vec<Vec<Vec<String>>>) -> Self {
        let start = self.start + items.len();
        let mut shown: Vec<u64> = self.shown.iter().copied().chain(items.map(fingerprint)).collect();
        shown.sort_unstable();
        Self {
            start,
            shown,
            history,
            rules: self.rules.clone(),
        }
    }
}

/// FNV-1a, 64 bits: the same in every process and version.
pub fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
