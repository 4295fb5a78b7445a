//! The map: the offers of a list over an outline, and the reader's surroundings with circles of reach.
//!
//! Drawn on the server, without a tile from anywhere. Invariant: every offer of the list that has a place is drawn
//! once near the reader if it is near, and once in the frame that holds it; the table beside names them all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::{RawQuery, State};
use florilege_engine::catalogue::Catalogue;
use florilege_engine::geo::Position;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::answer::Placed;

use super::answer::{Answer, html};
use super::form::Form;
use super::look::{Card, Hand, Look};
use super::page::Page;
use super::resolve;
use super::session::Signed;
use super::state::Studio;
use super::view::View;
use super::why;
use super::words::Lang;

const OUTLINES: &str = include_str!("../../studio/outlines.txt");
/// How wide a frame is drawn.
const WIDTH: f64 = 420.0;
/// Half the side of the surroundings, in metres.
const AROUND_M: f64 = 60_000.0;
/// Reach by travel band, in metres: on foot, by bicycle, by bus, by car.
const BANDS: [(f64, &str); 4] = [
    (2_000.0, "walk"),
    (8_000.0, "bike"),
    (20_000.0, "bus"),
    (50_000.0, "car"),
];
/// Metres of a degree of latitude.
const DEGREE_M: f64 = 111_194.9;

static FRAMES: LazyLock<Vec<Frame>> = LazyLock::new(read);
/// How many squares of density a frame is wide.
const SQUARES: usize = 28;

/// A piece of the world, and the outlines in it as degrees.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
    rings: Vec<Vec<(f64, f64)>>,
}

/// A frame as it is drawn.
pub(super) struct Drawn {
    pub(super) name: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) paths: Vec<String>,
    pub(super) dots: Vec<Dot>,
    pub(super) circles: Vec<Circle>,
    pub(super) squares: Vec<Square>,
    /// The venues of the densest square.
    pub(super) densest: usize,
}

/// How many venues stand in a piece of a frame: the more, the larger.
pub(super) struct Square {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) side: String,
    pub(super) venues: usize,
}

/// An offer on the map.
pub(super) struct Dot {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) rank: usize,
    pub(super) title: String,
    pub(super) category: usize,
}

/// How far one gets.
pub(super) struct Circle {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) r: String,
    pub(super) band: &'static str,
    /// Where its name stands: over it.
    pub(super) top: String,
}

impl Frame {
    fn holds(&self, (lng, lat): (f64, f64)) -> bool {
        (self.west..=self.east).contains(&lng) && (self.south..=self.north).contains(&lat)
    }

    /// Pixels of a degree of longitude: places look as they do on the ground in the middle of the frame.
    fn scale(&self) -> f64 {
        WIDTH / (self.east - self.west)
    }

    fn stretch(&self) -> f64 {
        1.0 / f64::midpoint(self.south, self.north).to_radians().cos().max(0.1)
    }

    fn xy(&self, (lng, lat): (f64, f64)) -> (f64, f64) {
        let scale = self.scale();
        ((lng - self.west) * scale, (self.north - lat) * scale * self.stretch())
    }

    /// How high it is drawn.
    pub(super) fn height(&self) -> String {
        format!("{:.0}", self.xy((self.east, self.south)).1)
    }

    /// How wide.
    #[expect(clippy::unused_self, reason = "templates call methods of what they show")]
    pub(super) fn width(&self) -> String {
        format!("{WIDTH:.0}")
    }

    /// Where a position stands in it, if it does.
    pub(super) fn mark(&self, at: Option<Position>) -> Option<(String, String)> {
        let at = at.map(|at| (at.lng(), at.lat())).filter(|at| self.holds(*at))?;
        let (x, y) = self.xy(at);
        Some((format!("{x:.1}"), format!("{y:.1}")))
    }

    /// The venues in it, by square.
    fn density(&self, venues: &[(f64, f64)]) -> (Vec<Square>, usize) {
        let side = WIDTH / SQUARES as f64;
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for at in venues.iter().filter(|at| self.holds(**at)) {
            let (x, y) = self.xy(*at);
            *counts.entry(((x / side) as usize, (y / side) as usize)).or_default() += 1;
        }
        let densest = counts.values().copied().max().unwrap_or(0);
        let square = |((column, row), venues): ((usize, usize), usize)| {
            // Its area says how many.
            let drawn = side * (venues as f64 / densest as f64).sqrt();
            let at = |place: usize| format!("{:.1}", (place as f64 + 0.5) * side - drawn / 2.0);
            Square {
                x: at(column),
                y: at(row),
                side: format!("{drawn:.1}"),
                venues,
            }
        };
        (counts.into_iter().map(square).collect(), densest)
    }

    fn draw(&self, places: &[Place], venues: &[(f64, f64)], reader: Option<(f64, f64)>) -> Drawn {
        let path = |ring: &Vec<(f64, f64)>| {
            let points = ring
                .iter()
                .map(|point| self.xy(*point))
                .map(|(x, y)| format!("{x:.1} {y:.1}"));
            format!("M{}Z", points.collect::<Vec<_>>().join("L"))
        };
        let here = places.iter().filter(|place| self.holds(place.at));
        let circle = |at: (f64, f64), (metres, band): (f64, &'static str)| {
            let (x, y) = self.xy(at);
            let r = metres / DEGREE_M * self.scale() * self.stretch();
            Circle {
                x: format!("{x:.1}"),
                y: format!("{y:.1}"),
                r: format!("{r:.1}"),
                top: format!("{:.1}", y - r - 3.0),
                band,
            }
        };
        let (squares, densest) = self.density(venues);
        let circles = reader.filter(|at| self.holds(*at));
        Drawn {
            name: self.name.clone(),
            width: self.width(),
            height: self.height(),
            squares,
            densest,
            paths: self.rings.iter().map(path).collect(),
            dots: here.map(|place| place.dot(self.xy(place.at))).collect(),
            circles: circles.map_or_else(Vec::new, |at| BANDS.map(|band| circle(at, band)).into()),
        }
    }
}

/// An offer and where it is, in degrees.
struct Place {
    at: (f64, f64),
    rank: usize,
    title: String,
    category: usize,
}

impl Place {
    fn dot(&self, (x, y): (f64, f64)) -> Dot {
        Dot {
            x: format!("{x:.1}"),
            y: format!("{y:.1}"),
            rank: self.rank + 1,
            title: self.title.clone(),
            category: self.category,
        }
    }
}

/// The frames, the mainland first.
pub(super) fn frames() -> &'static [Frame] {
    &FRAMES
}

/// The outlines as one file, a symbol a frame, for pages that only choose a point.
pub(super) fn outlines() -> &'static str {
    static FILE: LazyLock<String> = LazyLock::new(|| {
        let symbol = |(place, frame): (usize, &Frame)| {
            let drawn = frame.draw(&[], &[], None);
            let paths: Vec<String> = drawn.paths.iter().map(|path| format!("<path d=\"{path}\"/>")).collect();
            let (width, height) = (drawn.width, drawn.height);
            format!(
                "<symbol id=\"frame-{place}\" viewBox=\"0 0 {width} {height}\">{}</symbol>",
                paths.concat()
            )
        };
        let symbols: Vec<String> = FRAMES.iter().enumerate().map(symbol).collect();
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>", symbols.concat())
    });
    &FILE
}

fn read() -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in OUTLINES.lines().filter(|line| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("frame | ") {
            frames.push(frame(head));
        } else if let Some(frame) = frames.last_mut() {
            frame.rings.push(line.split(' ').filter_map(point).collect());
        }
    }
    frames
}

fn frame(head: &str) -> Frame {
    let mut parts = head.split(" | ");
    let name = parts.next().unwrap_or_default().to_owned();
    let mut degree = || parts.next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    Frame {
        name,
        west: degree(),
        south: degree(),
        east: degree(),
        north: degree(),
        rings: Vec::new(),
    }
}

fn point(text: &str) -> Option<(f64, f64)> {
    let (lng, lat) = text.split_once(',')?;
    Some((lng.parse().ok()?, lat.parse().ok()?))
}

#[derive(Template)]
#[template(path = "map.html")]
struct Map {
    p: Page,
    v: View,
    playlist: String,
    playlists: Vec<(String, String)>,
    near: Option<Drawn>,
    frames: Vec<Drawn>,
    cards: Vec<Card>,
    /// Offers that stand nowhere: digital ones.
    nowhere: usize,
    fault: Option<String>,
    /// Whether the density of venues is drawn.
    dense: bool,
}

/// A list on the map.
struct Located {
    cards: Vec<Card>,
    nowhere: usize,
    near: Option<Drawn>,
    frames: Vec<Drawn>,
}

pub(super) async fn show(State(studio): State<Studio>, RawQuery(query): RawQuery, signed: Signed) -> Answer {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let v = studio.view(&form, signed.lang);
    let playlist = form.get("playlist").to_owned();
    let body = why::body(&studio, &playlist).await?;
    let (view, lang) = (v.clone(), signed.lang);
    let dense = form.is("density");
    let found = studio
        .look(move |generation| {
            let list = resolve::playlist(generation, &body, &view);
            Ok(list.map(|list| located(generation, lang, &list, (dense, view.position()))))
        })
        .await?;
    let mut page = Map {
        playlists: why::playlists(&studio).await?,
        p: signed.page("map"),
        v,
        playlist,
        near: None,
        frames: Vec::new(),
        cards: Vec::new(),
        nowhere: 0,
        fault: None,
        dense,
    };
    match found {
        Ok(located) => {
            (page.near, page.frames) = (located.near, located.frames);
            (page.cards, page.nowhere) = (located.cards, located.nowhere);
        }
        Err(invalid) => page.fault = Some(invalid.to_string()),
    }
    html(&page)
}

/// The surroundings of a reader, with what of the outlines is in them.
fn around((lng, lat): (f64, f64)) -> Frame {
    let (high, wide) = (
        AROUND_M / DEGREE_M,
        AROUND_M / DEGREE_M / lat.to_radians().cos().max(0.1),
    );
    let whole = FRAMES.iter().find(|frame| frame.holds((lng, lat)));
    Frame {
        name: String::new(),
        west: lng - wide,
        south: lat - high,
        east: lng + wide,
        north: lat + high,
        rings: whole.map_or_else(Vec::new, |frame| frame.rings.clone()),
    }
}

fn located(
    generation: &Generation,
    lang: Lang,
    list: &resolve::List,
    (dense, reader): (bool, Option<Position>),
) -> Located {
    let catalogue = generation.catalogue();
    let look = Look::of(catalogue, lang, (&list.offers, &list.diversity), &Hand::default(), None);
    let places = list.offers.iter().zip(&look.cards).filter_map(|(placed, card)| {
        let at = position(catalogue, placed)?;
        Some(Place {
            at: (at.lng(), at.lat()),
            rank: placed.rank,
            title: placed.title.clone(),
            category: card.category.index,
        })
    });
    let places: Vec<Place> = places.collect();
    let venues = if dense { venues(catalogue) } else { Vec::new() };
    let reader = reader.map(|at| (at.lng(), at.lat()));
    let drawn = FRAMES
        .iter()
        .map(|frame| frame.draw(&places, &venues, reader))
        .enumerate();
    let is_shown = |drawn: &Drawn| !drawn.dots.is_empty() || !drawn.squares.is_empty();
    Located {
        nowhere: look.cards.len() - places.len(),
        near: reader.map(|at| around(at).draw(&places, &venues, Some(at))),
        frames: drawn
            .filter(|(place, drawn)| *place == 0 || is_shown(drawn))
            .map(|(_, drawn)| drawn)
            .collect(),
        cards: look.cards,
    }
}

/// Where the venues are that have offers.
fn venues(catalogue: &Catalogue) -> Vec<(f64, f64)> {
    let stands = catalogue.venues().filter(|venue| !venue.rows.is_empty());
    let at = stands.filter_map(|venue| venue.document.as_deref()?.position);
    at.map(|at| (at.lng(), at.lat())).collect()
}

/// Where an offer takes place: its own position, else its venue's.
fn position(catalogue: &Catalogue, placed: &Placed) -> Option<Position> {
    let row = catalogue.find(placed.id.as_str())?;
    let own = catalogue.document(row)?.position;
    let venue = catalogue.offer(row)?.venue.and_then(|venue| catalogue.venue(venue));
    let columns = catalogue.offer(row)?;
    columns.place?;
    own.or_else(|| venue?.document.as_deref()?.position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_stand_inside_their_frames_and_rings() {
        assert_eq!(FRAMES.len(), 8);
        let inside = |ring: &Vec<(f64, f64)>, (x, y): (f64, f64)| {
            let mut odd = false;
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
                    odd = !odd;
                }
            }
            odd
        };
        for (frame, lng, lat) in [
            (0, 2.35, 48.86),
            (0, -1.68, 48.11),
            (0, 9.15, 42.30),
            (3, -53.0, 4.0),
            (4, 55.53, -21.13),
        ] {
            let frame = &FRAMES[frame];
            assert!(frame.holds((lng, lat)), "{} {lng}", frame.name);
            assert!(
                frame.rings.iter().any(|ring| inside(ring, (lng, lat))),
                "{} {lng}",
                frame.name
            );
        }
    }

    #[test]
    fn density_counts_every_venue_of_the_frame_once() {
        let frame = &FRAMES[0];
        let venues = [(-1.68, 48.11), (-1.681, 48.111), (2.35, 48.86), (55.5, -21.1)];
        let (squares, densest) = frame.density(&venues);
        assert_eq!(
            squares.iter().map(|square| square.venues).sum::<usize>(),
            3,
            "one is elsewhere"
        );
        assert_eq!((squares.len(), densest), (2, 2));
        let side = |venues: usize| {
            let square = squares.iter().find(|square| square.venues == venues).expect("a square");
            square.side.parse::<f64>().expect("a number")
        };
        assert!(
            (side(2).powi(2) / side(1).powi(2) - 2.0).abs() < 0.05,
            "twice the venues, twice the area"
        );
    }

    #[test]
    fn a_circle_is_as_wide_as_the_ground_it_covers() {
        let at = (-1.68, 48.11);
        let frame = around(at);
        let drawn = frame.draw(&[], &[], Some(at));
        let car = &drawn.circles[3];
        // 50 km of a frame that is 120 km wide and WIDTH pixels.
        let r: f64 = car.r.parse().expect("a number");
        assert!((r - WIDTH * 50.0 / 120.0).abs() < 0.5, "{r}");
        assert_eq!((car.x.as_str(), car.y.as_str()), ("210.0", "210.0"));
    }
}
