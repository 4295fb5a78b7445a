//! Collaborative models: from who had what to a score for every item, for readers never seen too.
//!
//! Each is trained on a split's matrix alone, in parallel, and scores any history by folding it in. [`Settings`] names
//! every parameter, with defaults chosen on other divisions of MovieLens (small) than those of the default seed. Invariant: the same matrix, settings
//! and seed give the same scores, on any number of threads.

use serde::{Deserialize, Serialize};

use super::sparse::{Binary, Weights};

pub mod dense;
pub mod ease;
pub mod folder;
pub mod ials;
pub mod neighbours;
pub mod popularity;
#[cfg(test)]
mod served;
pub mod slim;
#[cfg(test)]
mod tests;

/// Scores items for a reader.
pub trait Model: Sync + Send {
    /// Adds to each of `out`, which has a place for each item and holds zeros, what a reader with this history would
    /// think of it. Items of the history are scored too; callers leave them out.
    fn score(&self, history: &[u32], out: &mut [f64]);

    /// What is saved: named arrays. See [`folder`].
    fn arrays(&self) -> Vec<(&'static str, folder::Array)>;
}

impl Model for Weights {
    fn score(&self, history: &[u32], out: &mut [f64]) {
        self.add(history, out);
    }

    fn arrays(&self) -> Vec<(&'static str, folder::Array)> {
        vec![
            (
                "starts",
                folder::Array::U64(vec![self.starts.len()], self.starts.clone()),
            ),
            (
                "columns",
                folder::Array::U32(vec![self.columns.len()], self.columns.clone()),
            ),
            (
                "values",
                folder::Array::F32(vec![self.values.len()], self.values.clone()),
            ),
        ]
    }
}

/// A model and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Settings {
    /// How many had it.
    Popularity,
    /// Cosine of items with shrinkage.
    ItemKnn {
        /// Neighbours kept for each item.
        neighbours: usize,
        /// Added to the norm, so that rare pairs count less.
        shrink: f64,
    },
    /// A walk of three steps, popular ends held down (Paudel et al. 2017).
    Rp3Beta {
        /// Neighbours kept for each item.
        neighbours: usize,
        /// Power of each step's probability.
        alpha: f64,
        /// Power of the popularity that divides.
        beta: f64,
    },
    /// A linear model in closed form (Steck 2019).
    Ease {
        /// Ridge.
        lambda: f64,
    },
    /// Implicit alternating least squares (Hu et al. 2008; Rendle et al. 2022).
    Ials {
        /// Numbers a reader and an item have.
        dimensions: usize,
        /// Weight of all pairs.
        alpha0: f64,
        /// Ridge.
        lambda: f64,
        /// How the ridge grows with activity.
        nu: f64,
        /// Deviation of the start, times √d.
        sigma: f64,
        /// Passes.
        epochs: usize,
    },
    /// Sparse linear model by elastic net (Ning and Karypis 2011).
    Slim {
        /// Weight of Σ|w|.
        l1: f64,
        /// Weight of ½ Σ w².
        l2: f64,
        /// The most passes over an item's weights.
        passes: usize,
    },
}

impl Settings {
    /// Every model, as it is run where nothing else is said.
    #[must_use]
    pub fn all() -> [Self; 6] {
        [
            Self::Popularity,
            Self::ItemKnn {
                neighbours: 200,
                shrink: 20.0,
            },
            Self::Rp3Beta {
                neighbours: 50,
                alpha: 0.8,
                beta: 0.3,
            },
            Self::Ease { lambda: 100.0 },
            Self::Ials {
                dimensions: 64,
                alpha0: 0.3,
                lambda: 0.003,
                nu: 1.0,
                sigma: 0.1,
                epochs: 16,
            },
            Self::Slim {
                l1: 2.0,
                l2: 50.0,
                passes: 50,
            },
        ]
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::ItemKnn { .. } => "item-knn",
            Self::Rp3Beta { .. } => "rp3-beta",
            Self::Ease { .. } => "ease",
            Self::Ials { .. } => "ials",
            Self::Slim { .. } => "slim",
        }
    }

    /// The model of a name, with its defaults.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|settings| settings.name() == name)
    }

    /// Learns from readers × items.
    ///
    /// # Errors
    /// Settings that no matrix can be solved with.
    pub fn train(&self, readers: &Binary, seed: u64) -> Result<Box<dyn Model>, TrainError> {
        self.check()?;
        Ok(match *self {
            Self::Popularity => Box::new(popularity::Popularity::train(readers)),
            Self::ItemKnn { neighbours, shrink } => Box::new(neighbours::cosine(readers, neighbours, shrink)),
            Self::Rp3Beta {
                neighbours,
                alpha,
                beta,
            } => Box::new(neighbours::walk(readers, neighbours, alpha, beta)),
            Self::Ease { lambda } => ease::train(readers, lambda)?,
            Self::Ials { .. } => Box::new(ials::Ials::train(readers, &ials::Parameters::of(self), seed)),
            Self::Slim { l1, l2, passes } => Box::new(slim::train(readers, l1, l2, passes)),
        })
    }

    fn check(&self) -> Result<(), TrainError> {
        let good = match *self {
            Self::Popularity => true,
            Self::ItemKnn { neighbours, shrink } => neighbours > 0 && shrink >= 0.0 && shrink.is_finite(),
            Self::Rp3Beta {
                neighbours,
                alpha,
                beta,
            } => neighbours > 0 && alpha.is_finite() && beta.is_finite(),
            Self::Ease { lambda } => lambda > 0.0 && lambda.is_finite(),
            Self::Ials {
                dimensions,
                alpha0,
                lambda,
                sigma,
                epochs,
                nu,
            } => {
                let above = |number: f64| number > 0.0 && number.is_finite();
                (1..=1024).contains(&dimensions)
                    && epochs > 0
                    && above(alpha0)
                    && above(lambda)
                    && above(sigma)
                    && nu.is_finite()
            }
            Self::Slim { l1, l2, passes } => l1 >= 0.0 && l1.is_finite() && l2 > 0.0 && l2.is_finite() && passes > 0,
        };
        if good {
            Ok(())
        } else {
            Err(TrainError::Settings(self.name()))
        }
    }
}

/// Why a model cannot be trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// A parameter out of range.
    #[error("the settings of {0} are out of range")]
    Settings(&'static str),
    /// A matrix that is not positive definite, for rounding.
    #[error("the matrix of {0} cannot be inverted: raise lambda")]
    Singular(&'static str),
}
