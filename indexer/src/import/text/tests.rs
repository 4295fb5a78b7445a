//! Cleaning, folding and repairs, on what the sources were seen to hold.

use super::*;

#[test]
fn entities_and_tags_go_and_lines_stay() {
    for (dirty, clean_text) in [
        ("Caf&eacute; &amp;&nbsp;th&eacute;", "Café & thé"),
        ("l&amp;#039;&amp;eacute;t&amp;eacute;", "l'été"),
        ("<p>Un <b>beau</b> jour</p><p>Deux</p>", "Un beau jour\n\nDeux"),
        ("3 < 4 &lt; 5", "3 < 4 < 5"),
        ("&lt;p&gt;Bonjour&lt;/p&gt;", "Bonjour"),
        ("a\u{feff}\u{0}b\t c\r\n\r\n\r\nd\r\ne", "a b c\n\nd\ne"),
        ("e\u{301}té", "été"),
        ("AT&T; R&B", "AT&T; R&B"),
    ] {
        assert_eq!(clean(dirty), clean_text, "{dirty:?}");
    }
}

#[test]
fn words_are_found_whole_whatever_their_case_and_accents() {
    let folded = fold("Concert à l'Opéra-Comique : le CŒUR des sœurs");
    assert_eq!(folded, " concert a l opera comique le coeur des soeurs ");
    for (words, found) in [
        ("concert", true),
        ("OPERA comique", true),
        ("opéra", true),
        ("concer", false),
        ("concer*", true),
        ("cœur", true),
        ("soeur", false),
        ("", false),
        ("*", false),
    ] {
        assert_eq!(Needle::new(words).is_in(&folded), found, "{words}");
    }
}

#[test]
fn accents_before_their_letter_are_set_right() {
    for (read, meant) in [
        ("Sociâetâe d'âeditions", "Société d'éditions"),
        ("áa partir", "à partir"),
        ("Aèie aèie", "Aïe aïe"),
        ("bãete franðcais", "bête français"),
        ("théâtre", "théâtre"),
    ] {
        assert_eq!(repair(read, Repair::Iso5426), meant);
    }
}

#[test]
fn utf8_read_as_latin1_is_set_right_and_good_text_is_left() {
    assert_eq!(repair("SociÃ©tÃ© â€“ cÅ“ur", Repair::Mojibake), "Société – cœur");
    assert_eq!(repair("Société", Repair::Mojibake), "Société");
    assert_eq!(from_windows_1252(b"\x80 \xe9t\xe9 \x9cuvre"), "€ été œuvre");
}

#[test]
fn names_and_cases() {
    assert_eq!(upright("Ferrante, Elena (1943-....)"), "Elena Ferrante");
    assert_eq!(upright("Nob (1973-....)"), "Nob");
    assert_eq!(upright("MC Solaar"), "MC Solaar");
    assert_eq!(recase("L'ÉCRAN SAINT-MICHEL", Case::Title), "L'Écran Saint-Michel");
    assert_eq!(
        recase("BIBLIOTHEQUE MUNICIPALE", Case::Sentence),
        "Bibliotheque municipale"
    );
}
