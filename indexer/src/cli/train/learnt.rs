//! What is learnt beside collaborative models: content vectors, personas, weights of the score.
//!
//! Invariant: each is saved in the form of every model, so that one reader of folders reads them all.

use std::io::BufRead;
use std::path::Path;

use anyhow::{Context, ensure};
use florilege_engine::change::Change;
use florilege_engine::taxonomy::Taxonomy;
use serde_json::{Value, json};

use crate::lab::content::{Content, Settings};
use crate::lab::dataset::{Dataset, hex};
use crate::lab::models::folder::{Array, FORMAT, Manifest, write};
use crate::lab::personas::{Personas, held};
use crate::lab::weights::{Shown, learn};
use sha2::{Digest, Sha256};

/// Their names.
pub(super) const NAMES: [&str; 3] = ["content", "personas", "weights"];
/// How many personas are tried.
const PERSONAS: std::ops::RangeInclusive<usize> = 2..=12;
/// Acts below which a reader says too little.
const LEAST_ACTS: f64 = 4.0;

/// What is saved.
pub(super) struct Learnt {
    settings: Value,
    data: String,
    counts: [usize; 3],
    names: Vec<String>,
    arrays: Vec<(&'static str, Array)>,
    /// What was found, beside what is saved.
    pub(super) found: Value,
}

impl Learnt {
    /// Writes it; the folder and what it says of itself.
    pub(super) fn save(self, out: &Path, seed: u64) -> anyhow::Result<Value> {
        let [readers, items, acts] = self.counts;
        let manifest = Manifest {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: self.settings,
            seed,
            data: self.data,
            readers,
            items,
            acts,
            files: Default::default(),
        };
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let folder = write(out, manifest, &names, &self.arrays)?;
        Ok(json!({"folder": folder, "found": self.found}))
    }
}

fn numbers(all: impl IntoIterator<Item = f64>) -> Vec<f32> {
    all.into_iter().map(|number| number as f32).collect()
}

/// Vectors of the offers of change lines, out of title, description, creators and genres.
pub(super) fn content(path: &Path, dimensions: usize, seed: u64) -> anyhow::Result<Learnt> {
    let taxonomy = Taxonomy::built_in();
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut names, mut texts, mut hash) = (Vec::new(), Vec::new(), Sha256::new());
    for line in std::io::BufReader::new(file).split(b'\n') {
        let line = line?;
        hash.update(&line);
        if let Ok(Change::OfferUpsert(offer)) = Change::parse(line.trim_ascii(), &taxonomy) {
            let mut text = vec![offer.title.clone()];
            text.extend(offer.description.clone());
            text.extend(offer.creators.iter().chain(&offer.genres).cloned());
            names.push(offer.id.as_str().to_owned());
            texts.push(text.join("\n"));
        }
    }
    ensure!(!texts.is_empty(), "{} has no line of an offer", path.display());
    let settings = Settings { dimensions, least: 2 };
    let made = Content::train(&texts, settings, seed);
    let vectors = texts.iter().flat_map(|text| made.vector(text));
    let d = made.dimensions;
    let words = made.words.join("\n").into_bytes();
    Ok(Learnt {
        settings: json!({"model": "content", "dimensions": d, "least": settings.least}),
        data: hex(&hash.finalize()),
        counts: [0, names.len(), texts.len()],
        arrays: vec![
            ("vectors", Array::F32(vec![names.len(), d], numbers(vectors))),
            (
                "components",
                Array::F32(vec![made.words.len(), d], numbers(made.components.iter().copied())),
            ),
            (
                "idf",
                Array::F32(vec![made.words.len()], numbers(made.idf.iter().copied())),
            ),
            ("values", Array::F32(vec![d], numbers(made.values.iter().copied()))),
            // The words, one a line, as bytes of UTF-8.
            (
                "words",
                Array::U32(vec![words.len()], words.iter().map(|byte| u32::from(*byte)).collect()),
            ),
        ],
        names,
        found: json!({"offers": texts.len(), "words": made.words.len(), "dimensions": d}),
    })
}

/// Personas of readers by main category: as many as unseen readers are likeliest by.
pub(super) fn personas(data: &Dataset, seed: u64) -> anyhow::Result<Learnt> {
    let main = data.main_genres();
    let mut rows = vec![vec![0.0; data.genres.len()]; data.users.len()];
    for (row, yes) in rows.iter_mut().zip(data.positives()) {
        let own = yes.iter().map(|(item, _)| main[*item as usize] as usize);
        own.filter(|genre| *genre < data.genres.len())
            .for_each(|genre| row[genre] += 1.0);
    }
    rows.retain(|row| row.iter().sum::<f64>() >= LEAST_ACTS);
    ensure!(
        rows.len() >= 50,
        "{} readers of {LEAST_ACTS} acts are too few to find personas",
        rows.len()
    );
    let counts: Vec<usize> = PERSONAS.collect();
    let judged = held(&rows, &counts, seed);
    let best = judged.iter().max_by(|a, b| a.likelihood.total_cmp(&b.likelihood));
    let count = best.map_or(1, |best| best.personas);
    let made = Personas::find(&rows, count, seed);
    let shares = made.shares.iter().flatten().copied();
    Ok(Learnt {
        settings: json!({"model": "personas", "personas": count}),
        data: data.hash(),
        counts: [
            rows.len(),
            data.genres.len(),
            rows.iter().flatten().sum::<f64>() as usize,
        ],
        names: data.genres.clone(),
        arrays: vec![
            (
                "weights",
                Array::F32(vec![count], numbers(made.weights.iter().copied())),
            ),
            ("shares", Array::F32(vec![count, data.genres.len()], numbers(shares))),
        ],
        found: json!({"personas": count, "tried": judged, "weights": made.weights, "categories": data.genres, "shares": made.shares}),
    })
}

/// Weights of the score from impressions, a line of JSON each.
pub(super) fn weights(path: &Path, seed: u64) -> anyhow::Result<Learnt> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str::<Shown>(line).with_context(|| format!("{}:{number} is no impression", path.display()))
    };
    let shown: Vec<Shown> = lines.map(read).collect::<Result<_, _>>()?;
    let made = learn(&shown, seed)?;
    let of = |pick: fn(&crate::lab::weights::Weight) -> f64| {
        Array::F32(vec![made.weights.len()], numbers(made.weights.iter().map(pick)))
    };
    Ok(Learnt {
        settings: json!({"model": "weights", "better": made.better}),
        data: hex(&Sha256::digest(&text)),
        counts: [made.judged, made.weights.len(), made.shown],
        names: made.weights.iter().map(|weight| weight.name.clone()).collect(),
        arrays: vec![
            ("values", of(|w| w.value)),
            ("low", of(|w| w.low)),
            ("high", of(|w| w.high)),
        ],
        found: json!(made),
    })
}
