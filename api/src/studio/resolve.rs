//! What a draft would give: the engine's list or page with the document published that is not.
//!
//! Every preview asks here. Invariants: it translates and never ranks; what is shown is what readers would get, but for
//! when and for whom it is: a closed draft is shown all the same, and the page says that it is closed.

use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::editorial::home::MAX_MODULES;
use florilege_engine::editorial::visitor::Closed;
use florilege_engine::home::{FeedRequest, PageModule};
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::{Code, Invalid};
use florilege_engine::live::Generation;
use florilege_engine::pipeline::answer::{Diversity, Placed};
use florilege_engine::playlist::PlaylistRequest;
use florilege_engine::query::{MAX_LIMIT, RecommendationRequest};
use serde_json::{Map, Value, json};

use super::home::{Shown, no_hand, shown};
use super::look::Look;
use super::view::View;
use super::words::Lang;

/// What a draft is called where nothing is typed yet.
const UNNAMED: &str = "draft";
/// The offers of a playlist that says no number.
const UNSAID: u64 = 30;
/// The version of a draft: no published one has it.
const DRAFT: u64 = u64::MAX;

/// A resolved list.
pub(super) struct List {
    pub(super) offers: Vec<Placed>,
    pub(super) diversity: Diversity,
    /// Why this reader does not see it now, as the engine calls it.
    pub(super) closed: Option<&'static str>,
}

/// The list of a playlist, whether it is published or not; the reader's own list for an empty body.
pub(super) fn playlist(generation: &Generation, body: &Map<String, Value>, view: &View) -> Result<List, Invalid> {
    if body.is_empty() {
        return own(generation, view);
    }
    let list = played(generation, body, view)?;
    if list.closed.is_none() {
        return Ok(list);
    }
    let mut open = body.clone();
    open.remove("schedule");
    open.remove("audience");
    Ok(List {
        closed: list.closed,
        ..played(generation, &open, view)?
    })
}

fn own(generation: &Generation, view: &View) -> Result<List, Invalid> {
    let request = RecommendationRequest {
        context: view.context(),
        seed: Some(view.seed()),
        explain: true,
        ..RecommendationRequest::default()
    };
    request.check()?;
    let list = generation.recommend(&request, None, view.now)?;
    Ok(List {
        offers: list.offers,
        diversity: list.diversity,
        closed: None,
    })
}

fn played(generation: &Generation, body: &Map<String, Value>, view: &View) -> Result<List, Invalid> {
    let publication = publication(DocumentKind::Playlists, body)?;
    let id = publication.id.clone();
    let limit = body.get("max_offers").and_then(Value::as_u64).unwrap_or(UNSAID);
    let request = PlaylistRequest {
        context: view.context(),
        limit: Some(usize::try_from(limit).unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT)),
        seed: Some(view.seed()),
        explain: true,
        ..PlaylistRequest::default()
    };
    request.check()?;
    let played = generation
        .with_document(publication)
        .playlist(id.as_str(), &request, None, view.now)?;
    let played = played.ok_or_else(unreadable)?;
    Ok(List {
        offers: played.list.offers,
        diversity: played.list.diversity,
        closed: played.closed.map(Closed::name),
    })
}

/// The page of a home, published or not; after it the modules that are left out, each with the reason.
pub(super) fn home(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    view: &View,
) -> Result<Vec<Shown>, Invalid> {
    let publication = publication(DocumentKind::Homes, body)?;
    let request = FeedRequest {
        context: view.context(),
        home: Some(publication.id.clone()),
        modules: Some(MAX_MODULES),
        seed: Some(view.seed()),
        explain: true,
        ..FeedRequest::default()
    };
    request.check()?;
    let imagined = generation.with_document(publication);
    let feed = imagined.feed(&request, view.now)?;
    let stands = feed.modules.iter().map(|module| stands(&imagined, lang, body, module));
    let left_out = feed.trace.iter().flatten().filter(|traced| !traced.shown);
    let left_out = left_out.map(|traced| Shown {
        empty: Some(traced.reason.clone().unwrap_or_default()),
        ..shown(body, &traced.id, lang, Look::default())
    });
    Ok(stands.chain(left_out).collect())
}

fn stands(generation: &Generation, lang: Lang, body: &Map<String, Value>, module: &PageModule) -> Shown {
    let list = (module.offers.as_slice(), &module.diversity);
    let look = Look::of(generation.catalogue(), lang, list, &no_hand(), None);
    shown(body, &module.id, lang, look)
}

fn unreadable() -> Invalid {
    Invalid::one(
        "",
        Code::InvalidValue,
        "the draft cannot be read yet; see what is said beside its fields",
    )
}

/// A draft as it would be published. What it lacks to be one is filled in, so that it can be shown while it is typed.
fn publication(kind: DocumentKind, body: &Map<String, Value>) -> Result<Publication, Invalid> {
    let typed = body.get("id").and_then(Value::as_str).unwrap_or(UNNAMED);
    let id = DocumentId::new(typed)
        .or_else(|_| DocumentId::new(UNNAMED))
        .map_err(|_| unreadable())?;
    let mut body = body.clone();
    body.insert("id".to_owned(), json!(id));
    body.entry("title").or_insert(json!(UNNAMED));
    Ok(Publication {
        kind,
        territory: body.get("territory").and_then(Value::as_str).map(str::to_owned),
        id,
        version: DRAFT,
        body: Some(body),
    })
}
