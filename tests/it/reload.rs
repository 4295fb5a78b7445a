//! Settings: one order of file, environment and flags; and a reload by SIGHUP under calls that drops none.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use florilege_tests::{Server, certificate, metric, program, run, until};
use serde_json::{Value, json};

/// A server whose settings stand in a file, and whose log goes to another.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Self { folder };
        place.write(settings);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, settings: &str) {
        std::fs::write(self.at("florilege.toml"), settings).expect("written");
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program("florilege"));
        command
            .args(["serve", "--config"])
            .arg(self.at("florilege.toml"))
            .arg("--data")
            .arg(self.at("data"))
            .stderr(std::fs::File::create(self.at("log")).expect("a file"));
        command
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.at("log")).expect("text")
    }
}

fn hang_up(server: &Server) {
    let told = Command::new("kill").args(["-HUP", &server.id().to_string()]).status();
    assert!(told.is_ok_and(|status| status.success()));
}

fn key(data: &Path) -> String {
    let data = data.to_string_lossy().into_owned();
    let (code, token, errors) = run("florilege", &["keys", "add", "--scope", "serve", "--data", &data], "");
    assert_eq!(code, Some(0), "{errors}");
    token.trim().to_owned()
}

/// The statuses of so many calls at once.
fn statuses(server: &Server, key: &str, calls: usize) -> Vec<u16> {
    let ask = |_| {
        let answered = server.send_with("GET", "/v1/search?limit=1", "application/json", None, Some(key));
        answered.expect("an answer").0
    };
    (0..calls).map(ask).collect()
}

/// What a browser of this origin is allowed.
fn allowed(server: &Server, origin: &str) -> Option<String> {
    let done = Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "-D", "-", "-H", &format!("origin: {origin}")])
        .arg(format!("{}/health/live", server.base))
        .output()
        .expect("curl runs");
    let heads = String::from_utf8_lossy(&done.stdout).to_lowercase();
    let line = heads
        .lines()
        .find_map(|line| line.strip_prefix("access-control-allow-origin: "));
    line.map(|value| value.trim().to_owned())
}

#[test]
fn a_reload_takes_what_it_can_and_drops_no_call() {
    let place = Place::new("rate = 0\nlog = \"warn\"\n");
    let key = key(&place.at("data"));
    let server = Server::start_by(&mut place.command());
    assert_eq!(statuses(&server, &key, 40), vec![200; 40]);
    assert_eq!(allowed(&server, "https://pass.example"), None);
    assert!(!place.log().contains("answered"), "only warnings: {}", place.log());

    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Health needs no key, so no rate: every one of these calls is answered with 200, whatever is reloaded.
        let callers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        let live = server.try_send("GET", "/health/ready", "application/json", None);
                        assert_eq!(live.expect("no call is dropped").0, 200);
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        for round in 0..5 {
            place.write(&format!("rate = {}\nlog = \"warn\"\n", 1_000 + round));
            let before = answered.load(Ordering::SeqCst);
            hang_up(&server);
            until("calls go on", || answered.load(Ordering::SeqCst) > before + 20);
        }
        place.write("rate = 2\nlog = \"info\"\norigins = [\"https://pass.example\"]\nthreads = 7\n");
        hang_up(&server);
        until("the reload is told", || place.log().contains("take a restart"));
        stop.store(true, Ordering::SeqCst);
        callers
            .into_iter()
            .for_each(|caller| caller.join().expect("no call was dropped"));
    });
    assert!(place.log().contains("threads"), "{}", place.log());
    let limited = statuses(&server, &key, 40);
    assert!(limited.contains(&429), "two a second: {limited:?}");
    assert_eq!(
        allowed(&server, "https://pass.example").as_deref(),
        Some("https://pass.example")
    );
    assert_eq!(allowed(&server, "https://other.example"), None);
    until("calls are logged now", || place.log().contains("answered"));

    // Refused whole: an unknown key, a wrong value, a filter that is none.
    for (number, wrong) in [
        "rate = 9\ncolour = 1\n",
        "rate = \"many\"\n",
        "rate = 9\nlog = \"a=b=c\"\n",
    ]
    .into_iter()
    .enumerate()
    {
        place.write(wrong);
        hang_up(&server);
        let refusals = || place.log().matches("the settings are refused").count();
        until("the refusal is told", || refusals() == number + 1);
        assert_eq!(taken(&server, &key), Some(0.0));
    }
    let limited = statuses(&server, &key, 40);
    assert!(limited.contains(&429), "still two a second: {limited:?}");
    place.write("rate = 0\n");
    hang_up(&server);
    until("taken again", || taken(&server, &key) == Some(1.0));
    assert_eq!(statuses(&server, &key, 40), vec![200; 40]);
    assert_eq!(allowed(&server, "https://pass.example"), None);
    assert_eq!(server.stop(), Some(0));
}

/// The metric, for which the key may have to wait for its rate.
fn taken(server: &Server, key: &str) -> Option<f64> {
    let done = Command::new("curl")
        .args(["-sS", "--retry", "5", "-H", &format!("authorization: Bearer {key}")])
        .arg(format!("{}/metrics", server.base))
        .output()
        .expect("curl runs");
    metric(&String::from_utf8_lossy(&done.stdout), "florilege_settings_taken")
}

#[test]
fn a_reload_takes_a_new_certificate() {
    let place = Place::new("");
    let (old, old_key) = certificate(place.folder.path(), "old");
    let (new, new_key) = certificate(place.folder.path(), "new");
    let (here, here_key) = (place.at("here.pem"), place.at("here.key"));
    let put = |certificate: &Path, key: &Path| {
        std::fs::copy(certificate, &here).expect("copied");
        std::fs::copy(key, &here_key).expect("copied");
    };
    put(&old, &old_key);
    let tls = format!(
        "tls_certificates = {:?}\ntls_key = {:?}\n",
        here.to_string_lossy(),
        here_key.to_string_lossy()
    );
    place.write(&tls);
    let server = Server::start_by(&mut place.command());
    let trusts = |certificate: &Path| {
        let done = Command::new("curl")
            .args(["-sS", "-o", "/dev/null", "--cacert"])
            .arg(certificate)
            .arg(format!("{}/health/live", server.base))
            .output()
            .expect("curl runs");
        done.status.success()
    };
    assert!(trusts(&old) && !trusts(&new));
    // A key that is not the certificate's is refused, and the old one goes on.
    put(&new, &old_key);
    hang_up(&server);
    until("the refusal is told", || {
        place.log().contains("the settings are refused")
    });
    assert!(trusts(&old));
    put(&new, &new_key);
    hang_up(&server);
    until("the new one is shown", || trusts(&new));
    assert!(!trusts(&old));
}

/// What a server was given of three ways to say where to listen.
fn listens(file: Option<u16>, environment: Option<u16>, flag: Option<u16>) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let address = |port: u16| format!("127.0.0.1:{port}");
    let mut command = Command::new(program("florilege"));
    command.args(["check", "--json", "--data"]).arg(folder.path());
    if let Some(port) = file {
        let path = folder.path().join("f.toml");
        std::fs::write(&path, format!("listen = {:?}\n", address(port))).expect("written");
        command.arg("--config").arg(path);
    }
    if let Some(port) = environment {
        command.env("FLORILEGE_LISTEN", address(port));
    }
    if let Some(port) = flag {
        command.args(["--listen", &address(port)]);
    }
    let done = command.output().expect("it runs");
    let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    report["checks"][0]["detail"].clone()
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let says = |port: u16| json!(format!("listens on 127.0.0.1:{port}"));
    let starts = |told: Value, port: u16| {
        let (told, says) = (told.as_str().unwrap_or_default().to_owned(), says(port));
        assert!(told.starts_with(says.as_str().expect("text")), "{told} is not {says}");
    };
    starts(listens(None, None, None), 7700);
    starts(listens(Some(1001), None, None), 1001);
    starts(listens(None, Some(1002), None), 1002);
    starts(listens(None, None, Some(1003)), 1003);
    starts(listens(Some(1001), Some(1002), None), 1002);
    starts(listens(Some(1001), None, Some(1003)), 1003);
    starts(listens(None, Some(1002), Some(1003)), 1003);
    starts(listens(Some(1001), Some(1002), Some(1003)), 1003);
    // The file itself may be named by the environment, and what it does not say stays.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("f.toml");
    std::fs::write(&path, "threads = 3\n").expect("written");
    let done = Command::new(program("florilege"))
        .args(["check", "--json", "--data"])
        .arg(folder.path())
        .env("FLORILEGE_CONFIG", &path)
        .output()
        .expect("it runs");
    let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(
        report["checks"][0]["detail"],
        json!("listens on 127.0.0.1:7700, 3 threads")
    );
}
