//! The published documents of one kind, by identifier.
//!
//! Invariant: what stands is what was last published and can be read; a shelf is cheap to clone.

use std::sync::Arc;

use super::{Body, read};
use crate::document::Publication;
use crate::ids::DocumentId;

/// A published document.
#[derive(Debug, Clone, PartialEq)]
pub struct Published<B> {
    /// Its identifier.
    pub id: DocumentId,
    /// Its version.
    pub version: u64,
    /// Where it holds; none means everywhere.
    pub territory: Option<String>,
    /// What it says.
    pub body: B,
}

/// Published documents of one kind.
#[derive(Debug)]
pub struct Shelf<B>(imbl::OrdMap<DocumentId, Arc<Published<B>>>);

impl<B> Clone for Shelf<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<B> Default for Shelf<B> {
    fn default() -> Self {
        Self(imbl::OrdMap::new())
    }
}

impl<B> Shelf<B> {
    /// The document of an identifier.
    pub fn get(&self, id: &str) -> Option<&Arc<Published<B>>> {
        self.0.get(id)
    }

    /// Every document, by identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Published<B>>> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<B: Body> Shelf<B> {
    /// Takes a publication: its document stands, or leaves. False where it has a body that cannot be read: then
    /// nothing stands, since what stood before is not what was published.
    pub(super) fn take(&mut self, publication: &Publication) -> bool {
        self.0.remove(publication.id.as_str());
        let Some(body) = &publication.body else { return true };
        let Some(body) = read::leniently::<B>(body) else {
            return false;
        };
        let published = Published {
            id: publication.id.clone(),
            version: publication.version,
            territory: publication.territory.clone(),
            body,
        };
        self.0.insert(publication.id.clone(), Arc::new(published));
        true
    }
}
