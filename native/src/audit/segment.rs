//! Segment files: their names, and the header that ties each to the chain.

use std::{fs::File, os::unix::fs::FileExt};

use super::{chain, chain::Digest, fault, folder::Folder};
use crate::base::{error::Result, limits};

/// Bytes of a segment's header.
pub const HEADER_BYTES: usize = 88;
/// No segment is longer: it is sealed before it would be, but for one batch in a fresh one.
const BYTES_MAX: u64 = limits::AUDIT_SEGMENT_BYTES + limits::AUDIT_BATCH_BYTES;
const MAGIC: [u8; 8] = *b"ASTRLOG\n";
const ORIGIN_MAGIC: [u8; 8] = *b"ASTRORG\n";
const SALTS_MAGIC: [u8; 8] = *b"ASTRSLT\n";
const VERSION: u32 = 1;

/// The file whose lock orders the writers of all processes.
pub const LOCK: &str = "lock";
/// The file that names the log: magic, version, origin.
pub const ORIGIN: &str = "origin";
const ORIGIN_BYTES: usize = 44;
/// Bytes before the first salt.
pub const SALTS_HEADER_BYTES: usize = 16;

/// Name of the n-th segment, from 1.
pub fn name(number: u32) -> String {
    format!("segment-{number:08}.log")
}

/// Name of the salts beside it.
pub fn salts_name(number: u32) -> String {
    format!("segment-{number:08}.salts")
}

/// Name of the tree before it.
pub fn tree_name(number: u32) -> String {
    format!("segment-{number:08}.tree")
}

/// Name of the index over it.
pub fn index_name(number: u32) -> String {
    format!("segment-{number:08}.index")
}

/// The number in a segment's name, or none if it isn't one.
pub fn number(file: &str) -> Option<u32> {
    let digits = file.strip_prefix("segment-")?.strip_suffix(".log")?;
    let number = digits.parse().ok()?;
    (number > 0 && name(number) == file).then_some(number)
}

/// A place in the log: just before the record `next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Segment, from 1.
    pub number: u32,
    /// Offset in the segment.
    pub offset: u64,
    /// Sequence of the record that begins here.
    pub next: u64,
    /// Link of the record before.
    pub link: Digest,
}

impl Place {
    /// Where the log with this origin begins.
    pub fn first(origin: &Digest) -> Self {
        Self { number: 1, offset: HEADER_BYTES as u64, next: 1, link: chain::genesis(origin) }
    }

    /// Where the next segment begins, if this is where its predecessor ends.
    pub fn next_segment(&self) -> Self {
        Self { number: self.number + 1, offset: HEADER_BYTES as u64, ..*self }
    }

    /// The header of the segment that begins here.
    pub fn header(&self, origin: &Digest) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        out[0..8].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&VERSION.to_le_bytes());
        out[12..16].copy_from_slice(&self.number.to_le_bytes());
        out[16..48].copy_from_slice(origin);
        out[48..56].copy_from_slice(&self.next.to_le_bytes());
        out[56..88].copy_from_slice(&self.link);
        out
    }

    /// The place after a header. Errors: `ASTRID_AUDIT_CORRUPT` when it isn't the header of segment
    /// `number` of the log with this origin.
    pub fn of_header(bytes: &[u8; HEADER_BYTES], number: u32, origin: &Digest) -> Result<Self> {
        let mut place = Self { number, offset: HEADER_BYTES as u64, next: 0, link: [0; 32] };
        let mut next = [0; 8];
        next.copy_from_slice(&bytes[48..56]);
        place.next = u64::from_le_bytes(next);
        place.link.copy_from_slice(&bytes[56..88]);
        if place.next == 0 || place.header(origin) != *bytes {
            return Err(fault::corrupt(&name(number), "not a segment of this log"));
        }
        if number == 1 && place != Self::first(origin) {
            return Err(fault::corrupt(&name(number), "doesn't begin at the log's origin"));
        }
        Ok(place)
    }
}

/// Opens a segment; also where its first record begins. Errors: `ASTRID_AUDIT_CORRUPT` when it is
/// missing or has another header, `ASTRID_AUDIT_WRITE`.
pub fn open(folder: &Folder, number: u32, origin: &Digest, write: bool) -> Result<(File, Place)> {
    let name = name(number);
    let file = folder.open(&name, write)?.ok_or_else(|| fault::corrupt(&name, "missing"))?;
    let place = read_header(&file, number, origin)?;
    Ok((file, place))
}

/// How long a segment is. Errors: `ASTRID_AUDIT_CORRUPT` when no writer makes one so long: a file
/// with a hole would take for ever to read.
pub fn length(file: &File, number: u32) -> Result<u64> {
    let name = name(number);
    let length = file.metadata().map_err(|e| fault::write("read", name.as_ref(), e))?.len();
    if length > BYTES_MAX {
        return Err(fault::corrupt(&name, "longer than a segment can be"));
    }
    Ok(length)
}

/// Reads and checks a segment's header; where its first record begins.
pub fn read_header(file: &File, number: u32, origin: &Digest) -> Result<Place> {
    let mut header = [0; HEADER_BYTES];
    file.read_exact_at(&mut header, 0)
        .map_err(|e| fault::corrupt(&name(number), format!("no header: {e}")))?;
    Place::of_header(&header, number, origin)
}

/// The content of the origin file.
pub fn origin_file(origin: &Digest) -> [u8; ORIGIN_BYTES] {
    let mut out = [0; ORIGIN_BYTES];
    out[0..8].copy_from_slice(&ORIGIN_MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..44].copy_from_slice(origin);
    out
}

/// The origin in an origin file. Errors: `ASTRID_AUDIT_CORRUPT`.
pub fn origin_of(bytes: &[u8]) -> Result<Digest> {
    let mut origin = [0; 32];
    if bytes.len() == ORIGIN_BYTES {
        origin.copy_from_slice(&bytes[12..44]);
        if origin_file(&origin) == bytes {
            return Ok(origin);
        }
    }
    Err(fault::corrupt(ORIGIN, "not a log's origin"))
}

/// The header of a segment's salts.
pub fn salts_header(number: u32) -> [u8; SALTS_HEADER_BYTES] {
    let mut out = [0; SALTS_HEADER_BYTES];
    out[0..8].copy_from_slice(&SALTS_MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&number.to_le_bytes());
    out
}
