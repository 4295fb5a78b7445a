//! Learnt models: what `florilege-indexer train` wrote, opened and checked, and what a history leads to by it.
//!
//! Beside the main path: the sources `collaborative` and `content` ask the model that the scenario names. A name holds a
//! hash of the manifest, and the manifest one of each file, so that a name is one set of numbers for ever. Invariant: what
//! is opened is finite and of the shape that it says, and what it answers is a function of the folder and the history.

mod content;
mod factors;
mod folder;
pub mod linear;
mod neighbours;
mod npy;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use content::Content;
use factors::Factors;
use folder::Folder;
pub use folder::ModelError;
use neighbours::Neighbours;

/// The most numbers that are multiplied to look for the best items.
const PRODUCTS: usize = 1 << 20;

/// What a model learnt from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Who took what.
    Collaborative,
    /// What is said of the items.
    Content,
}

impl Kind {
    /// The kind of a model by the name of its folder; none of what is not served.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let (model, hash) = name.rsplit_once('-')?;
        let is_hash = hash.len() == folder::HASH && hash.bytes().all(|sign| b"0123456789abcdef".contains(&sign));
        match model {
            "ease" | "item-knn" | "rp3-beta" | "slim" | "ials" if is_hash => Some(Self::Collaborative),
            "content" if is_hash => Some(Self::Content),
            _ => None,
        }
    }
}

/// One learnt model.
#[derive(Debug)]
pub struct Model {
    name: String,
    kind: Kind,
    ids: Vec<Arc<str>>,
    numbers: FxHashMap<Arc<str>, u32>,
    law: Law,
}

/// How a history becomes a score.
#[derive(Debug)]
enum Law {
    Neighbours(Neighbours),
    Factors(Factors),
    Content(Content),
}

/// What a model makes of one history.
#[derive(Debug)]
pub struct Folded {
    history: Vec<(u32, f64)>,
    made: Made,
}

#[derive(Debug)]
enum Made {
    /// The score of each item that has one.
    Sums(FxHashMap<u32, f64>),
    /// What an item's vector is multiplied with.
    Vector(Vec<f32>),
}

impl Model {
    /// Opens a folder; every file is held against its checksum, every number must be finite.
    ///
    /// # Errors
    /// See [`ModelError`].
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let folder = Folder::open(path)?;
        let law = match folder.model() {
            "ease" | "item-knn" | "rp3-beta" | "slim" => Law::Neighbours(Neighbours::read(&folder)?),
            "ials" => Law::Factors(Factors::read(&folder)?),
            "content" => Law::Content(Content::read(&folder)?),
            other => return Err(ModelError::NotServed(other.to_owned())),
        };
        let ids: Vec<Arc<str>> = folder.ids.iter().map(|id| Arc::from(id.as_str())).collect();
        let kind = match law {
            Law::Neighbours(_) | Law::Factors(_) => Kind::Collaborative,
            Law::Content(_) => Kind::Content,
        };
        Ok(Self {
            name: folder.name,
            kind,
            numbers: ids.iter().cloned().zip(0..).collect(),
            ids,
            law,
        })
    }

    /// The name of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it learnt from.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How many items it knows.
    pub fn items(&self) -> usize {
        self.ids.len()
    }

    /// The number of an item; none of one that it does not know.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// The identifier of an item.
    pub fn id(&self, number: u32) -> Option<&str> {
        self.ids.get(number as usize).map(|id| &**id)
    }

    /// What it makes of a history: items by number, each with its weight above 0.
    pub fn fold(&self, history: Vec<(u32, f64)>) -> Folded {
        let made = match &self.law {
            Law::Neighbours(law) => Made::Sums(law.fold(&history)),
            Law::Factors(law) => Made::Vector(law.fold(&history)),
            Law::Content(law) => Made::Vector(law.fold(&history)),
        };
        Folded { history, made }
    }

    /// How many items it looks at to find the best.
    pub fn looked_at(&self, folded: &Folded) -> usize {
        match (&self.law, &folded.made) {
            (Law::Factors(law), _) => law.looked_at(),
            (Law::Content(law), _) => law.looked_at(),
            (Law::Neighbours(_), Made::Sums(sums)) => sums.len(),
            (Law::Neighbours(_), Made::Vector(_)) => 0,
        }
    }

    /// The score of one item; the larger the better, in [0, 1] of a model of content.
    pub fn score(&self, folded: &Folded, item: u32) -> f64 {
        match (&self.law, &folded.made) {
            (_, Made::Sums(sums)) => sums.get(&item).copied().unwrap_or(0.0),
            (Law::Factors(law), Made::Vector(vector)) => law.score(vector, item),
            (Law::Content(law), Made::Vector(vector)) => law.score(vector, item),
            (Law::Neighbours(_), Made::Vector(_)) => 0.0,
        }
    }

    /// The best `most` items with a score above 0, best first, equal ones by number; those of the history are left out.
    pub fn best(&self, folded: &Folded, most: usize) -> Vec<(u32, f64)> {
        let had: FxHashSet<u32> = folded.history.iter().map(|(item, _)| *item).collect();
        let mut best = Best::new(most + had.len());
        match (&self.law, &folded.made) {
            (_, Made::Sums(sums)) => sums.iter().for_each(|(item, score)| best.offer(*item, *score)),
            (Law::Factors(law), Made::Vector(vector)) => law.search(vector, &mut best),
            (Law::Content(law), Made::Vector(vector)) => law.search(vector, &mut best),
            (Law::Neighbours(_), Made::Vector(_)) => {}
        }
        let mut found = best.ordered();
        found.retain(|(item, _)| !had.contains(item));
        found.truncate(most);
        found
    }
}

/// The best of many, gathered twice as many at a time.
#[derive(Debug)]
struct Best {
    most: usize,
    held: Vec<(u32, f64)>,
    /// No score at or below this can be among the best any more.
    floor: f64,
}

impl Best {
    fn new(most: usize) -> Self {
        Self {
            most,
            held: Vec::with_capacity(2 * most),
            floor: 0.0,
        }
    }

    fn offer(&mut self, item: u32, score: f64) {
        // An equal one may have the lower number: the floor itself is let in.
        if score > 0.0 && score >= self.floor {
            self.held.push((item, score));
            if self.held.len() >= (2 * self.most).max(2) {
                self.cut();
            }
        }
    }

    fn cut(&mut self) {
        sort(&mut self.held);
        self.held.truncate(self.most);
        if let Some((_, last)) = self.held.last().filter(|_| self.held.len() == self.most) {
            self.floor = *last;
        }
    }

    fn ordered(mut self) -> Vec<(u32, f64)> {
        self.cut();
        self.held
    }
}

fn sort(found: &mut [(u32, f64)]) {
    found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}

/// The models that stand beside a catalogue, by name.
#[derive(Debug, Default)]
pub struct Shelf(BTreeMap<String, Arc<Model>>);

/// A folder of models, opened.
#[derive(Debug, Default)]
pub struct Opened {
    /// What can be served.
    pub shelf: Shelf,
    /// What cannot, and why.
    pub refused: Vec<ModelError>,
    /// Folders of models that are none of those that are served.
    pub passed_over: Vec<String>,
}

impl Shelf {
    /// Opens every model under a folder. What is damaged is refused, and the others stand.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn open(path: &Path) -> std::io::Result<Opened> {
        let mut opened = Opened::default();
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.path().is_dir() && !is_hidden {
                folders.push(entry.path());
            }
        }
        folders.sort();
        for folder in folders {
            match Model::open(&folder) {
                Ok(model) => opened.shelf.put(model),
                Err(ModelError::NotServed(model)) => opened.passed_over.push(model),
                Err(refused) => opened.refused.push(refused),
            }
        }
        Ok(opened)
    }

    /// Puts a model there.
    pub fn put(&mut self, model: Model) {
        self.0.insert(model.name.clone(), Arc::new(model));
    }

    /// The model of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        self.0.get(name)
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
