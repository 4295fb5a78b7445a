//! The real program over a generated catalogue: what the benches that ask over HTTP start and stop.
//!
//! Invariant: a [`Served`] is killed and its folder removed with the value.

use std::error::Error;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use florilege_engine::generate::{Generator, Plan};
use florilege_engine::time::Moment;

/// How long the catalogue may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(1_800);

/// The program that is given, else the release build beside the bench.
///
/// # Errors
/// When it is not there.
pub fn program(given: Option<&Path>) -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let beside = || Some(own.parent()?.parent()?.join("florilege"));
    let program = given.map(Path::to_owned).or_else(beside).ok_or("no program")?;
    if program.exists() {
        Ok(program)
    } else {
        Err(format!("{} is not there: cargo build --release", program.display()).into())
    }
}

/// The moment around which the sample's dates lie.
///
/// # Errors
/// With a clock before 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the sample's dates lie around the day on which the server judges them"
)]
pub fn now() -> Result<Moment, Box<dyn Error>> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(Moment::from_millis(i64::try_from(now.as_millis())?))
}

/// The generated catalogue of so many offers.
///
/// # Errors
/// Where the plan makes none.
pub fn sample(offers: usize) -> Result<Generator, Box<dyn Error>> {
    let plan = Plan {
        offers,
        venues: None,
        seed: 7,
        now: now()?,
    };
    Ok(plan.check()?)
}

/// A folder of our own, and its data folder, loaded with the lines that are written.
///
/// # Errors
/// Where a line cannot be written, or the program does not load them.
pub fn stock(
    program: &Path,
    name: &str,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>>,
) -> Result<PathBuf, Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("florilege-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let lines = folder.join("changes.ndjson");
    let mut out = io::BufWriter::new(fs::File::create(&lines)?);
    write(&mut out)?;
    out.flush()?;
    let at = Instant::now();
    let loaded = Command::new(program)
        .args(["load", "--data"])
        .args([&data(&folder), &lines])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !loaded.success() {
        return Err("the catalogue was not loaded".into());
    }
    fs::remove_file(&lines)?;
    eprintln!("loaded in {:.1} s", at.elapsed().as_secs_f64());
    Ok(folder)
}

/// The data folder in a folder of [`stock`].
#[must_use]
pub fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// A running server.
pub struct Served {
    child: Child,
    folder: PathBuf,
    /// `HOST:PORT`.
    pub address: String,
}

impl Served {
    /// Serves what [`stock`] has loaded, with more flags.
    ///
    /// # Errors
    /// When it does not start, or is never ready.
    pub fn start(program: &Path, folder: PathBuf, flags: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--data"])
            .arg(data(&folder))
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        std::thread::spawn(move || lines.for_each(drop));
        let address = first
            .strip_prefix("listening on http://")
            .unwrap_or_default()
            .to_owned();
        let server = Self { child, folder, address };
        if server.address.is_empty() {
            return Err("it did not start".into());
        }
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<(), Box<dyn Error>> {
        let at = Instant::now();
        while at.elapsed() < SERVED_WITHIN {
            if self.is_ready()? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("it was never ready".into())
    }

    fn is_ready(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect(&self.address)?;
        let host = &self.address;
        write!(
            stream,
            "GET /health/ready HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200 "))
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
