//! Dates as written, and what a begin and an end become.

use super::*;

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("a zone")
}

fn at(text: &str) -> Option<String> {
    read(text, &["%m~%d~%Y".into()], &paris())
        .flatten()
        .map(|zoned| moment(zoned).to_string())
}

#[test]
fn many_ways_to_write_a_moment() {
    for (text, said) in [
        ("2025-07-05T12:30:00+02:00", "2025-07-05T12:30:00+02:00"),
        ("2026-09-27T17:00:00.000+02:00", "2026-09-27T17:00:00+02:00"),
        ("2025-07-05 12:30:00+00", "2025-07-05T12:30:00Z"),
        ("2025-07-05T12:30:00Z", "2025-07-05T12:30:00Z"),
        ("2025-07-05T12:30", "2025-07-05T12:30:00+02:00"),
        ("2025-07-05 12:30:00", "2025-07-05T12:30:00+02:00"),
        ("2025-12-05", "2025-12-05T00:00:00+01:00"),
        ("05/12/2025 20:30", "2025-12-05T20:30:00+01:00"),
        ("05/12/2025", "2025-12-05T00:00:00+01:00"),
        ("20251205", "2025-12-05T00:00:00+01:00"),
        ("12~05~2025", "2025-12-05T00:00:00+01:00"),
        ("samedi 12 juillet 2025 à 20h30", "2025-07-12T20:30:00+02:00"),
        ("1er août 2025, 9 h", "2025-08-01T09:00:00+02:00"),
        ("3 févr. 2026", "2026-02-03T00:00:00+01:00"),
    ] {
        assert_eq!(at(text).as_deref(), Some(said), "{text}");
    }
    for text in [
        "",
        "bientôt",
        "2025-13-01",
        "31/02/2025",
        "32 mai 2025",
        "2025",
        "é2345678901234",
    ] {
        assert_eq!(at(text), None, "{text}");
    }
}

fn between(begin: &str, end: &str) -> Dates {
    let one = |text: &str| {
        if text.is_empty() {
            None
        } else {
            read(text, &[], &paris())
        }
    };
    span(one(begin), one(end))
}

#[test]
fn a_short_event_is_its_begin_and_a_lone_end_stands_for_it() {
    let evening = between("2025-07-05T20:00:00+02:00", "2025-07-05T23:00:00+02:00");
    assert_eq!(evening.dates.len(), 1);
    assert_eq!(evening.dates[0].to_string(), "2025-07-05T20:00:00+02:00");
    assert_eq!(between("", "2025-07-05T23:00:00+02:00").dates.len(), 1);
    assert_eq!(between("", ""), Dates::default());
}

#[test]
fn an_end_before_the_begin_is_left_out_and_told() {
    let dates = between("2025-07-05", "2025-07-01");
    assert_eq!((dates.dates.len(), dates.mended), (1, vec![Mended::EndBeforeBegin]));
}

#[test]
fn what_lasts_has_a_date_every_day_until_its_end() {
    let dates = between("2025-10-20 10:00", "2025-10-31 18:00").dates;
    assert_eq!(dates.len(), 13);
    // The clocks go back on the 26th: still ten o'clock.
    assert_eq!(dates[6].to_string(), "2025-10-26T10:00:00+01:00");
    assert_eq!(dates[12].to_string(), "2025-10-31T18:00:00+01:00");
}

#[test]
fn decades_are_few_dates_and_told() {
    let dates = between("1975-01-01", "2035-12-31");
    assert_eq!(dates.mended, vec![Mended::DecadesLong]);
    assert!((700..2_000).contains(&dates.dates.len()), "{}", dates.dates.len());
    assert!(
        dates
            .dates
            .last()
            .expect("a date")
            .to_string()
            .starts_with("2035-12-31")
    );
    let gaps = dates
        .dates
        .windows(2)
        .map(|two| (two[1].millis() - two[0].millis()) / 86_400_000);
    assert!(gaps.max().expect("gaps") <= 32);
    let endless = between("2000-01-01", "9999-12-31");
    assert!(endless.dates.len() <= 2_000 && endless.dates.last().expect("a date").to_string() < "2110".to_owned());
}
