//! Florilège's engine: the domain, the catalogue in memory, retrieval, ranking, diversification.
//!
//! It stands alone: values in, values out. It knows no network, no database, no clock (`now` is an argument)
//! and no thread of its own. Start reading at [`pipeline`].

pub mod change;
pub mod event;
pub mod geo;
pub mod ids;
pub mod invalid;
pub mod json;
pub mod money;
pub mod offer;
pub mod query;
#[cfg(feature = "schema")]
mod schema;
pub mod taxonomy;
pub mod time;
pub mod user;
pub mod venue;
