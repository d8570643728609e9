//! What the calls of `fs.wit` take: permits, and the gate for what only turns up on the way.

use crate::{
    base::error::{Code, Error, Refusal, Result},
    gate::{
        path::{ResourcePath, Tree},
        permit::Permit,
        verb::Verb,
    },
};

/// Asks the gate about what only turns up during a call.
pub trait Decide {
    /// A permit for one entry. The error is the refusal the guest may see.
    fn entry(&mut self, verb: Verb, path: ResourcePath) -> Result<Permit<ResourcePath>>;

    /// A permit for a directory that moves with all below it.
    fn tree(&mut self, verb: Verb, tree: Tree) -> Result<Permit<Tree>>;
}

/// What a file is opened with.
#[derive(Debug)]
pub enum OpenPermit {
    /// `fs.read`, for a mode that only reads.
    Read(Permit<ResourcePath>),
    /// `fs.write`, for a mode that only writes.
    Write(Permit<ResourcePath>),
    /// Both, on one path.
    ReadWrite(Permit<ResourcePath>, Permit<ResourcePath>),
}

/// What a rename takes.
#[derive(Debug)]
pub struct RenamePermits {
    /// `fs.read` on the old name.
    pub read_from: Permit<ResourcePath>,
    /// `fs.write` on the old name.
    pub write_from: Permit<ResourcePath>,
    /// `fs.write` on the new name.
    pub write_to: Permit<ResourcePath>,
}

/// What a copy takes.
#[derive(Debug)]
pub struct CopyPermits {
    /// `fs.read` on the original.
    pub read_from: Permit<ResourcePath>,
    /// `fs.write` on the copy.
    pub write_to: Permit<ResourcePath>,
}

/// The resource of a permit for `verb`. `ASTRID_INTERNAL` for a permit of another verb.
pub(super) fn resource<R>(permit: &Permit<R>, verb: Verb) -> Result<&R> {
    if permit.verb() == verb { Ok(permit.resource()) } else { Err(misused()) }
}

/// Asks for a permit for one entry below `top` and uses it up. A refusal speaks of `top`: it must
/// not tell the guest what is inside.
pub(super) fn ask_entry(
    decide: &mut dyn Decide,
    verb: Verb,
    path: &ResourcePath,
    top: &ResourcePath,
) -> Result<()> {
    let permit = decide.entry(verb, path.clone()).map_err(|error| about(error, top))?;
    expect_same(resource(&permit, verb)?, path)
}

/// Asks for a permit for all of the directory `path`, as `ask_entry`.
pub(super) fn ask_tree(decide: &mut dyn Decide, verb: Verb, path: &ResourcePath) -> Result<()> {
    let permit = decide.tree(verb, Tree(path.clone())).map_err(|error| about(error, path))?;
    expect_same(&resource(&permit, verb)?.0, path)
}

/// `ASTRID_INTERNAL` unless two permits are about one path.
pub(super) fn expect_same(one: &ResourcePath, other: &ResourcePath) -> Result<()> {
    if one == other { Ok(()) } else { Err(misused()) }
}

/// A bug in what calls the service.
pub(super) fn misused() -> Error {
    Error::new(Code::Internal, "the permits are not those of this call")
}

fn about(error: Error, top: &ResourcePath) -> Error {
    match error.refusal {
        Some(refusal) => Error::denied(Refusal { resource: top.to_string(), ..*refusal }),
        None => error,
    }
}
