//! Shares: what somebody has sent to this reader.
//!
//! A source of the main path. Invariant: sender and receiver both agree to share; what an answer says of it names
//! nobody.

use super::friends::sharing;
use super::works::Works;
use super::{Out, Source};
use crate::pipeline::Query;

/// The most letters that are opened, latest first.
const LETTERS: usize = 64;

pub(super) struct Shares;

impl Source for Shares {
    fn name(&self) -> &'static str {
        "shares"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let Some(reader) = sharing(query, query.request.user_id.as_ref()) else {
            return true;
        };
        let received = query.catalogue.acts().received(reader.id.as_str()).take(LETTERS);
        let agreed = received.filter(|(sender, _)| sharing(query, Some(sender)).is_some());
        let item = |offer: &str| Some(query.catalogue.offer(query.catalogue.find(offer)?)?.item);
        let items: Vec<_> = agreed.filter_map(|(_, offer)| item(offer.as_str())).collect();
        Works::new(query, depth, out).take_all(items);
        true
    }
}
