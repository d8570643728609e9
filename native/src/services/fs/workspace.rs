//! Whether a folder may be a workspace: it and the kernel's home must be apart.

use std::path::{Path, PathBuf};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Mode, OFlags, open, openat},
};

use super::{
    node::{FileId, Node},
    os,
};
use crate::base::{
    error::{Code, Error, Result},
    limits::HOST_PATH_DEPTH,
};

/// A folder that was checked to be a workspace: a later look at its path must find the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceDir {
    /// Absolute, without links.
    pub path: PathBuf,
    /// The folder that was found there.
    pub id: FileId,
}

impl WorkspaceDir {
    /// Opens it again. `ASTRID_WORKSPACE` if something else has taken its place.
    pub(super) fn open(&self) -> Result<OwnedFd> {
        let flags = OFlags::NOFOLLOW | FOLDER;
        let fd = open(&self.path, flags, Mode::empty()).map_err(|e| wrong(os::error(e).message))?;
        if Node::of(&fd)?.id != self.id {
            return Err(wrong("another folder has taken its place since it was checked"));
        }
        Ok(fd)
    }
}

/// What the folder at `workspace` is. `ASTRID_WORKSPACE` unless both are directories and neither
/// is, holds or lies in the other. Compared by device and inode, so that no other spelling or
/// mount of a folder passes.
pub fn workspace_check(workspace: &Path, home: &Path) -> Result<FileId> {
    let open = |path| open_host(path).map_err(|error| wrong(error.message));
    let workspace = open(workspace)?;
    check_open(&workspace, &open(home)?)?;
    Ok(Node::of(&workspace)?.id)
}

/// As `workspace_check`, on folders that are open and so stay the same.
pub(super) fn check_open(workspace: &OwnedFd, home: &OwnedFd) -> Result<()> {
    let (workspace_id, home_id) = (Node::of(workspace)?.id, Node::of(home)?.id);
    if workspace_id == home_id {
        return Err(wrong("it is the home itself"));
    }
    if lies_in(workspace, home_id)? {
        return Err(wrong("it lies in the home"));
    }
    if lies_in(home, workspace_id)? {
        return Err(wrong("the home lies in it"));
    }
    Ok(())
}

const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::RDONLY);

/// Opens a folder that the person named. Links in its path are theirs and are followed.
pub(super) fn open_host(path: &Path) -> Result<OwnedFd> {
    open(path, FOLDER, Mode::empty()).map_err(os::error)
}

/// Whether a directory is somewhere above `dir`.
fn lies_in(dir: &OwnedFd, above: FileId) -> Result<bool> {
    let mut at = up(dir)?;
    let mut below = Node::of(dir)?.id;
    for _ in 0..HOST_PATH_DEPTH {
        let id = Node::of(&at)?.id;
        if id == above {
            return Ok(true);
        }
        // The root of all is its own parent.
        if id == below {
            return Ok(false);
        }
        (at, below) = (up(&at)?, id);
    }
    Err(wrong(format!("it lies more than {HOST_PATH_DEPTH} folders deep (host-path-depth)")))
}

fn up(dir: impl AsFd) -> Result<OwnedFd> {
    // No right to read a parent is needed where the system can do without.
    #[cfg(target_os = "linux")]
    let access = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let access = OFlags::RDONLY;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | access;
    openat(dir, "..", flags, Mode::empty()).map_err(os::error)
}

fn wrong(why: impl AsRef<str>) -> Error {
    Error::new(Code::Workspace, format!("the folder can't be a workspace: {}", why.as_ref()))
}
