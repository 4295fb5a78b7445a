//! The home composer: modules from top to bottom, a phone beside, and what is live beside that.
//!
//! The page is a form, like a playlist's. Invariant: the page in the phone is what the engine makes of what is typed.

use askama::Template;
use florilege_engine::document::DocumentKind;
use florilege_engine::ids::DocumentId;
use florilege_engine::live::Generation;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Refusal, html_with};
use super::desk::{Desk, live, text};
use super::form::Form;
use super::look::{Hand, Look};
use super::moves::Moves;
use super::page::Page;
use super::playlist::{audience, part, schedule, set};
use super::resolve;
use super::schedule::Picker;
use super::session::Signed;
use super::state::Studio;
use super::view::{View, typed as typed_time};
use super::words::Lang;
use crate::store::{Find, Status};

/// Every kind of module, as the contract calls it.
const KINDS: [&str; 12] = [
    "playlist",
    "recommendations",
    "nearby",
    "trending",
    "new",
    "because",
    "friends",
    "reviews",
    "journey",
    "venues",
    "content",
    "banner",
];
/// The modules of a home that starts.
const STARTS_WITH: [&str; 4] = ["recommendations", "nearby", "trending", "new"];
/// How many published playlists can be chosen.
const PLAYLISTS: usize = 200;

/// One module, to type.
struct Module {
    place: usize,
    id: String,
    kind: String,
    title: String,
    playlist: String,
    max: String,
    floating: bool,
    /// What stands over it in the phone where nothing is typed.
    base: String,
    text: String,
}

/// One module in the phone.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) title: String,
    /// What an editor wrote in it.
    pub(super) text: String,
    pub(super) look: Look,
    /// Why it is left out, as the words call it.
    pub(super) empty: Option<String>,
    /// How many places it went up against what is live; none when it was not there.
    pub(super) up: Option<i64>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Composer {
    p: Page,
    d: Desk,
    v: View,
    modules: Vec<Module>,
    /// Published playlists: identifier and title.
    playlists: Vec<(String, String)>,
    page: Vec<Shown>,
    live: Option<Vec<Shown>>,
    moves: Option<Moves>,
    fault: Option<String>,
    picker: Picker,
}

impl Composer {
    fn time(&self, pointer: &str) -> String {
        typed_time(&self.d.text(pointer))
    }

    fn compares(&self) -> bool {
        self.d.form.is("compare")
    }
}

/// What a home starts as.
pub(super) fn fresh() -> Map<String, Value> {
    let modules: Vec<Value> = STARTS_WITH
        .iter()
        .map(|kind| json!({"id": kind, "kind": kind}))
        .collect();
    Map::from_iter([("modules".to_owned(), Value::Array(modules))])
}

/// The home that a form says.
pub(super) fn typed(form: &Form, base: &Map<String, Value>) -> Map<String, Value> {
    let mut body = base.clone();
    body.remove("status");
    for name in ["id", "title", "territory"] {
        set(&mut body, name, form.some(name).map(|text| json!(text)));
    }
    let priority = form
        .some("priority")
        .map(|text| text.parse::<i64>().map_or_else(|_| json!(text), |n| json!(n)));
    set(&mut body, "priority", priority.filter(|priority| *priority != json!(0)));
    let filled = |fields: Map<String, Value>| (!fields.is_empty()).then_some(Value::Object(fields));
    set(&mut body, "schedule", filled(schedule(form, part(base, "schedule"))));
    set(&mut body, "audience", filled(audience(form, part(base, "audience"))));
    let mut modules = modules(form);
    act(form.get("act"), &mut modules);
    body.insert("modules".to_owned(), Value::Array(modules));
    body
}

fn modules(form: &Form) -> Vec<Value> {
    let column = |name: &str| form.all(name).map(str::to_owned).collect::<Vec<_>>();
    let (ids, kinds, titles) = (column("m_id"), column("m_kind"), column("m_title"));
    let (playlists, most, floats) = (column("m_playlist"), column("m_max"), column("m_floating"));
    let (bases, texts) = (column("m_base"), column("m_text"));
    let at = |list: &[String], place: usize| list.get(place).map_or("", |text| text.trim()).to_owned();
    let module = |place: usize| {
        let base: Option<Map<String, Value>> = serde_json::from_str(&at(&bases, place)).ok();
        let mut module = base.unwrap_or_default();
        let said = |text: String| (!text.is_empty()).then(|| json!(text));
        module.insert("id".to_owned(), json!(at(&ids, place)));
        module.insert("kind".to_owned(), json!(at(&kinds, place)));
        set(&mut module, "title", said(at(&titles, place)));
        let is = |kind: &str| at(&kinds, place) == kind;
        set(
            &mut module,
            "playlist",
            said(at(&playlists, place)).filter(|_| is("playlist")),
        );
        set(
            &mut module,
            "max_offers",
            at(&most, place).parse::<u64>().ok().map(|most| json!(most)),
        );
        set(
            &mut module,
            "floating",
            (at(&floats, place) == "yes").then_some(json!(true)),
        );
        if is("content") || is("banner") {
            let mut content = part(&module, "content");
            set(&mut content, "text", said(at(&texts, place)));
            module.insert("content".to_owned(), Value::Object(content));
        }
        Value::Object(module)
    };
    (0..ids.len()).map(module).collect()
}

/// `add|kind`, `remove|place`, `up|place`, `down|place`, `move|to|place`.
fn act(act: &str, modules: &mut Vec<Value>) {
    let Some((verb, rest)) = act.split_once('|') else {
        return;
    };
    let (to, place) = rest
        .split_once('|')
        .map_or((None, rest), |(to, place)| (to.parse::<usize>().ok(), place));
    if verb == "add" {
        let id = (1..)
            .map(|n| format!("{rest}-{n}"))
            .find(|id| !modules.iter().any(|one| one["id"] == **id));
        modules.push(json!({"id": id, "kind": rest}));
        return;
    }
    let Some(place) = place.parse::<usize>().ok().filter(|place| *place < modules.len()) else {
        return;
    };
    let module = modules.remove(place);
    let to = match verb {
        "remove" => return,
        "up" => place.saturating_sub(1),
        "down" => place + 1,
        "move" => to.unwrap_or(place),
        _ => place,
    };
    modules.insert(to.min(modules.len()), module);
}

fn shown_modules(body: &Map<String, Value>) -> Vec<Module> {
    let list = body.get("modules").and_then(Value::as_array);
    let module = |(place, module): (usize, &Value)| Module {
        place,
        id: text(module.get("id")),
        kind: text(module.get("kind")),
        title: text(module.get("title")),
        playlist: text(module.get("playlist")),
        max: text(module.get("max_offers")),
        floating: module.get("floating") == Some(&Value::Bool(true)),
        text: text(module.pointer("/content/text")),
        base: module.to_string(),
    };
    list.into_iter().flatten().enumerate().map(module).collect()
}

/// The page of what is on the desk.
pub(super) async fn render(studio: &Studio, signed: &Signed, desk: Desk) -> Answer {
    let v = studio.view(&desk.form, signed.lang);
    let compares = desk.form.is("compare");
    let standing = live(studio, desk.there.as_ref())
        .await?
        .map(|live| live.draft.body)
        .filter(|_| compares);
    let (body, view, lang) = (desk.body.clone(), v.clone(), signed.lang);
    let (id, form) = (desk.id.clone(), desk.form.clone());
    let (made, picker) = studio
        .look(move |generation| {
            let picker = Picker::of(generation, lang, (DocumentKind::Homes, &id), &form, &body);
            Ok((made(generation, lang, &body, standing.as_ref(), &view)?, picker))
        })
        .await?;
    let find = Find {
        status: Some(Status::Published),
        limit: PLAYLISTS,
        ..Find::default()
    };
    let (playlists, _) = studio.store.find_documents(DocumentKind::Playlists, &find).await?;
    let titled = |one: &crate::store::Document| (one.key.id.to_string(), text(one.newest.draft.body.get("title")));
    let status = desk.status;
    let page = Composer {
        p: signed.page("homes"),
        v,
        modules: shown_modules(&desk.body),
        playlists: playlists.iter().map(titled).collect(),
        moves: made
            .live
            .as_ref()
            .map(|live| Moves::between(&named(live), &named(&made.page))),
        page: made.page,
        live: made.live,
        fault: made.fault,
        picker,
        d: desk,
    };
    html_with(status, &page)
}

/// The modules that stand on a page, by identifier and title.
fn named(page: &[Shown]) -> Vec<(String, String)> {
    let stands = page.iter().filter(|module| module.empty.is_none());
    stands.map(|module| (module.id.clone(), module.title.clone())).collect()
}

struct Made {
    page: Vec<Shown>,
    live: Option<Vec<Shown>>,
    fault: Option<String>,
}

fn made(
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    standing: Option<&Map<String, Value>>,
    view: &View,
) -> Result<Made, Refusal> {
    let page = resolve::home(generation, lang, body, view);
    let live = standing.map(|standing| resolve::home(generation, lang, standing, view).unwrap_or_default());
    let (mut page, fault) = match page {
        Ok(page) => (page, None),
        Err(invalid) => (Vec::new(), Some(invalid.to_string())),
    };
    for (place, module) in page.iter_mut().enumerate() {
        let alike = |one: &Shown| one.id == module.id;
        let was = live.as_ref().and_then(|live| live.iter().position(alike));
        module.up = was.map(|was| was as i64 - place as i64);
    }
    Ok(Made { page, live, fault })
}

/// A module in the phone, by its identifier in a body.
pub(super) fn shown(body: &Map<String, Value>, id: &DocumentId, lang: Lang, look: Look) -> Shown {
    let list = body.get("modules").and_then(Value::as_array);
    let module = list
        .into_iter()
        .flatten()
        .find(|module| module.get("id").is_some_and(|own| own == id.as_str()));
    let said = |name: &str| text(module.and_then(|module| module.get(name)));
    let (kind, title) = (said("kind"), said("title"));
    let standard = lang.t(&format!("module-{kind}"));
    Shown {
        title: if title.is_empty() { standard } else { title },
        text: text(module.and_then(|module| module.pointer("/content/text"))),
        id: id.to_string(),
        look,
        empty: None,
        up: None,
    }
}

/// Nothing was done by hand in a module of a home.
pub(super) fn no_hand() -> Hand {
    Hand::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(act: &str) -> Vec<String> {
        let form =
            format!("m_id=a&m_kind=new&m_id=b&m_kind=content&m_text=Hello&m_text=x&m_id=c&m_kind=nearby&act={act}");
        let body = typed(&Form::parse(form.as_bytes()), &Map::new());
        shown_modules(&body)
            .into_iter()
            .map(|module| format!("{}:{}", module.id, module.kind))
            .collect()
    }

    #[test]
    fn modules_move_come_and_go() {
        for (act, wanted) in [
            ("", ["a:new", "b:content", "c:nearby"].as_slice()),
            ("up|2", &["a:new", "c:nearby", "b:content"]),
            ("up|0", &["a:new", "b:content", "c:nearby"]),
            ("down|0", &["b:content", "a:new", "c:nearby"]),
            ("down|2", &["a:new", "b:content", "c:nearby"]),
            ("move|2|0", &["b:content", "c:nearby", "a:new"]),
            ("remove|1", &["a:new", "c:nearby"]),
            ("remove|9", &["a:new", "b:content", "c:nearby"]),
            ("add|new", &["a:new", "b:content", "c:nearby", "new-1:new"]),
        ] {
            assert_eq!(after(act), wanted, "{act}");
        }
    }
}
