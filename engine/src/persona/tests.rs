//! The built-in personas say what the study says, and a document can stand over one.

use serde_json::{Value, json};

use super::*;
use crate::document::DocumentKind;

fn personas() -> (Taxonomy, Personas) {
    let taxonomy = Taxonomy::built_in();
    let personas = Personas::built_in(&taxonomy);
    (taxonomy, personas)
}

#[test]
fn the_built_in_ones_are_sound() {
    let (taxonomy, personas) = personas();
    let raw: Raw = toml::from_str(BUILT_IN).expect("well formed");
    for persona in &raw.persona {
        let mut faults = Faults::default();
        persona.check(&taxonomy, &mut faults);
        faults.finish().unwrap_or_else(|_| panic!("{}", persona.id.as_str()));
    }
    let ids: Vec<&str> = personas.all().iter().map(|persona| persona.id.as_str()).collect();
    let study = [
        "casanier",
        "intuitif",
        "anticonformiste",
        "partenaire",
        "specialiste",
        "adherent",
        "connecte",
        "curieux",
    ];
    assert_eq!(ids, study);
    for persona in personas.all() {
        assert!((persona.likelihood.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((persona.share.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(persona.likelihood.iter().all(|p| *p > 0.0) && persona.taste.iter().all(|t| (0.0..=1.0).contains(t)));
    }
    for (question, answers) in &raw.questionnaire {
        for (answer, odds) in answers {
            for id in odds.keys() {
                assert!(personas.find(id).is_some(), "{question}.{answer} names {id}");
            }
        }
    }
    for (from, row) in &raw.next {
        assert!(
            taxonomy.find_category(from).is_some() && !row.contains_key(from),
            "{from}"
        );
        assert!((row.values().sum::<f64>() - 1.0).abs() < 1e-9, "{from}");
        row.keys()
            .for_each(|to| assert!(taxonomy.find_category(to).is_some(), "{from} leads to {to}"));
    }
}

/// What DOMAIN says each takes to and shuns, as comparisons.
#[test]
fn they_take_to_what_the_study_says() {
    let (taxonomy, personas) = personas();
    let taste = |id: &str, key: &str| {
        let place = personas.find(id).expect(id);
        personas.all()[place].taste[taxonomy.find(key).expect(key).index()]
    };
    assert!(taste("casanier", "VOD") > taste("casanier", "SPECTACLE_REPRESENTATION"));
    assert!(taste("intuitif", "SPECTACLE_REPRESENTATION") > taste("intuitif", "LIVRE_PAPIER"));
    assert!(taste("anticonformiste", "JEU_EN_LIGNE") > taste("anticonformiste", "VISITE"));
    assert!(taste("partenaire", "SEANCE_CINE") > taste("partenaire", "LIVRE_PAPIER"));
    assert!(taste("specialiste", "RENCONTRE") > taste("casanier", "RENCONTRE"));
    let of = |id: &str| &personas.all()[personas.find(id).expect(id)];
    assert!(
        personas
            .all()
            .iter()
            .all(|p| p.reach.dense >= of("casanier").reach.dense)
    );
    assert!(
        personas
            .all()
            .iter()
            .all(|p| p.appetites.popularity >= of("anticonformiste").appetites.popularity)
    );
    assert!(
        personas
            .all()
            .iter()
            .all(|p| p.appetites.repetition >= of("curieux").appetites.repetition)
    );
    assert!(
        personas
            .all()
            .iter()
            .all(|p| p.appetites.peers <= of("partenaire").appetites.peers)
    );
    assert!(
        personas
            .all()
            .iter()
            .filter(|p| p.silent)
            .map(|p| p.id.as_str())
            .eq(["anticonformiste"])
    );
}

#[test]
fn a_document_stands_over_a_built_in_one_or_beside_them() {
    let taxonomy = Taxonomy::built_in();
    let body = |id: &str| json!({"id": id, "title": "t", "categories": {"MUSEE": 1}, "price": 0.9});
    let read = |body: Value| {
        let body = body.as_object().expect("an object");
        crate::editorial::check(DocumentKind::Personas, body, &taxonomy)?;
        crate::json::from_value::<Persona>(Value::Object(body.clone()))
    };
    let [over, beside] = ["curieux", "marcheur"].map(|id| read(body(id)).expect("a persona"));
    let personas = Personas::with_published([&over, &beside].into_iter(), &taxonomy);
    assert_eq!(personas.all().len(), 9);
    assert_eq!(
        personas.all()[personas.find("curieux").expect("known")].appetites.price,
        0.9
    );
    assert!(personas.mixture([("nobody", 1.0)].into_iter()).is_none());
    for (wrong, pointer) in [
        (
            json!({"id": "x", "title": "t", "categories": {"NOTHING": 1}}),
            "/categories/NOTHING",
        ),
        (
            json!({"id": "x", "title": "t", "categories": {"MUSEE": 2}}),
            "/categories/MUSEE",
        ),
        (
            json!({"id": "x", "title": "t", "categories": {"MUSEE": 1}, "reach_m": {"dense": 1, "sparse": 1000}}),
            "/reach_m/dense",
        ),
        (
            json!({"id": "x", "title": "t", "categories": {"MUSEE": 1}, "mood": 1}),
            "/mood",
        ),
    ] {
        let fault = read(wrong).expect_err(pointer);
        assert_eq!(fault.0[0].pointer, pointer);
    }
}

#[test]
fn a_persona_that_names_nothing_is_indifferent() {
    let taxonomy = Taxonomy::built_in();
    let plain: Persona = crate::json::from_value(json!({"id": "x", "title": "t"})).expect("a persona");
    let compiled = Compiled::new(&plain, &taxonomy);
    assert!(compiled.taste.iter().all(|taste| *taste == 0.5));
    let even = 1.0 / taxonomy.categories().count() as f64;
    assert!(compiled.share.iter().all(|share| (share - even).abs() < 1e-12));
}

#[test]
fn open_country_reaches_farther() {
    let reach = Reach::default();
    assert!((reach.at(0.0) - 3_000.0).abs() < 1e-9 && (reach.at(1.0) - 20_000.0).abs() < 1e-6);
    assert!(reach.at(0.5) > 3_000.0 && reach.at(0.5) < 20_000.0);
}
