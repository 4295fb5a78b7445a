//! The calendar: what is published when, month by month: playlists, homes and their modules, calendars, closures.
//!
//! Read from the generation that serves. Invariants: what has no schedule is counted and not drawn; a page draws one
//! month and lists a bounded piece of it; every line leads to its document.

use askama::Template;
use axum::extract::{Query, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::editorial::Editorial;
use florilege_engine::editorial::audience::Schedule;
use florilege_engine::time::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::answer::{Answer, html};
use super::desk;
use super::month::{Month, weekdays};
use super::page::{Page, zone};
use super::session::Signed;
use super::state::Studio;
use crate::app::clock;

/// Lines on one page.
const LINES: usize = 100;
/// What a day of the grid names; the rest is a number that leads to the day.
const NAMED: usize = 3;
/// How wide a day is drawn in the bar of a line.
const STEP: i32 = 6;
/// The kinds that a page can be of alone.
const KINDS: [DocumentKind; 4] = [
    DocumentKind::Playlists,
    DocumentKind::Homes,
    DocumentKind::Calendars,
    DocumentKind::Closures,
];

/// Something that is published for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: DocumentKind,
    pub(super) id: String,
    /// What it is called; a module or an event with its document.
    pub(super) title: String,
    pub(super) territory: String,
    /// The first day, if it has one.
    pub(super) from: Option<Date>,
    /// The last day, if it has one.
    pub(super) to: Option<Date>,
}

impl Entry {
    /// Whether it holds on some moment of these days.
    pub(super) fn meets(&self, first: Date, last: Date) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first <= to)
    }

    fn path(&self) -> String {
        desk::path(self.kind, &self.id)
    }

    fn holds_words(&self, words: &str) -> bool {
        let text = format!("{} {} {}", self.title, self.id, self.territory).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }
}

/// Days of a schedule by the studio's clock; none where it says nothing. Its end is the first moment after.
fn days(zone: &TimeZone, from: Option<Moment>, to: Option<Moment>) -> Option<(Option<Date>, Option<Date>)> {
    let day = |at: Moment| at.timestamp().to_zoned(zone.clone()).date();
    let before = |at: Moment| {
        let last = at.timestamp().checked_sub(1.nanosecond()).ok()?;
        Some(last.to_zoned(zone.clone()).date())
    };
    (from.is_some() || to.is_some()).then(|| (from.map(day), to.and_then(before)))
}

/// Everything that is published for a time, and how many documents are published for ever.
pub(super) fn entries(editorial: &Editorial) -> (Vec<Entry>, usize) {
    let zone = zone();
    let (mut found, mut always) = (Vec::new(), 0);
    let mut add = |kind, id: &str, title: String, territory: &Option<String>, schedule: Schedule| {
        let Some((from, to)) = days(&zone, schedule.from, schedule.to) else {
            return false;
        };
        found.push(Entry {
            kind,
            id: id.to_owned(),
            title,
            territory: territory.clone().unwrap_or_default(),
            from,
            to,
        });
        true
    };
    for one in editorial.playlists().iter() {
        let title = one.body.title.clone();
        let is_timed = add(
            DocumentKind::Playlists,
            one.id.as_str(),
            title,
            &one.territory,
            one.body.schedule,
        );
        always += usize::from(!is_timed);
    }
    for one in editorial.homes().iter() {
        let title = one.body.title.clone();
        let is_timed = add(
            DocumentKind::Homes,
            one.id.as_str(),
            title,
            &one.territory,
            one.body.schedule,
        );
        always += usize::from(!is_timed);
        for module in &one.body.modules {
            let own = module.title.as_deref().unwrap_or_else(|| module.id.as_str());
            let title = format!("{own} · {}", one.body.title);
            let schedule = module.conditions.schedule;
            add(DocumentKind::Homes, one.id.as_str(), title, &one.territory, schedule);
        }
    }
    for one in editorial.calendars().iter() {
        for event in &one.body.events {
            let title = format!("{} · {}", event.name, one.body.title);
            let schedule = Schedule {
                from: Some(event.from),
                to: Some(event.to),
            };
            add(
                DocumentKind::Calendars,
                one.id.as_str(),
                title,
                &one.territory,
                schedule,
            );
        }
    }
    for one in editorial.closures().iter() {
        let schedule = Schedule {
            from: one.body.from,
            to: one.body.to,
        };
        let title = one.body.title.clone();
        let is_timed = add(DocumentKind::Closures, one.id.as_str(), title, &one.territory, schedule);
        always += usize::from(!is_timed);
    }
    found.sort_by(|a, b| (a.from, a.to, &a.title, &a.id).cmp(&(b.from, b.to, &b.title, &b.id)));
    (found, always)
}

/// What a page is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    month: String,
    day: String,
    kind: String,
    q: String,
    page: usize,
}

/// A day of the grid.
struct Day {
    date: Date,
    is_in: bool,
    is_today: bool,
    is_chosen: bool,
    /// What begins or ends on it, and which.
    named: Vec<(Entry, bool)>,
    /// What begins or ends besides.
    more: usize,
    /// How much holds on it.
    holds: usize,
}

/// A line of the list, with its bar over the month.
struct Line {
    entry: Entry,
    x: i32,
    width: i32,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct Calendar {
    p: Page,
    asked: Asked,
    month: Month,
    weekdays: Vec<(String, String)>,
    weeks: Vec<Vec<Day>>,
    chosen: Option<Date>,
    lines: Vec<Line>,
    total: usize,
    pages: usize,
    always: usize,
    /// How wide the bars are drawn.
    width: i32,
}

impl Calendar {
    /// The same page with another month, day or page.
    fn link(&self, month: impl AsRef<str>, day: &str, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("month", month.as_ref());
        let given = [
            ("day", day),
            ("kind", self.asked.kind.as_str()),
            ("q", self.asked.q.as_str()),
        ];
        for (name, value) in given.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        if page > 0 {
            query.append_pair("page", &page.to_string());
        }
        format!("/studio/calendar?{}", query.finish())
    }

    fn day_link(&self, day: &Day) -> String {
        self.link(Month::of(day.date).value(), &day.date.to_string(), 0)
    }

    fn page_link(&self, page: usize) -> String {
        self.link(self.month.value(), &self.asked.day, page)
    }
}

pub(super) async fn show(State(studio): State<Studio>, Query(asked): Query<Asked>, signed: Signed) -> Answer {
    let today = clock().timestamp().to_zoned(zone()).date();
    let chosen: Option<Date> = asked.day.parse().ok();
    let month = Month::parse(&asked.month).unwrap_or_else(|| Month::of(chosen.unwrap_or(today)));
    let (mut found, always) = studio
        .look(move |generation| Ok(entries(generation.catalogue().editorial())))
        .await?;
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == asked.kind);
    let words = asked.q.to_lowercase();
    found.retain(|entry| kind.is_none_or(|kind| kind == entry.kind) && entry.holds_words(&words));
    let weeks = weeks(month, &found, today, chosen);
    let (first, last) = chosen.map_or((month.first(), month.last()), |day| (day, day));
    let listed: Vec<Entry> = found.into_iter().filter(|entry| entry.meets(first, last)).collect();
    let (total, pages) = (listed.len(), listed.len().div_ceil(LINES));
    let page = listed.into_iter().skip(asked.page.min(1_000_000) * LINES).take(LINES);
    html(&Calendar {
        p: signed.page("calendar"),
        weekdays: weekdays(signed.lang),
        weeks,
        chosen,
        lines: page.map(|entry| line(month, entry)).collect(),
        total,
        pages,
        always,
        width: (month.last() - month.first()).get_days() * STEP + STEP,
        month,
        asked,
    })
}

fn weeks(month: Month, found: &[Entry], today: Date, chosen: Option<Date>) -> Vec<Vec<Day>> {
    let weeks = month.weeks();
    let (Some(first), Some(last)) = (
        weeks.first().and_then(|week| week.first()).copied(),
        weeks.last().and_then(|week| week.last()).copied(),
    ) else {
        return Vec::new();
    };
    // Only what meets the grid is looked at day by day.
    let near: Vec<&Entry> = found.iter().filter(|entry| entry.meets(first, last)).collect();
    let day = |date: Date| {
        let turns = near.iter().filter_map(|entry| {
            let begins = entry.from == Some(date);
            (begins || entry.to == Some(date)).then_some((*entry, begins))
        });
        let turns: Vec<(&Entry, bool)> = turns.collect();
        Day {
            is_in: month.holds(date),
            is_today: date == today,
            is_chosen: chosen == Some(date),
            more: turns.len().saturating_sub(NAMED),
            named: turns
                .into_iter()
                .take(NAMED)
                .map(|(entry, begins)| (entry.clone(), begins))
                .collect(),
            holds: near.iter().filter(|entry| entry.meets(date, date)).count(),
            date,
        }
    };
    weeks
        .into_iter()
        .map(|week| week.into_iter().map(day).collect())
        .collect()
}

fn line(month: Month, entry: Entry) -> Line {
    let (first, last) = (month.first(), month.last());
    let begins = entry.from.map_or(first, |from| from.max(first));
    let ends = entry.to.map_or(last, |to| to.min(last));
    Line {
        x: (begins - first).get_days() * STEP,
        width: ((ends - begins).get_days() + 1).max(0) * STEP,
        entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn entry(title: &str, from: &str, to: &str) -> Entry {
        Entry {
            kind: DocumentKind::Playlists,
            id: title.to_lowercase(),
            title: title.to_owned(),
            territory: "35".to_owned(),
            from: from.parse().ok(),
            to: to.parse().ok(),
        }
    }

    #[test]
    fn the_end_of_a_schedule_is_its_last_day() {
        let at = |text: &str| text.parse::<Moment>().ok();
        let found = days(
            &zone(),
            at("2026-07-01T00:00:00+02:00"),
            at("2026-08-01T00:00:00+02:00"),
        );
        assert_eq!(found, Some((Some(day("2026-07-01")), Some(day("2026-07-31")))));
        let within = days(&zone(), None, at("2026-07-14T12:00:00+02:00"));
        assert_eq!(within, Some((None, Some(day("2026-07-14")))));
        assert_eq!(days(&zone(), None, None), None);
    }

    #[test]
    fn a_day_names_what_turns_and_counts_what_holds() {
        let month = Month::parse("2026-07").expect("a month");
        let found = [
            entry("Whole", "", ""),
            entry("July", "2026-07-01", "2026-07-31"),
            entry("A", "2026-07-14", "2026-07-14"),
            entry("B", "2026-07-14", ""),
            entry("C", "", "2026-07-14"),
            entry("D", "2026-07-14", "2026-07-20"),
            entry("Autumn", "2026-09-01", ""),
        ];
        let weeks = weeks(month, &found, day("2026-07-02"), Some(day("2026-07-14")));
        let fourteenth = weeks.iter().flatten().find(|one| one.is_chosen).expect("a day");
        let named: Vec<(&str, bool)> = fourteenth
            .named
            .iter()
            .map(|(entry, begins)| (entry.title.as_str(), *begins))
            .collect();
        assert_eq!(named, [("A", true), ("B", true), ("C", false)]);
        assert_eq!((fourteenth.more, fourteenth.holds), (1, 6));
        assert!(
            weeks
                .iter()
                .flatten()
                .any(|one| one.is_today && one.is_in && one.holds == 3)
        );
    }

    #[test]
    fn a_bar_stays_within_its_month() {
        let month = Month::parse("2026-07").expect("a month");
        for (from, to, x, width) in [
            ("2026-06-10", "2026-09-01", 0, 31),
            ("2026-07-31", "", 30, 1),
            ("2026-07-02", "2026-07-03", 1, 2),
        ] {
            let line = line(month, entry("A", from, to));
            assert_eq!((line.x, line.width), (x * STEP, width * STEP), "{from} {to}");
        }
    }

    #[test]
    fn words_find_titles_identifiers_and_territories() {
        let one = entry("Été indien", "", "");
        assert!(one.holds_words("") && one.holds_words("été 35") && !one.holds_words("été 26"));
    }
}
