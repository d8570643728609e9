//! One root that paths start from: a directory, what may not be entered, and how much fits.

use rustix::fd::OwnedFd;

use super::{
    beneath::{self, Anchor, Dir, Purpose},
    node::FileId,
    quota::{Account, Most, Quota},
};
use crate::{
    base::error::{Code, Error, Result},
    gate::path::ResourcePath,
};

/// An open root.
#[derive(Debug)]
pub struct RootDir {
    anchor: Anchor,
    quota: Option<Quota>,
}

impl RootDir {
    /// A root at `fd` that the person owns: nothing in it is counted.
    pub(super) fn unmetered(fd: OwnedFd, forbidden: &[FileId]) -> Result<Self> {
        Ok(Self { anchor: Anchor::new(fd, forbidden)?, quota: None })
    }

    /// A root at `fd` that holds `used` bytes and may hold `most`.
    pub(super) fn metered(fd: OwnedFd, used: u64, most: Most) -> Result<Self> {
        Ok(Self { anchor: Anchor::new(fd, &[])?, quota: Some(Quota::new(most, used)) })
    }

    /// A root resolved in a given way, whatever this machine offers.
    #[cfg(test)]
    pub(super) fn from_parts(anchor: Anchor, quota: Option<Quota>) -> Self {
        Self { anchor, quota }
    }

    /// Where its paths start.
    pub(super) fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// Its account, locked.
    pub(super) fn account(&self) -> Account<'_> {
        Account::of(self.quota.as_ref())
    }

    /// Opens the directory at `path`. Errors as `Anchor::directory`.
    pub(super) fn directory(&self, path: &ResourcePath, purpose: Purpose) -> Result<Dir> {
        let names: Vec<&str> = path.components().collect();
        self.anchor.directory(&names, purpose)
    }

    /// Opens the directory that holds `path`, and the last name. `ASTRID_INVALID` for the root
    /// itself, which can't be made, moved or removed; else as `directory`.
    pub(super) fn parent<'p>(&self, path: &'p ResourcePath) -> Result<(Dir, &'p str)> {
        let names: Vec<&str> = path.components().collect();
        let Some((name, way)) = names.split_last() else {
            return Err(Error::new(Code::Invalid, "the root itself"));
        };
        beneath::check(name)?;
        Ok((self.anchor.directory(way, Purpose::Pass)?, name))
    }
}
