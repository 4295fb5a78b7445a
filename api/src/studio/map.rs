//! The map: the offers of a list over an outline, and the reader's surroundings with circles of reach.
//!
//! Drawn on the server, without a tile from anywhere. Invariant: every offer of the list that has a place is drawn
//! once near the reader if it is near, and once in the frame that holds it; the table beside names them all.

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

static FRAMES: LazyLock<Vec<Frame>> = LazyLock::new(frames);

/// A piece of the world, and the outlines in it as degrees.
#[derive(Debug, Default)]
struct Frame {
    name: String,
    west: f64,
    south: f64,
    east: f64,
    north: f64,
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

    fn draw(&self, places: &[Place], reader: Option<(f64, f64)>) -> Drawn {
        let (_, height) = self.xy((self.east, self.south));
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
            Circle {
                x: format!("{x:.1}"),
                y: format!("{y:.1}"),
                r: format!("{:.1}", metres / DEGREE_M * self.scale() * self.stretch()),
                band,
            }
        };
        let circles = reader.filter(|at| self.holds(*at));
        Drawn {
            name: self.name.clone(),
            width: format!("{WIDTH:.0}"),
            height: format!("{height:.0}"),
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

fn frames() -> Vec<Frame> {
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
}

pub(super) async fn show(State(studio): State<Studio>, RawQuery(query): RawQuery, signed: Signed) -> Answer {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let v = studio.view(&form, signed.lang);
    let playlist = form.get("playlist").to_owned();
    let body = why::body(&studio, &playlist).await?;
    let (view, lang) = (v.clone(), signed.lang);
    let found = studio
        .look(move |generation| {
            Ok(resolve::playlist(generation, &body, &view).map(|list| located(generation, lang, &list)))
        })
        .await?;
    let reader = v.position().map(|at| (at.lng(), at.lat()));
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
    };
    match found {
        Ok((cards, places)) => {
            page.near = reader.map(|at| around(at).draw(&places, Some(at)));
            let drawn = FRAMES.iter().map(|frame| frame.draw(&places, reader)).enumerate();
            let shown = drawn.filter(|(first, drawn)| *first == 0 || !drawn.dots.is_empty());
            page.frames = shown.map(|(_, drawn)| drawn).collect();
            page.nowhere = cards.len() - places.len();
            page.cards = cards;
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

fn located(generation: &Generation, lang: Lang, list: &resolve::List) -> (Vec<Card>, Vec<Place>) {
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
    let places = places.collect();
    (look.cards, places)
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
    fn a_circle_is_as_wide_as_the_ground_it_covers() {
        let at = (-1.68, 48.11);
        let frame = around(at);
        let drawn = frame.draw(&[], Some(at));
        let car = &drawn.circles[3];
        // 50 km of a frame that is 120 km wide and WIDTH pixels.
        let r: f64 = car.r.parse().expect("a number");
        assert!((r - WIDTH * 50.0 / 120.0).abs() < 0.5, "{r}");
        assert_eq!((car.x.as_str(), car.y.as_str()), ("210.0", "210.0"));
    }
}
