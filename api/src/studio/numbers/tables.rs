//! The tables that a count makes.
//!
//! Each has a name, by which it is downloaded; those of readers stand in `groups`. Invariant: a table is a function of
//! the count and of the catalogue's names.

use std::collections::BTreeMap;

use florilege_engine::catalogue::Catalogue;
use florilege_engine::document::DocumentKind;
use florilege_engine::taxonomy::CategoryIx;
use jiff::ToSpan;
use jiff::civil::Date;

use super::answers::Place;
use super::count::{Counted, Fact, Tally};
use super::groups::CROSSED;
use super::table::{Cell, Column, Kind, Row, Table, column};
use crate::studio::desk;
use crate::studio::look;
use crate::studio::words::Lang;

/// The days that a trend compares with those before.
const WEEK: i32 = 7;
/// How many days before today the table of days goes back.
const DAYS: i64 = 400;
/// The most venues of the table of venues.
const VENUES: usize = 1_000;

/// The tables of every page of numbers, in their order on it.
pub(crate) const NAMES: [&str; 10] = [
    "days",
    "modules",
    "playlists",
    "lists",
    "categories",
    "venues",
    "small-venues",
    "personas",
    "territories",
    "public",
];

/// Columns of acts.
const ACTS: [Column; 4] = [
    column("impression", Kind::Count),
    column("click", Kind::Count),
    column("booking", Kind::Count),
    column("favorite", Kind::Count),
];
/// A count with what names its parts.
pub(super) struct Tables<'a> {
    pub(super) counted: &'a Counted,
    pub(super) catalogue: &'a Catalogue,
    pub(super) lang: Lang,
}

pub(super) fn columns(head: &[Column], parts: &[&[Column]]) -> Vec<Column> {
    head.iter().chain(parts.iter().copied().flatten()).copied().collect()
}

impl Tables<'_> {
    /// Every table of all readers.
    pub(super) fn every(&self) -> Vec<Table> {
        NAMES
            .iter()
            .chain([&CROSSED])
            .filter_map(|name| self.named(name))
            .collect()
    }

    fn named(&self, name: &str) -> Option<Table> {
        match name {
            "days" => Some(self.days("days", &self.all())),
            "modules" => Some(self.modules(&self.all())),
            "playlists" => Some(self.playlists(&self.all())),
            "lists" => Some(self.lists(&self.all())),
            "categories" => Some(self.categories()),
            "venues" => Some(self.venues()),
            "small-venues" => Some(self.small_venues()),
            _ => self.of_readers(name),
        }
    }

    fn all(&self) -> Vec<&Fact> {
        self.counted.facts.iter().collect()
    }

    /// The acts about one venue.
    pub(super) fn of_venue(&self, id: &str) -> Vec<&Fact> {
        let number = self.counted.venues.find(&id.to_owned());
        let facts = self.counted.facts.iter();
        facts.filter(|fact| number.is_some() && fact.venue == number).collect()
    }

    /// By day, today first, back to the first one; of the last [`DAYS`] alone.
    pub(super) fn days(&self, name: &'static str, facts: &[&Fact]) -> Table {
        let mut days: BTreeMap<Date, Tally> = BTreeMap::new();
        for fact in facts {
            days.entry(fact.day).or_default()[fact.kind] += 1;
        }
        let today = self.counted.today();
        let oldest = today.saturating_sub(DAYS.days());
        // What an app says of its clock is not believed beyond that.
        let first = days.range(oldest..=today).next().map(|(day, _)| *day);
        let mut rows = Vec::new();
        let mut day = first.map(|_| today);
        while let Some(here) = day.filter(|day| Some(*day) >= first) {
            let tally = days.get(&here).copied().unwrap_or_default();
            rows.push(Row::plain(with(vec![Cell::text(here.to_string())], tally)));
            day = here.yesterday().ok();
        }
        Table {
            name,
            columns: columns(&[column("day", Kind::Text)], &[&ACTS]),
            rows,
        }
    }

    /// Acts by something; `keys` hands over what a fact counts for.
    fn by<K: Ord>(&self, facts: &[&Fact], keys: impl Fn(&Fact, &mut dyn FnMut(K))) -> Vec<(K, Line)> {
        let today = self.counted.today();
        let mut lines: BTreeMap<K, Line> = BTreeMap::new();
        for fact in facts {
            keys(fact, &mut |key| lines.entry(key).or_default().add(fact, today));
        }
        lines.into_iter().collect()
    }

    fn places(&self, facts: &[&Fact], wanted: impl Fn(&Place) -> bool) -> Vec<(Place, Line)> {
        let found = self.by(facts, |fact, add: &mut dyn FnMut(u32)| {
            fact.places.iter().for_each(|place| add(*place));
        });
        let named = |(number, line): (u32, Line)| Some((self.counted.places.all().get(number as usize)?, line));
        let wanted = found.into_iter().filter_map(named).filter(|(place, _)| wanted(place));
        most_shown(wanted.map(|(place, line)| (place.clone(), line)).collect())
    }

    /// By module of a home.
    pub(super) fn modules(&self, facts: &[&Fact]) -> Table {
        let found = self.places(facts, |place| matches!(place, Place::Module(..)));
        let row = |(place, line): (Place, Line)| {
            let Place::Module(home, module) = place else {
                return Row::plain(Vec::new());
            };
            let title = self.module(&home, &module);
            let shown = self.home(&home);
            Row {
                link: linked(DocumentKind::Homes, &home),
                cells: line.cells(vec![Cell::Name(home, shown), Cell::Name(module, title)]),
            }
        };
        Table {
            name: "modules",
            columns: columns(
                &[column("home", Kind::Text), column("module", Kind::Text)],
                &[&ACTS, &LINE],
            ),
            rows: found.into_iter().map(row).collect(),
        }
    }

    fn home(&self, id: &str) -> String {
        if id.is_empty() {
            return self.lang.t("numbers-built-in");
        }
        let home = self.catalogue.editorial().homes().get(id);
        home.map_or_else(|| id.to_owned(), |home| home.body.title.clone())
    }

    fn module(&self, home: &str, id: &str) -> String {
        let home = self.catalogue.editorial().homes().get(home);
        let modules = home.map(|home| home.body.modules.iter()).into_iter().flatten();
        let title = modules
            .filter(|module| module.id.as_str() == id)
            .find_map(|module| module.title.clone());
        title.unwrap_or_else(|| {
            let key = format!(
                "module-{}",
                id.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit())
            );
            if self.lang.has(&key) {
                self.lang.t(&key)
            } else {
                id.to_owned()
            }
        })
    }

    /// By playlist, on its own or in a module.
    pub(super) fn playlists(&self, facts: &[&Fact]) -> Table {
        let found = self.places(facts, |place| matches!(place, Place::Playlist(_)));
        let row = |(place, line): (Place, Line)| {
            let Place::Playlist(id) = place else {
                return Row::plain(Vec::new());
            };
            let playlist = self.catalogue.editorial().playlists().get(&id);
            let title = playlist.map_or_else(|| id.clone(), |playlist| playlist.body.title.clone());
            Row {
                link: linked(DocumentKind::Playlists, &id),
                cells: line.cells(vec![Cell::Name(id, title)]),
            }
        };
        Table {
            name: "playlists",
            columns: columns(&[column("playlist", Kind::Text)], &[&ACTS, &LINE]),
            rows: found.into_iter().map(row).collect(),
        }
    }

    /// By other list.
    pub(super) fn lists(&self, facts: &[&Fact]) -> Table {
        let found = self.places(facts, |place| matches!(place, Place::List(_) | Place::Elsewhere));
        let row = |(place, line): (Place, Line)| {
            let (id, shown) = match place {
                Place::List(kind) => {
                    let key = format!("list-{kind}");
                    let shown = if self.lang.has(&key) {
                        self.lang.t(&key)
                    } else {
                        kind.clone()
                    };
                    (kind, shown)
                }
                Place::Elsewhere | Place::Module(..) | Place::Playlist(_) => {
                    (String::new(), self.lang.t("numbers-elsewhere"))
                }
            };
            Row::plain(line.cells(vec![Cell::Name(id, shown)]))
        };
        Table {
            name: "lists",
            columns: columns(&[column("list", Kind::Text)], &[&ACTS, &LINE]),
            rows: found.into_iter().map(row).collect(),
        }
    }

    fn categories(&self) -> Table {
        let found = self.by(&self.all(), |fact, add: &mut dyn FnMut(Option<CategoryIx>)| {
            add(fact.category)
        });
        let found = most_shown(found);
        let name = |category: Option<CategoryIx>| {
            category.map_or_else(
                || Cell::Name(String::new(), self.lang.t("numbers-unknown")),
                |category| {
                    let named = self.catalogue.taxonomy().category(category);
                    Cell::Name(named.key.clone(), look::name(self.lang, named))
                },
            )
        };
        let row = |(category, line): (Option<CategoryIx>, Line)| Row::plain(line.cells(vec![name(category)]));
        Table {
            name: "categories",
            columns: columns(&[column("category", Kind::Text)], &[&ACTS, &LINE]),
            rows: found.into_iter().map(row).collect(),
        }
    }

    fn venues(&self) -> Table {
        let found = self.by(&self.all(), |fact, add: &mut dyn FnMut(u32)| {
            fact.venue.into_iter().for_each(add);
        });
        let mut found = most_shown(found);
        found.truncate(VENUES);
        let row = |(number, line): (u32, Line)| {
            let id = self
                .counted
                .venues
                .all()
                .get(number as usize)
                .cloned()
                .unwrap_or_default();
            let venue = self
                .catalogue
                .find_venue(&id)
                .and_then(|venue| self.catalogue.venue(venue));
            let document = venue.and_then(|venue| venue.document.as_deref());
            let city = document.and_then(|venue| venue.city.clone()).unwrap_or_default();
            let title = document.map_or_else(|| id.clone(), |venue| venue.name.clone());
            let offers = venue.map_or(0, |venue| venue.rows.len() as u64);
            let head = vec![Cell::Name(id.clone(), title), Cell::text(city), Cell::Count(offers)];
            Row {
                link: venue_path(&id),
                cells: line.cells(head),
            }
        };
        Table {
            name: "venues",
            columns: columns(
                &[
                    column("venue", Kind::Text),
                    column("city", Kind::Text),
                    column("offers", Kind::Count),
                ],
                &[&ACTS, &LINE],
            ),
            rows: found.into_iter().map(row).collect(),
        }
    }

    /// What small venues offer, and how much of what readers see and do is theirs.
    fn small_venues(&self) -> Table {
        let is_small = |fact: &&&Fact| {
            let small = |number: u32| self.counted.small.get(number as usize).copied().unwrap_or(false);
            fact.venue.is_some_and(small)
        };
        let all = self.all();
        let placed: Vec<&Fact> = all.into_iter().filter(|fact| fact.venue.is_some()).collect();
        let small = Counted::tally(placed.iter().filter(is_small).copied());
        let whole = Counted::tally(placed.into_iter());
        let row = |name: &str, [small, all]: [u64; 2]| {
            let shown = self.lang.t(&format!("column-{name}"));
            Row::plain(vec![
                Cell::Name(name.to_owned(), shown),
                Cell::Count(small),
                Cell::Count(all),
                Cell::maybe((all > 0).then(|| small as f64 / all as f64)),
            ])
        };
        let acts = ACTS.iter().zip(small.into_iter().zip(whole));
        let acts = acts.map(|(column, (small, all))| row(column.name, [small, all]));
        Table {
            name: "small-venues",
            columns: vec![
                column("measure", Kind::Text),
                column("small", Kind::Count),
                column("all", Kind::Count),
                column("share", Kind::Share),
            ],
            rows: std::iter::once(row("offers", self.counted.offers))
                .chain(acts)
                .collect(),
        }
    }
}

/// Where the numbers of a venue are.
pub(super) fn venue_path(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/studio/numbers/venues/{}", id.replace('+', "%20"))
}

/// Where a document is edited; nowhere for the built-in one.
fn linked(kind: DocumentKind, id: &str) -> String {
    if id.is_empty() {
        String::new()
    } else {
        desk::path(kind, id)
    }
}

/// The most shown first.
fn most_shown<K: Ord>(mut lines: Vec<(K, Line)>) -> Vec<(K, Line)> {
    lines.sort_by(|a, b| b.1.tally.cmp(&a.1.tally).then_with(|| a.0.cmp(&b.0)));
    lines
}

fn with(mut cells: Vec<Cell>, tally: Tally) -> Vec<Cell> {
    cells.extend(tally.map(Cell::Count));
    cells
}

/// Columns beside [`ACTS`]: clicks of an impression, what bookings bring to diversity, the week against the one before.
const LINE: [Column; 3] = [
    column("clicked", Kind::Share),
    column("diversity", Kind::Number),
    column("trend", Kind::Change),
];

/// What is counted of one place.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    tally: Tally,
    /// What bookings brought to diversity, and how many of them say it.
    score: (f64, u64),
    /// Impressions of the seven days to today, and of the seven before.
    weeks: [u64; 2],
}

impl Line {
    fn add(&mut self, fact: &Fact, today: Date) {
        self.tally[fact.kind] += 1;
        if let Some(score) = fact.score {
            self.score = (self.score.0 + score, self.score.1 + 1);
        }
        let age = (today - fact.day).get_days();
        let week = usize::try_from(age / WEEK).ok().filter(|_| age >= 0 && fact.kind == 0);
        if let Some(week) = week.and_then(|week| self.weeks.get_mut(week)) {
            *week += 1;
        }
    }

    fn cells(&self, head: Vec<Cell>) -> Vec<Cell> {
        let share = |part: f64, whole: u64| (whole > 0).then(|| part / whole as f64);
        let mut cells = with(head, self.tally);
        cells.push(Cell::maybe(share(self.tally[1] as f64, self.tally[0])));
        cells.push(Cell::maybe(share(self.score.0, self.score.1)));
        let [now, before] = self.weeks;
        cells.push(Cell::maybe(share(now as f64, before).map(|ratio| ratio - 1.0)));
        cells
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use florilege_engine::live::Engine;
    use florilege_engine::taxonomy::Taxonomy;

    use super::*;

    #[test]
    fn every_table_and_every_column_has_words() {
        let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
        let (generation, counted) = (engine.generation(), Counted::empty(0));
        for lang in [Lang::Fr, Lang::En] {
            let tables = Tables {
                counted: &counted,
                catalogue: generation.catalogue(),
                lang,
            };
            for name in NAMES {
                let table = tables.named(name).expect(name);
                assert_eq!(table.name, name);
                let titles = [format!("table-{name}"), format!("lead-{name}")];
                let columns = table
                    .columns
                    .iter()
                    .map(|column| format!("column-{}", column.name.replace('_', "-")));
                for key in titles.into_iter().chain(columns) {
                    assert!(lang.has(&key), "{key}");
                }
                assert!(
                    table.rows.iter().all(|row| row.cells.len() == table.columns.len()),
                    "{name}"
                );
            }
            assert!(tables.named("none").is_none());
        }
    }

    #[test]
    fn a_trend_compares_the_last_week_with_the_one_before() {
        let mut line = Line::default();
        let last: Date = "2026-01-20".parse().expect("a day");
        let mut see = |kind: usize, day: &str, score: Option<f64>| {
            let fact = Fact {
                kind,
                day: day.parse().expect("a day"),
                venue: None,
                category: None,
                places: Vec::new(),
                score,
            };
            line.add(&fact, last);
        };
        for day in [
            "2026-01-20",
            "2026-01-14",
            "2026-01-14",
            "2026-01-13",
            "2026-01-07",
            "2026-01-06",
            "2026-02-01",
            "0001-01-01",
        ] {
            see(0, day, None);
        }
        see(1, "2026-01-20", None);
        see(2, "2026-01-20", Some(65.0));
        see(2, "2026-01-20", Some(5.0));
        see(2, "2026-01-20", None);
        let cells = line.cells(Vec::new());
        let counts = [8, 1, 3, 0].map(Cell::Count);
        assert_eq!(cells[..4], counts);
        let rest = [1.0 / 8.0, 35.0, 0.5].map(Cell::Number);
        assert_eq!(cells[4..], rest, "three views this week, two the week before");
    }
}
