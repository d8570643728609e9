//! A log without the kernel that writes it: looking at it changes nothing in the folder.

use std::path::{Path, PathBuf};

use super::{
    chain::Digest,
    entry::{Context, Entry},
    folder::Folder,
    kind::Kind,
    log::{Log, Options},
    prune::{self, Pruned, Until},
    reader::{Item, Reader},
    segment::HEADER_BYTES,
    tree::{self, Hash},
    verify::{self, Report},
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const ROOTS: usize = limits::AUDIT_VERIFY_ROOTS as usize;

/// One record with the proof that it is in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Its record hash.
    pub hash: Digest,
    /// RFC 6962 inclusion proof of leaf sequence - 1, leaf to root.
    pub proof: Vec<Hash>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
    origin: Digest,
}

impl Archive {
    /// The log in a folder. Errors: `ASTRID_AUDIT_WRITE` (can't be read, or is no log),
    /// `ASTRID_AUDIT_CORRUPT` (its origin).
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self { folder: folder.to_owned(), origin: Reader::origin_of(folder)? })
    }

    /// The log's origin.
    pub fn origin(&self) -> &Digest {
        &self.origin
    }

    /// Written records from sequence `from` on, at most `limit`, without those whose bodies were
    /// pruned. Errors: as [`Reader::next_item`].
    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Item>> {
        Reader::open_at(&self.folder, from)?.read_whole(limit)
    }

    /// Recomputes the whole log as it is when the call begins: every header, hash, link, number and
    /// field. Also says the roots at `sizes`, which are ascending and at most `audit-verify-roots`.
    /// Needs no salts and memory for no more than the roots.
    ///
    /// Errors: `ASTRID_INVALID` (sizes), `ASTRID_AUDIT_WRITE` (can't be read). Content that does
    /// not verify is no error but the report's break.
    pub fn verify(&self, sizes: &[u64]) -> Result<Report> {
        if sizes.len() > ROOTS || !sizes.is_sorted() {
            let message = "sizes are not ascending, or more than audit-verify-roots";
            return Err(Error::new(Code::Invalid, message));
        }
        verify::verify(&self.folder, &self.origin, sizes)
    }

    /// Proves that record `sequence` is in the tree of `size` records, all of which are read and
    /// checked against the chain.
    ///
    /// Errors: `ASTRID_INVALID` unless `sequence` is from 1 to `size`, `ASTRID_NOT_FOUND` when the
    /// log has fewer, `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn prove(&self, sequence: u64, size: u64) -> Result<Proved> {
        let bad = || Error::new(Code::Invalid, "sequence is not from 1 to size");
        let index = sequence.checked_sub(1).ok_or_else(bad)?;
        let mut proof = tree::inclusion(index, size).ok_or_else(bad)?;
        let mut reader = Reader::open(&self.folder)?;
        let mut hash = None;
        for at in 0..size {
            let few = || Error::new(Code::NotFound, format!("the log has only {at} records"));
            let entry = reader.next_hash()?.ok_or_else(few)?;
            proof.feed(at, &entry);
            if at == index {
                hash = Some(entry);
            }
        }
        hash.map(|hash| Proved { hash, proof: proof.hashes() }).ok_or_else(bad)
    }

    /// What [`Archive::prune`] would take out. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`
    /// (can't be read).
    pub fn prunable(&self, until: Until) -> Result<Pruned> {
        prune::survey(&Folder::existing(&self.folder), &self.origin, until)
    }

    /// Takes the bodies of records up to `through` out, except those of the kinds that stay. First
    /// `receipt` is recorded, durably and in a segment of its own; its sequence.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`, `ASTRID_BUSY` (another prunes). What
    /// was taken out until then stays out.
    pub fn prune(&self, through: u64, receipt: &str) -> Result<(u64, Pruned)> {
        let segment_bytes = HEADER_BYTES as u64;
        let log = Log::open(&self.folder, &Options { segment_bytes, ..Options::default() })?;
        let entry = Entry { resource: Some(receipt), ..Entry::new(Kind::LogPruned, log.mono_ns()) };
        let sequence = log.append(&Context::kernel(), &entry)?.wait_written()?;
        // Closing makes it durable.
        log.close()?;
        let folder = Folder::existing(&self.folder);
        Ok((sequence, prune::prune(&folder, &self.origin, through)?))
    }
}
