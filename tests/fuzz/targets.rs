//! The engine's parsers as targets: bytes in, a word about what became of them out.
//!
//! Run by `tests/it/fuzz.rs` and by the binaries of `engine/fuzz`. Invariant: what a parser takes is also used, as the
//! server would: applied, asked, written again and read again.

use std::sync::Arc;

use florilege_engine::arrange::line;
use florilege_engine::change::{Change, Sequence};
use florilege_engine::document::{DocumentKind, Publication};
use florilege_engine::home::FeedRequest;
use florilege_engine::ids::DocumentId;
use florilege_engine::json::{self, parse};
use florilege_engine::live::Engine;
use florilege_engine::query::{RecommendationRequest, SearchRequest};
use florilege_engine::search::suggest::SuggestRequest;
use florilege_engine::taxonomy::Taxonomy;
use florilege_engine::time::Moment;
use serde_json::{Map, Value, json};

use super::refused;

/// A parser with inputs that it takes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, also that of the binary in `engine/fuzz`.
    pub name: &'static str,
    /// What is bent.
    pub seeds: &'static [&'static str],
    run: fn(&mut World, &[u8]) -> String,
}

impl Target {
    /// What becomes of an input.
    pub fn run(&self, world: &mut World, input: &[u8]) -> String {
        (self.run)(world, input)
    }

    /// The target of a name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn find(name: &str) -> &'static Self {
        ALL.iter().find(|target| target.name == name).expect("a target")
    }
}

/// Every target.
pub static ALL: [Target; 9] = [
    Target {
        name: "change",
        seeds: &CHANGES,
        run: change,
    },
    Target {
        name: "recommendation",
        seeds: &LISTS,
        run: recommendation,
    },
    Target {
        name: "feed",
        seeds: &[
            r#"{"user_id":"u1","context":{"age":18},"modules":3,"offers_per_module":4,"seed":1,"include":["offer"],"exclude":["o1"]}"#,
        ],
        run: feed,
    },
    Target {
        name: "search",
        seeds: &SEARCHES,
        run: search,
    },
    Target {
        name: "words",
        seeds: &WORDS,
        run: words,
    },
    Target {
        name: "document",
        seeds: &DOCUMENTS,
        run: document,
    },
    Target {
        name: "questionnaire",
        seeds: &[
            r#"{"likes":["LIVRE","Jazz"],"dislikes":"CONCERT","reach":"far","outwards":"slow"}"#,
            r#"{"rhythm":["often"],"with":"friends","why":["learn","laugh"],"n":{"a":[1,null]}}"#,
        ],
        run: questionnaire,
    },
    Target {
        name: "taxonomy",
        seeds: &[TAXONOMY],
        run: taxonomy,
    },
    Target {
        name: "arrange",
        seeds: &[
            r#"{"candidates":[{"id":"a","score":2,"attributes":{"genre":["jazz"]}},{"id":"b","score":1,"attributes":{"genre":["jazz","rock"]}}],"k":2,"rules":[{"by":"genre","window":2,"max":1,"strict":true}],"pins":[{"id":"a","rank":0}],"exclude":["c"],"quotas":[{"by":"genre","value":"jazz","min":1,"max":2,"first":2}],"history":[{"genre":"rock"}],"policy":"relax"}"#,
            r#"{"candidates":[],"k":0}"#,
        ],
        run: arrange,
    },
];

const CHANGES: [&str; 8] = [
    r#"{"op":"offer.upsert","offer":{"id":"o1","item_id":"i1","title":"Récital","subcategory":"CONCERT","venue_id":"v1","price_cents":1290,"dates":["2026-12-01T19:30:00+01:00"],"position":{"lat":48.1,"lng":-1.6},"vector":[0.1,-0.5],"attributes":{"a":[1,null]},"popularity":{"bookings_28d":9},"linked_offers":["o2"],"labels":["exclusive"],"genres":["Jazz"],"creators":["A"],"tags":["t"],"min_age":15,"updated_at":"2026-11-01T00:00:00Z"}}"#,
    r#"{"op":"offer.stock","id":"o1","stock":3,"price_cents":0,"bookable":true,"dates":["2027-01-01T00:00:00Z"]}"#,
    r#"{"op":"venue.upsert","venue":{"id":"v1","name":"Lieu","position":{"lat":-22.2,"lng":166.4},"territories":["35"],"time_zone":"Europe/Paris","accessibility":{"motor":true}}}"#,
    r#"{"op":"user.upsert","user":{"id":"u1","birth_year":2008,"practices":["LIVRE"],"credit_cents":15000,"wallets":[{"name":"w","cents":5,"filter":{}}],"friends":["u2"],"consents":{"personalisation":true},"persona":{"curieux":0.6,"casanier":0.4}}}"#,
    r#"{"op":"event","event":{"id":"e1","type":"booking","user_id":"u1","offer_id":"o1","at":"2026-11-20T12:00:00+01:00","value":1.5,"text":"mot","to_user_id":"u2"}}"#,
    r#"{"op":"offer.delete","id":"o1"}"#,
    r#"{"op":"venue.delete","id":"v1"}"#,
    r#"{"op":"user.erase","id":"u1"}"#,
];
const LISTS: [&str; 2] = [
    r#"{"user_id":"u1","context":{"now":"2026-11-22T12:00:00Z","position":{"lat":48.1,"lng":-1.6},"radius_m":9000,"age":18,"credit_cents":15000,"persona":{"curieux":0.6},"friends":["u2"],"users":["u2"],"accessibility":["motor"],"digital_only":false},"filters":{"categories":["LIVRE"],"price_cents":{"min":0,"max":5000}},"limit":20,"seed":7,"explain":true,"weights":{"proximity":0.5},"diversity":{"strength":0.5,"rules":[{"by":"venue","window":3,"max":1,"strict":false}],"policy":"relax"},"pins":[{"offer_id":"o1","rank":0}],"exclude":["o2"]}"#,
    r#"{"context":{"events":[{"id":"e","type":"view","user_id":"u","offer_id":"o1","at":"2026-11-20T12:00:00Z"}]},"limit":200,"diversity":{"rules":[]}}"#,
];
const SEARCHES: [&str; 3] = [
    r#"{"q":"récital \"jazz\" -nuit","filters":{"position":{"lat":48.1,"lng":-1.6},"radius_m":5000,"dates":{"from":"2026-11-01T00:00:00Z","to":"2027-01-01T00:00:00Z"},"time_of_day":{"from":"18:00","to":"23:00"},"age":17},"sort":"distance","facets":["category","price"],"limit":10}"#,
    r#"{"filters":{"polygon":[[48.0,-2.0],[49.0,-2.0],[49.0,-1.0]],"categories":["LIVRE"],"genres":["Jazz"],"labels":["exclusive"],"accessibility":["motor"],"free":true,"duo":false,"kinds":["event"]},"sort":"date","explain":true}"#,
    r#"{"filters":{"bounding_box":{"south":48,"west":170,"north":49,"east":-170},"include_digital":false,"bookable_only":false},"sort":"newest","diversity":{"strength":0.4}}"#,
];
const WORDS: [&str; 8] = [
    "concert gratuit samedi soir à Rennes",
    "manga moins de 10 euros",
    "théâtre du 3 au 5 mai 2026 près de Nantes",
    "entre 5 et 12,50 € dès 6 ans en duo",
    "« Les Misérables » -film",
    "l'été d'après ce week-end 20h30",
    "jazz 12/12 ou 31 décembre chez Lieu",
    "\u{202e}erttaéht 東京 e\u{301}",
];
const DOCUMENTS: [&str; 9] = [
    r#"playlists {"id":"p","title":"Mangas","subtitle":"s","audience":{"personas":["curieux"],"ages":{"min":15,"max":18},"territories":["35"],"segments":["s"],"logged_in":true},"schedule":{"from":"2026-01-01T00:00:00Z","to":"2027-01-01T00:00:00Z"},"rule":{"q":"jazz","filters":{"genres":["Jazz"]}},"picks":[{"offer_id":"o1","rank":0},{"item_id":"i1"}],"exclude":["o2"],"order":"daily_shuffle","weights":{"proximity":1},"diversity":{"rules":[{"by":"venue","window":2,"max":1}]},"min_offers":1,"max_offers":9,"territory":"35"}"#,
    r#"homes {"id":"h","title":"Accueil","priority":2,"modules":[{"kind":"playlist","playlist":"p"},{"kind":"nearby","title":"Près"}]}"#,
    r#"scenarios {"id":"s","title":"S","weights":{"proximity":0.5},"rules":[{"by":"category","window":3,"max":1,"strict":true}]}"#,
    r#"personas {"id":"x","title":"X"}"#,
    r#"labels {"id":"l","title":"L"}"#,
    r#"synonyms {"id":"y","title":"Y","groups":[["bd","bande dessinée"]]}"#,
    r#"experiments {"id":"e","title":"E"}"#,
    r#"calendars {"id":"c","title":"C"}"#,
    r#"closures {"id":"f","title":"F"}"#,
];
const TAXONOMY: &str = r#"labels = ["exclusive"]
[[category]]
key = "LIVRE"
fr = "Livres"
en = "Books"
[[search_group]]
key = "LIVRES"
fr = "Livres"
en = "Books"
[[subcategory]]
key = "LIVRE_PAPIER"
category = "LIVRE"
search_group = "LIVRES"
fr = "Livre"
platform = "offline"
physical_cap = true
minors_free = true
selectable = true
"#;

/// An engine with a little of everything, which targets write to and ask.
pub struct World {
    taxonomy: Arc<Taxonomy>,
    engine: Engine,
    sequence: u64,
    now: Moment,
}

impl World {
    /// A small catalogue of five categories, with readers, acts and documents.
    ///
    /// # Panics
    /// When what it is made of is refused.
    #[must_use]
    pub fn new() -> Self {
        let taxonomy = Arc::new(Taxonomy::built_in());
        let engine = Engine::in_memory(Arc::clone(&taxonomy)).expect("an engine");
        let mut world = Self {
            taxonomy,
            engine,
            sequence: 0,
            now: "2026-11-22T12:00:00Z".parse().expect("a time"),
        };
        for n in 0..40 {
            let subcategory = [
                "CONCERT",
                "LIVRE_PAPIER",
                "SEANCE_CINE",
                "VISITE",
                "SPECTACLE_REPRESENTATION",
            ][n % 5];
            let offer = json!({"id": format!("o{n}"), "item_id": format!("i{n}"), "title": format!("Titre jazz {n}"),
                "subcategory": subcategory, "venue_id": format!("v{}", n % 4), "price_cents": n * 300, "genres": ["Jazz"]});
            world.take(&json!({"op": "offer.upsert", "offer": offer}).to_string());
        }
        for n in 0..4 {
            let venue = json!({"id": format!("v{n}"), "name": "Lieu", "city": "Rennes", "territories": ["35"],
                "position": {"lat": 48.1 + 0.01 * f64::from(n), "lng": -1.6}});
            world.take(&json!({"op": "venue.upsert", "venue": venue}).to_string());
        }
        CHANGES[3..5].iter().for_each(|line| world.take(line));
        for line in DOCUMENTS {
            let _ = document(&mut world, line.as_bytes());
        }
        world
    }

    fn take(&mut self, line: &str) {
        let change = Change::parse(line.as_bytes(), &self.taxonomy).expect(line);
        self.apply(change);
    }

    fn apply(&mut self, change: Change) {
        self.sequence += 1;
        let applied = self.engine.apply(&[(Sequence(self.sequence), Some(change))]);
        applied.expect("a change that was read is applied");
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// A list in a word: how many, roughly.
fn shape(count: usize) -> String {
    format!("ok {}", count.next_power_of_two())
}

fn change(world: &mut World, input: &[u8]) -> String {
    match Change::parse(input, &world.taxonomy) {
        Err(invalid) => refused(&invalid),
        Ok(change) => {
            let line = change.to_line();
            let again = Change::parse(line.as_bytes(), &world.taxonomy);
            assert_eq!(again.as_ref().ok(), Some(&change), "{line}");
            world.apply(change);
            shape(line.len())
        }
    }
}

fn recommendation(world: &mut World, input: &[u8]) -> String {
    let generation = world.engine.generation();
    let checked = parse::<RecommendationRequest>(input).and_then(|request| request.check().map(|()| request));
    let mut request = match checked {
        Ok(request) => request,
        Err(invalid) => return refused(&invalid),
    };
    request.seed = request.seed.or(Some(1));
    match generation.recommend(&request, None, world.now) {
        Ok(made) => shape(made.offers.len()),
        Err(invalid) => refused(&invalid),
    }
}

fn feed(world: &mut World, input: &[u8]) -> String {
    let checked = parse::<FeedRequest>(input).and_then(|request| request.check().map(|()| request));
    let mut request = match checked {
        Ok(request) => request,
        Err(invalid) => return refused(&invalid),
    };
    request.seed = request.seed.or(Some(1));
    match world.engine.generation().feed(&request, world.now) {
        Ok(made) => shape(made.modules.len()),
        Err(invalid) => refused(&invalid),
    }
}

fn search(world: &mut World, input: &[u8]) -> String {
    let checked = parse::<SearchRequest>(input).and_then(|request| request.check().map(|()| request));
    match checked.and_then(|request| world.engine.generation().search(&request, None, world.now)) {
        Ok(found) => shape(found.hits.len()),
        Err(invalid) => refused(&invalid),
    }
}

/// The words of a search, understood and not, and as somebody types them.
fn words(world: &mut World, input: &[u8]) -> String {
    let q: String = String::from_utf8_lossy(input).chars().take(512).collect();
    let generation = world.engine.generation();
    let typed = SuggestRequest {
        q: q.clone(),
        position: None,
        limit: 5,
    };
    let suggested = generation.suggest(&typed, world.now).len();
    let plain = json!({"q": q, "understand": false, "limit": 3});
    let plain = search(world, plain.to_string().as_bytes());
    let request: SearchRequest = json::from_value(json!({"q": q, "limit": 3})).expect("a request");
    if let Err(invalid) = request.check() {
        return refused(&invalid);
    }
    let found = generation.search(&request, None, world.now).expect("checked");
    let understood = serde_json::to_value(&found.interpreted).expect("JSON");
    let names = understood
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null());
    let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
    let parts = found.interpreted.understood.len().min(4);
    format!("{} {parts} {suggested} {plain}", names.join(" "))
}

/// `KIND {body}`: checked, linted, published.
fn document(world: &mut World, input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let (kind, body) = text.split_once(' ').unwrap_or(("playlists", &text));
    let Ok(kind) = kind.parse::<DocumentKind>() else {
        return "no kind".to_owned();
    };
    let body: Map<String, Value> = match parse(body.as_bytes()) {
        Ok(body) => body,
        Err(invalid) => return refused(&invalid),
    };
    let generation = world.engine.generation();
    let said = florilege_engine::editorial::lint::lint(generation.catalogue(), kind, &body, world.now).len();
    match florilege_engine::editorial::check(kind, &body, &world.taxonomy) {
        Err(invalid) => format!("{kind:?} {}", refused(&invalid)),
        Ok(summary) => {
            publish(world, kind, summary.id, body);
            let page = FeedRequest {
                seed: Some(1),
                ..FeedRequest::default()
            };
            let made = world.engine.generation().feed(&page, world.now).expect("a page");
            format!("{kind:?} {} {}", said.min(4), made.modules.len())
        }
    }
}

fn publish(world: &mut World, kind: DocumentKind, id: DocumentId, body: Map<String, Value>) {
    let publication = Publication {
        kind,
        id,
        version: world.sequence + 1,
        territory: body.get("territory").and_then(Value::as_str).map(str::to_owned),
        body: Some(body),
    };
    world.apply(Change::Document(Box::new(publication)));
}

fn questionnaire(world: &mut World, input: &[u8]) -> String {
    let answers: Map<String, Value> = match parse(input) {
        Ok(answers) => answers,
        Err(invalid) => return refused(&invalid),
    };
    let user = json!({"id": "asked", "questionnaire": answers, "consents": {"personalisation": true}});
    let line = json!({"op": "user.upsert", "user": user}).to_string();
    match Change::parse(line.as_bytes(), &world.taxonomy) {
        Err(invalid) => refused(&invalid),
        Ok(change) => {
            world.apply(change);
            let request = parse(br#"{"user_id":"asked","limit":5,"explain":true,"seed":1}"#).expect("a request");
            let made = world
                .engine
                .generation()
                .recommend(&request, None, world.now)
                .expect("a list");
            let made = serde_json::to_value(&made.offers).expect("JSON");
            // What the answers brought to the front.
            made.as_array()
                .into_iter()
                .flatten()
                .map(|offer| offer["category"].to_string())
                .collect()
        }
    }
}

fn taxonomy(_: &mut World, input: &[u8]) -> String {
    match Taxonomy::from_toml(&String::from_utf8_lossy(input)) {
        Ok(read) => shape(read.subcategories().count()),
        Err(error) => error
            .to_string()
            .lines()
            .last()
            .unwrap_or_default()
            .chars()
            .take(30)
            .collect(),
    }
}

fn arrange(_: &mut World, input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let answer: Value = serde_json::from_str(&line::answer(&text)).expect("an answer is JSON");
    if let Some(slate) = answer["slate"].as_array() {
        return shape(slate.len());
    }
    let error = &answer["error"];
    assert!(error["code"].is_string(), "{answer}");
    let told = error.to_string();
    told.chars().filter(|letter| letter.is_alphabetic()).take(60).collect()
}
