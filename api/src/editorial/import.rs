//! The way in: lines checked, then written one document after the other.
//!
//! Invariant: nothing is written while a line is refused. Each document is written by itself: an import that is broken
//! off has taken its first lines whole, and sent again takes the others.

use std::collections::BTreeMap;

use florilege_engine::editorial::{Standing, check};
use florilege_engine::invalid::{Code, Fault, Invalid};
use florilege_engine::json;
use florilege_engine::taxonomy::Taxonomy;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Line;
use crate::bulk::lines;
use crate::http::editorial::rights::Editor;
use crate::http::problem::Problem;
use crate::store::{Document, DocumentKey, Draft, Status, Store, StoreError};

/// The most documents of one import.
const MAX_DOCUMENTS: usize = 50_000;

/// A line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Refused {
    /// Its number, from 1, blank lines counted.
    pub line: u64,
    /// What kind of fault, as in problems.
    pub code: String,
    /// Where in the line, as a JSON pointer.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// What became of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Imported {
    /// How many documents are there now as their lines say; none where a line is refused.
    pub accepted: u64,
    /// How many of them were there already.
    pub unchanged: u64,
    /// Why nothing was written, by line.
    pub rejected: Vec<Refused>,
    /// Whether only the lines were checked.
    pub dry_run: bool,
    /// A state that has applied up to here shows what was published.
    pub sequence: u64,
}

/// A line that was checked.
struct Taken {
    key: DocumentKey,
    status: Standing,
    body: Map<String, Value>,
    published: Option<Map<String, Value>>,
}

/// Takes the lines of a text, all or none.
pub(crate) async fn import(
    store: &Store,
    taxonomy: &Taxonomy,
    editor: &Editor,
    text: &[u8],
    dry_run: bool,
) -> Result<Imported, Problem> {
    let mut report = Imported {
        dry_run,
        ..Imported::default()
    };
    let mut taken = Vec::new();
    let mut seen = BTreeMap::new();
    for (number, line) in lines(text) {
        match look(store, taxonomy, editor, line).await? {
            Ok(line) if seen.len() < MAX_DOCUMENTS => match seen.insert(line.key.to_string(), number) {
                None => taken.push(line),
                Some(first) => report.refuse(number, twice(first)),
            },
            Ok(_) => report.refuse(
                number,
                Invalid::one("", Code::TooLarge, format!("at most {MAX_DOCUMENTS} documents")),
            ),
            Err(refused) => report
                .rejected
                .extend(refused.into_iter().map(|refused| refused.at(number))),
        }
    }
    if report.rejected.is_empty() {
        report.accepted = taken.len() as u64;
        for line in taken {
            let changed = !dry_run && put(store, editor, line).await?;
            report.unchanged += u64::from(!dry_run && !changed);
        }
    }
    report.sequence = store.last_sequence().0;
    Ok(report)
}

fn twice(first: u64) -> Invalid {
    Invalid::one(
        "/id",
        Code::DuplicateField,
        format!("line {first} holds this document already"),
    )
}

impl Imported {
    fn refuse(&mut self, line: u64, Invalid(faults): Invalid) {
        self.rejected
            .extend(faults.into_iter().map(|fault| Refused::of(fault).at(line)));
    }
}

impl Refused {
    fn of(fault: Fault) -> Self {
        Self {
            line: 0,
            code: fault.code.as_str().to_owned(),
            pointer: fault.pointer,
            message: fault.message,
        }
    }

    fn at(self, line: u64) -> Self {
        Self { line, ..self }
    }
}

/// One line, or every reason why not; an error when the store cannot be asked.
async fn look(
    store: &Store,
    taxonomy: &Taxonomy,
    editor: &Editor,
    line: &[u8],
) -> Result<Result<Taken, Vec<Refused>>, Problem> {
    let (line, territories) = match read(taxonomy, line) {
        Ok(read) => read,
        Err(Invalid(faults)) => return Ok(Err(faults.into_iter().map(Refused::of).collect())),
    };
    let mut rights: Result<(), Problem> = territories
        .iter()
        .try_for_each(|territory| editor.require(territory.as_deref()));
    if let (Ok(()), Some(there)) = (&rights, find(store, &line.key).await?) {
        rights = editor.require_document(store, &there).await;
    }
    Ok(match rights {
        Ok(()) => Ok(line),
        Err(problem) if problem.status().is_client_error() => Err(vec![Refused {
            line: 0,
            code: problem.code().to_owned(),
            pointer: "/body/territory".to_owned(),
            message: problem.detail().to_owned(),
        }]),
        Err(problem) => return Err(problem),
    })
}

fn read(taxonomy: &Taxonomy, line: &[u8]) -> Result<(Taken, Vec<Option<String>>), Invalid> {
    let line: Line = json::parse(line)?;
    let mut territories = Vec::new();
    for (body, pointer) in [(Some(&line.body), "/body"), (line.published.as_ref(), "/published")] {
        let Some(body) = body else { continue };
        let summary = check(line.kind, body, taxonomy).map_err(|invalid| invalid.under(pointer))?;
        if summary.id != line.id {
            let message = format!("the line names {}, its document {}", line.id, summary.id);
            return Err(Invalid::one(format!("{pointer}/id"), Code::InvalidValue, message));
        }
        territories.push(summary.territory);
    }
    let taken = Taken {
        key: DocumentKey {
            kind: line.kind,
            id: line.id,
        },
        status: line.status.unwrap_or(Standing::Draft),
        body: line.body,
        published: line.published,
    };
    Ok((taken, territories))
}

async fn find(store: &Store, key: &DocumentKey) -> Result<Option<Document>, StoreError> {
    match store.document(key).await {
        Ok(there) => Ok(Some(there)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Brings a document to where its line says; whether anything was to do.
async fn put(store: &Store, editor: &Editor, line: Taken) -> Result<bool, StoreError> {
    let Taken {
        key,
        status,
        body,
        published,
    } = line;
    let mut changed = false;
    if status == Standing::Published {
        let seen = published.unwrap_or_else(|| body.clone());
        if !is_seen(store, &key, &seen).await? {
            save(store, editor, &key, seen).await?;
            store.publish_document(key.clone(), None, &editor.author).await?;
            changed = true;
        }
    }
    let there = find(store, &key).await?;
    let archived = there.as_ref().is_some_and(|there| there.status == Status::Archived);
    let same = there.is_some_and(|there| there.newest.draft.body == plain(&body));
    let archives = status == Standing::Archived;
    if !same || archived && !archives {
        save(store, editor, &key, body).await?;
        changed = true;
    }
    if archives && (changed || !archived) {
        store.archive_document(key, None, &editor.author).await?;
        changed = true;
    }
    Ok(changed)
}

/// Whether readers see just this.
async fn is_seen(store: &Store, key: &DocumentKey, body: &Map<String, Value>) -> Result<bool, StoreError> {
    let Some(version) = find(store, key).await?.and_then(|there| there.published) else {
        return Ok(false);
    };
    Ok(store.document_version(key, version).await?.draft.body == plain(body))
}

/// A body as the store keeps it: where a document stands is the server's to say.
fn plain(body: &Map<String, Value>) -> Map<String, Value> {
    let mut body = body.clone();
    body.remove("status");
    body
}

async fn save(store: &Store, editor: &Editor, key: &DocumentKey, body: Map<String, Value>) -> Result<(), StoreError> {
    let draft = Draft {
        territory: body.get("territory").and_then(Value::as_str).map(str::to_owned),
        body: plain(&body),
    };
    if find(store, key).await?.is_some() {
        store.save_document(key.clone(), draft, None, &editor.author).await?;
    } else {
        store.create_document(key.clone(), draft, &editor.author).await?;
    }
    Ok(())
}
