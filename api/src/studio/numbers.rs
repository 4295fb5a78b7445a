//! Numbers: what readers were shown and did, by list, category, day and venue; how small venues fare; how practice
//! widens.
//!
//! Pages over one count of the store's log, kept and made anew beside the serving path. Invariants: every chart has
//! its table, every table downloads whole as CSV and Arrow with the same figures, and none names a reader.

mod answers;
mod charts;
mod count;
mod groups;
mod journeys;
mod kept;
mod table;
mod tables;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use florilege_engine::live::Generation;
use serde::Deserialize;

use super::answer::{Answer, Refusal, html};
use super::look;
use super::page::Page;
use super::session::Signed;
use super::state::Studio;
use charts::{Group, Trend};
use count::Counted;
pub(super) use kept::Kept;
use table::Table;
pub(super) use tables::NAMES;
use tables::{Tables, venue_path};

/// How many days a trend draws.
const DAYS: usize = 28;
/// How many venues a search shows.
const VENUES: usize = 50;
/// Where the tables of all readers are.
const BASE: &str = "/studio/numbers/tables";

/// How far a count goes, to say on its page.
struct Reach {
    acts: usize,
    since: String,
    at: String,
    sequence: u64,
}

impl Reach {
    fn of(p: &Page, counted: &Counted) -> Self {
        Self {
            acts: counted.facts.len(),
            since: counted.since().map_or_else(String::new, |day| day.to_string()),
            at: p.minute(counted.at.timestamp()),
            sequence: counted.sequence,
        }
    }
}

/// A table with what is drawn above it.
struct Section {
    table: Table,
    bars: Vec<Group>,
    trends: Vec<Trend>,
}

impl Section {
    fn of(lang: super::words::Lang, table: Table) -> Self {
        let bars = match table.name {
            "personas" | "territories" => {
                charts::bars(lang, &table, &["categories_m1", "categories_m3", "categories_m12"])
            }
            "public" => charts::bars(lang, &table, &["wide"]),
            "small-venues" => charts::bars(lang, &table, &["share"]),
            _ => Vec::new(),
        };
        let is_days = table.name == "days";
        Self {
            trends: if is_days {
                charts::trends(&table, DAYS)
            } else {
                Vec::new()
            },
            bars,
            table,
        }
    }
}

impl Section {
    /// A cell in words.
    fn words(&self, p: &Page, place: &usize, cell: &table::Cell) -> String {
        let kind = self
            .table
            .columns
            .get(*place)
            .map_or(table::Kind::Text, |column| column.kind);
        table::words(p.lang, kind, cell)
    }

    fn is_number(&self, place: &usize) -> bool {
        self.table.columns.get(*place).is_some_and(|column| !column.is_text())
    }
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct Shown {
    p: Page,
    base: String,
    reach: Option<Reach>,
    sections: Vec<Section>,
}

/// The page of all readers.
pub(super) async fn show(State(studio): State<Studio>, signed: Signed) -> Answer {
    let p = signed.page("numbers");
    let counted = Kept::newest(&studio).await;
    let reach = counted.as_ref().map(|counted| Reach::of(&p, counted));
    let tables = counted.as_ref().map_or(&[][..], |counted| counted.tables(signed.lang));
    let shown = tables.iter().filter(|table| NAMES.contains(&table.name));
    let sections = shown.map(|table| Section::of(signed.lang, table.clone())).collect();
    html(&Shown {
        p,
        base: BASE.to_owned(),
        reach,
        sections,
    })
}

fn of<'a>(counted: &'a Counted, generation: &'a Generation, lang: super::words::Lang) -> Tables<'a> {
    Tables {
        counted,
        catalogue: generation.catalogue(),
        lang,
    }
}

/// The newest count; while there is none, the server is busy.
async fn newest(studio: &Studio) -> Result<Arc<Counted>, Refusal> {
    Kept::newest(studio).await.ok_or(Refusal::Busy)
}

/// A table of all readers as a file.
pub(super) async fn download(State(studio): State<Studio>, Path(file): Path<String>, signed: Signed) -> Answer {
    let (name, end) = file.rsplit_once('.').ok_or(Refusal::NotFound)?;
    let counted = newest(&studio).await?;
    let found = counted.tables(signed.lang).iter().find(|table| table.name == name);
    let table = found.ok_or(Refusal::NotFound)?;
    table.download(end)
}

/// Words of a venue's name, town or identifier.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

/// A venue that a search found.
struct Found {
    path: String,
    name: String,
    city: String,
    offers: usize,
}

#[derive(Template)]
#[template(path = "numbers-venues.html")]
struct Venues {
    p: Page,
    q: String,
    found: Vec<Found>,
}

/// Venues to choose from.
pub(super) async fn venues(State(studio): State<Studio>, Query(asked): Query<Asked>, signed: Signed) -> Answer {
    let words = asked.q.trim().to_lowercase();
    let found = studio.look(move |generation| Ok(found(generation, &words))).await?;
    html(&Venues {
        p: signed.page("numbers"),
        q: asked.q,
        found,
    })
}

/// Venues whose name, town or identifier holds all words, those with the most offers first.
fn found(generation: &Generation, words: &str) -> Vec<Found> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut found: Vec<(usize, &str, &florilege_engine::venue::Venue)> = Vec::new();
    for row in generation.catalogue().venues() {
        let Some(venue) = row.document.as_deref() else { continue };
        let city = venue.city.as_deref().unwrap_or("");
        let text = format!("{} {city} {}", venue.name, row.id).to_lowercase();
        if words.iter().all(|word| text.contains(word)) {
            found.push((row.rows.len(), row.id.as_str(), venue));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let shown = |(offers, id, venue): (usize, &str, &florilege_engine::venue::Venue)| Found {
        path: venue_path(id),
        name: venue.name.clone(),
        city: venue.city.clone().unwrap_or_default(),
        offers,
    };
    found.into_iter().take(VENUES).map(shown).collect()
}

#[derive(Template)]
#[template(path = "numbers-venue.html")]
struct OneVenue {
    p: Page,
    base: String,
    name: String,
    city: String,
    offers: usize,
    is_small: bool,
    reach: Option<Reach>,
    tally: count::Tally,
    sections: Vec<Section>,
}

/// What is known of a venue.
struct About {
    name: String,
    city: String,
    offers: usize,
    is_small: bool,
}

fn about(generation: &Generation, id: &str) -> Result<About, Refusal> {
    let catalogue = generation.catalogue();
    let found = catalogue.find_venue(id).and_then(|venue| catalogue.venue(venue));
    let row = found.ok_or(Refusal::NotFound)?;
    let venue = row.document.as_deref().ok_or(Refusal::NotFound)?;
    Ok(About {
        name: venue.name.clone(),
        city: venue.city.clone().unwrap_or_default(),
        offers: row.rows.len(),
        is_small: look::is_small(row),
    })
}

/// The tables of one venue, in their order.
fn of_venue(tables: &Tables<'_>, id: &str) -> Vec<Table> {
    let facts = tables.of_venue(id);
    vec![
        tables.days("days", &facts),
        tables.modules(&facts),
        tables.playlists(&facts),
        tables.lists(&facts),
    ]
}

/// Where and how often one venue was shown.
pub(super) async fn venue(State(studio): State<Studio>, Path(id): Path<String>, signed: Signed) -> Answer {
    let p = signed.page("numbers");
    let (counted, lang, asked) = (Kept::newest(&studio).await, signed.lang, id.clone());
    let reach = counted.as_ref().map(|counted| Reach::of(&p, counted));
    let (about, tally, sections) = studio
        .look(move |generation| {
            let about = about(generation, &asked)?;
            let Some(counted) = counted else {
                return Ok((about, count::Tally::default(), Vec::new()));
            };
            let tables = of(&counted, generation, lang);
            let tally = Counted::tally(tables.of_venue(&asked).into_iter());
            let sections = of_venue(&tables, &asked).into_iter();
            Ok((about, tally, sections.map(|table| Section::of(lang, table)).collect()))
        })
        .await?;
    html(&OneVenue {
        p,
        base: venue_path(&id),
        name: about.name,
        city: about.city,
        offers: about.offers,
        is_small: about.is_small,
        reach,
        tally,
        sections,
    })
}

/// A table of one venue as a file.
pub(super) async fn venue_download(
    State(studio): State<Studio>,
    Path((id, file)): Path<(String, String)>,
    signed: Signed,
) -> Answer {
    let (name, end) = file.rsplit_once('.').ok_or(Refusal::NotFound)?;
    let (counted, lang, name) = (newest(&studio).await?, signed.lang, name.to_owned());
    let table = studio
        .look(move |generation| {
            about(generation, &id)?;
            let tables = of_venue(&of(&counted, generation, lang), &id);
            tables
                .into_iter()
                .find(|table| table.name == name)
                .ok_or(Refusal::NotFound)
        })
        .await?;
    table.download(end)
}
