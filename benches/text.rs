//! Full text alone at 1,000,000 rows: build, small commits, and the latency of every kind of query.
//!
//! `cargo bench -p florilege-benches --bench text [-- ROWS]`. It times `TextIndex` and `TextReader` without places or
//! facets. Invariant: seeded, so that two runs time the same work.

use std::path::Path;
use std::time::{Duration, Instant};

use florilege_engine::text::{Accept, Row, TextDoc, TextIndex, TextQuery, TextReader};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use roaring::RoaringBitmap;

/// Words that events share, the most common first; the rest is made of syllables.
const COMMON: &[&str] = &[
    "concert",
    "exposition",
    "spectacle",
    "festival",
    "théâtre",
    "atelier",
    "visite",
    "conférence",
    "musique",
    "danse",
    "jazz",
    "cinéma",
    "musée",
    "lecture",
    "rencontre",
    "livre",
    "manga",
    "tome",
    "histoire",
    "jeunesse",
    "nuit",
    "enfants",
    "famille",
    "art",
    "peinture",
    "photographie",
    "cirque",
    "chanson",
    "opéra",
    "orchestre",
];
const SYLLABLES: &[&str] = &[
    "ba", "bel", "car", "chan", "da", "der", "du", "é", "fa", "for", "gan", "gri", "hé", "ju", "ka", "lan", "li",
    "lou", "ma", "mer", "mon", "na", "no", "ou", "pa", "pi", "por", "qui", "ra", "ri", "ro", "sa", "sé", "si", "sol",
    "ta", "ter", "to", "tri", "va", "ver", "vi", "vo", "zé",
];
const SMALL: &[&str] = &[
    "de", "la", "le", "et", "les", "des", "à", "en", "un", "une", "du", "pour", "l'", "d'",
];
const VOCABULARY: usize = 120_000;

/// Each query is timed so many times and its best time kept: the machine's other work is not measured.
const REPEATS: usize = 3;

struct Words {
    all: Vec<String>,
    cumulated: Vec<f64>,
}

impl Words {
    /// Common words, then made ones, by Zipf's law.
    fn new(random: &mut Pcg64) -> Self {
        let made = (COMMON.len()..VOCABULARY).map(|_| {
            let count = random.random_range(2..=4);
            (0..count)
                .map(|_| SYLLABLES[random.random_range(0..SYLLABLES.len())])
                .collect()
        });
        let all: Vec<String> = COMMON.iter().map(|word| (*word).to_owned()).chain(made).collect();
        let mut sum = 0.0;
        let cumulated = (0..all.len())
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 8.0);
                sum
            })
            .collect();
        Self { all, cumulated }
    }

    fn pick(&self, random: &mut Pcg64) -> &str {
        let at = random.random_range(0.0..self.cumulated[self.cumulated.len() - 1]);
        &self.all[self.cumulated.partition_point(|sum| *sum < at)]
    }

    fn text(&self, random: &mut Pcg64, words: usize) -> String {
        let mut text = String::new();
        for _ in 0..words {
            if random.random_bool(0.4) {
                let small = SMALL[random.random_range(0..SMALL.len())];
                text.push_str(small);
                text.push_str(if small.ends_with('\'') { "" } else { " " });
            }
            text.push_str(self.pick(random));
            text.push(' ');
        }
        text
    }
}

fn put(index: &mut TextIndex, row: u32, words: &Words, towns: &[String], random: &mut Pcg64) {
    let (title, description) = (words.text(random, 4), words.text(random, 30));
    let (creator, venue) = (words.text(random, 2), words.text(random, 2));
    let doc = TextDoc {
        title: &title,
        creators: &[&creator],
        venue_name: &venue,
        city: &towns[row as usize % towns.len()],
        themes: &[COMMON[row as usize % 15], "Spectacle vivant"],
        description: &description,
        identifiers: &[],
    };
    index.put(Row(row), &doc).expect("a row is written");
}

fn percentile(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() - 1) as f64 * share).round() as usize;
    times[at].as_secs_f64() * 1e3
}

fn report(name: &str, queries: &[String], mut run: impl FnMut(&TextQuery) -> usize) {
    let mut times = Vec::new();
    let mut hits = 0;
    for text in queries {
        let timed = || {
            let start = Instant::now();
            let found = run(&TextQuery::parse(text));
            (start.elapsed(), found)
        };
        let best = std::iter::repeat_with(timed).take(REPEATS).min();
        times.extend(best.map(|(time, _)| time));
        hits += best.map_or(0, |(_, found)| found);
    }
    times.sort();
    let (p50, p99, most) = (
        percentile(&times, 0.5),
        percentile(&times, 0.99),
        percentile(&times, 1.0),
    );
    println!(
        "{name:<44} p50 {p50:7.3} ms  p99 {p99:7.3} ms  max {most:7.3} ms  {:8} hits a query",
        hits / queries.len()
    );
}

fn misspell(word: &str, random: &mut Pcg64) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = random.random_range(1..letters.len());
    if at + 1 < letters.len() && random.random_bool(0.5) {
        letters.swap(at, at + 1);
    } else {
        letters[at] = 'x';
    }
    letters.into_iter().collect()
}

/// Rows accepted as a filter or a radius would: around a place, since neighbours share rows.
fn near(random: &mut Pcg64, rows: u32, share: f64) -> RoaringBitmap {
    (0..rows).filter(|_| random.random_bool(share)).collect()
}

fn queries(count: usize, mut one: impl FnMut() -> String) -> Vec<String> {
    (0..count).map(|_| one()).collect()
}

fn latencies(reader: &TextReader, words: &Words, rows: u32, random: &mut Pcg64) {
    let everywhere = |query: &TextQuery| reader.search(query, Accept::All, 1).map_or(0, |found| found.hits.len());
    let filters: Vec<RoaringBitmap> = (0..8).map(|_| near(random, rows, 0.005)).collect();
    let broad: Vec<RoaringBitmap> = (0..4).map(|_| near(random, rows, 0.3)).collect();
    let mut turn = 0;
    let mut within = |filters: &[RoaringBitmap], query: &TextQuery| {
        turn += 1;
        let rows = &filters[turn % filters.len()];
        reader
            .search(query, Accept::Rows(rows), 1)
            .map_or(0, |found| found.hits.len())
    };
    let one = queries(400, || words.pick(random).to_owned() + " ");
    let two = queries(400, || format!("{} {} ", words.pick(random), words.pick(random)));
    let common = queries(50, || COMMON[random.random_range(0..COMMON.len())].to_owned());
    report("one word, everywhere", &one, everywhere);
    report("one word, 0.5 % of the rows", &one, |query| within(&filters, query));
    report("one word, 30 % of the rows", &one, |query| within(&broad, query));
    report("two words, everywhere", &two, everywhere);
    report("two words, 0.5 % of the rows", &two, |query| within(&filters, query));
    report("a common word, everywhere", &common, everywhere);
    report("a common word, 0.5 % of the rows", &common, |query| {
        within(&filters, query)
    });
    let typing = queries(400, || {
        words.pick(random).chars().take(random.random_range(1..6)).collect()
    });
    report("being typed, everywhere", &typing, everywhere);
    report("being typed, 0.5 % of the rows", &typing, |query| {
        within(&filters, query)
    });
    let wrong = queries(300, || misspell(words.pick(random), random) + " ");
    report("misspelt, everywhere", &wrong, everywhere);
    report("misspelt, 0.5 % of the rows", &wrong, |query| within(&filters, query));
    let wrong = queries(300, || {
        format!("{} {}", words.pick(random), misspell(words.pick(random), random))
    });
    report("two words, one misspelt", &wrong, everywhere);
    let quoted = queries(100, || format!("\"{} {}\"", words.pick(random), words.pick(random)));
    report("phrase of two words", &quoted, everywhere);
    let long = queries(20, || words.text(random, 60));
    report("sixty words", &long, everywhere);
}

fn size_bytes(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files
        .filter_map(|file| file.metadata().ok())
        .map(|file| file.len())
        .sum()
}

fn main() {
    let rows: u32 = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(1_000_000);
    let mut random = Pcg64::seed_from_u64(7);
    let words = Words::new(&mut random);
    let towns: Vec<String> = (0..3_000).map(|_| words.text(&mut random, 1)).collect();
    let dir = std::env::temp_dir().join(format!("florilege-text-bench-{}", std::process::id()));
    let mut index = TextIndex::create(&dir).expect("an index in the temporary directory");
    let start = Instant::now();
    (0..rows).for_each(|row| put(&mut index, row, &words, &towns, &mut random));
    println!("{rows} rows written in {:.1} s", start.elapsed().as_secs_f64());
    index.finish().expect("a finished index");
    println!(
        "finished after {:.1} s, {} bytes a row",
        start.elapsed().as_secs_f64(),
        size_bytes(&dir) / u64::from(rows)
    );
    latencies(&index.reader(), &words, rows, &mut random);
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..40 {
        let start = Instant::now();
        (0..50).for_each(|_| put(&mut index, random.random_range(0..rows), &words, &towns, &mut random));
        index.commit().expect("a commit");
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "50 changes and a commit: p50 {:.1} ms, max {:.1} ms",
        percentile(&times, 0.5),
        percentile(&times, 1.0)
    );
    println!("after the changes, {} segments' worth:", index.reader().rows());
    latencies(&index.reader(), &words, rows, &mut random);
    drop(index);
    drop(std::fs::remove_dir_all(dir));
}
