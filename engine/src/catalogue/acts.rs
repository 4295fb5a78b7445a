//! What readers did with works, as the sources need it: who took what, what rises, what was praised, what was sent.
//!
//! Part of a generation, read by the sources of the main path. Only readers who consented are here: each with the
//! last [`KEPT`] offers that they did something with, and every table is derived from those. Invariant: the tables
//! are a function of the kept acts and of which work each offer is, in whole numbers; so taking a reader out leaves
//! exactly what the others alone would have made, and a log read again gives the same tables.

mod acting;
mod kin;
pub mod rising;

use std::cmp::Reverse;
use std::sync::Arc;

use imbl::OrdSet;

use super::Map;
use super::chunked::Chunked;
use super::row::ItemIx;
use crate::event::Event;
use crate::ids::{OfferId, UserId};
use crate::pipeline::fingerprint;
use acting::{Acting, BLAMED, LIKED, PRAISED, Received, SHARED, Share, marks};
use rising::{Riser, Slots, Takings};

/// The most offers that are kept of one reader; those acted on last stay.
pub const KEPT: usize = 32;
/// The dense number of a reader with acts; never part of an answer, since it depends on who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ReaderIx(u32);

/// A work with the fingerprint of its identifier, by which ties are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Work {
    /// The fingerprint.
    pub print: u64,
    /// The work.
    pub item: ItemIx,
}

impl Work {
    /// The work of an identifier.
    pub fn new(item: ItemIx, id: &str) -> Self {
        Self {
            print: fingerprint(id),
            item,
        }
    }
}

/// A reader who took a work, in the order of the taking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taker {
    at: i64,
    print: u64,
    reader: ReaderIx,
}

/// How many readers did what with a work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Booked it, kept it or liked it.
    pub takers: u32,
    /// Like it.
    pub likes: u32,
    /// Sent it to somebody.
    pub shares: u32,
    /// Wrote well of it.
    pub praises: u32,
    /// Did not.
    pub blames: u32,
}

/// The tables of one work.
#[derive(Debug, Clone)]
struct Taken {
    takers: OrdSet<Taker>,
    slots: Slots,
    tally: Tally,
}

/// A work that more readers praise than not, by how many more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Praised {
    net: Reverse<u32>,
    work: Work,
}

/// Every table.
#[derive(Debug, Clone, Default)]
pub struct Acts {
    readers: Chunked<Option<Acting>>,
    free: Vec<ReaderIx>,
    numbers: Map<UserId, ReaderIx>,
    by_offer: Map<OfferId, OrdSet<ReaderIx>>,
    works: Chunked<Option<Arc<Taken>>>,
    boxes: Map<UserId, OrdSet<Received>>,
    risers: OrdSet<Riser>,
    takings: Takings,
    praised: OrdSet<Praised>,
}

impl Acts {
    /// What readers did with a work.
    pub fn tally(&self, item: ItemIx) -> Tally {
        self.taken(item).map_or_else(Tally::default, |taken| taken.tally)
    }

    fn taken(&self, item: ItemIx) -> Option<&Taken> {
        self.works.get(item.0 as usize)?.as_deref()
    }

    /// The works that a reader took, latest act first.
    pub fn recent(&self, reader: &str) -> impl Iterator<Item = ItemIx> + '_ {
        let acts = self.acting(reader).map_or(&[][..], |acting| &acting.acts);
        let taken = acts.iter().rev().filter(|act| act.taken_at.is_some());
        taken.filter_map(|act| Some(act.work?.item))
    }

    /// What was sent to a reader, latest first: who sent it, and what.
    pub fn received(&self, reader: &str) -> impl Iterator<Item = (&UserId, &OfferId)> {
        let held = self.boxes.get(reader).into_iter().flatten();
        held.map(|letter| (&letter.from, &letter.offer))
    }

    /// The works that more readers praise than not, most praised first.
    pub fn praised(&self) -> impl Iterator<Item = ItemIx> + '_ {
        self.praised.iter().map(|praised| praised.work.item)
    }

    fn acting(&self, reader: &str) -> Option<&Acting> {
        self.reader(*self.numbers.get(reader)?)
    }

    fn reader(&self, reader: ReaderIx) -> Option<&Acting> {
        self.readers.get(reader.0 as usize)?.as_ref()
    }

    /// Takes an act of a consenting reader into account; the work is that of the offer, where the offer is there.
    pub(super) fn note(&mut self, event: &Event, work: Option<Work>) {
        let Some(offer) = &event.offer_id else { return };
        let Some((set, cleared)) = marks(event) else { return };
        if set == 0 && self.acting(event.user_id.as_str()).is_none() {
            return;
        }
        let reader = self.number(&event.user_id);
        self.edit(reader, |acting| acting.mark(event, offer, work, (set, cleared)));
    }

    /// Forgets every act of a reader.
    pub(super) fn forget(&mut self, id: &UserId) {
        let Some(reader) = self.numbers.get(id).copied() else {
            return;
        };
        self.edit(reader, |acting| {
            acting.acts.clear();
            acting.letters.clear();
        });
        self.numbers.remove(id);
        if let Some(slot) = self.readers.get_mut(reader.0 as usize) {
            *slot = None;
        }
        self.free.push(reader);
    }

    /// Forgets a reader altogether: also that anything was sent to them.
    pub(super) fn erase(&mut self, id: &UserId) {
        self.forget(id);
        let letters = self.boxes.get(id).cloned().unwrap_or_default();
        for letter in letters {
            if let Some(sender) = self.numbers.get(&letter.from).copied() {
                self.edit(sender, |acting| acting.letters.retain(|sent| sent.to != *id));
            }
        }
    }

    /// An offer has come, gone, or become another work: the acts with it follow.
    pub(super) fn moved(&mut self, offer: &OfferId, work: Option<Work>) {
        let Some(readers) = self.by_offer.get(offer).cloned() else {
            return;
        };
        for reader in readers {
            self.edit(reader, |acting| {
                let moved = acting.acts.iter_mut().filter(|act| act.offer == *offer);
                moved.for_each(|act| act.work = work);
            });
        }
    }

    fn number(&mut self, id: &UserId) -> ReaderIx {
        if let Some(reader) = self.numbers.get(id) {
            return *reader;
        }
        let acting = Some(Acting {
            id: id.clone(),
            print: fingerprint(id.as_str()),
            acts: Vec::new(),
            letters: Vec::new(),
            taken: Arc::default(),
        });
        let reader = match self.free.pop() {
            Some(reader) => {
                if let Some(slot) = self.readers.get_mut(reader.0 as usize) {
                    *slot = acting;
                }
                reader
            }
            None => ReaderIx(u32::try_from(self.readers.push(acting)).unwrap_or(u32::MAX)),
        };
        self.numbers.insert(id.clone(), reader);
        reader
    }

    /// Changes a reader's acts and moves what differs in the tables: the only way that they change.
    fn edit(&mut self, reader: ReaderIx, change: impl FnOnce(&mut Acting)) {
        let Some(Some(acting)) = self.readers.get_mut(reader.0 as usize) else {
            return;
        };
        let before = acting.clone();
        change(acting);
        acting.taken = acting.works_taken();
        let after = acting.clone();
        self.follow_offers(reader, &before, &after);
        self.follow_letters(&before, &after);
        self.follow_works(reader, &before, &after);
    }

    fn follow_offers(&mut self, reader: ReaderIx, before: &Acting, after: &Acting) {
        let holds = |acting: &Acting, offer: &OfferId| acting.acts.iter().any(|act| act.offer == *offer);
        for act in before.acts.iter().filter(|act| !holds(after, &act.offer)) {
            if let Some(readers) = self.by_offer.get_mut(&act.offer) {
                readers.remove(&reader);
                if readers.is_empty() {
                    self.by_offer.remove(&act.offer);
                }
            }
        }
        for act in after.acts.iter().filter(|act| !holds(before, &act.offer)) {
            self.by_offer.entry(act.offer.clone()).or_default().insert(reader);
        }
    }

    fn follow_letters(&mut self, before: &Acting, after: &Acting) {
        if before.letters == after.letters {
            return;
        }
        for letter in &before.letters {
            if let Some(held) = self.boxes.get_mut(&letter.to) {
                held.remove(&letter.received(&before.id));
                if held.is_empty() {
                    self.boxes.remove(&letter.to);
                }
            }
        }
        for letter in &after.letters {
            let received = letter.received(&after.id);
            self.boxes.entry(letter.to.clone()).or_default().insert(received);
        }
    }

    fn follow_works(&mut self, reader: ReaderIx, before: &Acting, after: &Acting) {
        let (old, new) = (before.shares(), after.shares());
        let taker = |at| Taker {
            at,
            print: after.print,
            reader,
        };
        for share in old.iter().filter(|share| !new.contains(share)) {
            share.taken_at.inspect(|at| self.takings.subtract(*at));
            self.change(share.work, |taken| taken.subtract(share, taker));
        }
        for share in new.iter().filter(|share| !old.contains(share)) {
            share.taken_at.inspect(|at| self.takings.add(*at));
            self.change(share.work, |taken| taken.add(share, taker));
        }
    }

    /// Changes the tables of a work, and its places in the orders.
    fn change(&mut self, work: Work, change: impl FnOnce(&mut Taken)) {
        let Some(place) = self.works.grown_to(work.item.0 as usize) else {
            return;
        };
        let taken = Arc::make_mut(place.get_or_insert_default());
        let before = (Riser::of(work, &taken.slots), taken.praised(work));
        change(taken);
        let after = (Riser::of(work, &taken.slots), taken.praised(work));
        if taken.is_empty() {
            *place = None;
        }
        replace(&mut self.risers, before.0, after.0);
        replace(&mut self.praised, before.1, after.1);
    }
}

fn replace<K: Ord + Clone + PartialEq>(set: &mut OrdSet<K>, before: Option<K>, after: Option<K>) {
    if before == after {
        return;
    }
    if let Some(before) = before {
        set.remove(&before);
    }
    if let Some(after) = after {
        set.insert(after);
    }
}

impl Default for Taken {
    fn default() -> Self {
        Self {
            takers: OrdSet::new(),
            slots: Slots::default(),
            tally: Tally::default(),
        }
    }
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.takers.is_empty() && self.tally == Tally::default()
    }

    fn add(&mut self, share: &Share, taker: impl Fn(i64) -> Taker) {
        if let Some(at) = share.taken_at {
            self.takers.insert(taker(at));
            self.slots.add(at);
        }
        self.tally.count(share, |count| *count += 1);
    }

    fn subtract(&mut self, share: &Share, taker: impl Fn(i64) -> Taker) {
        if let Some(at) = share.taken_at {
            self.takers.remove(&taker(at));
            self.slots.subtract(at);
        }
        self.tally.count(share, |count| *count = count.saturating_sub(1));
    }

    fn praised(&self, work: Work) -> Option<Praised> {
        let net = self.tally.praises.checked_sub(self.tally.blames)?;
        (net > 0).then_some(Praised {
            net: Reverse(net),
            work,
        })
    }
}

impl Tally {
    fn count(&mut self, share: &Share, step: impl Fn(&mut u32)) {
        if share.taken_at.is_some() {
            step(&mut self.takers);
        }
        for (mark, count) in [
            (LIKED, &mut self.likes),
            (SHARED, &mut self.shares),
            (PRAISED, &mut self.praises),
            (BLAMED, &mut self.blames),
        ] {
            if share.marks & mark != 0 {
                step(count);
            }
        }
    }
}

#[cfg(test)]
mod tests;
