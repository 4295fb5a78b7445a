//! Tests of full text: each part by itself, and the index against its slow twin on random catalogues.

mod against_twin;
mod analysis;
mod files;
mod searches;

use super::{Accept, Analyser, Matches, Row, TextDoc, TextIndex, TextQuery};

/// An index in memory of some titles, row by row.
fn titles(titles: &[&str]) -> TextIndex {
    let mut index = TextIndex::in_memory().unwrap();
    for (row, title) in (0..).zip(titles) {
        index
            .put(
                Row(row),
                &TextDoc {
                    title,
                    ..TextDoc::default()
                },
            )
            .unwrap();
    }
    index.commit().unwrap();
    index
}

/// The rows found, best first.
fn found(index: &TextIndex, query: &str) -> Vec<u32> {
    rows(&search(index, query))
}

fn search(index: &TextIndex, query: &str) -> Matches {
    index.reader().search(&TextQuery::parse(query), Accept::All, 1).unwrap()
}

fn rows(matches: &Matches) -> Vec<u32> {
    let mut hits = matches.hits.clone();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.rank), hit.row));
    hits.iter().map(|hit| hit.row.0).collect()
}

/// The rows that the twin keeps of titles, with every word as it is.
fn kept(titles: &[&str], query: &str) -> Vec<u32> {
    let query = TextQuery::parse(query);
    let mut analyser = Analyser::default();
    let mut keeps = |title: &&str| {
        super::matches(
            &query,
            &super::Plan::STRICT,
            &analyser.terms(&TextDoc {
                title,
                ..TextDoc::default()
            }),
        )
    };
    (0..)
        .zip(titles)
        .filter(|(_, title)| keeps(title))
        .map(|(row, _)| row)
        .collect()
}
