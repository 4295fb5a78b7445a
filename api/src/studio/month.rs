//! A month as a grid of weeks, Monday first.
//!
//! Drawn by the calendar and by the schedule of a document. Invariant: every day of the month stands in its grid once,
//! and only days of the weeks that the month touches.

use std::borrow::Borrow;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::page::zone;
use super::words::Lang;

/// Years that a page goes to.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    first: Date,
}

impl Month {
    /// The month of a day.
    pub(super) fn of(day: Date) -> Self {
        Self {
            first: day.first_of_month(),
        }
    }

    /// The month of a moment, by the studio's clock.
    pub(super) fn at(at: Timestamp) -> Self {
        Self::of(at.to_zoned(zone()).date())
    }

    /// Reads `2026-11`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let year: i16 = year.parse().ok().filter(|year| YEARS.contains(year))?;
        let first = Date::new(year, month.parse().ok()?, 1).ok()?;
        Some(Self { first })
    }

    /// As it is read.
    pub(super) fn value(self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }

    /// What it is called.
    pub(super) fn name(self, lang: impl Borrow<Lang>) -> String {
        let name = lang.borrow().t(&format!("month-{}", self.first.month()));
        format!("{name} {}", self.first.year())
    }

    /// The month before, as far as pages go.
    pub(super) fn before(self) -> Self {
        self.moved(-1)
    }

    /// The month after, likewise.
    pub(super) fn after(self) -> Self {
        self.moved(1)
    }

    fn moved(self, months: i32) -> Self {
        let moved = self.first.checked_add(months.months());
        let moved = moved.ok().filter(|first| YEARS.contains(&first.year()));
        Self {
            first: moved.unwrap_or(self.first),
        }
    }

    /// Its first day.
    pub(super) const fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    pub(super) fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// Whether a day is in it.
    pub(super) fn holds(self, day: Date) -> bool {
        self.first <= day && day <= self.last()
    }

    /// Its weeks, each from Monday to Sunday.
    pub(super) fn weeks(self) -> Vec<Vec<Date>> {
        let back = self.first.weekday().to_monday_zero_offset();
        let mut day = self.first.saturating_sub(i64::from(back).days());
        let mut weeks = Vec::new();
        while day <= self.last() {
            let week: Vec<Date> = (0..7).map(|place: i64| day.saturating_add(place.days())).collect();
            weeks.push(week);
            day = day.saturating_add(7.days());
        }
        weeks
    }
}

/// The names of the days of a week in order: short, and whole.
pub(super) fn weekdays(lang: Lang) -> Vec<(String, String)> {
    let name = |day: Weekday| {
        let whole = lang.t(&format!("weekday-{}", day.to_monday_one_offset()));
        (whole.chars().take(3).collect(), whole)
    };
    let first = Weekday::Monday;
    (0..7).map(|place: i64| name(first.wrapping_add(place))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days_once_in_weeks_from_monday() {
        for text in ["2026-11", "2027-02", "2024-02", "2026-06", "2000-01"] {
            let month = Month::parse(text).expect("a month");
            assert_eq!(month.value(), text);
            let weeks = month.weeks();
            assert!(
                weeks
                    .iter()
                    .all(|week| week.len() == 7 && week[0].weekday() == Weekday::Monday)
            );
            let days: Vec<Date> = weeks.into_iter().flatten().filter(|day| month.holds(*day)).collect();
            assert_eq!(
                days.len(),
                usize::try_from(month.first().days_in_month()).expect("days")
            );
            assert_eq!((days.first(), days.last()), (Some(&month.first()), Some(&month.last())));
        }
        assert_eq!(
            Month::parse("2027-02").expect("a month").weeks().len(),
            4,
            "28 days from a Monday"
        );
    }

    #[test]
    fn months_follow_each_other_and_end_somewhere() {
        let month = Month::parse("2026-12").expect("a month");
        assert_eq!(
            (month.before().value(), month.after().value()),
            ("2026-11".into(), "2027-01".into())
        );
        let last = Month::parse("2100-12").expect("a month");
        assert_eq!(last.after(), last);
        for text in ["", "2026", "2026-13", "1999-01", "2026-1x", "99999-01"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
        assert_eq!(month.name(Lang::En), "December 2026");
        assert_eq!(weekdays(Lang::Fr)[6], ("dim".to_owned(), "dimanche".to_owned()));
    }
}
