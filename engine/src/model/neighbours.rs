//! Neighbours: what an item of the history says of other items, row by row (EASE, item-kNN, RP3β, SLIM).
//!
//! One law of a model. The score of an item is the sum over the history of weight times the value at (had, item).
//! Invariant: rows and columns are of items that the model names.

use rustc_hash::FxHashMap;

use super::ModelError;
use super::folder::Folder;

/// Sparse rows.
#[derive(Debug)]
pub(super) struct Neighbours {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Neighbours {
    /// Reads `starts`, `columns` and `values`.
    pub(super) fn read(folder: &Folder) -> Result<Self, ModelError> {
        let (starts, columns) = (folder.numbers("starts")?, folder.numbers("columns")?);
        let (_, values) = folder.floats("values")?;
        let items = folder.ids.len();
        let ends_right = starts.last().is_some_and(|last| *last == columns.len() as u64);
        if starts.len() != items + 1 || starts[0] != 0 || !ends_right || !starts.is_sorted() {
            return Err(folder.fault("starts.npy", format!("these are no rows of {items} items")));
        }
        if values.len() != columns.len() {
            let why = format!("{} values of {} columns", values.len(), columns.len());
            return Err(folder.fault("values.npy", why));
        }
        if columns.iter().any(|column| *column >= items as u64) {
            return Err(folder.fault("columns.npy", format!("a column is past {items} items")));
        }
        Ok(Self {
            starts: starts.iter().map(|start| *start as usize).collect(),
            columns: columns.iter().map(|column| *column as u32).collect(),
            values,
        })
    }

    /// The score of each item that the history says something of.
    pub(super) fn fold(&self, history: &[(u32, f64)]) -> FxHashMap<u32, f64> {
        let mut sums = FxHashMap::default();
        for (item, weight) in history {
            let Some([from, to]) = self.starts.get(*item as usize..*item as usize + 2) else {
                continue;
            };
            let row = self.columns[*from..*to].iter().zip(&self.values[*from..*to]);
            for (other, value) in row {
                *sums.entry(*other).or_insert(0.0) += weight * f64::from(*value);
            }
        }
        sums
    }
}
