//! From settings to a serving process and back: store, engine, log, listener; then the last artefact.
//!
//! `serve` and `demo` both come through here. Invariants: without a key the server listens on loopback alone; at the
//! stop, what was acknowledged is in the store and the artefact stands at the log's end.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};
use florilege_engine::change::{Change, Sequence};
use florilege_engine::taxonomy::Taxonomy;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::{App, Parts};
use crate::applier;
use crate::config::Settings;
use crate::http::{self, Signer};
use crate::pool::Pool;
use crate::server::{self, Tls};
use crate::snapshots::{self, artefacts};
use crate::store::{Limits, Store, StoreUrl};
use crate::telemetry;
use florilege_engine::live::Engine;
use florilege_engine::model::Shelf;

/// How many changes of the store's state the engine takes at once.
const FED_AT_ONCE: usize = 20_000;
/// How long the last entries of the log may take to be applied at the stop.
const LAST_ENTRIES: Duration = Duration::from_secs(10);

/// An open server that does not listen yet.
pub struct Server {
    /// Its state.
    pub app: App,
    folder: PathBuf,
    /// Held while the server runs: two of them would tread on each other's working files.
    _lock: File,
    /// Where the artefact stood that the engine was opened from.
    opened: Option<Sequence>,
    settings: Settings,
    follower: JoinHandle<()>,
    snapshots: JoinHandle<()>,
}

/// The taxonomy of the settings, or the built-in one.
pub fn taxonomy(file: Option<&str>) -> anyhow::Result<Arc<Taxonomy>> {
    let Some(file) = file else {
        return Ok(Arc::new(Taxonomy::built_in()));
    };
    let text = std::fs::read_to_string(file).with_context(|| format!("the taxonomy {file} cannot be read"))?;
    Ok(Arc::new(Taxonomy::from_toml(&text)?))
}

/// Opens the store of a data folder, or of a database.
pub async fn open_store(folder: &Path, database_url: Option<&str>, taxonomy: Arc<Taxonomy>) -> anyhow::Result<Store> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let url = match database_url {
        Some(url) => StoreUrl::Postgres(url.to_owned()),
        None => StoreUrl::in_folder(folder),
    };
    Store::open(url, taxonomy, Limits::default())
        .await
        .context("the store cannot be opened")
}

impl Server {
    /// Opens store and engine and starts to follow the log.
    pub async fn open(folder: &Path, settings: Settings) -> anyhow::Result<Self> {
        let lock = lock(folder)?;
        let taxonomy = taxonomy(settings.taxonomy.as_deref())?;
        let store = open_store(folder, settings.database_url.as_deref(), Arc::clone(&taxonomy)).await?;
        let engine = Arc::new(open_engine(folder, &taxonomy, &store)?);
        let opened = Some(engine.generation().sequence());
        if let Some(models) = &settings.models {
            engine.shelve(shelf(models)?);
        }
        catch_up(&engine, &store).await?;
        let listens_wide = !addresses(&settings.listen)
            .await?
            .iter()
            .all(|address| address.ip().is_loopback());
        if listens_wide && store.keys().is_empty() {
            bail!(
                "no key is configured, so only loopback is allowed, not {}; make one with `florilege keys add --scope serve --data {}`",
                settings.listen,
                folder.display()
            );
        }
        let app = App::new(Parts {
            store,
            engine,
            taxonomy,
            pool: Pool::new(settings.threads(), settings.queue)?,
            signer: Signer::new(&secret(folder, settings.cursor_secret.as_deref())?),
            needs_key: listens_wide,
            policy: settings.policy(),
        });
        let follower = applier::start(app.clone());
        let snapshots = tokio::spawn(snapshots::keep(
            app.clone(),
            folder.to_owned(),
            settings.snapshot_every_s,
        ));
        Ok(Self {
            app,
            folder: folder.to_owned(),
            _lock: lock,
            opened,
            settings,
            follower,
            snapshots,
        })
    }

    /// Takes the address of the settings; port 0 takes a free one.
    pub async fn bind(&self) -> anyhow::Result<TcpListener> {
        let listen = &self.settings.listen;
        TcpListener::bind(listen)
            .await
            .with_context(|| format!("{listen} cannot be listened on"))
    }

    /// Whether it speaks HTTPS.
    pub(crate) const fn speaks_tls(&self) -> bool {
        self.settings.tls_key.is_some()
    }

    /// Serves until the stop, then applies, writes and closes.
    pub async fn run(
        self,
        listener: TcpListener,
        tls: Option<Tls>,
        stop: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let router = http::app(self.app.clone());
        let stop = drained(self.app.clone(), stop);
        server::serve(listener, router, self.settings.bounds(), tls, stop).await;
        self.close().await
    }

    async fn close(self) -> anyhow::Result<()> {
        self.snapshots.abort();
        let end = self.app.store.last_sequence();
        let deadline = tokio::time::Instant::now() + LAST_ENTRIES;
        if self.app.wait_for(end, deadline).await.is_err() {
            tracing::warn!("the last entries of the log are applied at the next start");
        }
        self.follower.abort();
        let written = snapshots::write(&self.app, &self.folder, self.opened).await;
        self.app.store.close().await;
        tokio::task::spawn_blocking(telemetry::flush).await?;
        written
    }
}

/// Ends some time after the stop signal; meanwhile the server says that it is not ready, so that whoever balances
/// sends it nothing more.
async fn drained(app: App, stop: impl Future<Output = ()>) {
    stop.await;
    app.stopping.store(true, Ordering::Release);
    tokio::time::sleep(app.policy().drain).await;
}

/// Takes the data folder for this process.
fn lock(folder: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join("serve.lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("another server uses {}", folder.display()),
        Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
    }
}

/// The engine at the newest artefact that belongs to this store, else empty.
fn open_engine(folder: &Path, taxonomy: &Arc<Taxonomy>, store: &Store) -> anyhow::Result<Engine> {
    let artefacts = artefacts(folder);
    let engine = open_artefact(&artefacts, taxonomy)?;
    let (stands, log) = (engine.generation().sequence(), store.last_sequence());
    if stands <= log {
        return Ok(engine);
    }
    tracing::warn!(
        stands = stands.0,
        log = log.0,
        "the artefact is ahead of the store: set aside, built again"
    );
    drop(engine);
    let aside = folder.join(format!("artefacts-ahead-{}", stands.0));
    std::fs::rename(&artefacts, aside).context("the artefact cannot be set aside")?;
    open_artefact(&artefacts, taxonomy)
}

fn open_artefact(artefacts: &Path, taxonomy: &Arc<Taxonomy>) -> anyhow::Result<Engine> {
    std::fs::create_dir_all(artefacts)?;
    let opened = Engine::open(artefacts, taxonomy).context("the artefact cannot be opened")?;
    for note in &opened.notes {
        tracing::warn!(%note, "artefact");
    }
    Ok(opened.engine)
}

/// The learnt models of a folder. A damaged one is told and left out: lists are made without it, and say so.
pub(crate) fn shelf(models: &Path) -> anyhow::Result<Shelf> {
    let opened = Shelf::open(models).with_context(|| format!("the models in {} cannot be read", models.display()))?;
    for refused in &opened.refused {
        tracing::error!(error = %refused, "a model is refused");
    }
    for name in opened.shelf.names() {
        tracing::info!(model = name, "a model can be served");
    }
    Ok(opened.shelf)
}

/// Brings an opened engine to where the log can continue: an empty one takes the whole state of the store, one of an
/// artefact its readers, whom no artefact is trusted for (an erasure may have come after it).
async fn catch_up(engine: &Arc<Engine>, store: &Store) -> anyhow::Result<()> {
    let stands = engine.generation().sequence();
    let mut feed = Feed::new(Arc::clone(engine), stands);
    if stands == Sequence(0) {
        let sequence = store.state(|change| feed.push(change)).await?;
        return feed.end(sequence);
    }
    feed.forget_readers();
    store.readers(stands, |change| feed.push(change)).await?;
    feed.end(stands)
}

/// Hands changes of the store's state to the engine, some thousands at a time.
struct Feed {
    engine: Arc<Engine>,
    stands: Sequence,
    waiting: Vec<(Sequence, Option<Change>)>,
    failed: Option<anyhow::Error>,
}

impl Feed {
    fn new(engine: Arc<Engine>, stands: Sequence) -> Self {
        Self {
            engine,
            stands,
            waiting: Vec::new(),
            failed: None,
        }
    }

    fn forget_readers(&mut self) {
        let generation = self.engine.generation();
        let known = generation.catalogue().readers();
        let erasures: Vec<Change> = known.map(|(id, _)| Change::UserErase(id.clone())).collect();
        erasures.into_iter().for_each(|erasure| self.push(erasure));
    }

    fn push(&mut self, change: Change) {
        self.waiting.push((self.stands, Some(change)));
        if self.waiting.len() >= FED_AT_ONCE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::take(&mut self.waiting);
        let applied = tokio::task::block_in_place(|| self.engine.apply(&batch));
        if let Err(error) = applied {
            self.failed.get_or_insert(error.into());
        }
    }

    /// Everything was handed over: the engine stands at this place of the log.
    fn end(mut self, sequence: Sequence) -> anyhow::Result<()> {
        self.waiting.push((sequence, None));
        self.flush();
        self.failed.map_or(Ok(()), Err)
    }
}

/// The addresses that a listening address names.
pub(crate) async fn addresses(listen: &str) -> anyhow::Result<Vec<SocketAddr>> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host(listen)
        .await
        .with_context(|| format!("{listen:?} is no address such as 127.0.0.1:7700"))?
        .collect();
    if found.is_empty() {
        bail!("{listen:?} names no address");
    }
    Ok(found)
}

/// The secret of cursors: given, else kept in the data folder, else drawn and kept.
fn secret(folder: &Path, given: Option<&str>) -> anyhow::Result<Vec<u8>> {
    if let Some(given) = given {
        return Ok(given.as_bytes().to_vec());
    }
    let file = folder.join("cursor.key");
    if let Ok(kept) = std::fs::read(&file)
        && kept.len() == 32
    {
        return Ok(kept);
    }
    let mut drawn = vec![0; 32];
    getrandom::fill(&mut drawn).context("the system gives no random bytes")?;
    keep_secret(&file, &drawn).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(drawn)
}

/// Writes a file that only its owner may read, whole or not at all.
fn keep_secret(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let partial = file.with_extension("partial");
    let mut options = std::fs::OpenOptions::new();
    let mut out = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(partial, file)
}
