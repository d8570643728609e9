//! Offline verification: everything is recomputed from the bytes.

use std::path::Path;

use super::{queue::Head, reader::Reader};
use crate::base::error::Result;

/// What a verified log holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// Bytes at the end that are no whole record; 0 unless a write was cut short.
    pub torn_bytes: u64,
}

/// Recomputes the whole log as it is when the call begins: every header, hash, link, number and
/// field. Needs no salts and changes nothing.
///
/// Errors: `ASTRID_AUDIT_CORRUPT` naming segment and record, `ASTRID_AUDIT_WRITE` (can't be read,
/// or is no log).
pub fn verify(folder: &Path) -> Result<Report> {
    let mut reader = Reader::open(folder)?;
    let end = reader.end()?;
    let head = Head { sequence: 0, link: reader.place().link };
    let mut report = Report { head, segments: 1, ..Report::default() };
    while (reader.place().number, reader.place().offset) < end {
        let Some(item) = reader.next_item()? else { break };
        report.records += 1;
        report.pruned += u64::from(item.record.is_none());
        report.head = Head { sequence: item.sequence, link: item.link };
    }
    report.segments = reader.place().number;
    report.torn_bytes = reader.torn_bytes();
    Ok(report)
}
