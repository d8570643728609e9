//! Things that are made under another name first, so that nobody sees them half-written.
//!
//! The names can't be guessed, and no path reaches them: to a guest they don't exist. Otherwise
//! one that may write in the folder could change what another is about to publish there.

use rustix::{
    fd::AsFd,
    fs::{AtFlags, RenameFlags, renameat, renameat_with, unlinkat},
    io::Errno,
};

use super::{
    beneath::Dir,
    node::{Kind, Node},
    os,
    root::RootDir,
    sweep,
};
use crate::base::{
    error::{Code, Error, Result},
    hex,
};

const PREFIX: &str = ".astrid-partial-";
const RANDOM_BYTES: usize = 16;

/// Whether `name` is one that this module gives. A folded comparison, for file systems that
/// ignore case.
pub(super) fn is_partial(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Something half-made in a directory; removed unless published.
#[derive(Debug)]
pub(super) struct Partial<'a> {
    root: &'a RootDir,
    dir: &'a Dir,
    name: String,
    published: bool,
}

impl<'a> Partial<'a> {
    /// A fresh name in `dir`; nothing is made yet. `ASTRID_IO` without randomness.
    pub fn new(root: &'a RootDir, dir: &'a Dir) -> Result<Self> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)
            .map_err(|_| Error::new(Code::Io, "the system has no randomness"))?;
        Ok(Self { root, dir, name: format!("{PREFIX}{}", hex::encode(&random)), published: false })
    }

    /// The name to make it under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives it its own name. `ASTRID_EXISTS` if that is taken meanwhile.
    pub fn publish(mut self, name: &str) -> Result<()> {
        rename_new(self.dir, &self.name, self.dir, name)?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        let Ok(node) = Node::at(self.dir, &self.name) else { return };
        // Locked for one entry at a time: others of this root must not wait for a whole tree.
        let mut gone = |node: &Node| self.root.account().removed(node);
        // What can't be removed now stays under a name that nobody can reach, and stays counted.
        let removed = match node.kind {
            Some(Kind::Directory) => sweep::remove_tree(self.dir, &self.name, &mut gone),
            _ => unlinkat(self.dir, self.name.as_str(), AtFlags::empty()).map_err(os::error),
        };
        if removed.is_ok() {
            gone(&node);
        }
    }
}

/// Renames to a name that nobody has. `ASTRID_EXISTS` if somebody has.
pub(super) fn rename_new(
    from_dir: impl AsFd,
    from: &str,
    to_dir: impl AsFd,
    to: &str,
) -> Result<()> {
    let (from_dir, to_dir) = (from_dir.as_fd(), to_dir.as_fd());
    match renameat_with(from_dir, from, to_dir, to, RenameFlags::NOREPLACE) {
        // A file system without this flag (some network and host-shared ones): look, then rename.
        // A file made in between is lost; a directory never is, unless it is empty.
        Err(Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP) => {
            if Node::find(to_dir, to)?.is_some() {
                return Err(os::error(Errno::EXIST));
            }
            renameat(from_dir, from, to_dir, to).map_err(os::error)
        }
        answer => answer.map_err(os::error),
    }
}
