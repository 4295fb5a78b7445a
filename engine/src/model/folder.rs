//! The folder of a model: its manifest, its checksums, its arrays and the identifiers of its items.
//!
//! The other side of what the indexer writes (form 1). Invariant: nothing is read that is not under a checksum, and no
//! file outside the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::npy::{Array, parse};

/// The form that is read.
const FORMAT: u32 = 1;
/// Signs of a hash in a folder's name.
pub(super) const HASH: usize = 16;
/// The largest number of a model, so that sums of products stay finite.
const LARGEST: f32 = 1e12;
/// The identifiers of the items.
const ITEMS: &str = "items.json";

/// Why a model cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The disk.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of JSON that is none, or another.
    #[error("{path} is not what a model has there: {source}")]
    Json {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A form that this program does not know.
    #[error("{path} has form {found}, this program reads {FORMAT}; train it again")]
    Format {
        /// Which folder.
        path: PathBuf,
        /// Its number.
        found: u32,
    },
    /// A folder that was renamed, or whose manifest was changed.
    #[error("{path} is not the folder of this manifest, which is {expected}")]
    Name {
        /// Which folder.
        path: PathBuf,
        /// What the manifest makes its name.
        expected: String,
    },
    /// A file that is not what was written.
    #[error("{0} does not match its checksum; copy the model again")]
    Checksum(PathBuf),
    /// A file that a model of its kind has, and this has not.
    #[error("{0} is not in the manifest")]
    Missing(PathBuf),
    /// Numbers that do not fit together.
    #[error("{path}: {why}")]
    Shape {
        /// Which file or folder.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// A model that makes no list.
    #[error("a model of {0} is not served")]
    NotServed(String),
}

#[derive(Debug, Deserialize)]
struct Manifest {
    format: u32,
    settings: Value,
    items: usize,
    files: BTreeMap<String, String>,
}

/// A folder whose every file is what was written.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Its name.
    pub(super) name: String,
    manifest: Manifest,
    /// The identifiers of the items, each once.
    pub(super) ids: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    /// Reads everything in it that makes lists.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = path.join("manifest.json");
        let text = read(&file)?;
        let manifest: Manifest = json(&file, &text)?;
        if manifest.format != FORMAT {
            return Err(ModelError::Format {
                path: path.to_owned(),
                found: manifest.format,
            });
        }
        let model = manifest.settings["model"].as_str().unwrap_or("model");
        let expected = format!("{model}-{}", &hex(&text)[..HASH]);
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name != expected {
            return Err(ModelError::Name {
                path: path.to_owned(),
                expected,
            });
        }
        let mut files = BTreeMap::new();
        for (name, sum) in &manifest.files {
            let file = path.join(name);
            if name.contains(['/', '\\']) || name.starts_with('.') {
                return Err(ModelError::Missing(file));
            }
            let bytes = read(&file)?;
            if hex(&bytes) != *sum {
                return Err(ModelError::Checksum(file));
            }
            files.insert(name.clone(), bytes);
        }
        let mut folder = Self {
            path: path.to_owned(),
            name,
            manifest,
            ids: Vec::new(),
            files,
        };
        folder.ids = folder.read_ids()?;
        Ok(folder)
    }

    fn read_ids(&mut self) -> Result<Vec<String>, ModelError> {
        let bytes = self.files.remove(ITEMS);
        let path = self.path.join(ITEMS);
        let bytes = bytes.ok_or_else(|| ModelError::Missing(path.clone()))?;
        let ids: Vec<String> = json(&path, &bytes)?;
        let distinct: BTreeSet<&String> = ids.iter().collect();
        let named = self.manifest.items;
        if self.is_of_items() && ids.len() != named {
            return Err(self.fault(ITEMS, format!("{} identifiers of {named} items", ids.len())));
        }
        if distinct.len() != ids.len() || u32::try_from(ids.len()).is_err() {
            return Err(self.fault(ITEMS, "an identifier stands twice".into()));
        }
        Ok(ids)
    }

    /// Of models of something else than items, the manifest counts other things.
    fn is_of_items(&self) -> bool {
        !matches!(self.model(), "personas" | "weights")
    }

    /// What was trained.
    pub(super) fn model(&self) -> &str {
        self.manifest.settings["model"].as_str().unwrap_or("model")
    }

    /// A number of the settings, above `least`.
    pub(super) fn setting(&self, name: &str, least: f64) -> Result<f64, ModelError> {
        let found = self.manifest.settings[name].as_f64();
        let found = found.filter(|number| number.is_finite() && *number > least);
        found.ok_or_else(|| self.fault("manifest.json", format!("{name} must be a number above {least}")))
    }

    fn array(&self, name: &str) -> Result<Array, ModelError> {
        let file = format!("{name}.npy");
        let bytes = self.files.get(&file);
        let bytes = bytes.ok_or_else(|| ModelError::Missing(self.path.join(&file)))?;
        parse(bytes).map_err(|why| self.fault(&file, why))
    }

    /// Numbers of single precision with their shape, all finite and small enough that their products are.
    pub(super) fn floats(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>), ModelError> {
        match self.array(name)? {
            Array::F32(shape, numbers) if numbers.iter().all(|number| number.abs() <= LARGEST) => Ok((shape, numbers)),
            Array::F32(..) => Err(self.fault(&format!("{name}.npy"), "a number is not finite, or too large".into())),
            Array::U32(..) | Array::U64(..) => Err(self.fault(&format!("{name}.npy"), "f4 was expected".into())),
        }
    }

    /// Whole numbers in a line.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<u64>, ModelError> {
        match self.array(name)? {
            Array::U32(shape, numbers) if shape.len() == 1 => Ok(numbers.into_iter().map(u64::from).collect()),
            Array::U64(shape, numbers) if shape.len() == 1 => Ok(numbers),
            Array::F32(..) | Array::U32(..) | Array::U64(..) => {
                Err(self.fault(&format!("{name}.npy"), "a line of whole numbers was expected".into()))
            }
        }
    }

    /// A fault of a file of the folder.
    pub(super) fn fault(&self, file: &str, why: String) -> ModelError {
        ModelError::Shape {
            path: self.path.join(file),
            why,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    std::fs::read(path).map_err(|source| ModelError::Io {
        path: path.to_owned(),
        source,
    })
}

fn json<T: serde::de::DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, ModelError> {
    serde_json::from_slice(bytes).map_err(|source| ModelError::Json {
        path: path.to_owned(),
        source,
    })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
