//! How much a root may hold, counted by what is written.
//!
//! A file counts its size, holes included, and each file or directory `fs-entry-bytes` beside. The
//! count starts from what is on disk when the root is opened and follows every change made
//! through this root, exactly: changes and their accounting happen under one lock. A file
//! that was removed while open still fills the disk, so it counts until its last handle closes.
//! Another process on the same home has a count of its own from the moment it opened the root.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::fd::AsFd;

use super::node::{FileId, Node};
use crate::base::{
    error::{Code, Error, Result},
    limits::FS_ENTRY_BYTES,
};

/// The account of one root.
#[derive(Debug)]
pub(super) struct Quota {
    most: Most,
    ledger: Mutex<Ledger>,
}

/// The bound of a root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub bytes: u64,
    /// The limit's name, for the message.
    pub limit: &'static str,
}

#[derive(Debug, Default)]
struct Ledger {
    used: u64,
    open: HashMap<FileId, Handles>,
}

#[derive(Debug, Default)]
struct Handles {
    count: u32,
    /// Its name is gone; the last handle gives the bytes back.
    removed: bool,
}

impl Quota {
    /// An account over `most` with `used` bytes taken.
    pub fn new(most: Most, used: u64) -> Self {
        Self { most, ledger: Mutex::new(Ledger { used, ..Ledger::default() }) }
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // The ledger is changed by single assignments, so it is whole after a panic too.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An account, locked while something changes. Of a root without quota it says yes to everything.
pub(super) struct Account<'a>(Option<(&'a Quota, MutexGuard<'a, Ledger>)>);

impl fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Account").field(&self.0.as_ref().map(|(_, ledger)| ledger.used)).finish()
    }
}

impl<'a> Account<'a> {
    /// Locks the account of a root.
    pub fn of(quota: Option<&'a Quota>) -> Self {
        Self(quota.map(|quota| (quota, quota.lock())))
    }

    /// Bytes in use; 0 for a root without quota.
    #[cfg(test)]
    pub fn used(&self) -> u64 {
        self.0.as_ref().map_or(0, |(_, ledger)| ledger.used)
    }

    /// `ASTRID_QUOTA` unless one more file or directory fits.
    pub fn room_for_entry(&self) -> Result<()> {
        self.room(FS_ENTRY_BYTES)
    }

    /// A file or directory was made.
    pub fn made(&mut self) {
        if let Some((_, ledger)) = &mut self.0 {
            ledger.used += FS_ENTRY_BYTES;
        }
    }

    /// A handle on a file of this root was opened.
    pub fn opened(&mut self, id: FileId) {
        if let Some((_, ledger)) = &mut self.0 {
            ledger.open.entry(id).or_default().count += 1;
        }
    }

    /// A handle is about to close.
    pub fn closed(&mut self, fd: impl AsFd, id: FileId) {
        let Some((_, ledger)) = &mut self.0 else { return };
        let Some(handles) = ledger.open.get_mut(&id) else { return };
        handles.count -= 1;
        if handles.count > 0 {
            return;
        }
        let removed = handles.removed;
        ledger.open.remove(&id);
        if removed {
            // Unknown size: keep it counted; the next opening of the root counts afresh.
            let size = Node::of(fd).map_or(0, |node| node.size);
            ledger.release(FS_ENTRY_BYTES + size);
        }
    }

    /// A name went away that led to `node`.
    pub fn removed(&mut self, node: &Node) {
        let Some((_, ledger)) = &mut self.0 else { return };
        match ledger.open.get_mut(&node.id) {
            Some(handles) => handles.removed = true,
            None => ledger.release(FS_ENTRY_BYTES + node.size),
        }
    }

    /// Runs a change after which the file ends at `end` bytes at most, and counts what it did.
    /// `ASTRID_QUOTA` when that does not fit.
    pub fn change<T>(
        &mut self,
        fd: impl AsFd,
        end: u64,
        change: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if self.0.is_none() {
            return change();
        }
        let before = Node::of(&fd)?.size;
        self.room(end.saturating_sub(before))?;
        let done = change();
        // A change that failed half-way counts for what it did.
        let after = Node::of(&fd).map_or(end.max(before), |node| node.size);
        if let Some((_, ledger)) = &mut self.0 {
            ledger.used = (ledger.used + after).saturating_sub(before);
        }
        done
    }

    fn room(&self, more: u64) -> Result<()> {
        match &self.0 {
            Some((quota, ledger)) if ledger.used.saturating_add(more) > quota.most.bytes => {
                let Most { bytes, limit } = quota.most;
                let message = format!("the root holds at most {bytes} bytes ({limit})");
                Err(Error::new(Code::Quota, message))
            }
            _ => Ok(()),
        }
    }
}

impl Ledger {
    fn release(&mut self, bytes: u64) {
        self.used = self.used.saturating_sub(bytes);
    }
}
