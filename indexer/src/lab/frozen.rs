//! Each judged reader's best items by each model, kept on disk so that a run that was stopped goes on where it was.
//!
//! A file is named by the hash of what it depends on: settings, seed, split, length and this program's version. Invariant: a
//! file whose checksum does not match is made again, never believed.

use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::dataset::hex;
use super::models::{Model, Settings, TrainError};
use super::split::{Held, Split};

/// For each judged reader the best items, best first: the number in the data and the score.
pub type Best = Vec<Vec<(u32, f64)>>;

/// The best `most` of each reader of a split, trained now or read from `cache`.
///
/// # Errors
/// Settings that cannot be trained. A cache that cannot be written is no fault: it is made again.
pub fn best(
    settings: &Settings,
    split: &Split,
    most: usize,
    seed: u64,
    cache: Option<&Path>,
) -> Result<Best, TrainError> {
    let path = cache.map(|folder| folder.join(format!("{}.scores", key(settings, split, most, seed))));
    if let Some(found) = path.as_ref().and_then(|path| unpacked(&std::fs::read(path).ok()?)) {
        return Ok(found);
    }
    let model = settings.train(&split.train, seed)?;
    let made: Best = split
        .held
        .par_iter()
        .map(|held| top(&*model, split, held, most))
        .collect();
    if let Some(path) = path {
        // A full disk costs the next run its time, not this one its result.
        let _ = keep(&path, &packed(&made));
    }
    Ok(made)
}

/// One reader's best; what was shown to the model is left out; equal scores go to the lower item.
fn top(model: &dyn Model, split: &Split, held: &Held, most: usize) -> Vec<(u32, f64)> {
    let mut scores = vec![0.0; split.items.len()];
    model.score(&held.shown, &mut scores);
    held.shown
        .iter()
        .for_each(|item| scores[*item as usize] = f64::NEG_INFINITY);
    let mut order: Vec<u32> = (0..scores.len() as u32)
        .filter(|item| scores[*item as usize].is_finite())
        .collect();
    let by_score = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
    if order.len() > most {
        order.select_nth_unstable_by(most, by_score);
        order.truncate(most);
    }
    order.sort_by(by_score);
    let named = |item: u32| (split.items[item as usize], scores[item as usize]);
    order.into_iter().map(named).collect()
}

fn key(settings: &Settings, split: &Split, most: usize, seed: u64) -> String {
    let all = serde_json::json!([settings, split.hash, most, seed, env!("CARGO_PKG_VERSION")]);
    hex(&Sha256::digest(all.to_string()))[..32].to_owned()
}

fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension("draft");
    std::fs::write(&draft, bytes)?;
    std::fs::rename(draft, path)
}

fn packed(best: &Best) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&(best.len() as u64).to_le_bytes());
    for list in best {
        bytes.extend_from_slice(&(list.len() as u64).to_le_bytes());
        for (item, score) in list {
            bytes.extend_from_slice(&item.to_le_bytes());
            bytes.extend_from_slice(&score.to_le_bytes());
        }
    }
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn unpacked(bytes: &[u8]) -> Option<Best> {
    let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Sha256::digest(body)[..] != *sum {
        return None;
    }
    let mut rest = body;
    let mut best = Best::new();
    for _ in 0..number(&mut rest)? {
        let length = number(&mut rest)?;
        let mut list = Vec::new();
        for _ in 0..length {
            let item = u32::from_le_bytes(taken(&mut rest)?);
            list.push((item, f64::from_le_bytes(taken(&mut rest)?)));
        }
        best.push(list);
    }
    Some(best)
}

fn taken<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    taken(rest).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_what_is_broken_does_not() {
        let best: Best = vec![vec![(3, 0.5), (1, -2.0)], vec![], vec![(7, f64::MAX)]];
        let mut bytes = packed(&best);
        assert_eq!(unpacked(&bytes), Some(best));
        for at in [0, 9, bytes.len() - 1] {
            bytes[at] ^= 1;
            assert_eq!(unpacked(&bytes), None, "byte {at}");
            bytes[at] ^= 1;
        }
        assert_eq!(unpacked(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpacked(&[]), None);
    }
}
