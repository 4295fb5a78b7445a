//! Simulated readers: who they are, where they live, what they truly like.
//!
//! Invariant: a reader is made of the seed and a number alone; what is booked changes the state, never the nature.

use florilege_engine::catalogue::Catalogue;
use florilege_engine::geo::Position;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::assumptions::{Assumptions, LEFT_OVER};

/// What there is within this distance makes a territory rural, a town or urban.
const AROUND_M: f64 = 10_000.0;
/// Fewer venues than this within it: rural.
const RURAL_BELOW: usize = 10;
/// As many as this or more: urban.
const URBAN_FROM: usize = 60;

/// How much there is around a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Territory {
    /// Fewer than 10 venues within 10 km.
    Rural,
    /// Between the two.
    Town,
    /// 60 venues or more within 10 km.
    Urban,
}

impl Territory {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rural, Self::Town, Self::Urban];

    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rural => "rural",
            Self::Town => "town",
            Self::Urban => "urban",
        }
    }

    /// The territory of a position.
    pub fn of(catalogue: &Catalogue, at: Position) -> Self {
        let places = catalogue.venues().filter_map(|venue| venue.document.as_ref()?.position);
        let near = places
            .filter(|place| place.distance(at).0 <= AROUND_M)
            .take(URBAN_FROM)
            .count();
        match near {
            ..RURAL_BELOW => Self::Rural,
            RURAL_BELOW..URBAN_FROM => Self::Town,
            URBAN_FROM.. => Self::Urban,
        }
    }
}

/// A place where readers live.
#[derive(Debug, Clone, PartialEq)]
pub struct Commune {
    /// Its name.
    pub name: String,
    /// Its centre.
    pub position: Position,
    /// Its inhabitants, or how much they weigh.
    pub weight: f64,
}

/// A reader.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The identifier in the engine.
    pub id: String,
    /// Index of the persona.
    pub persona: usize,
    /// Home.
    pub home: Position,
    /// How much there is around it.
    pub territory: Territory,
    /// 16 to 19.
    pub age: u8,
    /// Credit at the start.
    pub credit_cents: u32,
    /// True taste over the categories of the taxonomy at the start; it adds up to 1.
    pub taste: Vec<f64>,
}

/// A generator of one reader's draws for one purpose.
pub fn rng(seed: u64, reader: u64, purpose: u64) -> Pcg64Mcg {
    let mut mixed = seed ^ reader.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.wrapping_mul(0xd1b5_4a32_d192_ed03);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    Pcg64Mcg::seed_from_u64(mixed ^ mixed >> 31)
}

/// A draw of the standard normal distribution (Box and Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random_range(f64::MIN_POSITIVE..1.0), rng.random_range(0.0..1.0));
    (-2.0 * radius.ln()).sqrt() * (angle * std::f64::consts::TAU).cos()
}

fn weighted(rng: &mut impl Rng, weights: impl Iterator<Item = f64> + Clone) -> usize {
    let mut left = rng.random_range(0.0..1.0) * weights.clone().sum::<f64>();
    let mut last = 0;
    for (index, weight) in weights.enumerate() {
        last = index;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

impl Reader {
    /// The n-th reader. One in two lives where people live, one in two in any commune, so that the countryside counts.
    pub fn draw(seed: u64, number: u64, assumed: &Assumptions, communes: &[Commune], catalogue: &Catalogue) -> Self {
        let mut rng = rng(seed, number, 0);
        let persona = weighted(&mut rng, assumed.persona.iter().map(|persona| persona.share));
        let commune = if number.is_multiple_of(2) {
            &communes[weighted(&mut rng, communes.iter().map(|commune| commune.weight))]
        } else {
            &communes[rng.random_range(0..communes.len())]
        };
        let year = rng.random_range(0..4_u8);
        Self {
            id: format!("simulated-{number}"),
            persona,
            home: commune.position,
            territory: Territory::of(catalogue, commune.position),
            age: 16 + year,
            credit_cents: assumed.credit_cents[usize::from(year)],
            taste: taste(&mut rng, assumed, persona, catalogue),
        }
    }
}

fn taste(rng: &mut impl Rng, assumed: &Assumptions, persona: usize, catalogue: &Catalogue) -> Vec<f64> {
    let named = &assumed.persona[persona].taste;
    let mut taste: Vec<f64> = catalogue
        .taxonomy()
        .categories()
        .map(|(_, category)| {
            let base = named.get(&category.key).copied().unwrap_or(LEFT_OVER);
            base * (assumed.taste_noise * normal(rng)).exp()
        })
        .collect();
    let sum: f64 = taste.iter().sum();
    taste.iter_mut().for_each(|share| *share /= sum);
    taste
}
