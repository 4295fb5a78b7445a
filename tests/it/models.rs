//! Learnt models from a store and back: exported, trained, named by a scenario, served, replayed; and what is said where
//! one is damaged or not there.

use std::path::Path;

use florilege_tests::{Server, run};
use serde_json::{Value, json};

const NOW: &str = "2026-11-23T12:00:00+01:00";

/// Ninety works of three tastes, sixty readers who each took six of one, one of two works, and one who agreed to nothing.
fn lines() -> String {
    let mut lines: Vec<Value> = (0..90)
        .map(|n| {
            let words = ["voile port marée", "procès avocat juge", "levain four farine"][n % 3];
            json!({"op": "offer.upsert", "offer": {"id": format!("o{n:02}"), "item_id": format!("w{n:02}"),
                "title": format!("{words} {n}"), "subcategory": (["LIVRE_PAPIER", "CONCERT", "VISITE"][n / 3 % 3])}})
        })
        .collect();
    let user = |id: &str, agrees: bool| json!({"op": "user.upsert", "user": {"id": id, "birth_year": 2008, "consents": {"personalisation": agrees}}});
    let took = |user: &str, offer: usize| {
        json!({"op": "event", "event": {"id": format!("{user} {offer}"), "type": "booking", "user_id": user,
            "offer_id": format!("o{offer:02}"), "at": "2026-11-01T12:00:00Z"}})
    };
    for n in 0..60 {
        let reader = format!("r{n}");
        lines.push(user(&reader, true));
        lines.extend((0..6).map(|act| took(&reader, n % 3 + 3 * ((n * 7 + act * 11) % 30))));
    }
    for (reader, agrees) in [("me", true), ("silent", false)] {
        lines.push(user(reader, agrees));
        lines.extend([took(reader, 0), took(reader, 3)]);
    }
    lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

fn done(package: &str, arguments: &[&str], input: &str) -> Value {
    let (code, output, errors) = run(package, arguments, input);
    assert_eq!(code, Some(0), "{arguments:?}: {errors}");
    serde_json::from_str(&output).unwrap_or(Value::Null)
}

/// Trains a model; the name of its folder.
fn train(model: &str, data: &str, models: &str) -> String {
    let told = done(
        "florilege-indexer",
        &["train", "--model", model, "--data", data, "--out", models, "--json"],
        "",
    );
    let folder = Path::new(told["folder"].as_str().expect("a folder"));
    folder.file_name().expect("a name").to_string_lossy().into_owned()
}

fn publish(server: &Server, models: &Value) {
    let scenario = json!({"id": "home", "title": "Accueil", "models": models});
    let (status, answer) = server.call("POST", "/v1/editorial/scenarios", Some(&scenario));
    assert_eq!(status, 201, "{answer}");
    let (status, answer) = server.call("POST", "/v1/editorial/scenarios/home/publish", None);
    assert_eq!(status, 200, "{answer}");
    server.wait_for(answer["sequence"].as_u64().expect("a sequence"));
}

fn list(server: &Server, user: &str) -> Value {
    let body = json!({"user_id": user, "seed": 4, "limit": 12, "explain": true, "context": {"now": NOW}});
    server.post("/v1/recommendations", &body)
}

/// The offers that a source named.
fn named(list: &Value, source: &str) -> Vec<String> {
    let offers = list["offers"].as_array().expect("offers").iter();
    let by = offers.filter(|offer| {
        offer["sources"]
            .as_array()
            .is_some_and(|all| all.contains(&json!(source)))
    });
    by.map(|offer| offer["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn replay(server: &Server, list: &Value) -> Value {
    let id = list["request_id"].as_str().expect("an id");
    let (status, replayed) = server.call("POST", &format!("/v1/requests/{id}/replay"), None);
    assert_eq!(status, 200, "{replayed}");
    replayed
}

#[test]
fn a_model_trained_on_a_store_makes_its_lists() {
    let place = tempfile::tempdir().expect("a folder");
    let text = |name: &str| place.path().join(name).to_string_lossy().into_owned();
    let (data, tables, models, offers) = (text("data"), text("tables"), text("models"), text("offers.ndjson"));
    done("florilege", &["load", "--data", &data, "-"], &lines());
    done(
        "florilege-indexer",
        &["export", "--data", &data, "--out", &tables, "--json"],
        "",
    );
    std::fs::write(&offers, lines()).expect("written");
    let (ease, content) = (train("ease", &tables, &models), train("content", &offers, &models));
    let arguments = ["serve", "--data", &data, "--models", &models];

    let server = Server::start(&arguments);
    let before = list(&server, "me");
    assert!(named(&before, "collaborative").is_empty(), "no scenario names a model");
    publish(&server, &json!({"collaborative": ease, "content": content}));
    let mine = list(&server, "me");
    assert_eq!(mine["degraded"], json!([]));
    let led = named(&mine, "collaborative");
    let of_taste = led
        .iter()
        .filter(|id| id[1..].parse::<usize>().expect("a number") % 3 == 0)
        .count();
    assert!(!led.is_empty() && 2 * of_taste > led.len(), "{led:?}");
    assert!(!named(&mine, "content").is_empty());
    for source in ["collaborative", "content"] {
        assert!(
            named(&list(&server, "silent"), source).is_empty(),
            "who agreed to nothing"
        );
        assert!(named(&list(&server, "nobody"), source).is_empty(), "who is not known");
    }
    let again = replay(&server, &mine);
    assert_eq!(
        (&again["replay"], &again["offers"]),
        (&json!("recomputed"), &mine["offers"])
    );
    assert_eq!(server.stop(), Some(0));

    // The same log beside the same models: the same list.
    let server = Server::start(&arguments);
    assert_eq!(list(&server, "me")["offers"], mine["offers"]);
    assert_eq!(replay(&server, &mine)["replay"], json!("recomputed"));
    assert_eq!(server.stop(), Some(0));

    // Without them: a list all the same, which says what is missing; the answer of then is told as it was kept.
    let server = Server::serve(Path::new(&data));
    let plain = list(&server, "me");
    assert_eq!(
        plain["degraded"],
        json!([format!("model:{ease}"), format!("model:{content}")])
    );
    assert_eq!(
        plain["offers"].as_array().map(Vec::len),
        mine["offers"].as_array().map(Vec::len)
    );
    let again = replay(&server, &mine);
    assert_eq!(
        (&again["replay"], &again["offers"]),
        (&json!("stored"), &mine["offers"])
    );
    assert_eq!(server.stop(), Some(0));

    // A damaged one is refused, and the others stand.
    std::fs::write(Path::new(&models).join(&ease).join("values.npy"), b"damaged").expect("written");
    let server = Server::start(&arguments);
    let halved = list(&server, "me");
    assert_eq!(halved["degraded"], json!([format!("model:{ease}")]));
    assert!(named(&halved, "collaborative").is_empty() && !named(&halved, "content").is_empty());
    let (code, told, _) = run(
        "florilege",
        &["check", "--data", &data, "--models", &models, "--json"],
        "",
    );
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let checks = told["checks"].as_array().expect("checks");
    let line = checks
        .iter()
        .find(|line| line["name"] == json!("models"))
        .expect("a line");
    let detail = line["detail"].as_str().expect("text");
    assert!(code == Some(0) && line["state"] == json!("warning"), "{told}");
    assert!(detail.contains("values.npy does not match its checksum"), "{detail}");
}

#[test]
fn a_scenario_names_models_as_folders_are_named_and_a_folder_must_be_there() {
    let place = tempfile::tempdir().expect("a folder");
    let server = Server::serve(&place.path().join("data"));
    for (models, pointer) in [
        (json!({"collaborative": "ease"}), "/models/collaborative"),
        (
            json!({"collaborative": "../ease-0123456789abcdef"}),
            "/models/collaborative",
        ),
        (json!({"content": "ease-0123456789abcdef"}), "/models/content"),
        (json!({"popular": "ease-0123456789abcdef"}), "/models/popular"),
    ] {
        let scenario = json!({"id": "home", "title": "Accueil", "models": models});
        let (status, answer) = server.call("POST", "/v1/editorial/scenarios", Some(&scenario));
        assert_eq!(
            (status, &answer["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{answer}"
        );
    }
    let nowhere = place.path().join("nowhere").to_string_lossy().into_owned();
    let data = place.path().join("other").to_string_lossy().into_owned();
    let (code, _, errors) = run("florilege", &["serve", "--data", &data, "--models", &nowhere], "");
    assert!(code == Some(1) && errors.contains("cannot be read"), "{errors}");
}
