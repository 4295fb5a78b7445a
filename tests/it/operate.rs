//! Running it: `florilege check`, an upgrade without a lost call, HTTPS.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use florilege_tests::{Server, certificate, run, until};
use serde_json::{Value, json};

fn check(arguments: &[&str]) -> (Option<i32>, Value) {
    let all: Vec<&str> = ["check", "--json"].iter().chain(arguments).copied().collect();
    let (code, out, errors) = run("florilege", &all, "");
    (
        code,
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {errors}")),
    )
}

fn states(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let lines = report["checks"].as_array().expect("a list").iter();
    lines.map(|line| (text(&line["name"]), text(&line["state"]))).collect()
}

fn state(report: &Value, name: &str) -> String {
    let found = states(report).into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("{name} is not there: {report}")).1
}

fn put(server: &Server, n: usize) {
    let offer = json!({"id": format!("o{n}"), "title": format!("Titre {n}"), "subcategory": "CONCERT"});
    let (status, answer) = server.call("PUT", &format!("/v1/offers/o{n}"), Some(&offer));
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn check_tells_a_good_folder_from_a_broken_one() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("data");
    let flag = folder.to_string_lossy().into_owned();
    let (code, report) = check(&["--data", &flag]);
    assert_eq!(
        (code, &report["ok"]),
        (Some(0), &json!(true)),
        "an empty place can serve: {report}"
    );
    assert!(!folder.exists(), "nothing was made");

    let server = Server::serve(&folder);
    (0..20).for_each(|n| put(&server, n));
    let (code, report) = check(&["--data", &flag]);
    assert_eq!(code, Some(0), "also beside a running server: {report}");
    assert_eq!(server.stop(), Some(0));
    let (code, report) = check(&["--data", &flag]);
    assert_eq!(code, Some(0), "{report}");
    assert!(states(&report).iter().all(|(_, state)| state == "ok"), "{report}");
    assert!(report.to_string().contains("20 offers at 20"), "{report}");

    damage_artefact(&folder.join("artefacts"));
    let (code, report) = check(&["--data", &flag]);
    assert_eq!(
        (code, state(&report, "artefact")),
        (Some(0), "warning".to_owned()),
        "it costs a rebuild, no data"
    );

    std::fs::write(folder.join("store.sqlite"), "This is a letter. ".repeat(500)).expect("written");
    let (code, report) = check(&["--data", &flag]);
    assert_eq!(
        (code, state(&report, "store")),
        (Some(1), "failed".to_owned()),
        "{report}"
    );
    let (code, report) = check(&["--data", &flag, "--listen", "nonsense"]);
    assert_eq!(
        (code, state(&report, "settings")),
        (Some(1), "failed".to_owned()),
        "{report}"
    );
    let (code, ..) = run("florilege", &["check"], "");
    assert_eq!(code, Some(2), "wrong usage");
}

/// Turns a byte of the first column file that is there.
fn damage_artefact(artefacts: &Path) {
    let newest = std::fs::read_dir(artefacts)
        .expect("a folder")
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let newest = newest
        .filter(|path| path.join("offers.arrow").exists())
        .max()
        .expect("an artefact");
    let file = newest.join("offers.arrow");
    let mut bytes = std::fs::read(&file).expect("bytes");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(file, bytes).expect("written");
}

#[test]
fn check_finds_a_database_that_is_away() {
    let data = tempfile::tempdir().expect("a folder");
    let flag = data.path().to_string_lossy().into_owned();
    let (code, report) = check(&[
        "--data",
        &flag,
        "--database-url",
        "postgres://nobody:hush@127.0.0.1:1/none",
    ]);
    assert_eq!((code, state(&report, "store")), (Some(1), "failed".to_owned()));
    assert!(!report.to_string().contains("hush"), "{report}");
}

/// A balancer as any: it asks each server now and then whether it is ready, and calls the first that is.
struct Balancer<'a> {
    servers: &'a [Server],
    ready: Vec<AtomicBool>,
    stop: AtomicBool,
    answered: AtomicUsize,
}

impl Balancer<'_> {
    fn watch(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            for (server, ready) in self.servers.iter().zip(&self.ready) {
                let asked = server.try_send("GET", "/health/ready", "application/json", None);
                ready.store(asked.is_ok_and(|(status, _)| status == 200), Ordering::SeqCst);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn call(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            let ready = self
                .servers
                .iter()
                .zip(&self.ready)
                .find(|(_, ready)| ready.load(Ordering::SeqCst));
            let (server, _) = ready.expect("there is always one that is ready");
            let listed = server.try_send(
                "POST",
                "/v1/recommendations",
                "application/json",
                Some(b"{\"limit\":3}"),
            );
            let (status, answer) = listed.expect("a call under the upgrade is answered");
            assert_eq!(status, 200, "{answer}");
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// The new version starts beside the old one, over the same PostgreSQL; the old one is told to stop, says that it is
/// not ready, serves on while it drains, and goes.
#[test]
fn an_upgrade_loses_no_call() {
    let Some(url) = florilege_tests::database() else { return };
    let folders = [
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    ];
    let start = |at: usize| {
        let folder = folders[at].path().to_string_lossy().into_owned();
        // Longer than any balancer takes to notice, on any machine.
        Server::start(&["serve", "--data", &folder, "--database-url", &url, "--drain-s", "4"])
    };
    let old = start(0);
    (0..30).for_each(|n| put(&old, n));
    let servers = [old, start(1)];
    until("both are ready", || {
        servers
            .iter()
            .all(|server| server.call("GET", "/health/ready", None).0 == 200)
    });
    let balancer = Balancer {
        servers: &servers,
        ready: vec![AtomicBool::new(true), AtomicBool::new(true)],
        stop: AtomicBool::new(false),
        answered: AtomicUsize::new(0),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| balancer.watch());
        let callers: Vec<_> = (0..3).map(|_| scope.spawn(|| balancer.call())).collect();
        until("calls are answered", || balancer.answered.load(Ordering::SeqCst) > 20);
        let told = Command::new("kill")
            .args(["-TERM", &servers[0].id().to_string()])
            .status();
        assert!(told.is_ok_and(|status| status.success()));
        let gone = || {
            servers[0]
                .try_send("GET", "/health/live", "application/json", None)
                .is_err()
        };
        until("the old one is gone", gone);
        let before = balancer.answered.load(Ordering::SeqCst);
        until("the new one carries on", || {
            balancer.answered.load(Ordering::SeqCst) > before + 20
        });
        balancer.stop.store(true, Ordering::SeqCst);
        callers
            .into_iter()
            .for_each(|caller| caller.join().expect("no call was lost"));
    });
}

#[test]
fn https_is_spoken_with_a_certificate() {
    let data = tempfile::tempdir().expect("a folder");
    let at = |path: &Path| path.to_string_lossy().into_owned();
    let (certificate, key) = certificate(data.path(), "localhost");
    let (certificate, key) = (at(&certificate), at(&key));
    let folder = at(&data.path().join("data"));
    let server = Server::start(&[
        "serve",
        "--data",
        &folder,
        "--tls-certificates",
        &certificate,
        "--tls-key",
        &key,
    ]);
    assert!(server.base.starts_with("https://"), "{}", server.base);
    let asked = Command::new("curl")
        .args([
            "-sS",
            "--max-time",
            "30",
            "--cacert",
            &certificate,
            &format!("{}/health/live", server.base),
        ])
        .output()
        .expect("curl runs");
    let told = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(
        told.contains("\"status\":\"live\""),
        "{told} {}",
        String::from_utf8_lossy(&asked.stderr)
    );
    // Who speaks plain HTTP, or shakes no hand, gets no answer and blocks nobody.
    let plain = Command::new("curl")
        .args(["-s", "--max-time", "30", &server.base.replace("https", "http")])
        .status();
    assert!(plain.is_ok_and(|status| !status.success()));
    let at_once = Instant::now();
    let (code, _, errors) = run(
        "florilege",
        &[
            "serve",
            "--data",
            &folder,
            "--tls-certificates",
            &key,
            "--tls-key",
            &key,
        ],
        "",
    );
    assert_eq!(code, Some(1), "{errors}");
    assert!(at_once.elapsed() < Duration::from_secs(30));
}
