//! How many readers had an item: the model that every other must beat.
//!
//! Invariant: the score does not look at the reader.

use super::folder::Array;
use super::{Binary, Model};

/// Readers of each item.
#[derive(Debug, Clone, PartialEq)]
pub struct Popularity(Vec<f32>);

impl Popularity {
    /// Counts.
    #[must_use]
    pub fn train(readers: &Binary) -> Self {
        let mut counts = vec![0.0; readers.width()];
        for item in readers.rows().flatten() {
            counts[*item as usize] += 1.0;
        }
        Self(counts)
    }
}

impl Model for Popularity {
    fn score(&self, _history: &[u32], out: &mut [f64]) {
        for (place, count) in out.iter_mut().zip(&self.0) {
            *place += f64::from(*count);
        }
    }

    fn arrays(&self) -> Vec<(&'static str, Array)> {
        vec![("counts", Array::F32(vec![self.0.len()], self.0.clone()))]
    }
}
