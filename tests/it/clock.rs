//! The machine's clock steps back under a server that is being written to: it goes on, keeps the order of its log and
//! of the times in it, says so, and loses nothing.
//!
//! The clock is the program's own: a library that is loaded before the system's adds what a file says to the time.

use std::path::{Path, PathBuf};
use std::process::Command;

use florilege_tests::{Server, metric, program, run, until};
use serde_json::{Value, json};

/// `clock_gettime` with as many seconds added as the mapped file says; the monotonic clocks are left alone.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
static volatile long *seconds;
__attribute__((constructor)) static void start(void) {
    int file = open(getenv("TEST_CLOCK"), O_RDONLY);
    void *mapped = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort();
    seconds = mapped;
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && seconds) now->tv_sec += *seconds;
    return result;
}
"#;

struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    fn make(folder: &Path) -> Self {
        let (source, library, file) = (
            folder.join("clock.c"),
            folder.join("clock.so"),
            folder.join("clock.bin"),
        );
        std::fs::write(&source, SHIM).expect("written");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output()
            .expect("cc runs");
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        let clock = Self { library, file };
        clock.set(0);
        clock
    }

    /// The file is written over in place: it is mapped.
    fn set(&self, seconds: i64) {
        use std::io::Write as _;
        let mut file = std::fs::File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.file)
            .expect("a file");
        file.write_all(&seconds.to_ne_bytes()).expect("written");
    }

    fn server(&self, data: &Path, log: &Path) -> Server {
        let mut command = Command::new(program("florilege"));
        command
            .args(["serve", "--log", "warn", "--data", &data.to_string_lossy()])
            .env("LD_PRELOAD", &self.library)
            .env("TEST_CLOCK", &self.file)
            .stderr(std::fs::File::create(log).expect("a file"));
        Server::start_by(&mut command)
    }
}

fn put(server: &Server, n: u64) {
    let offer = json!({"id": format!("o{n}"), "title": format!("Titre {n}"), "subcategory": "CONCERT"});
    let (status, answer) = server.call("PUT", &format!("/v1/offers/o{n}"), Some(&offer));
    assert_eq!(status, 200, "{answer}");
    let (sequence, before) = (answer["generation"].as_u64(), n);
    assert_eq!(
        sequence,
        Some(before + 1),
        "numbers go up by one whatever the clock says: {answer}"
    );
}

/// A title saved anew: its audit tells times of the log.
fn draft(server: &Server, title: &str) {
    let (status, answer) = server.call(
        "PUT",
        "/v1/editorial/playlists/p",
        Some(&json!({"id": "p", "title": title, "rule": {"filters": {}}})),
    );
    assert!(matches!(status, 200 | 201), "{answer}");
}

fn audited(server: &Server) -> Vec<String> {
    let (status, answer) = server.call("GET", "/v1/editorial/audit?limit=200", None);
    assert_eq!(status, 200, "{answer}");
    let lines = answer["audit"].as_array().expect("lines").iter();
    lines
        .map(|entry| entry["at"].as_str().expect("a time").to_owned())
        .collect()
}

fn back(server: &Server) -> f64 {
    metric(&server.text("/metrics"), "florilege_clock_back_seconds").expect("the metric")
}

fn offers(server: &Server, sequence: u64) -> u64 {
    server.wait_for(sequence);
    let (_, found) = server.call("GET", "/v1/search?limit=1", None);
    found["total"].as_u64().expect("a total")
}

#[test]
fn a_clock_that_steps_back_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let clock = Clock::make(folder.path());
    let mut server = clock.server(&data, &log);
    let created = json!({"id": "p", "title": "zero", "rule": {"filters": {}}});
    let (status, answer) = server.call("POST", "/v1/editorial/playlists", Some(&created));
    assert_eq!(status, 201, "{answer}");
    (0..20).for_each(|n| put(&server, n));
    assert!(back(&server) < 1.0, "nothing to say yet");
    let told = || std::fs::read_to_string(&log).expect("text");
    assert!(!told().contains("the clock stands before"), "{}", told());

    clock.set(-3_600);
    (20..40).for_each(|n| put(&server, n));
    draft(&server, "while the clock is back");
    assert!((3_500.0..3_601.0).contains(&back(&server)), "{}", back(&server));
    until("the step is told", || told().contains("the clock stands before"));
    assert_eq!(told().matches("the clock stands before").count(), 1, "once: {}", told());
    assert_eq!(offers(&server, 40), 40);
    let (status, ready) = server.call("GET", "/health/ready", None);
    assert_eq!(status, 200, "{ready}");

    // Killed and started while the clock is still back: the log is whole and goes on.
    server.kill();
    drop(server);
    let server = clock.server(&data, &log);
    (40..50).for_each(|n| put(&server, n));
    assert!(back(&server) > 3_500.0);
    clock.set(0);
    (50..60).for_each(|n| put(&server, n));
    draft(&server, "on time again");
    assert!(back(&server) < 1.0);
    assert_eq!(offers(&server, 60), 60);
    let times = audited(&server);
    assert!(times.len() >= 3, "{times:?}");
    assert!(
        times.is_sorted() || times.iter().rev().is_sorted(),
        "times never go back: {times:?}"
    );
    assert_eq!(server.stop(), Some(0));

    let (code, out, errors) = run("florilege", &["check", "--json", "--data", &data.to_string_lossy()], "");
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {errors}"));
    assert_eq!((code, &report["ok"]), (Some(0), &json!(true)), "{report}");
}
