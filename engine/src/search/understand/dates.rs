//! Dates and times of day, as French people and visitors say them.
//!
//! "ce soir", "samedi soir", "du 3 au 5 mai", "12/12/2026", "tonight". Invariant: pure: the same words and the same
//! day give the same dates; a date without a year is the next one.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::tokens::{Token, says, says_any};

/// Words, and the days that they say.
type Said<'a> = (&'a [&'a str], Option<(Date, Date)>);
/// From a minute of the day to a span of it.
type Hours = fn(u16) -> (u16, u16);

/// When: some days, and perhaps a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    /// The first day and the first day after.
    pub(super) days: Option<(Date, Date)>,
    /// The first minute of the day, and the first one after.
    pub(super) minutes: Option<(u16, u16)>,
}

const MONTHS: [&[&str]; 12] = [
    &["janvier", "january"],
    &["fevrier", "february"],
    &["mars", "march"],
    &["avril", "april"],
    &["mai", "may"],
    &["juin", "june"],
    &["juillet", "july"],
    &["aout", "august"],
    &["septembre", "september"],
    &["octobre", "october"],
    &["novembre", "november"],
    &["decembre", "december"],
];

const WEEKDAYS: [(&[&str], Weekday); 7] = [
    (&["lundi", "monday"], Weekday::Monday),
    (&["mardi", "tuesday"], Weekday::Tuesday),
    (&["mercredi", "wednesday"], Weekday::Wednesday),
    (&["jeudi", "thursday"], Weekday::Thursday),
    (&["vendredi", "friday"], Weekday::Friday),
    (&["samedi", "saturday"], Weekday::Saturday),
    (&["dimanche", "sunday"], Weekday::Sunday),
];

const MORNING: (u16, u16) = (5 * 60, 12 * 60);
const NOON: (u16, u16) = (11 * 60 + 30, 14 * 60);
const AFTERNOON: (u16, u16) = (12 * 60, 18 * 60);
const EVENING: (u16, u16) = (18 * 60, 24 * 60);
const NIGHT: (u16, u16) = (21 * 60, 5 * 60);

/// Parts of a day, after a day: "samedi soir".
const PARTS: &[(&[&str], (u16, u16))] = &[
    (
        &[
            "soir",
            "au soir",
            "en soiree",
            "soiree",
            "dans la soiree",
            "evening",
            "night",
        ],
        EVENING,
    ),
    (&["matin", "au matin", "dans la matinee", "matinee", "morning"], MORNING),
    (&["midi", "a midi", "noon"], NOON),
    (&["apres midi", "dans l apres midi", "afternoon"], AFTERNOON),
    (&["nuit"], NIGHT),
];

/// Parts of this day, by themselves.
const TODAYS: &[(&[&str], (u16, u16))] = &[
    (&["ce soir", "tonight", "this evening"], EVENING),
    (&["ce matin", "this morning"], MORNING),
    (&["ce midi"], NOON),
    (&["cet apres midi", "cette apres midi", "this afternoon"], AFTERNOON),
    (&["cette nuit"], NIGHT),
];

/// What the words say of time, and how many words say it.
pub(super) fn when(tokens: &[Token], today: Date) -> Option<(usize, When)> {
    let days = |(taken, days): (usize, (Date, Date))| {
        let (more, minutes) = part_of_day(&tokens[taken..]).map_or((0, None), |(more, part)| (more, Some(part)));
        let when = When {
            days: Some(days),
            minutes,
        };
        (taken + more, when)
    };
    this_part(tokens, today)
        .or_else(|| range(tokens, today).map(days))
        .or_else(|| single(tokens, today).map(days))
        .or_else(|| relative(tokens, today).map(days))
        .or_else(|| month(tokens, today).map(days))
        .or_else(|| {
            let (taken, minutes) = hours(tokens)?;
            let when = When {
                days: None,
                minutes: Some(minutes),
            };
            Some((taken, when))
        })
}

fn part_of_day(tokens: &[Token]) -> Option<(usize, (u16, u16))> {
    let said = PARTS
        .iter()
        .filter_map(|(phrases, part)| Some((says_any(tokens, phrases)?, *part)));
    said.max_by_key(|(taken, _)| *taken)
}

fn this_part(tokens: &[Token], today: Date) -> Option<(usize, When)> {
    let said = TODAYS
        .iter()
        .find_map(|(phrases, part)| Some((says_any(tokens, phrases)?, *part)));
    said.map(|(taken, part)| {
        let when = When {
            days: day(today),
            minutes: Some(part),
        };
        (taken, when)
    })
}

fn day(date: Date) -> Option<(Date, Date)> {
    Some((date, date.tomorrow().ok()?))
}

fn later(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}

/// Days told from today.
fn relative(tokens: &[Token], today: Date) -> Option<(usize, (Date, Date))> {
    let to_monday = i64::from(today.weekday().to_monday_zero_offset());
    let monday = later(today, (-to_monday).days())?;
    let week = |weeks: i64| {
        Some((
            later(monday, (weeks * 7).days())?,
            later(monday, (weeks * 7 + 7).days())?,
        ))
    };
    let weekend = |weeks: i64| {
        Some((
            later(monday, (weeks * 7 + 5).days())?,
            later(monday, (weeks * 7 + 7).days())?,
        ))
    };
    let months = |from: i64| {
        let first = later(today.first_of_month(), from.months())?;
        Some((first, later(first, 1.month())?))
    };
    let begun = i64::from(to_monday >= 5);
    let said: [Said<'_>; 11] = [
        (&["aujourd hui", "aujourdhui", "today"], day(today)),
        (&["apres demain"], later(today, 2.days()).and_then(day)),
        (&["demain", "tomorrow"], later(today, 1.day()).and_then(day)),
        (
            &[
                "le week end prochain",
                "week end prochain",
                "weekend prochain",
                "le weekend prochain",
                "next weekend",
                "next week end",
            ],
            weekend(begun),
        ),
        (
            &[
                "ce week end",
                "ce weekend",
                "ce we",
                "cette fin de semaine",
                "le week end",
                "le weekend",
                "this weekend",
                "this week end",
                "week end",
                "weekend",
            ],
            weekend(0),
        ),
        (&["la semaine prochaine", "semaine prochaine", "next week"], week(1)),
        (&["cette semaine", "this week"], week(0).map(|(_, to)| (today, to))),
        (&["le mois prochain", "mois prochain", "next month"], months(1)),
        (
            &["ce mois ci", "ce mois", "this month"],
            months(0).map(|(_, to)| (today, to)),
        ),
        (
            &[
                "ces prochains jours",
                "les prochains jours",
                "prochains jours",
                "ces jours ci",
                "bientot",
            ],
            later(today, 7.days()).map(|to| (today, to)),
        ),
        (&["cet ete", "this summer"], season(today, 6, 9)),
    ];
    let said = said
        .iter()
        .filter_map(|(phrases, days)| Some((says_any(tokens, phrases)?, (*days)?)));
    said.max_by_key(|(taken, _)| *taken).or_else(|| within(tokens, today))
}

/// From the 21st of a month to the 21st of another, this year or the next.
fn season(today: Date, from: i8, to: i8) -> Option<(Date, Date)> {
    let of = |year: i16| Some((Date::new(year, from, 21).ok()?, Date::new(year, to, 22).ok()?));
    of(today.year())
        .filter(|(_, end)| *end > today)
        .or_else(|| of(today.year() + 1))
}

/// "dans 3 jours", "dans deux semaines", "d'ici 15 jours".
fn within(tokens: &[Token], today: Date) -> Option<(usize, (Date, Date))> {
    let taken = says_any(tokens, &["dans", "d ici", "in"])?;
    let count = i64::from(super::prices::number(tokens.get(taken)?)?);
    let days = match tokens.get(taken + 1)?.text.as_str() {
        "jour" | "jours" | "day" | "days" => count,
        "semaine" | "semaines" | "week" | "weeks" => 7 * count,
        _ => return None,
    };
    let there = later(today, days.min(3_660).days())?;
    let from = if says(tokens, "d ici").is_some() { today } else { there };
    Some((taken + 2, (from, there.tomorrow().ok()?)))
}

/// A day by its name or its date.
fn single(tokens: &[Token], today: Date) -> Option<(usize, (Date, Date))> {
    let taken = says_any(tokens, &["le", "ce", "on", "the", "du"]).unwrap_or(0);
    let (more, date) = date(&tokens[taken..], today, None)?;
    Some((taken + more, day(date)?))
}

fn date(tokens: &[Token], today: Date, of: Option<(i8, i16)>) -> Option<(usize, Date)> {
    weekday(tokens, today)
        .or_else(|| day_of_month(tokens, today, of))
        .or_else(|| digits(tokens, today))
}

fn weekday(tokens: &[Token], today: Date) -> Option<(usize, Date)> {
    let next = says(tokens, "next").unwrap_or(0);
    let name = tokens.get(next).filter(|token| !token.opaque)?;
    let weekday = WEEKDAYS
        .iter()
        .find(|(names, _)| names.contains(&name.text.as_str()))?
        .1;
    // "vendredi 12 décembre": the number says it.
    if let Some((more, date)) = day_of_month(&tokens[next + 1..], today, None) {
        return Some((next + 1 + more, date));
    }
    let away = i64::from(today.weekday().until(weekday));
    let prochain = says_any(&tokens[next + 1..], &["prochain", "qui vient"]).unwrap_or(0);
    let away = if away == 0 && (next > 0 || prochain > 0) {
        7
    } else {
        away
    };
    Some((next + 1 + prochain, later(today, away.days())?))
}

fn month_of(token: &Token) -> Option<i8> {
    let place = MONTHS.iter().position(|names| names.contains(&token.text.as_str()));
    place
        .filter(|_| !token.opaque)
        .and_then(|place| i8::try_from(place + 1).ok())
}

fn year_of(token: Option<&Token>) -> Option<i16> {
    let token = token.filter(|token| !token.opaque && token.text.len() == 4)?;
    token.text.parse().ok().filter(|year| (1900..=2200).contains(year))
}

fn day_number(token: &Token) -> Option<i8> {
    let digits = token
        .text
        .strip_suffix("er")
        .or(token.text.strip_suffix("st"))
        .unwrap_or(&token.text);
    digits
        .parse()
        .ok()
        .filter(|day| !token.opaque && (1..=31).contains(day))
}

/// "14 juillet", "1er mai 2027", "3" when the month is known from elsewhere.
fn day_of_month(tokens: &[Token], today: Date, of: Option<(i8, i16)>) -> Option<(usize, Date)> {
    let day = day_number(tokens.first()?)?;
    let Some(month) = tokens.get(1).and_then(month_of) else {
        let (month, year) = of?;
        return Some((1, Date::new(year, month, day).ok()?));
    };
    match year_of(tokens.get(2)) {
        Some(year) => Some((3, Date::new(year, month, day).ok()?)),
        None => Some((2, coming(month, day, today)?)),
    }
}

/// The next day of this month and number, today included.
fn coming(month: i8, day: i8, today: Date) -> Option<Date> {
    let of = |year: i16| Date::new(year, month, day).ok();
    (0..8)
        .filter_map(|more| of(today.year() + more))
        .find(|date| *date >= today)
}

/// "12/12/2026", "12/12", "2026-12-12".
fn digits(tokens: &[Token], today: Date) -> Option<(usize, Date)> {
    let number = |at: usize| -> Option<i16> { tokens.get(at).filter(|token| !token.opaque)?.text.parse().ok() };
    let glue = |at: usize, signs: &[&str]| {
        tokens
            .get(at)
            .is_some_and(|token| signs.contains(&token.after.as_str()))
    };
    if glue(0, &["-"]) && glue(1, &["-"]) && tokens.first()?.text.len() == 4 {
        let (month, day) = (i8::try_from(number(1)?).ok()?, i8::try_from(number(2)?).ok()?);
        return Some((3, Date::new(number(0)?, month, day).ok()?));
    }
    if !glue(0, &["/", "."]) {
        return None;
    }
    let (day, month) = (i8::try_from(number(0)?).ok()?, i8::try_from(number(1)?).ok()?);
    if glue(1, &["/", "."])
        && let Some(year) = number(2)
    {
        let year = if year < 100 { 2_000 + year } else { year };
        return Some((3, Date::new(year, month, day).ok()?));
    }
    glue(0, &["/"])
        .then(|| coming(month, day, today))
        .flatten()
        .map(|date| (2, date))
}

/// "du 3 au 5 mai", "entre le 3 et le 5 mai", "from 3 may to 5 may", "de vendredi à dimanche".
fn range(tokens: &[Token], today: Date) -> Option<(usize, (Date, Date))> {
    let mut at = says_any(tokens, &["du", "de", "entre le", "entre", "from"])?;
    let between = (at..tokens.len().min(at + 5))
        .find(|place| says_any(&tokens[*place..], &["au", "et le", "et", "a", "to", "until"]).is_some())?;
    let then = between + says_any(&tokens[between..], &["au", "et le", "et", "a", "to", "until"])?;
    let (more, last) = date(tokens.get(then..)?, today, None)?;
    let (used, first) = date(&tokens[at..between], today, Some((last.month(), last.year())))?;
    at += used;
    let first = if first > last {
        first.with().year(last.year()).build().ok()?
    } else {
        first
    };
    // "de vendredi à dimanche", said on a Saturday, began yesterday.
    let first = if first > last {
        later(first, (-7).days())?
    } else {
        first
    };
    (at == between && first <= last).then_some((then + more, (first, last.tomorrow().ok()?)))
}

/// "en décembre", "décembre 2026", "début mai", "en 2027".
fn month(tokens: &[Token], today: Date) -> Option<(usize, (Date, Date))> {
    let said = says_any(
        tokens,
        &[
            "au mois de",
            "au mois d",
            "en",
            "in",
            "courant",
            "fin",
            "debut",
            "mi",
            "pour le mois de",
        ],
    );
    let taken = said.unwrap_or(0);
    if let Some(year) = year_of(tokens.get(taken)) {
        let near = (today.year() - 3..=today.year() + 3).contains(&year);
        let whole = (Date::new(year, 1, 1).ok()?, Date::new(year + 1, 1, 1).ok()?);
        return (near && said.is_some()).then_some((taken + 1, whole));
    }
    let month = month_of(tokens.get(taken)?)?;
    let year = year_of(tokens.get(taken + 1));
    if said.is_none() && year.is_none() {
        return None;
    }
    let this_month = month == today.month();
    let coming = if this_month {
        Some(today.first_of_month())
    } else {
        coming(month, 1, today)
    };
    let first = year.map_or(coming, |year| Date::new(year, month, 1).ok())?;
    let (mut from, mut to) = (first, later(first, 1.month())?);
    match tokens[0].text.as_str() {
        "debut" => to = later(first, 10.days())?,
        "mi" => (from, to) = (later(first, 10.days())?, later(first, 20.days())?),
        "fin" => from = later(first, 20.days())?,
        _ => {}
    }
    Some((taken + 1 + usize::from(year.is_some()), (from, to)))
}

/// "à partir de 19h", "après 20h30", "avant 18h", "à 20h", "entre 18h et 20h".
fn hours(tokens: &[Token]) -> Option<(usize, (u16, u16))> {
    if let Some(taken) = says_any(tokens, &["entre", "de"]) {
        let (one, from) = hour(&tokens[taken..])?;
        let and = taken + one + says_any(tokens.get(taken + one..)?, &["et", "a"])?;
        let (two, to) = hour(tokens.get(and..)?)?;
        return Some((and + two, (from, to)));
    }
    let (taken, make): (usize, Hours) = [
        (
            says_any(tokens, &["a partir de", "apres", "des", "after"]),
            (|at| (at, 24 * 60)) as Hours,
        ),
        (says_any(tokens, &["avant", "before"]), |at| (0, at)),
        (says_any(tokens, &["a", "vers"]), |at| (at.saturating_sub(30), at + 61)),
    ]
    .into_iter()
    .find_map(|(taken, make)| Some((taken?, make)))?;
    let (more, at) = hour(tokens.get(taken..)?)?;
    let (from, to) = make(at);
    Some((taken + more, (from, to.min(24 * 60))))
}

/// "20h", "20h30", "20 h".
fn hour(tokens: &[Token]) -> Option<(usize, u16)> {
    let token = tokens.first().filter(|token| !token.opaque)?;
    let (hours, rest) = token.text.split_at(
        token
            .text
            .find(|sign: char| !sign.is_ascii_digit())
            .unwrap_or(token.text.len()),
    );
    let hours: u16 = hours.parse().ok().filter(|hours| *hours < 24)?;
    if rest.is_empty() {
        return says_any(&tokens[1..], &["h", "heures", "heure"]).map(|more| (1 + more, hours * 60));
    }
    let minutes = rest.strip_prefix('h')?;
    let minutes: u16 = if minutes.is_empty() {
        0
    } else {
        minutes.parse().ok().filter(|minutes| *minutes < 60)?
    };
    Some((1, hours * 60 + minutes))
}
