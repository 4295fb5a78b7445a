//! Who had what, as rows of column numbers.
//!
//! Invariant: the columns of a row are sorted and stand once.

/// A matrix of zeros and ones, by rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binary {
    starts: Vec<usize>,
    columns: Vec<u32>,
    width: usize,
}

impl Binary {
    /// From the columns of each row, in any order.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = Vec<u32>>, width: usize) -> Self {
        let mut made = Self {
            starts: vec![0],
            columns: Vec::new(),
            width,
        };
        for mut row in rows {
            row.sort_unstable();
            row.dedup();
            made.columns
                .extend(row.into_iter().filter(|column| (*column as usize) < width));
            made.starts.push(made.columns.len());
        }
        made
    }

    /// How many rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many ones.
    #[must_use]
    pub fn ones(&self) -> usize {
        self.columns.len()
    }

    /// The columns of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u32] {
        &self.columns[self.starts[row]..self.starts[row + 1]]
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.height()).map(|row| self.row(row))
    }

    /// Rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut counts = vec![0_usize; self.width + 1];
        for column in &self.columns {
            counts[*column as usize + 1] += 1;
        }
        for at in 0..self.width {
            counts[at + 1] += counts[at];
        }
        let starts = counts.clone();
        let mut columns = vec![0; self.columns.len()];
        for (number, row) in (0..).zip(self.rows()) {
            for column in row {
                columns[counts[*column as usize]] = number;
                counts[*column as usize] += 1;
            }
        }
        Self {
            starts,
            columns,
            width: self.height(),
        }
    }
}

/// Weights by rows: for each item the items that it speaks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    /// Where each row begins; one more than there are rows.
    pub starts: Vec<u64>,
    /// The column of each weight, sorted in a row.
    pub columns: Vec<u32>,
    /// The weights.
    pub values: Vec<f32>,
}

impl Weights {
    /// From rows of (column, weight) sorted by column.
    #[must_use]
    pub fn new(rows: Vec<Vec<(u32, f32)>>) -> Self {
        let mut made = Self {
            starts: vec![0],
            ..Self::default()
        };
        for row in rows {
            made.columns.extend(row.iter().map(|(column, _)| *column));
            made.values.extend(row.iter().map(|(_, weight)| *weight));
            made.starts.push(made.columns.len() as u64);
        }
        made
    }

    /// How many rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// One row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        self.columns[range.clone()]
            .iter()
            .copied()
            .zip(self.values[range].iter().copied())
    }

    /// Adds the rows of a history to `out`.
    pub fn add(&self, history: &[u32], out: &mut [f64]) {
        for item in history {
            for (column, weight) in self.row(*item as usize) {
                out[column as usize] += f64::from(weight);
            }
        }
    }
}

/// The `most` weights of largest size, sorted by column; equal ones go to the lower column.
#[must_use]
pub fn strongest(mut row: Vec<(u32, f32)>, most: usize) -> Vec<(u32, f32)> {
    if row.len() > most {
        row.select_nth_unstable_by(most, |a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        row.truncate(most);
    }
    row.sort_by_key(|(column, _)| *column);
    row
}
