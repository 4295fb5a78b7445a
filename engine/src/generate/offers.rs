//! Offers: the n-th one, made of the seed and n alone.
//!
//! Line, venue, work and variant are drawn in this order, then all that follows from them. Invariant: an offer
//! names a venue under the plan's number of venues, and what belongs to the work is the same in each of its offers.

use super::Generator;
use super::draw::{Draw, Stream};
use super::lines::Line;
use super::schedule::dates;
use super::towns::{HOME_ZONE, Town};
use super::venues::{accessibility, id as venue_id, near, town_of};
use super::words::{Fill, fact, lacks};
use super::works::Work;
use crate::geo::Position;
use crate::ids::{ItemId, OfferId, VenueId};
use crate::money::Cents;
use crate::offer::{Accessibility, Offer, Popularity};
use crate::taxonomy::Kind;
use crate::time::Moment;

const DAY_MS: i64 = 86_400_000;
/// New works for a hundred new offers of a line whose works are shared.
const NEW_WORKS_PERCENT: u64 = 45;

/// What an offer is of.
#[derive(Clone, Copy)]
struct Subject<'a> {
    line: &'a Line,
    place: usize,
    work: &'a Work,
    rank: u64,
    variant: u64,
}

/// The n-th offer; `None` if an identifier or an amount could not be, which the tests exclude.
pub(super) fn offer(generator: &Generator, number: u64) -> Option<Offer> {
    let mut draw = Draw::new(generator.seed, Stream::Offer, number);
    let draw = &mut draw;
    let subject = subject(generator, number, draw);
    let line = subject.line;
    let venue = venue(generator, line, draw);
    let town = town_of(generator.facts, generator.seed, venue).filter(|_| line.kind != Kind::Digital);
    let name = town.map_or("France", |town| generator.facts.towns.all[town].name);
    let title = title(&subject, name, draw);
    let dates = dates(line.schedule, draw, zone(generator, town)?, generator.now);
    let age_days = draw.rank(700, 8) as i64;
    Some(Offer {
        venue_id: Some(VenueId::new(&venue_id(venue)).ok()?),
        description: Some(description(&subject, draw)),
        subcategory: line.subcategory.clone(),
        genres: genres(&subject),
        creators: subject.work.creator.map(String::from).into_iter().collect(),
        tags: tags(line, draw),
        labels: labels(line, draw),
        position: elsewhere(generator, line, town, draw),
        price_cents: Some(price(&subject, draw)?),
        booking_opens_at: opening(line, generator.now, draw),
        bookable: !draw.chance(20),
        stock: stock(line, draw),
        duo: line.duo && draw.chance(650),
        accessibility: accessible(&title, draw),
        language: line.language.map(String::from),
        published_at: Some(published(generator.now, age_days, draw)),
        popularity: popularity(&subject, age_days, draw),
        linked_offers: linked(number, line, draw),
        title,
        dates,
        ..aged(&subject, bare(number, &subject)?, draw)
    })
}

fn subject<'a>(generator: &Generator, number: u64, draw: &mut Draw) -> Subject<'a> {
    let place = draw.weighted(&generator.facts.shares);
    let line = &generator.facts.lines[place];
    let works = line.works.len() as u64;
    let all = works * line.variants();
    let rank = if line.own {
        draw.rank(works, 8) + works * draw.below(line.variants())
    } else {
        let so_far = number * line.share / generator.facts.shares.last().copied().unwrap_or(1);
        draw.rank(all.min(works + so_far * NEW_WORKS_PERCENT / 100), 32)
    };
    let at = rank % works * line.stride % works;
    Subject {
        line,
        place,
        work: &line.works[at as usize],
        rank,
        variant: rank / works,
    }
}

/// A venue of a kind of the line; any other in a plan too small to have one.
fn venue(generator: &Generator, line: &Line, draw: &mut Draw) -> u64 {
    let kind = *draw.pick(&line.venues);
    match generator.facts.count_of(kind, generator.venues) {
        0 => draw.below(generator.venues),
        count => generator.facts.venue_of(kind, draw.below(count)),
    }
}

fn zone(generator: &Generator, town: Option<usize>) -> Option<&jiff::tz::TimeZone> {
    let towns = &generator.facts.towns;
    let home = || towns.departments.iter().find(|department| department.zone == HOME_ZONE);
    let department = match town {
        Some(town) => Some(towns.department(town)),
        None => home(),
    };
    department.map(|department| &department.time_zone)
}

fn title(subject: &Subject<'_>, town: &str, draw: &mut Draw) -> String {
    let fill = Fill {
        work: subject.work,
        town,
    };
    let titles = &subject.line.titles;
    let drawn = if subject.line.own {
        draw.pick(titles)
    } else {
        &titles[subject.rank as usize % titles.len()]
    };
    let template = if lacks(subject.work, drawn) { &titles[0] } else { drawn };
    fill.render(template) + &subject.line.suffix(subject.work, subject.variant)
}

fn description(subject: &Subject<'_>, draw: &mut Draw) -> String {
    let mut text = fact(subject.work, subject.line.pool);
    for _ in 0..2 {
        let more = if subject.line.more.is_empty() {
            ""
        } else {
            draw.pick(&subject.line.more)
        };
        if !more.is_empty() && !text.contains(more) {
            text.push(' ');
            text.push_str(more);
        }
    }
    text
}

/// What the title promises, and rarely more.
fn accessible(title: &str, draw: &mut Draw) -> Accessibility {
    let drawn = accessibility(draw, 60);
    Accessibility {
        audio: drawn.audio || title.contains("langue des signes"),
        visual: drawn.visual || title.contains("audiodescription"),
        ..drawn
    }
}

fn genres(subject: &Subject<'_>) -> Vec<String> {
    let mut genres = subject.line.genres.clone();
    let own = &subject.work.genre;
    if !own.is_empty() && !genres.contains(own) {
        genres.push(own.clone());
    }
    genres
}

fn tags(line: &Line, draw: &mut Draw) -> Vec<String> {
    let mut tags = Vec::new();
    while tags.len() < 2 && draw.chance(300) {
        let tag = draw.pick(&line.tags);
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// Rare: mediation for what is done or said together, else one of the others.
fn labels(line: &Line, draw: &mut Draw) -> Vec<String> {
    if !draw.chance(45) {
        return Vec::new();
    }
    let together = line.subcategory.starts_with("RENCONTRE") || line.subcategory.starts_with("ATELIER");
    let label = if together {
        "mediation"
    } else {
        draw.pick(&["exclusive", "labelled", "virtuous", "circulation", "local"])
    };
    vec![label.into()]
}

/// An event in twelve takes place elsewhere in the town than at its venue.
fn elsewhere(generator: &Generator, line: &Line, town: Option<usize>, draw: &mut Draw) -> Option<Position> {
    let town: &Town = &generator.facts.towns.all[town?];
    if line.kind == Kind::Event && draw.chance(80) {
        near(town, draw)
    } else {
        None
    }
}

/// The price: of the work wherever it is sold, or of the event alone.
fn price(subject: &Subject<'_>, draw: &mut Draw) -> Option<Cents> {
    let line = subject.line;
    let mut shared = Draw::new(subject.place as u64, Stream::Work, subject.rank);
    let draw = if line.own { draw } else { &mut shared };
    let cents = if draw.chance(line.free) {
        0
    } else if line.price_by_variant {
        line.prices[subject.variant as usize % line.prices.len()]
    } else {
        *draw.pick(&line.prices)
    };
    Cents::new(i64::from(cents)).ok()
}

fn opening(line: &Line, now: Moment, draw: &mut Draw) -> Option<Moment> {
    let later = line.kind == Kind::Event && draw.chance(12);
    later.then(|| Moment::from_millis(whole_seconds(now) + draw.between(1, 5) * DAY_MS))
}

fn stock(line: &Line, draw: &mut Draw) -> Option<u32> {
    let limited = match line.kind {
        Kind::Digital => 0,
        Kind::Event => 700,
        Kind::Physical => 600,
    };
    if !draw.chance(limited) {
        return None;
    }
    let most = if line.kind == Kind::Event { 250 } else { 25 };
    let left = if draw.chance(40) { 0 } else { draw.between(1, most) };
    u32::try_from(left).ok()
}

fn published(now: Moment, age_days: i64, draw: &mut Draw) -> Moment {
    let age = age_days * DAY_MS + draw.between(0, DAY_MS / 1_000) * 1_000;
    Moment::from_millis(whole_seconds(now) - age)
}

fn whole_seconds(now: Moment) -> i64 {
    now.millis().div_euclid(1_000) * 1_000
}

/// Bookings: many for the first ranks of a booked line, few for most, hardly ever a sudden success; a share of
/// them in the last fortnight and week, all of them when the offer is younger than that.
fn popularity(subject: &Subject<'_>, age_days: i64, draw: &mut Draw) -> Popularity {
    let boost = subject.line.boost;
    let rank = if subject.line.own {
        draw.rank(4_096, 8)
    } else {
        subject.rank
    };
    let head = draw.below(2 + boost * 24 / (4 + rank / 16));
    let tail = if draw.chance(20 * boost as u32) {
        1 + draw.below(3)
    } else {
        0
    };
    let success = if draw.chance(4) { 3 + draw.below(12) } else { 1 };
    let month = (head + tail) * success;
    let fortnight = if age_days < 14 {
        month
    } else {
        month * (35 + draw.below(35)) / 100
    };
    let week = if age_days < 7 {
        month
    } else {
        fortnight * (35 + draw.below(35)) / 100
    };
    let count = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Popularity {
        bookings_7d: count(week),
        bookings_14d: count(fortnight),
        bookings_28d: count(month),
        likes: count(month * draw.below(5) / 2 + draw.below(2)),
    }
}

/// A few events lead to one before them: circulation.
fn linked(number: u64, line: &Line, draw: &mut Draw) -> Vec<OfferId> {
    if line.kind != Kind::Event || number == 0 || !draw.chance(15) {
        return Vec::new();
    }
    let back = 1 + draw.below(number.min(50));
    OfferId::new(&id(number - back)).into_iter().collect()
}

/// The identifier of an offer.
fn id(number: u64) -> String {
    format!("offer-{number}")
}

fn aged(subject: &Subject<'_>, mut offer: Offer, draw: &mut Draw) -> Offer {
    let line = subject.line;
    if draw.chance(line.youth) {
        (offer.min_age, offer.max_age) = (Some(15), Some(18));
    } else if draw.chance(line.age_chance) {
        offer.min_age = Some(*draw.pick(&line.ages));
    }
    offer
}

fn bare(number: u64, subject: &Subject<'_>) -> Option<Offer> {
    let item = format!("{}{}", subject.line.item_prefix, subject.rank);
    Some(Offer {
        id: OfferId::new(&id(number)).ok()?,
        item_id: if subject.line.own {
            None
        } else {
            Some(ItemId::new(&item).ok()?)
        },
        venue_id: None,
        title: String::new(),
        description: None,
        subcategory: String::new(),
        genres: Vec::new(),
        creators: Vec::new(),
        tags: Vec::new(),
        labels: Vec::new(),
        position: None,
        price_cents: None,
        dates: Vec::new(),
        bookable: true,
        stock: None,
        duo: false,
        min_age: None,
        max_age: None,
        accessibility: Accessibility::default(),
        language: None,
        image_url: None,
        published_at: None,
        booking_opens_at: None,
        linked_offers: Vec::new(),
        popularity: Popularity::default(),
        vector: None,
        attributes: serde_json::Map::new(),
        updated_at: None,
    })
}
