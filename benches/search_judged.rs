//! The judged set on three engines: ours, plain BM25 of tantivy, and PostgreSQL's French full text.
//!
//! `cargo bench -p florilege-benches --bench search_judged --profile dev` (quality, not speed: the profile does not
//! matter, and the importer stands built beside it). It needs the real data beside the project; PostgreSQL is started
//! by `tests/postgres` and left out, aloud, where it is not installed. Invariant: all three get the same documents,
//! the same questions and the same judge; plain engines know no dates, places or prices, and are not helped.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use florilege_tests::judged::{self, DEPTH, Document, Question};
use florilege_tests::{root, shared_data};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value as _};
use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, SimpleTokenizer, TextAnalyzer};
use tantivy::{Index, TantivyDocument};

/// Answers that a plain engine gives before one is kept a work.
const WIDE: usize = 200;
const FIELDS: [&str; 5] = ["title", "creators", "themes", "place", "description"];

fn main() {
    let Some(data) = shared_data() else { return };
    let questions = judged::questions(&root());
    let lines = judged::imported(&data);
    let documents = judged::documents(&lines);
    println!("{} questions over {} offers", questions.len(), documents.len());
    println!("| engine | nDCG@10 | MRR |\n|---|---|---|");
    let engine = judged::engine(&lines);
    print("Florilège", &questions, &documents, |q| judged::ask(&engine, q));
    let plain = Plain::over(&documents);
    print("tantivy, plain BM25, folded", &questions, &documents, |q| {
        one_a_work(&documents, plain.ask(q))
    });
    match postgres(&questions, &documents) {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            print("PostgreSQL, french", &questions, &documents, |_| {
                one_a_work(&documents, answers.next().unwrap_or_default())
            });
        }
        Err(error) => println!("| PostgreSQL, french | not run: {error} | |"),
    }
}

fn print(name: &str, questions: &[Question], documents: &[Document], ask: impl FnMut(&str) -> Vec<String>) {
    let (score, _) = judged::score(questions, documents, ask);
    println!("| {name} | {:.3} | {:.3} |", score.ndcg, score.mrr);
}

/// The first answers, one a work.
fn one_a_work(documents: &[Document], places: Vec<usize>) -> Vec<String> {
    let mut works = HashSet::new();
    let kept = places
        .into_iter()
        .filter_map(|at| documents.get(at))
        .filter(|one| works.insert(one.item.as_str()));
    kept.take(DEPTH).map(|one| one.id.clone()).collect()
}

struct Plain {
    index: Index,
    parser: QueryParser,
    place: tantivy::schema::Field,
}

impl Plain {
    fn over(documents: &[Document]) -> Self {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("folded")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let fields = FIELDS
            .map(|name| schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing.clone())));
        let place = schema.add_text_field("at", STRING | STORED);
        let index = Index::create_in_ram(schema.build());
        let folded = TextAnalyzer::builder(SimpleTokenizer::default())
            .filter(LowerCaser)
            .filter(AsciiFoldingFilter);
        index.tokenizers().register("folded", folded.build());
        let mut writer = index.writer(64 << 20).expect("a writer");
        for (at, one) in documents.iter().enumerate() {
            let mut document = TantivyDocument::default();
            fields
                .iter()
                .zip(&one.texts)
                .for_each(|(field, text)| document.add_text(*field, text));
            document.add_text(place, at.to_string());
            writer.add_document(document).expect("added");
        }
        writer.commit().expect("committed");
        let parser = QueryParser::for_index(&index, fields.to_vec());
        Self { index, parser, place }
    }

    fn ask(&self, q: &str) -> Vec<usize> {
        let searcher = self.index.reader().expect("a reader").searcher();
        let (query, _) = self.parser.parse_query_lenient(q);
        let top = searcher
            .search(&query, &TopDocs::with_limit(WIDE).order_by_score())
            .expect("an answer");
        let place = |address| {
            let document: TantivyDocument = searcher.doc(address).ok()?;
            document.get_first(self.place)?.as_str()?.parse().ok()
        };
        top.into_iter().filter_map(|(_, address)| place(address)).collect()
    }
}

/// The answers of PostgreSQL to all questions: all words first, then any, by `ts_rank`.
fn postgres(questions: &[Question], documents: &[Document]) -> Result<Vec<Vec<usize>>, String> {
    let folder = std::env::temp_dir().join(format!("florilege-judged-{}", std::process::id()));
    let script = root().join("tests/postgres");
    let run = |action: &str| {
        Command::new(&script)
            .arg(action)
            .arg(&folder)
            .output()
            .map_err(|error| error.to_string())
    };
    let started = run("start")?;
    if !started.status.success() {
        return Err(String::from_utf8_lossy(&started.stderr).trim().to_owned());
    }
    let url = String::from_utf8_lossy(&started.stdout).trim().to_owned();
    let answers = psql(&url, &script_of(questions, documents));
    run("stop")?;
    drop(std::fs::remove_dir_all(&folder));
    let mut all = vec![Vec::new(); questions.len()];
    for line in answers?.lines() {
        if let Some((question, place)) = line.split_once('|')
            && let (Ok(question), Ok(place)) = (question.parse::<usize>(), place.parse::<usize>())
        {
            all[question].push(place);
        }
    }
    Ok(all)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

fn script_of(questions: &[Question], documents: &[Document]) -> String {
    let mut script = String::from("set standard_conforming_strings = on;\ncreate table d(at int, v tsvector);\n");
    for (at, one) in documents.iter().enumerate() {
        let weighed = one.texts.iter().zip(["A", "A", "B", "B", "D"]);
        let vectors: Vec<String> = weighed
            .map(|(text, weight)| format!("setweight(to_tsvector('french', {}), '{weight}')", quoted(text)))
            .collect();
        script.push_str(&format!("insert into d values ({at}, {});\n", vectors.join(" || ")));
    }
    script.push_str("create index on d using gin(v);\n");
    for (at, question) in questions.iter().enumerate() {
        let q = quoted(&question.text);
        script.push_str(&format!(
            "with a as (select plainto_tsquery('french', {q}) q), o as (select nullif(replace(q::text, '&', '|'), '')::tsquery q from a) \
             select {at}, d.at from d, a, o where d.v @@ o.q order by (d.v @@ a.q) desc, ts_rank(d.v, o.q) desc, d.at limit {WIDE};\n"
        ));
    }
    script
}

fn psql(url: &str, script: &str) -> Result<String, String> {
    let mut child = Command::new("psql")
        .args([url, "-qAt1", "-v", "ON_ERROR_STOP=1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut input = child.stdin.take().ok_or("no input")?;
    let text = script.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let done = child.wait_with_output().map_err(|error| error.to_string())?;
    let _ = writer.join();
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
    }
}
