//! Memory that searches use again and again: a value for each of many numbers, forgotten all at once.
//!
//! Invariant: nothing of one use is seen by the next; it grows with the catalogue and not with the requests.

/// Values by dense number, each valid in the use that set it.
#[derive(Debug)]
pub(super) struct Stamped<T> {
    now: u32,
    slots: Vec<(u32, T)>,
}

impl<T> Default for Stamped<T> {
    fn default() -> Self {
        Self {
            now: 0,
            slots: Vec::new(),
        }
    }
}

impl<T: Copy + Default> Stamped<T> {
    /// Forgets everything and makes room for so many numbers.
    pub(super) fn begin(&mut self, count: usize) {
        if self.now == u32::MAX {
            self.slots.clear();
            self.now = 0;
        }
        self.now += 1;
        if self.slots.len() < count {
            self.slots.resize(count, (0, T::default()));
        }
    }

    /// The value of a number, where it was set.
    pub(super) fn get(&self, number: usize) -> Option<T> {
        let (stamp, value) = self.slots.get(number)?;
        (*stamp == self.now).then_some(*value)
    }

    /// Sets the value of a number within the room.
    pub(super) fn set(&mut self, number: usize, value: T) {
        if let Some(slot) = self.slots.get_mut(number) {
            *slot = (self.now, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_sees_nothing_of_the_one_before() {
        let mut slots: Stamped<u8> = Stamped::default();
        slots.begin(3);
        slots.set(1, 7);
        assert_eq!((slots.get(0), slots.get(1), slots.get(9)), (None, Some(7), None));
        slots.begin(5);
        assert_eq!(slots.get(1), None);
        slots.now = u32::MAX;
        slots.set(4, 1);
        slots.begin(5);
        assert_eq!(slots.get(4), None);
    }
}
