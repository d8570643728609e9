//! One segment with its index, as far as it was written when it was opened.

use std::{fs::File, mem, ops::Range, os::unix::fs::FileExt, sync::Arc};

use super::{Query, sieve::Sieve};
use crate::{
    audit::{
        chain::Digest,
        fault,
        folder::Folder,
        frame::LINK_BYTES,
        index::{self, Index, Maker},
        reader::{self, Item, record},
        record::Record,
        scan::{Scan, Step},
        segment::{self, Place},
    },
    base::{
        error::{Error, Result},
        limits,
    },
};

const SAVE_BYTES: u64 = limits::AUDIT_INDEX_SAVE_BYTES;

/// A segment as it is found.
pub struct Found {
    /// Open for reading.
    pub file: File,
    /// Before its first record.
    pub begin: Place,
    /// After its last record; none if no other segment follows yet.
    pub end: Option<Place>,
    /// Its bytes, as no writer is changing them.
    pub length: u64,
}

impl Found {
    /// The segment that holds a record, or the last if it isn't written yet.
    pub fn open(folder: &Folder, origin: &Digest, sequence: u64) -> Result<Self> {
        let lock = folder.open("lock", false)?.ok_or_else(|| fault::corrupt("lock", "missing"))?;
        // Only to look, so that no write is seen half done.
        let _held = folder.take(&Arc::new(lock), true)?;
        let (file, begin) = reader::segment_of(folder, origin, sequence)?;
        let next = begin.number + 1;
        let header = |file: File| segment::read_header(&file, next, origin);
        let after = folder.open(&segment::name(next), false)?.map(header).transpose()?;
        let length = segment::length(&file, begin.number)?;
        let end = after.map(|next| Place { number: begin.number, offset: length, ..next });
        Ok(Self { file, begin, end, length })
    }
}

/// See the module.
pub struct Part {
    number: u32,
    indexed: Indexed,
    /// Whether the index is of the records alone, and not of a file.
    is_own: bool,
    /// Up to where the file's index goes.
    saved: u64,
}

enum Indexed {
    /// As it was read.
    Loaded(Box<Index>),
    /// As it is being made.
    Made(Box<Maker>),
}

/// What a segment holds of what was asked.
pub struct Hits {
    pub items: Vec<Item>,
    /// Where to look on in this segment, if not all of it was looked at.
    pub next: Option<u64>,
}

impl Part {
    /// By what was `held` since an earlier call or, unless `by_records`, by the file; what that
    /// lacks is taken from the records, and saved if that is much and can be done.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn open(
        folder: &Folder,
        found: &Found,
        held: Option<Self>,
        by_records: bool,
    ) -> Result<Self> {
        let usable = |part: &Self| (part.is_own || !by_records) && part.fits(found);
        let load = || {
            let index = if by_records { None } else { index::load(folder, &found.begin) }?;
            Some(Self::of(index, false)).filter(usable)
        };
        let part = held.filter(usable).or_else(load);
        let mut part = part.unwrap_or_else(|| Self::of(Index::new(found.begin), true));
        part.grow(found)?;
        let end = part.end().offset;
        let is_due =
            if found.end.is_some() { end > part.saved } else { end >= part.saved + SAVE_BYTES };
        if is_due && !by_records {
            // It only saves time: who may not write here goes without.
            let _ = index::save(folder, part.indexed.index());
            part.saved = end;
        }
        Ok(part)
    }

    fn of(index: Index, is_own: bool) -> Self {
        let saved = if is_own { 0 } else { index.end.offset };
        let number = index.begin.number;
        Self { number, indexed: Indexed::Loaded(Box::new(index)), is_own, saved }
    }

    /// Whether the index is of this segment's first records: the last of their links is where it
    /// says.
    fn fits(&self, found: &Found) -> bool {
        let Index { begin, end, .. } = self.indexed.index();
        *begin == found.begin
            && end.offset <= found.length
            && link_before(&found.file, end.offset) == Some(end.link)
    }

    /// Takes what the segment has by now, and checks that a whole one ends where the next begins.
    fn grow(&mut self, found: &Found) -> Result<()> {
        let mut torn = 0;
        if self.end().offset < found.length {
            let none = Indexed::Loaded(Box::new(Index::new(found.begin)));
            let mut maker = match mem::replace(&mut self.indexed, none) {
                Indexed::Loaded(index) => Box::new(Maker::of(*index)),
                Indexed::Made(maker) => maker,
            };
            torn = maker.take(&found.file, found.length)?;
            self.indexed = Indexed::Made(maker);
        }
        match &found.end {
            Some(_) if torn > 0 => {
                let what = "torn, but not the last segment";
                Err(fault::corrupt(&segment::name(self.number), what))
            }
            Some(end) if self.end() != end => {
                let what = "doesn't follow the segment before it";
                Err(fault::corrupt(&segment::name(self.number + 1), what))
            }
            _ => Ok(()),
        }
    }

    /// What the segment's records are by the index.
    pub fn index(&self) -> &Index {
        self.indexed.index()
    }

    /// The record hashes of these rows, each checked against the links around it. Errors: as
    /// [`Part::find`].
    pub fn hashes(&self, file: &File, rows: Range<usize>) -> Result<Vec<Digest>> {
        let mut scan = self.scan(file, rows.clone())?;
        let step = |_| match scan.step(file)? {
            Step::Frame(frame) => Ok(frame.hash),
            _ => Err(self.misled()),
        };
        rows.map(step).collect()
    }

    /// Where the next segment begins, or the next record will.
    pub fn end(&self) -> &Place {
        &self.indexed.index().end
    }

    /// At most `room` of the records that are wanted, from sequence `from` on in the query's
    /// direction. Each is read from the segment, checked against the links around it and asked
    /// again.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, which may be the index's fault, `ASTRID_AUDIT_WRITE`.
    pub fn find(&self, file: &File, query: &Query, (from, room): (u64, usize)) -> Result<Hits> {
        let index = self.indexed.index();
        let sieve = Sieve::new(&query.filter, index);
        let first = index.begin.next;
        let newest = query.newest_first;
        let upto = |sequence: u64| {
            usize::try_from(sequence.saturating_sub(first))
                .map_or(index.rows.len(), |row| row.min(index.rows.len()))
        };
        let mut rows =
            if newest { 0..upto(from.saturating_add(1)) } else { upto(from)..index.rows.len() };
        let mut items = Vec::new();
        while items.len() < room && !rows.is_empty() {
            let hits = self.pick(&sieve, &mut rows, newest, room - items.len());
            let mut read = self.read(file, query, &hits)?;
            if newest {
                read.reverse();
            }
            items.append(&mut read);
        }
        let on = if newest { rows.end.saturating_sub(1) } else { rows.start };
        let next = (!rows.is_empty()).then_some(first + on as u64);
        Ok(Hits { items, next })
    }

    /// Takes the next rows that pass off `rows`; ascending.
    fn pick(
        &self,
        sieve: &Sieve<'_>,
        rows: &mut Range<usize>,
        newest: bool,
        room: usize,
    ) -> Vec<usize> {
        let all = &self.indexed.index().rows;
        let passes = |row: &usize| sieve.passes(&all[*row]);
        let mut hits: Vec<usize> = if newest {
            rows.clone().rev().filter(passes).take(room).collect()
        } else {
            rows.clone().filter(passes).take(room).collect()
        };
        *rows = match hits.last() {
            Some(last) if hits.len() == room && newest => rows.start..*last,
            Some(last) if hits.len() == room => last + 1..rows.end,
            _ => 0..0,
        };
        if newest {
            hits.reverse();
        }
        hits
    }

    /// The records of these rows, ascending, that are wanted.
    fn read(&self, file: &File, query: &Query, hits: &[usize]) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for run in hits.chunk_by(|row, next| row + 1 == *next) {
            let mut scan = self.scan(file, run[0]..run[0] + run.len())?;
            for _ in run {
                let Step::Frame(frame) = scan.step(file)? else {
                    return Err(self.misled());
                };
                let record = record(&frame, self.number)?.filter(|r| query.filter.wants(r));
                let Some(record) = record.map(Record::into_owned) else { continue };
                let (sequence, hash, link) = (frame.sequence, frame.hash, frame.link);
                items.push(Item { sequence, hash, link, record: Some(record) });
            }
        }
        Ok(items)
    }

    /// Over the frames of rows that follow each other.
    fn scan(&self, file: &File, rows: Range<usize>) -> Result<Scan> {
        let index = self.indexed.index();
        let (first, after) = (rows.start, rows.end);
        let begin = index.rows.get(first).ok_or_else(|| self.misled())?;
        let offset = u64::from(begin.offset);
        let end = index.rows.get(after).map_or(index.end.offset, |row| row.offset.into());
        let link = link_before(file, offset).ok_or_else(|| self.misled())?;
        let at = Place { offset, next: index.begin.next + first as u64, link, ..index.begin };
        Ok(Scan::new(at, end))
    }

    fn misled(&self) -> Error {
        fault::corrupt(&segment::name(self.number), "its index is of other records")
    }
}

impl Indexed {
    fn index(&self) -> &Index {
        match self {
            Self::Loaded(index) => index,
            Self::Made(maker) => maker.index(),
        }
    }
}

/// The 32 bytes before a frame: the link of the record before it, which for the first one stands in
/// the segment's header.
fn link_before(file: &File, offset: u64) -> Option<Digest> {
    let mut link = [0; LINK_BYTES];
    let at = offset.checked_sub(LINK_BYTES as u64)?;
    file.read_exact_at(&mut link, at).ok()?;
    Some(link)
}
