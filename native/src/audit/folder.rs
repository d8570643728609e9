//! The log's folder: how its files are named, opened and made.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    fault,
    media::{Disk, How, Media},
};
use crate::base::{error::Result, limits};

/// Longest and shortest pause between two looks at a lock that another process holds.
const LOCK_PAUSE: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(5));

/// A folder that holds one log.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    media: Arc<dyn Media>,
}

impl Folder {
    /// Makes the folder if it is missing (mode 0700; its parent must exist).
    /// Errors: `ASTRID_AUDIT_WRITE`, also when others may write in it.
    pub fn create(path: &Path, media: Arc<dyn Media>) -> Result<Self> {
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
        Ok(Self { path: path.to_owned(), media })
    }

    /// A folder that exists; nothing is made.
    pub fn existing(path: &Path) -> Self {
        Self { path: path.to_owned(), media: Arc::new(Disk) }
    }

    /// What its files are written with.
    pub fn media(&self) -> &dyn Media {
        &*self.media
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
        match self.media.open(&path, if write { How::Write } else { How::Read }) {
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
        let temporary = temporary(name);
        let file = self.create_as(&temporary, bytes)?;
        self.sync(&file, name)?;
        self.rename(&temporary, name)?;
        self.sync_names()
    }

    /// As [`Folder::create_complete`] without any sync: for what can be made anew. A power cut may
    /// leave anything under that name. The caller holds the lock, and syncs the file and the names
    /// once it doesn't.
    pub fn create_derived(&self, name: &str, bytes: &[u8]) -> Result<File> {
        let temporary = temporary(name);
        let file = self.create_as(&temporary, bytes)?;
        self.rename(&temporary, name)?;
        Ok(file)
    }

    /// Makes a file with these bytes, instead of one that a crash left under this name.
    pub fn create_as(&self, name: &str, bytes: &[u8]) -> Result<File> {
        let path = self.file(name);
        let make = || {
            self.media.open(&path, How::New).and_then(|file| {
                self.media.write(&file, bytes, 0)?;
                Ok(file)
            })
        };
        let made = match make() {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                self.media.remove(&path).and_then(|()| make())
            }
            made => made,
        };
        made.map_err(|e| fault::write("make", &path, e))
    }

    /// Makes the content of the file `name` durable.
    pub fn sync(&self, file: &File, name: &str) -> Result<()> {
        self.media.sync(file).map_err(|e| fault::write("sync", name.as_ref(), e))
    }

    /// Makes the names of all files durable.
    pub fn sync_names(&self) -> Result<()> {
        self.media.sync_folder(&self.path).map_err(|e| fault::write("sync", &self.path, e))
    }

    /// Gives a file another name.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let renamed = self.media.rename(&self.file(from), &self.file(to));
        renamed.map_err(|e| fault::write("rename a file of", to.as_ref(), e))
    }

    /// Takes a file away, if it is there.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        match self.media.remove(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(fault::write("remove a file of", &path, e))
            }
            _ => Ok(()),
        }
    }

    /// A file to lock; made if missing.
    pub fn lock_file(&self, name: &str) -> Result<File> {
        let path = self.file(name);
        self.media.open(&path, How::Make).map_err(|e| fault::write("lock", &path, e))
    }

    /// Takes the lock, alone or shared. Errors: `ASTRID_LOG_BUSY` after `audit-lock-ms`,
    /// `ASTRID_AUDIT_WRITE`.
    pub fn take(&self, lock: &Arc<File>, shared: bool) -> Result<Held> {
        let started = Instant::now();
        let mut pause = LOCK_PAUSE.0;
        loop {
            if let Some(held) = self.try_take(lock, shared)? {
                return Ok(held);
            }
            if started.elapsed() >= Duration::from_millis(limits::AUDIT_LOCK_MS) {
                return Err(fault::busy());
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

fn temporary(name: &str) -> String {
    format!("{name}.new")
}
