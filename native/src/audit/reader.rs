//! Reads the log: each record decoded and checked against the chain, then what is appended since.

use std::{fs::File, path::Path, sync::Arc};

use super::{
    chain::Digest,
    decode::decode,
    fault,
    folder::Folder,
    origin,
    record::Record,
    salts,
    scan::{Frame, Scan, Step},
    segment::{self, HEADER_BYTES, LOCK, ORIGIN, Place},
};
use crate::base::error::{Error, Result};

/// A record as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its sequence.
    pub sequence: u64,
    /// Its record hash.
    pub hash: Digest,
    /// Its link: commits to it and to all records before.
    pub link: Digest,
    /// Its fields; none once its body is pruned.
    pub record: Option<Record<'static>>,
}

/// A place in a log that only moves forward.
pub struct Reader {
    folder: Folder,
    lock: Arc<File>,
    origin: Digest,
    file: File,
    scan: Scan,
    torn: u64,
}

impl Reader {
    /// Opens a log at its first record. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't
    /// be read, or is no log).
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_by(folder, |folder, origin| segment::open(folder, 1, origin, false))
    }

    /// Opens a log at a record that may not be written yet. What comes before its segment is not
    /// verified. Errors: as [`Reader::open`].
    pub fn open_at(folder: &Path, sequence: u64) -> Result<Self> {
        let mut reader =
            Self::open_by(folder, |folder, origin| segment_of(folder, origin, sequence))?;
        while reader.scan.at.next < sequence && reader.next_hash()?.is_some() {}
        Ok(reader)
    }

    /// The origin of the log in a folder. Errors: as [`Reader::open`].
    pub(super) fn origin_of(folder: &Path) -> Result<Digest> {
        origin::open(&Folder::existing(folder))?.ok_or_else(no_log)
    }

    fn open_by(
        folder: &Path,
        find: impl FnOnce(&Folder, &Digest) -> Result<(File, Place)>,
    ) -> Result<Self> {
        let folder = Folder::existing(folder);
        let lock = Arc::new(folder.open(LOCK, false)?.ok_or_else(no_log)?);
        let origin = origin::open(&folder)?.ok_or_else(no_log)?;
        let (file, at) = find(&folder, &origin)?;
        let scan = Scan::new(at, at.offset);
        Ok(Self { folder, lock, origin, file, scan, torn: 0 })
    }

    /// The next record, or none if there is none yet: call again to follow the log.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT` when it doesn't verify, has a wrong number or doesn't decode.
    pub fn next_item(&mut self) -> Result<Option<Item>> {
        self.next_by(item)
    }

    /// As [`Reader::next_item`], without decoding: the record hash.
    pub(super) fn next_hash(&mut self) -> Result<Option<Digest>> {
        self.next_by(|frame, _| Ok(frame.hash))
    }

    /// `read` gets the next frame and the number of its segment.
    pub(super) fn next_by<T>(
        &mut self,
        read: impl FnOnce(&Frame<'_>, u32) -> Result<T>,
    ) -> Result<Option<T>> {
        loop {
            let number = self.scan.at.number;
            match self.scan.step(&self.file)? {
                Step::Frame(frame) => return read(&frame, number).map(Some),
                Step::End => self.torn = 0,
                Step::Torn(bytes) => self.torn = bytes,
            }
            if !self.go_on()? {
                return Ok(None);
            }
        }
    }

    /// All records that were appended since the last call, at most `limit`. Errors: as
    /// [`Reader::next_item`].
    pub fn read_new(&mut self, limit: usize) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        while items.len() < limit {
            match self.next_item()? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    }

    /// Bytes at the end of the log that are no whole record: a crash cut a write short. The next
    /// writer cuts them off and records that.
    pub fn torn_bytes(&self) -> u64 {
        self.torn
    }

    /// The salt of a record's commitment, or none: it never had one, or it was destroyed.
    /// Errors: as [`Reader::open`].
    pub fn salt(&self, sequence: u64) -> Result<Option<Digest>> {
        let (_, place) = segment_of(&self.folder, &self.origin, sequence)?;
        let name = segment::salts_name(place.number);
        let Some(file) = self.folder.open(&name, false)? else { return Ok(None) };
        Ok(salts::find(&salts::read(file, &name)?, sequence))
    }

    /// Where the next record will begin.
    pub(super) fn place(&self) -> &Place {
        &self.scan.at
    }

    /// The last segment and its length, as no writer is changing them.
    pub(super) fn end(&self) -> Result<(u32, u64)> {
        let _held = self.folder.take(&self.lock, true)?;
        let number = origin::last_segment(&self.folder)?;
        let name = segment::name(number);
        let gone = || fault::corrupt(&name, "missing");
        let file = self.folder.open(&name, false)?.ok_or_else(gone)?;
        Ok((number, segment::length(&file, number)?))
    }

    /// Looks for more after the end of what was there; whether there is. The lock is shared with
    /// other readers and held only to look, so that no write is seen half done.
    fn go_on(&mut self) -> Result<bool> {
        let number = self.scan.at.number;
        let _held = self.folder.take(&self.lock, true)?;
        let end = segment::length(&self.file, number)?;
        let more = end != self.scan.end();
        self.scan.set_end(end);
        if more {
            return Ok(true);
        }
        let next = self.scan.at.next_segment();
        let Some(file) = self.folder.open(&segment::name(next.number), false)? else {
            return Ok(false);
        };
        if self.torn > 0 {
            let what = "torn, but not the last segment";
            return Err(fault::corrupt(&segment::name(number), what));
        }
        if segment::read_header(&file, next.number, &self.origin)? != next {
            let what = "doesn't follow the segment before it";
            return Err(fault::corrupt(&segment::name(next.number), what));
        }
        self.file = file;
        self.scan = Scan::new(next, HEADER_BYTES as u64);
        Ok(true)
    }
}

/// The segment that holds a record, or the last if it isn't written yet.
pub(super) fn segment_of(folder: &Folder, origin: &Digest, sequence: u64) -> Result<(File, Place)> {
    let numbers = origin::segments(folder)?;
    let mut low = 0;
    let mut found = None;
    let mut high = numbers.len();
    while low < high {
        let middle = low + (high - low) / 2;
        let (file, place) = segment::open(folder, numbers[middle], origin, false)?;
        if place.next <= sequence.max(1) {
            (low, found) = (middle + 1, Some((file, place)));
        } else {
            high = middle;
        }
    }
    found.ok_or_else(|| fault::corrupt(&segment::name(1), "missing"))
}

fn no_log() -> Error {
    fault::write("read", ORIGIN.as_ref(), "there is no log in this folder")
}

/// The record in a frame of segment `number`; none if its body is pruned.
pub(super) fn record<'a>(frame: &Frame<'a>, number: u32) -> Result<Option<Record<'a>>> {
    frame.body.map(decode).transpose().map_err(|fault| {
        let what = format!("record {} is not canonical: {}", frame.sequence, fault.name());
        fault::corrupt(&segment::name(number), what)
    })
}

pub(super) fn item(frame: &Frame<'_>, number: u32) -> Result<Item> {
    let record = record(frame, number)?.map(Record::into_owned);
    Ok(Item { sequence: frame.sequence, hash: frame.hash, link: frame.link, record })
}
