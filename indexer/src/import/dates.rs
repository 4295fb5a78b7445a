//! Dates as the sources have them, and the days that a begin and an end stand for.
//!
//! The engine takes an offer as bookable while one of its dates is still to come. Invariant: an event that has ended
//! by its source has no later date here, and one that lasts has a date until its end.

use florilege_engine::time::Moment;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Zoned};

use super::frame::Row;
use super::mapping::DateRules;
use super::read::LIST;
use super::report::{Mended, Reason};
use super::text::fold;

/// Formats that are known without being named, after RFC 3339.
const FORMATS: [&str; 8] = [
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y%m%d",
];
const MONTHS: [[&str; 2]; 12] = [
    ["janvier", "janv"],
    ["fevrier", "fevr"],
    ["mars", "mar"],
    ["avril", "avr"],
    ["mai", "mai"],
    ["juin", "juin"],
    ["juillet", "juil"],
    ["aout", "aout"],
    ["septembre", "sept"],
    ["octobre", "oct"],
    ["novembre", "nov"],
    ["decembre", "dec"],
];
/// Dates a day apart at first, then a week, then a month: a list stays short however long an event lasts.
const DAILY_DAYS: i64 = 366;
const WEEKLY_DAYS: i64 = 5 * 366;
const DECADE_DAYS: i64 = 3_652;
const MOST_DATES: usize = 2_000;

/// The dates of an offer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Dates {
    /// In order, without repetition.
    pub(super) dates: Vec<Moment>,
    /// What had to be mended.
    pub(super) mended: Vec<Mended>,
}

/// The dates of a row, or why it has none that can be told.
pub(super) fn dates(rules: &DateRules, row: Row<'_>) -> Result<Dates, (Reason, String)> {
    let zone = TimeZone::get(&rules.time_zone).unwrap_or(TimeZone::UTC);
    let cell = |column: &Option<String>| column.as_deref().and_then(|column| row.cell(column));
    let one = |text: &str| read(text, &rules.formats, &zone).ok_or_else(|| (Reason::BadDate, text.to_owned()));
    let begin = cell(&rules.begin).map(one).transpose()?;
    let end = cell(&rules.end).map(one).transpose()?;
    let mut found = span(begin, end);
    for text in cell(&rules.list).into_iter().flat_map(|list| parts(list, rules)) {
        found.dates.extend(one(text)?.map(moment));
    }
    found.dates.sort_unstable();
    found.dates.dedup();
    found.dates.truncate(MOST_DATES);
    if found.dates.is_empty() && rules.required {
        return Err((Reason::MissingDate, String::new()));
    }
    Ok(found)
}

fn parts<'a>(list: &'a str, rules: &'a DateRules) -> impl Iterator<Item = &'a str> {
    let separator = rules.separator.as_deref().filter(|s| !s.is_empty()).unwrap_or(";");
    list.split(LIST)
        .flat_map(move |part| part.split(separator))
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// One moment; `Some(None)` never comes, none is a text that is no date.
fn read(text: &str, formats: &[String], zone: &TimeZone) -> Option<Option<Zoned>> {
    let text = text.trim();
    let named = formats
        .iter()
        .map(String::as_str)
        .find_map(|format| by_format(text, format, zone));
    let found = named
        .or_else(|| iso(text, zone))
        .or_else(|| FORMATS.iter().find_map(|format| by_format(text, format, zone)))
        .or_else(|| in_french(text, zone))?;
    Some(Some(found))
}

/// RFC 3339 and its relatives: a space for the `T`, an offset of hours alone, no offset, no time.
fn iso(text: &str, zone: &TimeZone) -> Option<Zoned> {
    let dashed = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.is_char_boundary(10);
    if !dashed || text.contains('[') {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        let offset = jiff::fmt::temporal::Pieces::parse(text).ok()?.to_numeric_offset()?;
        return Some(at.to_zoned(TimeZone::fixed(offset)));
    }
    if text.len() == 10 {
        return text.parse::<Date>().ok()?.to_zoned(zone.clone()).ok();
    }
    text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()
}

fn by_format(text: &str, format: &str, zone: &TimeZone) -> Option<Zoned> {
    let broken = strtime::parse(format, text).ok()?;
    if let Ok(zoned) = broken.to_zoned() {
        return Some(zoned);
    }
    let civil = broken
        .to_datetime()
        .or_else(|_| broken.to_date().map(|date| date.at(0, 0, 0, 0)));
    civil.ok()?.to_zoned(zone.clone()).ok()
}

/// `samedi 12 juillet 2025 à 20h30`, `1er mai 2026`.
fn in_french(text: &str, zone: &TimeZone) -> Option<Zoned> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let month = |word: &str| MONTHS.iter().position(|names| names.contains(&word));
    let (at, month) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, month(word)?)))?;
    let day: i8 = words.get(at.checked_sub(1)?)?.trim_end_matches("er").parse().ok()?;
    let year: i16 = words.get(at + 1).filter(|year| year.len() == 4)?.parse().ok()?;
    let (hour, minute) = hour_of(&words[at + 2..]);
    let date = Date::new(year, i8::try_from(month).ok()? + 1, day).ok()?;
    date.at(hour, minute, 0, 0).to_zoned(zone.clone()).ok()
}

fn hour_of(words: &[&str]) -> (i8, i8) {
    for (at, word) in words.iter().enumerate() {
        let (hour, minute) = match word.split_once('h') {
            Some((hour, "")) => (hour, words.get(at + 1).copied().filter(|m| m.len() == 2).unwrap_or("0")),
            Some((hour, minute)) => (hour, minute),
            None if words.get(at + 1).is_some_and(|next| *next == "h") => {
                (*word, words.get(at + 2).copied().unwrap_or("0"))
            }
            None => continue,
        };
        if let (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) = (hour.parse(), minute.parse()) {
            return (hour, minute);
        }
    }
    (0, 0)
}

fn moment(at: Zoned) -> Moment {
    let text = at.timestamp().display_with_offset(at.offset()).to_string();
    text.parse().unwrap_or_else(|_| Moment::utc(at.timestamp()))
}

/// The dates between a begin and an end; either may be missing.
fn span(begin: Option<Option<Zoned>>, end: Option<Option<Zoned>>) -> Dates {
    let (begin, end) = match (begin.flatten(), end.flatten()) {
        (Some(begin), Some(end)) => (begin, end),
        (Some(one), None) | (None, Some(one)) => return only(one, Vec::new()),
        (None, None) => return Dates::default(),
    };
    let lasts = end.timestamp().duration_since(begin.timestamp());
    if lasts < SignedDuration::ZERO {
        return only(begin, vec![Mended::EndBeforeBegin]);
    }
    if lasts <= SignedDuration::from_hours(24) {
        return only(begin, Vec::new());
    }
    let mended = if lasts >= SignedDuration::from_hours(24 * DECADE_DAYS) {
        vec![Mended::DecadesLong]
    } else {
        Vec::new()
    };
    Dates {
        dates: occurrences(&begin, &end),
        mended,
    }
}

fn only(at: Zoned, mended: Vec<Mended>) -> Dates {
    Dates {
        dates: vec![moment(at)],
        mended,
    }
}

/// Begin, then the same time of day further on, and the end; a hundred years at most.
fn occurrences(begin: &Zoned, end: &Zoned) -> Vec<Moment> {
    let mut dates = Vec::new();
    let mut days = 0_i64;
    let mut months = 0_i64;
    while dates.len() + 1 < MOST_DATES && months < 1_200 {
        let step = Span::new().try_days(days).and_then(|days| days.try_months(months));
        let Ok(at) = step.and_then(|step| begin.checked_add(step)) else {
            break;
        };
        if at.timestamp() >= end.timestamp() {
            break;
        }
        dates.push(moment(at));
        if days < DAILY_DAYS {
            days += 1;
        } else if days < WEEKLY_DAYS {
            days += 7;
        } else {
            months += 1;
        }
    }
    if months < 1_200 {
        dates.push(moment(end.clone()));
    }
    dates
}

#[cfg(test)]
mod tests;
