//! A table in chunks that generations share: copying it copies pointers, changing a row copies one chunk.
//!
//! Under every column of the catalogue. Invariant: a clone never sees a later change.

use std::sync::Arc;

const CHUNK: usize = 256;

/// A growing, copy-on-write table.
#[derive(Debug)]
pub struct Chunked<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Clone for Chunked<T> {
    fn clone(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
            len: self.len,
        }
    }
}

impl<T: Clone> Chunked<T> {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A row, where it exists.
    pub fn get(&self, row: usize) -> Option<&T> {
        self.chunks.get(row / CHUNK)?.get(row % CHUNK)
    }

    /// A row to change, where it exists; copies its chunk when another generation holds it.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        Arc::make_mut(self.chunks.get_mut(row / CHUNK)?).get_mut(row % CHUNK)
    }

    /// Adds a row at the end and gives its number.
    pub fn push(&mut self, value: T) -> usize {
        if self.len.is_multiple_of(CHUNK) {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).push(value);
        }
        self.len += 1;
        self.len - 1
    }

    /// A row to change; the table grows to it.
    pub fn grown_to(&mut self, row: usize) -> Option<&mut T>
    where
        T: Default,
    {
        while self.len <= row {
            self.push(T::default());
        }
        self.get_mut(row)
    }

    /// Every row in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut table = Chunked::default();
        (0..1_000).for_each(|n| assert_eq!(table.push(n), n));
        let before = table.clone();
        *table.get_mut(300).expect("a row") = 7;
        table.push(1_000);
        assert_eq!((before.get(300), table.get(300)), (Some(&300), Some(&7)));
        assert_eq!((before.len(), table.len(), before.get(1_000)), (1_000, 1_001, None));
        assert!(before.iter().copied().eq(0..1_000));
    }

    #[test]
    fn a_table_grows_to_the_row_that_is_changed() {
        let mut table: Chunked<u32> = Chunked::default();
        *table.grown_to(300).expect("a row") = 7;
        *table.grown_to(2).expect("a row") = 5;
        assert_eq!((table.len(), table.get(300), table.get(2)), (301, Some(&7), Some(&5)));
        assert_eq!(table.iter().sum::<u32>(), 12);
    }
}
