//! The log's folder: how its files are named, opened and made.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rustix::fs::OFlags;

use super::fault;
use crate::base::{error::Result, limits};

/// Longest and shortest pause between two looks at a lock that another process holds.
const LOCK_PAUSE: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(5));

/// A folder that holds one log.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if it is missing (mode 0700; its parent must exist).
    /// Errors: `ASTRID_AUDIT_WRITE`, also when others may write in it.
    pub fn create(path: &Path) -> Result<Self> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(fault::write("make", path, e)),
        }
        let meta = fs::symlink_metadata(path).map_err(|e| fault::write("open", path, e))?;
        if !meta.is_dir() || meta.mode() & 0o022 != 0 {
            let what = "not a folder that only its owner may write";
            return Err(fault::write("open", path, what));
        }
        Ok(Self { path: path.to_owned() })
    }

    /// A folder that exists; nothing is made.
    pub fn existing(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where `name` is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a regular file, links not followed; none if it is missing.
    pub fn open(&self, name: &str, write: bool) -> Result<Option<File>> {
        let path = self.file(name);
        match options().read(true).write(write).open(&path) {
            Ok(file) if file.metadata().is_ok_and(|m| m.is_file()) => Ok(Some(file)),
            Ok(_) => Err(fault::write("open", &path, "not a regular file")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(fault::write("open", &path, e)),
        }
    }

    /// Whether there is something of this name.
    pub fn has(&self, name: &str) -> Result<bool> {
        let path = self.file(name);
        match fs::symlink_metadata(&path) {
            Ok(_) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(fault::write("look at", &path, e)),
        }
    }

    /// The names in the folder, in no order.
    pub fn names(&self) -> Result<Vec<String>> {
        let failed = |e| fault::write("list", &self.path, e);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            // Names of the log are ASCII; others are none of its business.
            names.extend(entry.map_err(failed)?.file_name().into_string());
        }
        Ok(names)
    }

    /// Makes a file that appears complete, or not at all, and stays: written and synced under a
    /// temporary name, renamed, folder synced. The caller holds the lock.
    pub fn create_complete(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.make(name, bytes, true)
    }

    /// As [`Folder::create_complete`], without a lock, but after a crash it may be missing or in
    /// parts, and when two make it at once: for what is checked when it is read, and made anew.
    pub fn create_derived(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.make(name, bytes, false)
    }

    fn make(&self, name: &str, bytes: &[u8], durable: bool) -> Result<()> {
        let (path, temporary) = (self.file(name), self.file(&format!("{name}.new")));
        let make = || -> io::Result<()> {
            match fs::remove_file(&temporary) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut file = options().write(true).create_new(true).open(&temporary)?;
            file.write_all(bytes)?;
            if durable {
                file.sync_all()?;
            }
            fs::rename(&temporary, &path)?;
            if durable { File::open(&self.path)?.sync_all() } else { Ok(()) }
        };
        make().map_err(|e| fault::write("make", &path, e))
    }

    /// The file whose lock orders the writers of all processes; made if missing.
    pub fn lock_file(&self) -> Result<File> {
        let path = self.file("lock");
        let file = options().read(true).write(true).create(true).open(&path);
        file.map_err(|e| fault::write("lock", &path, e))
    }

    /// Takes the lock, alone or shared. Errors: `ASTRID_AUDIT_WRITE` after `audit-lock-ms`.
    pub fn take(&self, lock: &Arc<File>, shared: bool) -> Result<Held> {
        let started = Instant::now();
        let mut pause = LOCK_PAUSE.0;
        loop {
            if let Some(held) = self.try_take(lock, shared)? {
                return Ok(held);
            }
            if started.elapsed() >= Duration::from_millis(limits::AUDIT_LOCK_MS) {
                let why = "another process holds it for too long";
                return Err(fault::write("lock", &self.path, why));
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LOCK_PAUSE.1);
        }
    }

    /// As [`Folder::take`], if nobody must be waited for.
    pub fn try_take(&self, lock: &Arc<File>, shared: bool) -> Result<Option<Held>> {
        match if shared { lock.try_lock_shared() } else { lock.try_lock() } {
            Ok(()) => Ok(Some(Held(Arc::clone(lock)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(fault::write("lock", &self.path, e)),
        }
    }
}

/// A lock, until dropped.
pub struct Held(Arc<File>);

impl Drop for Held {
    fn drop(&mut self) {
        // Unlocking a descriptor that is open and locked can't fail; closing it would unlock too.
        let _ = self.0.unlock();
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    // NONBLOCK: a pipe put in a file's place must not make an open wait.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.mode(0o600).custom_flags(flags.bits() as i32);
    options
}
