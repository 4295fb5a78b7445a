//! Who did what when, and what things are: the data that models learn from and lists are judged by.
//!
//! Read by [`read`] from MovieLens folders, from a store's own tables or, through a mapping, from any table. Invariant: users, items and genres are
//! numbered in the order of their names and a user has an item once (the latest), so that the same facts are the same
//! data, and have the same hash, whatever the order of their lines.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

pub mod mapping;
pub mod movielens;
pub mod read;
mod tables;
#[cfg(test)]
mod tests;

/// One act of one reader.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Act {
    /// The user's number.
    pub user: u32,
    /// The item's number.
    pub item: u32,
    /// A rating, a count; 1 where there is none.
    pub value: f32,
    /// Seconds since 1970; 0 where there is none.
    pub time: i64,
}

/// Everything that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dataset {
    /// What the data is called.
    pub name: String,
    /// Names of users.
    pub users: Vec<String>,
    /// Names of items: all of the catalogue, and those only the acts know.
    pub items: Vec<String>,
    /// Titles of items; empty where unknown.
    pub titles: Vec<String>,
    /// Names of genres.
    pub genres: Vec<String>,
    /// The genres of each item, the main one first.
    pub of_item: Vec<Vec<u32>>,
    /// Acts by user, then time, then item.
    pub acts: Vec<Act>,
    /// Lines that could not be read.
    pub unread: u64,
    /// The least value of an act that says yes; none where every act does.
    pub positive: Option<f32>,
}

/// A line of acts before names have numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// The user.
    pub user: &'a str,
    /// The item.
    pub item: &'a str,
    /// The value.
    pub value: f32,
    /// The time.
    pub time: i64,
}

/// Data while it is being read.
#[derive(Debug, Default)]
pub struct Gatherer {
    users: Names,
    items: Names,
    genres: Names,
    acts: Vec<Act>,
    about: FxHashMap<u32, (String, Vec<u32>)>,
    /// Lines that could not be read.
    pub unread: u64,
}

#[derive(Debug, Default)]
struct Names {
    numbers: FxHashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// The names in order, and the new number of each old one.
    fn sorted(self) -> (Vec<String>, Vec<u32>) {
        let mut order: Vec<u32> = (0..self.names.len() as u32).collect();
        order.sort_by(|a, b| self.names[*a as usize].cmp(&self.names[*b as usize]));
        let mut new = vec![0; order.len()];
        for (number, old) in (0..).zip(&order) {
            new[*old as usize] = number;
        }
        let mut names = self.names;
        let sorted = order
            .iter()
            .map(|old| std::mem::take(&mut names[*old as usize]))
            .collect();
        (sorted, new)
    }
}

impl Gatherer {
    /// Takes an act.
    pub fn act(&mut self, line: &Line<'_>) {
        self.acts.push(Act {
            user: self.users.number(line.user),
            item: self.items.number(line.item),
            value: line.value,
            time: line.time,
        });
    }

    /// Takes what is known of an item, the main genre first.
    pub fn item<'a>(&mut self, item: &str, title: &str, genres: impl Iterator<Item = &'a str>) {
        let mut numbers: Vec<u32> = Vec::new();
        for genre in genres.map(str::trim).filter(|genre| !genre.is_empty()) {
            let number = self.genres.number(genre);
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        let item = self.items.number(item);
        self.about.insert(item, (title.to_owned(), numbers));
    }

    /// Numbers everything by name and sorts it.
    #[must_use]
    pub fn finish(self, name: &str, positive: Option<f32>) -> Dataset {
        let (users, user) = self.users.sorted();
        let (items, item) = self.items.sorted();
        let (genres, genre) = self.genres.sorted();
        let mut acts: Vec<Act> = self.acts;
        for act in &mut acts {
            act.user = user[act.user as usize];
            act.item = item[act.item as usize];
        }
        let (mut titles, mut of_item) = (vec![String::new(); items.len()], vec![Vec::new(); items.len()]);
        for (number, (title, numbers)) in self.about {
            let number = item[number as usize] as usize;
            titles[number] = title;
            of_item[number] = numbers.iter().map(|old| genre[*old as usize]).collect();
        }
        Dataset {
            name: name.to_owned(),
            users,
            items,
            titles,
            genres,
            of_item,
            acts: once(acts),
            unread: self.unread,
            positive,
        }
    }
}

/// Each user's act on each item once: the latest, of equal times the one of most value.
fn once(mut acts: Vec<Act>) -> Vec<Act> {
    acts.sort_by(|a, b| {
        (a.user, a.item, a.time)
            .cmp(&(b.user, b.item, b.time))
            .then(a.value.total_cmp(&b.value))
    });
    acts.dedup_by(|next, kept| {
        let same = (next.user, next.item) == (kept.user, kept.item);
        if same {
            *kept = *next;
        }
        same
    });
    acts.sort_by_key(|act| (act.user, act.time, act.item));
    acts
}

impl Dataset {
    /// What each user said yes to, as (item, time), in the order of time.
    #[must_use]
    pub fn positives(&self) -> Vec<Vec<(u32, i64)>> {
        let mut of_user = vec![Vec::new(); self.users.len()];
        let yes = |act: &&Act| self.positive.is_none_or(|least| act.value >= least);
        for act in self.acts.iter().filter(yes) {
            of_user[act.user as usize].push((act.item, act.time));
        }
        of_user
    }

    /// The main genre of each item; items without any share one number, past the last genre.
    #[must_use]
    pub fn main_genres(&self) -> Vec<u32> {
        let none = self.genres.len() as u32;
        self.of_item
            .iter()
            .map(|genres| genres.first().copied().unwrap_or(none))
            .collect()
    }

    /// How many items anybody had.
    #[must_use]
    pub fn items_had(&self) -> usize {
        self.acts.iter().map(|act| act.item).collect::<BTreeSet<_>>().len()
    }

    /// SHA-256 of every fact, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for names in [&self.users, &self.items, &self.genres] {
            for name in names {
                hash.update((name.len() as u64).to_le_bytes());
                hash.update(name);
            }
            hash.update(u64::MAX.to_le_bytes());
        }
        for genres in &self.of_item {
            hash.update((genres.len() as u64).to_le_bytes());
            genres.iter().for_each(|genre| hash.update(genre.to_le_bytes()));
        }
        for act in &self.acts {
            hash.update(act.user.to_le_bytes());
            hash.update(act.item.to_le_bytes());
            hash.update(act.value.to_le_bytes());
            hash.update(act.time.to_le_bytes());
        }
        hash.update(self.positive.unwrap_or(f32::NEG_INFINITY).to_le_bytes());
        hex(&hash.finalize())
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
