//! Removes files and directories.

use rustix::fs::{AtFlags, unlinkat};

use super::{
    beneath::{Dir, Purpose},
    node::{Kind, Node},
    os,
    quota::Account,
    root::RootDir,
    survey::{Survey, Visit, same},
    sweep,
};
use crate::{base::error::Result, gate::path::ResourcePath};

/// Removes the file or empty directory at `path`.
pub(super) fn one(root: &RootDir, path: &ResourcePath) -> Result<()> {
    let (dir, name) = root.parent(path)?;
    let node = Node::at(&dir, name)?;
    node.known()?;
    unlink(root, &mut root.account(), &dir, (name, &node))
}

/// Removes the file at `path`, or the directory and all below it once `visit` has allowed each
/// entry. Links and special files below it go like files: by their name, which was decided; what
/// they lead to stays.
pub(super) fn tree(root: &RootDir, path: &ResourcePath, visit: &mut Visit<'_>) -> Result<()> {
    let (dir, name) = root.parent(path)?;
    let node = Node::at(&dir, name)?;
    if node.known()? == Kind::File {
        return unlink(root, &mut root.account(), &dir, (name, &node));
    }
    let survey = Survey::of(root, path, node, visit)?;
    // Reversed: each directory is empty when its turn comes.
    for at in survey.directories().rev() {
        let dir = survey.open(at, Purpose::Pass)?;
        for child in survey.children(at) {
            if child.is_partial() && child.node.kind == Some(Kind::Directory) {
                // As where a partial copy is given up.
                let mut gone = |node: &Node| root.account().removed(node);
                sweep::remove_tree(&dir, &child.name, &mut gone)?;
                gone(&child.node);
            } else {
                unlink(root, &mut root.account(), &dir, (&child.name, &child.node))?;
            }
        }
    }
    unlink(root, &mut root.account(), &dir, (name, &node))
}

/// Removes a name that still leads to what was decided.
fn unlink(
    root: &RootDir,
    account: &mut Account<'_>,
    dir: &Dir,
    (name, decided): (&str, &Node),
) -> Result<()> {
    let node = Node::at(dir, name)?;
    same(node.id, decided.id)?;
    root.anchor().allowed(node.id)?;
    let directory = node.kind == Some(Kind::Directory);
    let flags = if directory { AtFlags::REMOVEDIR } else { AtFlags::empty() };
    unlinkat(dir, name, flags).map_err(os::error)?;
    account.removed(&node);
    Ok(())
}
