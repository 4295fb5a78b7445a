//! The judged set: French questions, the rule by which an answer is good, and how well a list of answers does.
//!
//! Shared by the floors in the tests and by the comparison with other engines. The rules look at the change lines of
//! the real data alone, so that no ranking is in them. Invariant: a judgement depends on the document and the rule.

use std::collections::HashMap;
use std::path::Path;

use florilege_engine::text::fold;
use florilege_engine::time::Moment;
use serde_json::Value;

/// The moment of every question, a Wednesday before the heritage days.
pub const NOW: &str = "2025-09-17T09:00:00+02:00";
/// How many answers are judged.
pub const DEPTH: usize = 10;

/// One offer as the rules see it.
pub struct Document {
    /// Its identifier.
    pub id: String,
    /// Its work.
    pub item: String,
    /// Its texts, for engines that take plain text: title, creators, themes, venue and town, description.
    pub texts: [String; 5],
    words: HashMap<char, Vec<String>>,
    city: Vec<String>,
    days: Vec<(String, u32)>,
    price: Option<u64>,
    subcategory: String,
}

/// A question and its rule.
pub struct Question {
    /// What is asked.
    pub text: String,
    rules: Vec<(f64, Vec<String>)>,
}

/// How well a list of answers does over all questions.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// Mean normalised discounted gain over the first ten, gain 2^grade - 1.
    pub ndcg: f64,
    /// Mean of one over the rank of the first good answer (grade 2 or more, or the best there is).
    pub mrr: f64,
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric());
    parts.map(fold).filter(|word| !word.is_empty()).collect()
}

fn list(value: &Value) -> String {
    let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join(" ; ")
}

/// The bookable offers of change lines.
///
/// # Panics
/// When a line is no change.
#[must_use]
pub fn documents(lines: &str) -> Vec<Document> {
    let parsed: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a change"))
        .collect();
    let venues: HashMap<&str, &Value> = parsed
        .iter()
        .filter(|line| line["op"] == "venue.upsert")
        .filter_map(|line| Some((line["venue"]["id"].as_str()?, &line["venue"])))
        .collect();
    let now: Moment = NOW.parse().expect("a time");
    let offers = parsed
        .iter()
        .filter(|line| line["op"] == "offer.upsert")
        .map(|line| &line["offer"]);
    offers.filter_map(|offer| document(offer, &venues, now)).collect()
}

fn document(offer: &Value, venues: &HashMap<&str, &Value>, now: Moment) -> Option<Document> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let dates: Vec<Moment> = offer["dates"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|d| d.as_str()?.parse().ok())
        .collect();
    if !dates.is_empty() && dates.iter().all(|date| *date < now) || offer["bookable"] == false {
        return None;
    }
    let venue = offer["venue_id"].as_str().and_then(|id| venues.get(id));
    let (name, city) = venue.map_or((String::new(), String::new()), |venue| {
        (text(&venue["name"]), text(&venue["city"]))
    });
    let themes = format!("{} ; {}", list(&offer["genres"]), list(&offer["tags"]));
    let texts = [
        text(&offer["title"]),
        list(&offer["creators"]),
        themes,
        format!("{name} ; {city}"),
        text(&offer["description"]),
    ];
    let mut by_field = HashMap::new();
    by_field.insert('t', words(&texts[0]));
    by_field.insert('c', words(&texts[1]));
    by_field.insert('v', words(&name));
    by_field.insert('x', words(&texts.join(" ; ")));
    let zone = jiff_zone();
    let day = |date: &Moment| {
        let local = date.timestamp().to_zoned(zone.clone());
        (local.date().to_string(), u32::try_from(local.hour()).unwrap_or(0))
    };
    Some(Document {
        id: text(&offer["id"]),
        item: offer["item_id"]
            .as_str()
            .map_or_else(|| text(&offer["id"]), str::to_owned),
        words: by_field,
        city: words(&city),
        days: dates.iter().filter(|date| **date >= now).map(day).collect(),
        price: offer["price_cents"].as_u64(),
        subcategory: text(&offer["subcategory"]),
        texts,
    })
}

fn jiff_zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Paris").expect("a zone")
}

/// The questions of the repository.
///
/// # Panics
/// When the file cannot be read or a rule is no rule.
#[must_use]
pub fn questions(root: &Path) -> Vec<Question> {
    let text = std::fs::read_to_string(root.join("tests/judged/queries.tsv")).expect("the judged set");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(question).collect()
}

fn question(line: &str) -> Question {
    let (text, rules) = line.split_once('\t').expect(line);
    let rule = |rule: &str| {
        let (grade, conditions) = rule.trim().split_once('=').expect(line);
        let conditions = conditions.split_whitespace().map(str::to_owned).collect();
        (grade.parse().expect(line), conditions)
    };
    Question {
        text: text.to_owned(),
        rules: rules.split(';').map(rule).collect(),
    }
}

impl Document {
    fn holds(&self, condition: &str) -> bool {
        if let Some(not) = condition.strip_prefix('!') {
            return !self.holds(not);
        }
        let begins = |words: &[String], asked: &str| {
            asked
                .split('|')
                .any(|asked| words.iter().any(|word| word.starts_with(asked)))
        };
        match condition.split_once(':') {
            Some(("city", name)) => self.city.iter().any(|word| word == name),
            Some(("day", range)) => {
                let (from, to) = range.split_once("..").expect(condition);
                self.days.iter().any(|(day, _)| (from..=to).contains(&day.as_str()))
            }
            Some(("max", cents)) => self.price.is_some_and(|price| price <= cents.parse().expect(condition)),
            Some(("sub", key)) => self.subcategory == key,
            Some((field, word)) => begins(&self.words[&field.chars().next().expect(condition)], word),
            None if condition == "free" => self.price == Some(0),
            None if condition == "eve" => self.days.iter().any(|(_, hour)| *hour >= 18),
            None => panic!("no condition: {condition}"),
        }
    }
}

impl Question {
    /// How good a document is as an answer.
    #[must_use]
    pub fn grade(&self, document: &Document) -> f64 {
        let holds = |(_, conditions): &&(f64, Vec<String>)| conditions.iter().all(|one| document.holds(one));
        self.rules.iter().find(holds).map_or(0.0, |(grade, _)| *grade)
    }

    /// The best grades there are, one a work, the best first.
    #[must_use]
    pub fn ideal(&self, documents: &[Document]) -> Vec<f64> {
        let mut best: HashMap<&str, f64> = HashMap::new();
        for document in documents {
            let grade = self.grade(document);
            let held = best.entry(&document.item).or_default();
            *held = held.max(grade);
        }
        let mut grades: Vec<f64> = best.into_values().filter(|grade| *grade > 0.0).collect();
        grades.sort_by(|one, two| two.total_cmp(one));
        grades
    }
}

fn gain(grades: &[f64]) -> f64 {
    let worth = |(rank, grade): (usize, &f64)| (grade.exp2() - 1.0) / (rank as f64 + 2.0).log2();
    grades.iter().take(DEPTH).enumerate().map(worth).sum()
}

/// nDCG@10 and the reciprocal rank of one answer, given by identifiers.
#[must_use]
pub fn judge(
    question: &Question,
    documents: &[Document],
    by_id: &HashMap<&str, usize>,
    answer: &[String],
) -> (f64, f64) {
    let ideal = question.ideal(documents);
    let mut works = std::collections::HashSet::new();
    let grade = |id: &String| {
        let document = by_id.get(id.as_str()).map(|at| &documents[*at]);
        document
            .filter(|document| works.insert(document.item.clone()))
            .map_or(0.0, |document| question.grade(document))
    };
    let grades: Vec<f64> = answer.iter().take(DEPTH).map(grade).collect();
    let good = ideal.first().copied().unwrap_or(0.0).min(2.0);
    let first = grades.iter().position(|grade| *grade >= good && *grade > 0.0);
    let best = gain(&ideal);
    let ndcg = if best > 0.0 { gain(&grades) / best } else { 0.0 };
    (ndcg, first.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0)))
}

/// The mean over all questions, and each one's own figures.
pub fn score(
    questions: &[Question],
    documents: &[Document],
    mut ask: impl FnMut(&str) -> Vec<String>,
) -> (Score, Vec<(f64, f64)>) {
    let by_id: HashMap<&str, usize> = documents
        .iter()
        .enumerate()
        .map(|(at, one)| (one.id.as_str(), at))
        .collect();
    let judged: Vec<(f64, f64)> = questions
        .iter()
        .map(|one| judge(one, documents, &by_id, &ask(&one.text)))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| judged.iter().map(of).sum::<f64>() / judged.len().max(1) as f64;
    let score = Score {
        ndcg: mean(|one| one.0),
        mrr: mean(|one| one.1),
    };
    (score, judged)
}

/// Change lines of the real events and works, imported with the program.
///
/// # Panics
/// When a file cannot be imported.
#[must_use]
pub fn imported(data: &Path) -> String {
    let (mut all, mut works) = (String::new(), std::collections::HashSet::new());
    for (mapping, file) in [
        ("events.toml", "events/events.jsonl"),
        ("books.toml", "loans/books.csv"),
        ("films.toml", "loans/films.csv"),
        ("cds.toml", "loans/cds.csv"),
    ] {
        let out = tempfile::tempdir().expect("a folder");
        let mapping = crate::root()
            .join("indexer/mappings")
            .join(mapping)
            .to_string_lossy()
            .into_owned();
        let (folder, file) = (
            out.path().to_string_lossy().into_owned(),
            data.join(file).to_string_lossy().into_owned(),
        );
        let arguments = ["import", "--json", "--mapping", &mapping, "--out", &folder, &file];
        let (code, _, error) = crate::run("florilege-indexer", &arguments, "");
        assert_eq!(code, Some(0), "{error}");
        let mut paths: Vec<_> = std::fs::read_dir(out.path())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|is| is == "ndjson"))
        {
            add_once(&std::fs::read_to_string(path).expect("lines"), &mut works, &mut all);
        }
    }
    all
}

/// Adds venues, and one offer of each work: libraries lend the same book, and a hit is a work.
fn add_once(lines: &str, works: &mut std::collections::HashSet<String>, all: &mut String) {
    for line in lines.lines() {
        let parsed: Value = serde_json::from_str(line).expect("a change");
        let work = parsed["offer"]["item_id"].as_str();
        if work.is_none_or(|work| works.insert(work.to_owned())) {
            all.push_str(line);
            all.push('\n');
        }
    }
}

/// An engine over change lines, and the answers of its search.
///
/// # Panics
/// When a line cannot be applied.
#[must_use]
pub fn engine(lines: &str) -> florilege_engine::live::Engine {
    use florilege_engine::change::{Change, Sequence};
    let taxonomy = florilege_engine::taxonomy::Taxonomy::built_in();
    let engine = florilege_engine::live::Engine::in_memory(std::sync::Arc::new(
        florilege_engine::taxonomy::Taxonomy::built_in(),
    ))
    .expect("an engine");
    let batch: Vec<_> = lines
        .lines()
        .zip(1..)
        .map(|(line, n)| (Sequence(n), Change::parse(line.as_bytes(), &taxonomy).ok()))
        .collect();
    engine.apply(&batch).expect("applied");
    engine
}

/// The first ten answers of our search.
///
/// # Panics
/// When the question is refused.
#[must_use]
pub fn ask(engine: &florilege_engine::live::Engine, q: &str) -> Vec<String> {
    let body = serde_json::json!({"q": q, "limit": DEPTH, "seed": 1, "context": {"now": NOW}});
    let request: florilege_engine::query::SearchRequest = florilege_engine::json::from_value(body).expect("a request");
    request.check().expect("within limits");
    let now = NOW.parse().expect("a time");
    let found = engine.generation().search(&request, None, now).expect("an answer");
    let ids = found.hits.iter().filter_map(|hit| Some(hit["id"].as_str()?.to_owned()));
    ids.collect()
}
