//! A request with all that the stages need: the reader hydrated, the filters compiled, weights and rules resolved.
//!
//! First stage of the main path. Invariant: what the context says wins over what is stored of the reader; without
//! consent nothing learnt is used.

use rustc_hash::FxHashSet;

use super::asking::Asking;
use super::page::PageState;
use super::placement::{self, Placement};
use crate::catalogue::glance::Glance;
use crate::catalogue::row::{ItemIx, Row};
use crate::catalogue::{Catalogue, Reader};
use crate::editorial::visitor::Visitor;
use crate::event::EventType;
use crate::filter::{Candidate, Ground, Requested};
use crate::geo::{Metres, Position};
use crate::invalid::{Code, Invalid};
use crate::query::RecommendationRequest;
use crate::reader::density;
use crate::reader::member::{self, Member};
use crate::score::editorial;
use crate::source::affinity::{Affinity, Seeds};
use crate::source::learnt::Learnt;
use crate::source::near::Around;
use crate::time::Moment;

/// Everything that a list is made for.
#[derive(Debug)]
pub struct Query<'a> {
    /// The generation.
    pub catalogue: &'a Catalogue,
    /// The request as it came.
    pub request: &'a RecommendationRequest,
    /// What was shown on the pages before.
    pub page: PageState,
    /// The moment of the answer.
    pub now: Moment,
    /// Breaks ties and draws explorations.
    pub seed: u64,
    /// Where the reader is, where that is known.
    pub position: Option<Position>,
    /// The same on the unit sphere.
    pub origin: Option<[f64; 3]>,
    /// The request's filters.
    pub requested: Requested<'a>,
    /// Who the list is for; at least one.
    pub company: Vec<Member<'a>>,
    /// Offers and works that may not stand: asked for, or acted on in this visit.
    pub excluded: Excluded,
    /// Half of the proximity is lost at this distance, in metres: that of who goes least far.
    pub half_way_m: f64,
    /// What each label is worth, by its bit.
    pub labels: Vec<f64>,
    /// Whether a published closure holds where the reader is.
    pub venues_closed: bool,
    /// The weights and rules of the list.
    pub placement: Placement<'a>,
    /// What is asked beside the request.
    pub asking: &'a Asking,
    /// The works that the list starts from.
    pub seeds: Seeds,
    /// What is near to those.
    pub affinity: Affinity,
    /// What the learnt models make of those.
    pub learnt: Learnt,
    /// The places around, as far as sources have asked for them.
    pub(crate) around: Around,
}

/// What may not stand: named by the request, booked or hidden, in this visit or before.
#[derive(Debug, Default)]
pub struct Excluded {
    rows: FxHashSet<Row>,
    items: FxHashSet<ItemIx>,
}

impl Excluded {
    /// A name may be an offer's or a work's.
    fn name(&mut self, catalogue: &Catalogue, id: &str) {
        self.rows.extend(catalogue.find(id));
        self.items.extend(catalogue.find_item(id));
    }

    fn acts_of(&mut self, catalogue: &Catalogue, reader: &Reader) {
        let works = reader.booked.iter().chain(&reader.hidden_items);
        self.items
            .extend(works.filter_map(|id| catalogue.find_item(id.as_str())));
        let offers = reader.hidden.iter();
        self.rows.extend(offers.filter_map(|id| catalogue.find(id.as_str())));
    }

    /// Whether nothing is excluded.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.items.is_empty()
    }

    /// Whether an offer or its work is.
    pub fn holds(&self, candidate: &Candidate<'_>) -> bool {
        self.rows.contains(&candidate.row) || self.items.contains(&candidate.offer.item)
    }
}

impl<'a> Query<'a> {
    /// Resolves a checked request against a generation.
    pub fn hydrate(
        catalogue: &'a Catalogue,
        request: &'a RecommendationRequest,
        asking: &'a Asking,
        page: Option<&PageState>,
        now: Moment,
    ) -> Result<Self, Invalid> {
        let context = &request.context;
        check_personas(catalogue, request)?;
        let position = context.position.or_else(|| home(catalogue, request));
        let mut ground = Ground::new(&request.filters, position);
        if let Some(radius) = context.radius_m {
            ground.within(Metres(radius));
        }
        check_ground(request, position)?;
        let sparsity = density::sparsity(catalogue, ground.origin);
        let profile = request.user_id.as_ref().and_then(|id| catalogue.reader(id.as_str()));
        let profile = profile.and_then(|reader| reader.profile.as_deref());
        let pace = placement::pace(catalogue, request, profile);
        let company = member::company(catalogue, request, (sparsity, pace), now);
        let half_ways = company.iter().map(|member| member.portrait.half_way_m);
        Ok(Self {
            catalogue,
            request,
            page: page.cloned().unwrap_or_default(),
            now,
            seed: request.seed.unwrap_or(0),
            position: ground.origin,
            origin: ground.origin.map(Position::unit),
            requested: Requested::new(catalogue, &request.filters, ground, now.millis()),
            half_way_m: half_ways.fold(f64::INFINITY, f64::min),
            excluded: excluded(catalogue, request, asking, &company),
            venues_closed: closed(catalogue, request, now),
            labels: label_worths(catalogue),
            placement: Placement::resolve(catalogue, request, page, profile, (&company, asking))?,
            asking,
            seeds: Seeds::new(catalogue, request, asking),
            affinity: Affinity::default(),
            learnt: Learnt::default(),
            around: Around::default(),
            company,
        })
    }

    /// How many offers are asked for.
    pub fn limit(&self) -> usize {
        self.request.limit()
    }

    /// Whether an offer could be booked now, as far as its stock, its last date and its venue go: what a glance tells.
    pub fn stands(&self, row: Row) -> bool {
        let glance = self.catalogue.glance(row);
        glance.is_some_and(|glance| glance.stands() && glance.lasts(self.now.millis()))
    }

    /// How far an offer is from the reader, as something to compare by: the squared chord on the unit sphere, infinite
    /// where a place is not known.
    pub fn farness(&self, row: Row) -> f64 {
        let place = self.catalogue.glance(row).and_then(Glance::place);
        let place = place.and_then(|place| self.catalogue.places().get(place));
        let chord2 = |(from, to): ([f64; 3], [f64; 3])| (0..3).map(|axis| (from[axis] - to[axis]).powi(2)).sum();
        self.origin
            .zip(place.map(|place| place.unit))
            .map_or(f64::INFINITY, chord2)
    }

    /// Who asks, or the first of the group.
    pub fn asker(&self) -> Option<&Member<'a>> {
        self.company.first()
    }

    /// Whether anything known of a reader makes the list.
    pub fn is_personal(&self) -> bool {
        self.company.iter().any(|member| member.portrait.is_personal)
    }
}

/// Where the first of the company lives of whom that is known.
fn home(catalogue: &Catalogue, request: &RecommendationRequest) -> Option<Position> {
    let company = request.user_id.iter().chain(&request.context.users);
    let mut profiles = company.filter_map(|id| catalogue.reader(id.as_str())?.profile.as_deref());
    profiles.find_map(|profile| profile.position)
}

/// What each label is worth: what is built in, or what a published label of the whole country says.
fn label_worths(catalogue: &Catalogue) -> Vec<f64> {
    let mut worths = editorial::worths(catalogue.taxonomy());
    let labels = catalogue
        .editorial()
        .labels()
        .iter()
        .filter(|label| label.territory.is_none());
    for (name, boost) in labels.filter_map(|label| Some((label.body.label(), label.body.boost?))) {
        let bit = catalogue.taxonomy().labels().iter().position(|known| known == name);
        if let Some(worth) = bit.and_then(|bit| worths.get_mut(bit)) {
            *worth = boost.clamp(0.0, 1.0);
        }
    }
    worths
}

/// Whether the venues around the reader are closed, by a document.
fn closed(catalogue: &Catalogue, request: &RecommendationRequest, now: Moment) -> bool {
    let asked = || Visitor::new(catalogue, request.user_id.as_ref(), &request.context, now);
    !catalogue.editorial().closures().is_empty() && asked().is_closed_in(catalogue)
}

/// A mixture names personas that stand.
fn check_personas(catalogue: &Catalogue, request: &RecommendationRequest) -> Result<(), Invalid> {
    let personas = catalogue.personas();
    let unknown = request.context.persona.keys().find(|id| personas.find(id).is_none());
    unknown.map_or(Ok(()), |id| {
        let known: Vec<&str> = personas.all().iter().map(|persona| persona.id.as_str()).collect();
        let message = format!("the personas are {}", known.join(", "));
        Err(Invalid::one(
            format!("/context/persona/{id}"),
            Code::UnknownValue,
            message,
        ))
    })
}

fn excluded(
    catalogue: &Catalogue,
    request: &RecommendationRequest,
    asking: &Asking,
    company: &[Member<'_>],
) -> Excluded {
    let mut excluded = Excluded::default();
    let asked = request.exclude.iter().map(String::as_str);
    let asked = asked.chain(asking.similar_to.iter().map(|item| item.as_str()));
    for id in asked.chain(visit(catalogue, request)) {
        excluded.name(catalogue, id);
    }
    for reader in company.iter().filter_map(|member| member.stored) {
        excluded.acts_of(catalogue, reader);
    }
    excluded
}

/// What was booked or hidden in this visit, in its order: a cancellation lets a work back in.
fn visit<'a>(catalogue: &'a Catalogue, request: &'a RecommendationRequest) -> FxHashSet<&'a str> {
    let item = |id: &str| Some(catalogue.item(catalogue.offer(catalogue.find(id)?)?.item)?.id.as_str());
    let mut out = FxHashSet::default();
    for event in &request.context.events {
        let Some(offer) = event.offer_id.as_ref().map(|id| id.as_str()) else {
            continue;
        };
        let named = [Some(offer), item(offer)].into_iter().flatten();
        match event.kind {
            EventType::Booking | EventType::Attendance | EventType::Hide => out.extend(named),
            EventType::Cancellation => {
                for id in named {
                    out.remove(id);
                }
            }
            EventType::Impression
            | EventType::View
            | EventType::Click
            | EventType::Favorite
            | EventType::Unfavorite
            | EventType::Like
            | EventType::Dislike
            | EventType::Share
            | EventType::Review
            | EventType::Search => {}
        }
    }
    out
}

fn check_ground(request: &RecommendationRequest, position: Option<Position>) -> Result<(), Invalid> {
    let unplaced = position.is_none() && request.filters.position.is_none();
    for (radius, pointer) in [
        (request.filters.radius_m, "/filters/radius_m"),
        (request.context.radius_m, "/context/radius_m"),
    ] {
        if radius.is_some() && unplaced {
            return Err(Invalid::one(pointer, Code::InvalidValue, "a radius needs a position"));
        }
    }
    Ok(())
}
