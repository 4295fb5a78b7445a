//! Words, folding, families, book numbers.

use crate::text::analysis::{identifier, words};
use crate::text::{Stems, fold};

/// The folded words, with their other forms after a slash.
fn shown(text: &str) -> String {
    let show = |word: crate::text::analysis::Word| {
        let forms: Vec<String> = word.joined.into_iter().chain(word.bare).collect();
        if forms.is_empty() {
            word.text
        } else {
            format!("{}/{}", word.text, forms.join("/"))
        }
    };
    words(text).into_iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn words_of_french_texts() {
    for (text, expected) in [
        ("L'Avare, d’après MOLIÈRE", "avare/lavare apres/dapres moliere"),
        ("jusqu'à l'aube ; lorsqu'il", "a/jusqua aube/laube il/lorsquil"),
        ("Porte-bonheur", "porte/portebonheur bonheur/portebonheur"),
        ("rock'n'roll", "rock/rocknroll n/rocknroll roll/rocknroll"),
        ("N.T.M. et J.R.R. Tolkien", "ntm et jrr tolkien"),
        ("Canal+ C++ C#", "canal+/canal c++/c c#/c"),
        ("tome 3", "tome/t3 3/t3/3"),
        ("T3, t. 03, vol. III", "t3/3 t/t3 3/t3/3 vol/t3 iii/t3/3"),
        ("1er 2ème 20th 007", "1e 2e 20e 7"),
        ("Cœur, Ægir, ﬁn, straße, ÉTÉ", "coeur aegir fin strasse ete"),
        ("日本語", "日 本 語"),
        ("", ""),
        (" -- ! … ", ""),
        ("aujourd'hui", "aujourd/aujourdhui hui/aujourdhui"),
        ("C'est l’été", "est/cest ete/lete"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn decomposed_accents_are_the_same_words() {
    assert_eq!(shown("e\u{301}te\u{301}"), "ete");
    assert_eq!(words("e\u{301}te\u{301}")[0].surface, "été");
}

#[test]
fn spans_are_those_of_the_text() {
    let text = "« L’Été à Saint-Étienne » (N.T.M.)";
    let shown: Vec<&str> = words(text).iter().map(|word| &text[word.start..word.end]).collect();
    assert_eq!(shown, ["Été", "à", "Saint", "Étienne", "N.T.M"]);
}

#[test]
fn folding_twice_changes_nothing() {
    for letter in (0..0x3_0000).filter_map(char::from_u32) {
        let once = fold(&letter.to_string());
        assert_eq!(fold(&once), once, "{letter:?}");
        assert!(once.chars().all(char::is_alphanumeric), "{letter:?} {once:?}");
    }
}

#[test]
fn families_join_plurals_and_light_stems_alone() {
    let stems = Stems::default();
    let family = |one: &str, two: &str| {
        let keys = stems.families(&two.to_lowercase(), &fold(two));
        stems
            .families(&one.to_lowercase(), &fold(one))
            .iter()
            .any(|key| keys.contains(key))
    };
    for (one, two) in [
        ("concert", "concerts"),
        ("manga", "mangas"),
        ("opéra", "opéras"),
        ("opera", "opéras"),
        ("cheval", "chevaux"),
        ("musée", "musées"),
        ("musees", "musée"),
        ("tableau", "tableaux"),
        ("jeu", "jeux"),
        ("danse", "danses"),
        ("théâtre", "théâtres"),
        ("story", "stories"),
        ("musical", "musicale"),
        ("festival", "festivals"),
        ("festivals", "festivaux"),
        ("photographie", "photographies"),
        ("œuvre", "oeuvres"),
        ("atelier", "ateliers"),
    ] {
        assert!(family(one, two), "{one} {two}");
    }
    for (one, two) in [
        ("concert", "concertation"),
        ("musée", "muse"),
        ("danse", "dans"),
        ("cirque", "cire"),
        ("marche", "mars"),
        ("2001", "200"),
    ] {
        assert!(!family(one, two), "{one} {two}");
    }
}

#[test]
fn book_numbers_have_one_form() {
    for (text, expected) in [
        ("978-2-07-061275-8", Some("9782070612758")),
        ("9782070612758", Some("9782070612758")),
        ("2-07-061275-9", Some("9782070612758")),
        ("207061275 9", Some("9782070612758")),
        ("2070612758", None),
        ("080442957X", Some("9780804429573")),
        ("12345", None),
        ("978207061275X", None),
        ("concert", None),
        ("", None),
        ("123456789012345678901234567890", None),
    ] {
        assert_eq!(identifier(text).as_deref(), expected, "{text}");
    }
}

/// The published list of Snowball French, word by word, when it is beside the repository.
#[test]
fn the_stemmer_is_snowball_french() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/queries/snowball-fr");
    let (Ok(words), Ok(stems)) = (
        std::fs::read_to_string(dir.join("voc.txt")),
        std::fs::read_to_string(dir.join("output.txt")),
    ) else {
        eprintln!("no Snowball vocabulary beside the repository: nothing compared");
        return;
    };
    let stemmer = Stems::default();
    let pairs = || words.lines().zip(stems.lines());
    let other: Vec<_> = pairs()
        .filter(|(word, stem)| stemmer.snowball_french(word) != *stem)
        .collect();
    eprintln!(
        "{} words, {} differ: {:?}",
        pairs().count(),
        other.len(),
        &other[..other.len().min(20)]
    );
    assert!(pairs().count() > 20_000);
    assert_eq!(other, []);
}
