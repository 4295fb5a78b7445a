//! Personas as editorial documents: the shape and its bounds are those of [`crate::persona`].
//!
//! A published one stands over the built-in one of its identifier, or beside them. Invariant: what passes the check
//! can be compiled.

use super::{Body, Head};
use crate::document::DocumentKind;
use crate::invalid::Faults;
pub use crate::persona::Persona;
use crate::taxonomy::Taxonomy;

impl Body for Persona {
    const KIND: DocumentKind = DocumentKind::Personas;

    fn head(&self) -> Head<'_> {
        Head::new(&self.id, &self.title, self.territory.as_deref())
    }

    fn check(&self, taxonomy: &Taxonomy, faults: &mut Faults) {
        Self::check(self, taxonomy, faults);
    }
}
