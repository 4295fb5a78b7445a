//! The reach of near against the density of places, counted plainly.

use super::*;

fn ring(distances: impl Iterator<Item = f64>) -> Vec<(PlaceIx, Metres)> {
    (0..).map(PlaceIx).zip(distances.map(Metres)).collect()
}

#[test]
fn near_follows_the_density_of_places() {
    let city = ring((1..=300).map(|n| f64::from(n) * 10.0));
    let town = ring((1..=300).map(|n| f64::from(n) * 100.0));
    let country = ring((1..=40).map(|n| f64::from(n) * 1_500.0));
    assert_eq!(reach(&city), REACH.0, "30 places within 300 m: a walk");
    assert_eq!(reach(&town), 9_000.0);
    assert_eq!(reach(&country), REACH.1, "45 km to the thirtieth");
    assert_eq!(
        reach(&ring((1..=29).map(f64::from))),
        REACH.1,
        "too few to know: as far as near goes"
    );
}

#[test]
fn the_outer_bands_are_heard() {
    let reach = 9_000.0;
    let bands = [0.0, 1_000.0, 1_000.1, 3_000.0, 3_000.1, 9_000.0].map(|metres| band(Metres(metres), reach));
    assert_eq!(
        bands,
        [Band::Walk, Band::Walk, Band::Ride, Band::Ride, Band::Trip, Band::Trip]
    );
    assert_eq!(
        [Band::Walk, Band::Ride, Band::Trip].map(|band| band.part(40)),
        [20, 30, 40]
    );
    assert_eq!([Band::Walk, Band::Ride, Band::Trip].map(|band| band.part(1)), [1, 1, 1]);
}
