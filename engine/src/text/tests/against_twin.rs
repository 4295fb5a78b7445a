//! The index finds what the slow twin keeps, with the same ranks: random catalogues, changes and queries.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

use crate::text::{
    Accept, Among, Analyser, Hit, Plan, Row, Synonyms, TextDoc, TextIndex, TextQuery, TextRank, explain,
};

/// Words that meet, nearly meet, and do not meet one another.
const WORDS: &[&str] = &[
    "concert",
    "concerts",
    "concerto",
    "convert",
    "théâtre",
    "theatre",
    "théâtres",
    "Noël",
    "noel",
    "l'avare",
    "d’Artagnan",
    "porte-bonheur",
    "portebonheur",
    "porte",
    "bonheur",
    "rock'n'roll",
    "rocknroll",
    "canal+",
    "canal",
    "N.T.M.",
    "ntm",
    "tome 3",
    "T3",
    "t. 03",
    "vol. III",
    "3",
    "2001",
    "9782070612758",
    "978-2-07-061275-8",
    "2-07-061275-9",
    "de",
    "la",
    "the",
    "et",
    "musée",
    "musées",
    "mangas",
    "manga",
    "cheval",
    "chevaux",
    "œuvre",
    "oeuvres",
    "pâté",
    "pâtes",
    "pate",
    "saxophone",
    "saxphone",
    "saxohpone",
    "sxaophone",
    "festival",
    "festivla",
    "jazz",
    "jaz",
    "Saint-Étienne",
    "saint",
    "etienne",
    "20e",
    "20ème",
    "harry",
    "potter",
    "poter",
    "日本",
    "本",
    "straße",
    "stories",
    "story",
    "Ω",
    "été",
    "l'été",
    "AC/DC",
    "R&B",
    "c++",
    "aujourd'hui",
];

fn pick(random: &mut Pcg64) -> &'static str {
    WORDS[random.random_range(0..WORDS.len())]
}

fn phrase(random: &mut Pcg64, most: usize) -> String {
    let count = random.random_range(0..=most);
    (0..count)
        .map(|_| pick(random))
        .collect::<Vec<_>>()
        .join([" ", " ", ", ", " - "][random.random_range(0..4)])
}

#[derive(Clone)]
struct Owned {
    title: String,
    creators: Vec<String>,
    venue: String,
    city: String,
    themes: Vec<String>,
    description: String,
    code: &'static str,
}

impl Owned {
    fn random(random: &mut Pcg64) -> Self {
        let list = |random: &mut Pcg64| (0..random.random_range(0..3)).map(|_| phrase(random, 2)).collect();
        Self {
            title: phrase(random, 4),
            creators: list(random),
            venue: phrase(random, 2),
            city: phrase(random, 1),
            themes: list(random),
            description: phrase(random, 12),
            code: ["", "9782070612758", "2070612759", "20706"][random.random_range(0..4)],
        }
    }

    fn terms(&self, analyser: &mut Analyser) -> crate::text::DocTerms {
        self.with(|doc| analyser.terms(doc))
    }

    fn with<T>(&self, then: impl FnOnce(&TextDoc<'_>) -> T) -> T {
        let creators: Vec<&str> = self.creators.iter().map(String::as_str).collect();
        let themes: Vec<&str> = self.themes.iter().map(String::as_str).collect();
        then(&TextDoc {
            title: &self.title,
            creators: &creators,
            venue_name: &self.venue,
            city: &self.city,
            themes: &themes,
            description: &self.description,
            identifiers: &[self.code],
        })
    }
}

/// A word as someone types it: whole, begun, or with a typo.
fn typed(random: &mut Pcg64) -> String {
    let mut letters: Vec<char> = pick(random).chars().collect();
    let at = random.random_range(0..letters.len());
    match random.random_range(0..8) {
        0 if letters.len() > 2 => letters.truncate(1 + at),
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, 'e'),
        3 if at + 1 < letters.len() => letters.swap(at, at + 1),
        4 => letters[at] = 'o',
        _ => {}
    }
    letters.into_iter().collect()
}

fn query(random: &mut Pcg64) -> String {
    let mut parts = Vec::new();
    for _ in 0..random.random_range(1..=4) {
        parts.push(match random.random_range(0..10) {
            0 => format!("-{}", typed(random)),
            1 => format!("\"{}\"", phrase(random, 3)),
            2 => format!("« {} »", phrase(random, 2)),
            _ => typed(random),
        });
    }
    parts.join(" ") + ["", " "][random.random_range(0..2)]
}

/// Every row that a twin of the search keeps, by row.
fn twin(catalogue: &BTreeMap<u32, crate::text::DocTerms>, query: &TextQuery, plan: &Plan) -> Vec<(u32, TextRank)> {
    let ranked =
        |(row, terms): (&u32, &_)| explain(query, plan, terms).map(|criteria| (*row, TextRank::from(criteria)));
    catalogue.iter().filter_map(ranked).collect()
}

fn sorted(hits: Vec<Hit>) -> Vec<(u32, TextRank)> {
    let mut hits: Vec<_> = hits.into_iter().map(|hit| (hit.row.0, hit.rank)).collect();
    hits.sort();
    hits
}

fn change(random: &mut Pcg64, index: &mut TextIndex, catalogue: &mut BTreeMap<u32, Owned>, rows: u32) {
    let row = random.random_range(0..rows);
    if random.random_bool(0.2) {
        index.remove(Row(row)).unwrap();
        catalogue.remove(&row);
    } else {
        let doc = Owned::random(random);
        doc.with(|doc| index.put(Row(row), doc)).unwrap();
        catalogue.insert(row, doc);
    }
}

fn check(index: &TextIndex, catalogue: &BTreeMap<u32, Owned>, random: &mut Pcg64, queries: usize) {
    let mut analyser = Analyser::default();
    let terms: BTreeMap<u32, _> = catalogue
        .iter()
        .map(|(row, doc)| (*row, doc.terms(&mut analyser)))
        .collect();
    let reader = index.reader();
    let synonyms = Synonyms::new(&[
        ["jazz", "petit orchestre", "saint étienne"],
        ["manga", "œuvre", "porte bonheur"],
    ]);
    for _ in 0..queries {
        let text = query(random);
        let query = TextQuery::parse_with(&text, &synonyms);
        let accepted: RoaringBitmap = (0..400).filter(|_| random.random_bool(0.3)).collect();
        let few: RoaringBitmap = (0..400).filter(|_| random.random_bool(0.01)).collect();
        let dropped = (0..query.typed().count()).filter(|_| random.random_bool(0.2)).collect();
        for plan in [
            Plan::STRICT,
            Plan {
                typos: true,
                dropped: vec![],
            },
            Plan { typos: true, dropped },
        ] {
            let all = twin(&terms, &query, &plan);
            let search = |accept: Accept<'_>| sorted(reader.search_by(&query, &plan, accept).unwrap());
            assert_eq!(search(Accept::All), all, "{text:?} {plan:?} {query:?}");
            for rows in [&accepted, &few] {
                let kept: Vec<_> = all.iter().copied().filter(|(row, _)| rows.contains(*row)).collect();
                assert_eq!(search(Accept::Rows(rows)), kept, "{text:?} {plan:?}");
                let among = Among {
                    about: &|| rows.len(),
                    rows: &|| rows.iter().collect(),
                    test: &|row| rows.contains(row.0),
                };
                assert_eq!(search(Accept::Among(among)), kept, "{text:?} {plan:?}");
                assert_eq!(
                    search(Accept::Test(&|row| rows.contains(row.0))),
                    kept,
                    "{text:?} {plan:?}"
                );
            }
        }
        let matches = reader.search(&query, Accept::All, 1).unwrap();
        assert_eq!(sorted(matches.hits), twin(&terms, &query, &matches.plan), "{text:?}");
    }
}

#[test]
fn the_index_finds_what_the_twin_keeps() {
    for seed in 0..6 {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut index = TextIndex::in_memory().unwrap();
        let mut catalogue = BTreeMap::new();
        for batch in [250, 30, 1] {
            (0..batch).for_each(|_| change(&mut random, &mut index, &mut catalogue, 200));
            index.commit().unwrap();
            check(&index, &catalogue, &mut random, 150);
        }
        index.finish().unwrap();
        check(&index, &catalogue, &mut random, 50);
    }
}

#[test]
fn something_is_found_by_most_random_queries() {
    let mut random = Pcg64::seed_from_u64(99);
    let mut index = TextIndex::in_memory().unwrap();
    let mut catalogue = BTreeMap::new();
    (0..300).for_each(|_| change(&mut random, &mut index, &mut catalogue, 200));
    index.commit().unwrap();
    let reader = index.reader();
    let hits = |text: &str| {
        reader
            .search(&TextQuery::parse(text), Accept::All, 1)
            .unwrap()
            .hits
            .len()
    };
    let full = (0..300).filter(|_| hits(&query(&mut random)) > 0).count();
    assert!(full > 200, "{full}");
}
