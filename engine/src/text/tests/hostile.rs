//! Nothing that can be typed panics, loops or grows.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::titles;
use crate::text::analysis::{MAX_LETTERS, MAX_WORDS, words};
use crate::text::{Accept, MAX_MISSPELT, MAX_UNITS, Plan, TextDoc, TextIndex, TextQuery, highlight, snippet};

/// Signs that mean something to us, letters that fold strangely, and anything.
fn letter(random: &mut Pcg64) -> char {
    const SIGNS: &[char] = &[
        '"', '«', '»', '“', '”', '-', '‐', '\'', '’', '.', '+', '#', '/', '&', ' ', ' ', '\n', '\0', '<', '>', 'é',
        'œ', 'İ', 'ß', 'ﬁ', '\u{301}', '\u{ad}', '\u{200d}', '\u{202e}', '日', 'あ', '🎭', '½', '①', '3', 'X', 't',
        'l',
    ];
    match random.random_range(0..4) {
        0 => char::from_u32(random.random_range(0..0x11_0000)).unwrap_or('a'),
        1 => char::from(random.random_range(b'a'..=b'e')),
        _ => SIGNS[random.random_range(0..SIGNS.len())],
    }
}

fn wild(random: &mut Pcg64, most: usize) -> String {
    (0..random.random_range(0..most)).map(|_| letter(random)).collect()
}

fn unmarked(html: &str) -> String {
    let plain = html.replace("<em>", "").replace("</em>", "");
    assert!(!plain.contains(['<', '>', '"', '\'']), "{html}");
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[test]
fn wild_texts_keep_the_invariants() {
    let mut random = Pcg64::seed_from_u64(3);
    for _ in 0..4_000 {
        let text = wild(&mut random, 80);
        let mut end = 0;
        for word in words(&text) {
            assert!(
                end <= word.start && word.start < word.end && !word.text.is_empty(),
                "{text:?}"
            );
            assert!(word.text.chars().count() <= MAX_LETTERS + 2, "{text:?}");
            assert!(text.get(word.start..word.end).is_some(), "{text:?}");
            end = word.end;
        }
        let query = TextQuery::parse(&wild(&mut random, 40));
        let plan = Plan {
            typos: true,
            dropped: Vec::new(),
        };
        if let Some(marked) = highlight(&query, &plan, &text) {
            assert_eq!(unmarked(&marked), text);
        }
        if let Some(part) = snippet(&query, &plan, &text, 5) {
            let part = unmarked(&part);
            assert!(
                text.contains(part.trim_start_matches("… ").trim_end_matches(" …")),
                "{text:?} {part:?}"
            );
        }
    }
}

#[test]
fn wild_catalogues_and_queries_are_answered() {
    let mut random = Pcg64::seed_from_u64(4);
    let texts: Vec<String> = (0..300).map(|_| wild(&mut random, 60)).collect();
    let index = titles(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let reader = index.reader();
    for _ in 0..2_000 {
        let query = TextQuery::parse(&wild(&mut random, 60));
        let matches = reader.search(&query, Accept::All, 1).unwrap();
        assert!(matches.hits.len() <= 300);
        reader.did_you_mean(&query).unwrap();
    }
    for text in &texts {
        let plain = text.replace(|sign| "\"«»“”„-‐‑−﹣－\u{ad}".contains(sign), " ");
        let query = TextQuery::parse(&(plain + " "));
        let hits = reader.search(&query, Accept::All, 1).unwrap().hits;
        assert!(!hits.is_empty(), "{text:?}");
    }
}

#[test]
fn a_query_is_read_up_to_its_limits() {
    let many: String = (0..200)
        .map(|at| format!("saxophone{} ", char::from(b'a' + (at % 26) as u8)))
        .collect();
    let query = TextQuery::parse(&many);
    assert_eq!(query.typed().count(), MAX_UNITS);
    assert!(query.ignored() > 0 && query.ignored() < 60, "{}", query.ignored());
    let fuzzy = query
        .units
        .iter()
        .filter_map(|unit| unit.word())
        .filter(|word| word.typos > 0);
    assert_eq!(fuzzy.count(), MAX_MISSPELT);
    let negative = "-a ".repeat(400);
    assert!(TextQuery::parse(&negative).excluded.len() <= MAX_UNITS);
}

#[test]
fn a_huge_text_is_read_up_to_its_limit() {
    let text = "mot-à-mot ".repeat(50_000) + "dernier";
    assert_eq!(words(&text).len(), MAX_WORDS);
    let mut index = TextIndex::in_memory().unwrap();
    let letters = "é".repeat(100_000);
    index
        .put(
            crate::text::Row(0),
            &TextDoc {
                title: &letters,
                description: &text,
                ..TextDoc::default()
            },
        )
        .unwrap();
    index.commit().unwrap();
    assert_eq!(
        (super::found(&index, "mot "), super::found(&index, "\"dernier\"")),
        (vec![0], vec![])
    );
}
