//! Offline verification: everything is recomputed from the bytes.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    chain::{self, Digest},
    decisions::Decisions,
    fault,
    order::Order,
    queue::Head,
    reader::{self, Reader},
    scan::Frame,
    segment,
    tree::{Frontier, Hash},
};
use crate::base::error::{Code, Error, Result};

/// The first place where a log does not verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// `ASTRID_AUDIT_CORRUPT`, naming file and record.
    pub error: Error,
    /// The first record that is not vouched for; all before are good.
    pub sequence: u64,
}

/// What a log holds, as far as it verifies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records, pruned ones included.
    pub records: u64,
    /// Records of which only the hash is left.
    pub pruned: u64,
    /// Segment files.
    pub segments: u32,
    /// The last record. Compare it with a kept one: a log that was cut at a record, or rewritten as
    /// a whole, verifies too.
    pub head: Head,
    /// Root of the tree over the records.
    pub root: Hash,
    /// Bytes at the end that are no whole record; 0 unless a write was cut short.
    pub torn_bytes: u64,
    /// Roots at the sizes asked for, without those beyond the records.
    pub roots: Vec<Hash>,
    /// Decisions without an outcome.
    pub open_decisions: u64,
    /// The first of them, by sequence.
    pub open_first: Vec<u64>,
    /// Why the rest does not verify, if there is a rest.
    pub fault: Option<Break>,
}

/// See [`super::Archive::verify`]; `seen` tells the records so far to who waits.
pub fn verify(folder: &Path, origin: &Digest, sizes: &[u64], seen: &AtomicU64) -> Result<Report> {
    let mut pass = Pass {
        report: Report::default(),
        tree: Frontier::default(),
        order: Order::default(),
        decisions: Decisions::default(),
        sizes,
        seen,
    };
    pass.report.head.link = chain::genesis(origin);
    let ended = pass.run(folder);
    let Pass { mut report, tree, decisions, .. } = pass;
    report.root = tree.root();
    (report.open_decisions, report.open_first) = (decisions.count(), decisions.first());
    match ended {
        Ok(()) => {}
        Err(error) if error.code == Code::AuditCorrupt => {
            report.fault = Some(Break { error, sequence: report.records + 1 });
        }
        Err(error) => return Err(error),
    }
    Ok(report)
}

/// One reading of a log.
struct Pass<'a> {
    report: Report,
    tree: Frontier,
    order: Order,
    decisions: Decisions,
    seen: &'a AtomicU64,
    /// Those whose roots are still to be said.
    sizes: &'a [u64],
}

impl Pass<'_> {
    fn run(&mut self, folder: &Path) -> Result<()> {
        self.note_roots();
        let mut reader = Reader::open(folder)?;
        // A segment that is missing shows here; what is before the gap is verified all the same.
        let (until, gap) = match reader.end() {
            Ok(end) => (end, Ok(())),
            Err(error) if error.code == Code::AuditCorrupt => ((u32::MAX, 0), Err(error)),
            Err(error) => return Err(error),
        };
        let walked = self.walk(&mut reader, until);
        self.report.segments = reader.place().number;
        self.report.torn_bytes = reader.torn_bytes();
        walked.and(gap)
    }

    fn walk(&mut self, reader: &mut Reader, until: (u32, u64)) -> Result<()> {
        while (reader.place().number, reader.place().offset) < until {
            if reader.next_by(|frame, number| self.take(frame, number))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame<'_>, number: u32) -> Result<()> {
        let record = reader::record(frame, number)?;
        self.order.take(record.as_ref()).map_err(|what| {
            let what = format!("record {} is {what}", frame.sequence);
            fault::corrupt(&segment::name(number), what)
        })?;
        match record {
            Some(record) => self.decisions.take(&record),
            None => self.report.pruned += 1,
        }
        self.tree.push(&frame.hash);
        self.report.records += 1;
        self.report.head = Head { sequence: frame.sequence, link: frame.link };
        self.seen.store(self.report.records, Ordering::Relaxed);
        self.note_roots();
        Ok(())
    }

    /// The root at each wanted size that is reached.
    fn note_roots(&mut self) {
        while let Some((size, rest)) = self.sizes.split_first()
            && *size == self.report.records
        {
            self.report.roots.push(self.tree.root());
            self.sizes = rest;
        }
    }
}
