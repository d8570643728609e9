//! Removes and measures whole directories of ours, where no guest is asked. Never follows a link.

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, Dir as Reader, Mode, OFlags, openat, unlinkat},
};

use super::{
    copy::Patience,
    node::{Kind, Node},
    os,
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{FS_ENTRY_BYTES, PATH_DEPTH},
};

/// Removes the directory `name` of `dir` with all in it, telling `removed` of each thing below it
/// that went. `ASTRID_IO` for a tree deeper than `path-depth`, which no guest can have made.
pub(super) fn remove_tree(
    dir: impl AsFd,
    name: &str,
    removed: &mut dyn FnMut(&Node),
) -> Result<()> {
    clear(&open(&dir, name)?, PATH_DEPTH, removed)?;
    unlinkat(dir, name, AtFlags::REMOVEDIR).map_err(os::error)
}

fn clear(dir: &OwnedFd, depth: u64, removed: &mut dyn FnMut(&Node)) -> Result<()> {
    each(dir, &mut |name| {
        let node = Node::at(dir, name)?;
        if node.kind == Some(Kind::Directory) {
            clear(&open(dir, name)?, deeper(depth)?, removed)?;
            unlinkat(dir, name, AtFlags::REMOVEDIR).map_err(os::error)?;
        } else {
            unlinkat(dir, name, AtFlags::empty()).map_err(os::error)?;
        }
        removed(&node);
        Ok(())
    })
}

/// What all below `dir` counts in an account. Stops counting above `enough`; `patience` is asked
/// for each entry.
pub(super) fn usage(dir: &OwnedFd, enough: u64, patience: &Patience<'_>) -> Result<u64> {
    let mut used = 0;
    add_usage(dir, PATH_DEPTH, &mut |node| {
        patience()?;
        used += FS_ENTRY_BYTES + node.size;
        Ok(used <= enough)
    })?;
    Ok(used)
}

fn add_usage(
    dir: &OwnedFd,
    depth: u64,
    more: &mut dyn FnMut(&Node) -> Result<bool>,
) -> Result<bool> {
    let mut going = true;
    each(dir, &mut |name| {
        if !going {
            return Ok(());
        }
        let node = Node::at(dir, name)?;
        going = more(&node)?;
        if going && node.kind == Some(Kind::Directory) {
            going = add_usage(&open(dir, name)?, deeper(depth)?, more)?;
        }
        Ok(())
    })?;
    Ok(going)
}

/// Calls `visit` with each name in `dir`. Names that aren't UTF-8 can't be ours: `ASTRID_IO`.
pub(super) fn each(dir: &OwnedFd, visit: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    for entry in Reader::read_from(dir).map_err(os::error)? {
        let entry = entry.map_err(os::error)?;
        let name = entry.file_name().to_str();
        let name = name.map_err(|_| Error::new(Code::Io, "a name that is not UTF-8"))?;
        if !matches!(name, "." | "..") {
            visit(name)?;
        }
    }
    Ok(())
}

fn open(dir: impl AsFd, name: &str) -> Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    openat(dir, name, flags, Mode::empty()).map_err(os::error)
}

fn deeper(depth: u64) -> Result<u64> {
    depth.checked_sub(1).ok_or_else(|| Error::new(Code::Io, "a directory nested too deeply"))
}
