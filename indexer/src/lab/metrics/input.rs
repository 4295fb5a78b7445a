//! Lists, judgements, catalogue and history as JSON, their names turned into dense numbers.
//!
//! Invariant: items of the catalogue have the numbers from 0; relevant items of a user are sorted and above 0.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::facets::{Facets, Written};
use rustc_hash::FxHashMap;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// The dense number of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item(u32);

impl Item {
    /// The item of a number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, for arrays.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One user of the qrels.
#[derive(Debug, Default)]
pub struct User {
    /// What is shown, first place first.
    pub list: Vec<Item>,
    /// What is relevant, and how much; sorted by item.
    pub relevant: Vec<(Item, f64)>,
    /// What the user had before.
    pub history: Vec<Item>,
}

impl User {
    /// How relevant an item is; 0 if not at all.
    pub fn relevance(&self, item: Item) -> f64 {
        let place = self.relevant.binary_search_by_key(&item, |(item, _)| *item);
        place.map_or(0.0, |place| self.relevant[place].1)
    }
}

/// The history of all readers, by item.
#[derive(Debug, Default)]
pub struct Seen {
    /// Readers with a history.
    pub users: usize,
    /// All acts.
    pub total: u64,
    acts: Vec<u32>,
    readers: Vec<u32>,
    ranks: Vec<u32>,
}

impl Seen {
    /// Counts what one reader had.
    fn add(&mut self, had: &[Item]) {
        self.users += usize::from(!had.is_empty());
        let mut once = std::collections::HashSet::new();
        for item in had {
            let place = item.index();
            if self.acts.len() <= place {
                self.acts.resize(place + 1, 0);
                self.readers.resize(place + 1, 0);
            }
            self.total += 1;
            self.acts[place] += 1;
            self.readers[place] += u32::from(once.insert(*item));
        }
    }

    /// How many readers had an item.
    pub fn readers(&self, item: Item) -> u32 {
        self.readers.get(item.index()).copied().unwrap_or(0)
    }

    /// How often it was had.
    pub fn acts(&self, item: Item) -> u32 {
        self.acts.get(item.index()).copied().unwrap_or(0)
    }

    /// Its rank by acts from 1, equal counts having one; none where it was never had.
    pub fn popularity_rank(&self, item: Item) -> Option<u32> {
        self.ranks.get(item.index()).copied().filter(|rank| *rank > 0)
    }
}

/// Everything that lists are judged by.
#[derive(Debug, Default)]
pub struct Data {
    /// The users of the qrels, by name.
    pub users: Vec<User>,
    /// The number of items of the catalogue, if there is one.
    pub catalogue: Option<usize>,
    /// The history of all readers, if there is one.
    pub seen: Option<Seen>,
    /// The facets of items, if there are any.
    pub facets: Option<Facets>,
    genres: Vec<Vec<u32>>,
    masks: Option<Vec<u64>>,
}

impl Data {
    /// From numbers: the genres of each item of the catalogue, the users, and what all readers had.
    pub fn of_numbers(mut genres: Vec<Vec<u32>>, users: Vec<User>, readers: &[Vec<Item>]) -> Self {
        for numbers in &mut genres {
            numbers.sort_unstable();
            numbers.dedup();
        }
        let mut seen = Seen::default();
        readers.iter().for_each(|had| seen.add(had));
        seen.ranks = dense_ranks(&seen.acts);
        Self {
            users,
            catalogue: Some(genres.len()),
            masks: masks(&genres),
            seen: Some(seen),
            facets: None,
            genres,
        }
    }

    /// The genres of an item, sorted; none where it is unknown.
    pub fn genres(&self, item: Item) -> &[u32] {
        self.genres.get(item.index()).map_or(&[], Vec::as_slice)
    }

    /// The genres of two items as bits, where there are no more than 64 in all.
    pub(super) fn masks(&self, one: Item, other: Item) -> Option<(u64, u64)> {
        let masks = self.masks.as_ref()?;
        let of = |item: Item| masks.get(item.index()).copied().unwrap_or(0);
        Some((of(one), of(other)))
    }
}

fn masks(genres: &[Vec<u32>]) -> Option<Vec<u64>> {
    let fits = genres.iter().flatten().all(|genre| *genre < 64);
    let mask = |genres: &Vec<u32>| genres.iter().fold(0, |mask, genre| mask | 1 << genre);
    fits.then(|| genres.iter().map(mask).collect())
}

/// Why an input cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Not the expected JSON.
    #[error("the {what} is not valid: {source}")]
    Json {
        /// Run, qrels, items or history.
        what: &'static str,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A relevance that is no finite number.
    #[error("the qrels give {user:?} a relevance of {item:?} that is not finite")]
    Relevance {
        /// The user.
        user: String,
        /// The item.
        item: String,
    },
}

/// The texts of the four files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Texts<'a> {
    /// `{"user": ["item", …]}`.
    pub run: &'a str,
    /// `{"user": {"item": 1}}`.
    pub qrels: &'a str,
    /// `{"item": ["genre", …]}`, also the catalogue.
    pub items: Option<&'a str>,
    /// `{"user": ["item", …]}`.
    pub history: Option<&'a str>,
    /// `{"item": {"category", "venue_kind", "subcategory", "venue", "genre"}}`.
    pub facets: Option<&'a str>,
}

impl Texts<'_> {
    /// Reads and numbers everything.
    pub fn read(self) -> Result<Data, InputError> {
        let run: HashMap<Name<'_>, Names<'_>> = parsed(self.run, "run")?;
        let qrels: HashMap<Name<'_>, HashMap<Name<'_>, f64>> = parsed(self.qrels, "qrels")?;
        let items: Option<HashMap<Name<'_>, Names<'_>>> = self.items.map(|text| parsed(text, "items")).transpose()?;
        let history: Option<HashMap<Name<'_>, Names<'_>>> =
            self.history.map(|text| parsed(text, "history")).transpose()?;
        let facets: Option<HashMap<Name<'_>, Written>> = self.facets.map(|text| parsed(text, "facets")).transpose()?;
        let mut numbers = Numbers::default();
        let mut data = Data {
            catalogue: items.as_ref().map(HashMap::len),
            genres: items.map_or_else(Vec::new, |items| numbers.catalogue(items)),
            ..Data::default()
        };
        data.masks = masks(&data.genres);
        data.users = users(&run, qrels, history.as_ref(), &mut numbers)?;
        data.seen = history.map(|history| numbers.seen(&history));
        data.facets = facets.map(|facets| numbers.facets(facets));
        Ok(data)
    }
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str, what: &'static str) -> Result<T, InputError> {
    serde_json::from_str(text).map_err(|source| InputError::Json { what, source })
}

/// The users of the qrels in the order of their names, so that sums are the same in every run.
fn users<'a>(
    run: &HashMap<Name<'a>, Names<'a>>,
    qrels: HashMap<Name<'a>, HashMap<Name<'a>, f64>>,
    history: Option<&HashMap<Name<'a>, Names<'a>>>,
    numbers: &mut Numbers<'a>,
) -> Result<Vec<User>, InputError> {
    let mut named: Vec<_> = qrels.into_iter().collect();
    named.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0));
    let mut users = Vec::with_capacity(named.len());
    for (name, judged) in named {
        let mut of = |lists: Option<&HashMap<Name<'a>, Names<'a>>>| {
            let names = lists.and_then(|lists| lists.get(&name));
            names.map_or_else(Vec::new, |names| {
                names.0.iter().map(|name| numbers.item(name)).collect()
            })
        };
        let (list, history) = (of(Some(run)), of(history));
        let mut relevant = Vec::with_capacity(judged.len());
        for (item, gain) in judged {
            if !gain.is_finite() {
                return Err(InputError::Relevance {
                    user: name.0.into(),
                    item: item.0.into(),
                });
            }
            if gain > 0.0 {
                relevant.push((numbers.item(&item), gain));
            }
        }
        relevant.sort_by_key(|(item, _)| *item);
        users.push(User {
            list,
            relevant,
            history,
        });
    }
    Ok(users)
}

#[derive(Default)]
struct Numbers<'a>(FxHashMap<Name<'a>, Item>);

impl<'a> Numbers<'a> {
    fn item(&mut self, name: &Name<'a>) -> Item {
        let next = Item(u32::try_from(self.0.len()).unwrap_or(u32::MAX));
        match self.0.get(name) {
            Some(item) => *item,
            None => *self.0.entry(name.clone()).or_insert(next),
        }
    }

    fn facets(&mut self, facets: HashMap<Name<'a>, Written>) -> Facets {
        let mut named: Vec<_> = facets.into_iter().collect();
        named.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0));
        Facets::new(named.into_iter().map(|(name, one)| (self.item(&name), one)).collect())
    }

    /// Numbers the catalogue in the order of its names; genres by item.
    fn catalogue(&mut self, items: HashMap<Name<'a>, Names<'a>>) -> Vec<Vec<u32>> {
        let mut named: Vec<_> = items.into_iter().collect();
        named.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0));
        let mut genres = HashMap::new();
        let mut by_item = Vec::with_capacity(named.len());
        for (name, words) in named {
            self.item(&name);
            let mut numbers: Vec<u32> = Vec::with_capacity(words.0.len());
            for word in words.0 {
                let next = u32::try_from(genres.len()).unwrap_or(u32::MAX);
                numbers.push(*genres.entry(word).or_insert(next));
            }
            numbers.sort_unstable();
            numbers.dedup();
            by_item.push(numbers);
        }
        by_item
    }

    fn seen(&mut self, history: &HashMap<Name<'a>, Names<'a>>) -> Seen {
        let mut seen = Seen::default();
        for names in history.values() {
            let had: Vec<Item> = names.0.iter().map(|name| self.item(name)).collect();
            seen.add(&had);
        }
        seen.ranks = dense_ranks(&seen.acts);
        seen
    }
}

/// 1 for the highest count, equal counts alike, 0 for none.
fn dense_ranks(counts: &[u32]) -> Vec<u32> {
    let mut distinct: Vec<u32> = counts.iter().copied().filter(|count| *count > 0).collect();
    distinct.sort_unstable_by(|a, b| b.cmp(a));
    distinct.dedup();
    let rank: HashMap<u32, u32> = distinct.into_iter().zip(1..).collect();
    counts
        .iter()
        .map(|count| rank.get(count).copied().unwrap_or(0))
        .collect()
}

/// A name, borrowed from the text wherever it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.into())))
            }
        }
        input.deserialize_str(Text)
    }
}

/// Names in order; a lone text is a list of one, null of none.
#[derive(Debug, Default)]
struct Names<'a>(Vec<Name<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Names<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Names<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an array of texts")
            }

            fn visit_unit<E: Error>(self) -> Result<Names<'de>, E> {
                Ok(Names::default())
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Names<'de>, E> {
                Ok(Names(vec![Name(Cow::Borrowed(text))]))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Names<'de>, E> {
                Ok(Names(vec![Name(Cow::Owned(text.into()))]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Names<'de>, A::Error> {
                let mut names = Vec::with_capacity(seq.size_hint().unwrap_or(0));
                while let Some(name) = seq.next_element()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        input.deserialize_any(List)
    }
}
