//! The calls of `fs.wit`: each uses its permits up and does exactly what they say.

use std::sync::Arc;

use super::{
    copy::{self, End, Patience},
    file::OpenFile,
    list::{self, MayShow, Page, Window},
    node::{Attributes, Kind, Node},
    open::{self, Mode},
    permits::{
        CopyPermits, Decide, OpenPermit, RenamePermits, ask_entry, ask_tree, expect_same, misused,
        resource,
    },
    remove,
    rename::{self, Rename},
    root::RootDir,
};
use crate::{
    base::error::{Code, Error, Result},
    gate::{
        path::{ResourcePath, Root},
        permit::Permit,
        verb::Verb::{FsRead, FsWrite},
    },
};

/// The roots of one instance. A root it lacks is empty to it: `ASTRID_NOT_FOUND`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The folder of the task.
    pub workspace: Option<Arc<RootDir>>,
    /// The capsule's own folder.
    pub data: Option<Arc<RootDir>>,
    /// Scratch space.
    pub tmp: Option<Arc<RootDir>>,
}

impl Files {
    /// Opens a file. `ASTRID_INVALID` for a mode that means nothing, else as `fs.open` declares.
    pub fn open(&self, permit: OpenPermit, mode: Mode) -> Result<OpenFile> {
        mode.check()?;
        let path = match (&permit, mode.read, mode.write) {
            (OpenPermit::Read(read), true, false) => resource(read, FsRead)?,
            (OpenPermit::Write(write), false, true) => resource(write, FsWrite)?,
            (OpenPermit::ReadWrite(read, write), true, true) => {
                expect_same(resource(read, FsRead)?, resource(write, FsWrite)?)?;
                write.resource()
            }
            _ => return Err(misused()),
        };
        open::open(self.root(path)?, path, mode)
    }

    /// Kind, size and time. Errors as `fs.stat` declares.
    pub fn stat(&self, read: Permit<ResourcePath>) -> Result<Attributes> {
        let path = resource(&read, FsRead)?;
        let root = self.root(path)?;
        if path.is_root() {
            return Node::of(root.anchor().start())?.attributes();
        }
        let (dir, name) = root.parent(path)?;
        let node = Node::at(&dir, name)?;
        root.anchor().allowed(node.id)?;
        node.attributes()
    }

    /// One page of a directory, of which `may_show` decides what is shown: asked of every entry,
    /// in byte order, until the page is full. Errors as `fs.list` declares.
    pub fn list(
        &self,
        read: Permit<ResourcePath>,
        window: Window<'_>,
        may_show: &mut MayShow<'_>,
    ) -> Result<Page> {
        let path = resource(&read, FsRead)?;
        list::list(self.root(path)?, path, window, may_show)
    }

    /// Makes one directory. Errors as `fs.create-directory` declares.
    pub fn create_directory(&self, write: Permit<ResourcePath>) -> Result<()> {
        let path = resource(&write, FsWrite)?;
        let root = self.root(path)?;
        if path.is_root() {
            return Err(Error::new(Code::Exists, "the root itself"));
        }
        let (dir, name) = root.parent(path)?;
        copy::make_directory(root, &dir, name)
    }

    /// Removes a file or an empty directory. Errors as `fs.remove` declares.
    pub fn remove(&self, write: Permit<ResourcePath>) -> Result<()> {
        let path = resource(&write, FsWrite)?;
        remove::one(self.root(path)?, path)
    }

    /// Removes a file or a directory with all below it, each entry decided before anything is
    /// removed. A failure of the disk in the middle leaves the rest. Errors as `fs.remove`.
    pub fn remove_tree(&self, write: Permit<ResourcePath>, decide: &mut dyn Decide) -> Result<()> {
        let path = resource(&write, FsWrite)?;
        remove::tree(self.root(path)?, path, &mut |entry, _| {
            ask_entry(decide, FsWrite, entry, path)
        })
    }

    /// Moves within one root. A directory needs permits for both trees and each entry of them.
    /// Errors as `fs.rename` declares, `ASTRID_INVALID` for two roots.
    pub fn rename(&self, permits: RenamePermits, decide: &mut dyn Decide) -> Result<()> {
        let from = resource(&permits.write_from, FsWrite)?;
        expect_same(resource(&permits.read_from, FsRead)?, from)?;
        let to = resource(&permits.write_to, FsWrite)?;
        if from.root() != to.root() {
            return Err(Error::new(Code::Invalid, "a move stays in its root"));
        }
        let root = self.root(from)?;
        let rename = Rename::open(root, from, to)?;
        if rename.node().kind == Some(Kind::Directory) {
            ask_tree(decide, FsRead, from)?;
            ask_tree(decide, FsWrite, from)?;
            ask_tree(decide, FsWrite, to)?;
            rename.survey(&mut |entry, _| {
                ask_entry(decide, FsRead, entry, from)?;
                ask_entry(decide, FsWrite, entry, from)?;
                ask_entry(decide, FsWrite, &rename::moved(entry, from, to)?, to)
            })?;
        }
        rename.run()
    }

    /// Copies a file. Errors as `fs.copy` declares, `ASTRID_NOT_A_FILE` for a directory.
    pub fn copy(&self, permits: CopyPermits, patience: &Patience<'_>) -> Result<()> {
        let (from, to) = self.ends(&permits, patience)?;
        copy::file(from, to)
    }

    /// Copies a file or a directory with all below it, each entry decided before anything is
    /// copied. Errors as `fs.copy` declares.
    pub fn copy_tree(
        &self,
        permits: CopyPermits,
        decide: &mut dyn Decide,
        patience: &Patience<'_>,
    ) -> Result<()> {
        let (from, to) = self.ends(&permits, patience)?;
        let node = copy::check(from, to)?;
        if node.kind == Some(Kind::File) {
            return copy::file(from, to);
        }
        rename::outside(from.path, to.path)?;
        copy::tree(from, to, node, &mut |entry, _| {
            ask_entry(decide, FsRead, entry, from.path)?;
            ask_entry(decide, FsWrite, &rename::moved(entry, from.path, to.path)?, to.path)
        })
    }

    fn ends<'a>(
        &'a self,
        permits: &'a CopyPermits,
        patience: &'a Patience<'a>,
    ) -> Result<(End<'a>, End<'a>)> {
        let from = resource(&permits.read_from, FsRead)?;
        let to = resource(&permits.write_to, FsWrite)?;
        let (source, target) = (self.root(from)?, self.root(to)?);
        let (from, to) =
            (End { root: source, path: from, patience }, End { root: target, path: to, patience });
        Ok((from, to))
    }

    fn root(&self, path: &ResourcePath) -> Result<&Arc<RootDir>> {
        let root = match path.root() {
            Root::Workspace => &self.workspace,
            Root::Data => &self.data,
            Root::Tmp => &self.tmp,
        };
        root.as_ref().ok_or_else(|| Error::new(Code::NotFound, "there is no such root"))
    }
}
