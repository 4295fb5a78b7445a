//! Where a list starts: its seed, its moment and, on later pages, the state that the cursor carries.
//!
//! Shared by all that comes in pages. Invariant: what was drawn or read from the clock for the first page holds for
//! the others, so that pages continue one list.

use florilege_engine::time::Moment;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cursor::{Binding, Signer};
use super::problem::Problem;
use crate::app::clock;

/// The largest seed that is drawn: every client's numbers hold it exactly.
const LARGEST_SEED: u64 = (1 << 53) - 1;

/// Where a list starts.
pub(crate) struct Place<T> {
    binding: Binding,
    /// The seed: asked for, carried, or drawn.
    pub(crate) seed: u64,
    /// The moment: asked for, carried, or the clock's.
    pub(crate) now: Moment,
    /// The state at the cut, on later pages.
    pub(crate) page: Option<T>,
}

/// What a request says of it.
pub(crate) struct Asked<'a> {
    /// Its cursor.
    pub(crate) cursor: Option<&'a str>,
    /// Its seed.
    pub(crate) seed: Option<u64>,
    /// Its `context.now`.
    pub(crate) now: Option<Moment>,
}

/// What a cursor carries.
#[derive(Serialize, Deserialize)]
struct Carried<T> {
    seed: u64,
    now: Moment,
    page: T,
}

impl<T: Serialize + DeserializeOwned> Place<T> {
    /// The place of a request of a kind.
    pub(crate) fn of(kind: &str, request: &impl Serialize, signer: &Signer, asked: Asked<'_>) -> Result<Self, Problem> {
        let whole = serde_json::to_value(request).map_err(Problem::internal)?;
        let binding = Binding::new(kind, &whole);
        let Some(cursor) = asked.cursor else {
            return Ok(Self {
                binding,
                seed: asked.seed.map_or_else(draw, Ok)?,
                now: asked.now.unwrap_or_else(clock),
                page: None,
            });
        };
        let carried: Carried<T> = signer.open(&binding, cursor)?;
        Ok(Self {
            binding,
            seed: carried.seed,
            now: carried.now,
            page: Some(carried.page),
        })
    }

    /// The cursor of the page after.
    pub(crate) fn next(&self, signer: &Signer, next: Option<T>) -> Result<Option<String>, Problem> {
        let carried = next.map(|page| Carried {
            seed: self.seed,
            now: self.now,
            page,
        });
        let sealed = carried.map(|carried| signer.seal(&self.binding, &carried));
        sealed.transpose().map_err(Problem::internal)
    }
}

fn draw() -> Result<u64, Problem> {
    let drawn = getrandom::u64().map_err(Problem::internal)?;
    Ok(drawn & LARGEST_SEED)
}
