//! The labels met so far, by what the rules can still tell of them.
//!
//! Serves the search alone: an open-addressing table of label numbers, kept warm between calls.
//! Invariant: a hash only finds candidates for equality; rows are compared in full.

/// Label numbers by hash; `u32::MAX` is an empty slot.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<(u32, u32)>,
    len: usize,
}

const EMPTY: u32 = u32::MAX;

impl Table {
    pub(super) fn held_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<(u32, u32)>()
    }

    pub(super) fn clear(&mut self) {
        if self.slots.len() > 1 << 12 && self.len < self.slots.len() / 32 {
            self.slots.truncate(1 << 12);
        }
        self.slots.fill((0, EMPTY));
        self.len = 0;
    }

    /// The slot of an equal label, or the empty slot where it would go.
    pub(super) fn find(&mut self, hash: u64, same: impl Fn(u32) -> bool) -> (usize, Option<u32>) {
        if self.slots.len() < 2 * (self.len + 1) {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let tag = (hash >> 32) as u32;
        let mut at = tag as usize & mask;
        loop {
            let (have, label) = self.slots[at];
            if label == EMPTY {
                return (at, None);
            }
            if have == tag && same(label) {
                return (at, Some(label));
            }
            at = (at + 1) & mask;
        }
    }

    /// Fills or replaces a slot that `find` returned.
    pub(super) fn set(&mut self, slot: usize, hash: u64, label: u32) {
        self.len += usize::from(self.slots[slot].1 == EMPTY);
        self.slots[slot] = ((hash >> 32) as u32, label);
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 4).max(1 << 10);
        let old = std::mem::replace(&mut self.slots, vec![(0, EMPTY); size]);
        for (tag, label) in old.into_iter().filter(|(_, label)| *label != EMPTY) {
            let mut at = tag as usize & (size - 1);
            while self.slots[at].1 != EMPTY {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = (tag, label);
        }
    }
}

/// Spreads a small number over 64 bits (the finaliser of SplitMix64).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
