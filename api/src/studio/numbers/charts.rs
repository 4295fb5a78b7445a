//! Charts that can be read without colour: every bar has its figure beside it, and its table below.
//!
//! Drawn on the server from tables. Invariant: a chart shows nothing that its table does not hold.

use super::table::{Cell, Kind, Table, words};
use crate::studio::words::Lang;

/// How long the longest bar is.
const LENGTH: f64 = 200.0;
/// How high the highest day is.
const HEIGHT: u64 = 72;
/// From day to day.
const STEP: usize = 16;
/// How many groups a chart shows; its table has all.
const GROUPS: usize = 12;

/// One bar.
pub(crate) struct Bar {
    /// What it stands for.
    pub(crate) label: String,
    /// How long it is drawn.
    pub(crate) length: String,
    /// Its figure.
    pub(crate) value: String,
}

/// Bars of one thing.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) bars: Vec<Bar>,
}

/// Bars of some columns of a table, group by group, on one scale; groups without a figure are left out.
pub(crate) fn bars(lang: Lang, table: &Table, columns: &[&str]) -> Vec<Group> {
    let places: Vec<usize> = columns
        .iter()
        .filter_map(|name| table.columns.iter().position(|column| column.name == *name))
        .collect();
    let figure = |cell: &Cell| match cell {
        Cell::Count(count) => Some(*count as f64),
        Cell::Number(number) => Some(*number),
        Cell::Name(..) | Cell::Nothing => None,
    };
    let figures = table
        .rows
        .iter()
        .flat_map(|row| places.iter().filter_map(|place| figure(row.cells.get(*place)?)));
    let most = figures.fold(0.0, f64::max);
    let group = |row: &super::table::Row| Group {
        name: named(row),
        bars: places
            .iter()
            .filter_map(|place| {
                let (column, cell) = (table.columns[*place], row.cells.get(*place)?);
                let length = if most > 0.0 { figure(cell)? / most * LENGTH } else { 0.0 };
                Some(Bar {
                    label: lang.t(&format!("column-{}", column.name.replace('_', "-"))),
                    length: format!("{length:.1}"),
                    value: words(lang, column.kind, cell),
                })
            })
            .collect(),
    };
    let groups = table.rows.iter().map(group).filter(|group| !group.bars.is_empty());
    groups.take(GROUPS).collect()
}

/// The texts of a row.
fn named(row: &super::table::Row) -> String {
    let texts = row.cells.iter().filter_map(|cell| match cell {
        Cell::Name(_, shown) => Some(shown.as_str()),
        Cell::Count(_) | Cell::Number(_) | Cell::Nothing => None,
    });
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// One day of a trend.
pub(crate) struct Day {
    pub(crate) name: String,
    pub(crate) count: u64,
    pub(crate) x: usize,
    pub(crate) y: u64,
    pub(crate) height: u64,
}

/// The days of one column, each with its own scale.
pub(crate) struct Trend {
    /// The column's name, as in the table.
    pub(crate) name: &'static str,
    pub(crate) most: u64,
    pub(crate) days: Vec<Day>,
    pub(crate) width: usize,
}

/// Small charts of the last days of a table whose rows are days, the newest first; one a column.
pub(crate) fn trends(table: &Table, last: usize) -> Vec<Trend> {
    let rows: Vec<&super::table::Row> = table.rows.iter().take(last).rev().collect();
    let trend = |(place, name): (usize, &'static str)| {
        let count = |row: &super::table::Row| match row.cells.get(place) {
            Some(Cell::Count(count)) => *count,
            Some(Cell::Name(..) | Cell::Number(_) | Cell::Nothing) | None => 0,
        };
        let most = rows.iter().map(|row| count(row)).max().unwrap_or(0);
        let day = |(at, row): (usize, &&super::table::Row)| {
            let height = (count(row) * HEIGHT).div_ceil(most.max(1));
            Day {
                name: words(Lang::En, Kind::Text, row.cells.first().unwrap_or(&Cell::Nothing)),
                count: count(row),
                x: at * STEP,
                y: HEIGHT - height,
                height,
            }
        };
        Trend {
            name,
            most,
            days: rows.iter().enumerate().map(day).collect(),
            width: rows.len().max(1) * STEP,
        }
    };
    let columns = table.columns.iter().enumerate().skip(1);
    let counts = columns.filter(|(_, column)| column.kind == Kind::Count);
    counts.map(|(place, column)| trend((place, column.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::{Row, column};
    use super::*;

    #[test]
    fn the_longest_bar_and_the_highest_day_fill_their_charts() {
        let row = |name: &str, a: u64, b: Cell| Row::plain(vec![Cell::text(name), Cell::Count(a), b]);
        let table = Table {
            name: "days",
            columns: vec![
                column("day", Kind::Text),
                column("impression", Kind::Count),
                column("click", Kind::Count),
            ],
            rows: vec![row("d2", 3, Cell::Nothing), row("d1", 1, Cell::Count(4))],
        };
        let drawn = bars(Lang::En, &table, &["impression", "click"]);
        let lengths = |group: &Group| group.bars.iter().map(|bar| bar.length.clone()).collect::<Vec<_>>();
        assert_eq!(lengths(&drawn[1]), ["50.0", "200.0"]);
        assert_eq!(lengths(&drawn[0]), ["150.0"]);
        let trends = trends(&table, 28);
        assert_eq!((trends[0].most, trends[1].most), (3, 4));
        let days: Vec<(usize, u64, u64)> = trends[0].days.iter().map(|day| (day.x, day.y, day.height)).collect();
        assert_eq!(days, [(0, 48, 24), (16, 0, 72)]);
    }
}
