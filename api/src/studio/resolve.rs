//! What a draft would give: the engine's list for a document that is not published.
//!
//! Every preview asks here. Invariant: it translates and never ranks.

use florilege_engine::ids::OfferId;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::Recommended;
use florilege_engine::query::{MAX_LIMIT, PinRequest, RecommendationRequest};
use serde_json::{Map, Value};

use super::home::{Shown, no_hand, shown};
use super::look::Look;
use super::view::View;
use super::words::Lang;

/// The list of a playlist, whether it is published or not.
pub(super) fn playlist(
    generation: &Generation,
    body: &Map<String, Value>,
    view: &View,
) -> Result<Recommended, Invalid> {
    let request = request(body, view);
    request.check()?;
    generation.recommend(&request, None, view.now)
}

/// The request that a playlist stands for.
pub(super) fn request(body: &Map<String, Value>, view: &View) -> RecommendationRequest {
    let read = |name: &str| body.get(name).cloned().unwrap_or_default();
    let filters = body.get("rule").and_then(|rule| rule.get("filters")).cloned();
    let limit = body.get("max_offers").and_then(Value::as_u64).unwrap_or(30);
    RecommendationRequest {
        context: view.context(),
        filters: filters
            .and_then(|filters| serde_json::from_value(filters).ok())
            .unwrap_or_default(),
        limit: Some(usize::try_from(limit).unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT)),
        seed: Some(view.seed()),
        explain: true,
        weights: serde_json::from_value(read("weights")).unwrap_or_default(),
        diversity: serde_json::from_value(read("diversity")).unwrap_or_default(),
        pins: pins(body),
        exclude: serde_json::from_value(read("exclude")).unwrap_or_default(),
        ..RecommendationRequest::default()
    }
}

fn pins(body: &Map<String, Value>) -> Vec<PinRequest> {
    let picks = body.get("picks").and_then(Value::as_array).into_iter().flatten();
    let pin = |pick: &Value| {
        Some(PinRequest {
            offer_id: OfferId::new(pick.get("offer_id")?.as_str()?).ok()?,
            rank: usize::try_from(pick.get("rank")?.as_u64()?).ok()?,
        })
    };
    picks.filter_map(pin).collect()
}

/// The page of a home, published or not: each module in its turn, no work twice.
pub(super) fn home(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    view: &View,
) -> Result<Vec<Shown>, Invalid> {
    let mut used: Vec<String> = Vec::new();
    let modules = body.get("modules").and_then(Value::as_array).into_iter().flatten();
    modules
        .map(|module| one(generation, lang, module, view, &mut used))
        .collect()
}

fn one(
    generation: &Generation,
    lang: Lang,
    module: &Value,
    view: &View,
    used: &mut Vec<String>,
) -> Result<Shown, Invalid> {
    let kind = module.get("kind").and_then(Value::as_str).unwrap_or("");
    let Some(mut request) = module_request(generation, kind, module, view) else {
        let empty = (!matches!(kind, "content" | "banner")).then_some("needs-reader");
        return Ok(shown(module, lang, Look::default(), empty));
    };
    request.exclude.extend(used.iter().cloned());
    request.limit = Some(10);
    request.check()?;
    let list = generation.recommend(&request, None, view.now)?;
    used.extend(list.offers.iter().map(|offer| offer.item_id.to_string()));
    let empty = (list.offers.len() < 3).then_some("too-few");
    let look = Look::of(
        generation.catalogue(),
        lang,
        (&list.offers, &list.diversity),
        &no_hand(),
        None,
    );
    Ok(shown(module, lang, look, empty))
}

fn module_request(generation: &Generation, kind: &str, module: &Value, view: &View) -> Option<RecommendationRequest> {
    let weighted = |feature: &str| {
        let body = Map::from_iter([("weights".to_owned(), serde_json::json!({feature: 1.0}))]);
        request(&body, view)
    };
    match kind {
        "recommendations" => Some(request(&Map::new(), view)),
        "nearby" => Some(weighted("proximity")),
        "trending" => Some(weighted("popularity")),
        "new" => Some(weighted("freshness")),
        "playlist" => {
            let id = module.get("playlist")?.as_str()?;
            let published = generation.catalogue().editorial().playlists().get(id)?;
            let body = serde_json::to_value(&published.body).ok()?;
            Some(request(body.as_object()?, view))
        }
        _ => None,
    }
}
