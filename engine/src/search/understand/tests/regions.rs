//! Regions and departments in questions.

use super::*;

/// Concerts of four departments, and things whose titles say names of regions.
fn regions() -> Engine {
    let taxonomy = Taxonomy::built_in();
    let engine = Engine::in_memory(Arc::new(Taxonomy::built_in())).expect("an engine");
    let venues = [
        ("v-35", "Rennes", json!({"department": "35"}), 48.11, -1.68),
        ("v-29", "Brest", json!({"postal_code": "29200"}), 48.39, -4.49),
        ("v-26", "Valence", json!({"department": "26"}), 44.93, 4.89),
        ("v-86", "Poitiers", json!({"department": "86"}), 46.58, 0.34),
        ("v-38", "Vienne", json!({"department": "38"}), 45.53, 4.87),
        ("v-59", "Lille", json!({"department": "59"}), 50.63, 3.06),
        (
            "v-974",
            "Saint-Denis",
            json!({"postal_code": "97400", "time_zone": "Indian/Reunion"}),
            -20.88,
            55.45,
        ),
        ("v-75", "Paris", json!({"department": "75"}), 48.86, 2.35),
    ];
    let mut lines: Vec<Value> = Vec::new();
    for (id, city, more, lat, lng) in &venues {
        let mut venue =
            json!({"id": id, "name": format!("Salle de {city}"), "city": city, "position": {"lat": lat, "lng": lng}});
        venue
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        lines.push(json!({"op": "venue.upsert", "venue": venue}));
        lines.push(
            json!({"op": "offer.upsert", "offer": offer(&format!("c-{}", &id[2..]), "Grand concert", "CONCERT", id,
            json!({"dates": ["2026-12-05T20:30:00+01:00"]}))}),
        );
    }
    for (id, title) in [
        ("nord", "Le Nord"),
        ("bretagne", "Contes de Bretagne"),
        ("meeting", "Réunion du club de lecture"),
    ] {
        lines.push(json!({"op": "offer.upsert", "offer": offer(id, title, "LIVRE_PAPIER", "v-26", json!({}))}));
    }
    let batch: Vec<_> = lines
        .iter()
        .zip(1..)
        .map(|(line, n)| {
            (
                Sequence(n),
                Some(Change::parse(line.to_string().as_bytes(), &taxonomy).expect("a change")),
            )
        })
        .collect();
    engine.apply(&batch).expect("applied");
    engine
}

#[test]
fn regions_and_departments_are_places() {
    let engine = regions();
    for (q, expected) in [
        ("concert en Bretagne", &["c-29", "c-35"][..]),
        ("concert en bretagne samedi", &["c-29", "c-35"]),
        ("concert dans la Drôme", &["c-26"]),
        ("concert dans le 26", &["c-26"]),
        ("concert Île-de-France", &["c-75"]),
        ("concert en île de france", &["c-75"]),
        ("concert dans la Vienne", &["c-86"]),
        ("concert à Vienne", &["c-38"]),
        ("concert dans le Nord", &["c-59"]),
        ("concert à La Réunion", &["c-974"]),
        ("concert en région Auvergne-Rhône-Alpes", &["c-26", "c-38"]),
        ("concert dans le département de la Drôme", &["c-26"]),
        ("concert Ille-et-Vilaine", &["c-35"]),
        ("concert à Paris", &["c-75"]),
    ] {
        let found = search(&engine, q);
        assert_eq!(ids(&found), expected, "{q}: {:?}", found.interpreted);
    }
}

#[test]
fn names_of_regions_that_are_words_stay_words() {
    let engine = regions();
    for (q, expected) in [
        ("contes de bretagne", "bretagne"),
        ("réunion", "meeting"),
        ("le nord", "nord"),
        ("concert nord", "nord"),
        ("réunion club", "meeting"),
        ("concert en Grande-Bretagne", "bretagne"),
        ("concert dans le nord de la ville", "nord"),
        ("concert en Corse", "c-35"),
    ] {
        let found = search(&engine, q);
        let filtered = found
            .interpreted
            .filters
            .as_ref()
            .is_some_and(|filters| !filters.departments.is_empty());
        assert!(!filtered, "{q}: {:?}", found.interpreted);
        assert!(
            ids(&found).contains(&expected),
            "{q}: {:?} {:?}",
            ids(&found),
            found.interpreted
        );
    }
    let body = json!({"q": "concert en Bretagne", "filters": {"departments": ["26"]}});
    let filters = search_at(&engine, body, NOW).interpreted.filters;
    assert!(filters.is_none_or(|filters| filters.departments == ["26"]));
}
