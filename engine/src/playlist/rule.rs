//! What a rule finds: the rows that pass its filters and match its words.
//!
//! The narrowest way in is taken: works, venues, tags or creators, a circle, else the whole catalogue. Invariant: exactly
//! the rows that a search with the rule's words and filters would match, in the order of row numbers.

use crate::catalogue::glance::Glance;
use crate::catalogue::row::Row;
use crate::editorial::playlist::Rule;
use crate::filter::{Ground, Requested};
use crate::geo::Position;
use crate::invalid::{Code, Invalid};
use crate::live::Generation;
use crate::text::{Accept, TextQuery};
use crate::time::Moment;

/// A rule against a generation.
#[derive(Debug)]
pub(crate) struct Compiled<'a> {
    rule: &'a Rule,
    requested: Requested<'a>,
    territory: Option<String>,
    /// Whether some filter sees more of every offer than a glance.
    looks_closer: bool,
}

impl<'a> Compiled<'a> {
    /// The rule, bound to a territory where there is one.
    pub(crate) fn new(
        generation: &'a Generation,
        rule: &'a Rule,
        territory: Option<&str>,
        reader: Option<Position>,
        now: Moment,
    ) -> Self {
        let ground = Ground::new(&rule.filters, reader);
        let requested = Requested::new(generation.catalogue(), &rule.filters, ground, now.millis());
        let requested = requested.bound_to(territory);
        Self {
            rule,
            looks_closer: requested.ground().is_bounded() || requested.asks_more_than_a_glance(),
            requested,
            territory: territory.map(str::to_owned),
        }
    }

    /// Whether it has no words, so that its filters say all.
    pub(crate) fn is_wordless(&self) -> bool {
        self.rule.q.trim().is_empty()
    }

    /// Whether it has words, or names works, venues, tags, creators or a circle: then few enough pass to look at them all.
    pub(crate) fn is_narrow(&self) -> bool {
        let filters = &self.rule.filters;
        let named = !filters.item_ids.is_empty()
            || !filters.venue_ids.is_empty()
            || !filters.tags.is_empty()
            || !filters.creators.is_empty();
        named || !self.rule.q.trim().is_empty() || self.requested.ground().circle().is_some()
    }

    /// Whether offers of each category may pass the filters.
    pub(crate) fn categories(&self) -> Vec<bool> {
        self.requested.categories(0)
    }

    /// Whether a row passes the filters; words are not looked at.
    pub(crate) fn passes(&self, generation: &Generation, row: Row) -> bool {
        let glance = generation.catalogue().glance(row);
        glance.is_some_and(|glance| self.lets(generation, row, glance))
    }

    /// The same of a row at a glance: few rows have to be read whole.
    fn lets(&self, generation: &Generation, row: Row, glance: &Glance) -> bool {
        if !self.requested.fits_at_a_glance(glance, 0) {
            return false;
        }
        let told = !self.looks_closer && !self.requested.is_doubtful(glance);
        let whole = || generation.catalogue().offer(row);
        told || whole().is_some_and(|offer| self.requested.misses(offer) == 0)
    }

    /// Every row that it finds.
    pub(crate) fn rows(&self, generation: &Generation) -> Result<Vec<Row>, Invalid> {
        let query = self.words(generation);
        let mut rows = if query.is_empty() {
            self.by_filters(generation)
        } else {
            let test = |row: crate::text::Row| self.passes(generation, Row(row.0));
            let found = generation.text().search(&query, Accept::Test(&test), 1);
            let failed = |error: crate::text::TextError| Invalid::one("/rule/q", Code::InvalidValue, error.to_string());
            found
                .map_err(failed)?
                .hits
                .into_iter()
                .map(|hit| Row(hit.row.0))
                .collect()
        };
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The words with what means the same, everywhere or in the territory.
    fn words(&self, generation: &Generation) -> TextQuery {
        let mut query = TextQuery::parse(&self.rule.q);
        let territories: Vec<String> = self.territory.iter().cloned().collect();
        let synonyms = generation.wording().synonyms(&territories);
        synonyms.for_each(|synonyms| query.add_synonyms(synonyms));
        query
    }

    fn by_filters(&self, generation: &Generation) -> Vec<Row> {
        let Some(mut rows) = self.ways_in(generation) else {
            let rows = generation.catalogue().glances();
            let passing = rows.filter(|(row, glance)| self.lets(generation, *row, glance));
            return passing.map(|(row, _)| row).collect();
        };
        rows.retain(|row| self.passes(generation, *row));
        rows
    }

    /// The rows of what the filters name, where they name something that few rows have.
    fn ways_in(&self, generation: &Generation) -> Option<Vec<Row>> {
        let (catalogue, filters) = (generation.catalogue(), &self.rule.filters);
        if !filters.item_ids.is_empty() {
            let items = filters
                .item_ids
                .iter()
                .filter_map(|id| catalogue.item(catalogue.find_item(id.as_str())?));
            return Some(items.flat_map(|item| item.rows.iter().copied()).collect());
        }
        if !filters.venue_ids.is_empty() {
            let venues = filters
                .venue_ids
                .iter()
                .filter_map(|id| catalogue.venue(catalogue.find_venue(id.as_str())?));
            return Some(venues.flat_map(|venue| venue.rows.iter().copied()).collect());
        }
        if !filters.tags.is_empty() || !filters.creators.is_empty() {
            let named = if filters.tags.is_empty() {
                &filters.creators
            } else {
                &filters.tags
            };
            let words = named.iter().filter_map(|name| catalogue.words().find(name));
            return Some(words.flat_map(|word| catalogue.postings().rows(word)).collect());
        }
        if let Some((centre, radius)) = self.requested.ground().circle() {
            let places = catalogue.places().within(centre, radius).into_iter();
            let placed = places.filter_map(|(place, _)| catalogue.places().get(place));
            let takes = self.categories();
            let groups = placed.flat_map(|place| place.rows.by_category());
            let rows = groups
                .filter(|(category, _)| takes[*category])
                .flat_map(|(_, rows)| rows.iter().copied());
            let nowhere = catalogue.unplaced().zip(&takes).filter(|(_, takes)| **takes);
            return Some(rows.chain(nowhere.flat_map(|(rows, _)| rows.iter().map(Row))).collect());
        }
        None
    }
}
