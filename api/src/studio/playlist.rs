//! The playlist editor: a rule in words, picks, order, schedule, audience, sliders, and the list that they make.
//!
//! The page is a form; each try sends all of it and gets the page anew. Invariant: the list that is shown is the
//! engine's own for what is typed.

mod picks;
mod typed;

use std::collections::BTreeMap;

use askama::Template;
use florilege_engine::document::DocumentKind;
use florilege_engine::live::Generation;
use florilege_engine::pipeline::answer::Placed;
use florilege_engine::query::{FacetBy, SearchRequest};
use florilege_engine::score::FEATURES;
use florilege_engine::taxonomy::{Kind, Taxonomy};
use serde_json::{Map, Value};

use super::answer::{Answer, html_with};
use super::desk::{Desk, live};
use super::look::{self, Category, Hand, Look};
use super::moves::Moves;
use super::page::Page;
use super::resolve;
use super::schedule::Picker;
use super::session::Signed;
use super::state::Studio;
use super::view::{View, typed as typed_time};
use super::words::Lang;
use picks::Picked;
pub(super) use typed::{audience, part, schedule, set, typed};

/// How many hits a search for offers to pick shows.
const HITS: usize = 8;
/// The orders of a playlist.
const ORDERS: [&str; 6] = ["relevance", "manual", "distance", "date", "popularity", "daily_shuffle"];
/// What rules can be by.
const RULES_BY: [&str; 8] = [
    "category",
    "subcategory",
    "search_group",
    "kind",
    "venue",
    "creator",
    "genre",
    "item",
];
/// What to do when the rules leave too few.
const POLICIES: [&str; 3] = ["cut", "relax", "widen"];

/// An offer that a search found, to pick.
struct Hit {
    id: String,
    title: String,
    category: Category,
    venue: String,
    picked: bool,
}

/// One diversity rule, to type.
struct RuleRow {
    by: String,
    window: String,
    max: String,
    strict: bool,
}

/// A weight, to slide.
struct Weight {
    name: &'static str,
    value: f64,
    default: f64,
    /// The end of its slider: past what stands and what is built in, so that a form nobody touched changes nothing.
    most: f64,
}

#[derive(Template)]
#[template(path = "playlist.html")]
struct Editor {
    p: Page,
    d: Desk,
    v: View,
    look: Look,
    /// What is live beside it, where that is asked for.
    live: Option<(Look, Moves)>,
    /// Why this reader does not see it now.
    closed: Option<&'static str>,
    fault: Option<String>,
    /// Works that the rule finds; none without a rule.
    matching: Option<usize>,
    /// Works of each category, within the rest of the rule.
    counts: BTreeMap<String, usize>,
    categories: Vec<(String, String)>,
    labels: Vec<String>,
    picks: Vec<Picked>,
    excluded: Vec<Picked>,
    rules: Vec<RuleRow>,
    weights: Vec<Weight>,
    hits: Option<Vec<Hit>>,
    picker: Picker,
}

impl Editor {
    fn count(&self, key: &str) -> usize {
        self.counts.get(key).copied().unwrap_or(0)
    }

    /// A moment of the body as a browser types it.
    fn time(&self, pointer: &str) -> String {
        typed_time(&self.d.text(pointer))
    }

    /// A length in kilometres.
    fn kilometres(&self) -> String {
        let metres = self.d.value("/rule/filters/radius_m").and_then(Value::as_f64);
        metres.map_or_else(String::new, |metres| format!("{}", metres / 1_000.0))
    }

    /// A price in euros.
    fn euros(&self) -> String {
        let cents = self.d.value("/rule/filters/price_cents/max").and_then(Value::as_u64);
        cents.map_or_else(String::new, |cents| format!("{:.2}", cents as f64 / 100.0))
    }

    fn is(&self, pointer: &str) -> bool {
        self.d.value(pointer) == Some(&Value::Bool(true))
    }

    fn strength(&self) -> f64 {
        self.d
            .value("/diversity/strength")
            .and_then(Value::as_f64)
            .unwrap_or(0.0)
    }

    fn compares(&self) -> bool {
        self.d.form.is("compare")
    }

    /// What is looked for, to pick.
    fn find(&self) -> &str {
        self.d.form.get("find")
    }
}

/// What the engine says of what is typed.
struct Resolved {
    look: Look,
    live: Option<(Look, Moves)>,
    closed: Option<&'static str>,
    fault: Option<String>,
    matching: Option<usize>,
    counts: BTreeMap<String, usize>,
    hits: Option<Vec<Hit>>,
    picks: Vec<Picked>,
    excluded: Vec<Picked>,
}

/// The page of what is on the desk.
pub(super) async fn render(studio: &Studio, signed: &Signed, desk: Desk) -> Answer {
    let p = signed.page("playlists");
    let v = studio.view(&desk.form, signed.lang);
    let live = live(studio, desk.there.as_ref()).await?.map(|live| live.draft.body);
    let (body, view, lang, find) = (
        desk.body.clone(),
        v.clone(),
        signed.lang,
        desk.form.get("find").to_owned(),
    );
    let (id, form) = (desk.id.clone(), desk.form.clone());
    let kept = studio.clone();
    let (resolved, picker) = studio
        .look(move |generation| {
            let picker = Picker::of(generation, lang, (DocumentKind::Playlists, &id), &form, &body);
            let rule = body.get("rule").map_or_else(String::new, Value::to_string);
            let (question, sequence) = (format!("{}\n{rule}", view.query()), generation.sequence().0);
            let count = || {
                kept.counts()
                    .answer(question, sequence, || counted(generation, &body, &view))
            };
            let resolve = || resolved(generation, lang, &body, live.as_ref(), &view, &find);
            let (counts, mut resolved) = rayon::join(count, resolve);
            (resolved.matching, resolved.counts) = counts;
            Ok((resolved, picker))
        })
        .await?;
    let taxonomy = studio.taxonomy.clone();
    let status = desk.status;
    let page = Editor {
        look: resolved.look,
        live: resolved.live,
        closed: resolved.closed,
        fault: resolved.fault,
        matching: resolved.matching,
        counts: resolved.counts,
        hits: resolved.hits,
        picks: resolved.picks,
        excluded: resolved.excluded,
        categories: categories(&taxonomy, lang),
        labels: taxonomy.labels().to_vec(),
        rules: rules(&desk.body),
        weights: weights(&desk.body),
        picker,
        p,
        v,
        d: desk,
    };
    html_with(status, &page)
}

fn categories(taxonomy: &Taxonomy, lang: Lang) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = taxonomy
        .categories()
        .map(|(_, one)| (one.key.clone(), look::name(lang, one)))
        .collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    named
}

fn resolved(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    live: Option<&Map<String, Value>>,
    view: &View,
    find: &str,
) -> Resolved {
    let catalogue = generation.catalogue();
    let (mut fault, mut closed) = (None, None);
    let (mut look, mut beside) = (Look::default(), None);
    match resolve::playlist(generation, body, view) {
        Ok(list) => {
            let standing = live.and_then(|live| Some((live, resolve::playlist(generation, live, view).ok()?)));
            beside = standing.as_ref().map(|(body, live)| {
                let look = Look::of(catalogue, lang, (&live.offers, &live.diversity), &hand(body), None);
                (look, Moves::between(&named(&live.offers), &named(&list.offers)))
            });
            let live = standing.as_ref().map(|(_, live)| live.offers.as_slice());
            look = Look::of(catalogue, lang, (&list.offers, &list.diversity), &hand(body), live);
            closed = list.closed;
        }
        Err(invalid) => fault = Some(invalid.to_string()),
    }
    Resolved {
        look,
        live: beside,
        closed,
        fault,
        matching: None,
        counts: BTreeMap::new(),
        hits: (!find.is_empty()).then(|| hits(generation, lang, find, body, view)),
        picks: picks::picks(catalogue, lang, body),
        excluded: picks::excluded(catalogue, lang, body),
    }
}

/// Offers by work and title.
fn named(offers: &[Placed]) -> Vec<(String, String)> {
    let named = offers.iter().map(|one| (one.item_id.to_string(), one.title.clone()));
    named.collect()
}

/// What was done by hand in a body.
fn hand(body: &Map<String, Value>) -> Hand {
    let mut hand = Hand::default();
    for pick in body.get("picks").and_then(Value::as_array).into_iter().flatten() {
        let id = pick
            .get("offer_id")
            .or_else(|| pick.get("item_id"))
            .and_then(Value::as_str);
        let Some(id) = id else { continue };
        hand.picked.insert(id.to_owned());
        if pick.get("rank").is_some_and(Value::is_u64) {
            hand.pinned.insert(id.to_owned());
        }
    }
    hand
}

/// How many works a rule finds, and how many in each category within the rest of it.
pub(super) type Counts = (Option<usize>, BTreeMap<String, usize>);

fn counted(generation: &Generation, body: &Map<String, Value>, view: &View) -> Counts {
    let rule = body.get("rule").cloned();
    let parsed: Option<florilege_engine::editorial::playlist::Rule> =
        rule.clone().and_then(|rule| serde_json::from_value(rule).ok());
    let has_rule = parsed.is_some();
    let parsed = parsed.unwrap_or_default();
    let request = SearchRequest {
        q: parsed.q,
        filters: parsed.filters,
        context: view.context(),
        limit: Some(1),
        facets: vec![FacetBy::Category, FacetBy::Kind],
        understand: false,
        ..SearchRequest::default()
    };
    let Ok(found) = request
        .check()
        .and_then(|()| generation.search(&request, None, view.now))
    else {
        return (None, BTreeMap::new());
    };
    let counts = found.facets.into_values().flatten().collect();
    (has_rule.then_some(found.total), counts)
}

fn hits(generation: &Generation, lang: Lang, find: &str, body: &Map<String, Value>, view: &View) -> Vec<Hit> {
    let request = SearchRequest {
        q: find.chars().take(florilege_engine::query::MAX_QUERY).collect(),
        context: view.context(),
        limit: Some(HITS),
        ..SearchRequest::default()
    };
    let Ok(found) = request
        .check()
        .and_then(|()| generation.search(&request, None, view.now))
    else {
        return Vec::new();
    };
    let (catalogue, hand) = (generation.catalogue(), hand(body));
    let text = |hit: &Map<String, Value>, name: &str| hit.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    let shown = |hit: Map<String, Value>| {
        let id = text(&hit, "id");
        Hit {
            title: text(&hit, "title"),
            category: look::category(catalogue, lang, &text(&hit, "category")),
            venue: picks::venue(catalogue, &id),
            picked: hand.picked.contains(&id) || hand.picked.contains(&text(&hit, "item_id")),
            id,
        }
    };
    found.hits.into_iter().map(shown).collect()
}

/// The rules of a body, and an empty row for one more.
fn rules(body: &Map<String, Value>) -> Vec<RuleRow> {
    let given = body
        .get("diversity")
        .and_then(|diversity| diversity.get("rules"))
        .and_then(Value::as_array);
    let row = |rule: &Value| RuleRow {
        by: super::desk::text(rule.get("by")),
        window: rule.get("window").map_or_else(|| "2".to_owned(), Value::to_string),
        max: rule.get("max").map_or_else(|| "1".to_owned(), Value::to_string),
        strict: rule.get("strict") != Some(&Value::Bool(false)),
    };
    let standard = || vec![row(&serde_json::json!({"by": "category"}))];
    let mut rows = given.map_or_else(standard, |rules| rules.iter().map(row).collect());
    rows.push(row(&Value::Null));
    rows
}

fn weights(body: &Map<String, Value>) -> Vec<Weight> {
    let given = body.get("weights");
    let weight = |(name, default): &(&'static str, f64)| {
        let given = given.and_then(|given| given.get(*name)).and_then(Value::as_f64);
        let value = given.unwrap_or(*default);
        Weight {
            name,
            value,
            default: *default,
            most: value.max(2.0 * default).max(1.0).ceil(),
        }
    };
    FEATURES.iter().map(weight).collect()
}
