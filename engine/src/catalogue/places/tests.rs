//! The tree against a linear scan, with places all over the globe, poles and antimeridian included.

use proptest::prelude::*;

use super::*;
use crate::catalogue::row::Row;

fn position() -> impl Strategy<Value = Position> {
    let lat = prop_oneof![-90.0..=90.0, 41.0..51.0, Just(90.0), Just(-90.0)];
    let lng = prop_oneof![-180.0..=180.0, -5.0..9.0, 179.9..=180.0, -180.0..=-179.9];
    (lat, lng).prop_map(|(lat, lng)| Position::new(lat, lng).expect("in range"))
}

fn filled(positions: &[Position], settled: usize) -> Places {
    let mut places = Places::default();
    for (n, position) in positions.iter().enumerate() {
        let place = places.at(*position);
        places
            .rows_mut(place)
            .expect("just made")
            .insert(0, Row(n as u32), |_| true);
        if n + 1 == settled {
            let leaves = places
                .table
                .iter()
                .zip(0u32..)
                .map(|(p, n)| Leaf::new(p.position.unit(), PlaceIx(n)));
            places.tree = Arc::new(RTree::bulk_load(leaves.collect()));
            places.recent = Arc::default();
        }
    }
    places
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn radius_and_nearest_equal_a_linear_scan(
        positions in prop::collection::vec(position(), 1..60),
        centre in position(),
        radius in prop_oneof![0.0..50_000.0, 0.0..21_000_000.0],
        settled in 0usize..60,
    ) {
        let places = filled(&positions, settled);
        let mut found: Vec<u32> = places.within(centre, Metres(radius)).iter().map(|(place, _)| place.0).collect();
        found.sort_unstable();
        let scan: Vec<u32> = (0u32..places.len() as u32)
            .filter(|n| places.get(PlaceIx(*n)).is_some_and(|p| p.position.distance(centre).0 <= radius))
            .collect();
        prop_assert_eq!(found, scan);

        let distances: Vec<f64> = places.nearest(centre).map(|(_, metres)| metres.0).collect();
        prop_assert_eq!(distances.len(), places.len());
        prop_assert!(distances.windows(2).all(|pair| pair[0] <= pair[1] + 1e-3), "{:?}", distances);
    }
}
