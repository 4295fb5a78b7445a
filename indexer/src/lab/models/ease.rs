//! EASE^R (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019).
//!
//! P = (XᵀX + λI)⁻¹, B = −P / diag(P) by columns with a diagonal of 0, score = x B. With fewer readers than items, the
//! same P is had from the readers' side: P = (I − YᵀY)/λ with LLᵀ = XXᵀ + λI and LY = X (Woodbury), which costs U³ in
//! place of n³. Invariant: both sides give the same scores, but for rounding.

use rayon::prelude::*;

use super::dense::{Square, factor_of_gram};
use super::folder::Array;
use super::{Binary, Model, TrainError, Weights};
use crate::lab::sparse::strongest;

/// Weights kept for each item when the model is saved.
const SAVED: usize = 500;

/// Trains on the readers' side where they are far fewer: it is in double precision, and its factor on one thread.
pub(super) fn train(readers: &Binary, lambda: f64) -> Result<Box<dyn Model>, TrainError> {
    if readers.height() * 2 < readers.width() {
        Ok(Box::new(ByReaders::train(readers, lambda)?))
    } else {
        Ok(Box::new(ByItems::train(readers, lambda)?))
    }
}

/// B itself.
#[derive(Debug)]
pub(super) struct ByItems {
    /// Row i: what an item of the history says of each item.
    rows: Vec<f32>,
    items: usize,
}

impl ByItems {
    pub(super) fn train(readers: &Binary, lambda: f64) -> Result<Self, TrainError> {
        let items = readers.width();
        let inverse = Square::gram(readers, lambda as f32)
            .inverse()
            .ok_or(TrainError::Singular("ease"))?;
        let mut rows = inverse.numbers;
        let diagonal: Vec<f32> = (0..items).map(|item| rows[item * items + item]).collect();
        rows.par_chunks_mut(items).enumerate().for_each(|(item, row)| {
            row.iter_mut().zip(&diagonal).for_each(|(p, own)| *p = -*p / own);
            row[item] = 0.0;
        });
        Ok(Self { rows, items })
    }
}

impl Model for ByItems {
    fn score(&self, history: &[u32], out: &mut [f64]) {
        for item in history.iter().map(|item| *item as usize) {
            let row = &self.rows[item * self.items..(item + 1) * self.items];
            out.iter_mut()
                .zip(row)
                .for_each(|(sum, weight)| *sum += f64::from(*weight));
        }
    }

    fn arrays(&self) -> Vec<(&'static str, Array)> {
        kept(self, self.items)
    }
}

/// Y and the diagonal of P.
#[derive(Debug)]
pub(super) struct ByReaders {
    /// For each item its column of Y, a number for each reader.
    columns: Vec<f64>,
    readers: usize,
    diagonal: Vec<f64>,
    lambda: f64,
}

impl ByReaders {
    pub(super) fn train(readers: &Binary, lambda: f64) -> Result<Self, TrainError> {
        let (height, of_item) = (readers.height(), readers.transposed());
        let factor = factor_of_gram(&of_item, lambda).ok_or(TrainError::Singular("ease"))?;
        let mut columns = vec![0.0; height * readers.width()];
        columns.par_chunks_mut(height).enumerate().for_each(|(item, column)| {
            of_item
                .row(item)
                .iter()
                .for_each(|reader| column[*reader as usize] = 1.0);
            factor.solve_lower(column);
        });
        let own = |column: &[f64]| (1.0 - column.iter().map(|y| y * y).sum::<f64>()) / lambda;
        let diagonal = columns.par_chunks(height).map(own).collect();
        Ok(Self {
            columns,
            readers: height,
            diagonal,
            lambda,
        })
    }

    fn column(&self, item: usize) -> &[f64] {
        &self.columns[item * self.readers..(item + 1) * self.readers]
    }
}

impl Model for ByReaders {
    fn score(&self, history: &[u32], out: &mut [f64]) {
        let mut sum = vec![0.0; self.readers];
        for item in history {
            let column = self.column(*item as usize);
            sum.iter_mut().zip(column).for_each(|(sum, y)| *sum += y);
        }
        for (item, place) in out.iter_mut().enumerate() {
            let dot: f64 = sum.iter().zip(self.column(item)).map(|(a, b)| a * b).sum();
            // (x P)ⱼ but for the item's own part, whose weight B has as 0.
            *place += dot / self.lambda / self.diagonal[item];
        }
        for item in history.iter().map(|item| *item as usize) {
            out[item] += 1.0 - 1.0 / self.lambda / self.diagonal[item];
        }
    }

    fn arrays(&self) -> Vec<(&'static str, Array)> {
        kept(self, self.diagonal.len())
    }
}

/// The strongest weights of each item, as rows of neighbours.
fn kept(model: &dyn Model, items: usize) -> Vec<(&'static str, Array)> {
    let row = |item: u32| {
        let mut scores = vec![0.0; items];
        model.score(&[item], &mut scores);
        scores[item as usize] = 0.0;
        let pairs = (0..).zip(scores).map(|(other, score)| (other, score as f32));
        strongest(pairs.filter(|(_, weight)| *weight != 0.0).collect(), SAVED)
    };
    Weights::new((0..items as u32).into_par_iter().map(row).collect()).arrays()
}
