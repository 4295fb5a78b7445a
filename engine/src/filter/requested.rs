//! The contract's `filters`, compiled: every list of texts has become numbers of this catalogue.
//!
//! Invariant: a value that the catalogue does not know matches nothing, and an empty list matches everything.

use jiff::tz::TimeZone;

use super::{Candidate, Filter, Ground};
use crate::catalogue::Catalogue;
use crate::catalogue::glance::Glance;
use crate::catalogue::row::{ItemIx, OfferRow, VenueIx};
use crate::catalogue::words::Word;
use crate::department::Department;
use crate::editorial::visitor::stands_in;
use crate::money::Cents;
use crate::query::Filters;
use crate::query::filters::{Need, PriceRange};
use crate::taxonomy::{Kind, Taxonomy};

/// The filters that a facet may be counted without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Field {
    /// `categories`
    Category = 1,
    /// `subcategories`
    Subcategory = 1 << 1,
    /// `search_groups`
    SearchGroup = 1 << 2,
    /// `kinds`
    Kind = 1 << 3,
    /// `genres`
    Genre = 1 << 4,
    /// `tags`
    Tag = 1 << 5,
    /// `labels`
    Label = 1 << 6,
    /// `venue_ids`
    Venue = 1 << 7,
    /// `languages`
    Language = 1 << 8,
    /// `price_cents` and `free`
    Price = 1 << 9,
    /// Every other filter.
    Other = 1 << 15,
}

/// A small set of dense numbers; absent means all.
#[derive(Debug, Clone, Default)]
struct Numbers(Option<[u64; 4]>);

impl Numbers {
    fn new<T>(asked: &[T], number: impl Fn(&T) -> Option<usize>) -> Self {
        if asked.is_empty() {
            return Self(None);
        }
        let mut bits = [0; 4];
        asked
            .iter()
            .filter_map(number)
            .for_each(|n| bits[n / 64] |= 1u64 << (n % 64));
        Self(Some(bits))
    }

    fn holds(&self, number: usize) -> bool {
        self.0.is_none_or(|bits| bits[number / 64] >> (number % 64) & 1 == 1)
    }
}

/// A list of dense numbers, sorted; absent means all.
#[derive(Debug, Clone)]
struct AnyOf<T>(Option<Vec<T>>);

impl<T: Ord> AnyOf<T> {
    fn new<A>(asked: &[A], number: impl Fn(&A) -> Option<T>) -> Self {
        if asked.is_empty() {
            return Self(None);
        }
        let mut numbers: Vec<T> = asked.iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self(Some(numbers))
    }

    fn holds(&self, number: &T) -> bool {
        self.0
            .as_ref()
            .is_none_or(|numbers| numbers.binary_search(number).is_ok())
    }

    fn meets(&self, numbers: &[T]) -> bool {
        self.0
            .as_ref()
            .is_none_or(|asked| asked.iter().any(|number| numbers.binary_search(number).is_ok()))
    }
}

/// Filters of one request against one catalogue.
#[derive(Debug)]
pub struct Requested<'a> {
    catalogue: &'a Catalogue,
    filters: &'a Filters,
    now: i64,
    ground: Ground,
    categories: Numbers,
    subcategories: Numbers,
    search_groups: Numbers,
    kinds: Numbers,
    labels: Option<u64>,
    genres: AnyOf<Word>,
    tags: AnyOf<Word>,
    creators: AnyOf<Word>,
    territories: AnyOf<Word>,
    departments: AnyOf<&'static str>,
    bound_to: Option<String>,
    languages: AnyOf<Word>,
    venues: AnyOf<VenueIx>,
    items: AnyOf<ItemIx>,
    dates: Option<(i64, i64)>,
    minutes: Option<(u16, u16)>,
    /// Whether a price is asked for.
    prices: bool,
    /// Whether a category, a subcategory, a search group or a kind is asked for.
    sorts: bool,
}

impl<'a> Requested<'a> {
    /// Compiles checked filters.
    pub fn new(catalogue: &'a Catalogue, filters: &'a Filters, ground: Ground, now: i64) -> Self {
        let taxonomy = catalogue.taxonomy();
        let word = |text: &String| catalogue.words().find(text);
        Self {
            catalogue,
            filters,
            now,
            ground,
            categories: Numbers::new(&filters.categories, |key| {
                taxonomy.find_category(key).map(|ix| ix.index())
            }),
            subcategories: Numbers::new(&filters.subcategories, |key| taxonomy.find(key).map(|ix| ix.index())),
            search_groups: Numbers::new(&filters.search_groups, |k| {
                taxonomy.find_search_group(k).map(|ix| ix.index())
            }),
            kinds: Numbers::new(&filters.kinds, |kind| Some(*kind as usize)),
            labels: labels(taxonomy, &filters.labels),
            genres: AnyOf::new(&filters.genres, word),
            tags: AnyOf::new(&filters.tags, word),
            creators: AnyOf::new(&filters.creators, word),
            territories: AnyOf::new(&filters.territories, word),
            departments: AnyOf::new(&filters.departments, |code| Department::find(code).map(|one| one.code)),
            bound_to: None,
            languages: AnyOf::new(&filters.languages, word),
            venues: AnyOf::new(&filters.venue_ids, |id| catalogue.find_venue(id.as_str())),
            items: AnyOf::new(&filters.item_ids, |id| catalogue.find_item(id.as_str())),
            dates: dates(filters),
            minutes: filters.time_of_day.as_ref().and_then(|time| time.minutes()),
            prices: filters.free || filters.price_cents != PriceRange::default(),
            sorts: !(filters.categories.is_empty()
                && filters.subcategories.is_empty()
                && filters.search_groups.is_empty()
                && filters.kinds.is_empty()),
        }
    }

    /// The same, and nothing that does not stand in a territory, whatever the filters say.
    #[must_use]
    pub fn bound_to(mut self, territory: Option<&str>) -> Self {
        self.bound_to = territory.map(str::to_owned);
        self
    }

    /// The bounds on the ground.
    pub const fn ground(&self) -> &Ground {
        &self.ground
    }

    /// A row as a candidate, with its distance from the origin.
    pub fn candidate<'b>(&self, row: crate::catalogue::row::Row, offer: &'b OfferRow) -> Candidate<'b> {
        let place = offer.place.and_then(|place| self.catalogue.places().get(place));
        Candidate {
            row,
            offer,
            distance: place.and_then(|place| self.ground.distance(place.position)),
        }
    }

    /// Whether digital offers and those without a place may stand.
    pub const fn takes_digital(&self) -> bool {
        self.filters.include_digital
    }

    /// Whether offers of each category may pass, some fields left out (bits of [`Field`]): those of a subcategory that
    /// fails nothing of what is asked of categories, subcategories, search groups and kinds.
    pub fn categories(&self, but: u16) -> Vec<bool> {
        let taxonomy = self.catalogue.taxonomy();
        let mut takes = vec![false; taxonomy.categories().count()];
        for (ix, sub) in taxonomy.subcategories() {
            let group = sub.search_group.map(|group| group.index());
            let misses = self.misses_by_sort(sub.category.index(), ix.index(), group, sub.kind as usize);
            takes[sub.category.index()] |= misses & !but == 0;
        }
        takes
    }

    /// Which of what is asked of categories, subcategories, search groups and kinds is failed, as bits of [`Field`].
    #[inline]
    fn misses_by_sort(&self, category: usize, subcategory: usize, group: Option<usize>, kind: usize) -> u16 {
        let need = |holds: bool, field: Field| if holds { 0 } else { field as u16 };
        let grouped = group.map_or(self.search_groups.0.is_none(), |group| self.search_groups.holds(group));
        need(self.categories.holds(category), Field::Category)
            | need(self.subcategories.holds(subcategory), Field::Subcategory)
            | need(grouped, Field::SearchGroup)
            | need(self.kinds.holds(kind), Field::Kind)
    }

    /// Whether some filter reads more of every offer than a [`Glance`] holds.
    pub fn asks_more_than_a_glance(&self) -> bool {
        let words = [
            &self.genres,
            &self.tags,
            &self.creators,
            &self.territories,
            &self.languages,
        ];
        words.iter().any(|asked| asked.0.is_some())
            || self.labels.is_some()
            || self.venues.0.is_some()
            || self.items.0.is_some()
            || self.departments.0.is_some()
            || self.bound_to.is_some()
            || self.minutes.is_some()
            || self.filters.duo
            || self.filters.age.is_some()
            || !self.filters.accessibility.is_empty()
    }

    /// Whether the whole row has to tell what the glance leaves open: several dates, or a booking that opens later.
    pub fn is_doubtful(&self, glance: &Glance) -> bool {
        self.filters.bookable_only && glance.opens_later()
            || self.dates.is_some() && glance.is_dated() && glance.only_date().is_none()
    }

    /// Whether a glance fails nothing but what is left out (bits of [`Field`]), but for the ground: what fails most is
    /// tried first.
    #[inline]
    pub fn fits_at_a_glance(&self, glance: &Glance, but: u16) -> bool {
        let left_out = |field: Field| but & field as u16 != 0;
        self.others_at_a_glance(glance)
            && (!self.prices || left_out(Field::Price) || self.price_in_range(glance.price()))
            && (!self.sorts || self.misses_at_a_glance(glance) & !but == 0)
    }

    #[inline]
    fn others_at_a_glance(&self, glance: &Glance) -> bool {
        glance.stands()
            && (!self.filters.bookable_only || glance.lasts(self.now))
            && (self.filters.include_digital || !glance.is_digital())
            && self.dates.is_none_or(|(from, to)| {
                let dates = || glance.only_date().is_none_or(|date| from <= date && date < to);
                glance.is_dated() && dates()
            })
    }

    /// The fields that a glance is enough to fail, as bits of [`Field`], but for the ground.
    pub fn misses_at_a_glance(&self, glance: &Glance) -> u16 {
        let (category, subcategory) = (glance.category(), glance.subcategory());
        let mut misses = self.misses_by_sort(category, subcategory, glance.search_group(), glance.kind());
        let mut need = |holds: bool, field: Field| misses |= if holds { 0 } else { field as u16 };
        need(self.price_in_range(glance.price()), Field::Price);
        need(self.others_at_a_glance(glance), Field::Other);
        misses
    }

    /// Every field that the offer fails, as bits of [`Field`]; none means that it is kept.
    pub fn misses(&self, offer: &OfferRow) -> u16 {
        let (category, subcategory) = (offer.category.index(), offer.subcategory.index());
        let group = offer.search_group.map(|group| group.index());
        let mut misses = self.misses_by_sort(category, subcategory, group, offer.kind as usize);
        let mut need = |holds: bool, field: Field| misses |= if holds { 0 } else { field as u16 };
        need(self.genres.meets(&offer.genres), Field::Genre);
        need(self.tags.meets(&offer.tags), Field::Tag);
        need(
            self.labels.is_none_or(|labels| offer.labels & labels != 0),
            Field::Label,
        );
        need(
            offer
                .venue
                .map_or(self.venues.0.is_none(), |venue| self.venues.holds(&venue)),
            Field::Venue,
        );
        need(
            offer
                .language
                .map_or(self.languages.0.is_none(), |word| self.languages.holds(&word)),
            Field::Language,
        );
        need(self.price_in_range(offer.price.map(Cents::get)), Field::Price);
        need(self.others_fit(offer), Field::Other);
        misses
    }

    fn price_in_range(&self, price: Option<u32>) -> bool {
        let range = self.filters.price_cents;
        let in_range = price.is_none_or(|price| {
            range.min.is_none_or(|min| price >= min.get()) && range.max.is_none_or(|max| price <= max.get())
        });
        in_range && (!self.filters.free || price == Some(0))
    }

    fn others_fit(&self, offer: &OfferRow) -> bool {
        !offer.waiting
            && (!self.filters.bookable_only || offer.is_bookable(self.now))
            && (!self.filters.duo || offer.duo)
            && self.filters.age.is_none_or(|age| is_open_to(offer, age, age))
            && self.filters.accessibility.iter().all(|need: &Need| offer.meets(*need))
            && self.creators.meets(&offer.creators)
            && self.items.holds(&offer.item)
            && self.territory_fits(offer)
            && self.dates_fit(offer)
            && self.ground_fits(offer)
    }

    fn territory_fits(&self, offer: &OfferRow) -> bool {
        let venue = || offer.venue.and_then(|venue| self.catalogue.venue(venue));
        let bound = |territory: &String| stands_in(self.catalogue, offer, territory);
        (self.territories.0.is_none() || venue().is_some_and(|venue| self.territories.meets(&venue.territories)))
            && (self.departments.0.is_none()
                || venue()
                    .and_then(|venue| venue.department)
                    .is_some_and(|one| self.departments.holds(&one.code)))
            && self.bound_to.as_ref().is_none_or(bound)
    }

    fn dates_fit(&self, offer: &OfferRow) -> bool {
        if self.dates.is_none() && self.minutes.is_none() {
            return true;
        }
        let (from, to) = self.dates.unwrap_or((i64::MIN, i64::MAX));
        let first = offer.dates.partition_point(|date| *date < from);
        let mut fitting = offer.dates[first..].iter().take_while(|date| **date < to);
        match self.minutes {
            None => fitting.next().is_some(),
            Some(minutes) => {
                let venue = offer.venue.and_then(|venue| self.catalogue.venue(venue));
                let zone = venue.map_or(TimeZone::UTC, |venue| venue.zone.clone());
                fitting.any(|date| at_time(*date, &zone, minutes))
            }
        }
    }

    fn ground_fits(&self, offer: &OfferRow) -> bool {
        if offer.kind == Kind::Digital && !self.filters.include_digital {
            return false;
        }
        if !self.ground.is_bounded() {
            return true;
        }
        match offer.place.and_then(|place| self.catalogue.places().get(place)) {
            Some(place) => self.ground.holds(place.position),
            None => self.filters.include_digital,
        }
    }
}

impl Filter for Requested<'_> {
    fn name(&self) -> &'static str {
        "filters"
    }

    fn keeps(&self, candidate: &Candidate<'_>) -> bool {
        self.misses(candidate.offer) == 0
    }
}

/// Whether somebody of at least `youngest` and at most `oldest` years fits the offer's ages.
pub(crate) fn is_open_to(offer: &OfferRow, youngest: u8, oldest: u8) -> bool {
    offer.min_age.is_none_or(|min| youngest >= min) && offer.max_age.is_none_or(|max| oldest <= max)
}

fn labels(taxonomy: &Taxonomy, asked: &[String]) -> Option<u64> {
    if asked.is_empty() {
        return None;
    }
    let number = |label: &String| taxonomy.labels().iter().position(|known| known == label);
    Some(asked.iter().filter_map(number).fold(0, |bits, n| bits | 1 << n))
}

fn dates(filters: &Filters) -> Option<(i64, i64)> {
    let range = filters.dates;
    (range.from.is_some() || range.to.is_some()).then(|| {
        (
            range.from.map_or(i64::MIN, |at| at.millis()),
            range.to.map_or(i64::MAX, |at| at.millis()),
        )
    })
}

fn at_time(millis: i64, zone: &TimeZone, (from, to): (u16, u16)) -> bool {
    let local = crate::time::Moment::from_millis(millis)
        .timestamp()
        .to_zoned(zone.clone());
    let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
    if from < to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    }
}
