//! What the integration tests share: the built programs, a server of one's own, and calls to it.
//!
//! Invariant: a [`Server`] is killed with the value, so a failing test leaves nothing behind.

pub mod judged;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// The PostgreSQL that `tests/run` started, with a database of the caller's own.
///
/// # Panics
/// When the server does not make the database.
#[must_use]
pub fn database() -> Option<String> {
    let Some(url) = std::env::var("FLORILEGE_TEST_POSTGRES").ok() else {
        eprintln!("no PostgreSQL was started: tests/run starts one");
        return None;
    };
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let name = format!("it_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let made = Command::new("psql")
        .args([&url, "-qc", &format!("create database {name}")])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "no database could be made");
    let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
    Some(format!("{server}/{name}"))
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
    BUILT.call_once(|| build_missing(&folder));
    folder.join(package)
}

/// Builds the programs where `tests/run` has not: with the whole workspace, so that features are those of its build.
fn build_missing(folder: &Path) {
    if ["florilege", "florilege-indexer"]
        .iter()
        .all(|name| folder.join(name).exists())
    {
        return;
    }
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
        let mut child = Command::new(program("florilege"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--log", "warn"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let Some(base) = first.strip_prefix("listening on ").map(str::to_owned) else {
            let _ = child.kill();
            panic!("no server: {first:?}");
        };
        let greeting = lines.by_ref().take(4).filter_map(Result::ok).collect();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, base, greeting }
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
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        let mut response = match body {
            Some(body) => agent.run(request.header("content-type", media).body(body).expect("a request"))?,
            None => agent.run(request.body(()).expect("a request"))?,
        };
        let status = response.status().as_u16();
        let text = response.body_mut().with_config().limit(1 << 30).read_to_string()?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
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
