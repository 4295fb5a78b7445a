//! iALS: implicit matrix factorisation by alternating least squares (Hu, Koren and Volinsky, ICDM 2008), with the
//! ridge of Rendle, Krichene, Zhang and Koren, "Revisiting the performance of iALS" (RecSys 2022).
//!
//! L = Σ_S (1 − ŷ)² + α₀ Σ_all ŷ² + λ [Σᵤ (|Iᵤ| + α₀|I|)^ν |wᵤ|² + Σᵢ (|Uᵢ| + α₀|U|)^ν |hᵢ|²]. A reader's vector solves
//! (Σ_{i∈S} hᵢhᵢᵀ + α₀ HᵀH + ridge I) w = Σ_{i∈S} hᵢ, and so does an item's. Invariant: a history folded in gets the
//! vector that the same reader would have got in training.

use florilege_engine::model::linear::dot;
use rayon::prelude::*;

use super::dense::{add_gram, solve};
use super::folder::Array;
use super::{Binary, Model, Settings};
use crate::lab::random::Random;

/// What training needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parameters {
    pub(super) dimensions: usize,
    pub(super) alpha0: f64,
    pub(super) lambda: f64,
    pub(super) nu: f64,
    pub(super) sigma: f64,
    pub(super) epochs: usize,
}

impl Parameters {
    /// Those of settings of iALS; the defaults of any other.
    pub(super) fn of(settings: &Settings) -> Self {
        match *settings {
            Settings::Ials {
                dimensions,
                alpha0,
                lambda,
                nu,
                sigma,
                epochs,
            } => Self {
                dimensions,
                alpha0,
                lambda,
                nu,
                sigma,
                epochs,
            },
            Settings::Popularity
            | Settings::ItemKnn { .. }
            | Settings::Rp3Beta { .. }
            | Settings::Ease { .. }
            | Settings::Slim { .. } => Self {
                dimensions: 64,
                alpha0: 0.1,
                lambda: 0.003,
                nu: 1.0,
                sigma: 0.1,
                epochs: 16,
            },
        }
    }
}

/// Vectors of items, and what folding in needs.
#[derive(Debug)]
pub(super) struct Ials {
    items: Side,
    parameters: Parameters,
}

/// The vectors of one side, and α₀ times their Gram matrix.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) vectors: Vec<f32>,
    gram: Vec<f32>,
    dimensions: usize,
}

/// Vectors whose products are summed at once: they stay in the second cache.
const GATHERED: usize = 256;

/// Where systems are put together, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    square: Vec<f32>,
    gathered: Vec<f32>,
}

impl Side {
    pub(super) fn new(vectors: Vec<f32>, parameters: &Parameters) -> Self {
        let dimensions = parameters.dimensions;
        let mut gram = vec![0.0_f64; dimensions * dimensions];
        for vector in vectors.chunks_exact(dimensions) {
            for (row, x) in vector.iter().enumerate() {
                let line = &mut gram[row * dimensions..=row * dimensions + row];
                line.iter_mut()
                    .zip(vector)
                    .for_each(|(sum, y)| *sum += f64::from(*x) * f64::from(*y));
            }
        }
        let gram = gram.iter().map(|sum| (parameters.alpha0 * sum) as f32).collect();
        Self {
            vectors,
            gram,
            dimensions,
        }
    }

    fn count(&self) -> usize {
        self.vectors.len() / self.dimensions
    }

    fn vector(&self, number: u32) -> &[f32] {
        &self.vectors[number as usize * self.dimensions..(number as usize + 1) * self.dimensions]
    }

    /// The vector of somebody who had these, in `out`.
    pub(super) fn fold(&self, had: &[u32], parameters: &Parameters, room: &mut Room, out: &mut [f32]) {
        let size = self.dimensions;
        let Room { square, gathered } = room;
        square.clear();
        square.extend_from_slice(&self.gram);
        out.fill(0.0);
        for some in had.chunks(GATHERED) {
            gathered.clear();
            for number in some {
                gathered.extend_from_slice(self.vector(*number));
                out.iter_mut().zip(self.vector(*number)).for_each(|(sum, x)| *sum += x);
            }
            add_gram(gathered, size, square);
        }
        let activity = had.len() as f64 + parameters.alpha0 * self.count() as f64;
        let ridge = (parameters.lambda * activity.powf(parameters.nu)) as f32;
        (0..size).for_each(|at| square[at * size + at] += ridge);
        if !solve(square, out) {
            out.fill(0.0);
        }
    }

    /// The vectors of everybody of the other side.
    pub(super) fn other(&self, had: &Binary, parameters: &Parameters) -> Self {
        let mut vectors = vec![0.0; had.height() * self.dimensions];
        vectors
            .par_chunks_mut(self.dimensions)
            .enumerate()
            .for_each_init(Room::default, |room, (number, out)| {
                self.fold(had.row(number), parameters, room, out);
            });
        Self::new(vectors, parameters)
    }
}

impl Ials {
    pub(super) fn train(readers: &Binary, parameters: &Parameters, seed: u64) -> Self {
        let of_item = readers.transposed();
        let mut items = start(readers.width(), parameters, seed);
        for _ in 0..parameters.epochs {
            let users = items.other(readers, parameters);
            items = users.other(&of_item, parameters);
        }
        Self {
            items,
            parameters: *parameters,
        }
    }
}

/// Normal numbers of deviation σ/√d, a stream for each item.
pub(super) fn start(items: usize, parameters: &Parameters, seed: u64) -> Side {
    let deviation = parameters.sigma / (parameters.dimensions as f64).sqrt();
    let mut vectors = Vec::with_capacity(items * parameters.dimensions);
    for item in 0..items as u64 {
        let mut random = Random::new(seed, item);
        vectors.extend((0..parameters.dimensions).map(|_| (deviation * random.normal()) as f32));
    }
    Side::new(vectors, parameters)
}

impl Model for Ials {
    fn score(&self, history: &[u32], out: &mut [f64]) {
        let mut reader = vec![0.0; self.parameters.dimensions];
        self.items
            .fold(history, &self.parameters, &mut Room::default(), &mut reader);
        let vectors = self.items.vectors.chunks_exact(self.parameters.dimensions);
        out.iter_mut()
            .zip(vectors)
            .for_each(|(place, item)| *place += f64::from(dot(&reader, item)));
    }

    fn arrays(&self) -> Vec<(&'static str, Array)> {
        let size = self.parameters.dimensions;
        vec![
            (
                "items",
                Array::F32(vec![self.items.count(), size], self.items.vectors.clone()),
            ),
            ("gram", Array::F32(vec![size, size], self.items.gram.clone())),
        ]
    }
}
