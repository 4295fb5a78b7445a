//! Understanding: what a query says of place, time, price and public, as filters; the rest stays words.
//!
//! First stage of search. A small grammar over the catalogue's own names (`understand/`): the longest reading at each
//! word wins, what is the name of a work or a creator stays words, and what the caller filters by is never read
//! again. Invariant: the same words on the same day over the same catalogue are read the same way.

mod dates;
mod lexicon;
mod means;
mod places;
mod prices;
mod regions;
mod taken;
mod tokens;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::names::{Named, Names, TITLES};
use crate::catalogue::Catalogue;
use crate::geo::Position;
use crate::live::Generation;
use crate::query::filters::{DateRange, TimeOfDay};
use crate::query::{Filters, SearchRequest};
use crate::text::TextReader;
use crate::time::Moment;
use lexicon::LEXICON;
use means::Means;
use places::Where;
pub use taken::{Reading, Understood};
use tokens::{Token, joined, tokens};

/// The clock where neither the reader nor the place says which.
const DEFAULT_ZONE: &str = "Europe/Paris";
/// Words of the longest name that keeps its words from being read.
const LONGEST_NAME: usize = 8;
/// A venue this near, in metres, says the reader's time zone.
const SAME_CLOCK: f64 = 300_000.0;

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
    let plain = Reading {
        literal: !request.understand,
        ..Reading::plain(&request.q)
    };
    if !request.understand || tokens.is_empty() || tokens.len() >= tokens::MAX_TOKENS {
        return plain;
    }
    let spans = spans(&tokens, &scene, &request.filters, now);
    // Kinds of culture alone say no more than their words.
    let says_more = |span: &Span| span.means.iter().any(|means| means.names().is_none());
    if !spans.iter().any(says_more) || is_name(&tokens, &spans, &scene) {
        return plain;
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
    let region = || regions::region(tokens, scene).map(|(taken, codes)| (taken, vec![Means::departments(&codes)]));
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
    let readings = [when(), price(), age(), region(), place(), audience(), theme(), noise()];
    // Of two readings of one length the first rule counts.
    readings.into_iter().flatten().rev().max_by_key(|(taken, _)| *taken)
}

/// The name of a town or a region without a preposition, at the end of what stays words.
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
        let town = || places::alone(&tokens[at..end], scene).map(|(taken, place)| (taken, place.into()));
        let region = || {
            regions::alone(&tokens[..at], &tokens[at..end], scene)
                .map(|(taken, codes)| (taken, Means::departments(&codes)))
        };
        let found = town().or_else(region).filter(|(taken, _)| at + taken == end);
        if let Some((taken, place)) = found {
            let span = Span {
                from: at,
                to: at + taken,
                means: vec![place],
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
    matches!(who, Named::Work(_) | Named::Creator(_)) && who.bears(scene.catalogue, name, TITLES)
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
    let region = (0..tokens.len()).find_map(|at| regions::region(&tokens[at..], scene));
    let place = (0..tokens.len()).find_map(|at| places::place(&tokens[at..], scene));
    let there = place.and_then(|(_, place)| match place {
        Where::Around { centre, .. } => clock_at(scene.catalogue, centre),
        Where::Venues(ids) => {
            let venue = scene.catalogue.find_venue(ids.first()?.as_str())?;
            scene.catalogue.venue(venue).map(|venue| venue.zone.clone())
        }
        Where::Unknown => None,
    });
    let zone = region
        .and_then(|(_, codes)| regions::zone(&codes))
        .or(there)
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

impl Span {
    fn says_like(&self, means: &Means) -> bool {
        self.means
            .iter()
            .any(|own| own.theme_of_filters() == means.theme_of_filters() && means.theme_of_filters() > 1)
    }
}

#[cfg(test)]
mod tests;
