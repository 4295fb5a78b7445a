//! OpenAPI schemas of the types that are texts in JSON; the others derive theirs.
//!
//! Compiled for `api` alone, by the feature `schema`. Invariant: a schema says what the type's `Deserialize` takes.

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::ids::{DocumentId, EventId, ItemId, MAX_ID_BYTES, OfferId, UserId, VenueId};
use crate::time::Moment;

macro_rules! id_schema {
    ($($id:ty),*) => {
        $(
            impl PartialSchema for $id {
                fn schema() -> RefOr<Schema> {
                    let text = ObjectBuilder::new().schema_type(Type::String);
                    text.min_length(Some(1)).max_length(Some(MAX_ID_BYTES)).build().into()
                }
            }

            impl ToSchema for $id {}
        )*
    };
}

id_schema!(OfferId, ItemId, VenueId, UserId, EventId, DocumentId);

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl ToSchema for Moment {}
