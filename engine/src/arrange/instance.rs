//! The problem as the search sees it: a pool of items in order of score, grouped in classes that the rules cannot tell apart.
//!
//! Stands between the checked problem and the search; built again for each target length and pool size.
//! Invariant: within a class items are used best first, which loses nothing, since no rule or quota tells them apart.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::prepare::Prepared;
use super::problem::{Policy, Problem, Values, place_weight};

/// No cell, no class.
pub(super) const NONE: u32 = u32::MAX;
/// The most places a search plans: slate and reserve.
pub(super) const MAX_HORIZON: usize = 400;

/// One candidate of the pool.
#[derive(Debug, Clone, Copy)]
pub(super) struct PoolItem {
    pub(super) score: f64,
    pub(super) candidate: u32,
    pub(super) class: u16,
    /// Its place within its class, best first.
    pub(super) index: u16,
}

/// A rule that can bind.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActiveRule {
    pub(super) window: usize,
    pub(super) max: usize,
    /// Never broken; else a break costs `weight`.
    pub(super) hard: bool,
    pub(super) weight: u64,
    /// No place of the plan ever leaves the window: counts alone decide.
    pub(super) global: bool,
    /// No class has two values for it.
    pub(super) single: bool,
}

/// A quota over the first `end` places.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActiveQuota {
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) end: usize,
    /// Offers with the value that the pool and the pins hold.
    pub(super) available: usize,
}

/// What the rules can tell of an offer.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    /// (rule, value) cells, sorted by rule.
    pub(super) cells: SmallVec<[u32; 4]>,
    /// Bit q: counts for quota q.
    pub(super) quotas: u64,
    /// Items in the pool.
    pub(super) items: u16,
}

/// What may stand at a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// Only this class (of one pinned offer) of this score.
    Pinned(u16, u32),
    /// Nothing: pins contradict each other.
    Blocked,
}

/// The pool split by one hard rule, each class in at most one cell: the relaxation that bounds come from.
#[derive(Debug, Clone, Default)]
pub(super) struct Partition {
    /// Index into `Instance::rules`; `None` for the partition without cells.
    pub(super) rule: Option<usize>,
    /// The cell of each class, or `NONE`.
    pub(super) class_cell: Vec<u32>,
    /// The earliest place of the j-th item of a cell.
    pub(super) release: Vec<u16>,
}

/// How an instance is cut from a problem.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Places planned, the reserve included.
    pub(super) horizon: usize,
    /// Places that count for value, soft rules and quotas.
    pub(super) places: usize,
    /// Pool size to stop at.
    pub(super) pool: usize,
    /// Whether the pool so cut loses nothing.
    pub(super) lossless: bool,
}

/// The search's own form of a problem.
#[derive(Debug, Clone, Default)]
pub(super) struct Instance {
    pub(super) horizon: usize,
    pub(super) places: usize,
    pub(super) weights: Vec<f64>,
    pub(super) pool: Vec<PoolItem>,
    pub(super) classes: Vec<Class>,
    pub(super) cell_rule: Vec<u32>,
    pub(super) rules: Vec<ActiveRule>,
    pub(super) quotas: Vec<ActiveQuota>,
    pub(super) at: Vec<Place>,
    /// Score of the pin at each rank, 0 where there is none.
    pub(super) at_score: Vec<f64>,
    pub(super) partitions: Vec<Partition>,
    /// Classes shown just before, most recent first, `suffix` of them at most.
    pub(super) shown: Vec<u16>,
    /// (places before the slate, cell) of history entries, for global rules.
    pub(super) shown_global: Vec<(usize, u32)>,
    /// Places remembered by a label.
    pub(super) suffix: usize,
    /// For each remembered distance, the canonical class of each class: what the rules can still tell at that distance.
    pub(super) canon: Vec<Vec<u16>>,
    pub(super) canon_of: Vec<usize>,
    /// No candidate outside the pool can improve an answer found in it.
    pub(super) complete: bool,
    /// The best score outside the pool.
    pub(super) outside: f64,
    /// Under relax a quota's max gives way at this cost.
    pub(super) quota_weight: Option<u64>,
}

struct Builder<'a> {
    problem: &'a Problem,
    prepared: &'a Prepared,
    inst: Instance,
    cell_ids: FxHashMap<(u32, u32), u32>,
    class_ids: FxHashMap<(SmallVec<[u32; 4]>, u64), u16>,
}

impl Instance {
    pub(super) fn build(problem: &Problem, prepared: &Prepared, plan: Plan) -> Self {
        let mut b = Builder {
            problem,
            prepared,
            inst: Self {
                horizon: plan.horizon,
                places: plan.places,
                ..Self::default()
            },
            cell_ids: FxHashMap::default(),
            class_ids: FxHashMap::default(),
        };
        b.rules_and_quotas();
        b.fill_pool(plan);
        b.place_pins();
        b.remember_history();
        b.canonical_classes();
        b.mark_single();
        b.partitions();
        b.count_quotas();
        b.inst
    }
}

impl Builder<'_> {
    fn rules_and_quotas(&mut self) {
        let horizon = self.inst.horizon;
        let places = self.inst.places;
        self.inst.weights = (0..horizon)
            .map(|p| if p < places { place_weight(p) } else { 0.0 })
            .collect();
        let relax = self.problem.policy == Policy::Relax;
        for active in &self.prepared.rules {
            let rule = self.problem.rules[active.rule];
            self.inst.rules.push(ActiveRule {
                window: rule.window,
                max: rule.max,
                hard: rule.strict && !relax,
                weight: if rule.strict {
                    super::search::STRICT
                } else {
                    super::search::SOFT
                },
                global: rule.window >= horizon,
                single: true,
            });
        }
        self.inst.suffix = self
            .inst
            .rules
            .iter()
            .filter(|r| !r.global)
            .map(|r| r.window - 1)
            .max()
            .unwrap_or(0);
        self.inst.quota_weight = relax.then_some(super::search::STRICT);
        for quota in &self.problem.quotas {
            self.inst.quotas.push(ActiveQuota {
                min: quota.wanted(),
                max: quota.max.unwrap_or(usize::MAX),
                end: quota.first.unwrap_or(self.problem.k).min(places),
                available: 0,
            });
        }
    }

    fn cell(&mut self, rule: usize, value: u32) -> u32 {
        let next = self.inst.cell_rule.len() as u32;
        let id = *self.cell_ids.entry((rule as u32, value)).or_insert(next);
        if id == next {
            self.inst.cell_rule.push(rule as u32);
        }
        id
    }

    fn cells<'v>(&mut self, values: impl Fn(usize) -> &'v Values) -> SmallVec<[u32; 4]> {
        let prepared = self.prepared;
        let mut cells = SmallVec::new();
        for (slot, active) in prepared.rules.iter().enumerate() {
            let from = cells.len();
            for value in values(active.attribute) {
                if active.binding.contains(value) {
                    let cell = self.cell(slot, *value);
                    if !cells[from..].contains(&cell) {
                        cells.push(cell);
                    }
                }
            }
            cells[from..].sort_unstable();
        }
        cells
    }

    fn quota_mask<'v>(&self, values: impl Fn(usize) -> &'v Values) -> u64 {
        let mut mask = 0;
        for (q, quota) in self.problem.quotas.iter().enumerate() {
            if values(quota.attribute).contains(&quota.value) {
                mask |= 1 << q;
            }
        }
        mask
    }

    fn class(&mut self, cells: SmallVec<[u32; 4]>, quotas: u64) -> u16 {
        let next = self.inst.classes.len() as u16;
        let id = *self.class_ids.entry((cells.clone(), quotas)).or_insert(next);
        if id == next {
            self.inst.classes.push(Class {
                cells,
                quotas,
                items: 0,
            });
        }
        id
    }

    fn class_of(&mut self, candidate: u32) -> u16 {
        let attributes = &self.problem.attributes;
        let cells = self.cells(|a| &attributes[a].values[candidate as usize]);
        let quotas = self.quota_mask(|a| &attributes[a].values[candidate as usize]);
        self.class(cells, quotas)
    }

    /// The most items of a class that a list can hold: `q·max + min(s, max)` for `horizon = q·window + s`.
    fn class_limit(&self, class: u16) -> usize {
        let horizon = self.inst.horizon;
        let mut limit = horizon;
        for cell in &self.inst.classes[class as usize].cells {
            let rule = self.inst.rules[self.inst.cell_rule[*cell as usize] as usize];
            if rule.hard {
                let rest = horizon % rule.window;
                limit = limit.min((horizon / rule.window) * rule.max + rest.min(rule.max));
            }
        }
        limit
    }

    fn fill_pool(&mut self, plan: Plan) {
        let prepared = self.prepared;
        let wanted = self
            .problem
            .quotas
            .iter()
            .enumerate()
            .fold(0, |m, (q, x)| if x.min > 0 { m | 1 << q } else { m });
        let mut taken = [0_usize; 64];
        self.inst.complete = true;
        for candidate in &prepared.sorted {
            let full = self.inst.pool.len() >= plan.pool;
            if full && (plan.lossless || wanted == 0) {
                self.leave_out(*candidate, plan.lossless);
                break;
            }
            let attributes = &self.problem.attributes;
            let quotas = wanted & self.quota_mask(|a| &attributes[a].values[*candidate as usize]);
            if full && !needs_more(quotas, &taken, plan.horizon) {
                self.leave_out(*candidate, plan.lossless);
                continue;
            }
            let class = self.class_of(*candidate);
            let limit = self.class_limit(class);
            if usize::from(self.inst.classes[class as usize].items) >= limit {
                continue;
            }
            (0..64).filter(|q| quotas >> q & 1 == 1).for_each(|q| taken[q] += 1);
            self.push(*candidate, class);
        }
    }

    fn leave_out(&mut self, candidate: u32, lossless: bool) {
        if !lossless && self.inst.complete {
            self.inst.complete = false;
            self.inst.outside = self.prepared.score(self.problem, candidate);
        }
    }

    fn push(&mut self, candidate: u32, class: u16) {
        let index = self.inst.classes[class as usize].items;
        self.inst.classes[class as usize].items += 1;
        let score = self.prepared.score(self.problem, candidate);
        self.inst.pool.push(PoolItem {
            score,
            candidate,
            class,
            index,
        });
    }

    fn place_pins(&mut self) {
        self.inst.at = vec![Place::Free; self.inst.horizon];
        self.inst.at_score = vec![0.0; self.inst.horizon];
        for (rank, pin) in self.prepared.pins.iter().enumerate().take(self.inst.horizon) {
            self.inst.at[rank] = match *pin {
                Place::Pinned(_, candidate) => {
                    let shared = self.class_of(candidate);
                    let own = self.inst.classes.len() as u16;
                    let class = Class {
                        items: 1,
                        ..self.inst.classes[shared as usize].clone()
                    };
                    self.inst.classes.push(class);
                    self.inst.at_score[rank] = self.prepared.score(self.problem, candidate);
                    Place::Pinned(own, candidate)
                }
                other @ (Place::Free | Place::Blocked) => other,
            };
        }
    }

    fn remember_history(&mut self) {
        let problem = self.problem;
        let longest = self
            .prepared
            .rules
            .iter()
            .map(|r| problem.rules[r.rule].window - 1)
            .max()
            .unwrap_or(0);
        for (back, shown) in problem.history.iter().rev().enumerate().take(longest) {
            let cells = self.cells(|a| &shown.values[a]);
            for cell in &cells {
                let rule = self.inst.rules[self.inst.cell_rule[*cell as usize] as usize];
                if rule.global && back + 1 < rule.window {
                    self.inst.shown_global.push((back + 1, *cell));
                }
            }
            if back < self.inst.suffix {
                let class = self.class(cells, 0);
                self.inst.shown.push(class);
            }
        }
    }

    fn canonical_classes(&mut self) {
        let mut windows: Vec<usize> = self.inst.rules.iter().filter(|r| !r.global).map(|r| r.window).collect();
        windows.sort_unstable();
        windows.dedup();
        let inst = &mut self.inst;
        for window in &windows {
            let mut seen: FxHashMap<SmallVec<[u32; 4]>, u16> = FxHashMap::default();
            let mut map = Vec::with_capacity(inst.classes.len());
            for (id, class) in inst.classes.iter().enumerate() {
                let keep = |c: &&u32| {
                    let rule = inst.rules[inst.cell_rule[**c as usize] as usize];
                    !rule.global && rule.window >= *window
                };
                let cells: SmallVec<[u32; 4]> = class.cells.iter().filter(keep).copied().collect();
                let free = cells.is_empty();
                map.push(if free {
                    u16::MAX
                } else {
                    *seen.entry(cells).or_insert(id as u16)
                });
            }
            inst.canon.push(map);
        }
        inst.canon_of = (1..=inst.suffix)
            .map(|d| windows.partition_point(|w| *w <= d))
            .collect();
    }

    fn mark_single(&mut self) {
        for class in &self.inst.classes {
            for two in class.cells.windows(2) {
                let (a, b) = (
                    self.inst.cell_rule[two[0] as usize],
                    self.inst.cell_rule[two[1] as usize],
                );
                if a == b {
                    self.inst.rules[a as usize].single = false;
                }
            }
        }
    }

    fn partitions(&mut self) {
        for slot in 0..self.inst.rules.len() {
            if self.inst.rules[slot].hard {
                let partition = self.partition(slot);
                self.inst.partitions.push(partition);
            }
        }
        if self.inst.partitions.is_empty() {
            let class_cell = vec![NONE; self.inst.classes.len()];
            self.inst.partitions.push(Partition {
                rule: None,
                class_cell,
                release: Vec::new(),
            });
        }
    }

    fn partition(&self, slot: usize) -> Partition {
        let inst = &self.inst;
        let class_cell = (0..inst.classes.len()).map(|c| main_cell(inst, c, slot)).collect();
        let rule = inst.rules[slot];
        let earliest = |j: usize| {
            j.checked_div(rule.max).map_or(MAX_HORIZON, |full| {
                full.saturating_mul(rule.window).saturating_add(j % rule.max)
            })
        };
        let release = (0..=inst.horizon)
            .map(|j| earliest(j).min(MAX_HORIZON) as u16)
            .collect();
        Partition {
            rule: Some(slot),
            class_cell,
            release,
        }
    }

    fn count_quotas(&mut self) {
        let inst = &mut self.inst;
        for (q, quota) in inst.quotas.iter_mut().enumerate() {
            let counted = inst.classes.iter().filter(|c| c.quotas >> q & 1 == 1);
            quota.available = counted.map(|c| usize::from(c.items)).sum();
        }
    }
}

fn needs_more(quotas: u64, taken: &[usize; 64], enough: usize) -> bool {
    (0..64).any(|q| quotas >> q & 1 == 1 && taken[q] < enough)
}

/// Of the cells a class has for a rule, the one that most items of the pool share.
fn main_cell(inst: &Instance, class: usize, slot: usize) -> u32 {
    let of_rule = |c: &&u32| inst.cell_rule[**c as usize] == slot as u32;
    let cells = inst.classes[class].cells.iter().filter(of_rule);
    let crowd = |cell: u32| -> usize {
        inst.classes
            .iter()
            .filter(|c| c.cells.contains(&cell))
            .map(|c| usize::from(c.items))
            .sum()
    };
    let own: SmallVec<[u32; 4]> = cells.copied().collect();
    match own.as_slice() {
        [] => NONE,
        [one] => *one,
        many => many
            .iter()
            .copied()
            .max_by_key(|c| (crowd(*c), std::cmp::Reverse(*c)))
            .unwrap_or(NONE),
    }
}
