//! The offers of one place, category by category.
//!
//! Under every walk around a reader and every search in a circle, which take some categories and leave the others.
//! Invariant: rows stand by category, in each in the order in which they were put, and every row once.

use std::ops::Deref;

use super::row::Row;

/// Rows, grouped by category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    rows: Vec<Row>,
    /// Each category that is there, in their order, and where its rows end.
    ends: Vec<(u32, u32)>,
}

impl Deref for Standing {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.rows
    }
}

impl Standing {
    /// Each category that is there, with its rows.
    pub fn by_category(&self) -> impl Iterator<Item = (usize, &[Row])> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end as usize));
        let groups = self.ends.iter().zip(starts);
        groups.map(|((category, end), start)| (*category as usize, &self.rows[start..*end as usize]))
    }

    /// Where the rows of a category begin and end, and its place among the categories that are there: or would be.
    fn group(&self, category: usize) -> (usize, std::ops::Range<usize>) {
        let at = self.ends.partition_point(|(other, _)| (*other as usize) < category);
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1 as usize);
        let end = match self.ends.get(at) {
            Some((other, end)) if *other as usize == category => *end as usize,
            Some(_) | None => start,
        };
        (at, start..end)
    }

    /// Puts a row behind those of its category that stand before it.
    pub(super) fn insert(&mut self, category: usize, row: Row, stands_before: impl Fn(&Row) -> bool) {
        let (at, group) = self.group(category);
        if group.is_empty() {
            self.ends.insert(at, (category as u32, group.start as u32));
        }
        let place = group.start + self.rows[group].partition_point(stands_before);
        self.rows.insert(place, row);
        self.ends[at..].iter_mut().for_each(|(_, end)| *end += 1);
    }

    /// Takes a row out of its category.
    pub(super) fn remove(&mut self, category: usize, row: Row) {
        let (at, group) = self.group(category);
        let Some(place) = self.rows[group.clone()].iter().position(|other| *other == row) else {
            return;
        };
        self.rows.remove(group.start + place);
        self.ends[at..].iter_mut().for_each(|(_, end)| *end -= 1);
        if group.len() == 1 {
            self.ends.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Against a list of pairs that is sorted anew after every change.
    #[test]
    fn it_stands_as_a_list_sorted_anew() {
        let random = &mut rand_pcg::Pcg64::seed_from_u64(5);
        let (mut standing, mut twin) = (Standing::default(), Vec::<(usize, Row)>::new());
        for _ in 0..4_000 {
            let (category, row) = (random.random_range(0..6), Row(random.random_range(0..40)));
            let there = twin.iter().position(|(_, other)| *other == row);
            match there {
                Some(at) => {
                    let (category, row) = twin.remove(at);
                    standing.remove(category, row);
                }
                None => {
                    standing.insert(category, row, |other| other.0 < row.0);
                    twin.push((category, row));
                    twin.sort_by_key(|(category, row)| (*category, row.0));
                }
            }
            standing.remove(7, Row(99));
            let groups = standing.by_category();
            let told: Vec<_> = groups
                .flat_map(|(of, rows)| rows.iter().map(move |row| (of, *row)))
                .collect();
            assert_eq!(told, twin);
            assert_eq!(
                standing.iter().copied().collect::<Vec<_>>(),
                twin.iter().map(|(_, row)| *row).collect::<Vec<_>>()
            );
            assert!(standing.by_category().all(|(_, rows)| !rows.is_empty()));
        }
        assert!(!twin.is_empty());
    }
}
