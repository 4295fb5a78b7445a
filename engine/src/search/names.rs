//! The names of a catalogue: works, creators, venues, towns and categories, as the words of a query may say them.
//!
//! Beside the text index in a generation: understanding looks names up, completion finds those that begin so. Names
//! stand in sorted runs that are merged like those of a log-structured tree, so that a batch of changes costs what it
//! brings. Invariant: a run may hold a name that is gone, until it is merged; who reads one asks [`Named::bears`].

mod run;
mod town;

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::catalogue::Catalogue;
use crate::catalogue::row::{ItemIx, Row, VenueIx};
use crate::catalogue::words::Word;
use crate::change::Change;
use crate::text::fold;
pub use run::Found;
use run::{Fresh, Run};
use town::Towns;
pub use town::{Town, TownIx};

/// Two runs are merged when the older is not this many times longer.
const MERGE: usize = 4;
/// Offers that speak for a creator.
const WITNESSES: usize = 4;
/// Offers of a work whose titles are read to answer.
pub(super) const TITLES: usize = 8;
/// Offers of a name that are looked at.
const LOOKED_AT: usize = 64;

/// Who bears a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// A work.
    Work(ItemIx),
    /// A creator.
    Creator(Word),
    /// A venue.
    Venue(VenueIx),
    /// A town.
    Town(TownIx),
    /// A category, by its place in the taxonomy.
    Category(u8),
    /// A subcategory, by its place in the taxonomy.
    Subcategory(u8),
}

impl Named {
    /// Whether it goes by this name now, given as by [`normal`]; of a work the first `most` offers are asked. Towns and
    /// categories keep their names.
    pub fn bears(self, catalogue: &Catalogue, name: &str, most: usize) -> bool {
        match self {
            Self::Work(item) => {
                let rows = catalogue.item(item).map(|item| &item.rows[..]).unwrap_or_default();
                let mut titles = rows.iter().take(most).filter_map(|row| title(catalogue, *row));
                titles.any(|title| normal(&title) == name)
            }
            Self::Creator(word) => normal(catalogue.words().text(word)) == name,
            Self::Venue(ix) => {
                let venue = catalogue.venue(ix).and_then(|venue| venue.document.as_ref());
                venue.is_some_and(|venue| normal(&venue.name) == name)
            }
            Self::Town(_) | Self::Category(_) | Self::Subcategory(_) => true,
        }
    }
}

/// Every name of one generation. Clones share.
#[derive(Debug, Clone, Default)]
pub struct Names {
    runs: Vec<Arc<Run>>,
    towns: Towns,
}

/// What a batch of changes brings, gathered while it is applied.
#[derive(Debug, Default)]
pub(crate) struct News {
    seen: FxHashSet<(Named, Option<Row>)>,
    fresh: Vec<Fresh>,
}

/// A name as it is looked up: words alone, folded, "st" and "ste" spelt out.
pub fn normal(text: &str) -> String {
    let words = text.split(|sign: char| !crate::text::is_word_char(sign)).map(fold);
    let mut name = String::with_capacity(text.len());
    for word in words.filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(spelt(&word));
    }
    name
}

/// The abbreviations of town names, spelt out.
pub(super) fn spelt(word: &str) -> &str {
    match word {
        "st" => "saint",
        "ste" => "sainte",
        other => other,
    }
}

impl Names {
    /// The names of a whole catalogue.
    pub fn of(catalogue: &Catalogue) -> Self {
        let (mut names, mut news) = (Self::default(), News::default());
        news.taxonomy(catalogue);
        for (row, offer) in catalogue.offers() {
            for creator in &offer.creators {
                news.creator(catalogue, row, *creator);
            }
            let first = catalogue.item(offer.item).and_then(|item| item.rows.first());
            if first == Some(&row) {
                news.work(catalogue, row);
            }
        }
        for venue in catalogue.venues() {
            if let Some(ix) = catalogue.find_venue(venue.id.as_str()) {
                names.enter(&mut news, catalogue, ix);
            }
        }
        names.add(catalogue, news);
        names
    }

    /// Before a change is applied: a venue may leave its town.
    pub(crate) fn before(&mut self, catalogue: &Catalogue, change: &Change) {
        let id = match change {
            Change::VenueUpsert(venue) => &venue.id,
            Change::VenueDelete(id) => id,
            Change::OfferUpsert(_)
            | Change::OfferDelete(_)
            | Change::OfferStock(..)
            | Change::UserUpsert(_)
            | Change::UserErase(_)
            | Change::Event(_)
            | Change::Document(_) => return,
        };
        let known = catalogue.find_venue(id.as_str());
        let venue = known.and_then(|ix| Some((ix, catalogue.venue(ix)?.document.clone()?)));
        if let Some((ix, venue)) = venue {
            self.towns.leave(&venue, ix);
        }
    }

    /// After a change was applied: what it names.
    pub(crate) fn after(&mut self, news: &mut News, catalogue: &Catalogue, change: &Change) {
        match change {
            Change::OfferUpsert(offer) => {
                let Some(row) = catalogue.find(offer.id.as_str()) else {
                    return;
                };
                news.titled(catalogue, row, &offer.title);
                let creators = catalogue
                    .offer(row)
                    .map(|offer| offer.creators.clone())
                    .unwrap_or_default();
                creators
                    .iter()
                    .for_each(|creator| news.creator(catalogue, row, *creator));
            }
            Change::VenueUpsert(venue) => {
                if let Some(ix) = catalogue.find_venue(venue.id.as_str()) {
                    self.enter(news, catalogue, ix);
                }
            }
            Change::VenueDelete(_)
            | Change::OfferDelete(_)
            | Change::OfferStock(..)
            | Change::UserUpsert(_)
            | Change::UserErase(_)
            | Change::Event(_)
            | Change::Document(_) => {}
        }
    }

    /// Takes in what a batch brought.
    pub(crate) fn add(&mut self, catalogue: &Catalogue, mut news: News) {
        if self.runs.is_empty() {
            news.taxonomy(catalogue);
        }
        if news.fresh.is_empty() {
            return;
        }
        let mut run = Run::of(news.fresh);
        while let Some(older) = self.runs.last().filter(|older| older.len() < MERGE * run.len()) {
            // Every offer is asked: what is dropped here comes back with a change of its own alone.
            run = Run::merged(older, &run, |who, name| who.bears(catalogue, name, usize::MAX));
            self.runs.pop();
        }
        self.runs.push(Arc::new(run));
    }

    fn enter(&mut self, news: &mut News, catalogue: &Catalogue, ix: VenueIx) {
        let Some(venue) = catalogue.venue(ix).and_then(|venue| venue.document.clone()) else {
            return;
        };
        news.put(normal(&venue.name), Named::Venue(ix), 1, None);
        if let Some((name, town, size)) = self.towns.enter(&venue, ix) {
            news.put(name, Named::Town(town), size, None);
        }
    }

    /// Who bears exactly this name, given as by [`normal`]; some may be gone.
    pub fn exact(&self, name: &str) -> Vec<Named> {
        let mut bearers: Vec<Named> = self.runs.iter().flat_map(|run| run.exact(name)).collect();
        bearers.sort_unstable();
        bearers.dedup();
        bearers
    }

    /// Names of which a word begins so, the weightiest first within each run.
    pub fn beginning(&self, prefix: &str, most: usize) -> Vec<Found> {
        let mut found: Vec<Found> = self.runs.iter().flat_map(|run| run.beginning(prefix, most)).collect();
        found.sort_by(|one, two| two.weight.cmp(&one.weight).then_with(|| one.who.cmp(&two.who)));
        found
    }

    /// The same with at most so many typos, the first letter right.
    pub fn beginning_nearly(&self, prefix: &str, typos: u8, most: usize) -> Vec<Found> {
        let found = self
            .runs
            .iter()
            .flat_map(|run| run.beginning_nearly(prefix, typos, most));
        found.collect()
    }

    /// A town.
    pub fn town(&self, town: TownIx) -> Option<&Town> {
        self.towns.get(town)
    }

    /// How many names are kept, gone ones included.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.len()).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl News {
    fn put(&mut self, name: String, who: Named, weight: u32, row: Option<Row>) {
        if name.is_empty() || name.len() > 200 {
            return;
        }
        self.fresh.push(Fresh {
            name,
            who,
            weight,
            rows: row.into_iter().collect(),
        });
    }

    fn taxonomy(&mut self, catalogue: &Catalogue) {
        let taxonomy = catalogue.taxonomy();
        for ((_, named), ix) in taxonomy.categories().zip(0u8..) {
            self.put(normal(&named.fr), Named::Category(ix), u32::from(u16::MAX), None);
        }
        for ((_, sub), ix) in taxonomy
            .subcategories()
            .zip(0u8..)
            .filter(|((_, sub), _)| sub.selectable)
        {
            self.put(normal(&sub.named.fr), Named::Subcategory(ix), u32::from(u16::MAX), None);
        }
    }

    fn work(&mut self, catalogue: &Catalogue, row: Row) {
        if let Some(title) = title(catalogue, row) {
            self.titled(catalogue, row, &title);
        }
    }

    fn titled(&mut self, catalogue: &Catalogue, row: Row, title: &str) {
        let Some(offer) = catalogue.offer(row) else { return };
        let rows = catalogue
            .item(offer.item)
            .map(|item| Arc::clone(&item.rows))
            .unwrap_or_default();
        let looked_at = rows.iter().take(LOOKED_AT).filter_map(|row| catalogue.offer(*row));
        let weight = looked_at.fold(0u32, |sum, offer| sum.saturating_add(1 + offer.popularity()));
        if self.seen.insert((Named::Work(offer.item), None)) || rows.len() < 2 {
            self.put(normal(title), Named::Work(offer.item), weight, None);
        }
    }

    fn creator(&mut self, catalogue: &Catalogue, row: Row, creator: Word) {
        let name = normal(catalogue.words().text(creator));
        self.put(name, Named::Creator(creator), 1, Some(row));
    }
}

/// The title of an offer. Its document is read as far as that and no further: the title stands near its beginning.
pub(super) fn title(catalogue: &Catalogue, row: Row) -> Option<String> {
    let offer = catalogue.offer(row)?;
    let mut found = None;
    let mut document = serde_json::Deserializer::from_str(&offer.document);
    // Stopping early is an error of the document that is none here: what counts is what was found.
    let _ = document.deserialize_map(Titled(&mut found));
    found
}

/// Takes the title of a map and stops there.
struct Titled<'f>(&'f mut Option<String>);

impl<'de> Visitor<'de> for Titled<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an offer")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(field) = map.next_key::<String>()? {
            if field == "title" {
                *self.0 = Some(map.next_value()?);
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
