//! Takes the bodies of old records out of the log. Their hashes, links and numbers stay, so the log
//! verifies, proves and signs as before; and so do the kinds that tell who was given what.

use std::fs::File;

use super::{
    body::WALL_AT,
    chain::Digest,
    fault,
    folder::{Folder, Held},
    frame::Content,
    kind::Kind,
    origin, salts,
    scan::{Frame, Scan, Step},
    segment::{self, LOCK, Place},
    texts,
};
use crate::base::error::{Code, Error, Result};

/// Excludes a second pruner; the log's own lock is for its writers.
const PRUNING: &str = "prune.lock";

/// Up to where bodies go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The first record of that wall time (µs since 1970) or later, and all after it, stay.
    Before(u64),
    /// The records after this one stay.
    Through(u64),
}

/// What can be taken out, or was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// The last record of the range; 0 for none.
    pub through: u64,
    /// Bodies in it that go.
    pub bodies: u64,
    /// Bytes less in the log.
    pub bytes: u64,
}

/// What would be taken out. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
pub fn survey(folder: &Folder, origin: &Digest, until: Until) -> Result<Pruned> {
    let mut found = Pruned::default();
    for number in 1..=origin::last_segment(folder)? {
        let mut segment = Segment::open(folder, origin, number)?;
        while let Some(frame) = segment.next()? {
            if !until.reaches(&frame) {
                return Ok(found);
            }
            found.take(&frame);
        }
    }
    Ok(found)
}

/// Takes the bodies of records up to `through` out, and their texts and salts before; segment by
/// segment, so that stopping anywhere is harmless. The receipt must be durable before, in a segment
/// of its own: the one that is being written stays as it is.
///
/// Errors: `ASTRID_AUDIT_CORRUPT` (that segment stays as it is), `ASTRID_AUDIT_WRITE`,
/// `ASTRID_BUSY` (another prunes).
pub fn prune(folder: &Folder, origin: &Digest, through: u64) -> Result<Pruned> {
    let _alone = alone(folder)?;
    let mut done = Pruned::default();
    for number in 1..origin::last_segment(folder)? {
        if !rewrite(folder, Segment::open(folder, origin, number)?, through, &mut done)? {
            break;
        }
    }
    Ok(done)
}

/// Nobody else prunes or forgets while the value lives. Errors: `ASTRID_BUSY`.
pub fn alone(folder: &Folder) -> Result<Held> {
    let busy = || Error::new(Code::Busy, "another process prunes this log");
    folder.try_take(&folder.lock_file(PRUNING)?.into(), false)?.ok_or_else(busy)
}

/// Prunes one segment; whether the range may go on behind it.
fn rewrite(folder: &Folder, mut from: Segment, through: u64, done: &mut Pruned) -> Result<bool> {
    let (before, number) = (*done, from.scan.at.number);
    let mut bytes = from.header.to_vec();
    let mut gone = Vec::new();
    while let Some(frame) = from.next()? {
        let goes = Until::Through(through).reaches(&frame);
        if goes {
            done.take(&frame);
        }
        match frame.body {
            Some(body) if !goes || is_kept(body) => push(&mut bytes, body, &frame.link),
            Some(_) => {
                gone.push(frame.sequence);
                push_hash(&mut bytes, &frame);
            }
            None => push_hash(&mut bytes, &frame),
        }
    }
    if from.scan.at.offset != from.scan.end() {
        // Written anew it would no longer show.
        return Err(fault::corrupt(&segment::name(number), "torn, but not the last segment"));
    }
    if done.bodies > before.bodies {
        forget(folder, number, &gone)?;
        folder.create_complete(&segment::name(number), &bytes)?;
        // It knows words of what went.
        folder.remove(&segment::index_name(number))?;
    }
    Ok(from.scan.at.next <= through)
}

/// Destroys texts and salts of these records, which ascend.
fn forget(folder: &Folder, number: u32, gone: &[u64]) -> Result<()> {
    texts::remove(folder, number, gone)?;
    let name = segment::salts_name(number);
    let Some(file) = folder.open(&name, false)? else { return Ok(()) };
    let bytes = salts::read(file, &name)?;
    folder.create_complete(&name, &salts::without(&bytes, number, gone))
}

fn push(out: &mut Vec<u8>, body: &[u8], link: &Digest) {
    out.extend_from_slice(&Content::Body(body.len()).word());
    out.extend_from_slice(body);
    out.extend_from_slice(link);
}

fn push_hash(out: &mut Vec<u8>, frame: &Frame<'_>) {
    out.extend_from_slice(&Content::Hash.word());
    out.extend_from_slice(&frame.hash);
    out.extend_from_slice(&frame.link);
}

impl Until {
    /// Whether the range goes on over this frame.
    fn reaches(self, frame: &Frame<'_>) -> bool {
        match self {
            Self::Through(last) => frame.sequence <= last,
            // A body that was pruned is older than what was not.
            Self::Before(wall_us) => frame.body.is_none_or(|body| wall(body) < wall_us),
        }
    }
}

impl Pruned {
    fn take(&mut self, frame: &Frame<'_>) {
        self.through = frame.sequence;
        if let Some(body) = frame.body.filter(|body| !is_kept(body)) {
            self.bodies += 1;
            self.bytes += body.len().saturating_sub(Content::Hash.bytes()) as u64;
        }
    }
}

fn wall(body: &[u8]) -> u64 {
    let bytes = body.get(WALL_AT..).and_then(<[u8]>::first_chunk);
    // No such record is written; it ends the range.
    bytes.map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
}

/// What doesn't say what it is stays.
fn is_kept(body: &[u8]) -> bool {
    let kind = body.first_chunk().and_then(|code| Kind::of(u16::from_le_bytes(*code)));
    kind.is_none_or(|kind| kind.row().is_kept)
}

/// A segment that is read to its end.
struct Segment {
    file: File,
    header: [u8; segment::HEADER_BYTES],
    scan: Scan,
}

impl Segment {
    fn open(folder: &Folder, origin: &Digest, number: u32) -> Result<Self> {
        let (file, at) = segment::open(folder, number, origin, false)?;
        // No write is seen half done.
        let _held = folder.take(&folder.lock_file(LOCK)?.into(), true)?;
        let end = segment::length(&file, number)?;
        Ok(Self { file, header: Place::header(&at, origin), scan: Scan::new(at, end) })
    }

    fn next(&mut self) -> Result<Option<Frame<'_>>> {
        match self.scan.step(&self.file)? {
            Step::Frame(frame) => Ok(Some(frame)),
            // The last segment's torn end is cut off by the next who writes.
            Step::End | Step::Torn(_) => Ok(None),
        }
    }
}
