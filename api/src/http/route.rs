//! A route: method, path, who may call, what the documentation says, and the handler, in one value.
//!
//! The table of them makes the router, the OpenAPI document, the page `/docs` and the test of rights. Invariant: no
//! endpoint can be served without being documented and guarded.

use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::access::Access;
use crate::app::App;
use crate::store::Scope;

/// A named schema with all that it refers to.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// What a body or an answer looks like.
#[derive(Clone)]
pub(crate) struct Shape {
    /// Its media type.
    pub(crate) media: &'static str,
    /// The name of its schema, when it is JSON of a known type.
    pub(crate) schema: Option<String>,
    /// That schema and those it needs.
    pub(crate) schemas: Schemas,
    /// An example that works.
    pub(crate) example: &'static str,
    /// Whether `next_cursor` goes on.
    pub(crate) paged: bool,
}

impl Shape {
    /// JSON of a type.
    pub(crate) fn json<T: ToSchema>(example: &'static str) -> Self {
        let mut schemas = vec![(T::name().into_owned(), <T as PartialSchema>::schema())];
        T::schemas(&mut schemas);
        Self {
            media: "application/json",
            schema: Some(T::name().into_owned()),
            schemas,
            example,
            paged: false,
        }
    }

    /// JSON of a type that comes in pages.
    pub(crate) fn pages<T: ToSchema>() -> Self {
        Self {
            paged: true,
            ..Self::json::<T>("")
        }
    }

    /// Text of a media type.
    pub(crate) fn text(media: &'static str, example: &'static str) -> Self {
        Self {
            media,
            schema: None,
            schemas: Vec::new(),
            example,
            paged: false,
        }
    }
}

/// A parameter of the query string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its JSON type in a schema: `string`, `number`, `integer` or `boolean`.
    pub(crate) kind: &'static str,
    /// What it means.
    pub(crate) what: &'static str,
}

/// What the documentation says of a route.
#[derive(Clone)]
pub(crate) struct Note {
    /// The chapter.
    pub(crate) tag: &'static str,
    /// One line.
    pub(crate) summary: &'static str,
    /// What a caller must know besides.
    pub(crate) detail: &'static str,
    /// Parameters of its own.
    pub(crate) query: &'static [Param],
    /// The bodies that it takes, if any.
    pub(crate) bodies: Vec<Shape>,
    /// What it answers when all goes well.
    pub(crate) answer: Shape,
    /// Statuses of problems besides those that every route of its kind may give.
    pub(crate) problems: &'static [u16],
}

/// One entry of the table.
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The pattern.
    pub(crate) path: &'static str,
    /// Who may call.
    pub(crate) access: Access,
    /// What the documentation says.
    pub(crate) note: Note,
    /// The status of its answer.
    pub(crate) status: StatusCode,
    /// What runs.
    pub(crate) handler: MethodRouter<App>,
}

impl Route {
    fn new<H, T>(filter: MethodFilter, method: Method, path: &'static str, handler: H, note: Note) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self {
            method,
            path,
            access: Access::Open,
            note,
            status: StatusCode::OK,
            handler: on(filter, handler),
        }
    }

    /// A `GET` for everybody.
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, note: Note) -> Self {
        Self::new(MethodFilter::GET, Method::GET, path, handler, note)
    }

    /// A `PUT` for everybody.
    pub(crate) fn put<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, note: Note) -> Self {
        Self::new(MethodFilter::PUT, Method::PUT, path, handler, note)
    }

    /// A `PATCH` for everybody.
    pub(crate) fn patch<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, note: Note) -> Self {
        Self::new(MethodFilter::PATCH, Method::PATCH, path, handler, note)
    }

    /// A `POST` for everybody.
    pub(crate) fn post<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, note: Note) -> Self {
        Self::new(MethodFilter::POST, Method::POST, path, handler, note)
    }

    /// A `DELETE` for everybody.
    pub(crate) fn delete<H: Handler<T, App>, T: 'static>(path: &'static str, handler: H, note: Note) -> Self {
        Self::new(MethodFilter::DELETE, Method::DELETE, path, handler, note)
    }

    /// The same route for keys of a scope.
    #[must_use]
    pub(crate) fn scope(mut self, scope: Scope) -> Self {
        self.access = Access::Key(scope);
        self
    }

    /// The same route, which makes something: it answers 201.
    #[must_use]
    pub(crate) fn creates(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    /// The same route for any key.
    #[must_use]
    pub(crate) fn any_key(mut self) -> Self {
        self.access = Access::AnyKey;
        self
    }

    /// Whether it reads a query string of its own.
    pub(crate) fn takes_query(&self) -> bool {
        !self.note.query.is_empty()
    }
}
