//! Schedules: dates as venues really hold them, in the local time of the place.
//!
//! Invariant: dates rise, none stands twice, and each is a civil time of the venue's zone with its offset then.

use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::draw::Draw;
use super::lines::Schedule;
use crate::time::Moment;

/// The dates of an offer as seen at `now`; most lie ahead, a few are already over.
pub(super) fn dates(schedule: Schedule, draw: &mut Draw, zone: &TimeZone, now: Moment) -> Vec<Moment> {
    let today = zone.to_datetime(now.timestamp()).date();
    let first = today_or_after(draw, today, schedule);
    let mut civil = match schedule {
        Schedule::Never => Vec::new(),
        Schedule::Evening => evenings(draw, first),
        Schedule::Cinema => sessions(draw, first),
        Schedule::Workshop => weekly(
            draw,
            first,
            [Weekday::Wednesday, Weekday::Saturday],
            &[(10, 0), (14, 0), (17, 30)],
        ),
        Schedule::Weekend => weekly(
            draw,
            first,
            [Weekday::Saturday, Weekday::Sunday],
            &[(10, 30), (14, 30), (16, 0)],
        ),
        Schedule::Festival => days_in_a_row(draw, first),
        Schedule::Open => mornings(draw, first),
        Schedule::Online => vec![(first, *draw.pick(&[(18, 0), (19, 0), (20, 30)]))],
    };
    civil.sort_unstable();
    civil.dedup();
    civil
        .into_iter()
        .filter_map(|(day, time)| moment(day, time, zone))
        .collect()
}

type Clock = (i8, i8);

/// The first day: soon more often than late; in 3 % of cases everything is over, in 6 % it has begun.
fn today_or_after(draw: &mut Draw, today: Date, schedule: Schedule) -> Date {
    let span = if schedule == Schedule::Cinema { 3 } else { 90 };
    let ahead = draw.between(0, span).min(draw.between(0, span));
    let past = if draw.chance(30) {
        draw.between(40, 120)
    } else if draw.chance(60) {
        draw.between(1, 14)
    } else {
        0
    };
    after(today, if past > 0 { -past } else { ahead })
}

fn evenings(draw: &mut Draw, first: Date) -> Vec<(Date, Clock)> {
    let count = draw.between(1, 4).min(draw.between(1, 4));
    if draw.chance(120) {
        let start = on_or_after(first, Weekday::Sunday);
        let time = *draw.pick(&[(15, 0), (16, 0), (17, 0)]);
        return (0..count).map(|week| (after(start, 7 * week), time)).collect();
    }
    let days = [
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Saturday,
    ];
    let time = *draw.pick(&[(19, 0), (19, 30), (20, 0), (20, 30), (20, 30), (21, 0)]);
    (0..count)
        .map(|week| (on_or_after(after(first, 7 * (week / 2)), *draw.pick(&days)), time))
        .collect()
}

fn sessions(draw: &mut Draw, first: Date) -> Vec<(Date, Clock)> {
    let times = [(14, 0), (16, 15), (18, 30), (20, 45)];
    (0..draw.between(3, 9))
        .map(|_| {
            let day = after(first, draw.between(0, 13));
            let matinee = draw.chance(450);
            let weekday = *draw.pick(&[Weekday::Wednesday, Weekday::Saturday, Weekday::Sunday]);
            if matinee {
                (on_or_after(day, weekday), *draw.pick(&times[..2]))
            } else {
                (day, *draw.pick(&times[2..]))
            }
        })
        .collect()
}

fn weekly(draw: &mut Draw, first: Date, weekdays: [Weekday; 2], times: &[Clock]) -> Vec<(Date, Clock)> {
    let start = on_or_after(first, *draw.pick(&weekdays));
    let time = *draw.pick(times);
    (0..draw.between(1, 5))
        .map(|week| (after(start, 7 * week), time))
        .collect()
}

fn days_in_a_row(draw: &mut Draw, first: Date) -> Vec<(Date, Clock)> {
    let start = on_or_after(first, *draw.pick(&[Weekday::Thursday, Weekday::Friday]));
    let time = *draw.pick(&[(10, 0), (14, 0), (18, 0), (19, 0)]);
    (0..draw.between(1, 4)).map(|day| (after(start, day), time)).collect()
}

fn mornings(draw: &mut Draw, first: Date) -> Vec<(Date, Clock)> {
    if draw.chance(600) {
        return Vec::new();
    }
    (0..draw.between(5, 20))
        .map(|day| after(first, day))
        .filter(|day| day.weekday() != Weekday::Monday)
        .map(|day| (day, (10, 0)))
        .collect()
}

fn on_or_after(day: Date, weekday: Weekday) -> Date {
    after(day, i64::from(day.weekday().until(weekday)))
}

/// The day so many days later; the same one beyond the end of the calendar, which a checked plan keeps far away.
fn after(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}

fn moment(day: Date, (hour, minute): Clock, zone: &TimeZone) -> Option<Moment> {
    let time = Time::new(hour, minute, 0, 0).ok()?;
    let at = zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()?;
    Some(Moment::with_offset(at, zone.to_offset(at)))
}
