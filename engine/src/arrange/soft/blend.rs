//! The model that serves: relevance gives way to calibration first, then to variety.
//!
//! Called by the pipeline for every reader's list, and by the lab's sweeps, so that what is measured is what is served.
//! Calibration picks k; their order is made scores, of which MMR picks twice as many, so that the rules have some to
//! choose from. Invariant: with both strengths 0 the scores are those given, and no order is told.

use super::{SoftError, Strength, Vectors, adjusted, calibration, mmr};

/// What relevance gives way to.
#[derive(Debug, Clone, Copy)]
pub struct Blend<'a> {
    /// The category of each candidate, an index of `aim`.
    pub categories: &'a [u32],
    /// The share of each category that the list aims at.
    pub aim: &'a [f64],
    /// How much relevance gives way to the aim.
    pub to_aim: Strength,
    /// What each candidate is about, and how much relevance gives way to variety; none for none.
    pub variety: Option<(&'a Vectors, Strength)>,
}

/// What is left of relevance.
#[derive(Debug, Clone, PartialEq)]
pub struct Blended {
    /// A score for each candidate, for the solver.
    pub scores: Vec<f64>,
    /// The picks of the last model that had a say, first to last; empty where none had.
    pub order: Vec<u32>,
    /// Intra-list distance of those, where variety had a say: the mean of 1 - cosine over pairs.
    pub ild: Option<f64>,
}

/// Scores for a list of `k` after calibration to the aim, then after variety.
///
/// # Errors
/// See [`SoftError`].
pub fn blend(relevance: &[f64], model: &Blend<'_>, k: usize) -> Result<Blended, SoftError> {
    let mut made = Blended {
        scores: relevance.to_vec(),
        order: Vec::new(),
        ild: None,
    };
    if model.to_aim.get() > 0.0 {
        let picked = calibration::pick(relevance, model.categories, model.aim, k, model.to_aim)?;
        made.scores = adjusted(relevance, &picked.order);
        made.order = picked.order;
    }
    if let Some((vectors, strength)) = model.variety.filter(|(_, strength)| strength.get() > 0.0) {
        let picked = mmr::pick(&made.scores, vectors, 2 * k, strength)?;
        made.scores = adjusted(&made.scores, &picked.order);
        made.order = picked.order;
        made.ild = Some(picked.metric);
    }
    Ok(made)
}
