//! The company: who a list is for, one reader or a group that goes out together.
//!
//! Part of hydrating a query. Invariant: what the context says wins over what is stored of the asker; of the others
//! what is stored counts, and the context where nothing is; without consent nothing learnt is used.

use super::{Portrait, Sitter};
use crate::catalogue::{Catalogue, Reader};
use crate::filter::{Ground, Requested};
use crate::ids::UserId;
use crate::money::Cents;
use crate::query::{Context, RecommendationRequest};
use crate::time::Moment;
use crate::user::User;

/// One reader of a company.
#[derive(Debug)]
pub struct Member<'a> {
    /// The identifier, where there is one.
    pub id: Option<&'a UserId>,
    /// What is stored, consent or not: only what keeps unfit offers out may be read of it.
    pub profile: Option<&'a User>,
    /// What was done before, where the reader agreed to its being kept.
    pub stored: Option<&'a Reader>,
    /// Ages the reader may have, lowest and highest.
    pub age: Option<(u8, u8)>,
    /// Credit left.
    pub credit: Option<Cents>,
    /// Credit left for digital offers.
    pub digital_credit: Option<Cents>,
    /// What else is left, and what it pays.
    pub purses: Vec<(Cents, Requested<'a>)>,
    /// Who it is.
    pub portrait: Portrait,
}

impl Member<'_> {
    /// Whether the reader agreed to be shown to others.
    pub fn is_social(&self) -> bool {
        self.profile.is_some_and(|profile| profile.consents.social)
    }
}

/// The company of a request: the asker first, unless only a group is named.
pub fn company<'a>(
    catalogue: &'a Catalogue,
    request: &'a RecommendationRequest,
    (sparsity, pace): (f64, f64),
    now: Moment,
) -> Vec<Member<'a>> {
    let host = Host {
        catalogue,
        request,
        sparsity,
        pace,
        now,
    };
    let context = &request.context;
    let asker = request.user_id.as_ref();
    let mut others: Vec<&UserId> = context.users.iter().filter(|id| Some(*id) != asker).collect();
    others.sort_unstable();
    others.dedup();
    let asks = asker.is_some() || others.is_empty() || speaks(context);
    let first = asks.then(|| host.asker(asker));
    first
        .into_iter()
        .chain(others.into_iter().map(|id| host.guest(id)))
        .collect()
}

/// Whether the context describes somebody.
fn speaks(context: &Context) -> bool {
    context.age.is_some()
        || context.credit_cents.is_some()
        || context.digital_credit_cents.is_some()
        || !context.persona.is_empty()
        || !context.events.is_empty()
}

struct Host<'a> {
    catalogue: &'a Catalogue,
    request: &'a RecommendationRequest,
    sparsity: f64,
    pace: f64,
    now: Moment,
}

impl<'a> Host<'a> {
    fn asker(&self, id: Option<&'a UserId>) -> Member<'a> {
        let context = &self.request.context;
        let mut member = self.member(id, true);
        member.age = context.age.map(|age| (age, age)).or(member.age);
        member.credit = context.credit_cents.or(member.credit);
        member.digital_credit = context.digital_credit_cents.or(member.digital_credit);
        member
    }

    fn guest(&self, id: &'a UserId) -> Member<'a> {
        let context = &self.request.context;
        let mut member = self.member(Some(id), false);
        member.age = member.age.or(context.age.map(|age| (age, age)));
        member.credit = member.credit.or(context.credit_cents);
        member.digital_credit = member.digital_credit.or(context.digital_credit_cents);
        member
    }

    fn member(&self, id: Option<&'a UserId>, asks: bool) -> Member<'a> {
        let reader = id.and_then(|id| self.catalogue.reader(id.as_str()));
        let profile = reader.and_then(|reader| reader.profile.as_deref());
        let stored = reader.filter(|reader| reader.is_personal()).map(|reader| &**reader);
        let refused = profile.is_some() && stored.is_none();
        Member {
            id,
            profile,
            stored,
            age: profile.and_then(|profile| ages(profile.birth_year?, self.now)),
            credit: profile.and_then(|profile| profile.credit_cents),
            digital_credit: profile.and_then(|profile| profile.digital_credit_cents),
            purses: reader.map_or_else(Vec::new, |reader| self.purses(reader)),
            portrait: if refused {
                Portrait::nobody(self.sparsity)
            } else {
                self.portrait(stored, asks)
            },
        }
    }

    fn purses(&self, reader: &'a Reader) -> Vec<(Cents, Requested<'a>)> {
        let now = self.now.millis();
        let read = |filters| Requested::new(self.catalogue, filters, Ground::new(filters, None), now);
        reader
            .purses
            .iter()
            .map(|purse| (purse.left, read(&purse.filters)))
            .collect()
    }

    /// The acts of this visit and the persona of the context are the asker's.
    fn portrait(&self, stored: Option<&Reader>, asks: bool) -> Portrait {
        let context = &self.request.context;
        let visit = (asks && !context.events.is_empty()).then(|| self.visit(stored));
        let nothing = std::collections::BTreeMap::new();
        let practice = visit.as_ref().or(stored).map(|reader| &reader.practice);
        let sitter = Sitter {
            stored,
            practice: practice.filter(|practice| !practice.is_empty()),
            given: if asks { &context.persona } else { &nothing },
            pace: self.pace,
            sparsity: self.sparsity,
            now: self.now.millis(),
        };
        Portrait::draw(self.catalogue, &sitter)
    }

    /// What is stored with this visit's acts on top; it lives as long as the request.
    fn visit(&self, stored: Option<&Reader>) -> Reader {
        let mut reader = stored.cloned().unwrap_or_default();
        for event in &self.request.context.events {
            reader.note(event, self.catalogue.act(event));
        }
        reader
    }
}

/// A year of birth leaves two possible ages; each bound of an offer is held against the one that is stricter.
fn ages(birth_year: u16, now: Moment) -> Option<(u8, u8)> {
    let year = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).year();
    let oldest = u8::try_from(i32::from(year) - i32::from(birth_year)).ok()?;
    Some((oldest.saturating_sub(1), oldest))
}
