//! Bounds on the ground: a circle, a box, a polygon.
//!
//! Invariant: a circle is a great-circle distance, everywhere on the globe; a box or a polygon may cross the
//! antimeridian.

use crate::geo::{Metres, Position};
use crate::query::Filters;
use crate::query::filters::BoundingBox;

/// The bounds of a request; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Where distances are measured from.
    pub origin: Option<Position>,
    circle: Option<(Position, Metres)>,
    rectangle: Option<BoundingBox>,
    polygon: Option<Vec<Vec<[f64; 2]>>>,
}

impl Ground {
    /// The bounds of these filters; distances are from `filters.position`, else from the context's.
    pub fn new(filters: &Filters, context: Option<Position>) -> Self {
        let origin = filters.position.or(context);
        Self {
            origin,
            circle: origin.zip(filters.radius_m.map(Metres)),
            rectangle: filters.bounding_box,
            polygon: filters
                .polygon
                .as_ref()
                .map(|polygon| polygon.rings().map(unwrapped).collect()),
        }
    }

    /// The circle, where there is one: what the spatial index can narrow by.
    pub const fn circle(&self) -> Option<(Position, Metres)> {
        self.circle
    }

    /// Whether a circle is the only bound.
    pub const fn is_circle(&self) -> bool {
        self.circle.is_some() && self.rectangle.is_none() && self.polygon.is_none()
    }

    /// Narrows the circle, or makes one.
    pub fn within(&mut self, radius: Metres) {
        let Some(origin) = self.origin else { return };
        let narrower = self.circle.is_none_or(|(_, given)| radius.0 < given.0);
        if narrower {
            self.circle = Some((origin, radius));
        }
    }

    /// Whether any bound is given.
    pub const fn is_bounded(&self) -> bool {
        self.circle.is_some() || self.rectangle.is_some() || self.polygon.is_some()
    }

    /// The distance from the origin.
    pub fn distance(&self, position: Position) -> Option<Metres> {
        self.origin.map(|origin| origin.distance(position))
    }

    /// Whether a position is within every bound.
    pub fn holds(&self, position: Position) -> bool {
        self.circle
            .is_none_or(|(centre, radius)| centre.distance(position).0 <= radius.0)
            && self.rectangle.is_none_or(|rectangle| in_box(rectangle, position))
            && self.polygon.as_ref().is_none_or(|rings| in_polygon(rings, position))
    }
}

fn in_box(rectangle: BoundingBox, position: Position) -> bool {
    let tall = (rectangle.south..=rectangle.north).contains(&position.lat());
    let wide = if rectangle.west <= rectangle.east {
        (rectangle.west..=rectangle.east).contains(&position.lng())
    } else {
        position.lng() >= rectangle.west || position.lng() <= rectangle.east
    };
    tall && wide
}

/// Longitudes made continuous, so that no side is longer than half the globe.
fn unwrapped(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut corners = ring.to_vec();
    for place in 1..corners.len() {
        let before = corners[place - 1][1];
        let lng = &mut corners[place][1];
        *lng -= ((*lng - before) / 360.0).round() * 360.0;
    }
    corners
}

/// Even-odd rule: in an odd number of rings.
fn in_polygon(rings: &[Vec<[f64; 2]>], position: Position) -> bool {
    rings.iter().filter(|ring| in_ring(ring, position)).count() % 2 == 1
}

/// Even-odd rule in the plane of degrees; the point is tried on each turn of the globe that the ring may be on.
fn in_ring(ring: &[[f64; 2]], position: Position) -> bool {
    [-360.0, 0.0, 360.0]
        .iter()
        .any(|turn| crossings(ring, position.lat(), position.lng() + turn) % 2 == 1)
}

fn crossings(corners: &[[f64; 2]], lat: f64, lng: f64) -> usize {
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    sides
        .filter(|([lat1, lng1], [lat2, lng2])| {
            (*lat1 > lat) != (*lat2 > lat) && lng < (lng2 - lng1) * (lat - lat1) / (lat2 - lat1) + lng1
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lng: f64) -> Position {
        Position::new(lat, lng).expect("a position")
    }

    fn bounded(json: &str) -> Ground {
        let filters: Filters = crate::json::parse(json.as_bytes()).expect(json);
        Ground::new(&filters, None)
    }

    #[test]
    fn a_box_may_cross_the_antimeridian() {
        let ground = bounded(r#"{"bounding_box":{"south":-25,"west":170,"north":-10,"east":-170}}"#);
        assert!(ground.holds(at(-20.0, 179.0)) && ground.holds(at(-20.0, -179.0)));
        assert!(!ground.holds(at(-20.0, 0.0)) && !ground.holds(at(-26.0, 179.0)));
    }

    #[test]
    fn a_polygon_may_cross_the_antimeridian() {
        let ground = bounded(r#"{"polygon":[[-25,170],[-25,-170],[-10,-170],[-10,170]]}"#);
        assert!(ground.holds(at(-20.0, 179.0)) && ground.holds(at(-20.0, -179.0)));
        assert!(!ground.holds(at(-20.0, 0.0)) && !ground.holds(at(-20.0, 160.0)));
    }

    #[test]
    fn a_polygon_may_have_a_hole() {
        // Out along the rim, in by a bridge, round the hole, and back by the same bridge.
        let ground = bounded(r#"{"polygon":[[0,0],[0,10],[10,10],[10,0],[0,0],[4,4],[4,6],[6,6],[6,4],[4,4]]}"#);
        assert!(ground.holds(at(2.0, 5.0)) && ground.holds(at(8.0, 5.0)) && ground.holds(at(5.0, 1.0)));
        assert!(!ground.holds(at(5.0, 5.0)) && !ground.holds(at(11.0, 5.0)));
    }

    #[test]
    fn holes_may_be_rings_of_their_own() {
        let ground = bounded(r#"{"polygon":[[[0,0],[0,10],[10,10],[10,0]],[[4,4],[4,6],[6,6],[6,4]]]}"#);
        assert!(ground.holds(at(2.0, 5.0)) && ground.holds(at(8.0, 5.0)) && ground.holds(at(5.0, 1.0)));
        assert!(!ground.holds(at(5.0, 5.0)) && !ground.holds(at(11.0, 5.0)));
        let across = bounded(
            r#"{"polygon":[[[-25,170],[-25,-170],[-10,-170],[-10,170]],[[-20,-179],[-20,-175],[-15,-175],[-15,-179]]]}"#,
        );
        assert!(across.holds(at(-18.0, 178.0)) && across.holds(at(-18.0, -172.0)));
        assert!(!across.holds(at(-18.0, -177.0)) && !across.holds(at(-18.0, 0.0)));
    }

    #[test]
    fn a_polygon_may_be_hollow() {
        let ground = bounded(r#"{"polygon":[[0,0],[0,10],[10,10],[10,6],[4,6],[4,4],[10,4],[10,0]]}"#);
        assert!(ground.holds(at(2.0, 5.0)) && ground.holds(at(8.0, 2.0)) && !ground.holds(at(8.0, 5.0)));
    }
}
