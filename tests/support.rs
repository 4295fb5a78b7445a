//! What the integration tests share: the built programs, a server of one's own, and calls to it.
//!
//! Invariant: a [`Server`] is killed with the value, so a failing test leaves nothing behind.

pub mod fuzz;
pub mod judged;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a server may take to start or a state to be reached.
const PATIENCE: Duration = Duration::from_secs(60);

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of real data beside the project, where it is there.
#[must_use]
pub fn shared_data() -> Option<PathBuf> {
    let found = root().join("../shared/data");
    if !found.is_dir() {
        eprintln!("no real data beside the project: what needs it is not looked at");
        return None;
    }
    Some(found)
}

/// A database of the caller's own in the PostgreSQL that `tests/run` started.
///
/// # Panics
/// When the server does not make the database.
#[must_use]
pub fn database() -> Option<String> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let Some(url) = std::env::var("FLORILEGE_TEST_POSTGRES").ok() else {
        eprintln!("no PostgreSQL was started: tests/run starts one");
        return None;
    };
    let name = format!("it_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let made = Command::new("psql")
        .args([&url, "-qc", &format!("create database {name}")])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "no database could be made");
    let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
    Some(format!("{server}/{name}"))
}

/// A certificate of a day or two for 127.0.0.1 and its key, in files of this name.
///
/// # Panics
/// When `openssl` does not make them.
#[must_use]
pub fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-days",
            "2",
            "-subj",
            &format!("/CN={name}"),
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

/// A PostgreSQL of the caller's own, which may be taken down and brought back.
pub struct Postgres {
    folder: PathBuf,
    /// The URL of its database.
    pub url: String,
}

impl Postgres {
    /// Starts one, where `tests/run` has one too.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        if std::env::var_os("FLORILEGE_TEST_POSTGRES").is_none() {
            eprintln!("no PostgreSQL is installed for the tests: tests/run does that");
            return None;
        }
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("florilege-pg-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut database = Self {
            folder,
            url: String::new(),
        };
        database.url = database.run("start").trim().to_owned();
        Some(database)
    }

    /// Ends its processes; its data stay.
    pub fn down(&self) {
        let _ = self.run("down");
    }

    /// Starts it again over the same data, on the same port.
    pub fn up(&self) {
        let _ = self.run("up");
    }

    fn run(&self, action: &str) -> String {
        let mut command = Command::new(root().join("tests/postgres"));
        // The server must not hold the pipe open: its output goes to files of the folder.
        let done = command.arg(action).arg(&self.folder).output().expect("the script runs");
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "tests/postgres {action}: {told}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new(root().join("tests/postgres"))
            .arg("stop")
            .arg(&self.folder)
            .status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether the long forms of the tests run.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("FLORILEGE_LONG").is_some()
}

/// Waits until something holds.
///
/// # Panics
/// When it does not hold in time.
pub fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The Prometheus metric of this exact name and labels.
#[must_use]
pub fn metric(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.trim().parse().ok())
}

/// A program of the workspace, built when it is not there yet.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn program(package: &str) -> PathBuf {
    static BUILT: Once = Once::new();
    let here = std::env::current_exe().expect("this test has a path");
    let folder = here
        .parent()
        .and_then(Path::parent)
        .expect("target/<profile>/deps")
        .to_path_buf();
    let path = folder.join(package);
    if !path.exists() {
        BUILT.call_once(|| build_all(&folder));
    }
    path
}

/// Builds the programs where `tests/run` has not: with the whole workspace, so that features are those of its build.
fn build_all(folder: &Path) {
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--workspace", "--bins"])
        .current_dir(root());
    if let Some(target) = folder.parent() {
        build.env("CARGO_TARGET_DIR", target);
    }
    assert!(
        build.status().expect("cargo runs").success(),
        "the programs do not build"
    );
}

/// A running server.
pub struct Server {
    child: Child,
    agent: ureq::Agent,
    /// `http://ADDRESS`.
    pub base: String,
    /// What it printed at its start.
    pub greeting: Vec<String>,
}

impl Server {
    /// Starts `florilege` with these arguments on a free port and waits until it listens.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_by(
            Command::new(program("florilege"))
                .args(arguments)
                .args(["--log", "warn"]),
        )
    }

    /// Starts a command that is a `florilege` server, on a free port, and waits until it listens.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_by(command: &mut Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let Some(base) = first.strip_prefix("listening on ").map(str::to_owned) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("no server: {first:?}");
        };
        let greeting = lines.by_ref().take(4).filter_map(Result::ok).collect();
        std::thread::spawn(move || lines.for_each(drop));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Self {
            child,
            agent,
            base,
            greeting,
        }
    }

    /// A server over a folder.
    #[must_use]
    pub fn serve(data: &Path) -> Self {
        Self::start(&["serve", "--data", &data.to_string_lossy()])
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop and gives its exit code.
    ///
    /// # Panics
    /// When it does not stop.
    #[must_use]
    pub fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .expect("kill runs")
                .success()
        );
        self.child.wait().expect("it ends").code()
    }

    /// A call with a JSON body; the status and the answer, JSON or null.
    #[must_use]
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let text = body.map(Value::to_string);
        self.send(method, path, "application/json", text.as_deref().map(str::as_bytes))
    }

    /// A call with any body.
    ///
    /// # Panics
    /// When there is no answer at all.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, media: &str, body: Option<&[u8]>) -> (u16, Value) {
        self.try_send(method, path, media, body).expect("an answer")
    }

    /// A call that may find nobody there.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: Option<&[u8]>,
    ) -> Result<(u16, Value), ureq::Error> {
        self.send_with(method, path, media, body, None)
    }

    /// A call with a key.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: Option<&[u8]>,
        key: Option<&str>,
    ) -> Result<(u16, Value), ureq::Error> {
        let agent = &self.agent;
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = match body {
            Some(body) => agent.run(request.header("content-type", media).body(body).expect("a request"))?,
            None => agent.run(request.body(()).expect("a request"))?,
        };
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(1 << 30).read_to_string()?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// The text of a page, `/metrics` say.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn text(&self, path: &str) -> String {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.base))
            .call()
            .expect("an answer");
        response.body_mut().read_to_string().expect("text")
    }

    /// A call that must be answered with 200.
    ///
    /// # Panics
    /// On any other status.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(body));
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    /// Sends change lines and waits until they are served.
    ///
    /// # Panics
    /// When they are not taken.
    #[must_use]
    pub fn load(&self, lines: &str) -> Value {
        let (status, answer) = self.send("POST", "/v1/changes", "application/x-ndjson", Some(lines.as_bytes()));
        assert_eq!(status, 200, "{answer}");
        self.wait_for(answer["sequence"].as_u64().expect("a sequence"));
        answer
    }

    /// Waits until an entry of the log is served.
    ///
    /// # Panics
    /// When it is not served in time.
    pub fn wait_for(&self, sequence: u64) {
        let started = Instant::now();
        loop {
            let (status, answer) = self.call("GET", &format!("/v1/search?limit=1&min_sequence={sequence}"), None);
            if status == 200 && answer["generation"].as_u64() >= Some(sequence) {
                return;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "sequence {sequence} is not served: {answer}"
            );
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a program with a standard input and gives its exit code, output and errors.
///
/// # Panics
/// When it cannot run.
#[must_use]
pub fn run(package: &str, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(program(package))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let text = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let done = child.wait_with_output().expect("it ends");
    // A program that reads nothing closes its input: not the test's affair.
    let _ = writer.join();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}
