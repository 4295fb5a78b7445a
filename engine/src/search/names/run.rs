//! One sorted run of names: every word of every name with what follows it, in order.
//!
//! A prefix is a range of the run; its weightiest names come by a scan that skips blocks; typos come by a walk over
//! the run as if it were a tree of letters. Invariant: immutable, and a walk stops after [`MAX_STEPS`] letters.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use smallvec::SmallVec;

use super::{Named, WITNESSES};
use crate::catalogue::row::Row;
use crate::text::is_stop;

/// Words of a name at which a completion may begin.
const MAX_STARTS: usize = 8;
/// Keys that share a maximum.
const BLOCK: usize = 128;
/// Letters that one walk tries.
const MAX_STEPS: usize = 4_000;

/// A name that comes in.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    pub(super) name: String,
    pub(super) who: Named,
    pub(super) weight: u32,
    pub(super) rows: SmallVec<[Row; WITNESSES]>,
}

/// A name that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Who bears it.
    pub who: Named,
    /// The name as it is looked up.
    pub name: String,
    /// Where in the name the match begins, in bytes.
    pub at: usize,
    /// How much speaks for it: a hint, as old as the run.
    pub weight: u32,
    /// Some offers that speak for a creator.
    pub rows: SmallVec<[Row; WITNESSES]>,
    /// Typos in the match.
    pub typos: u8,
}

#[derive(Debug)]
struct Entry {
    start: u32,
    end: u32,
    who: Named,
    weight: u32,
    rows: SmallVec<[Row; WITNESSES]>,
}

#[derive(Debug, Clone, Copy)]
struct Key {
    entry: u32,
    /// Where it begins, in the text of all names.
    start: u32,
}

/// A sorted run.
#[derive(Debug, Default)]
pub(super) struct Run {
    text: String,
    entries: Vec<Entry>,
    keys: Vec<Key>,
    maxima: Vec<u32>,
}

impl Run {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn of(mut fresh: Vec<Fresh>) -> Self {
        fresh.sort_by(|one, two| (&one.name, one.who).cmp(&(&two.name, two.who)));
        let mut run = Self::default();
        for name in fresh {
            run.push(&name.name, name.who, name.weight, &name.rows);
        }
        run.keys = (0..run.entries.len()).flat_map(|entry| run.starts(entry)).collect();
        run.settle()
    }

    /// Two runs as one, without the names that stand no more; the newer one's word counts where both know a name.
    pub(super) fn merged(older: &Self, newer: &Self, stands: impl Fn(Named, &str) -> bool) -> Self {
        let mut run = Self::default();
        let mut places: [Vec<Option<u32>>; 2] = [vec![None; older.len()], vec![None; newer.len()]];
        let (mut left, mut right) = (0, 0);
        while left < older.len() || right < newer.len() {
            let order = match (left < older.len(), right < newer.len()) {
                (true, true) => {
                    (older.name(left), older.entries[left].who).cmp(&(newer.name(right), newer.entries[right].who))
                }
                (true, false) => std::cmp::Ordering::Less,
                (false, true | false) => std::cmp::Ordering::Greater,
            };
            let (from, at) = if order.is_le() { (older, left) } else { (newer, right) };
            let entry = &from.entries[at];
            if stands(entry.who, from.name(at)) {
                let place = run.push(from.name(at), entry.who, entry.weight, &entry.rows);
                places[usize::from(order.is_gt())][at] = Some(place);
            }
            if order.is_le() {
                left += 1;
            } else {
                right += 1;
            }
        }
        // Both lists of keys are in order: a stable sort merges them.
        let moved = |from: &Self, places: &[Option<u32>], run: &Self| -> Vec<Key> {
            let keys = from.keys.iter().filter_map(|key| {
                let entry = places[key.entry as usize]?;
                let offset = key.start - from.entries[key.entry as usize].start;
                Some(Key {
                    entry,
                    start: run.entries[entry as usize].start + offset,
                })
            });
            keys.collect()
        };
        let mut keys = moved(older, &places[0], &run);
        keys.extend(moved(newer, &places[1], &run));
        run.keys = keys;
        run.settle()
    }

    /// Adds a name after the ones before, or to the same one.
    fn push(&mut self, name: &str, who: Named, weight: u32, rows: &[Row]) -> u32 {
        let known =
            self.entries.last().is_some_and(|last| last.who == who) && self.name(self.entries.len() - 1) == name;
        if known && let Some(last) = self.entries.last_mut() {
            last.weight = if matches!(who, Named::Creator(_)) {
                last.weight.saturating_add(weight)
            } else {
                weight
            };
            for row in rows {
                if !last.rows.contains(row) {
                    last.rows.insert(0, *row);
                }
            }
            last.rows.truncate(WITNESSES);
        } else {
            let start = self.text.len() as u32;
            self.text.push_str(name);
            self.entries.push(Entry {
                start,
                end: self.text.len() as u32,
                who,
                weight,
                rows: rows.iter().copied().collect(),
            });
        }
        (self.entries.len() - 1) as u32
    }

    /// Where completions of a name may begin: at its start, and at each word that counts.
    fn starts(&self, entry: usize) -> Vec<Key> {
        let (name, first) = (self.name(entry), self.entries[entry].start);
        let words = name.split(' ').scan(0, |at, word| {
            let start = *at;
            *at += word.len() + 1;
            Some((start, word))
        });
        words
            .filter(|(at, word)| *at == 0 || !is_stop(word))
            .take(MAX_STARTS)
            .map(|(at, _)| Key {
                entry: entry as u32,
                start: first + at as u32,
            })
            .collect()
    }

    /// Sorts the keys and notes the maxima.
    fn settle(mut self) -> Self {
        let mut keys = std::mem::take(&mut self.keys);
        keys.sort_by(|one, two| self.suffix(*one).cmp(self.suffix(*two)).then(one.entry.cmp(&two.entry)));
        keys.dedup_by_key(|key| (key.entry, key.start));
        self.keys = keys;
        self.maxima = self
            .keys
            .chunks(BLOCK)
            .map(|block| block.iter().map(|key| self.weight(*key)).max().unwrap_or(0))
            .collect();
        self
    }

    fn name(&self, entry: usize) -> &str {
        let entry = &self.entries[entry];
        &self.text[entry.start as usize..entry.end as usize]
    }

    fn suffix(&self, key: Key) -> &str {
        &self.text[key.start as usize..self.entries[key.entry as usize].end as usize]
    }

    fn weight(&self, key: Key) -> u32 {
        self.entries[key.entry as usize].weight
    }

    fn range(&self, prefix: &str) -> Range<usize> {
        let from = self.keys.partition_point(|key| self.suffix(*key) < prefix);
        let to = from + self.keys[from..].partition_point(|key| self.suffix(*key).starts_with(prefix));
        from..to
    }

    pub(super) fn exact(&self, name: &str) -> Vec<Named> {
        let from = self.keys.partition_point(|key| self.suffix(*key) < name);
        let same = self.keys[from..].iter().take_while(|key| self.suffix(**key) == name);
        let whole = same.filter(|key| self.entries[key.entry as usize].start == key.start);
        whole.map(|key| self.entries[key.entry as usize].who).collect()
    }

    pub(super) fn beginning(&self, prefix: &str, most: usize) -> Vec<Found> {
        self.weightiest(self.range(prefix), most, 0)
    }

    pub(super) fn beginning_nearly(&self, prefix: &str, typos: u8, most: usize) -> Vec<Found> {
        let mut walk = Walk {
            run: self,
            asked: prefix.chars().collect(),
            typos,
            steps: 0,
            ranges: Vec::new(),
        };
        walk.start();
        let ranges = std::mem::take(&mut walk.ranges);
        let found = ranges
            .into_iter()
            .flat_map(|(range, typos)| self.weightiest(range, most, typos));
        found.collect()
    }

    /// The weightiest names of a range, the weightiest first.
    fn weightiest(&self, range: Range<usize>, most: usize, typos: u8) -> Vec<Found> {
        let mut best: BinaryHeap<Reverse<(u32, Reverse<usize>)>> = BinaryHeap::with_capacity(most + 1);
        let mut at = range.start;
        while at < range.end {
            let least = best.peek().map_or(0, |Reverse((weight, _))| *weight);
            if at.is_multiple_of(BLOCK) && best.len() >= most && self.maxima[at / BLOCK] <= least {
                at += BLOCK;
                continue;
            }
            let weight = self.weight(self.keys[at]);
            if best.len() < most || weight > least {
                best.push(Reverse((weight, Reverse(at))));
            }
            if best.len() > most {
                best.pop();
            }
            at += 1;
        }
        let order = best.into_sorted_vec();
        order
            .into_iter()
            .map(|Reverse((_, Reverse(at)))| self.found(self.keys[at], typos))
            .collect()
    }

    fn found(&self, key: Key, typos: u8) -> Found {
        let entry = &self.entries[key.entry as usize];
        Found {
            who: entry.who,
            name: self.name(key.entry as usize).to_owned(),
            at: (key.start - entry.start) as usize,
            weight: entry.weight,
            rows: entry.rows.clone(),
            typos,
        }
    }
}

/// A walk over the letters of a run, keeping one row of the table of edits for each letter on the way.
struct Walk<'a> {
    run: &'a Run,
    asked: Vec<char>,
    typos: u8,
    steps: usize,
    ranges: Vec<(Range<usize>, u8)>,
}

impl Walk<'_> {
    fn start(&mut self) {
        let Some(first) = self.asked.first().copied() else {
            return;
        };
        let mut letters = [0; 4];
        let range = self.run.range(first.encode_utf8(&mut letters));
        let zero: Vec<u8> = (0..=self.asked.len()).map(|n| n.min(250) as u8).collect();
        let row = self.next_row(&zero, None, first, None);
        self.descend(range, first.len_utf8(), (&row, first), &zero);
    }

    /// The row after one more letter, with the transposition of the last two.
    fn next_row(&self, row: &[u8], before: Option<&[u8]>, letter: char, last: Option<char>) -> Vec<u8> {
        let mut next = Vec::with_capacity(row.len());
        next.push(row[0] + 1);
        for at in 1..row.len() {
            let change = u8::from(self.asked[at - 1] != letter);
            let mut best = (row[at - 1] + change).min(row[at] + 1).min(next[at - 1] + 1);
            if let Some(before) = before
                && at > 1
                && self.asked[at - 1] == last.unwrap_or(' ')
                && self.asked[at - 2] == letter
            {
                best = best.min(before[at - 2] + 1);
            }
            next.push(best);
        }
        next
    }

    fn descend(&mut self, range: Range<usize>, depth: usize, (row, last): (&[u8], char), before: &[u8]) {
        if row.last().is_some_and(|typos| *typos <= self.typos) {
            let typos = row.last().copied().unwrap_or(0);
            self.ranges.push((range, typos));
            return;
        }
        if row.iter().min().is_none_or(|least| *least > self.typos) {
            return;
        }
        let mut at = range.start;
        while at < range.end && self.steps < MAX_STEPS {
            self.steps += 1;
            let suffix = self.run.suffix(self.run.keys[at]);
            let Some(letter) = suffix[depth..].chars().next() else {
                at += 1;
                continue;
            };
            let below = depth + letter.len_utf8();
            let same = &suffix[..below];
            let end = at + self.run.keys[at..range.end].partition_point(|key| self.run.suffix(*key).starts_with(same));
            let next = self.next_row(row, Some(before), letter, Some(last));
            self.descend(at..end, below, (&next, letter), row);
            at = end;
        }
    }
}
