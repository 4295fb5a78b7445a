//! The server under load: started over a generated catalogue, watched through `/proc`, stopped with the value.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use florilege_engine::generate::Plan;

use crate::client::Client;
use crate::traffic::call;

/// How long the catalogue may take to be loaded and served.
const SERVED_WITHIN: Duration = Duration::from_secs(1_800);

/// A running server of our own.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    /// `HOST:PORT`.
    pub(crate) address: String,
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Seconds of processor time.
    pub(crate) cpu_s: f64,
    /// Resident bytes now.
    pub(crate) bytes: u64,
}

impl Server {
    /// Loads a catalogue of so many offers into a new folder and serves it.
    pub(crate) fn start(program: &Path, offers: usize, flags: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = std::env::temp_dir().join(format!("florilege-load-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let lines = folder.join("changes.ndjson");
        generate(&lines, offers)?;
        let data = folder.join("data");
        let at = Instant::now();
        let loaded = Command::new(program)
            .args(["load", "--data"])
            .args([&data, &lines])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        if !loaded.success() {
            return Err("the catalogue was not loaded".into());
        }
        fs::remove_file(&lines)?;
        eprintln!("{offers} offers loaded in {:.1} s", at.elapsed().as_secs_f64());
        Self::serve(program, &data, folder, flags)
    }

    fn serve(program: &Path, data: &Path, folder: PathBuf, flags: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let at = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(data)
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let address = first
            .strip_prefix("listening on http://")
            .ok_or("it did not start")?
            .to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { child, folder, address };
        server.wait()?;
        eprintln!(
            "served after {:.1} s, {} MiB",
            at.elapsed().as_secs_f64(),
            server.used().bytes >> 20
        );
        Ok(server)
    }

    fn wait(&self) -> Result<(), Box<dyn std::error::Error>> {
        let (mut client, at) = (Client::new(&self.address), Instant::now());
        while at.elapsed() < SERVED_WITHIN {
            if client.call(&call("GET /health/ready", String::new()))?.status == 200 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("it was never ready".into())
    }

    /// What it has used so far.
    pub(crate) fn used(&self) -> Used {
        used(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What a process has used, as Linux tells it; zeros elsewhere.
pub(crate) fn used(pid: u32) -> Used {
    const TICKS: f64 = 100.0;
    const PAGE: u64 = 4_096;
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |field: usize| {
        fields
            .get(field)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    let pages = read("statm");
    let pages = pages.split(' ').nth(1).and_then(|text| text.parse::<u64>().ok());
    Used {
        cpu_s: (ticks(11) + ticks(12)) / TICKS,
        bytes: pages.unwrap_or(0) * PAGE,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sample's dates lie around the day on which the server judges them"
)]
fn generate(file: &Path, offers: usize) -> Result<(), Box<dyn std::error::Error>> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let plan = Plan {
        offers,
        venues: None,
        seed: 7,
        now: florilege_engine::time::Moment::from_millis(i64::try_from(now.as_millis())?),
    };
    let mut out = io::BufWriter::new(fs::File::create(file)?);
    for change in plan.check()?.changes() {
        writeln!(out, "{}", change.to_line())?;
    }
    Ok(out.flush()?)
}
