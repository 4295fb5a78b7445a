//! Personas: read and tune, with the effect shown on sample readers.
//!
//! The page is a form, like a playlist's. Invariant: the samples are the engine's own lists, as it stands and as it
//! would stand with this persona published.

use std::sync::Arc;

use askama::Template;
use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::ids::DocumentId;
use florilege_engine::invalid::Invalid;
use florilege_engine::live::Generation;
use florilege_engine::persona;
use florilege_engine::pipeline::Recommended;
use florilege_engine::pipeline::answer::Placed;
use florilege_engine::query::RecommendationRequest;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::{Map, Value, json};

use super::answer::{Answer, html_with};
use super::desk::Desk;
use super::form::Form;
use super::look::{self, Category, Hand, Look};
use super::page::Page;
use super::playlist::{part, set};
use super::session::Signed;
use super::state::Studio;
use super::view::View;
use super::words::Lang;

/// How many offers a sample reader is shown.
const SAMPLE: usize = 10;
/// The sample readers: ages, and which of the towns.
const READERS: [(u8, usize); 8] = [(15, 0), (15, 7), (16, 3), (16, 11), (17, 5), (17, 2), (18, 9), (18, 1)];
/// What a persona lets weigh, and what stands where nothing is said.
const APPETITES: [(&str, f64); 7] = [
    ("price", 0.5),
    ("popularity", 0.5),
    ("novelty", 0.5),
    ("peers", 0.5),
    ("editors", 0.5),
    ("repetition", 0.5),
    ("pace", 0.25),
];
/// The kinds of offers.
const KINDS: [&str; 3] = ["digital", "physical", "event"];
/// How far it goes where nothing is said, in metres: in a dense town, in open country.
const REACHES: [(&str, f64); 2] = [("dense", 3_000.0), ("sparse", 20_000.0)];

/// A number by name, to slide.
struct Slide {
    name: String,
    title: String,
    value: f64,
}

/// What one sample reader would get, before and after.
struct Sample {
    age: u8,
    town: String,
    before: Look,
    after: Look,
    /// How many of the offers are other ones.
    changed: usize,
}

impl Sample {
    fn legend(&self) -> &[(Category, usize)] {
        &self.after.legend
    }
}

#[derive(Template)]
#[template(path = "persona.html")]
struct Editor {
    p: Page,
    d: Desk,
    categories: Vec<Slide>,
    kinds: Vec<Slide>,
    appetites: Vec<Slide>,
    samples: Vec<Sample>,
}

impl Editor {
    /// A reach in kilometres.
    fn kilometres(&self, name: &str) -> f64 {
        let unsaid = REACHES
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(0.0, |(_, metres)| *metres);
        number(&self.d.body, "reach_m", name, unsaid) / 1_000.0
    }

    fn is_silent(&self) -> bool {
        self.d.value("/silent") == Some(&Value::Bool(true))
    }
}

fn number(body: &Map<String, Value>, field: &str, name: &str, unsaid: f64) -> f64 {
    let given = body
        .get(field)
        .and_then(|given| given.get(name))
        .and_then(Value::as_f64);
    given.unwrap_or(unsaid)
}

/// What a persona starts as: one of the study, to be written over, or an empty one.
pub(super) fn fresh(copy: &str) -> Map<String, Value> {
    let known = persona::documents().into_iter().find(|one| one.id.as_str() == copy);
    let body = known.and_then(|known| serde_json::to_value(known).ok());
    body.and_then(|body| body.as_object().cloned()).unwrap_or_default()
}

/// The persona that a form says.
pub(super) fn typed(form: &Form, base: &Map<String, Value>) -> Map<String, Value> {
    let mut body = base.clone();
    body.remove("status");
    for name in ["id", "title", "description", "territory"] {
        set(&mut body, name, form.some(name).map(|text| json!(text)));
    }
    let mut categories = part(base, "categories");
    for key in form.all("category_of") {
        let given = form
            .number::<f64>(&format!("category_{key}"))
            .filter(|value| *value > 0.0);
        set(&mut categories, key, given.map(|value| json!(value)));
    }
    body.insert("categories".to_owned(), Value::Object(categories));
    let mut kinds = part(base, "kinds");
    for kind in KINDS {
        set(
            &mut kinds,
            kind,
            form.number::<f64>(&format!("kind_{kind}")).map(|value| json!(value)),
        );
    }
    body.insert("kinds".to_owned(), Value::Object(kinds));
    let mut reach = Map::new();
    for (name, unsaid) in REACHES {
        let metres = form
            .number::<f64>(&format!("reach_{name}"))
            .map_or(unsaid, |km| km * 1_000.0);
        reach.insert(name.to_owned(), json!(metres));
    }
    body.insert("reach_m".to_owned(), Value::Object(reach));
    for (name, _) in APPETITES {
        set(&mut body, name, form.number::<f64>(name).map(|value| json!(value)));
    }
    set(&mut body, "silent", form.is("silent").then_some(json!(true)));
    body
}

/// The page of what is on the desk.
pub(super) async fn render(studio: &Studio, signed: &Signed, desk: Desk) -> Answer {
    let (p, lang, view) = (
        signed.page("personas"),
        signed.lang,
        studio.view(&desk.form, signed.lang),
    );
    let body = desk.body.clone();
    let kept = studio.clone();
    let samples = studio
        .look(move |generation| Ok(samples(&kept, generation, lang, &body, &view)))
        .await?;
    let own = |name: &str, unsaid: f64| desk.body.get(name).and_then(Value::as_f64).unwrap_or(unsaid);
    let category = |named: &florilege_engine::taxonomy::Named| Slide {
        name: named.key.clone(),
        title: look::name(lang, named),
        value: number(&desk.body, "categories", &named.key, 0.0),
    };
    let mut categories: Vec<Slide> = studio.taxonomy.categories().map(|(_, named)| category(named)).collect();
    categories.sort_by(|a, b| a.title.cmp(&b.title));
    let kinds = KINDS.map(|kind| Slide {
        name: kind.to_owned(),
        title: p.tt("kind", kind),
        value: number(&desk.body, "kinds", kind, 1.0),
    });
    let appetites = APPETITES.map(|(name, unsaid)| Slide {
        name: name.to_owned(),
        title: p.tt("appetite", name),
        value: own(name, unsaid),
    });
    let status = desk.status;
    let page = Editor {
        kinds: kinds.into(),
        appetites: appetites.into(),
        categories,
        samples: samples.unwrap_or_default(),
        p,
        d: desk,
    };
    html_with(status, &page)
}

/// What the sample readers get as the engine stands, and would get with what is typed.
fn samples(
    studio: &Studio,
    generation: &Generation,
    lang: Lang,
    body: &Map<String, Value>,
    view: &View,
) -> Result<Vec<Sample>, Invalid> {
    let id = body.get("id").and_then(Value::as_str).unwrap_or("");
    let Ok(document) = DocumentId::new(id) else {
        return Ok(Vec::new());
    };
    let tuned = generation.with_document(Publication {
        kind: DocumentKind::Personas,
        id: document,
        version: u64::MAX,
        territory: None,
        body: Some(body.clone()),
    });
    let question = format!("{id}\n{}", view.query());
    let standing = || Arc::new(lists(generation, id, view));
    let before = studio.samples().answer(question, generation.sequence().0, standing);
    let before = before.as_ref().as_ref().map_err(Clone::clone)?;
    let after = lists(&tuned, id, view)?;
    let sample = |((age, town), (before, after)): (&(u8, usize), (&Recommended, &Recommended))| {
        let town = view.towns.get(town % view.towns.len().max(1));
        let look = |list: &Recommended| {
            Look::of(
                generation.catalogue(),
                lang,
                (&list.offers, &list.diversity),
                &Hand::default(),
                None,
            )
        };
        let same = |one: &&Placed| before.offers.iter().any(|was| was.id == one.id);
        Sample {
            age: *age,
            town: town.map_or_else(String::new, |town| town.name.clone()),
            changed: after.offers.len() - after.offers.iter().filter(same).count(),
            before: look(before),
            after: look(after),
        }
    };
    Ok(READERS.iter().zip(before.iter().zip(&after)).map(sample).collect())
}

/// What the sample readers get as an engine stands, one list a reader.
pub(super) type Samples = Arc<Result<Vec<Recommended>, Invalid>>;

fn lists(generation: &Generation, id: &str, view: &View) -> Result<Vec<Recommended>, Invalid> {
    let one = |(age, town): &(u8, usize)| {
        let town = view.towns.get(town % view.towns.len().max(1));
        let place = town.map_or_else(String::new, super::view::Town::value);
        list(generation, &view.for_reader(id, *age, &place))
    };
    READERS.par_iter().map(one).collect()
}

fn list(generation: &Generation, view: &View) -> Result<Recommended, Invalid> {
    let request = RecommendationRequest {
        context: view.context(),
        limit: Some(SAMPLE),
        seed: Some(view.seed()),
        ..RecommendationRequest::default()
    };
    request.check()?;
    generation.recommend(&request, None, view.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persona_of_the_study_goes_through_its_form_unchanged() {
        let body = fresh("curieux");
        let mut form = form_urlencoded::Serializer::new(String::new());
        for name in ["id", "title", "description"] {
            form.append_pair(name, body.get(name).and_then(Value::as_str).unwrap_or(""));
        }
        for (key, value) in body["categories"].as_object().expect("an object") {
            form.append_pair("category_of", key)
                .append_pair(&format!("category_{key}"), &value.to_string());
        }
        for (kind, value) in body["kinds"].as_object().expect("an object") {
            form.append_pair(&format!("kind_{kind}"), &value.to_string());
        }
        for (name, _) in APPETITES {
            form.append_pair(name, &body[name].to_string());
        }
        for (name, _) in REACHES {
            let km = number(&body, "reach_m", name, 0.0) / 1_000.0;
            form.append_pair(&format!("reach_{name}"), &km.to_string());
        }
        assert_eq!(typed(&Form::parse(form.finish().as_bytes()), &body), body);
    }
}
