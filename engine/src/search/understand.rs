//! Understanding: what a query says of place, time, price and public, as filters; the rest stays words.
//!
//! First stage of search. A small grammar over the catalogue's own names (`understand/`): the longest reading at each
//! word wins, what is the name of a work or a creator stays words, and what the caller filters by is never read
//! again. Invariant: a reading is plain data, so that a cursor keeps the one of its first page; [`Reading::gentler`]
//! gives readings that keep ever more, down to the plain words, so no reading makes a page empty.

mod dates;
mod lexicon;
mod places;
mod prices;
mod tokens;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::names::{Named, Names};
use crate::catalogue::Catalogue;
use crate::geo::Position;
use crate::ids::VenueId;
use crate::live::Generation;
use crate::money::Cents;
use crate::query::filters::{DateRange, Need, PriceRange, TimeOfDay};
use crate::query::{Filters, SearchRequest};
use crate::taxonomy::Kind;
use crate::text::{TextQuery, TextReader};
use crate::time::Moment;
use lexicon::LEXICON;
use places::Where;
use prices::Price;
use tokens::{Token, joined, tokens};

/// The clock where neither the reader nor the place says which.
const DEFAULT_ZONE: &str = "Europe/Paris";
/// Words of the longest name that keeps its words from being read.
const LONGEST_NAME: usize = 8;
/// How much wider a radius gets at each step, and how often.
const WIDER: [f64; 3] = [2.5, 6.0, 15.0];
/// A venue this near, in metres, says the reader's time zone.
const SAME_CLOCK: f64 = 300_000.0;

/// What a query was taken to mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What was recognised, in the order of the query.
    pub(super) parts: Vec<Part>,
    /// The words that are left, which are searched for.
    pub(super) rest: String,
    /// The parts that were given up, by their place.
    pub(super) given_up: Vec<usize>,
    /// How often the radius was widened.
    pub(super) widened: usize,
}

/// Some words and what they mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) means: Vec<Means>,
}

/// One thing that words mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Means {
    Around {
        position: Position,
        radius_m: f64,
    },
    Venues(Vec<VenueId>),
    Dates(DateRange),
    TimeOfDay(TimeOfDay),
    Price(PriceRange),
    Free,
    Age(u8),
    Duo,
    Kinds(Vec<Kind>),
    Accessibility(Vec<Need>),
    /// The words stay, and are met by these names of the taxonomy too.
    Theme {
        words: Vec<String>,
        names: Vec<String>,
    },
    /// Words that ask for nothing.
    Nothing,
}

/// What the rules look at.
struct Scene<'a> {
    catalogue: &'a Catalogue,
    names: &'a Names,
    text: &'a TextReader,
    origin: Option<Position>,
}

/// Some words of the query and what they mean.
struct Span {
    from: usize,
    to: usize,
    means: Vec<Means>,
}

/// Reads a query.
pub(super) fn understand(generation: &Generation, request: &SearchRequest, now: Moment) -> Reading {
    let scene = Scene {
        catalogue: generation.catalogue(),
        names: generation.names(),
        text: generation.text(),
        origin: request.filters.position.or(request.context.position),
    };
    let tokens = tokens(&request.q);
    if !request.understand || tokens.is_empty() || tokens.len() >= tokens::MAX_TOKENS {
        return Reading::plain(&request.q);
    }
    let spans = spans(&tokens, &scene, &request.filters, now);
    if is_name(&tokens, &spans, &scene) || spans.is_empty() {
        return Reading::plain(&request.q);
    }
    Reading::of(&request.q, &tokens, spans)
}

/// What the words mean, from left to right, the longest reading of each place.
fn spans(tokens: &[Token], scene: &Scene<'_>, asked: &Filters, now: Moment) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    let today = today(tokens, scene, now);
    while at < tokens.len() {
        let read = read(&tokens[at..], scene, &today).filter(|_| !tokens[at].opaque);
        let span = read.map(|(taken, means)| Span {
            from: at,
            to: at + taken,
            means,
        });
        let free = |span: &Span| {
            span.means
                .iter()
                .all(|means| means.is_open(asked) && !spans.iter().any(|other| other.says_like(means)))
        };
        match span.filter(free).filter(|span| !is_within_a_name(tokens, span, scene)) {
            Some(span) => {
                at = span.to;
                spans.push(span);
            }
            None => at += 1,
        }
    }
    lone_town(tokens, scene, asked, &mut spans);
    spans
}

/// The longest reading of the words from here on.
fn read(tokens: &[Token], scene: &Scene<'_>, today: &Today) -> Option<(usize, Vec<Means>)> {
    let when = || dates::when(tokens, today.date).and_then(|(taken, when)| Some((taken, today.means(when)?)));
    let price = || prices::price(tokens).map(|(taken, price)| (taken, vec![price.into()]));
    let age = || prices::age(tokens).map(|(taken, years)| (taken, vec![Means::Age(years)]));
    let place = || places::place(tokens, scene).map(|(taken, place)| (taken, vec![place.into()]));
    let audience = || {
        LEXICON.audience(tokens).map(|(taken, audience)| {
            let mut means = Vec::new();
            means.extend(audience.duo.then_some(Means::Duo));
            means.extend((!audience.kinds.is_empty()).then(|| Means::Kinds(audience.kinds.clone())));
            means.extend(
                (!audience.accessibility.is_empty()).then(|| Means::Accessibility(audience.accessibility.clone())),
            );
            (taken, means)
        })
    };
    let theme = || {
        LEXICON.theme(tokens).map(|(taken, theme)| {
            let words = tokens[..taken].iter().map(|token| token.text.clone()).collect();
            let names = theme.names(scene.catalogue.taxonomy());
            (taken, vec![Means::Theme { words, names }])
        })
    };
    let noise = || LEXICON.noise(tokens).map(|taken| (taken, vec![Means::Nothing]));
    let readings = [when(), price(), age(), place(), audience(), theme(), noise()];
    // Of two readings of one length the first rule counts.
    readings.into_iter().flatten().rev().max_by_key(|(taken, _)| *taken)
}

/// A town's name without a preposition, at the end of what stays words.
fn lone_town(tokens: &[Token], scene: &Scene<'_>, asked: &Filters, spans: &mut Vec<Span>) {
    let covered = |at: usize, spans: &[Span]| spans.iter().any(|span| (span.from..span.to).contains(&at));
    let probe = Means::Venues(Vec::new());
    if !probe.is_open(asked) || spans.iter().any(|span| span.says_like(&probe)) {
        return;
    }
    for at in 1..tokens.len() {
        let joins = tokens[at - 1].text.as_str();
        let led = crate::text::is_stop(joins) && !covered(at - 1, spans);
        let end = (at..tokens.len())
            .find(|place| covered(*place, spans))
            .unwrap_or(tokens.len());
        if led || covered(at, spans) || end == at {
            continue;
        }
        let found = places::alone(&tokens[at..end], scene).filter(|(taken, _)| at + taken == end);
        if let Some((taken, place)) = found {
            let span = Span {
                from: at,
                to: at + taken,
                means: vec![place.into()],
            };
            if !is_within_a_name(tokens, &span, scene) {
                spans.push(span);
                spans.sort_by_key(|span| span.from);
            }
            return;
        }
    }
}

/// Whether the whole query is the name of a work or a creator. A title that says nothing but kinds, prices and dates
/// ("Concert gratuit") is no name, unless it is one single thing ("Samedi soir").
fn is_name(tokens: &[Token], spans: &[Span], scene: &Scene<'_>) -> bool {
    let whole = joined(tokens);
    if !scene
        .names
        .exact(&whole)
        .into_iter()
        .any(|who| is_work_or_creator(who, &whole, scene))
    {
        return false;
    }
    let covered: usize = spans.iter().map(|span| span.to - span.from).sum();
    !(covered == tokens.len() && spans.len() > 1)
}

fn is_work_or_creator(who: Named, name: &str, scene: &Scene<'_>) -> bool {
    match who {
        Named::Work(item) => {
            let rows = scene
                .catalogue
                .item(item)
                .map(|item| item.rows.clone())
                .unwrap_or_default();
            let mut titles = rows
                .iter()
                .take(8)
                .filter_map(|row| super::names::title(scene.catalogue, *row));
            titles.any(|title| super::names::normal(&title) == name)
        }
        Named::Creator(_) => true,
        Named::Venue(_) | Named::Town(_) | Named::Category(_) | Named::Subcategory(_) => false,
    }
}

/// Whether the words stand inside a longer name of a work or a creator that the query says.
fn is_within_a_name(tokens: &[Token], span: &Span, scene: &Scene<'_>) -> bool {
    let first = span.to.saturating_sub(LONGEST_NAME);
    (first..=span.from).any(|from| {
        (span.to..=tokens.len().min(from + LONGEST_NAME)).any(|to| {
            let longer = to - from > span.to - span.from && to - from < tokens.len();
            let name = if longer {
                joined(&tokens[from..to])
            } else {
                String::new()
            };
            longer
                && scene
                    .names
                    .exact(&name)
                    .into_iter()
                    .any(|who| is_work_or_creator(who, &name, scene))
        })
    })
}

/// The day of the request, on the clock of the place that the query names, else of the reader's.
struct Today {
    date: Date,
    zone: TimeZone,
}

fn today(tokens: &[Token], scene: &Scene<'_>, now: Moment) -> Today {
    let place = (0..tokens.len()).find_map(|at| places::place(&tokens[at..], scene));
    let there = place.and_then(|(_, place)| match place {
        Where::Around { centre, .. } => clock_at(scene.catalogue, centre),
        Where::Venues(ids) => {
            let venue = scene.catalogue.find_venue(ids.first()?.as_str())?;
            scene.catalogue.venue(venue).map(|venue| venue.zone.clone())
        }
        Where::Unknown => None,
    });
    let zone = there
        .or_else(|| scene.origin.and_then(|origin| clock_at(scene.catalogue, origin)))
        .or_else(|| jiff::tz::db().get(DEFAULT_ZONE).ok())
        .unwrap_or(TimeZone::UTC);
    Today {
        date: now.timestamp().to_zoned(zone.clone()).date(),
        zone,
    }
}

/// The clock of the nearest venue.
fn clock_at(catalogue: &Catalogue, position: Position) -> Option<TimeZone> {
    let (place, _) = catalogue
        .places()
        .nearest(position)
        .next()
        .filter(|(_, away)| away.0 <= SAME_CLOCK)?;
    let row = *catalogue.places().get(place)?.rows.first()?;
    Some(catalogue.venue(catalogue.offer(row)?.venue?)?.zone.clone())
}

impl Today {
    fn midnight(&self, date: Date) -> Option<Moment> {
        let zoned = date.to_zoned(self.zone.clone()).ok()?;
        Some(Moment::with_offset(zoned.timestamp(), zoned.offset()))
    }

    fn means(&self, when: dates::When) -> Option<Vec<Means>> {
        let mut means = Vec::new();
        if let Some((from, to)) = when.days {
            means.push(Means::Dates(DateRange {
                from: Some(self.midnight(from)?),
                to: Some(self.midnight(to)?),
            }));
        }
        means.extend(when.minutes.map(|(from, to)| {
            let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
            Means::TimeOfDay(TimeOfDay {
                from: clock(from),
                to: clock(to),
            })
        }));
        Some(means)
    }
}

impl From<Price> for Means {
    fn from(price: Price) -> Self {
        let cents = |cents: Option<u32>| cents.and_then(|cents| Cents::new(i64::from(cents)).ok());
        match price {
            Price::Free => Self::Free,
            Price::Between(min, max) => Self::Price(PriceRange {
                min: cents(min),
                max: cents(max),
            }),
        }
    }
}

impl From<Where> for Means {
    fn from(place: Where) -> Self {
        match place {
            Where::Around { centre, radius } => Self::Around {
                position: centre,
                radius_m: radius.0,
            },
            Where::Venues(ids) => Self::Venues(ids),
            Where::Unknown => Self::Nothing,
        }
    }
}

impl Span {
    fn says_like(&self, means: &Means) -> bool {
        self.means
            .iter()
            .any(|own| own.theme_of_filters() == means.theme_of_filters() && means.theme_of_filters() > 1)
    }
}

impl Means {
    /// Which filters it touches: two of one number cannot both be read.
    fn theme_of_filters(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Theme { .. } => 1,
            Self::Around { .. } | Self::Venues(_) => 2,
            Self::Dates(_) => 3,
            Self::TimeOfDay(_) => 4,
            Self::Price(_) | Self::Free => 5,
            Self::Age(_) => 6,
            Self::Duo => 7,
            Self::Kinds(_) => 8,
            Self::Accessibility(_) => 9,
        }
    }

    /// Whether the caller left it to the words.
    fn is_open(&self, asked: &Filters) -> bool {
        match self {
            Self::Nothing | Self::Theme { .. } => true,
            Self::Around { .. } | Self::Venues(_) => !asked.is_geo_bounded() && asked.venue_ids.is_empty(),
            Self::Dates(_) => asked.dates == DateRange::default(),
            Self::TimeOfDay(_) => asked.time_of_day.is_none(),
            Self::Price(_) | Self::Free => !asked.free && asked.price_cents == PriceRange::default(),
            Self::Age(_) => asked.age.is_none(),
            Self::Duo => !asked.duo,
            Self::Kinds(_) => asked.kinds.is_empty(),
            Self::Accessibility(_) => asked.accessibility.is_empty(),
        }
    }

    /// Puts it in the filters, the radius so often widened.
    fn apply(&self, filters: &mut Filters, widened: usize) {
        match self {
            Self::Nothing | Self::Theme { .. } => {}
            Self::Around { position, radius_m } => {
                let wider = widened
                    .checked_sub(1)
                    .map_or(1.0, |step| WIDER[step.min(WIDER.len() - 1)]);
                filters.position = Some(*position);
                filters.radius_m = Some(radius_m * wider);
                filters.include_digital = false;
            }
            Self::Venues(ids) => filters.venue_ids.clone_from(ids),
            Self::Dates(range) => filters.dates = *range,
            Self::TimeOfDay(time) => filters.time_of_day = Some(time.clone()),
            Self::Price(range) => filters.price_cents = *range,
            Self::Free => filters.free = true,
            Self::Age(years) => filters.age = Some(*years),
            Self::Duo => filters.duo = true,
            Self::Kinds(kinds) => filters.kinds.clone_from(kinds),
            Self::Accessibility(needs) => filters.accessibility.clone_from(needs),
        }
    }

    /// The names of the taxonomy that meet its words.
    fn names(&self) -> Option<&Vec<String>> {
        if let Self::Theme { names, .. } = self {
            Some(names)
        } else {
            None
        }
    }

    /// The filters that it makes, as JSON.
    fn shown(&self, widened: usize) -> Map<String, Value> {
        let mut filters = Filters::default();
        self.apply(&mut filters, widened);
        let plain = serde_json::to_value(Filters::default()).unwrap_or_default();
        match serde_json::to_value(filters) {
            Ok(Value::Object(all)) => all
                .into_iter()
                .filter(|(name, value)| plain.get(name) != Some(value))
                .collect(),
            Ok(_) | Err(_) => Map::new(),
        }
    }
}

impl Reading {
    /// Nothing but words.
    pub(super) fn plain(text: &str) -> Self {
        Self {
            rest: text.to_owned(),
            ..Self::default()
        }
    }

    fn of(text: &str, tokens: &[Token], spans: Vec<Span>) -> Self {
        let (mut rest, mut at, mut parts) = (String::new(), 0, Vec::new());
        for span in spans {
            let (start, end) = (tokens[span.from].start, tokens[span.to - 1].end);
            if !matches!(span.means.as_slice(), [Means::Theme { .. }]) {
                rest.push_str(&text[at..start]);
                rest.push(' ');
                at = end;
            }
            parts.push(Part {
                text: text[start..end].to_owned(),
                means: span.means,
            });
        }
        let tail = &text[at..];
        rest.push_str(tail.trim_start_matches(['€', '?', '!']));
        let words_left = self::tokens::tokens(&rest);
        let stops = |token: &Token| crate::text::is_stop(&token.text);
        if words_left.iter().all(stops) && !rest.contains(['"', '«']) {
            rest.clear();
        }
        Self {
            parts,
            rest,
            given_up: Vec::new(),
            widened: 0,
        }
    }

    /// Whether it is nothing but words.
    pub(super) fn is_plain(&self) -> bool {
        self.parts.is_empty()
    }

    fn kept(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.given_up.contains(at))
    }

    /// The caller's filters with those that the words mean.
    pub(super) fn filters(&self, asked: &Filters) -> Filters {
        let mut filters = asked.clone();
        for means in self.kept().flat_map(|(_, part)| &part.means) {
            means.apply(&mut filters, self.widened);
        }
        filters
    }

    /// The words that are left.
    pub(super) fn query(&self) -> TextQuery {
        let mut query = TextQuery::parse(&self.rest);
        query.add_synonyms(&LEXICON.same);
        for means in self.kept().flat_map(|(_, part)| &part.means) {
            if let Means::Theme { words, names } = means {
                query.add_names(words, names);
            }
        }
        query
    }

    /// The same with a wider place.
    pub(super) fn wider(&self) -> Option<Self> {
        let around = |part: &Part| part.means.iter().any(|means| matches!(means, Means::Around { .. }));
        let can = self.widened < WIDER.len() && self.kept().any(|(_, part)| around(part));
        can.then(|| Self {
            widened: self.widened + 1,
            ..self.clone()
        })
    }

    /// Readings that give up ever more: time of day and public first, then price, then the place, then the day.
    pub(super) fn gentler(&self, text: &str) -> Vec<Self> {
        let mut order: Vec<(u8, usize)> = self.kept().filter_map(|(at, part)| Some((worth(part)?, at))).collect();
        order.sort_unstable();
        let mut readings = Vec::new();
        let mut reading = self.clone();
        for (_, at) in order {
            reading.given_up.push(at);
            readings.push(reading.clone());
        }
        let mut plain = Self::plain(text);
        plain.parts.clone_from(&self.parts);
        plain.given_up = (0..self.parts.len()).collect();
        readings.push(plain);
        readings
    }

    /// What was understood, for the answer.
    pub(super) fn shown(&self) -> Vec<Understood> {
        let understood = |(at, part): (usize, &Part)| {
            let mut filters = Map::new();
            part.means
                .iter()
                .for_each(|means| filters.extend(means.shown(self.widened)));
            let themes = part.means.iter().filter_map(Means::names);
            Understood {
                text: part.text.clone(),
                filters: Value::Object(filters),
                themes: themes.flatten().cloned().collect(),
                given_up: self.given_up.contains(&at),
            }
        };
        self.parts.iter().enumerate().map(understood).collect()
    }

    /// What had to give way, for the answer.
    pub(super) fn relaxed(&self) -> Vec<Value> {
        let given_up = self.given_up.iter().filter_map(|at| self.parts.get(*at));
        let mut relaxed: Vec<Value> = given_up
            .map(|part| json!({"text": part.text, "how": "given_up"}))
            .collect();
        let around = |part: &&Part| part.means.iter().any(|means| matches!(means, Means::Around { .. }));
        if self.widened > 0 {
            let widened = self.kept().map(|(_, part)| part).find(around);
            relaxed.extend(widened.map(|part| json!({"text": part.text, "how": "widened"})));
        }
        relaxed
    }
}

/// The order in which parts are given up; none for those that filter nothing.
fn worth(part: &Part) -> Option<u8> {
    part.means
        .iter()
        .filter_map(|means| match means {
            Means::Nothing | Means::Theme { .. } => None,
            Means::TimeOfDay(_) => Some(0),
            Means::Age(_) => Some(1),
            Means::Price(_) => Some(2),
            Means::Free => Some(3),
            Means::Duo | Means::Kinds(_) => Some(4),
            Means::Around { .. } | Means::Venues(_) => Some(5),
            Means::Dates(_) => Some(6),
            Means::Accessibility(_) => Some(7),
        })
        .max()
}

/// Some words of the query and what they were taken to mean.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Understood {
    /// The words.
    pub text: String,
    /// The filters that they make, as a caller would give them.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub filters: Value,
    /// Names of the taxonomy that meet the words as well as saying them does.
    pub themes: Vec<String>,
    /// Whether they had to be given up, since nothing was left.
    pub given_up: bool,
}

#[cfg(test)]
mod tests;
