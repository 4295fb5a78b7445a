//! A work and the offers of it, with where each takes place, so that the nearest are found in one short scan.
//!
//! Behind the resolution of works to offers. Invariant: `rows` and the points beside them are in the order of the
//! offers' identifiers, and each point is that of the row's place.

use std::sync::Arc;

use smallvec::SmallVec;

use super::row::Row;
use crate::ids::ItemId;

/// A point on the unit sphere, to a metre or so: enough to say which of two places is nearer.
pub(super) type Point = [f32; 3];

/// Where an offer stands that has no place: farther from everything than anything on the globe.
pub(super) const NOWHERE: Point = [9.0; 3];

/// The most offers of a work whose distance is measured.
const MEASURED: usize = 4_096;
/// The most offers of a work that are told as its nearest.
const NEAREST: usize = 16;

/// A work.
#[derive(Debug, Clone)]
pub struct ItemRow {
    /// Its identifier.
    pub id: ItemId,
    /// The fingerprint of that, which breaks ties.
    pub print: u64,
    /// Every offer of it, by identifier.
    pub rows: Arc<Vec<Row>>,
    points: Arc<Vec<Point>>,
}

impl ItemRow {
    pub(super) fn new(id: ItemId) -> Self {
        Self {
            print: crate::pipeline::fingerprint(id.as_str()),
            id,
            rows: Arc::default(),
            points: Arc::default(),
        }
    }

    /// A number of what is read to find the nearest, of no meaning.
    pub(super) fn touch(&self) -> u64 {
        let first = self.points.first().map_or(0, |point| point[0].to_bits());
        u64::from(self.rows.first().map_or(0, |row| row.0) ^ first)
    }

    pub(super) fn insert(&mut self, at: usize, row: Row, point: Point) {
        Arc::make_mut(&mut self.rows).insert(at, row);
        Arc::make_mut(&mut self.points).insert(at, point);
    }

    pub(super) fn remove(&mut self, row: Row) {
        if let Some(at) = self.rows.iter().position(|other| *other == row) {
            Arc::make_mut(&mut self.rows).remove(at);
            Arc::make_mut(&mut self.points).remove(at);
        }
    }

    pub(super) fn move_to(&mut self, row: Row, point: Point) {
        if let Some(at) = self.rows.iter().position(|other| *other == row) {
            Arc::make_mut(&mut self.points)[at] = point;
        }
    }

    /// The sixteen offers nearest to a point, nearest first; the first by identifier where there is no point.
    pub fn nearest(&self, from: Option<[f64; 3]>) -> SmallVec<[Row; NEAREST]> {
        let Some(from) = from.map(|from| from.map(|axis| axis as f32)) else {
            return self.rows.iter().take(NEAREST).copied().collect();
        };
        let chord2 = |point: &Point| (0..3).map(|axis| (point[axis] - from[axis]).powi(2)).sum::<f32>();
        let points = self.points.iter().take(MEASURED);
        let mut measured: SmallVec<[(u32, u32); 2 * NEAREST]> = points.map(|p| chord2(p).to_bits()).zip(0..).collect();
        if measured.len() > NEAREST {
            measured.select_nth_unstable(NEAREST - 1);
            measured.truncate(NEAREST);
        }
        measured.sort_unstable();
        measured.iter().map(|(_, at)| self.rows[*at as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_those_of_a_sort_of_all() {
        let mut work = ItemRow::new(ItemId::new("w").expect("an identifier"));
        let point = |n: u32| {
            let at = f64::from(n * 7_919 % 1_000) / 1_000.0;
            crate::geo::Position::new(48.0 + at, 2.0 + at * at)
                .expect("in range")
                .unit()
        };
        let small = |n: u32| point(n).map(|axis| axis as f32);
        for n in 0..200 {
            let offered = if n % 9 == 0 { NOWHERE } else { small(n) };
            work.insert(n as usize, Row(n), offered);
        }
        work.remove(Row(17));
        work.move_to(Row(18), small(3));
        let from = point(3);
        let told = work.nearest(Some(from));
        let far = |row: &Row| {
            let at = if row.0 == 18 { point(3) } else { point(row.0) };
            (0..3).map(|axis| (at[axis] - from[axis]).powi(2)).sum::<f64>()
        };
        let mut all: Vec<Row> = (0..200)
            .filter(|n| *n != 17 && (n % 9 != 0 || *n == 18))
            .map(Row)
            .collect();
        all.sort_by(|a, b| far(a).total_cmp(&far(b)).then(a.0.cmp(&b.0)));
        assert_eq!(told.as_slice(), &all[..NEAREST]);
        assert_eq!(work.nearest(None)[..3], [Row(0), Row(1), Row(2)]);
    }
}
