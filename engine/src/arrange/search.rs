//! Best-first search over prefixes: the exact solver of every problem, stopped early only by its budget.
//!
//! A label is a prefix known by the count of each class and the last few classes; of two labels that the rules
//! cannot tell apart, the better stands for both. Labels are taken in order of (cost, value so far + bound on the rest),
//! so that the first full one taken is the best; what is left when the budget ends bounds what was missed.
//! Invariant: the bound of a label is never below the value of a full list that continues it.

mod bound;
mod cost;
mod expand;
mod table;

use std::collections::BinaryHeap;

use super::instance::Instance;
use table::Table;

/// The cost of one offer missing to a quota.
pub(super) const MISSING: u64 = 1 << 40;
/// The cost of breaking a strict rule once, under policy relax.
pub(super) const STRICT: u64 = 1 << 20;
/// The cost of breaking a soft rule once.
pub(super) const SOFT: u64 = 1;

/// Values closer than this, relatively, are the same to the search; far inside the promised 1e-9.
const SAME: f64 = 1e-12;

/// Every so many labels, one is followed all the way down: a better full list prunes more.
const PROBE: usize = 64;

/// One prefix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    value: f64,
    cost: u64,
    hash: u64,
    parent: u32,
    class: u16,
    pub(super) depth: u16,
    /// Expanded already, or replaced by a better one.
    closed: bool,
}

/// A label waiting its turn.
#[derive(Debug, Clone, Copy)]
struct Open {
    cost: u64,
    bound: f64,
    depth: u16,
    label: u32,
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.cost.cmp(&self.cost))
            .then(self.bound.total_cmp(&other.bound))
            .then(self.depth.cmp(&other.depth))
            .then(other.label.cmp(&self.label))
    }
}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Open {}

/// Memory of the search, kept between calls so that a warm search allocates nothing.
#[derive(Debug, Default)]
pub struct Workspace {
    labels: Vec<Label>,
    /// Counts of each class, then the last classes: one row a label.
    rows: Vec<u16>,
    stride: usize,
    heap: BinaryHeap<Open>,
    table: Table,
    scratch: Scratch,
}

/// Arrays that one expansion uses.
#[derive(Debug, Default)]
struct Scratch {
    row: Vec<u16>,
    suffix: Vec<u16>,
    /// How often each cell's value stands in its window.
    in_window: Vec<u16>,
    seen: Vec<u16>,
    delay: Vec<u16>,
    used: Vec<u16>,
    touched: Vec<u32>,
    quota: Vec<usize>,
    keys: Vec<u64>,
    /// The first item of the pool that the row has not used.
    start: usize,
    /// Words of the free places from each depth on.
    free: Vec<u64>,
    words: usize,
    /// Value of the pinned places from each depth on.
    pinned: Vec<f64>,
    remaining: Vec<u16>,
}

/// What a search came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    /// The best full prefix, its cost and value.
    pub(super) best: Option<Found>,
    /// The longest legal prefix met.
    pub(super) deepest: u32,
    /// Nothing better exists in the pool.
    pub(super) proven: bool,
    /// No list of the pool, whatever its cost, is worth more.
    pub(super) bound: f64,
}

/// A full prefix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) label: u32,
    pub(super) cost: u64,
    pub(super) value: f64,
}

/// One run: the instance and the memory it works in.
pub(super) struct Search<'a> {
    inst: &'a Instance,
    ws: &'a mut Workspace,
    best: Option<Found>,
    deepest: u32,
    /// At most this many classes behind and ahead of the threshold, when the structure theorem holds.
    structure: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(inst: &'a Instance, ws: &'a mut Workspace, structure: bool) -> Self {
        ws.reset(inst);
        Self {
            inst,
            ws,
            best: None,
            deepest: 0,
            structure,
        }
    }

    /// Runs until proven or until `budget` labels are made.
    pub(super) fn run(&mut self, budget: usize) -> Outcome {
        if let Some(root) = self.root() {
            self.dive(root);
        }
        let proven = self.best_first(budget);
        let open = self.ws.heap.iter().map(|o| o.bound).fold(0.0, f64::max);
        let found = self.best.map_or(0.0, |b| b.value);
        Outcome {
            best: self.best,
            deepest: self.deepest,
            proven,
            bound: if proven { found } else { open.max(found) },
        }
    }

    /// Follows the most promising child down: the first full list, so that pruning can begin.
    fn dive(&mut self, root: u32) {
        let mut next = Some(root);
        while let Some(label) = next {
            next = self.expand(label).map(|open| open.label);
        }
    }

    fn best_first(&mut self, budget: usize) -> bool {
        let mut turn = 0_usize;
        while let Some(open) = self.ws.heap.pop() {
            if self.ws.labels[open.label as usize].closed {
                continue;
            }
            if !self.improves(open.cost, open.bound) {
                return true;
            }
            if self.ws.labels.len() >= budget {
                self.ws.heap.push(open);
                return false;
            }
            turn += 1;
            if turn.is_multiple_of(PROBE) {
                self.dive(open.label);
            } else {
                self.expand(open.label);
            }
        }
        true
    }

    /// Whether a list of this cost and value would be better than the best full one.
    fn improves(&self, cost: u64, bound: f64) -> bool {
        match self.best {
            None => true,
            Some(best) if cost == best.cost => bound > best.value * (1.0 + SAME),
            Some(best) => cost < best.cost,
        }
    }

    /// The candidates of a prefix, in order of place.
    pub(super) fn places(&self, label: u32) -> Vec<u32> {
        let mut classes = Vec::new();
        let mut at = label;
        while self.ws.labels[at as usize].depth > 0 {
            classes.push(self.ws.labels[at as usize].class);
            at = self.ws.labels[at as usize].parent;
        }
        classes.reverse();
        let mut used = vec![0; self.inst.classes.len()];
        let mut places = Vec::with_capacity(classes.len());
        for (rank, class) in classes.into_iter().enumerate() {
            places.push(self.candidate(class, used[class as usize], rank));
            used[class as usize] += 1;
        }
        places
    }

    fn candidate(&self, class: u16, index: u16, rank: usize) -> u32 {
        if let super::instance::Place::Pinned(_, candidate) = self.inst.at[rank] {
            return candidate;
        }
        let item = self.inst.pool.iter().find(|i| i.class == class && i.index == index);
        item.map_or(u32::MAX, |i| i.candidate)
    }

    pub(super) fn labels(&self) -> usize {
        self.ws.labels.len()
    }

    pub(super) fn depth(&self, label: u32) -> usize {
        self.ws.labels.get(label as usize).map_or(0, |l| usize::from(l.depth))
    }
}

impl Workspace {
    /// Bytes held for the search: unchanged by a search no larger than those before it.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.labels.capacity() * size_of::<Label>()
            + self.rows.capacity() * size_of::<u16>()
            + self.heap.capacity() * size_of::<Open>()
            + self.table.held_bytes()
    }

    fn reset(&mut self, inst: &Instance) {
        self.labels.clear();
        self.rows.clear();
        self.heap.clear();
        self.table.clear();
        self.stride = inst.classes.len() + inst.suffix;
        self.scratch.reset(inst);
    }
}

impl Scratch {
    fn reset(&mut self, inst: &Instance) {
        for array in [
            &mut self.in_window,
            &mut self.seen,
            &mut self.delay,
            &mut self.used,
            &mut self.remaining,
        ] {
            array.clear();
            array.resize(inst.cell_rule.len(), 0);
        }
        self.touched.clear();
        self.quota.clear();
        self.quota.resize(inst.quotas.len(), 0);
        self.keys.clear();
        self.keys
            .extend((0..inst.classes.len() as u64).map(|c| table::mix(c + 1)));
        self.free_places(inst);
    }

    fn free_places(&mut self, inst: &Instance) {
        let horizon = inst.horizon;
        self.words = horizon.div_ceil(64).max(1);
        self.free.clear();
        self.free.resize((horizon + 1) * self.words, 0);
        self.pinned.clear();
        self.pinned.resize(horizon + 1, 0.0);
        for depth in (0..horizon).rev() {
            let (low, high) = self.free.split_at_mut((depth + 1) * self.words);
            low[depth * self.words..].copy_from_slice(&high[..self.words]);
            self.pinned[depth] = self.pinned[depth + 1];
            match inst.at[depth] {
                super::instance::Place::Free => low[depth * self.words + depth / 64] |= 1 << (depth % 64),
                super::instance::Place::Pinned(..) => {
                    self.pinned[depth] += inst.weights[depth] * inst.at_score[depth];
                }
                super::instance::Place::Blocked => {}
            }
        }
    }
}
