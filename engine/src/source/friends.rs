//! Friends: what close ones took lately.
//!
//! A source of the main path. Invariant: both the reader and the friend agree to share, and to be learnt from; what
//! an answer says of it names no friend.

use super::works::Works;
use super::{Out, Source};
use crate::ids::UserId;
use crate::pipeline::Query;
use crate::user::User;

/// The most friends who are asked, those of the request first.
const FRIENDS: usize = 64;
/// The most friends who are looked up to find those.
const LOOKED_UP: usize = 512;
/// The most works of each.
const WORKS: usize = 8;

pub(super) struct Friends;

impl Source for Friends {
    fn name(&self) -> &'static str {
        "friends"
    }

    fn gather(&self, query: &Query<'_>, depth: usize, out: &mut Out) -> bool {
        let Some(reader) = sharing(query, query.request.user_id.as_ref()) else {
            return true;
        };
        let friends = query.request.context.friends.iter().chain(&reader.friends);
        let known = friends.take(LOOKED_UP);
        let sharing = known.filter(|friend| sharing(query, Some(friend)).is_some());
        let mut works = Works::new(query, depth.div_ceil(2), out);
        for friend in sharing.take(FRIENDS) {
            works.take_all(query.catalogue.acts().recent(friend.as_str()).take(WORKS));
        }
        true
    }
}

/// The profile of a reader who agrees to share with friends.
pub(super) fn sharing<'a>(query: &Query<'a>, id: Option<&UserId>) -> Option<&'a User> {
    let reader = query.catalogue.reader(id?.as_str())?;
    let profile = reader.profile.as_deref()?;
    (reader.is_personal() && profile.consents.social).then_some(profile)
}
