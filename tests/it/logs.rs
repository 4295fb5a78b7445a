//! What the log of a day's traffic tells: one line a call that reads alone, and no secret or personal datum.

use std::fs::File;
use std::process::Command;

use florilege_tests::{Server, program, run, until};
use serde_json::{Value, json};

/// Texts that occur by no chance and may stand in no log.
const READER: &str = "lectrice-7f3a9c51";
const FRIEND: &str = "amie-0b8e44d2";
const WORDS: &str = "zébrures violacées";
const REVIEW: &str = "avis-intime-5512";

struct Day {
    server: Server,
    token: String,
}

impl Day {
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let media = if path == "/v1/changes" {
            "application/x-ndjson"
        } else {
            "application/json"
        };
        let body = body.map(Value::to_string);
        self.server
            .send_with(
                method,
                path,
                media,
                body.as_deref().map(str::as_bytes),
                Some(&self.token),
            )
            .expect("an answer")
    }

    /// Calls of every kind, good and bad, about one reader.
    fn traffic(&self) {
        let consents = json!({"personalisation": true});
        let user = json!({"id": READER, "birth_year": 2009, "position": {"lat": 48.123456, "lng": -1.654321}, "friends": [FRIEND],
            "credit_cents": 14_217, "consents": consents});
        let offer = json!({"id": "o1", "title": "Titre", "subcategory": "CONCERT"});
        let event = json!({"id": "e1", "type": "review", "user_id": READER, "offer_id": "o1", "at": "2026-11-20T12:00:00Z", "text": REVIEW});
        let context =
            json!({"position": {"lat": 48.123456, "lng": -1.654321}, "credit_cents": 14_217, "friends": [FRIEND]});
        let name = json!({"id": READER, "first_name": "zoé-unique"});
        for (method, path, body, expected) in [
            ("PUT", "/v1/offers/o1".to_owned(), Some(offer), 200),
            ("PUT", format!("/v1/users/{READER}"), Some(user), 200),
            ("PUT", format!("/v1/users/{READER}"), Some(name), 422),
            ("POST", "/v1/events".to_owned(), Some(json!([event])), 200),
            (
                "POST",
                "/v1/recommendations?min_sequence=3".to_owned(),
                Some(json!({"user_id": READER, "context": context})),
                200,
            ),
            (
                "POST",
                "/v1/recommendations".to_owned(),
                Some(json!({"user_id": READER, "limit": 9_999})),
                422,
            ),
            (
                "POST",
                "/v1/recommendations".to_owned(),
                Some(json!({"user": READER})),
                422,
            ),
            (
                "POST",
                "/v1/search".to_owned(),
                Some(json!({"q": WORDS, "user_id": READER})),
                200,
            ),
            (
                "GET",
                format!("/v1/search?q=z%C3%A9brures&user_id={READER}&lat=48.123456&lng=-1.654321"),
                None,
                200,
            ),
            ("GET", format!("/v1/users/{READER}"), None, 200),
            ("GET", format!("/v1/users/{READER}/nothing"), None, 404),
            (
                "POST",
                "/v1/changes".to_owned(),
                Some(json!({"op": "user.upsert", "user": {"id": READER, "email": "a@b.example"}})),
                200,
            ),
            ("DELETE", format!("/v1/users/{READER}"), None, 200),
            ("GET", format!("/v1/users/{READER}"), None, 404),
        ] {
            let (status, answer) = self.call(method, &path, body.as_ref());
            assert_eq!(status, expected, "{method} {path}: {answer}");
        }
        let refused = self
            .server
            .send_with("GET", "/v1/search", "", None, Some("flo_not-a-key-99"));
        assert_eq!(refused.expect("an answer").0, 401);
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

#[test]
fn logs_tell_no_secret_and_one_line_a_call() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().to_string_lossy().into_owned();
    let (code, made, errors) = run(
        "florilege",
        &["keys", "add", "--scope", "admin", "--data", &folder, "--json"],
        "",
    );
    assert_eq!(code, Some(0), "{errors}");
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let token = made["token"].as_str().expect("a token").to_owned();
    let log = data.path().join("log.json");
    let mut command = Command::new(program("florilege"));
    command
        .args([
            "serve",
            "--data",
            &folder,
            "--log",
            "info,florilege=debug",
            "--log-json",
        ])
        .stderr(File::create(&log).expect("a file"));
    let day = Day {
        server: Server::start_by(&mut command),
        token,
    };
    day.traffic();
    let read = || std::fs::read_to_string(&log).expect("text");
    until("the last call is logged", || read().contains("\"status\":401"));
    let text = read();
    let told = "the log tells";
    for secret in [
        READER,
        FRIEND,
        "zébrures",
        "violac",
        REVIEW,
        "zoé",
        "a@b.example",
        &day.token,
        &day.token[4..],
        "not-a-key",
    ] {
        assert!(!text.contains(secret), "{told} {secret}");
    }
    for place in ["48.12", "1.654", "14217", "2009"] {
        assert!(!text.contains(place), "{told} {place}");
    }
    let all = lines(&text);
    let calls: Vec<&Value> = all
        .iter()
        .map(|line| &line["fields"])
        .filter(|fields| fields["message"] == "answered")
        .collect();
    assert!(calls.len() >= 15, "{}", calls.len());
    for call in &calls {
        for field in [
            "method",
            "route",
            "status",
            "code",
            "took_ms",
            "deadline_ms",
            "stages",
            "request_id",
        ] {
            assert!(!call[field].is_null(), "{field} is missing in {call}");
        }
    }
    let list = calls
        .iter()
        .find(|call| call["route"] == "/v1/recommendations" && call["status"] == 200);
    assert!(
        list.is_some_and(|list| list["shown"] == 1 && list["removed"].is_string()),
        "{list:?}"
    );
}
