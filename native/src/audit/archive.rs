//! A log without the kernel that writes it: looking at it changes nothing in the folder but what is
//! derived.

use std::{
    fmt, mem,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    chain::Digest,
    entry::{Context, Entry},
    folder::Folder,
    forget::{self, Forgotten},
    kind::Kind,
    log::{Log, Options},
    opening::{self, Kept},
    prove::{self, Proved, Wanted},
    prune::{self, Pruned, Until},
    query::{self, Page, Part, Query},
    reader::Reader,
    segment::HEADER_BYTES,
    tiles,
    tree::Hash,
    verify::{self, Report},
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const ROOTS: usize = limits::AUDIT_VERIFY_ROOTS as usize;

/// See the module.
pub struct Archive {
    folder: PathBuf,
    origin: Digest,
    /// The segment that was looked through last.
    held: Mutex<Option<Part>>,
    /// Records that the verification under way has seen.
    seen: AtomicU64,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Archive {
    /// The log in a folder. Errors: `ASTRID_AUDIT_WRITE` (can't be read, or is no log),
    /// `ASTRID_AUDIT_CORRUPT` (its origin).
    pub fn open(folder: &Path) -> Result<Self> {
        let origin = Reader::origin_of(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            origin,
            held: Mutex::default(),
            seen: AtomicU64::new(0),
        })
    }

    /// The log's origin.
    pub fn origin(&self) -> &Digest {
        &self.origin
    }

    /// The next of the records that a query wants, after at most `audit-query-segments` segments.
    /// What comes before a record's segment is not verified.
    ///
    /// Errors: `ASTRID_INVALID` (a limit of 0, a pattern longer than `audit-text-bytes`),
    /// `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn query(&self, query: &Query) -> Result<Page> {
        query.check()?;
        // Taken, so that queries side by side don't wait for each other.
        let held = || self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut part = mem::take(&mut *held());
        let page = query::search(&Folder::existing(&self.folder), &self.origin, query, &mut part);
        *held() = part;
        page
    }

    /// Recomputes the whole log as it is when the call begins: every header, hash, link, number and
    /// field, and which decisions have no outcome. Also says the roots at `sizes`, which are
    /// ascending and at most `audit-verify-roots`. One pass, without salts; memory for no more than
    /// the roots and `audit-verify-open-decisions`.
    ///
    /// Errors: `ASTRID_INVALID` (sizes), `ASTRID_AUDIT_WRITE` (can't be read). Content that does
    /// not verify is no error but the report's break.
    pub fn verify(&self, sizes: &[u64]) -> Result<Report> {
        if sizes.len() > ROOTS || !sizes.is_sorted() {
            let message = "sizes are not ascending, or more than audit-verify-roots";
            return Err(Error::new(Code::Invalid, message));
        }
        verify::verify(&self.folder, &self.origin, sizes, &self.seen)
    }

    /// How many records the verification that runs has seen, or the last one saw.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Proves that record `sequence` is in the tree of `size` records with this root: by the
    /// indexes, which are made where they are missing, else by all records.
    ///
    /// Errors: `ASTRID_INVALID` unless `sequence` is from 1 to `size`, `ASTRID_NOT_FOUND` when the
    /// log has fewer, `ASTRID_AUDIT_ROOT` when its first records have another root,
    /// `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn prove(&self, sequence: u64, size: u64, root: &Hash) -> Result<Proved> {
        let bad = || Error::new(Code::Invalid, "sequence is not from 1 to size");
        let index = sequence.checked_sub(1).ok_or_else(bad)?;
        let folder = Folder::existing(&self.folder);
        prove::prove(&folder, &self.origin, &Wanted { index, size, root })
    }

    /// What [`Archive::prune`] would take out. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`
    /// (can't be read).
    pub fn prunable(&self, until: Until) -> Result<Pruned> {
        prune::survey(&Folder::existing(&self.folder), &self.origin, until)
    }

    /// What is kept of a record's arguments. Errors: `ASTRID_NOT_FOUND` (no such record, or its
    /// body was pruned), `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn kept(&self, sequence: u64) -> Result<Kept> {
        opening::kept(&self.folder, sequence)
    }

    /// Whether these framed arguments are what a record committed to. Errors: as
    /// [`Archive::kept`], and `ASTRID_NOT_FOUND` without a commitment or its salt.
    pub fn commits(&self, sequence: u64, framed: &[u8]) -> Result<bool> {
        opening::commits(&self.folder, sequence, framed)
    }

    /// Destroys texts and salts of these records, once `receipt` is recorded durably; its sequence.
    ///
    /// Errors: `ASTRID_NOT_FOUND` (they aren't all there; nothing is recorded),
    /// `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`, `ASTRID_BUSY` (another prunes).
    pub fn forget(&self, range: &RangeInclusive<u64>, receipt: &str) -> Result<(u64, Forgotten)> {
        let last = *range.end();
        let few = || Error::new(Code::NotFound, format!("the log has no record {last}"));
        if range.is_empty() || *range.start() == 0 {
            return Err(Error::new(Code::Invalid, "no range of records, from 1"));
        }
        Reader::open_at(&self.folder, last)?.next_hash()?.ok_or_else(few)?;
        let sequence = self.record(Options::default(), receipt)?;
        let folder = Folder::existing(&self.folder);
        Ok((sequence, forget::forget(&folder, &self.origin, range)?))
    }

    /// Takes the bodies of records up to `through` out, except those of the kinds that stay. First
    /// `receipt` is recorded, durably and in a segment of its own; its sequence.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`, `ASTRID_BUSY` (another prunes). What
    /// was taken out until then stays out.
    pub fn prune(&self, through: u64, receipt: &str) -> Result<(u64, Pruned)> {
        let segment_bytes = HEADER_BYTES as u64;
        let sequence = self.record(Options { segment_bytes, ..Options::default() }, receipt)?;
        let folder = Folder::existing(&self.folder);
        Ok((sequence, prune::prune(&folder, &self.origin, through)?))
    }

    /// Records the receipt durably; its sequence.
    fn record(&self, options: Options, receipt: &str) -> Result<u64> {
        let log = Log::open(&self.folder, &options)?;
        let entry = Entry { resource: Some(receipt), ..Entry::new(Kind::LogPruned, log.mono_ns()) };
        let sequence = log.append(&Context::kernel(), &entry)?.wait_written()?;
        // Closing makes it durable.
        log.close()?;
        Ok(sequence)
    }

    /// Writes the tree of the first `size` records as tiles (c2sp.org/tlog-tiles), partial ones and
    /// the entries too, into a folder that is made. A folder that is left by an error is no use.
    ///
    /// Errors: `ASTRID_EXISTS` (the folder), `ASTRID_IO` (it can't be written), `ASTRID_NOT_FOUND`
    /// when the log has fewer records, `ASTRID_AUDIT_ROOT` when they have another root,
    /// `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn tiles(&self, size: u64, root: &Hash, target: &Path) -> Result<()> {
        tiles::write(&self.folder, size, root, target)
    }
}
