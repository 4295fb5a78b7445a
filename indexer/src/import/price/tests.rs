//! Prices as they were found in real files, and as people write them.

use super::*;

fn rule(choose: Choose) -> PriceRule {
    PriceRule {
        column: "conditions".into(),
        unit: Unit::Euro,
        choose,
        ignore: vec!["lunettes".into(), "parking".into()],
    }
}

fn cents(text: &str) -> Option<u32> {
    match price(&rule(Choose::Full), text) {
        Said::Price(cents) => Some(cents.get()),
        Said::Nothing | Said::Unread => None,
    }
}

#[test]
fn what_is_free_for_all_is_free() {
    for text in [
        "Gratuit",
        "gratuit",
        "Entrée libre",
        "Gratuit sur inscription",
        "Accès libre et gratuit dans la limite des places disponibles",
        "Gratuit. Entrée libre.",
        "prix libre",
        "Participation libre",
        "Spectacle au chapeau",
        "0",
        "0 €",
        "Gratuit, en accès libre et en continu. Réservez votre billet pour la Nuit européenne des musées",
    ] {
        assert_eq!(cents(text), Some(0), "{text}");
    }
}

#[test]
fn amounts_are_read_in_figures_and_words() {
    for (text, expected) in [
        ("5€", 500),
        ("12,50 €", 1250),
        ("12.5 euros", 1250),
        ("5€50", 550),
        ("€ 7", 700),
        ("12 EUR", 1200),
        ("12", 1200),
        ("1 250 €", 125_000),
        ("de 5 à 12 €", 500),
        ("De 5 € à 12 €", 500),
        ("5-12 €", 500),
        ("Tarif plein 8€", 800),
        ("Tarif plein 22 € / Tarif réduit 15 €", 2200),
        ("Tarif réduit : 15€ | Tarif plein : 19€", 1900),
        (
            "Tarif Réduit : 15€ | Tarif Plein : 19€ | Tarif Réduit : 15€ | Tarif Plein : 19€",
            1900,
        ),
        ("plein tarif 16 EUR tarif réduit 12 EUR tarif enfant 8 EUR", 1600),
        ("Payant plein tarif 16 EUR tarif réduit 12 EUR tarif enfant 8 EUR", 1600),
        ("Tarifs : Adulte 13€ ; Enfant de 8 à 12 ans 9€", 1300),
        ("Tarifs : Enfant 8 à 12 ans 9€ ; Adulte 12€", 1200),
        (
            "7€ (à partir de 12 ans) | 3€ (enfant de 4 à 12 ans, étudiant), gratuit (moins de 4 ans)",
            700,
        ),
        ("8 €, gratuit pour les moins de 12 ans", 800),
        ("10 € plein, 6 € réduit", 1000),
    ] {
        assert_eq!(cents(text), Some(expected), "{text}");
    }
}

#[test]
fn what_is_doubtful_is_unknown() {
    for (text, said) in [
        ("", Said::Nothing),
        ("Réservation conseillée", Said::Nothing),
        ("Durée 20 min.", Said::Nothing),
        ("Gratuit pour les moins de 26 ans", Said::Unread),
        ("entrée payante", Said::Unread),
        ("Ce n'est pas gratuit", Said::Unread),
        (
            "Prix billetterie et lunettes connectées gratuite sur réservation",
            Said::Unread,
        ),
        ("Tarifs Soutien 25 F Plein 22 F Réduit 15 F", Said::Unread),
        ("-5", Said::Unread),
    ] {
        assert_eq!(price(&rule(Choose::Full), text), said, "{text}");
    }
}

#[test]
fn another_choice_can_be_made() {
    let text = "Tarif plein 22 € / Tarif réduit 15 €";
    assert_eq!(price(&rule(Choose::Lowest), text), price(&rule(Choose::Full), "15 €"));
    assert_eq!(price(&rule(Choose::Highest), text), price(&rule(Choose::Full), "22 €"));
}
