//! Proofs that a record is in a tree: by the roots of subtrees that indexes keep, else by all
//! records. Either is a proof only if it leads to the root that was asked for.

use super::{
    chain::Digest,
    folder::Folder,
    index::{GROUP_HEIGHT, GROUP_LEAVES},
    query::{Found, Part},
    reader::Reader,
    tree::{self, Hash, Proof, root_by},
};
use crate::base::error::{Code, Error, Result};

/// One record with the proof that it is in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Its record hash.
    pub hash: Digest,
    /// RFC 6962 inclusion proof of leaf sequence - 1, leaf to root.
    pub proof: Vec<Hash>,
}

/// A tree of the log, and the leaf to be proved in it.
pub struct Wanted<'a> {
    pub index: u64,
    pub size: u64,
    pub root: &'a Hash,
}

/// See [`super::Archive::prove`].
pub fn prove(folder: &Folder, origin: &Digest, wanted: &Wanted<'_>) -> Result<Proved> {
    match by_indexes(folder, origin, wanted) {
        Ok(Some(proved)) => return Ok(proved),
        Err(error) if error.code != Code::AuditCorrupt => return Err(error),
        // Perhaps it is only an index that is wrong.
        _ => {}
    }
    let what = || format!("the first {} records are not those of that root", wanted.size);
    by_records(folder, wanted)?.ok_or_else(|| Error::new(Code::AuditRoot, what()))
}

/// A proof while the leaves go by.
struct Making<'a> {
    wanted: &'a Wanted<'a>,
    proof: Proof,
    hash: Option<Digest>,
    /// Leaves so far.
    at: u64,
}

impl<'a> Making<'a> {
    fn of(wanted: &'a Wanted<'a>) -> Result<Self> {
        let bad = || Error::new(Code::Invalid, "sequence is not from 1 to size");
        let proof = tree::inclusion(wanted.index, wanted.size).ok_or_else(bad)?;
        Ok(Self { wanted, proof, hash: None, at: 0 })
    }

    fn leaf(&mut self, entry: &Digest) {
        self.proof.feed(self.at, entry);
        if self.at == self.wanted.index {
            self.hash = Some(*entry);
        }
        self.at += 1;
    }

    fn few(&self) -> Error {
        Error::new(Code::NotFound, format!("the log has only {} records", self.at))
    }

    /// None if it doesn't lead to the root.
    fn end(self) -> Option<Proved> {
        let Wanted { index, size, root } = *self.wanted;
        let (hash, proof) = (self.hash?, self.proof.hashes());
        (root_by(&proof, &hash, (index, size)) == Some(*root)).then_some(Proved { hash, proof })
    }
}

fn by_records(folder: &Folder, wanted: &Wanted<'_>) -> Result<Option<Proved>> {
    let mut making = Making::of(wanted)?;
    let mut reader = Reader::open(folder.path())?;
    while making.at < wanted.size {
        let entry = reader.next_hash()?.ok_or_else(|| making.few())?;
        making.leaf(&entry);
    }
    Ok(making.end())
}

fn by_indexes(folder: &Folder, origin: &Digest, wanted: &Wanted<'_>) -> Result<Option<Proved>> {
    let mut making = Making::of(wanted)?;
    while making.at < wanted.size {
        let found = Found::open(folder, origin, making.at + 1)?;
        let part = Part::open(folder, &found, None, false)?;
        if part.end().next <= making.at + 1 {
            return Err(making.few());
        }
        segment(&mut making, &found, &part)?;
    }
    Ok(making.end())
}

/// Feeds the leaves of one segment, most of them by the roots of their subtrees.
fn segment(making: &mut Making<'_>, found: &Found, part: &Part) -> Result<()> {
    let begin = part.index().begin.next - 1;
    let end = (part.end().next - 1).min(making.wanted.size);
    let leaves_to = |making: &mut Making<'_>, to: u64| -> Result<()> {
        let rows = (making.at - begin) as usize..(to - begin) as usize;
        let hashes = if rows.is_empty() { vec![] } else { part.hashes(&found.file, rows)? };
        hashes.iter().for_each(|hash| making.leaf(hash));
        Ok(())
    };
    for group in &part.index().groups {
        // What lies before the first group belongs to one that begins in an earlier segment.
        let start = making.at.next_multiple_of(GROUP_LEAVES);
        if start + GROUP_LEAVES > end {
            break;
        }
        leaves_to(making, start)?;
        if making.proof.feed_subtree(start, group, GROUP_HEIGHT) {
            making.at = start + GROUP_LEAVES;
        } else {
            leaves_to(making, start + GROUP_LEAVES)?;
        }
    }
    leaves_to(making, end)
}
