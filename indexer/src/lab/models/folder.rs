//! A learnt model on disk: an immutable folder of plain arrays and one manifest.
//!
//! Arrays are `.npy` files (NumPy format 1.0, little-endian, by rows), which anything reads. `items.json` holds the
//! names of the items in the order of the arrays' rows. What is served: `item-knn`, `rp3-beta`, `ease`, `slim` are
//! neighbours by rows (`starts`, `columns`, `values`: the score of j is the sum over the history's items i of the value
//! at (i, j)); `ials` has `items` (n × d) and `gram` (α₀HᵀH), from which a history is folded in; `popularity` `counts`.
//! Invariant: the folder appears whole or not at all, is never written again, and every file is under a checksum.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::lab::dataset::hex;

/// The number of this form.
pub const FORMAT: u32 = 1;

/// Numbers with a shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    /// Single precision.
    F32(Vec<usize>, Vec<f32>),
    /// Small whole numbers.
    U32(Vec<usize>, Vec<u32>),
    /// Large whole numbers.
    U64(Vec<usize>, Vec<u64>),
}

/// What a folder says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The number of the form.
    pub format: u32,
    /// The program that wrote it.
    pub version: String,
    /// What was trained (`model`), and how.
    pub settings: serde_json::Value,
    /// The seed.
    pub seed: u64,
    /// The hash of the data.
    pub data: String,
    /// Readers it was trained on.
    pub readers: usize,
    /// Items it knows.
    pub items: usize,
    /// Yeses it was trained on.
    pub acts: usize,
    /// SHA-256 of every other file.
    pub files: BTreeMap<String, String>,
}

/// Why a model cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The disk.
    #[error("cannot use {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It stands there already.
    #[error("{0} is there already, and a model is never written twice")]
    Exists(PathBuf),
    /// A manifest that is none.
    #[error("{path} is no manifest of a model: {source}")]
    Manifest {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A form that this program does not know.
    #[error("{path} has form {found}, this program reads {FORMAT}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// Its number.
        found: u32,
    },
    /// A file that is not what was written.
    #[error("{0} does not match its checksum")]
    Checksum(PathBuf),
}

impl Manifest {
    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        self.settings["model"].as_str().unwrap_or("model")
    }
}

impl Array {
    /// As the bytes of a `.npy` file.
    #[must_use]
    pub fn npy(&self) -> Vec<u8> {
        let (kind, shape) = match self {
            Self::F32(shape, _) => ("<f4", shape),
            Self::U32(shape, _) => ("<u4", shape),
            Self::U64(shape, _) => ("<u8", shape),
        };
        let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
        let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sizes}), }}");
        // The header ends with a line feed on a multiple of 64 bytes.
        let whole = (10 + header.len() + 1).next_multiple_of(64);
        header.extend(std::iter::repeat_n(' ', whole - 10 - header.len() - 1));
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        match self {
            Self::F32(_, numbers) => numbers.iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes())),
            Self::U32(_, numbers) => numbers.iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes())),
            Self::U64(_, numbers) => numbers.iter().for_each(|n| bytes.extend_from_slice(&n.to_le_bytes())),
        }
        bytes
    }
}

/// Writes a model under `out`, in a folder named by what is in it; returns that folder.
///
/// # Errors
/// See [`FolderError`].
pub fn write(
    out: &Path,
    mut manifest: Manifest,
    names: &[&str],
    arrays: &[(&'static str, Array)],
) -> Result<PathBuf, FolderError> {
    let mut files: Vec<(String, Vec<u8>)> = arrays
        .iter()
        .map(|(name, array)| (format!("{name}.npy"), array.npy()))
        .collect();
    files.push(("items.json".into(), serde_json::json!(names).to_string().into_bytes()));
    for (name, bytes) in &files {
        manifest.files.insert(name.clone(), hex(&Sha256::digest(bytes)));
    }
    let text = serde_json::json!(manifest).to_string();
    let name = format!("{}-{}", manifest.model(), &hex(&Sha256::digest(&text))[..16]);
    let (folder, draft) = (out.join(&name), out.join(format!(".{name}.draft")));
    if folder.exists() {
        return Err(FolderError::Exists(folder));
    }
    files.push(("manifest.json".into(), text.into_bytes()));
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Io { path, source }
    };
    if draft.exists() {
        std::fs::remove_dir_all(&draft).map_err(fault(&draft))?;
    }
    std::fs::create_dir_all(&draft).map_err(fault(&draft))?;
    for (name, bytes) in files {
        let path = draft.join(name);
        std::fs::write(&path, bytes).map_err(fault(&path))?;
    }
    std::fs::rename(&draft, &folder).map_err(fault(&folder))?;
    Ok(folder)
}

/// Reads a manifest and checks every file against it.
///
/// # Errors
/// See [`FolderError`].
pub fn check(folder: &Path) -> Result<Manifest, FolderError> {
    let path = folder.join("manifest.json");
    let read = |path: &Path| {
        std::fs::read(path).map_err(|source| FolderError::Io {
            path: path.to_owned(),
            source,
        })
    };
    let manifest: Manifest = serde_json::from_slice(&read(&path)?).map_err(|source| FolderError::Manifest {
        path: path.clone(),
        source,
    })?;
    if manifest.format != FORMAT {
        return Err(FolderError::Format {
            path,
            found: manifest.format,
        });
    }
    for (name, sum) in &manifest.files {
        let path = folder.join(name);
        if hex(&Sha256::digest(read(&path)?)) != *sum {
            return Err(FolderError::Checksum(path));
        }
    }
    Ok(manifest)
}
