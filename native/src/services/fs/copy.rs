//! Copies files and directories. A copy is made under a partial name beside its own and renamed
//! when it is complete: it is there whole or not at all. Contents and whether a file is
//! executable are copied; owners, times, links and further mode bits are not.

use std::sync::Arc;

use rustix::fs::{Mode as Bits, mkdirat};

use super::{
    beneath::{Anchor, Dir, Purpose},
    file::{Access, OpenFile},
    node::{Kind, Node},
    open::{self, Create, Mode},
    os,
    partial::Partial,
    root::RootDir,
    survey::{Survey, Visit, same},
};
use crate::{
    base::{
        error::{Code, Error, Result},
        limits::STREAM_CHUNK_BYTES,
    },
    gate::path::ResourcePath,
};

/// Asked before each chunk of a copy: an error ends it, for a deadline or a caller that gave up.
pub type Patience<'a> = dyn Fn() -> Result<()> + 'a;

/// One end of a copy.
#[derive(Clone, Copy)]
pub(super) struct End<'a> {
    pub root: &'a Arc<RootDir>,
    pub path: &'a ResourcePath,
    pub patience: &'a Patience<'a>,
}

/// What stands at `from`, if its copy can be made at `to`. `ASTRID_EXISTS`.
pub(super) fn check(from: End<'_>, to: End<'_>) -> Result<Node> {
    let (dir, name) = from.root.parent(from.path)?;
    let node = Node::at(&dir, name)?;
    node.known()?;
    let (dir, name) = to.root.parent(to.path)?;
    expect_free(&dir, name)?;
    Ok(node)
}

/// Copies the file at `from` to the new name `to`.
pub(super) fn file(from: End<'_>, to: End<'_>) -> Result<()> {
    let (source_dir, source_name) = from.root.parent(from.path)?;
    let (dir, name) = to.root.parent(to.path)?;
    let source = open::existing(from.root, &source_dir, source_name, READ)?;
    expect_free(&dir, name)?;
    let partial = Partial::new(to.root, &dir)?;
    fill(&source, to, &dir, partial.name())?;
    partial.publish(name)
}

/// Copies the directory `node` at `from` to the new name `to`, once `visit` has allowed each
/// entry. `ASTRID_NOT_A_FILE` for a tree with a link or special file in it.
pub(super) fn tree(from: End<'_>, to: End<'_>, node: Node, visit: &mut Visit<'_>) -> Result<()> {
    let survey = Survey::of(from.root, from.path, node, &mut |path, node| {
        visit(path, node)?;
        // After the decision: a refusal must not tell what the thing is.
        node.known().map(drop)
    })?;
    let (dir, name) = to.root.parent(to.path)?;
    expect_free(&dir, name)?;
    let partial = Partial::new(to.root, &dir)?;
    make_directory(to.root, &dir, partial.name())?;
    let copy = Anchor::at(to.root.anchor(), open_made(&dir, partial.name())?);
    for at in survey.directories() {
        let source = survey.open(at, Purpose::Pass)?;
        let target = copy.directory(&survey.names(at), Purpose::Pass)?;
        for child in survey.children(at).iter().filter(|child| !child.is_partial()) {
            if child.is_directory() {
                make_directory(to.root, &target, &child.name)?;
                continue;
            }
            let file = open::existing(from.root, &source, &child.name, READ)?;
            same(file.node()?.id, child.node.id)?;
            fill(&file, to, &target, &child.name)?;
        }
    }
    partial.publish(name)
}

const READ: Mode =
    Mode { read: true, write: false, create: false, exclusive: false, truncate: false };

/// Makes the directory `name` of `dir`. `ASTRID_EXISTS` if anything has that name.
pub(super) fn make_directory(root: &RootDir, dir: &Dir, name: &str) -> Result<()> {
    let mut account = root.account();
    expect_free(dir, name)?;
    account.room_for_entry()?;
    mkdirat(dir, name, Bits::from_raw_mode(0o755)).map_err(os::error)?;
    account.made();
    Ok(())
}

fn expect_free(dir: &Dir, name: &str) -> Result<()> {
    match Node::find(dir, name)? {
        None => Ok(()),
        Some(_) => Err(os::error(rustix::io::Errno::EXIST)),
    }
}

/// Opens the partial directory that was just made, by the one name that `Anchor` refuses.
fn open_made(dir: &Dir, name: &str) -> Result<Dir> {
    use rustix::fs::{OFlags, openat};

    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    let fd = openat(dir, name, flags, Bits::empty()).map_err(os::error)?;
    let node = Node::of(&fd)?;
    node.expect(Kind::Directory)?;
    Ok(Dir { fd, id: node.id })
}

/// Makes the file `name` of `dir` with what `source` holds.
fn fill(source: &OpenFile, to: End<'_>, dir: &Dir, name: &str) -> Result<()> {
    let access = Access { read: false, write: true };
    let executable = source.node()?.executable;
    let target = open::create(to.root, dir, name, Create { access, executable })?;
    let chunk = u32::try_from(STREAM_CHUNK_BYTES)
        .map_err(|_| Error::new(Code::Internal, "a chunk is over 4 GiB"))?;
    let mut offset = 0;
    loop {
        (to.patience)()?;
        let bytes = source.read(offset, chunk)?;
        if bytes.is_empty() {
            return Ok(());
        }
        target.put(offset, &bytes)?;
        offset += bytes.len() as u64;
    }
}
