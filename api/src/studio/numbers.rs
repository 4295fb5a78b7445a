//! Numbers: what readers were shown and did, by list and by category, day by day; how small venues fare.
//!
//! Counted from the newest acts and the answers that they followed. Invariants: every chart has its table, the CSV
//! holds the same figures, and none names a reader.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use florilege_engine::live::Generation;
use serde_json::Value;

use super::answer::{Answer, Refusal, html};
use super::look::{self, Category};
use super::page::Page;
use super::session::Signed;
use super::state::Studio;
use super::words::Lang;
use crate::store::Act;

/// How many acts are counted.
const ACTS: usize = 50_000;
/// How many answers are looked up for their lists.
const ANSWERS: usize = 2_000;
/// How many days the trend shows.
const DAYS: usize = 28;
/// The types that have columns.
const KINDS: [&str; 4] = ["impression", "click", "booking", "favorite"];
/// The height of the trend.
const HEIGHT: usize = 120;

/// How often each of [`KINDS`] happened.
type Counts = [usize; KINDS.len()];

/// One line of a table.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) counts: Counts,
    /// Clicks of a hundred impressions, to read.
    pub(super) clicked: String,
}

/// One day of the trend.
pub(super) struct Day {
    pub(super) name: String,
    pub(super) counts: Counts,
    /// Where its bar stands and how high it is.
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) height: usize,
}

/// All that is counted.
#[derive(Default)]
struct Numbers {
    lists: BTreeMap<String, Counts>,
    categories: BTreeMap<Option<Category>, Counts>,
    days: BTreeMap<String, Counts>,
    /// Of small venues, and of all venues.
    small: [Counts; 2],
    acts: usize,
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct Shown {
    p: Page,
    acts: usize,
    lists: Vec<Line>,
    categories: Vec<Line>,
    days: Vec<Day>,
    small: Line,
    width: usize,
}

pub(super) async fn show(State(studio): State<Studio>, signed: Signed) -> Answer {
    let numbers = count(&studio, signed.lang).await?;
    let p = signed.page("numbers");
    let list = |(name, counts): (&String, &Counts)| line(list_name(&p, name), *counts);
    let category = |(category, counts): (&Option<Category>, &Counts)| {
        let name = category
            .as_ref()
            .map_or_else(|| p.t("numbers-unknown"), |category| category.name.clone());
        line(name, *counts)
    };
    let days = days(&numbers.days);
    html(&Shown {
        acts: numbers.acts,
        lists: numbers.lists.iter().map(list).collect(),
        categories: numbers.categories.iter().map(category).collect(),
        width: days.len().max(1) * 16,
        days,
        small: small(&p, &numbers.small),
        p,
    })
}

/// The same as one CSV: what, name, and a column of each type.
pub(super) async fn csv(State(studio): State<Studio>, signed: Signed) -> Answer {
    let numbers = count(&studio, signed.lang).await?;
    let mut text = format!("table,name,{}\n", KINDS.join(","));
    let mut add = |table: &str, name: &str, counts: &Counts| {
        let figures: Vec<String> = counts.iter().map(usize::to_string).collect();
        text.push_str(&format!("{table},{},{}\n", quoted(name), figures.join(",")));
    };
    numbers
        .lists
        .iter()
        .for_each(|(name, counts)| add("list", name, counts));
    let unknown = signed.lang.t("numbers-unknown");
    for (category, counts) in &numbers.categories {
        add(
            "category",
            category.as_ref().map_or(&unknown, |category| &category.name),
            counts,
        );
    }
    numbers.days.iter().for_each(|(day, counts)| add("day", day, counts));
    add("venues", "small", &numbers.small[0]);
    add("venues", "all", &numbers.small[1]);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"florilege-numbers.csv\"",
        ),
    ];
    Ok((headers, text).into_response())
}

/// A field of CSV; a text that a spreadsheet would take for a formula gets a mark before it.
fn quoted(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t']) {
        "'"
    } else {
        ""
    };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

async fn count(studio: &Studio, lang: Lang) -> Result<Numbers, Refusal> {
    let acts = studio.store.newest_acts(ACTS).await?;
    let answers: BTreeSet<&String> = acts.iter().filter_map(|act| act.request_id.as_ref()).collect();
    let asked = answers.into_iter().take(ANSWERS).cloned().collect();
    let kept = studio.store.requests_among(asked).await?;
    studio
        .look(move |generation| Ok(counted(generation, lang, &acts, &kept)))
        .await
}

fn counted(generation: &Generation, lang: Lang, acts: &[Act], kept: &[(String, String)]) -> Numbers {
    let mut lists: BTreeMap<&str, (Value, Value)> = BTreeMap::new();
    for (id, body) in kept {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let kind = body.get("kind").cloned().unwrap_or_default();
        let answer = body.get("answer").cloned().unwrap_or_default();
        lists.insert(id, (kind, answer));
    }
    let mut numbers = Numbers {
        acts: acts.len(),
        ..Numbers::default()
    };
    for act in acts {
        let Some(column) = KINDS.iter().position(|kind| *kind == act.kind) else {
            continue;
        };
        let day = act.at.get(..10).unwrap_or_default().to_owned();
        numbers.days.entry(day).or_default()[column] += 1;
        let shown = act.request_id.as_deref().and_then(|id| lists.get(id));
        let list = shown.map_or_else(String::new, |(kind, answer)| {
            list_of(kind, answer, act.offer_id.as_deref())
        });
        numbers.lists.entry(list).or_default()[column] += 1;
        about(generation, lang, act, column, &mut numbers);
    }
    numbers
}

/// Counts the category and the venue of the offer that an act is about.
fn about(generation: &Generation, lang: Lang, act: &Act, column: usize, numbers: &mut Numbers) {
    let catalogue = generation.catalogue();
    let row = act
        .offer_id
        .as_deref()
        .and_then(|id| catalogue.find(id))
        .and_then(|row| catalogue.offer(row));
    let key = row.map(|row| &catalogue.taxonomy().category(row.category).key);
    let category = key.map(|key| look::category(catalogue, lang, key));
    numbers.categories.entry(category).or_default()[column] += 1;
    let Some(row) = row.filter(|row| row.venue.is_some()) else {
        return;
    };
    numbers.small[1][column] += 1;
    if look::is_small(catalogue, row) {
        numbers.small[0][column] += 1;
    }
}

/// The list that an answer was: a playlist by its identifier, the module of a page that held the offer, or its kind.
fn list_of(kind: &Value, answer: &Value, offer: Option<&str>) -> String {
    if let Some(id) = answer.pointer("/playlist/id").and_then(Value::as_str) {
        return format!("playlist {id}");
    }
    let holds = |module: &&Value| {
        let offers = module.get("offers").and_then(Value::as_array).into_iter().flatten();
        offer.is_some_and(|offer| {
            offers
                .into_iter()
                .any(|one| one.get("id").is_some_and(|id| id == offer))
        })
    };
    let modules = answer.get("modules").and_then(Value::as_array);
    if let Some(module) = modules.and_then(|modules| modules.iter().find(holds)) {
        return format!("module {}", module.get("id").and_then(Value::as_str).unwrap_or(""));
    }
    kind.as_str().unwrap_or("").to_owned()
}

fn list_name(p: &Page, name: &str) -> String {
    if name.is_empty() {
        p.t("numbers-elsewhere")
    } else {
        p.tt("list", name)
    }
}

fn line(name: String, counts: Counts) -> Line {
    Line {
        name,
        counts,
        clicked: percent(counts[1], counts[0]),
    }
}

fn percent(some: usize, all: usize) -> String {
    if all == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} %", 100.0 * some as f64 / all as f64)
    }
}

/// The share of small venues in all that has a venue.
fn small(p: &Page, small: &[Counts; 2]) -> Line {
    Line {
        name: p.t("numbers-small"),
        counts: small[0],
        clicked: percent(small[0].iter().sum(), small[1].iter().sum()),
    }
}

/// The last days, with bars of their impressions and all other acts.
fn days(counted: &BTreeMap<String, Counts>) -> Vec<Day> {
    let last: Vec<(&String, &Counts)> = counted.iter().rev().take(DAYS).collect();
    let most = last
        .iter()
        .map(|(_, counts)| counts.iter().sum::<usize>())
        .max()
        .unwrap_or(0)
        .max(1);
    let day = |(place, (name, counts)): (usize, &(&String, &Counts))| {
        let height = (counts.iter().sum::<usize>() * HEIGHT).div_ceil(most);
        Day {
            name: (*name).clone(),
            counts: **counts,
            x: place * 16,
            y: HEIGHT - height,
            height,
        }
    };
    last.iter().rev().enumerate().map(day).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_named_by_playlist_module_or_kind() {
        let page = json!({"modules": [{"id": "a", "offers": [{"id": "x"}]}, {"id": "b", "offers": [{"id": "y"}]}]});
        assert_eq!(list_of(&json!("feed"), &page, Some("y")), "module b");
        assert_eq!(list_of(&json!("feed"), &page, Some("z")), "feed");
        assert_eq!(
            list_of(&json!("playlist"), &json!({"playlist": {"id": "p"}}), None),
            "playlist p"
        );
    }

    #[test]
    fn csv_fields_are_quoted_and_no_formula() {
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    }

    #[test]
    fn the_highest_day_fills_the_chart() {
        let counted = BTreeMap::from([("d1".to_owned(), [1, 0, 0, 0]), ("d2".to_owned(), [3, 1, 0, 0])]);
        let drawn: Vec<(usize, usize, usize)> = days(&counted).iter().map(|day| (day.x, day.y, day.height)).collect();
        assert_eq!(drawn, [(0, 90, 30), (16, 0, 120)]);
        assert_eq!((percent(1, 0), percent(1, 8)), ("–".into(), "12.5 %".into()));
    }
}
