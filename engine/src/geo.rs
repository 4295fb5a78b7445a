//! Places on the globe: positions, distances, and the unit-sphere coordinates that the spatial index uses.
//!
//! Invariant: a [`Position`] is finite and in range, so every distance is a finite number of metres. Distances are
//! great circles on a sphere of radius [`EARTH_RADIUS_M`]; the poles and the antimeridian are no special cases.

use serde::{Deserialize, Serialize};

/// The mean radius of the Earth in metres (IUGG R1), the one that the contract fixes.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A length on the ground, in metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Metres(pub f64);

/// A point in WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(try_from = "RawPosition")]
pub struct Position {
    lat: f64,
    lng: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPosition {
    lat: f64,
    lng: f64,
}

/// Coordinates that name no point on the globe.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("a position has a lat in [-90, 90] and a lng in [-180, 180], not {lat}, {lng}")]
pub struct InvalidPosition {
    lat: f64,
    lng: f64,
}

impl TryFrom<RawPosition> for Position {
    type Error = InvalidPosition;
    fn try_from(raw: RawPosition) -> Result<Self, InvalidPosition> {
        Self::new(raw.lat, raw.lng)
    }
}

impl Position {
    /// The checked point.
    pub fn new(lat: f64, lng: f64) -> Result<Self, InvalidPosition> {
        if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng) {
            Ok(Self { lat, lng })
        } else {
            Err(InvalidPosition { lat, lng })
        }
    }

    /// Degrees north.
    pub const fn lat(self) -> f64 {
        self.lat
    }

    /// Degrees east.
    pub const fn lng(self) -> f64 {
        self.lng
    }

    /// The point on the unit sphere: x towards (0, 0), y towards (0, 90° E), z towards the north pole.
    pub fn unit(self) -> [f64; 3] {
        let (lat, lng) = (self.lat.to_radians(), self.lng.to_radians());
        [lat.cos() * lng.cos(), lat.cos() * lng.sin(), lat.sin()]
    }

    /// The great-circle distance, by the haversine formula (exact to the rounding of f64 at any distance below
    /// the antipode).
    pub fn distance(self, other: Self) -> Metres {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((lat2 - lat1) / 2.0).sin();
        let half_lng = ((other.lng - self.lng).to_radians() / 2.0).sin();
        let h = half_lat * half_lat + lat1.cos() * lat2.cos() * half_lng * half_lng;
        Metres(2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin())
    }
}

/// The straight chord, on the unit sphere and squared, under an arc of this length. An arc of half the globe or
/// more has the diameter: everything is within it.
pub fn chord2(arc: Metres) -> f64 {
    let half_angle = (arc.0 / (2.0 * EARTH_RADIUS_M)).clamp(0.0, std::f64::consts::FRAC_PI_2);
    let chord = 2.0 * half_angle.sin();
    chord * chord
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lng: f64) -> Position {
        Position::new(lat, lng).expect("a position")
    }

    #[test]
    fn a_degree_of_the_equator_is_known() {
        let degree = at(0.0, 0.0).distance(at(0.0, 1.0)).0;
        assert!((degree - EARTH_RADIUS_M.to_radians()).abs() < 1e-6);
    }

    #[test]
    fn the_antimeridian_is_no_border() {
        let across = at(-21.0, 179.9).distance(at(-21.0, -179.9)).0;
        let inland = at(-21.0, 10.0).distance(at(-21.0, 10.2)).0;
        assert!((across - inland).abs() < 1e-3, "{across} {inland}");
    }

    #[test]
    fn the_chord_agrees_with_the_arc() {
        for (a, b) in [
            ((48.1, -1.7), (48.9, 2.3)),
            ((4.9, -52.3), (-21.1, 55.5)),
            ((89.9, 0.0), (-22.3, 166.4)),
        ] {
            let (a, b) = (at(a.0, a.1), at(b.0, b.1));
            let (u, v) = (a.unit(), b.unit());
            let direct: f64 = (0..3).map(|axis| (u[axis] - v[axis]).powi(2)).sum();
            assert!((chord2(a.distance(b)) - direct).abs() < 1e-12);
        }
    }

    #[test]
    fn impossible_points_are_refused() {
        for (lat, lng) in [(90.1, 0.0), (0.0, -180.5), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(Position::new(lat, lng).is_err());
        }
    }
}
