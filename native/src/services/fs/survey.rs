//! All that lies below a directory, found and decided before anything is changed.

use std::ops::Range;

use rustix::fs::Dir as Reader;

use super::{
    beneath::{Dir, Purpose},
    node::{FileId, Kind, Node},
    os, partial,
    root::RootDir,
};
use crate::{
    base::{
        error::{Code, Error, Result},
        limits::FS_TREE_ENTRIES,
    },
    gate::path::ResourcePath,
};

/// Answers whether an entry may be part of what is about to happen.
pub(super) type Visit<'a> = dyn FnMut(&ResourcePath, &Node) -> Result<()> + 'a;

/// One thing that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Its name; empty for the top.
    pub name: Box<str>,
    pub node: Node,
    parent: usize,
    /// Where the entries of this directory stand.
    children: Range<usize>,
}

/// A directory and all below it, each before what it holds. Paths are not stored but put together
/// from the names, so that a deep tree costs no more than a flat one.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    root: &'a RootDir,
    top: &'a ResourcePath,
    found: Vec<Found>,
}

impl Found {
    /// Whether it is a half-made copy: nothing that a guest can have or decide.
    pub fn is_partial(&self) -> bool {
        partial::is_partial(&self.name)
    }

    /// Whether it is a directory of the guest's.
    pub fn is_directory(&self) -> bool {
        self.node.kind == Some(Kind::Directory) && !self.is_partial()
    }
}

impl<'a> Survey<'a> {
    /// Finds all below the directory `top`, asking `visit` about each entry. The first refusal
    /// ends it. `ASTRID_QUOTA` for more than `fs-tree-entries`, `ASTRID_NOT_A_FILE` for a name that
    /// no path can have and that nobody can decide therefore.
    pub fn of(
        root: &'a RootDir,
        top: &'a ResourcePath,
        node: Node,
        visit: &mut Visit<'_>,
    ) -> Result<Self> {
        let first = Found { name: "".into(), node, parent: 0, children: 0..0 };
        let mut survey = Self { root, top, found: vec![first] };
        let mut at = 0;
        while at < survey.found.len() {
            if survey.found[at].is_directory() {
                survey.enter(at, visit)?;
            }
            at += 1;
        }
        Ok(survey)
    }

    /// The directories, each before those in it.
    pub fn directories(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.found.len()).filter(|at| self.found[*at].is_directory())
    }

    /// What was found in the directory `at`.
    pub fn children(&self, at: usize) -> &[Found] {
        &self.found[self.found[at].children.clone()]
    }

    /// The names that lead from the top to `at`.
    pub fn names(&self, mut at: usize) -> Vec<&str> {
        let mut names = Vec::new();
        while at != 0 {
            names.push(&*self.found[at].name);
            at = self.found[at].parent;
        }
        names.reverse();
        names
    }

    /// Opens the directory `at` again. `ASTRID_IO` if another has taken its place.
    pub fn open(&self, at: usize, purpose: Purpose) -> Result<Dir> {
        let mut names: Vec<&str> = self.top.components().collect();
        names.extend(self.names(at));
        let dir = self.root.anchor().directory(&names, purpose)?;
        same(dir.id, self.found[at].node.id)?;
        Ok(dir)
    }

    /// Reads the directory `at`, whose entries become the last ones found.
    fn enter(&mut self, at: usize, visit: &mut Visit<'_>) -> Result<()> {
        let dir = self.open(at, Purpose::Read)?;
        let mut path = self.top.clone();
        for name in self.names(at) {
            path = path.join(name)?;
        }
        let first = self.found.len();
        for entry in Reader::read_from(&dir).map_err(os::error)? {
            let entry = entry.map_err(os::error)?;
            if matches!(entry.file_name().to_bytes(), b"." | b"..") {
                continue;
            }
            let name = entry.file_name().to_str().map_err(|_| unnameable())?;
            // The top itself is no entry below it.
            if self.found.len() as u64 > FS_TREE_ENTRIES {
                let message = format!("at most {FS_TREE_ENTRIES} entries (fs-tree-entries)");
                return Err(Error::new(Code::Quota, message));
            }
            let node = Node::at(&dir, name)?;
            if !partial::is_partial(name) {
                visit(&path.join(name).map_err(|_| unnameable())?, &node)?;
            }
            self.found.push(Found { name: name.into(), node, parent: at, children: 0..0 });
        }
        self.found[at].children = first..self.found.len();
        Ok(())
    }
}

/// `ASTRID_IO` unless what is there now is what was decided.
pub(super) fn same(now: FileId, decided: FileId) -> Result<()> {
    if now == decided {
        return Ok(());
    }
    Err(Error::new(Code::Io, "the directory was changed by somebody else during the call"))
}

fn unnameable() -> Error {
    Error::new(Code::NotAFile, "the directory holds an entry whose name no path can have")
}
