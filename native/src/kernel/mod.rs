//! Everything of one home put together: engine, gate, services, log. A reader learns the data
//! plane from `Kernel::open` and `Loaded::call`.

mod call;
mod events;
mod home;
mod imports;
mod instance;
mod loaded;
mod places;
mod spec;
mod versions;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use wasmtime::Engine;

pub use self::call::{Budget, Ended, Usage};
pub use self::events::Event;
pub use self::loaded::Loaded;
pub use self::spec::{Grant, Spec};

use self::home::Home;
use self::places::Places;
use self::versions::Versions;
use crate::audit::{self, Accounts, Context, Entry, Kind, Log};
use crate::base::error::{Code, Error, Result};
use crate::base::limits::{self, within};
use crate::engine::cache::Cache;
use crate::engine::compile::Compiler;
use crate::engine::config;
use crate::engine::key::Key;
use crate::engine::lane::SlowLane;
use crate::engine::threads::{Lanes, Threads};
use crate::engine::ticker::Ticker;
use crate::services::fs::Roots;
use crate::services::kv::Store;
use crate::services::port::Port;

/// What a kernel is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Absolute path of the home.
    pub home: PathBuf,
    /// Absolute path of the addon, for its digest.
    pub addon: PathBuf,
    /// Absolute path of the compiler program.
    pub compiler: PathBuf,
    /// What the addon runs in, and its version.
    pub runtime: String,
    /// Slots for live instances.
    pub instances: u32,
    /// Worker threads; 0 for one a core.
    pub workers: usize,
}

const INSTANCES: RangeInclusive<u64> = limits::LIVE_INSTANCES_MIN..=limits::LIVE_INSTANCES_MAX;

/// More threads than any machine this runs on has cores; 0 is one a core.
const WORKERS: RangeInclusive<u64> = 0..=1024;

/// Held while a call runs: a kernel closes when nobody holds one.
pub type Running = OwnedRwLockReadGuard<bool>;

/// One kernel.
pub struct Kernel {
    engine: Engine,
    compiler: Compiler,
    slow_lane: SlowLane,
    places: Places,
    roots: Arc<Roots>,
    store: Store,
    port: Arc<Port>,
    log: Arc<Log>,
    accounts: Accounts,
    /// Whether it was closed. Each running call holds it shared; closing waits to have it alone.
    closed: Arc<RwLock<bool>>,
    _ticker: Ticker,
    lanes: Lanes,
    /// Taken when the kernel is dropped.
    threads: Option<Threads>,
}

impl Kernel {
    /// Opens the home and starts what runs guests. `wake` as in [`Port::new`].
    ///
    /// Fails with `ASTRID_HOME`, `ASTRID_UNSUPPORTED`, `ASTRID_IO`, `ASTRID_AUDIT_CORRUPT` or
    /// `ASTRID_AUDIT_WRITE`.
    pub fn open(options: &Options, wake: Box<dyn Fn() + Send + Sync>) -> Result<Self> {
        within("instances", options.instances.into(), INSTANCES)?;
        within("workers", options.workers as u64, WORKERS)?;
        let versions = Versions::of(&options.runtime, &options.addon, &options.compiler)?;
        let home = Home::open(&options.home)?;
        let key = Key::open(&home.path("keys/cache.key"))?;
        let log = Arc::new(Log::open(&home.path("audit"), &audit::Options::default())?);
        let roots = Arc::new(Roots::open(home.root(), options.instances)?);
        let store = Store::open(home.root())?;
        let workers = workers(options.workers);
        let threads = Threads::start(workers)?;
        let engine = config::kernel_engine(options.instances)?;
        let cache = Cache::new(home.path("cache"), key);
        let kernel = Self {
            compiler: Compiler::new(engine.clone(), cache, options.compiler.clone()),
            slow_lane: SlowLane::beside(workers),
            places: Places::new(options.instances),
            roots,
            store,
            port: Port::new(wake),
            accounts: Accounts::new(&home.path("audit")),
            log,
            closed: Arc::default(),
            _ticker: Ticker::start(engine.clone())?,
            lanes: threads.lanes(),
            threads: Some(threads),
            engine,
        };
        kernel.record_start(&versions.text()?)?;
        Ok(kernel)
    }

    /// The port to services in TypeScript.
    pub fn port(&self) -> &Arc<Port> {
        &self.port
    }

    /// The log of this home.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Threads for short work.
    pub fn threads(&self) -> &runtime::Handle {
        self.lanes.quick()
    }

    /// Runs a call; on slow threads, once its guest used up a slice.
    pub fn run(&self, call: impl Future<Output = ()> + Send + 'static) {
        self.lanes.run(call);
    }

    /// What a running call holds. `ASTRID_KERNEL_CLOSED` once the kernel was closed.
    pub fn enter(&self) -> Result<Running> {
        let closed = || Error::new(Code::KernelClosed, "the kernel was closed");
        let running = self.closed.clone().try_read_owned().map_err(|_| closed())?;
        if *running { Err(closed()) } else { Ok(running) }
    }

    /// Refuses new calls, waits for running ones, records the stop and drains the log. Closing
    /// again does nothing.
    pub async fn close(&self) -> Result<()> {
        let mut closed = self.closed.write().await;
        if std::mem::replace(&mut *closed, true) {
            return Ok(());
        }
        self.places.clear();
        let roots = self.roots.clone();
        // What is left if that fails, the next process removes.
        let _ = tokio::task::spawn_blocking(move || roots.close()).await;
        let stopped = self.record_stop().await;
        // Also after a failure: what was kept is written if it can be, or said to be lost.
        let log = self.log.clone();
        let bug = |_| Err(Error::new(Code::Internal, "the log's last write stopped"));
        let closed = tokio::task::spawn_blocking(move || log.close()).await.unwrap_or_else(bug);
        stopped.and(closed.map(drop))
    }

    async fn record_stop(&self) -> Result<()> {
        let stop = || Entry::new(Kind::KernelStop, self.log.mono_ns());
        let mut ticket = self.log.append(&Context::kernel(), &stop());
        if ticket.is_err() {
            // A log that could not be written may have been tried again by then.
            tokio::time::sleep(Duration::from_millis(2 * limits::AUDIT_RETRY_MS)).await;
            ticket = self.log.append(&Context::kernel(), &stop());
        }
        ticket?.durable().await.map(drop)
    }

    fn record_start(&self, versions: &str) -> Result<()> {
        let entry = Entry::new(Kind::KernelStart, self.log.mono_ns());
        let entry = Entry { resource: Some(versions), ..entry };
        self.log.append(&Context::kernel(), &entry)?.wait_durable().map(drop)
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            // The last owner may be one of them: it must not wait for itself.
            threads.shut_down();
        }
    }
}

fn workers(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(2, usize::from).max(2),
        asked => asked,
    }
}
