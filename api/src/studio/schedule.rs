//! The schedule of a document on a small month: two presses choose the first and the last day.
//!
//! Part of the editors of playlists and homes. Invariants: a chosen day is whole, by the studio's clock; the month
//! shows how many other documents of the kind hold on each day.

use florilege_engine::document::DocumentKind;
use florilege_engine::live::Generation;
use florilege_engine::time::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::calendar::{Entry, entries};
use super::form::Form;
use super::month::{Month, weekdays};
use super::page::zone;
use super::words::Lang;
use crate::app::clock;

/// A day to press.
pub(super) struct Day {
    pub(super) date: Date,
    /// Whether it is of the month.
    pub(super) is_in: bool,
    /// Whether the schedule holds on it.
    pub(super) is_held: bool,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// How many others hold on it.
    pub(super) others: usize,
}

/// A month to choose days in.
pub(super) struct Picker {
    pub(super) month: Month,
    pub(super) weekdays: Vec<(String, String)>,
    pub(super) weeks: Vec<Vec<Day>>,
    /// Whether it was used just now.
    pub(super) is_open: bool,
}

/// The days of a schedule: the first, and the last.
fn held(schedule: &Map<String, Value>) -> (Option<Date>, Option<Date>) {
    let at = |name: &str| {
        let moment: Option<Moment> = schedule.get(name).and_then(Value::as_str)?.parse().ok();
        moment.map(Moment::timestamp)
    };
    let from = at("from").map(|at| at.to_zoned(zone()).date());
    let before = at("to").and_then(|at| at.checked_sub(1.nanosecond()).ok());
    (from, before.map(|at| at.to_zoned(zone()).date()))
}

/// The first moment of a day.
fn midnight(day: Date) -> Option<Value> {
    let zoned = day.to_zoned(zone()).ok()?;
    Some(json!(Moment::with_offset(zoned.timestamp(), zoned.offset())))
}

/// What the pressed button does to a schedule: `day|DATE`, `always|`.
pub(super) fn act(act: &str, schedule: &mut Map<String, Value>) {
    let Some((verb, rest)) = act.split_once('|') else {
        return;
    };
    match verb {
        "always" => schedule.clear(),
        "day" => {
            let Ok(day) = rest.parse::<Date>() else { return };
            choose(day, schedule);
        }
        _ => {}
    }
}

/// A first press begins anew, a second one ends; a day before the first becomes the first.
fn choose(day: Date, schedule: &mut Map<String, Value>) {
    let begun = held(schedule);
    let mut put = |name: &str, day: Option<Date>| match day.and_then(midnight) {
        Some(at) => _ = schedule.insert(name.to_owned(), at),
        None => _ = schedule.remove(name),
    };
    match begun {
        (Some(from), None) if from <= day => put("to", day.tomorrow().ok()),
        _ => {
            put("from", Some(day));
            put("to", None);
        }
    }
}

impl Picker {
    /// The month of a form: the one asked for, else that of the schedule, else the present one.
    pub(super) fn of(
        generation: &Generation,
        lang: Lang,
        (kind, id): (DocumentKind, &str),
        form: &Form,
        body: &Map<String, Value>,
    ) -> Self {
        let schedule = body
            .get("schedule")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let held = held(&schedule);
        let pressed = form.get("act").split_once('|');
        let asked = pressed.and_then(|(verb, rest)| Month::parse(rest).filter(|_| verb == "month"));
        let month = asked
            .or_else(|| Month::parse(form.get("month")))
            .or_else(|| held.0.or(held.1).map(Month::of))
            .unwrap_or_else(|| Month::at(clock().timestamp()));
        let (found, _) = entries(generation.catalogue().editorial());
        let others: Vec<Entry> = found
            .into_iter()
            .filter(|one| one.kind == kind && one.id != id && one.meets(month.first(), month.last()))
            .collect();
        let day = |date: Date| day(month, held, &others, date);
        let weeks = month.weeks().into_iter();
        Self {
            month,
            weekdays: weekdays(lang),
            weeks: weeks.map(|week| week.into_iter().map(day).collect()).collect(),
            is_open: pressed.is_some_and(|(verb, _)| matches!(verb, "day" | "month" | "always")),
        }
    }
}

fn day(month: Month, held: (Option<Date>, Option<Date>), others: &[Entry], date: Date) -> Day {
    let (from, to) = held;
    let is_scheduled = from.is_some() || to.is_some();
    Day {
        is_in: month.holds(date),
        is_held: is_scheduled && from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to),
        is_first: from == Some(date),
        is_last: to == Some(date),
        others: others.iter().filter(|one| one.meets(date, date)).count(),
        date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(schedule: Value, acts: &[&str]) -> Value {
        let mut schedule = schedule.as_object().cloned().expect("an object");
        acts.iter().for_each(|one| act(one, &mut schedule));
        Value::Object(schedule)
    }

    #[test]
    fn two_presses_are_a_first_and_a_last_day() {
        let july = json!({"from": "2026-07-01T00:00:00+02:00", "to": "2026-08-01T00:00:00+02:00"});
        assert_eq!(after(json!({}), &["day|2026-07-01", "day|2026-07-31"]), july);
        let one = json!({"from": "2026-10-25T00:00:00+02:00", "to": "2026-10-26T00:00:00+01:00"});
        assert_eq!(
            after(json!({}), &["day|2026-10-25", "day|2026-10-25"]),
            one,
            "a day of 25 hours"
        );
        let begun = json!({"from": "2026-06-30T00:00:00+02:00"});
        assert_eq!(
            after(json!({}), &["day|2026-07-01", "day|2026-06-30"]),
            begun,
            "an earlier first day"
        );
        assert_eq!(
            after(july.clone(), &["day|2026-06-30"]),
            begun,
            "a third press begins anew"
        );
        assert_eq!(after(july.clone(), &["always|"]), json!({}));
        for nothing in ["", "day", "day|tomorrow", "month|2026-08", "add|playlist"] {
            assert_eq!(after(july.clone(), &[nothing]), july, "{nothing}");
        }
    }

    #[test]
    fn days_are_held_from_the_first_to_the_last() {
        let month = Month::parse("2026-07").expect("a month");
        let at = |text: &str| text.parse::<Date>().expect("a day");
        let held = (Some(at("2026-07-02")), Some(at("2026-07-03")));
        let shown: Vec<(bool, bool, bool)> = ["2026-07-01", "2026-07-02", "2026-07-03", "2026-07-04"]
            .into_iter()
            .map(|text| day(month, held, &[], at(text)))
            .map(|one| (one.is_held, one.is_first, one.is_last))
            .collect();
        let no = (false, false, false);
        assert_eq!(shown, [no, (true, true, false), (true, false, true), no]);
        assert!(
            !day(month, (None, None), &[], at("2026-07-01")).is_held,
            "no schedule marks nothing"
        );
    }
}
