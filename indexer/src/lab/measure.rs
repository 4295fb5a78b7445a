//! How fast the lab is: training and metrics on generated readers of any number.
//!
//! `florilege-indexer measure`. Popularity falls as a power of rank, activity is log-normal, and two thirds of what a reader
//! has is of one taste in twenty, so that matrices are as uneven as real ones. Invariant: the data depends on the size and
//! the seed; only times and memory differ between runs.

use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::metrics::evaluate;
use super::metrics::input::{Data, Item, User};
use super::models::{Settings, TrainError};
use super::random::Random;
use super::sparse::Binary;

/// Tastes that readers have.
const TASTES: usize = 20;
/// Genres that items have one to three of.
const GENRES: usize = 20;

/// How much is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Readers.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Acts of a reader, in the mean.
    pub acts: usize,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// What was done.
    pub what: String,
    /// Readers.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Acts that there were in the end.
    pub acts: usize,
    /// Seconds by the clock.
    pub seconds: f64,
    /// Seconds of processors, where the system tells: what a busy machine does not stretch.
    pub processor_seconds: Option<f64>,
    /// Seconds of one of several equal parts, and what that is.
    pub part: Option<(String, f64)>,
    /// The most memory that the process has used so far, where the system tells.
    pub peak_bytes: Option<u64>,
}

/// An item by popularity: the density falls as rank to the power −2/3.
fn popular(random: &mut Random, items: usize) -> u32 {
    let part = random.unit();
    (part * part * part * items as f64) as u32
}

/// What one reader had, each item once.
fn had(user: usize, size: Size, seed: u64) -> Vec<u32> {
    let mut random = Random::new(seed, user as u64);
    let taste = random.below(TASTES) as u32;
    // The mean of exp(σz − σ²/2) is 1.
    let many = size.acts as f64 * (0.8 * random.normal() - 0.32).exp();
    let many = (many.round() as usize).clamp(1, size.items / 4 + 1);
    let mut row: Vec<u32> = Vec::with_capacity(many);
    // Few meet again; those who do have a little less.
    for _ in 0..many {
        let item = popular(&mut random, size.items);
        let own = item - item % TASTES as u32 + taste;
        let to_taste = random.below(3) > 0 && (own as usize) < size.items;
        row.push(if to_taste { own } else { item });
    }
    row
}

/// Readers × items.
#[must_use]
pub fn readers(size: Size, seed: u64) -> Binary {
    let rows: Vec<Vec<u32>> = (0..size.users)
        .into_par_iter()
        .map(|user| had(user, size, seed))
        .collect();
    Binary::new(rows, size.items)
}

/// Trains a model on generated readers.
///
/// # Errors
/// Settings that no matrix can be solved with.
pub fn training(settings: &Settings, size: Size, seed: u64) -> Result<Measure, TrainError> {
    let readers = readers(size, seed);
    let begun = Clock::new();
    let model = settings.train(&readers, seed)?;
    let (seconds, processor_seconds) = begun.read();
    drop(model);
    let part = match settings {
        Settings::Ials { epochs, .. } => Some(("epoch".to_owned(), seconds / *epochs as f64)),
        Settings::Popularity
        | Settings::ItemKnn { .. }
        | Settings::Rp3Beta { .. }
        | Settings::Ease { .. }
        | Settings::Slim { .. } => None,
    };
    Ok(Measure {
        what: format!("train {}", settings.name()),
        users: readers.height(),
        items: readers.width(),
        acts: readers.ones(),
        seconds,
        processor_seconds,
        part,
        peak_bytes: peak(),
    })
}

/// Every metric of lists of so many places, at two cuts.
#[must_use]
pub fn metrics(size: Size, places: usize, seed: u64) -> Measure {
    let data = lists(size, places, seed);
    let begun = Clock::new();
    let values = evaluate(&data, &[10, places]);
    let (seconds, processor_seconds) = begun.read();
    Measure {
        what: format!("{} metrics of lists of {places}", values.len()),
        users: size.users,
        items: size.items,
        acts: size.users * places,
        seconds,
        processor_seconds,
        part: None,
        peak_bytes: peak(),
    }
}

/// Lists, judgements and histories.
#[must_use]
pub fn lists(size: Size, places: usize, seed: u64) -> Data {
    let genres = |item: usize| {
        let mut random = Random::new(seed ^ 0x6765_6e72, item as u64);
        (0..1 + random.below(3)).map(|_| random.below(GENRES) as u32).collect()
    };
    let items = |row: Vec<u32>| row.into_iter().map(Item::new).collect::<Vec<_>>();
    let user = |user: usize| {
        let mut random = Random::new(seed ^ 0x6c69_7374, user as u64);
        let mut relevant: Vec<u32> = (0..1 + random.below(2 * size.acts))
            .map(|_| popular(&mut random, size.items))
            .collect();
        relevant.sort_unstable();
        relevant.dedup();
        let list = (0..places).map(|_| popular(&mut random, size.items)).collect();
        User {
            list: items(list),
            relevant: items(relevant).into_iter().map(|item| (item, 1.0)).collect(),
            history: items(had(user, size, seed)),
        }
    };
    let users: Vec<User> = (0..size.users).into_par_iter().map(user).collect();
    let histories: Vec<Vec<Item>> = users.iter().map(|user| user.history.clone()).collect();
    Data::of_numbers((0..size.items).map(genres).collect(), users, &histories)
}

/// The clock on the wall and that of the processors.
struct Clock(Instant, Option<f64>);

impl Clock {
    fn new() -> Self {
        Self(Instant::now(), processors())
    }

    fn read(&self) -> (f64, Option<f64>) {
        let processors = processors().zip(self.1).map(|(now, then)| now - then);
        (self.0.elapsed().as_secs_f64(), processors)
    }
}

/// Seconds of processors that this process has used, which Linux counts in hundredths.
fn processors() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in brackets and may hold anything; user and system time are the 12th and 13th after it.
    let mut after = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (after.next()?.parse().ok()?, after.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// `VmHWM` of this process.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Size = Size {
        users: 3_000,
        items: 1_000,
        acts: 30,
    };

    #[test]
    fn generated_readers_are_as_many_as_asked_and_uneven() {
        let made = readers(SMALL, 1);
        assert_eq!((made.height(), made.width()), (3_000, 1_000));
        assert_eq!(made, readers(SMALL, 1));
        assert_ne!(made, readers(SMALL, 2));
        let mean = made.ones() as f64 / 3_000.0;
        assert!((18.0..=31.0).contains(&mean), "{mean}");
        let of_item = made.transposed();
        let mut counts: Vec<usize> = of_item.rows().map(<[u32]>::len).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let head: usize = counts[..100].iter().sum();
        assert!(
            head * 10 > made.ones() * 3,
            "a tenth of items has {head} of {}",
            made.ones()
        );
    }

    #[test]
    fn what_is_measured_is_done() {
        let size = Size { users: 200, ..SMALL };
        let settings = Settings::named("ials").expect("a model");
        let made = training(&settings, size, 1).expect("trained");
        assert!(
            made.seconds > 0.0
                && made
                    .part
                    .is_some_and(|(_, seconds)| seconds > 0.0 && seconds < made.seconds)
        );
        let judged = metrics(size, 20, 1);
        assert_eq!((judged.users, judged.acts), (200, 4_000));
        assert!(judged.what.starts_with("62 metrics"), "{}", judged.what);
    }
}
