//! Towns: the real places of the generated catalogue, by population.
//!
//! Parsed once from the tables in `engine/data/generate/`. Invariant: towns stand by falling population, so the
//! towns of a kind of venue, "all above so many inhabitants", are the first ones.

use jiff::tz::TimeZone;

use super::draw::Draw;

const TOWNS: &str = include_str!("../../data/generate/towns.tsv");
const DEPARTMENTS: &str = include_str!("../../data/generate/departments.tsv");

/// The zone of all that has no other.
pub(super) const HOME_ZONE: &str = "Europe/Paris";

/// A department or an overseas collectivity.
#[derive(Debug)]
pub(super) struct Department {
    pub(super) code: &'static str,
    pub(super) region: &'static str,
    pub(super) zone: &'static str,
    pub(super) time_zone: TimeZone,
}

/// A town, its position in hundred-thousandths of a degree.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) name: &'static str,
    pub(super) department: usize,
    pub(super) postal_code: &'static str,
    pub(super) lat_e5: i64,
    pub(super) lng_e5: i64,
    pub(super) inhabitants: u64,
}

/// Every town and department.
#[derive(Debug)]
pub(super) struct Towns {
    pub(super) all: Vec<Town>,
    pub(super) departments: Vec<Department>,
    totals: Vec<u64>,
}

impl Towns {
    /// The tables; `None` where one is not well formed.
    pub(super) fn built_in() -> Option<Self> {
        let departments = rows(DEPARTMENTS).map(department).collect::<Option<Vec<_>>>()?;
        let mut all = rows(TOWNS)
            .map(|row| town(row, &departments))
            .collect::<Option<Vec<_>>>()?;
        all.sort_by_key(|town| std::cmp::Reverse(town.inhabitants));
        let totals = running_totals(all.iter().map(|town| town.inhabitants));
        Some(Self {
            all,
            departments,
            totals,
        })
    }

    /// How many of the first towns have at least so many inhabitants.
    pub(super) fn with_at_least(&self, inhabitants: u64) -> usize {
        self.all.partition_point(|town| town.inhabitants >= inhabitants)
    }

    /// One of the first `count` towns, the more often the more people live there.
    pub(super) fn drawn(&self, draw: &mut Draw, count: usize) -> usize {
        draw.weighted(&self.totals[..count])
    }

    /// The department of a town.
    pub(super) fn department(&self, town: usize) -> &Department {
        &self.departments[self.all[town].department]
    }
}

/// The lines of a table that are no comment, split into fields.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| line.split('|').collect())
}

/// Each weight plus all before it.
pub(super) fn running_totals(weights: impl Iterator<Item = u64>) -> Vec<u64> {
    weights
        .scan(0, |total, weight| {
            *total += weight;
            Some(*total)
        })
        .collect()
}

fn department(row: Vec<&'static str>) -> Option<Department> {
    let [code, _name, region, zone] = row[..] else {
        return None;
    };
    let zone = if zone.is_empty() { HOME_ZONE } else { zone };
    Some(Department {
        code,
        region,
        zone,
        time_zone: TimeZone::get(zone).ok()?,
    })
}

fn town(row: Vec<&'static str>, departments: &[Department]) -> Option<Town> {
    let [name, code, postal_code, lat, lng, inhabitants] = row[..] else {
        return None;
    };
    Some(Town {
        name,
        department: departments.iter().position(|d| d.code == code)?,
        postal_code,
        lat_e5: e5(lat)?,
        lng_e5: e5(lng)?,
        inhabitants: inhabitants.parse().ok()?,
    })
}

/// `-21.34` as -2134000: the tables give hundredths.
fn e5(text: &str) -> Option<i64> {
    let (whole, hundredths) = text.split_once('.')?;
    if hundredths.len() != 2 {
        return None;
    }
    let digits: i64 = format!("{whole}{hundredths}").parse().ok()?;
    Some(digits * 1_000)
}
