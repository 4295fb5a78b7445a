//! Lines: the ways to offer, and the kinds of venue, as data (`engine/data/generate/lines.toml`, `venues.toml`).
//!
//! A line says for one subcategory which works, where, when and at what price. Invariant: what is resolved here has
//! no empty list where one entry is drawn, and names only kinds, pools and subcategories that exist.

use serde::Deserialize;

use super::draw::stride;
use super::works::{Pool, Work, topic};
use crate::taxonomy::{Kind, Taxonomy};

const LINES: &str = include_str!("../../data/generate/lines.toml");
const VENUES: &str = include_str!("../../data/generate/venues.toml");

/// When a line takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Schedule {
    /// Always available.
    #[default]
    Never,
    /// Evenings from Tuesday to Saturday, Sunday afternoons.
    Evening,
    /// Sessions of the coming two weeks, most on Wednesday and Saturday.
    Cinema,
    /// Wednesdays or Saturdays, week after week.
    Workshop,
    /// Saturdays or Sundays by day.
    Weekend,
    /// Days in a row from a Thursday or Friday.
    Festival,
    /// Open doors: no dates, or every morning for some weeks.
    Open,
    /// One evening, online.
    Online,
}

/// One way to offer, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine {
    subcategory: String,
    share: u64,
    boost: u64,
    venues: Vec<String>,
    pool: Option<Pool>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    english: bool,
    #[serde(default)]
    own: bool,
    titles: Vec<String>,
    #[serde(default)]
    axes: Vec<Vec<String>>,
    #[serde(default)]
    years: bool,
    #[serde(default)]
    genres: Vec<String>,
    prices: Vec<u32>,
    #[serde(default)]
    price_by_variant: bool,
    #[serde(default)]
    free: u32,
    #[serde(default)]
    schedule: Schedule,
    #[serde(default)]
    ages: Vec<u8>,
    #[serde(default)]
    age_chance: u32,
    #[serde(default)]
    youth: u32,
    tags: Vec<String>,
    #[serde(default)]
    more: Vec<String>,
}

/// One way to offer.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) subcategory: String,
    pub(super) kind: Kind,
    pub(super) duo: bool,
    /// Its weight among all lines.
    pub(super) share: u64,
    /// How much more than others it is booked.
    pub(super) boost: u64,
    /// Indices of kinds of venue.
    pub(super) venues: Vec<usize>,
    pub(super) pool: Option<Pool>,
    pub(super) works: Vec<Work>,
    /// Spreads neighbours in the table over the ranks.
    pub(super) stride: u64,
    pub(super) language: Option<&'static str>,
    /// Whether an offer is its own item.
    pub(super) own: bool,
    pub(super) item_prefix: String,
    pub(super) titles: Vec<String>,
    pub(super) axes: Vec<Vec<String>>,
    pub(super) genres: Vec<String>,
    pub(super) prices: Vec<u32>,
    /// Whether the price follows from the first axis.
    pub(super) price_by_variant: bool,
    pub(super) free: u32,
    pub(super) schedule: Schedule,
    pub(super) ages: Vec<u8>,
    pub(super) age_chance: u32,
    pub(super) youth: u32,
    pub(super) tags: Vec<String>,
    pub(super) more: Vec<String>,
}

/// A kind of venue, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VenueKind {
    pub(super) key: String,
    pub(super) label: String,
    /// How many of each round of venues.
    pub(super) count: usize,
    pub(super) min_inhabitants: u64,
    #[serde(default)]
    pub(super) online: bool,
    /// The name of the first in a town.
    pub(super) first: String,
    pub(super) names: Vec<String>,
}

#[derive(Deserialize)]
struct RawLines {
    line: Vec<RawLine>,
}

#[derive(Deserialize)]
struct RawKinds {
    kind: Vec<VenueKind>,
}

/// The kinds of venue; `None` where the table is not well formed.
pub(super) fn kinds() -> Option<Vec<VenueKind>> {
    let raw: RawKinds = toml::from_str(VENUES).ok()?;
    let sound = |kind: &VenueKind| kind.count > 0 && !kind.names.is_empty();
    raw.kind.iter().all(sound).then_some(raw.kind)
}

/// The lines; `None` where the table is not well formed.
pub(super) fn lines(kinds: &[VenueKind], taxonomy: &Taxonomy) -> Option<Vec<Line>> {
    let raw: RawLines = toml::from_str(LINES).ok()?;
    (0..)
        .zip(raw.line)
        .map(|(place, line)| resolve(place, line, kinds, taxonomy))
        .collect()
}

fn resolve(place: usize, raw: RawLine, kinds: &[VenueKind], taxonomy: &Taxonomy) -> Option<Line> {
    let subcategory = taxonomy.subcategory(taxonomy.find(&raw.subcategory)?);
    let works = match raw.pool {
        Some(pool) => pool.works()?,
        None => raw.topics.iter().map(|text| topic(text)).collect::<Option<_>>()?,
    };
    let venues = raw.venues.iter().map(|key| kinds.iter().position(|k| k.key == *key));
    let line = Line {
        kind: subcategory.kind,
        duo: subcategory.duo,
        venues: venues.collect::<Option<_>>()?,
        stride: stride(works.len() as u64),
        language: language(raw.english, &taxonomy.category(subcategory.category).key),
        item_prefix: format!("work-{}-{place}-", raw.subcategory.to_lowercase().replace('_', "-")),
        axes: axes(raw.axes, raw.years),
        subcategory: raw.subcategory,
        share: raw.share,
        boost: raw.boost,
        pool: raw.pool,
        works,
        own: raw.own,
        titles: raw.titles,
        genres: raw.genres,
        prices: raw.prices,
        price_by_variant: raw.price_by_variant,
        free: raw.free,
        schedule: raw.schedule,
        ages: raw.ages,
        age_chance: raw.age_chance,
        youth: raw.youth,
        tags: raw.tags,
        more: raw.more,
    };
    line.is_drawable().then_some(line)
}

impl Line {
    fn is_drawable(&self) -> bool {
        let no_gap = self.axes.iter().all(|axis| !axis.is_empty());
        let ages = self.age_chance == 0 || !self.ages.is_empty();
        let priced = !self.price_by_variant || self.axes.first().is_some_and(|a| a.len() == self.prices.len());
        let drawn = [
            self.venues.len(),
            self.works.len(),
            self.titles.len(),
            self.prices.len(),
        ];
        no_gap && ages && priced && drawn.iter().all(|count| *count > 0) && !self.tags.is_empty()
    }

    /// How many variants each work has.
    pub(super) fn variants(&self) -> u64 {
        self.axes.iter().map(|axis| axis.len() as u64).product()
    }

    /// What a variant adds to the title: one choice of each axis that is not blank, in brackets. No edition is
    /// older than the work.
    pub(super) fn suffix(&self, work: &Work, mut variant: u64) -> String {
        let mut words = Vec::new();
        for axis in &self.axes {
            let count = axis.len() as u64;
            words.push(axis[(variant % count) as usize].as_str());
            variant /= count;
        }
        words.retain(|word| !word.is_empty() && !is_year_before(word, &work.year));
        if words.is_empty() {
            String::new()
        } else {
            format!(" ({})", words.join(", "))
        }
    }
}

fn is_year_before(word: &str, work_year: &str) -> bool {
    let year = |text: &str| text.parse::<u32>().ok();
    matches!((year(word), year(work_year)), (Some(edition), Some(work)) if edition < work)
}

/// The axes of variants; editions have years as the slowest one.
fn axes(mut axes: Vec<Vec<String>>, years: bool) -> Vec<Vec<String>> {
    if years {
        let printed = (1985..=2024).rev().map(|year| year.to_string());
        axes.push(std::iter::once(String::new()).chain(printed).collect());
    }
    axes
}

/// The language of what is read or heard in words; other things have none.
fn language(english: bool, category: &str) -> Option<&'static str> {
    match category {
        _ if english => Some("en"),
        "LIVRE" | "SPECTACLE" | "CINEMA" | "FILM" | "CONFERENCE" | "MEDIA" => Some("fr"),
        _ => None,
    }
}
