//! Brings changes to disk in time.
//!
//! SQLite in this mode syncs when it moves its log into the database, not when a transaction
//! commits: a power cut could take back an hour, though never leave half a transaction. So a
//! thread of ours syncs the log soon after the first change that isn't on disk; it sleeps while
//! there is none. One sync serves all changes made before it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use super::database;
use crate::base::{
    error::{Code, Error, Result},
    limits::KV_SYNC_MS,
};

/// Half of what was promised: the other half is for the sync itself.
const WAIT: Duration = Duration::from_millis(KV_SYNC_MS / 2);

/// The thread that syncs; it ends, after a last sync, with this value.
#[derive(Debug)]
pub(super) struct Syncer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// The log beside the database.
    log: PathBuf,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    changed: bool,
    closing: bool,
    /// A sync failed, and what it should have saved may be lost: nothing later is promised.
    failed: bool,
}

impl Syncer {
    /// Starts the thread for the database at `path`. `ASTRID_IO` if there can be none.
    pub fn start(path: &Path) -> Result<Self> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let shared =
            Arc::new(Shared { log: log.into(), state: Mutex::default(), wake: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("astrid-kv-sync".to_owned())
            .spawn(move || of_thread.run())
            .map_err(|error| database::io(&error.to_string()))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// `ASTRID_IO` once a sync has failed.
    pub fn check(&self) -> Result<()> {
        if self.shared.lock().failed {
            return Err(Error::new(Code::Io, "the store: changes could not be brought to disk"));
        }
        Ok(())
    }

    /// A transaction was committed.
    pub fn changed(&self) {
        self.shared.lock().changed = true;
        self.shared.wake.notify_one();
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // It doesn't panic; and if it did, there is nothing left to close.
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            state = self
                .wake
                .wait_while(state, |state| !state.changed && !state.closing)
                .unwrap_or_else(PoisonError::into_inner);
            // More changes may come while it waits; they are saved by the same sync.
            state = self
                .wake
                .wait_timeout_while(state, WAIT, |state| !state.closing)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            let (changed, closing) = (std::mem::take(&mut state.changed), state.closing);
            drop(state);
            let failed = changed && self.sync().is_err();
            state = self.lock();
            state.failed |= failed;
            if closing {
                return;
            }
        }
    }

    fn sync(&self) -> io::Result<()> {
        match File::open(&self.log) {
            // The log carries no locks, so closing it again loses none. The folder holds its name.
            Ok(log) => {
                log.sync_data()?;
                File::open(self.log.parent().unwrap_or(Path::new("/")))?.sync_all()
            }
            // The last connection moved it into the database, and synced that.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
