//! Readers' ways: how many categories each has booked in after 1, 3 and 12 months, and what each booking brought.
//!
//! Counted from the store's log, grouped by persona and by kind of territory. Invariants: a reader counts at a horizon
//! only when so much time has passed since the first act; a cancelled booking counts nothing; a group of too few
//! readers is not told.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use florilege_engine::catalogue::Catalogue;
use florilege_engine::event::{EventType, Facts, Then};
use florilege_engine::geo::Position;
use florilege_engine::questionnaire::Answers;
use florilege_engine::time::Moment;
use jiff::Span;
use serde_json::Value;

use crate::store::{Act, Journey, Profile};
use crate::studio::page::zone;

/// The horizons, in months.
pub(super) const MONTHS: [i64; 3] = [1, 3, 12];
/// From so many categories on, a reader's practice is wide: the public figure.
pub(super) const WIDE: usize = 3;
/// What there is within this distance makes a territory rural, a town or urban.
const AROUND_M: f64 = 10_000.0;
/// Fewer places with offers than this within it: rural.
const RURAL_BELOW: usize = 10;
/// As many as this or more: urban.
const URBAN_FROM: usize = 60;
/// Homes are looked at as coarse as this, in degrees: about a kilometre.
const COARSE: f64 = 0.01;

/// How much there is around a reader's home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Territory {
    /// Fewer than 10 places with offers within 10 km.
    Rural,
    /// Between the two.
    Town,
    /// 60 or more.
    Urban,
    /// Nobody knows where home is.
    Unknown,
}

impl Territory {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Rural, Self::Town, Self::Urban, Self::Unknown];

    /// Its name in tables.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Rural => "rural",
            Self::Town => "town",
            Self::Urban => "urban",
            Self::Unknown => "unknown",
        }
    }
}

/// Readers of a group at one horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// How many have come so far.
    pub(super) readers: u64,
    /// The categories that they have booked in, together.
    pub(super) categories: u64,
    /// Those with [`WIDE`] categories or more.
    pub(super) wide: u64,
}

impl Reached {
    fn add(&mut self, categories: usize) {
        self.readers += 1;
        self.categories += categories as u64;
        self.wide += u64::from(categories >= WIDE);
    }
}

/// What a reader is in the tables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    /// The persona that leads; empty where none is known.
    pub(super) persona: String,
    /// How much there is around home.
    pub(super) territory: Territory,
    /// Whether a priority district is among the territories.
    pub(super) is_qpv: bool,
    /// The department; empty where none is known.
    pub(super) department: String,
}

/// All that is counted of readers.
#[derive(Debug, Clone, Default)]
pub(super) struct Journeys {
    /// By group: at each of [`MONTHS`], then today among those who have booked.
    pub(super) groups: BTreeMap<Group, [Reached; MONTHS.len() + 1]>,
    /// What bookings brought, by answer and offer.
    pub(super) scores: HashMap<(String, String), f64>,
    /// Homes that were looked at.
    known: HashMap<(i64, i64), Territory>,
}

impl Journeys {
    /// Counts a reader.
    pub(super) fn add(&mut self, catalogue: &Catalogue, journey: &Journey, now: Moment) {
        let Some(first) = journey.acts.iter().map(|act| act.at).min() else {
            return;
        };
        let walked = walk(catalogue, &journey.acts);
        let group = self.group(catalogue, &journey.profile);
        let reached = self.groups.entry(group).or_default();
        for (place, months) in MONTHS.into_iter().enumerate() {
            if let Some(until) = later(first, months).filter(|until| *until <= now) {
                reached[place].add(categories(&walked.taken, until));
            }
        }
        let today = categories(&walked.taken, now);
        if today > 0 {
            reached[MONTHS.len()].add(today);
        }
        self.scores.extend(walked.scores);
    }

    /// Leaves what tables are made of alone.
    pub(super) fn forget(&mut self) {
        self.scores = HashMap::new();
        self.known = HashMap::new();
    }

    fn group(&mut self, catalogue: &Catalogue, profile: &Profile) -> Group {
        let territory = profile
            .position
            .map_or(Territory::Unknown, |home| self.around(catalogue, home));
        Group {
            persona: persona(catalogue, profile).unwrap_or_default(),
            territory,
            is_qpv: profile.territories.iter().any(|one| is_qpv(one)),
            department: profile.department.clone().unwrap_or_default(),
        }
    }

    fn around(&mut self, catalogue: &Catalogue, home: Position) -> Territory {
        let coarse = |degrees: f64| (degrees / COARSE).round() as i64;
        let key = (coarse(home.lat()), coarse(home.lng()));
        *self.known.entry(key).or_insert_with(|| around(catalogue, home))
    }
}

/// Whether a territory is a priority urban district.
fn is_qpv(territory: &str) -> bool {
    territory
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("qpv") || head.eq_ignore_ascii_case("qn0"))
}

fn around(catalogue: &Catalogue, home: Position) -> Territory {
    let near = catalogue.places().nearest(home);
    let near = near.take_while(|(_, distance)| distance.0 <= AROUND_M);
    match near.take(URBAN_FROM).count() {
        ..RURAL_BELOW => Territory::Rural,
        RURAL_BELOW..URBAN_FROM => Territory::Town,
        URBAN_FROM.. => Territory::Urban,
    }
}

/// The persona that leads: what the booking core says, else what the questionnaire does.
fn persona(catalogue: &Catalogue, profile: &Profile) -> Option<String> {
    let personas = catalogue.personas();
    let named: Vec<(&str, f64)> = match &profile.persona {
        Some(Value::String(id)) => vec![(id, 1.0)],
        Some(Value::Object(shares)) => shares
            .iter()
            .filter_map(|(id, share)| Some((id.as_str(), share.as_f64()?)))
            .collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => Vec::new(),
    };
    let given = personas.mixture(named.into_iter());
    let shares = given.or_else(|| answered(catalogue, profile))?;
    let leading = shares
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
    Some(personas.all().get(leading.0)?.id.to_string())
}

fn answered(catalogue: &Catalogue, profile: &Profile) -> Option<Vec<f64>> {
    let odds = Answers::read(catalogue, &profile.questionnaire).odds;
    odds.iter().any(|odds| *odds != 0.0).then_some(odds)
}

/// So many calendar months later, by the studio's clock.
fn later(at: Moment, months: i64) -> Option<Moment> {
    let span = Span::new().try_months(months).ok()?;
    let later = at.timestamp().to_zoned(zone()).checked_add(span).ok()?;
    Some(Moment::utc(later.timestamp()))
}

/// A booking that stood for a time.
#[derive(Debug, Clone, PartialEq)]
struct Taken {
    item: String,
    category: String,
    from: Moment,
    until: Option<Moment>,
}

#[derive(Debug, Default)]
struct Walked {
    taken: Vec<Taken>,
    scores: Vec<((String, String), f64)>,
}

/// The distinct categories of the bookings that stand at a moment.
fn categories(taken: &[Taken], at: Moment) -> usize {
    let stands = |one: &&Taken| one.from <= at && one.until.is_none_or(|until| until > at);
    let distinct: BTreeSet<&str> = taken.iter().filter(stands).map(|one| one.category.as_str()).collect();
    distinct.len()
}

fn walk(catalogue: &Catalogue, acts: &[Act]) -> Walked {
    let (mut walked, mut practice) = (Walked::default(), Practice::default());
    for act in acts {
        let Some((facts, category)) = facts(catalogue, act) else {
            continue;
        };
        let item = facts.item.to_string();
        let standing = walked
            .taken
            .iter_mut()
            .find(|one| one.item == item && one.until.is_none());
        let books = matches!(act.kind, EventType::Booking | EventType::Attendance);
        if let Some(taken) = standing {
            if act.kind == EventType::Cancellation {
                taken.until = Some(act.at);
            }
        } else if books {
            let score = practice.points(&facts, &category);
            let asked = act.request_id.clone().zip(act.offer_id.clone());
            walked.scores.extend(asked.map(|asked| (asked, score)));
            walked.taken.push(Taken {
                item,
                category,
                from: act.at,
                until: None,
            });
        }
    }
    walked
}

/// What an act's offer was, and its category.
fn facts(catalogue: &Catalogue, act: &Act) -> Option<(Facts, String)> {
    let Some(Then::Known(facts)) = &act.then else {
        return None;
    };
    let taxonomy = catalogue.taxonomy();
    let subcategory = taxonomy.find(&facts.subcategory)?;
    let category = taxonomy.subcategory(subcategory).category;
    Some(((**facts).clone(), taxonomy.category(category).key.clone()))
}

/// What a reader has booked, as the diversity score asks: production's points for what is new to that reader.
#[derive(Debug, Default)]
struct Practice(HashSet<(&'static str, String)>);

impl Practice {
    /// The points of a booking, which is known from then on: 65 for the first one.
    fn points(&mut self, facts: &Facts, category: &str) -> f64 {
        let is_first = self.0.is_empty();
        let mut new = |what: &'static str, value: &str, points: f64| {
            if self.0.insert((what, value.to_owned())) {
                points
            } else {
                0.0
            }
        };
        let kind = facts.venue_kind.as_ref().map_or(0.0, |kind| new("kind", kind, 20.0));
        let venue = facts
            .venue
            .as_ref()
            .map_or(0.0, |venue| new("venue", venue.as_str(), 5.0));
        let mut genre = 0.0_f64;
        for one in &facts.genres {
            genre = genre.max(new("genre", one, 5.0));
        }
        let points = new("category", category, 25.0) + kind + new("subcategory", &facts.subcategory, 10.0) + venue;
        if is_first { 65.0 } else { points + genre }
    }
}

#[cfg(test)]
mod tests;
