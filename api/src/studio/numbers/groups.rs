//! The tables of readers: what cohorts have come to, by persona and by kind of territory, and the public figure.
//!
//! Made of a count, like every table of numbers. Invariant: of fewer than [`FEW`] readers nothing is told but that
//! there are few.

use std::collections::BTreeMap;

use super::journeys::{Group, MONTHS, Reached, Territory};
use super::table::{Cell, Column, Kind, Row, Table, column};
use super::tables::{Tables, columns};

/// Groups of fewer readers are not told.
const FEW: u64 = 5;
/// Both ways of grouping readers at once; downloaded alone.
pub(super) const CROSSED: &str = "cohorts";
/// Columns of readers at the horizons: how many, the categories of each, the share with three or more.
const REACHED: [Column; 9] = [
    column("readers_m1", Kind::Count),
    column("categories_m1", Kind::Number),
    column("wide_m1", Kind::Share),
    column("readers_m3", Kind::Count),
    column("categories_m3", Kind::Number),
    column("wide_m3", Kind::Share),
    column("readers_m12", Kind::Count),
    column("categories_m12", Kind::Number),
    column("wide_m12", Kind::Share),
];

/// Readers at each of [`MONTHS`], then today.
type Way = [Reached; MONTHS.len() + 1];

impl Tables<'_> {
    /// A table of readers by its name.
    pub(super) fn of_readers(&self, name: &str) -> Option<Table> {
        match name {
            "personas" => Some(self.grouped("personas", "persona", &|group| group.persona.clone())),
            "territories" => Some(self.territories()),
            "public" => Some(self.public()),
            CROSSED => Some(self.crossed()),
            _ => None,
        }
    }

    /// Readers by one thing, all of them first.
    fn grouped(&self, name: &'static str, head: &'static str, key: &dyn Fn(&Group) -> String) -> Table {
        let mut all = Way::default();
        let mut lines: BTreeMap<String, Way> = BTreeMap::new();
        for (group, reached) in &self.counted.journeys.groups {
            sum(&mut all, reached);
            sum(lines.entry(key(group)).or_default(), reached);
        }
        let shown = |id: &str| self.said(head, id);
        let first = std::iter::once((Cell::Name("all".to_owned(), self.lang.t("numbers-everybody")), all));
        let rest = lines
            .into_iter()
            .map(|(id, reached)| (Cell::Name(id.clone(), shown(&id)), reached));
        let row = |(name, reached): (Cell, Way)| Row::plain(reached_cells(vec![name], &reached));
        Table {
            name,
            columns: columns(&[column(head, Kind::Text)], &[&REACHED]),
            rows: first.chain(rest).map(row).collect(),
        }
    }

    /// A persona, a kind of territory, or what is not known, in words.
    fn said(&self, head: &str, id: &str) -> String {
        if id.is_empty() {
            return self.lang.t("numbers-not-known");
        }
        let key = format!("{head}-{id}");
        if self.lang.has(&key) {
            return self.lang.t(&key);
        }
        id.to_owned()
    }

    fn territories(&self) -> Table {
        let mut table = self.grouped("territories", "territory", &|group| group.territory.as_str().to_owned());
        let order = |row: &Row| match row.cells.first() {
            Some(Cell::Name(id, _)) => Territory::ALL
                .iter()
                .position(|one| one.as_str() == id)
                .map_or(0, |n| n + 1),
            Some(Cell::Count(_) | Cell::Number(_) | Cell::Nothing) | None => 0,
        };
        table.rows.sort_by_key(order);
        let mut qpv = Way::default();
        let groups = self.counted.journeys.groups.iter();
        for (_, reached) in groups.filter(|(group, _)| group.is_qpv) {
            sum(&mut qpv, reached);
        }
        let name = Cell::Name("qpv".to_owned(), self.lang.t("territory-qpv"));
        table.rows.push(Row::plain(reached_cells(vec![name], &qpv)));
        table
    }

    fn crossed(&self) -> Table {
        let mut lines: BTreeMap<(String, Territory), Way> = BTreeMap::new();
        for (group, reached) in &self.counted.journeys.groups {
            sum(
                lines.entry((group.persona.clone(), group.territory)).or_default(),
                reached,
            );
        }
        let row = |((persona, territory), reached): ((String, Territory), Way)| {
            let head = vec![Cell::text(persona), Cell::text(territory.as_str())];
            Row::plain(reached_cells(head, &reached))
        };
        Table {
            name: CROSSED,
            columns: columns(
                &[column("persona", Kind::Text), column("territory", Kind::Text)],
                &[&REACHED],
            ),
            rows: lines.into_iter().map(row).collect(),
        }
    }

    /// The public figure: of the readers who have booked, those with three categories or more, today.
    fn public(&self) -> Table {
        let mut lines: BTreeMap<(usize, &str, String), Reached> = BTreeMap::new();
        for (group, reached) in &self.counted.journeys.groups {
            let today = reached[MONTHS.len()];
            let mut add = |order: usize, by: &'static str, value: &str| {
                add(lines.entry((order, by, value.to_owned())).or_default(), &today);
            };
            add(0, "all", "");
            add(1, "territory", group.territory.as_str());
            add(2, "qpv", if group.is_qpv { "yes" } else { "no" });
            add(3, "department", &group.department);
        }
        let row = |((_, by, value), reached): ((usize, &str, String), Reached)| {
            let shown = match by {
                "all" => self.lang.t("numbers-everybody"),
                _ => self.said(by, &value),
            };
            let told = reached.readers >= FEW;
            Row::plain(vec![
                Cell::Name(by.to_owned(), self.lang.t(&format!("group-{by}"))),
                Cell::Name(value, shown),
                if told {
                    Cell::Count(reached.readers)
                } else {
                    Cell::Nothing
                },
                Cell::maybe(told.then(|| reached.wide as f64 / reached.readers as f64)),
            ])
        };
        Table {
            name: "public",
            columns: vec![
                column("by", Kind::Text),
                column("value", Kind::Text),
                column("readers", Kind::Count),
                column("wide", Kind::Share),
            ],
            rows: lines.into_iter().map(row).collect(),
        }
    }
}

fn add(into: &mut Reached, other: &Reached) {
    into.readers += other.readers;
    into.categories += other.categories;
    into.wide += other.wide;
}

fn sum(into: &mut Way, other: &Way) {
    into.iter_mut().zip(other).for_each(|(into, other)| add(into, other));
}

/// The cells of [`REACHED`] after others.
fn reached_cells(mut cells: Vec<Cell>, reached: &Way) -> Vec<Cell> {
    for at in &reached[..MONTHS.len()] {
        if at.readers < FEW {
            cells.extend([Cell::Nothing, Cell::Nothing, Cell::Nothing]);
            continue;
        }
        let readers = at.readers as f64;
        cells.push(Cell::Count(at.readers));
        cells.push(Cell::Number(at.categories as f64 / readers));
        cells.push(Cell::Number(at.wide as f64 / readers));
    }
    cells
}
