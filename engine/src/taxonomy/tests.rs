//! The built-in taxonomy is what DOMAIN says, and a broken one is refused by name.

use super::*;

const SMALL: &str = r#"
[[category]]
key = "LIVRE"
fr = "Livres"
[[subcategory]]
key = "LIVRE_PAPIER"
category = "LIVRE"
fr = "Livre"
platform = "offline"
"#;

#[test]
fn the_built_in_taxonomy_has_the_published_counts() {
    let taxonomy = Taxonomy::built_in();
    assert_eq!(taxonomy.categories().count(), 15);
    assert_eq!(taxonomy.subcategories().count(), 73);
    assert_eq!(taxonomy.search_groups().count(), 13);
}

#[test]
fn kind_follows_platform_then_event() {
    let taxonomy = Taxonomy::built_in();
    let kind = |key| taxonomy.find(key).map(|ix| taxonomy.subcategory(ix).kind);
    assert_eq!(kind("LIVRE_PAPIER"), Some(Kind::Physical));
    assert_eq!(kind("CONCERT"), Some(Kind::Event));
    assert_eq!(kind("LIVESTREAM_MUSIQUE"), Some(Kind::Digital));
    assert_eq!(kind("CINE_VENTE_DISTANCE"), Some(Kind::Digital));
    assert_eq!(kind("ACTIVATION_EVENT"), Some(Kind::Event));
    assert_eq!(kind("NOTHING"), None);
}

#[test]
fn the_digital_cap_is_its_own_flag() {
    let taxonomy = Taxonomy::built_in();
    let sub = |key| taxonomy.subcategory(taxonomy.find(key).expect("a subcategory"));
    assert!(sub("CAPTATION_MUSIQUE").digital_cap && sub("CAPTATION_MUSIQUE").kind == Kind::Physical);
    assert!(!sub("RENCONTRE_EN_LIGNE").digital_cap && sub("RENCONTRE_EN_LIGNE").kind == Kind::Digital);
}

#[test]
fn an_inconsistent_taxonomy_is_refused_by_name() {
    assert!(Taxonomy::from_toml(SMALL).is_ok());
    let twice = format!(
        "{SMALL}[[subcategory]]\nkey = \"LIVRE_PAPIER\"\ncategory = \"LIVRE\"\nfr = \"x\"\nplatform = \"offline\"\n"
    );
    let error = Taxonomy::from_toml(&twice).expect_err("a duplicate").to_string();
    assert!(error.contains("LIVRE_PAPIER") && error.contains("twice"), "{error}");
    let dangling = SMALL.replace("category = \"LIVRE\"", "category = \"FILM\"");
    let error = Taxonomy::from_toml(&dangling)
        .expect_err("a dangling category")
        .to_string();
    assert!(error.contains("FILM") && error.contains("LIVRE_PAPIER"), "{error}");
    assert!(Taxonomy::from_toml("category = 3").is_err());
    assert!(Taxonomy::from_toml(&SMALL.replace("platform", "plateforme")).is_err());
}
