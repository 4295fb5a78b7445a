//! Florilège's engine: the domain, the catalogue in memory, retrieval, ranking, diversification.
//!
//! It stands alone: values in, values out. It knows no network, no database, no clock (`now` is an argument)
//! and no thread of its own. Start reading at `pipeline.rs`.

pub mod arrange;
pub mod artefact;
mod bits;
pub mod catalogue;
pub mod change;
pub mod department;
pub mod document;
pub mod editorial;
pub mod event;
pub mod filter;
pub mod fitness;
pub mod generate;
pub mod geo;
pub mod home;
pub mod ids;
pub mod invalid;
pub mod json;
pub mod lint;
pub mod live;
pub mod model;
pub mod money;
pub mod offer;
pub mod persona;
pub mod pipeline;
pub mod playlist;
pub mod preview;
pub mod query;
pub mod questionnaire;
pub mod reader;
pub mod reason;
#[cfg(feature = "schema")]
mod schema;
pub mod score;
pub mod search;
pub mod source;
pub mod taxonomy;
pub mod text;
pub mod time;
pub mod user;
pub mod venue;
