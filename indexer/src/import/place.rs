//! Points as the sources have them: in one cell or two, with commas, swapped, impossible.
//!
//! Invariant: a point that comes out is on the globe, and inside the bounds where the mapping gives some.

use florilege_engine::geo::Position;

use super::frame::Row;
use super::mapping::{OneOrMany, PairOrder, PositionRule, Within};
use super::number::decimal;
use super::report::Mended;
use super::value::text;

/// The boxes of `within = "france"`, south, west, north, east: the mainland with Corsica, then overseas.
const FRANCE: [[f64; 4]; 11] = [
    [41.2, -5.3, 51.2, 9.7],
    [15.7, -61.9, 18.2, -60.9],
    [17.8, -63.2, 18.2, -62.7],
    [14.3, -61.3, 15.0, -60.7],
    [2.0, -54.7, 5.9, -51.5],
    [-21.5, 55.1, -20.8, 55.9],
    [-13.1, 44.9, -12.5, 45.4],
    [46.7, -56.5, 47.2, -56.1],
    [-23.0, 163.5, -19.5, 168.3],
    [-28.0, -154.8, -7.8, -134.4],
    [-14.5, -178.3, -13.1, -176.0],
];

/// A point, how true it is, and whether it was mended.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Place {
    /// Where.
    pub(super) position: Option<Position>,
    /// What the mapping says of its precision.
    pub(super) precision: Option<String>,
    /// What had to be done.
    pub(super) mended: Option<Mended>,
}

/// The first of the rules that gives a point.
pub(super) fn place(rules: &OneOrMany<PositionRule>, row: Row<'_>) -> Place {
    let mut fault = (!rules.0.is_empty()).then_some(Mended::NoPosition);
    for rule in &rules.0 {
        match by_rule(rule, row) {
            Ok((position, mended)) => {
                return Place {
                    position: Some(position),
                    precision: rule.precision.as_ref().and_then(|precision| text(precision, row)),
                    mended,
                };
            }
            Err(Mended::ImpossiblePosition) => fault = Some(Mended::ImpossiblePosition),
            Err(_) => {}
        }
    }
    Place {
        mended: fault,
        ..Place::default()
    }
}

fn by_rule(rule: &PositionRule, row: Row<'_>) -> Result<(Position, Option<Mended>), Mended> {
    let (lat, lng) = cells(rule, row).ok_or(Mended::NoPosition)?;
    let (lat, lng) = decimal(&lat).zip(decimal(&lng)).ok_or(Mended::ImpossiblePosition)?;
    let fits = |lat, lng| {
        Position::new(lat, lng)
            .ok()
            .filter(|at| is_within(*at, rule.within.as_ref()))
    };
    if let Some(position) = fits(lat, lng) {
        return Ok((position, None));
    }
    match fits(lng, lat) {
        Some(position) => Ok((position, Some(Mended::SwappedPosition))),
        None => Err(Mended::ImpossiblePosition),
    }
}

fn cells(rule: &PositionRule, row: Row<'_>) -> Option<(String, String)> {
    if let (Some(lat), Some(lng)) = (&rule.lat, &rule.lng) {
        return Some((row.cell(lat)?.into(), row.cell(lng)?.into()));
    }
    let cell = row.cell(rule.pair.as_deref()?)?;
    let (first, second) = pair(cell).unwrap_or_else(|| (cell.into(), String::new()));
    let swapped = rule.order == PairOrder::LngLat || cell.trim_start().to_ascii_uppercase().starts_with("POINT");
    Some(if swapped { (second, first) } else { (first, second) })
}

/// `48.1, -1.7`, `48,1 ; -1,7`, `48,1, -1,7`, `[48.1, -1.7]`, `POINT(-1.7 48.1)`.
fn pair(cell: &str) -> Option<(String, String)> {
    let bare = cell.trim().trim_start_matches(|c: char| c.is_alphabetic()).trim();
    let bare = bare.trim_matches(['(', ')', '[', ']', ' ']);
    let halves = bare
        .split_once([';', super::read::LIST])
        .or_else(|| bare.split_once(", "));
    let halves = halves.or_else(|| {
        let commas = bare.matches(',').count();
        if commas == 1 {
            bare.split_once(',')
        } else {
            bare.split_once(char::is_whitespace)
        }
    });
    halves.map(|(first, second)| (first.trim().into(), second.trim().into()))
}

/// The point (0, 0), in the Gulf of Guinea, is what an empty form leaves: inside no bounds.
fn is_within(at: Position, within: Option<&Within>) -> bool {
    let inside = |boxes: &[[f64; 4]]| {
        boxes
            .iter()
            .any(|[s, w, n, e]| (*s..=*n).contains(&at.lat()) && (*w..=*e).contains(&at.lng()))
    };
    match within {
        None => at.lat() != 0.0 || at.lng() != 0.0,
        Some(Within::Named(_)) => inside(&FRANCE),
        Some(Within::Boxes(boxes)) => inside(boxes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_coordinates_in_one_cell() {
        for cell in [
            "48.1, -1.7",
            "48.1,-1.7",
            "48.1 -1.7",
            "48.1;-1.7",
            "[48.1, -1.7]",
            "(48.1 , -1.7)",
            " 48.1 ,  -1.7 ",
        ] {
            assert_eq!(pair(cell), Some(("48.1".into(), "-1.7".into())), "{cell}");
        }
        assert_eq!(pair("48,1, -1,7"), Some(("48,1".into(), "-1,7".into())));
        assert_eq!(pair("48,1 -1,7"), Some(("48,1".into(), "-1,7".into())));
        assert_eq!(pair("POINT(-1.7 48.1)"), Some(("-1.7".into(), "48.1".into())));
        assert_eq!(pair("nowhere"), None);
    }

    #[test]
    fn every_part_of_france_is_within_and_the_sea_is_not() {
        let within = Within::Named("france".into());
        for (lat, lng, inside) in [
            (48.85, 2.35, true),
            (41.4, 9.2, true),
            (4.94, -52.33, true),
            (-21.1, 55.5, true),
            (-22.3, 166.4, true),
            (-17.5, -149.5, true),
            (2.35, 48.85, false),
            (0.0, 0.0, false),
        ] {
            let at = Position::new(lat, lng).expect("on the globe");
            assert_eq!(is_within(at, Some(&within)), inside, "{lat} {lng}");
        }
    }
}
