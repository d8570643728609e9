//! Opens and makes regular files.

use std::sync::Arc;

use rustix::{
    fd::OwnedFd,
    fs::{Mode as Bits, OFlags, ftruncate, openat},
};

use super::{
    beneath::Dir,
    file::{Access, OpenFile},
    node::{Kind, Node},
    os,
    root::RootDir,
};
use crate::{
    base::error::{Code, Error, Result},
    gate::path::ResourcePath,
};

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Make it if it is missing (needs `write`).
    pub create: bool,
    /// Fail if it is there (needs `create`).
    pub exclusive: bool,
    /// Cut it to nothing (needs `write`).
    pub truncate: bool,
}

impl Mode {
    /// `ASTRID_INVALID` for a combination that means nothing.
    pub(super) fn check(self) -> Result<()> {
        let wrong = match self {
            Self { read: false, write: false, .. } => "neither read nor write",
            Self { create: true, write: false, .. } => "create without write",
            Self { truncate: true, write: false, .. } => "truncate without write",
            Self { exclusive: true, create: false, .. } => "exclusive without create",
            _ => return Ok(()),
        };
        Err(Error::new(Code::Invalid, format!("a mode can't be {wrong}")))
    }

    fn access(self) -> Access {
        Access { read: self.read, write: self.write }
    }
}

/// Opens the file at `path` of `root`. Errors as `fs.open` declares them.
pub(super) fn open(root: &Arc<RootDir>, path: &ResourcePath, mode: Mode) -> Result<OpenFile> {
    // How often a file may come and go under our hands before that is an error.
    const TRIES: usize = 8;
    mode.check()?;
    if path.is_root() {
        return Err(Error::new(Code::NotAFile, "a directory"));
    }
    let (dir, name) = root.parent(path)?;
    for _ in 0..TRIES {
        if !mode.exclusive {
            match existing(root, &dir, name, mode) {
                Err(error) if error.code == Code::NotFound && mode.create => {}
                answer => return answer,
            }
        }
        match create(root, &dir, name, Create { access: mode.access(), executable: false }) {
            Err(error) if error.code == Code::Exists && !mode.exclusive => {}
            answer => return answer,
        }
    }
    Err(Error::new(Code::Io, "the file came and went while it was opened"))
}

/// Opens the file `name` of `dir`. Nothing is cut before it is certain what was opened.
pub(super) fn existing(root: &Arc<RootDir>, dir: &Dir, name: &str, mode: Mode) -> Result<OpenFile> {
    let fits = |node: Node| {
        root.anchor().allowed(node.id)?;
        if mode.write { node.expect_writable() } else { node.expect(Kind::File) }
    };
    // Before, so that no device is opened; after, because the name may have changed hands.
    fits(Node::at(dir, name)?)?;
    let mut account = root.account();
    let fd = openat(dir, name, flags(mode.access()), Bits::empty()).map_err(os::error)?;
    fits(Node::of(&fd)?)?;
    if mode.truncate {
        account.change(&fd, 0, || ftruncate(&fd, 0).map_err(os::error))?;
    }
    OpenFile::new(fd, mode.access(), root, &mut account)
}

/// What a new file is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Create {
    pub access: Access,
    pub executable: bool,
}

/// Makes the file `name` of `dir`. `ASTRID_EXISTS` if anything has that name.
pub(super) fn create(
    root: &Arc<RootDir>,
    dir: &Dir,
    name: &str,
    create: Create,
) -> Result<OpenFile> {
    let mut account = root.account();
    // An existing name is that, also in a full root.
    if Node::find(dir, name)?.is_some() {
        return Err(os::error(rustix::io::Errno::EXIST));
    }
    account.room_for_entry()?;
    let bits = Bits::from_raw_mode(if create.executable { 0o755 } else { 0o644 });
    let fd: OwnedFd = openat(dir, name, flags(create.access) | OFlags::CREATE | OFlags::EXCL, bits)
        .map_err(os::error)?;
    account.made();
    OpenFile::new(fd, create.access, root, &mut account)
}

/// A thread must not wait here for anybody, and nothing may become its terminal.
fn flags(access: Access) -> OFlags {
    let direction = match access {
        Access { read: true, write: true } => OFlags::RDWR,
        Access { write: true, .. } => OFlags::WRONLY,
        Access { .. } => OFlags::RDONLY,
    };
    direction | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}
