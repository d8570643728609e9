//! Moves within one root.

use rustix::fs::renameat;

use super::{
    beneath::Dir,
    node::{Kind, Node},
    os, partial,
    root::RootDir,
    survey::{Survey, Visit, same},
};
use crate::{
    base::error::{Code, Error, Result},
    gate::path::ResourcePath,
};

/// A move whose two ends are open, and whose source is known.
#[derive(Debug)]
pub(super) struct Rename<'a> {
    root: &'a RootDir,
    path: &'a ResourcePath,
    from: (Dir, &'a str),
    to: (Dir, &'a str),
    node: Node,
}

impl<'a> Rename<'a> {
    /// Opens the directories of both ends. `ASTRID_INVALID` to move a directory into itself.
    pub fn open(root: &'a RootDir, from: &'a ResourcePath, to: &'a ResourcePath) -> Result<Self> {
        outside(from, to)?;
        let path = from;
        let (from, to) = (root.parent(from)?, root.parent(to)?);
        let node = Node::at(&from.0, from.1)?;
        node.known()?;
        root.anchor().allowed(node.id)?;
        Ok(Self { root, path, from, to, node })
    }

    /// Shows `visit` all that would move with a directory.
    pub fn survey(&self, visit: &mut Visit<'_>) -> Result<()> {
        Survey::of(self.root, self.path, self.node, visit).map(drop)
    }

    /// What is to be moved.
    pub fn node(&self) -> Node {
        self.node
    }

    /// Moves it if it is still what was decided. A file replaces a file; nothing replaces a
    /// directory (`ASTRID_EXISTS`), a link or special file, and a directory replaces nothing
    /// (`ASTRID_NOT_A_FILE`).
    pub fn run(self) -> Result<()> {
        let (from, to) = (&self.from, &self.to);
        let mut account = self.root.account();
        same(Node::at(&from.0, from.1)?.id, self.node.id)?;
        let Some(target) = Node::find(&to.0, to.1)? else {
            return partial::rename_new(&from.0, from.1, &to.0, to.1);
        };
        if target.known()? == Kind::Directory {
            return Err(Error::new(Code::Exists, "a directory has that name"));
        }
        self.node.expect(Kind::File)?;
        renameat(&from.0, from.1, &to.0, to.1).map_err(os::error)?;
        // Two names of one file: the kernel then does nothing.
        if target.id != self.node.id {
            account.removed(&target);
        }
        Ok(())
    }
}

/// `ASTRID_INVALID` when `to` lies below `from`.
pub(super) fn outside(from: &ResourcePath, to: &ResourcePath) -> Result<()> {
    let mut names = to.components();
    let below =
        from.root() == to.root() && from.components().all(|name| names.next() == Some(name));
    if below && names.next().is_some() {
        return Err(Error::new(Code::Invalid, "a directory can't go into itself"));
    }
    Ok(())
}

/// Where `entry`, which lies below `from`, is when `from` is `to`.
pub(super) fn moved(
    entry: &ResourcePath,
    from: &ResourcePath,
    to: &ResourcePath,
) -> Result<ResourcePath> {
    let mut names = entry.components().skip(from.depth());
    names.try_fold(to.clone(), |path, name| path.join(name))
}
