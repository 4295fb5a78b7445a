//! Searches as readers type them.

use super::{found, kept, search, titles};
use crate::text::{Accept, Plan, Row, Synonyms, TextDoc, TextIndex, TextQuery, highlight, snippet};

const TITLES: &[&str] = &[
    "Le Petit Prince",
    "Harry Potter à l'école des sorciers",
    "Canal+ en fête",
    "The The",
    "Suprême N.T.M.",
    "One Piece, tome 3",
    "One Piece T12",
    "Le Porte-bonheur",
    "L'Avare",
    "Les Musées de nuit",
    "Pâtes fraîches",
    "Pâte à modeler",
    "Festival de jazz de Vienne",
    "Le Prince, petit traité",
];

#[test]
fn readers_find_what_they_mean() {
    let index = titles(TITLES);
    for (query, rows) in [
        ("petit prince", vec![0, 13]),
        ("le petit prince", vec![0, 13]),
        ("\"petit prince\"", vec![0]),
        ("prince -traité", vec![0]),
        ("harry pot", vec![1]),
        ("hary poter", vec![1]),
        ("ahrry potter", vec![1]),
        ("ecole", vec![1]),
        ("canal+", vec![2]),
        ("the the", vec![3]),
        ("ntm", vec![4]),
        ("N.T.M", vec![4]),
        ("one piece t3", vec![5]),
        ("one piece tome 12", vec![6]),
        ("one piece 12", vec![6]),
        ("porte bonheur", vec![7]),
        ("portebonheur", vec![7]),
        ("porte-bonheur", vec![7]),
        ("l’avare", vec![8]),
        ("musée", vec![9]),
        ("festivla", vec![12]),
        ("concert jazz vienne", vec![12]),
        ("", (0..14).collect()),
    ] {
        assert_eq!(found(&index, query), rows, "{query}");
    }
}

#[test]
fn accents_as_typed_come_first() {
    let index = titles(&["Pate", "Pâté", "Pâte"]);
    assert_eq!(found(&index, "pâté "), [1, 0, 2]);
    assert_eq!(found(&index, "pâte "), [2, 0, 1]);
}

#[test]
fn the_ladder_tells_how_strictly_it_was_taken() {
    let index = titles(TITLES);
    assert_eq!(search(&index, "petit prince").plan, Plan::STRICT);
    assert_eq!(
        search(&index, "hary potter").plan,
        Plan {
            typos: true,
            dropped: vec![]
        }
    );
    let query = TextQuery::parse("concert jazz vienne");
    let matches = index.reader().search(&query, Accept::All, 1).unwrap();
    assert_eq!(matches.plan.dropped_words(&query).collect::<Vec<_>>(), ["concert"]);
    assert!(search(&index, "xylophonistique zzzz").hits.is_empty());
}

#[test]
fn numbers_first_letters_and_phrases_have_no_typos() {
    let index = titles(&["Apollo 2001", "Concert", "Vie"]);
    for query in ["2002", "boncert", "\"concrt\"", "vif ", "20011"] {
        assert_eq!(found(&index, query), Vec::<u32>::new(), "{query}");
    }
    assert_eq!(found(&index, "cnocert"), [1]);
}

#[test]
fn attributes_rank_in_order() {
    let mut index = TextIndex::in_memory().unwrap();
    let some: &[&str] = &["jazz"];
    let docs = [
        TextDoc {
            description: "jazz",
            ..TextDoc::default()
        },
        TextDoc {
            themes: some,
            ..TextDoc::default()
        },
        TextDoc {
            city: "jazz",
            ..TextDoc::default()
        },
        TextDoc {
            creators: some,
            ..TextDoc::default()
        },
        TextDoc {
            title: "du jazz",
            ..TextDoc::default()
        },
        TextDoc {
            title: "jazz",
            ..TextDoc::default()
        },
        TextDoc {
            title: "jazz et java",
            ..TextDoc::default()
        },
    ];
    for (row, doc) in (0..).zip(&docs) {
        index.put(Row(row), doc).unwrap();
    }
    index.commit().unwrap();
    assert_eq!(found(&index, "jazz"), [5, 4, 6, 3, 2, 1, 0]);
}

#[test]
fn book_numbers_find_the_book() {
    let mut index = titles(&["Un livre"]);
    let codes: &[&str] = &["978-2-07-061275-8"];
    index
        .put(
            Row(4),
            &TextDoc {
                title: "Un autre",
                identifiers: codes,
                ..TextDoc::default()
            },
        )
        .unwrap();
    index.commit().unwrap();
    for query in [
        "9782070612758",
        "978-2-07-061275-8",
        "978 2 07 061275 8",
        "2070612759",
        "autre 2-07-061275-9",
    ] {
        assert_eq!(found(&index, query), [4], "{query}");
    }
}

#[test]
fn hostile_queries_are_answered() {
    let index = titles(TITLES);
    let long = "concert ".repeat(200);
    let letters = "é".repeat(600);
    for query in [
        "\"",
        "\"\"",
        "-",
        "--",
        "- -a",
        "-\"",
        "«",
        "« »",
        "\"petit",
        "petit\"prince",
        ".*",
        "[a-z]+(",
        "\\",
        "\0",
        "\u{202e}tcerp",
        "\u{200b}",
        "🎭🎭",
        "ﷺ",
        "a\u{301}\u{301}\u{301}\u{301}",
        "'",
        "''''",
        "l'",
        "-l'",
        "t",
        "t.",
        "+++",
        "c++++++",
        "####",
        "9",
        "0000",
        "\n\n",
        "\"-a\" -\"b",
        &long,
        &letters,
    ] {
        let matches = search(&index, query);
        let parsed = TextQuery::parse(query);
        assert!(parsed.typed().count() <= 32, "{query}");
        if matches.plan == Plan::STRICT {
            let mut rows: Vec<u32> = matches.hits.iter().map(|hit| hit.row.0).collect();
            rows.sort_unstable();
            assert_eq!(rows, kept(TITLES, query), "{query}");
        }
    }
}

#[test]
fn highlights_keep_the_text() {
    let mark = |query: &str, text: &str| {
        highlight(
            &TextQuery::parse(query),
            &Plan {
                typos: true,
                dropped: vec![],
            },
            text,
        )
    };
    for (query, text, marked) in [
        ("ete", "L'Été <b>&", Some("L&#39;<em>Été</em> &lt;b&gt;&amp;")),
        ("musée", "Les Musées de nuit", Some("Les <em>Musées</em> de nuit")),
        ("har pot", "Harry Potter", Some("Harry <em>Potter</em>")),
        ("hary potter", "Harry Potter", Some("<em>Harry</em> <em>Potter</em>")),
        (
            "\"petit prince\"",
            "petit, le petit prince",
            Some("petit, le <em>petit</em> <em>prince</em>"),
        ),
        ("porte bonheur", "Portebonheur", Some("<em>Portebonheur</em>")),
        ("ete", "e\u{301}te\u{301} !", Some("<em>e\u{301}te\u{301}</em> !")),
        ("concert", "rien", None),
        ("", "rien", None),
    ] {
        assert_eq!(mark(query, text).as_deref(), marked, "{query}");
    }
}

#[test]
fn corrections_are_words_of_the_catalogue() {
    let index = titles(TITLES);
    for (query, meant) in [
        ("hary poter ", Some("harry potter ")),
        ("festivla de jazz", Some("festival de jazz")),
        ("\"musiue\" msuées", Some("\"musiue\" musées")),
        ("petit prince", None),
        ("pet", None),
        ("festiv", None),
        ("2002", None),
        ("", None),
        ("xylophone", None),
    ] {
        let found = index.reader().did_you_mean(&TextQuery::parse(query)).unwrap();
        assert_eq!(found.as_deref(), meant, "{query}");
    }
}

#[test]
fn completions_are_the_most_common_first() {
    let index = titles(&["Musée", "Les musées", "Musique", "Musée de la musique", "Mur"]);
    let reader = index.reader();
    let words: Vec<String> = reader
        .completions("MÚ", 3)
        .unwrap()
        .into_iter()
        .map(|known| known.word)
        .collect();
    assert_eq!(words, ["musée", "musique", "mur"]);
    assert_eq!(reader.completions("", 3).unwrap(), []);
    assert_eq!(reader.completions("zz", 3).unwrap(), []);
}

#[test]
fn synonyms_find_one_another() {
    let index = titles(&["Astérix, bande dessinée", "Une BD", "Les BD de l'été", "Manga"]);
    let synonyms = Synonyms::new(&[vec!["bd", "bande dessinée", "bandes dessinées"]]);
    let rows = |query: &str| {
        super::rows(
            &index
                .reader()
                .search(&TextQuery::parse_with(query, &synonyms), Accept::All, 1)
                .unwrap(),
        )
    };
    for query in ["bd ", "bande dessinée", "bandes dessinées"] {
        let mut rows = rows(query);
        rows.sort_unstable();
        assert_eq!(rows, [0, 1, 2], "{query}");
    }
    assert_eq!(
        (rows("bd ")[2], rows("bande dessinée")[0]),
        (0, 0),
        "as typed comes first"
    );
    assert_eq!((rows("manga"), rows("bande ")), (vec![3], vec![0]));
}

#[test]
fn snippets_hold_what_was_found() {
    let text = "Un <b>long</b> texte qui parle de tout, puis d'un concert de jazz à Vienne, et encore de tout le reste";
    let cut = |query: &str, length| snippet(&TextQuery::parse(query), &Plan::STRICT, text, length);
    assert_eq!(
        cut("jazz concert", 7).as_deref(),
        Some("… puis d&#39;un <em>concert</em> de <em>jazz</em> à Vienne …")
    );
    assert_eq!(cut("texte", 4).as_deref(), Some("… b&gt; <em>texte</em> qui parle …"));
    assert_eq!(cut("reste", 3).as_deref(), Some("… tout le <em>reste</em>"));
    assert_eq!(cut("un", 200).map(|text| text.contains('…')), Some(false));
    assert_eq!(cut("opéra", 3), None);
}
