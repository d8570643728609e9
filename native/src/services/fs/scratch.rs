//! The scratch folder of this process, and what dead ones left.

use std::collections::BTreeSet;

use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, FlockOperation, Mode, OFlags, flock, openat, unlinkat},
    io::Errno,
};

use super::{node::Node, os, roots, sweep};
use crate::base::{
    error::{Code, Error, Result},
    hex,
};

const LOCK: &str = ".lock";
const RANDOM_BYTES: usize = 16;

/// A folder in `tmp` that is ours as long as this value lives.
#[derive(Debug)]
pub(super) struct Scratch {
    tmp: OwnedFd,
    dir: OwnedFd,
    name: String,
    /// Held, never read: the system lets go of it when the process dies, however it dies.
    _lock: OwnedFd,
}

impl Scratch {
    /// Makes a folder for this process.
    pub fn open(tmp: OwnedFd) -> Result<Self> {
        loop {
            let mut random = [0; RANDOM_BYTES];
            getrandom::fill(&mut random)
                .map_err(|_| Error::new(Code::Io, "the system has no randomness"))?;
            let name = hex::encode(&random);
            // Another process may sweep between making the lock file and locking it: its name is
            // then gone, and a new one is drawn.
            if let Some(lock) = lock(&tmp, &name)? {
                let dir = roots::make(&tmp, &name)?;
                return Ok(Self { tmp, dir, name, _lock: lock });
            }
        }
    }

    /// The folder.
    pub fn dir(&self) -> &OwnedFd {
        &self.dir
    }

    /// Removes the folder `name` in it.
    pub fn remove(&self, name: &str) -> Result<()> {
        sweep::remove_tree(&self.dir, name, &mut |_| ())
    }

    /// Removes the folders whose process is gone: those whose lock is free, or missing. One that
    /// can't be removed keeps none of the others.
    pub fn sweep_dead(&self) -> Result<()> {
        let mut names = BTreeSet::new();
        sweep::each(&self.tmp, &mut |name| {
            names.insert(name.strip_suffix(LOCK).unwrap_or(name).to_owned());
            Ok(())
        })?;
        for name in names {
            if let Ok(Some(_ours)) = lock(&self.tmp, &name) {
                drop(remove(&self.tmp, &name));
            }
        }
        Ok(())
    }

    /// Removes the folder itself, and its lock. What fails here is what the next process sweeps.
    pub fn close(&self) {
        drop(remove(&self.tmp, &self.name));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.close();
    }
}

/// The folder first, so that one without a lock file was never in use.
fn remove(tmp: &OwnedFd, name: &str) -> Result<()> {
    for done in [
        sweep::remove_tree(tmp, name, &mut |_| ()),
        unlinkat(tmp, format!("{name}{LOCK}"), AtFlags::empty()).map_err(os::error),
    ] {
        match done {
            Err(error) if error.code != Code::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The lock of a folder, made if it is missing; none if another process holds or just removed it.
fn lock(tmp: &OwnedFd, name: &str) -> Result<Option<OwnedFd>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let fd = openat(tmp, format!("{name}{LOCK}"), flags, mode).map_err(os::error)?;
    match flock(&fd, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) if Node::of(&fd)?.links > 0 => Ok(Some(fd)),
        Ok(()) | Err(Errno::WOULDBLOCK) => Ok(None),
        Err(errno) => Err(os::error(errno)),
    }
}
