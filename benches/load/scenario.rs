//! The scenarios: what is sent, and what of the outcome is told.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Call, Client};
use crate::driver::{Made, Pace, closed_loop, open_loop};
use crate::report::{latencies, ms, percentile, statuses, table, tenths};
use crate::server::{Server, Used, used};
use crate::traffic::{Kind, Mix, call};
use crate::{Arguments, Scenario};

/// Connections that find the peak: enough to keep two cores busy.
const PEAK_CONNECTIONS: usize = 16;
/// For how long.
const PEAK_LASTS: Duration = Duration::from_secs(8);
/// The deadline of a call under overload.
const DEADLINE_MS: u64 = 1_000;
/// How often the memory is looked at in a soak.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often a soak publishes a document.
const PUBLISH_EVERY: Duration = Duration::from_secs(2);

struct Run<'a> {
    arguments: &'a Arguments,
    server: Server,
    mix: Mix,
}

/// Starts a server and runs a scenario against it.
pub(crate) fn run(arguments: &Arguments, program: &Path) -> Result<(), Box<dyn std::error::Error>> {
    // Two follow the log without an artefact in between, but in a soak, where writing one is part of the load.
    let flags: &[&str] = match arguments.scenario {
        Scenario::Soak => &["--snapshot-every-s", "60"],
        Scenario::Mix | Scenario::Freshness | Scenario::Overload => &[],
    };
    let server = Server::start(program, arguments.offers, flags)?;
    let mut client = Client::new(&server.address);
    let mix = Mix::probe(&mut client, arguments.seed, arguments.offers, arguments.only_lists);
    println!("{} offers; {}", arguments.offers, mix.told());
    let run = Run { arguments, server, mix };
    let told = match arguments.scenario {
        Scenario::Mix => run.mix(),
        Scenario::Freshness => run.freshness(),
        Scenario::Overload => run.overload(),
        Scenario::Soak => run.soak(),
    };
    println!("{told}");
    Ok(())
}

impl Run<'_> {
    fn lasts(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }

    /// Calls a second: as asked, else a share of the peak.
    fn rate(&self, share: f64) -> f64 {
        if self.arguments.rate > 0.0 {
            self.arguments.rate
        } else {
            self.peak() * share
        }
    }

    fn peak(&self) -> f64 {
        let mix = self.mix;
        let peak = closed_loop(&self.server.address, PEAK_LASTS, PEAK_CONNECTIONS, |number| {
            mix.reading(number)
        });
        println!("peak, {PEAK_CONNECTIONS} connections one call after the other: {peak:.0} calls/s");
        peak
    }

    /// Reads at a rate, and writes beside them where there are any.
    fn both(&self, rate: f64, writes: f64) -> (Vec<Made>, Vec<Made>) {
        let (address, mix, started) = (&self.server.address, self.mix, Instant::now());
        let pace = |rate| Pace {
            rate,
            lasts: self.lasts(),
            connections: self.arguments.connections,
        };
        std::thread::scope(|scope| {
            let written = (writes > 0.0)
                .then(|| scope.spawn(move || open_loop(address, started, pace(writes), |number| mix.writing(number))));
            let read = open_loop(address, started, pace(rate), |number| mix.reading(number));
            (
                read,
                written.and_then(|written| written.join().ok()).unwrap_or_default(),
            )
        })
    }

    /// Does something and says how many processors the server and the driver kept busy meanwhile.
    fn costed<T>(&self, work: impl FnOnce() -> T) -> (T, f64, f64) {
        let (server, driver, begun) = (self.server.used(), used(std::process::id()), Instant::now());
        let done = work();
        let seconds = begun.elapsed().as_secs_f64();
        let busy = |before: Used, after: Used| (after.cpu_s - before.cpu_s) / seconds;
        let (served, driven) = (busy(server, self.server.used()), busy(driver, used(std::process::id())));
        (done, served, driven)
    }

    /// One run with what it cost.
    fn measured(&self, rate: f64, writes: f64) -> (Vec<Made>, Vec<Made>, Value) {
        let ((read, written), server_cpu, driver_cpu) = self.costed(|| self.both(rate, writes));
        let (after, seconds) = (self.server.used(), self.lasts().as_secs_f64());
        let both: Vec<Made> = read.iter().chain(&written).copied().collect();
        let calls = table(&both);
        let answered = latencies(&both, None).len() as f64 / seconds;
        println!(
            "{answered:.0} calls/s answered; processors: server {server_cpu:.2}, driver {driver_cpu:.2}; memory {} MiB; statuses {:?}",
            after.bytes >> 20,
            statuses(&both)
        );
        let told = json!({"rate": rate, "writes": writes, "seconds": seconds, "calls": calls, "answered_per_s": answered,
            "server_processors": server_cpu, "driver_processors": driver_cpu, "bytes": after.bytes});
        (read, written, told)
    }

    fn mix(&self) -> Value {
        let rate = self.rate(0.5);
        self.measured(rate, self.arguments.writes).2
    }

    /// The same reads at rest, then with writes: what a change takes to be served, and what it costs the readers.
    fn freshness(&self) -> Value {
        let rate = self.rate(0.5);
        println!("at rest:");
        let (rest, _, _) = self.measured(rate, 0.0);
        println!("with {} stock changes/s:", self.arguments.writes);
        let (read, written, _) = self.measured(rate, self.arguments.writes);
        let fresh = freshness(&read, &written);
        let p99 = |made: &[Made]| ms(percentile(&latencies(made, Some(Kind::Recommendations)), 0.99));
        let ratio = p99(&read) / p99(&rest).max(0.01);
        let told = json!({"fresh_p50_ms": ms(percentile(&fresh, 0.5)), "fresh_p99_ms": ms(percentile(&fresh, 0.99)),
            "fresh_max_ms": ms(percentile(&fresh, 1.0)), "measured": fresh.len(), "written": written.len(),
            "p99_at_rest_ms": p99(&rest), "p99_with_writes_ms": p99(&read), "ratio": ratio});
        println!(
            "acknowledged to served: p50 {} p99 {} max {} ms over {} changes; p99 of lists {:.2} times that at rest",
            told["fresh_p50_ms"],
            told["fresh_p99_ms"],
            told["fresh_max_ms"],
            fresh.len(),
            ratio
        );
        told
    }

    /// Three times the peak, with deadlines; then half of it, until the answers are quick again.
    fn overload(&self) -> Value {
        let (peak, peak_server, peak_driver) = self.costed(|| self.peak());
        let (mix, lasts) = (self.mix, self.lasts());
        let address = &self.server.address;
        let rushed = |number| {
            let (kind, call) = mix.reading(number);
            (kind, with_deadline(call))
        };
        let pace = |rate| Pace {
            rate,
            lasts,
            connections: 768,
        };
        let (flood, flood_server, flood_driver) =
            self.costed(|| open_loop(address, Instant::now(), pace(peak * 3.0), rushed));
        let good = latencies(&flood, None).len() as f64 / flood.last().map_or(1.0, |last| last.at().as_secs_f64());
        println!(
            "offered {:.0} calls/s for {} s: {good:.0} calls/s answered ({:.0} % of the peak), statuses {:?}",
            peak * 3.0,
            lasts.as_secs(),
            good / peak * 100.0,
            statuses(&flood)
        );
        println!(
            "processors at the peak: server {peak_server:.2}, driver {peak_driver:.2}; at three times that: {flood_server:.2} and {flood_driver:.2}; \
             answered for each of the server's: {:.0} % of the peak's",
            good / flood_server / (peak / peak_server) * 100.0
        );
        let after = open_loop(address, Instant::now(), pace(peak / 2.0), |number| mix.reading(number));
        let quick = Duration::from_millis(100);
        let slow = after.iter().filter(|made| made.took > quick || made.status != 200);
        let recovered = slow.map(Made::at).max().unwrap_or_default();
        println!(
            "at half of the peak again: the last call past {} ms or refused ended after {} ms",
            quick.as_millis(),
            ms(recovered)
        );
        table(&after);
        json!({"peak_per_s": peak, "goodput_per_s": good, "share_of_peak": good / peak,
            "processors": {"peak": [peak_server, peak_driver], "flood": [flood_server, flood_driver]}, "recovered_ms": ms(recovered),
            "statuses": statuses(&flood)})
    }

    /// Publishes a playlist now and then until it is told to stop; how many, and how many of those calls failed.
    fn publishes(&self, stop: &std::sync::atomic::AtomicBool) -> (usize, usize) {
        let (mut client, mut published, mut failed) = (Client::new(&self.server.address), 0, 0);
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            let id = format!("soak-{published}");
            let draft = json!({"id": id, "title": "Soak", "rule": {"filters": {"categories": ["LIVRE"]}}});
            let publish = format!("POST /v1/editorial/playlists/{id}/publish");
            for call in [
                call("POST /v1/editorial/playlists", draft.to_string()),
                call(&publish, String::new()),
            ] {
                let done = client.call(&call).is_ok_and(|reply| reply.status / 100 == 2);
                failed += usize::from(!done);
            }
            published += 1;
            std::thread::sleep(PUBLISH_EVERY);
        }
        (published, failed)
    }

    /// Long, with writes, publications and artefacts: memory and p99 by tenths.
    fn soak(&self) -> Value {
        let rate = self.rate(0.7);
        let stop = std::sync::atomic::AtomicBool::new(false);
        let (read, told, memory, (published, failed)) = std::thread::scope(|scope| {
            let publisher = scope.spawn(|| self.publishes(&stop));
            let watched = scope.spawn(|| {
                let mut seen = Vec::new();
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    seen.push(self.server.used().bytes >> 20);
                    std::thread::sleep(LOOK_EVERY);
                }
                seen
            });
            let (read, _, told) = self.measured(rate, self.arguments.writes);
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            (
                read,
                told,
                watched.join().unwrap_or_default(),
                publisher.join().unwrap_or_default(),
            )
        });
        println!("{published} playlists published, {failed} calls for that failed");
        let p99 = tenths(&read, self.lasts());
        let of_tenth = |tenth: usize| memory.get(tenth * memory.len() / 10).copied().unwrap_or(0);
        let memory: Vec<u64> = (0..10).map(of_tenth).collect();
        println!("memory at each tenth, MiB: {memory:?}");
        json!({"run": told, "p99_ms": p99, "memory_mib": memory, "published": published,
            "publishing_failed": failed})
    }
}

fn with_deadline(mut call: Call) -> Call {
    call.deadline_ms = DEADLINE_MS;
    call
}

/// For each acknowledged change, how long until an answer stood at it or past it; sorted. A change after the last
/// answer cannot be judged and is left out.
fn freshness(read: &[Made], written: &[Made]) -> Vec<Duration> {
    let mut seen: Vec<(Duration, u64)> = read
        .iter()
        .filter(|made| made.status == 200)
        .map(|made| (made.at(), made.generation))
        .collect();
    seen.sort_unstable();
    // The newest generation that any answer so far has stood at: then the first answer past a change is found by halves.
    let mut newest = 0;
    for (_, generation) in &mut seen {
        newest = newest.max(*generation);
        *generation = newest;
    }
    let mut all: Vec<Duration> = written
        .iter()
        .filter(|made| made.status == 200)
        .filter_map(|made| {
            let first = seen.partition_point(|(_, generation)| *generation < made.generation);
            seen.get(first).map(|(at, _)| at.saturating_sub(made.at()))
        })
        .collect();
    all.sort_unstable();
    all
}
