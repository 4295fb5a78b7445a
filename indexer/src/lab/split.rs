//! What models may learn from and what they are judged by.
//!
//! Three ways to divide: strong generalisation (readers that no model has seen; Liang et al. 2018), leave-last-out, and
//! a moment in time. Invariant: nothing that is judged was learnt from; nothing is sampled away: every item that
//! anybody in training had is ranked. The hash of a split says that two runs judge the same.

use sha2::{Digest, Sha256};

use super::dataset::{Dataset, hex};
use super::random::Random;
use super::sparse::Binary;

/// The fewest yeses of a reader who takes part.
const FEWEST: usize = 5;
/// The part of a held-out reader's yeses that is shown (Liang et al. 2018).
const SHOWN: f64 = 0.8;
/// The part of all yeses before the moment of a temporal split.
const BEFORE: f64 = 0.8;

/// How data is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Readers that no model has seen, 80 % of their yeses shown (Liang et al. 2018).
    Strong,
    /// Each reader's last yes.
    Last,
    /// What came after four fifths of all yeses.
    Temporal,
}

/// One reader who is judged; items are the split's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The user's number in the data.
    pub user: u32,
    /// What models may look at, in the order of time.
    pub shown: Vec<u32>,
    /// What they should find, sorted.
    pub hidden: Vec<u32>,
}

/// One division of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// Its name, such as `strong 1 of 5`.
    pub name: String,
    /// The number in the data of each item that stands in training.
    pub items: Vec<u32>,
    /// Training: readers by items.
    pub train: Binary,
    /// Who is judged, by user.
    pub held: Vec<Held>,
    /// SHA-256 of all that.
    pub hash: String,
}

/// Why data cannot be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// Too little of it.
    #[error("only {0} readers said yes {FEWEST} times or more: nothing is left to judge")]
    TooFew(usize),
    /// Folds that leave nobody to learn from.
    #[error("folds must be 1 to the number of readers, got {0}")]
    Folds(usize),
}

/// Items that a reader may learn from or be judged by, in the order of time.
type Yes = Vec<(u32, i64)>;

impl Way {
    /// Divides data; several folds are made of the strong way alone: each reader is judged once.
    ///
    /// # Errors
    /// See [`SplitError`].
    pub fn split(self, data: &Dataset, folds: usize, seed: u64) -> Result<Vec<Split>, SplitError> {
        let positives = data.positives();
        let readers: Vec<u32> = (0..positives.len() as u32)
            .filter(|user| positives[*user as usize].len() >= FEWEST)
            .collect();
        if folds == 0 || folds > readers.len() {
            return Err(SplitError::Folds(folds));
        }
        let splits = match self {
            Self::Strong => strong(&positives, readers.clone(), folds, seed),
            Self::Last => vec![last(&positives, &readers)],
            Self::Temporal => vec![temporal(&positives, &readers)],
        };
        if splits
            .iter()
            .any(|split| split.held.is_empty() || split.train.ones() == 0)
        {
            return Err(SplitError::TooFew(readers.len()));
        }
        Ok(splits)
    }
}

/// One fold holds out a fifth of the readers; more hold out their share each.
fn strong(positives: &[Yes], mut readers: Vec<u32>, folds: usize, seed: u64) -> Vec<Split> {
    Random::new(seed, 0).shuffle(&mut readers);
    let share = readers.len().div_ceil(folds.max(5));
    let fold = |number: usize| {
        let (from, to) = if folds == 1 {
            (0, share)
        } else {
            (number * readers.len() / folds, (number + 1) * readers.len() / folds)
        };
        let (mut train, mut held) = (Vec::new(), Vec::new());
        for (place, user) in readers.iter().enumerate() {
            let yes = &positives[*user as usize];
            if (from..to).contains(&place) {
                let mut mixed = yes.clone();
                Random::new(seed, 1 + u64::from(*user)).shuffle(&mut mixed);
                let hidden = mixed.split_off((SHOWN * mixed.len() as f64).round() as usize);
                mixed.sort_by_key(|(item, time)| (*time, *item));
                held.push((*user, mixed, hidden));
            } else {
                train.push((*user, yes.clone()));
            }
        }
        made(format!("strong {} of {folds}", number + 1), train, held)
    };
    (0..folds).map(fold).collect()
}

fn last(positives: &[Yes], readers: &[u32]) -> Split {
    let mut parts: Vec<(u32, Yes, Yes)> = Vec::with_capacity(readers.len());
    for user in readers {
        let mut shown = positives[*user as usize].clone();
        let hidden = shown.split_off(shown.len() - 1);
        parts.push((*user, shown, hidden));
    }
    let train = parts.iter().map(|(user, shown, _)| (*user, shown.clone())).collect();
    made("leave last out".into(), train, parts)
}

fn temporal(positives: &[Yes], readers: &[u32]) -> Split {
    let mut times: Vec<i64> = readers
        .iter()
        .flat_map(|user| positives[*user as usize].iter().map(|(_, time)| *time))
        .collect();
    times.sort_unstable();
    let moment = times.get((BEFORE * times.len() as f64) as usize).copied().unwrap_or(0);
    let (mut train, mut held) = (Vec::new(), Vec::new());
    for user in readers {
        let (before, after): (Yes, Yes) = positives[*user as usize].iter().partition(|(_, time)| *time < moment);
        if !before.is_empty() {
            train.push((*user, before.clone()));
            held.push((*user, before, after));
        }
    }
    made(format!("before and after {moment}"), train, held)
}

/// Numbers the items of training; what only stands elsewhere can be neither learnt nor judged.
fn made(name: String, mut train: Vec<(u32, Yes)>, mut held: Vec<(u32, Yes, Yes)>) -> Split {
    train.sort_by_key(|(user, _)| *user);
    held.sort_by_key(|(user, _, _)| *user);
    let mut items: Vec<u32> = train
        .iter()
        .flat_map(|(_, yes)| yes.iter().map(|(item, _)| *item))
        .collect();
    items.sort_unstable();
    items.dedup();
    let number = |yes: &Yes| -> Vec<u32> {
        let known = yes.iter().filter_map(|(item, _)| items.binary_search(item).ok());
        known.map(|place| place as u32).collect()
    };
    let rows: Vec<Vec<u32>> = train.iter().map(|(_, yes)| number(yes)).collect();
    let held: Vec<Held> = held
        .iter()
        .map(|(user, shown, hidden)| {
            let mut hidden = number(hidden);
            hidden.sort_unstable();
            Held {
                user: *user,
                shown: number(shown),
                hidden,
            }
        })
        .filter(|held| !held.hidden.is_empty() && !held.shown.is_empty())
        .collect();
    let hash = hash(&train, &held, &items);
    Split {
        train: Binary::new(rows, items.len()),
        name,
        items,
        held,
        hash,
    }
}

fn hash(train: &[(u32, Yes)], held: &[Held], items: &[u32]) -> String {
    let mut hash = Sha256::new();
    let mut list = |numbers: &mut dyn Iterator<Item = u32>| {
        let mut count = 0_u64;
        for number in numbers {
            hash.update(number.to_le_bytes());
            count += 1;
        }
        hash.update(count.to_le_bytes());
    };
    list(&mut items.iter().copied());
    for (user, yes) in train {
        list(&mut [*user].into_iter().chain(yes.iter().map(|(item, _)| *item)));
    }
    for one in held {
        list(&mut [one.user].into_iter());
        list(&mut one.shown.iter().copied());
        list(&mut one.hidden.iter().copied());
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests;
