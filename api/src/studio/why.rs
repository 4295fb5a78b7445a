//! Why an offer stands where it stands: its score as a waterfall, what moved it, and the list without each rule.
//!
//! Reached from every preview. Invariant: every figure is the engine's: a counterfactual is the list made again with
//! one thing taken away.

use askama::Template;
use axum::extract::{RawQuery, State};
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::answer::Placed;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, html};
use super::desk::text;
use super::form::Form;
use super::look::{Hand, Look};
use super::page::Page;
use super::playlist::{part, set};
use super::resolve;
use super::session::Signed;
use super::state::Studio;
use super::view::View;
use super::words::Lang;
use crate::store::{DocumentKey, Find};

/// How wide the waterfall is drawn.
const WIDTH: f64 = 360.0;
/// How many playlists can be chosen.
const PLAYLISTS: usize = 200;

/// One part of a score.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) weight: String,
    pub(super) contribution: String,
    /// Where its bar starts, and how long it is.
    pub(super) x: String,
    pub(super) width: String,
}

/// The list made again with one thing taken away.
struct Without {
    /// What, in words.
    what: String,
    /// Where the offer would stand, from 1.
    place: Option<usize>,
    /// How many offers of the list would be other ones.
    changed: usize,
}

/// An offer of the list, explained.
struct Explained {
    title: String,
    place: usize,
    /// Its place by score alone, from 1.
    by_score: usize,
    score: String,
    parts: Vec<Part>,
    /// What moved it, in words.
    moved: Vec<String>,
    reasons: Vec<String>,
    sources: Vec<&'static str>,
    without: Vec<Without>,
}

#[derive(Template)]
#[template(path = "why.html")]
struct Why {
    p: Page,
    v: View,
    /// The playlist that is looked at; empty for the reader's own list.
    playlist: String,
    playlists: Vec<(String, String)>,
    look: Look,
    explained: Option<Explained>,
    /// An offer that was asked for and does not stand in the list.
    absent: Option<String>,
    fault: Option<String>,
}

impl Why {
    fn link(&self, id: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("playlist", &self.playlist).append_pair("offer", id);
        format!("/studio/why?{}&{}", query.finish(), self.v.query())
    }
}

pub(super) async fn show(State(studio): State<Studio>, RawQuery(query): RawQuery, signed: Signed) -> Answer {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let v = studio.view(&form, signed.lang);
    let playlist = form.get("playlist").to_owned();
    let body = body(&studio, &playlist).await?;
    let (view, lang, offer) = (v.clone(), signed.lang, form.get("offer").to_owned());
    let found = studio
        .look(move |generation| Ok(explain(generation, lang, &body, &view, &offer)))
        .await?;
    let mut page = Why {
        p: signed.page("why"),
        v,
        playlist,
        playlists: playlists(&studio).await?,
        look: Look::default(),
        explained: None,
        absent: None,
        fault: None,
    };
    match found {
        Ok(found) => (page.look, page.explained, page.absent) = found,
        Err(invalid) => page.fault = Some(invalid.to_string()),
    }
    html(&page)
}

/// The playlists to choose from: identifier and title.
pub(super) async fn playlists(studio: &Studio) -> Result<Vec<(String, String)>, Refusal> {
    let find = Find {
        limit: PLAYLISTS,
        ..Find::default()
    };
    let (found, _) = studio.store.find_documents(DocumentKind::Playlists, &find).await?;
    let named = |one: &crate::store::Document| (one.key.id.to_string(), text(one.newest.draft.body.get("title")));
    Ok(found.iter().map(named).collect())
}

/// The newest version of a playlist; nothing for the reader's own list.
pub(super) async fn body(studio: &Studio, playlist: &str) -> Result<Map<String, Value>, Refusal> {
    if playlist.is_empty() {
        return Ok(Map::new());
    }
    let id = DocumentId::new(playlist).map_err(|_| Refusal::NotFound)?;
    let key = DocumentKey {
        kind: DocumentKind::Playlists,
        id,
    };
    Ok(studio.store.document(&key).await?.newest.draft.body)
}

type Found = (Look, Option<Explained>, Option<String>);

fn explain(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    view: &View,
    offer: &str,
) -> Result<Found, Invalid> {
    let list = resolve::playlist(generation, body, view)?;
    let look = Look::of(
        generation.catalogue(),
        lang,
        (&list.offers, &list.diversity),
        &Hand::default(),
        None,
    );
    let placed = list.offers.iter().find(|one| one.id.as_str() == offer);
    let Some(placed) = placed else {
        let absent = (!offer.is_empty()).then(|| offer.to_owned());
        return Ok((look, None, absent));
    };
    let without = without(generation, lang, body, view, &list, placed);
    Ok((look, Some(explained(lang, placed, without)), None))
}

fn explained(lang: Lang, placed: &Placed, without: Vec<Without>) -> Explained {
    let explanation = placed.explanation.as_ref();
    let moved = explanation.map(|explanation| &explanation.moved);
    Explained {
        title: placed.title.clone(),
        place: placed.rank + 1,
        by_score: moved.map_or(placed.rank, |moved| moved.relevance_rank) + 1,
        score: format!("{:.3}", placed.score),
        parts: explanation.map_or_else(Vec::new, |explanation| {
            let parts = explanation.features.iter();
            waterfall(
                lang,
                placed.score,
                parts.map(|part| (part.name, part.value, part.weight, part.contribution)),
            )
        }),
        moved: moved
            .into_iter()
            .flat_map(|moved| &moved.by)
            .map(|by| moved_by(lang, by))
            .collect(),
        reasons: placed.reasons.iter().map(|reason| reason.text.clone()).collect(),
        sources: placed.sources.clone(),
        without,
    }
}

/// The parts of a score, each bar starting where the one before ends.
fn waterfall<'a>(lang: Lang, score: f64, parts: impl Iterator<Item = (&'a str, f64, f64, f64)>) -> Vec<Part> {
    let whole = score.max(f64::MIN_POSITIVE);
    let mut before = 0.0;
    let bar = |(name, value, weight, contribution): (&str, f64, f64, f64)| {
        let x = before;
        before += contribution;
        let key = format!("feature-{name}").replace('_', "-");
        Part {
            name: if lang.has(&key) { lang.t(&key) } else { name.to_owned() },
            value: format!("{value:.2}"),
            weight: format!("{weight:.2}"),
            contribution: format!("{contribution:.3}"),
            x: format!("{:.1}", (x / whole * WIDTH).clamp(0.0, WIDTH)),
            width: format!("{:.1}", (contribution / whole * WIDTH).clamp(0.0, WIDTH)),
        }
    };
    parts.map(bar).collect()
}

/// `rule:category`, `pin`, `soft:mmr`… in words.
fn moved_by(lang: Lang, by: &str) -> String {
    let (head, tail) = by.split_once(':').unwrap_or((by, ""));
    let tail = if head == "rule" {
        lang.t(&format!("by-{}", tail.replace('_', "-")))
    } else {
        tail.to_owned()
    };
    let key = format!("moved-by-{head}");
    if lang.has(&key) {
        lang.n(&key, tail)
    } else {
        by.to_owned()
    }
}

/// The list without each of its rules, without its soft diversity, without the pin.
fn without(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    view: &View,
    list: &resolve::List,
    placed: &Placed,
) -> Vec<Without> {
    let told = |what: String, body: Map<String, Value>| {
        let other = resolve::playlist(generation, &body, view).ok()?;
        let same = |one: &&Placed| !list.offers.iter().any(|was| was.item_id == one.item_id);
        let place = other
            .offers
            .iter()
            .find(|one| one.item_id == placed.item_id)
            .map(|one| one.rank + 1);
        Some(Without {
            what,
            place,
            changed: other.offers.iter().filter(same).count(),
        })
    };
    variants(lang, body, placed)
        .into_iter()
        .filter_map(|(what, body)| told(what, body))
        .collect()
}

/// The bodies with one thing taken away, and what it is called.
fn variants(lang: Lang, body: &Map<String, Value>, placed: &Placed) -> Vec<(String, Map<String, Value>)> {
    let diversity = part(body, "diversity");
    let standard = json!([{"by": "category", "window": 2, "max": 1, "strict": true}]);
    let rules = diversity
        .get("rules")
        .unwrap_or(&standard)
        .as_array()
        .cloned()
        .unwrap_or_default();
    let with = |field: &str, value: Option<Value>| {
        let (mut body, mut diversity) = (body.clone(), diversity.clone());
        set(&mut diversity, field, value);
        body.insert("diversity".to_owned(), Value::Object(diversity));
        body
    };
    let mut made = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let mut rest = rules.clone();
        rest.remove(place);
        let by = lang.t(&format!("by-{}", text(rule.get("by")).replace('_', "-")));
        made.push((lang.n("without-rule", by), with("rules", Some(Value::Array(rest)))));
    }
    if diversity.contains_key("strength") {
        made.push((lang.t("without-strength"), with("strength", None)));
    }
    let picks = body.get("picks").and_then(Value::as_array).cloned().unwrap_or_default();
    let own =
        |pick: &Value| [placed.id.as_str(), placed.item_id.as_str()].contains(&text(pick.get("offer_id")).as_str());
    if picks.iter().any(own) {
        let rest: Vec<Value> = picks.into_iter().filter(|pick| !own(pick)).collect();
        let mut body = body.clone();
        body.insert("picks".to_owned(), Value::Array(rest));
        made.push((lang.t("without-pin"), body));
    }
    if body.contains_key("weights") {
        let mut body = body.clone();
        body.remove("weights");
        made.push((lang.t("without-weights"), body));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_follow_each_other_and_fill_the_width() {
        let parts = [("proximity", 0.5, 0.4, 0.2), ("popularity", 1.0, 0.6, 0.6)];
        let bars = waterfall(Lang::En, 0.8, parts.into_iter());
        let drawn: Vec<(&str, &str, &str)> = bars
            .iter()
            .map(|bar| (bar.name.as_str(), bar.x.as_str(), bar.width.as_str()))
            .collect();
        assert_eq!(drawn, [("Proximity", "0.0", "90.0"), ("Popularity", "90.0", "270.0")]);
        assert!(waterfall(Lang::En, 0.0, [("price", 0.0, 0.1, 0.0)].into_iter())[0].width == "0.0");
    }

    #[test]
    fn what_moved_an_offer_is_said_in_words() {
        assert_eq!(moved_by(Lang::En, "rule:category"), "the rule on category");
        assert_eq!(moved_by(Lang::En, "pin"), "a pin");
        assert_eq!(moved_by(Lang::En, "new thing"), "new thing");
    }
}
