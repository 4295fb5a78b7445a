//! The score: named features in [0, 1] times weights, so that an explanation is exact.
//!
//! Stage of the main path between the filters and the arranger. Invariant: every feature is finite and in [0, 1],
//! every weight is at least 0, and the score is the sum of the contributions in the order of [`FEATURES`].

pub mod editorial;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use crate::catalogue::glance::Glance;
use crate::catalogue::practice::{About, FULL_POINTS};
use crate::catalogue::row::OfferRow;
use crate::filter::Candidate;
use crate::geo::Metres;
use crate::invalid::{Code, Invalid};
use crate::money::Cents;
use crate::persona::Appetites;
use crate::pipeline::Query;
use crate::reader::member::Member;
use crate::source::{self, Sources};
use crate::taxonomy::Kind;

/// The features, by name, with their default weights.
///
/// Personal ones are 0 for nobody, but `rested`, which is 1 for all. For a reader, a persona's appetites move the
/// defaults (not what a request or a scenario gives): by twice the appetite for `popularity`, `rising` (popularity),
/// `freshness` (novelty), `price`, `company` and `friends` (peers) and `editorial`; `rested` and `discovery` weigh more the less of the same is borne.
pub const FEATURES: [(&str, f64); 17] = [
    ("proximity", 0.40),
    ("popularity", 0.05),
    ("rising", 0.30),
    ("freshness", 0.10),
    ("soon", 0.05),
    ("price", 0.15),
    ("exploration", 0.05),
    ("taste", 0.30),
    ("discovery", 16.00),
    ("outward", 0.15),
    ("editorial", 0.30),
    ("small_venue", 0.25),
    ("rested", 0.60),
    ("company", 0.20),
    ("similar", 0.50),
    ("friends", 0.50),
    ("at_home", 5.00),
];

/// How many features there are.
pub const COUNT: usize = FEATURES.len();

/// The values of one candidate, in the order of [`FEATURES`].
pub type Features = [f64; COUNT];

/// The weight of `similar` where a list is asked for near to some works: likeness rules it.
const ASKED_SIMILAR: f64 = 2.0;
/// A digital offer is as near as one half way.
const AT_HOME: f64 = 0.5;
/// As many bookings in 28 days are full popularity.
const FULL_POPULARITY: u32 = 1_000;
/// New for as long as this.
const FRESH_DAYS: f64 = 28.0;
/// Soon within this.
const SOON_DAYS: f64 = 14.0;
/// Half of the price's merit is lost at this price, where nobody knows what is left.
const HALF_PRICE_CENTS: f64 = 2_000.0;
/// Else at this share of what is left, but not below [`LEAST_HALF_CENTS`].
const HALF_OF_CREDIT: f64 = 0.25;
const LEAST_HALF_CENTS: f64 = 500.0;
/// Half of a venue's claim to fairness is lost at so many offers.
const SMALL_VENUE_OFFERS: f64 = 20.0;
/// How the chance of a booking follows the taste of a reader who is ready for what is new: below 1, what is liked less
/// is given more of a chance.
const DARING: f64 = 0.85;
/// What a booking is worth that brings nothing new, of one that is all new: at first, and to a reader who is ready for
/// what is new.
const BOOKED: (f64, f64) = (0.06, 0.02);
/// What nobody books loses of its chance, times the reader's appetite for popularity.
const UNPROVEN: f64 = 1.3;
/// The popularity of what is booked neither much nor little: 31 bookings in 28 days.
const TYPICAL: f64 = 0.5;
/// How many bands of least satisfaction a group distinguishes.
const BANDS: f64 = 10.0;
const DAY_MS: f64 = 86_400_000.0;

/// One part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Contribution {
    /// The feature.
    pub name: &'static str,
    /// Its value in [0, 1].
    pub value: f64,
    /// Its weight.
    pub weight: f64,
    /// Value times weight: these add up to the score.
    pub contribution: f64,
}

/// The weights of one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights([f64; COUNT]);

impl Weights {
    /// The defaults as the company's appetites move them, with what the request gives over them; a name that is no
    /// feature is refused.
    pub fn resolve(asked: &BTreeMap<String, f64>, company: &[Member<'_>], similar: bool) -> Result<Self, Invalid> {
        let personal = company.iter().filter(|member| member.portrait.is_personal);
        let appetites = Appetites::mean(personal.clone().map(|member| (1.0, &member.portrait.appetites)));
        let default = |name, weight| {
            if similar && name == "similar" {
                ASKED_SIMILAR
            } else {
                weight
            }
        };
        let mut weights = FEATURES.map(|(name, weight)| default(name, weight) * moved(name, &appetites));
        for (name, weight) in asked {
            match FEATURES.iter().position(|(feature, _)| feature == name) {
                Some(place) => weights[place] = *weight,
                None => return Err(unknown(name)),
            }
        }
        Ok(Self(weights))
    }

    /// The weighted sum.
    pub fn score(&self, features: &Features) -> f64 {
        self.0.iter().zip(features).map(|(weight, value)| weight * value).sum()
    }

    /// The sum, part by part.
    pub fn contributions(&self, features: &Features) -> Vec<Contribution> {
        let part = |((name, _), (weight, value)): (&(&'static str, f64), (&f64, &f64))| Contribution {
            name,
            value: *value,
            weight: *weight,
            contribution: weight * value,
        };
        FEATURES.iter().zip(self.0.iter().zip(features)).map(part).collect()
    }
}

/// What a feature's default weight is multiplied by; 1 for the indifferent at first.
fn moved(feature: &str, appetites: &Appetites) -> f64 {
    match feature {
        "popularity" | "rising" => 2.0 * appetites.popularity,
        "freshness" => 2.0 * appetites.novelty,
        "price" => 2.0 * appetites.price,
        "company" | "friends" => 2.0 * appetites.peers,
        "editorial" => 2.0 * appetites.editors,
        "rested" => 2.0 * (1.0 - appetites.repetition),
        "discovery" => 1.5 - appetites.repetition,
        _ => 1.0,
    }
}

/// How ready a company is for what is new: as its least ready member; nobody is not.
pub(crate) fn readiness(company: &[Member<'_>]) -> f64 {
    let personal = company.iter().filter(|member| member.portrait.is_personal);
    personal
        .map(|member| member.portrait.way.readiness)
        .reduce(f64::min)
        .unwrap_or(0.0)
}

fn unknown(name: &str) -> Invalid {
    let known: Vec<&str> = FEATURES.iter().map(|(name, _)| *name).collect();
    Invalid::one(
        format!("/weights/{name}"),
        Code::UnknownValue,
        format!("the features are {}", known.join(", ")),
    )
}

/// The features of a candidate.
pub fn features(query: &Query<'_>, candidate: &Candidate<'_>, sources: Sources) -> Features {
    let (offer, now) = (candidate.offer, query.now.millis());
    let proximity = proximity(query, candidate);
    let about = query.catalogue.about(offer);
    let new = offer.published_at.map_or(0.0, |at| newness(now - at));
    let felt = query
        .company
        .iter()
        .map(|member| felt(member, &about, offer, (proximity, new)));
    let [price, taste, discovery, outward, rested, company] = together(felt);
    [
        proximity,
        popularity(offer.popularity()),
        rising(query, offer),
        new,
        offer.next_date(now).map_or(0.0, |at| fading(at - now, SOON_DAYS)),
        price,
        exploration(query.seed, offer.print),
        query.learnt.with(query, offer, taste),
        discovery,
        outward,
        editorial::worth(&query.labels, offer.labels),
        small_venue(query, offer),
        rested,
        company,
        query.affinity.likeness(offer.item),
        f64::from(u8::from(source::is_of_friends(sources))),
        at_home(query, offer),
    ]
}

/// What each reader feels alone: price, taste, discovery, outward, rested, company.
type Felt = [f64; 6];

fn felt(member: &Member<'_>, about: &About<'_>, offer: &OfferRow, (proximity, new): (f64, f64)) -> Felt {
    let portrait = &member.portrait;
    let (price, taste) = (price(member, offer.price.map(Cents::get)), portrait.taste(offer));
    let proven = proven(member, offer.popularity(), new);
    [
        price,
        taste,
        discovery(member, about, taste, proximity * price * proven),
        portrait.way.step(offer.category),
        portrait.rested(offer),
        company(member, offer),
    ]
}

/// What a company feels. For a group, what the least satisfied member feels decides, in bands; within a band, the
/// mean: least misery first, then the most joy.
fn together(each: impl ExactSizeIterator<Item = Felt>) -> Felt {
    let members = each.len();
    let (mut least, mut sum) = ([1.0f64; 6], [0.0; 6]);
    for felt in each {
        for (n, value) in felt.into_iter().enumerate() {
            least[n] = least[n].min(value);
            sum[n] += value;
        }
    }
    if members == 1 {
        return sum;
    }
    let banded = |n: usize| ((least[n] * BANDS).floor() + sum[n] / members.max(1) as f64) / (BANDS + 1.0);
    std::array::from_fn(banded)
}

/// Full at [`FULL_POPULARITY`] bookings, by the logarithm.
pub(crate) fn popularity(bookings: u32) -> f64 {
    static WORTHS: LazyLock<Vec<f64>> = LazyLock::new(|| {
        let full = f64::from(FULL_POPULARITY).ln_1p();
        (0..FULL_POPULARITY).map(|n| f64::from(n).ln_1p() / full).collect()
    });
    WORTHS.get(bookings as usize).copied().unwrap_or(1.0)
}

/// The share of what is taken now that its own past does not explain: 0 for what is steady, whatever its volume.
fn rising(query: &Query<'_>, offer: &OfferRow) -> f64 {
    let now = query.now.millis();
    let rise = query.catalogue.acts().rise(offer.item, now);
    let times = rise.unwrap_or(1.0).max(offer.surge_at(now).unwrap_or(1.0));
    1.0 - times.recip()
}

/// Half at the reader's half-way, which density and the persona's reach give.
fn proximity(query: &Query<'_>, candidate: &Candidate<'_>) -> f64 {
    match candidate.distance {
        Some(distance) => halved(distance.0, query.half_way_m),
        None if candidate.offer.kind == Kind::Digital => AT_HOME,
        None => 0.0,
    }
}

/// 1 for what needs no venue, while the venues around the reader are closed.
fn at_home(query: &Query<'_>, offer: &OfferRow) -> f64 {
    f64::from(u8::from(query.venues_closed && offer.kind == Kind::Digital))
}

/// What distance, price and others' bookings leave of a liking for what stands at a place, at a glance.
pub(crate) fn means(query: &Query<'_>, member: &Member<'_>, distance: Metres, glance: &Glance) -> f64 {
    let age = glance.age_days(query.now.millis());
    let new = age.map_or(0.0, |days| newness(i64::from(days) * DAY_MS as i64));
    halved(distance.0, query.half_way_m) * price(member, glance.price()) * proven(member, glance.popularity(), new)
}

/// What others' bookings leave of the chance of one: all where there are many, and for a reader who does not heed them.
/// What is so `new` that there can be few is taken to be [`TYPICAL`].
fn proven(member: &Member<'_>, bookings: u32, new: f64) -> f64 {
    let heeded = (UNPROVEN * member.portrait.appetites.popularity).min(1.0);
    1.0 - heeded * (1.0 - popularity(bookings).max(TYPICAL * new))
}

/// The price against what is left.
fn price(member: &Member<'_>, cents: Option<u32>) -> f64 {
    let left = member.credit.map(|left| f64::from(left.get()) * HALF_OF_CREDIT);
    let half = left.map_or(HALF_PRICE_CENTS, |half| half.max(LEAST_HALF_CENTS));
    cents.map_or(0.5, |cents| halved(f64::from(cents), half))
}

/// The expected gain of a booking: a little for itself, the rest for the points that it would bring, times the chance
/// that it is made. That is what the taste allows, times what distance, price and others' bookings (`means`) do.
fn discovery(member: &Member<'_>, about: &About<'_>, taste: f64, means: f64) -> f64 {
    let portrait = &member.portrait;
    if !portrait.is_personal {
        return 0.0;
    }
    let ready = portrait.way.readiness;
    let daring = 1.0 - (1.0 - DARING) * ready;
    let booked = BOOKED.0 + (BOOKED.1 - BOOKED.0) * ready;
    let new = portrait.practice.points(about) / FULL_POINTS;
    (booked + (1.0 - booked) * new) * (taste.powf(daring) * means)
}

/// 1 at a venue with nothing else, less the more it offers.
fn small_venue(query: &Query<'_>, offer: &OfferRow) -> f64 {
    let venue = offer.venue.and_then(|venue| query.catalogue.venue(venue));
    venue.map_or(0.0, |venue| halved(venue.rows.len() as f64, SMALL_VENUE_OFFERS))
}

/// Two can go, and the reader could pay for both.
fn company(member: &Member<'_>, offer: &OfferRow) -> f64 {
    let two = offer.price.map(Cents::doubled);
    let paid = member.credit.is_none_or(|left| two.is_some_and(|two| two <= left));
    f64::from(u8::from(member.portrait.is_personal && offer.duo && paid))
}

/// 1 at nothing, one half at `half`, towards 0 far beyond.
fn halved(value: f64, half: f64) -> f64 {
    half / (half + value)
}

/// How new something is that was published so long ago.
fn newness(millis: i64) -> f64 {
    fading(millis, FRESH_DAYS)
}

/// 1 now, 0 after so many days; a time on the wrong side of now is now.
fn fading(millis: i64, days: f64) -> f64 {
    (1.0 - millis.max(0) as f64 / (days * DAY_MS)).max(0.0)
}

/// A draw in [0, 1) from the seed and the offer (splitmix64 over its fingerprint).
fn exploration(seed: u64, print: u64) -> f64 {
    let mut mixed = print ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ mixed >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

/// Whether an offer is known to cost nothing.
pub fn is_free(price: Option<Cents>) -> bool {
    price == Some(Cents::ZERO)
}
