//! Every page of the studio over the real program: a generated catalogue, thousands of published playlists, homes,
//! readers and their acts; the time to the last byte of each page.
//!
//! `cargo build --release && cargo bench -p florilege-benches --bench studio`. Invariant: each page must answer 200
//! before it is timed, and a page whose median is over the bound makes the run fail.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use florilege_benches::served::{self, Served};
use florilege_engine::generate::Generator;
use florilege_engine::time::Moment;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Response;

/// What every page is held to, in milliseconds.
const BOUND_MS: f64 = 200.0;
const LOGIN: &str = "bench";
const PASSWORD: &str = "a password for the bench";
/// How long the first count of the numbers may take.
const COUNTED_WITHIN: Duration = Duration::from_secs(600);
/// Who publishes at once.
const WRITERS: usize = 8;
const DAY_MS: i64 = 86_400_000;

/// Times every page of the studio.
#[derive(Debug, Clone, Parser)]
struct Arguments {
    /// Offers in the catalogue.
    #[arg(long, default_value_t = 200_000)]
    offers: usize,
    /// Published playlists.
    #[arg(long, default_value_t = 10_000)]
    playlists: usize,
    /// Published homes.
    #[arg(long, default_value_t = 500)]
    homes: usize,
    /// Readers with acts.
    #[arg(long, default_value_t = 20_000)]
    readers: usize,
    /// Acts of each.
    #[arg(long, default_value_t = 10)]
    acts: usize,
    /// Times each page is asked for.
    #[arg(long, default_value_t = 30)]
    runs: usize,
    /// The program; the release build beside this bench where absent.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Given by `cargo bench`; means nothing.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let program = served::program(arguments.program.as_deref())?;
    let server = Server::start(&program, &arguments)?;
    publish(&server, &arguments)?;
    let editor = Editor::sign_in(&server)?;
    let slow = report(&editor, &arguments)?;
    if slow.is_empty() {
        return Ok(());
    }
    Err(format!("over {BOUND_MS} ms: {}", slow.join(", ")).into())
}

/// A server of our own, stopped with the value.
struct Server {
    _served: Served,
    /// `http://HOST:PORT`.
    address: String,
    agent: Agent,
}

impl Server {
    fn start(program: &Path, arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let folder = served::stock(program, "studio", |out| generate(out, arguments))?;
        seat(program, &served::data(&folder))?;
        let served = Served::start(program, folder, &[])?;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .into();
        Ok(Self {
            address: format!("http://{}", served.address),
            _served: served,
            agent,
        })
    }

    fn post(&self, path: &str, body: &Value) -> Result<(), Box<dyn Error>> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.address))
            .content_type("application/json")
            .send(body.to_string())?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("{path}: {} {}", answer.status(), answer.body_mut().read_to_string()?).into())
    }
}

/// The account that looks.
fn seat(program: &Path, data: &Path) -> Result<(), Box<dyn Error>> {
    let mut add = Command::new(program)
        .args([
            "accounts",
            "add",
            "--login",
            LOGIN,
            "--role",
            "admin",
            "--password-stdin",
            "--data",
        ])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    writeln!(add.stdin.take().ok_or("no input")?, "{PASSWORD}")?;
    if add.wait()?.success() {
        return Ok(());
    }
    Err("the account was not made".into())
}

fn generate(out: &mut dyn Write, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let (source, now) = (served::sample(arguments.offers)?, served::now()?);
    for change in source.changes() {
        writeln!(out, "{}", change.to_line())?;
    }
    for reader in 0..arguments.readers {
        acts(out, &source, arguments, (reader, now))?;
    }
    Ok(())
}

/// A reader and what they did over the last year, most of it impressions.
fn acts(
    out: &mut dyn Write,
    source: &Generator,
    arguments: &Arguments,
    (reader, now): (usize, Moment),
) -> Result<(), Box<dyn Error>> {
    let venue = source.venue((reader as u64 * 37) % source.venues()).ok_or("no venue")?;
    let personas = ["casanier", "intuitif", "partenaire", "curieux"];
    let user = json!({"id": format!("r-{reader}"), "persona": personas[reader % 4], "position": venue.position,
        "department": venue.department, "consents": {"personalisation": true}});
    writeln!(out, "{}", json!({"op": "user.upsert", "user": user}))?;
    for act in 0..arguments.acts {
        let offer = source
            .offer((reader as u64 * 7_919 + act as u64 * 104_729) % source.offers())
            .ok_or("no offer")?;
        let kind = ["impression", "impression", "booking", "click", "impression"][act % 5];
        let age = (arguments.acts - act) as i64 * 400 * DAY_MS / arguments.acts as i64;
        let at = Moment::from_millis(now.millis() - age);
        let event = json!({"id": format!("e-{reader}-{act}"), "type": kind, "user_id": format!("r-{reader}"),
            "offer_id": offer.id, "at": at});
        writeln!(out, "{}", json!({"op": "event", "event": event}))?;
    }
    Ok(())
}

/// Playlists, a third of them with a period this year, and homes that show them.
fn publish(server: &Server, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let at = Instant::now();
    let year = &served::now()?.to_string()[..4];
    let failed: Vec<String> = std::thread::scope(|scope| {
        let work = |writer: usize| {
            let own = move |number: &usize| number % WRITERS == writer;
            for number in (0..arguments.playlists).filter(own) {
                put(server, "playlists", &playlist(number, year)).map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || work(writer))).collect();
        let ended = writers
            .into_iter()
            .map(|writer| writer.join().unwrap_or(Err("a writer panicked".to_owned())));
        ended.filter_map(|ended: Result<(), String>| ended.err()).collect()
    });
    if let Some(failed) = failed.into_iter().next() {
        return Err(failed.into());
    }
    for number in 0..arguments.homes {
        put(server, "homes", &home(number, arguments.playlists))?;
    }
    eprintln!(
        "{} playlists and {} homes published in {:.0} s",
        arguments.playlists,
        arguments.homes,
        at.elapsed().as_secs_f64()
    );
    Ok(())
}

fn put(server: &Server, kind: &str, body: &Value) -> Result<(), Box<dyn Error>> {
    server.post(&format!("/v1/editorial/{kind}"), body)?;
    let id = body["id"].as_str().unwrap_or_default();
    server.post(&format!("/v1/editorial/{kind}/{id}/publish"), &json!({}))
}

fn playlist(number: usize, year: &str) -> Value {
    let categories = ["LIVRE", "CINEMA", "MUSEE", "SPECTACLE", "JEU", "MUSIQUE_LIVE"];
    let (month, day) = (number % 12 + 1, number % 28 + 1);
    let mut body = json!({"id": format!("p-{number}"), "title": format!("Playlist {number}"),
        "rule": {"filters": {"categories": [categories[number % 6], categories[(number + 1) % 6]]}}});
    if number.is_multiple_of(3) {
        body["schedule"] =
            json!({"from": format!("{year}-{month:02}-{day:02}T00:00:00Z"), "to": format!("{year}-12-31T00:00:00Z")});
    }
    body
}

fn home(number: usize, playlists: usize) -> Value {
    let module = |place: usize| {
        json!({"id": format!("m-{place}"), "kind": "playlist",
        "playlist": format!("p-{}", (number * 7 + place * 3 + 1) % playlists.max(1))})
    };
    let mut modules = vec![
        json!({"id": "own", "kind": "recommendations"}),
        json!({"id": "near", "kind": "nearby"}),
    ];
    modules.extend((0..4).map(module));
    json!({"id": format!("h-{number}"), "title": format!("Home {number}"), "modules": modules})
}

/// Somebody signed in.
struct Editor<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Editor<'a> {
    fn sign_in(server: &'a Server) -> Result<Self, Box<dyn Error>> {
        let form = [("login", LOGIN), ("password", PASSWORD)];
        let answer = server
            .agent
            .post(format!("{}/studio/sign-in", server.address))
            .send_form(form)?;
        let cookie = answer
            .headers()
            .get("set-cookie")
            .ok_or("nobody was signed in")?
            .to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { server, cookie })
    }

    fn ask(&self, page: &Page) -> Result<(Duration, String), Box<dyn Error>> {
        let (address, at) = (format!("{}/studio{}", self.server.address, page.path), Instant::now());
        let mut answer: Response<ureq::Body> = match &page.form {
            None => self.server.agent.get(address).header("cookie", &self.cookie).call()?,
            Some(form) => {
                let asked = self.server.agent.post(address).header("cookie", &self.cookie);
                asked
                    .content_type("application/x-www-form-urlencoded")
                    .send(form.as_str())?
            }
        };
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        let took = at.elapsed();
        let text = String::from_utf8_lossy(&text).into_owned();
        if status != 200 {
            return Err(format!("{}: {status} {text}", page.path).into());
        }
        Ok((took, text))
    }
}

/// A page, or a form that is tried.
struct Page {
    path: String,
    form: Option<String>,
}

fn get(path: &str) -> Page {
    Page {
        path: path.to_owned(),
        form: None,
    }
}

/// Every page, with an offer and a venue that are there.
fn pages(editor: &Editor<'_>, arguments: &Arguments) -> Result<Vec<Page>, Box<dyn Error>> {
    let middle = arguments.playlists / 2;
    let list = format!("/playlists/p-{middle}");
    let (_, text) = editor.ask(&get(&list))?;
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from)?;
        Some(rest.split_once(to)?.0.to_owned())
    };
    let csrf = between(&text, "name=\"csrf\" value=\"", "\"").ok_or("no token")?;
    let why = between(&text, "href=\"/studio/why?", "\"").ok_or("no offer to ask about")?;
    let (_, venues) = editor.ask(&get("/numbers/venues"))?;
    let venue = between(&venues, "href=\"/studio/numbers/venues/", "\"").ok_or("no venue")?;
    let rule = "rule_by=category&rule_window=2&rule_max=1&rule_strict=strict";
    let tried = format!(
        "csrf={csrf}&version=1&title=Tried&rule_categories=LIVRE&rule_categories=CINEMA&{rule}&weight_popularity=1&\
         find=concert&compare=1&as_persona=curieux&as_place=48.8566,2.3522"
    );
    let module = |id: &str, kind: &str| format!("&m_id={id}&m_kind={kind}");
    let modules: String = ["new", "nearby", "recommendations", "trending"]
        .map(|kind| module(kind, kind))
        .concat();
    let composed = format!("csrf={csrf}&version=1&title=Tried&compare=1&as_place=48.8566,2.3522{modules}");
    let plain = [
        "",
        "/playlists",
        "/playlists?q=playlist+77",
        "/playlists?page=150",
        "/playlists/new",
        "/homes",
        "/homes/new",
        "/homes/h-1",
        "/homes/h-1?compare=1",
        "/personas",
        "/personas/new?copy=curieux",
        "/why",
        "/map",
        "/map?density=1",
        "/calendar",
        "/calendar?q=playlist+77&kind=playlists",
        "/numbers",
        "/numbers/tables/venues.csv",
        "/numbers/tables/cohorts.arrow",
        "/numbers/venues",
        "/numbers/venues?q=paris",
        "/audit",
        "/keys",
        "/accounts",
    ];
    let mut pages: Vec<Page> = plain.into_iter().map(get).collect();
    pages.push(get(&list));
    pages.push(get(&format!("{list}?compare=1")));
    pages.push(get(&format!("{list}/versions")));
    pages.push(get(&format!(
        "/why?{}",
        why.replace("&#38;", "&").replace("&amp;", "&")
    )));
    pages.push(get(&format!("/numbers/venues/{venue}")));
    pages.push(get(&format!("/numbers/venues/{venue}/days.csv")));
    pages.push(Page {
        path: format!("{list}/try"),
        form: Some(tried),
    });
    pages.push(Page {
        path: "/homes/h-1/try".to_owned(),
        form: Some(composed),
    });
    Ok(pages)
}

/// Times the pages; the names of those over the bound.
fn report(editor: &Editor<'_>, arguments: &Arguments) -> Result<Vec<String>, Box<dyn Error>> {
    let (counted, at) = (get("/numbers/tables/days.csv"), Instant::now());
    while editor.ask(&counted).is_err() && at.elapsed() < COUNTED_WITHIN {
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!(
        "numbers counted {:.1} s after they were asked for",
        at.elapsed().as_secs_f64()
    );
    println!("| page | median | p95 | longest | size |");
    println!("|---|---|---|---|---|");
    let mut slow = Vec::new();
    for page in pages(editor, arguments)? {
        let mut times = Vec::with_capacity(arguments.runs);
        let mut size = 0;
        for _ in 0..arguments.runs.max(1) {
            let (took, text) = editor.ask(&page)?;
            times.push(took.as_secs_f64() * 1_000.0);
            size = text.len();
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
        let name = match &page.form {
            None => format!("/studio{}", page.path),
            Some(_) => format!("POST /studio{}", page.path),
        };
        println!(
            "| `{name}` | {:.1} ms | {:.1} ms | {:.1} ms | {} kB |",
            at(0.5),
            at(0.95),
            at(1.0),
            size / 1_000
        );
        if at(0.5) > BOUND_MS {
            slow.push(name);
        }
    }
    Ok(slow)
}
