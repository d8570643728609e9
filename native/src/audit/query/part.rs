//! One segment with its index, as far as it was written when it was opened.

use std::{fs::File, ops::Range, os::unix::fs::FileExt};

use super::{Query, sieve::Sieve};
use crate::{
    audit::{
        fault,
        folder::Folder,
        frame::LINK_BYTES,
        index::{self, Index, Maker},
        reader::{Item, record},
        record::Record,
        scan::{Scan, Step},
        segment::{self, HEADER_BYTES, Place},
    },
    base::error::{Error, Result},
};

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

/// See the module.
pub struct Part {
    file: File,
    number: u32,
    indexed: Indexed,
}

enum Indexed {
    /// By the file beside the segment.
    Loaded(Index),
    /// From the records.
    Made(Box<Maker>),
}

/// What a segment holds of what was asked.
pub struct Hits {
    pub items: Vec<Item>,
    /// Where to look on in this segment, if not all of it was looked at.
    pub next: Option<u64>,
}

impl Part {
    /// By what was `held` since an earlier call or, unless `by_records`, by the file; else the
    /// index is made, and saved if that can be done.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
    pub fn open(
        folder: &Folder,
        found: Found,
        held: Option<Self>,
        by_records: bool,
    ) -> Result<Self> {
        let number = found.begin.number;
        let held = held.map(|part| part.indexed).filter(|held| held.index().begin == found.begin);
        let loaded = match (held, &found.end) {
            (Some(Indexed::Made(maker)), _) => {
                let indexed = grow(maker, &found)?;
                return Ok(Self { file: found.file, number, indexed });
            }
            (_, _) if by_records => None,
            (Some(Indexed::Loaded(index)), Some(end)) if index.end == *end => Some(index),
            (_, Some(end)) => index::load(folder, &found.begin, end),
            (_, None) => None,
        };
        let indexed = match loaded {
            Some(index) => Indexed::Loaded(index),
            None => {
                let made = grow(Box::new(Maker::new(found.begin)), &found)?;
                if found.end.is_some() && !by_records {
                    // It only saves time: who may not write here goes without.
                    let _ = index::save(folder, made.index());
                }
                made
            }
        };
        Ok(Self { file: found.file, number, indexed })
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
    pub fn find(&self, query: &Query, from: u64, room: usize) -> Result<Hits> {
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
            let mut read = self.read(query, &hits)?;
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
    fn read(&self, query: &Query, hits: &[usize]) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for run in hits.chunk_by(|row, next| row + 1 == *next) {
            let mut scan = self.scan(run)?;
            for _ in run {
                let Step::Frame(frame) = scan.step(&self.file)? else {
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

    /// Over the frames of rows that follow each other. The link before the first of them stands
    /// before it, be it in a frame or in the segment's header.
    fn scan(&self, run: &[usize]) -> Result<Scan> {
        let index = self.indexed.index();
        let (first, after) = (run[0], run[0] + run.len());
        let offset = u64::from(index.rows[first].offset);
        let end = index.rows.get(after).map_or(index.end.offset, |row| row.offset.into());
        if offset < HEADER_BYTES as u64 {
            return Err(self.misled());
        }
        let mut link = [0; LINK_BYTES];
        let read = self.file.read_exact_at(&mut link, offset - LINK_BYTES as u64);
        read.map_err(|_| self.misled())?;
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

/// Takes what the segment has by now, and checks that a whole one ends where the next begins.
fn grow(mut maker: Box<Maker>, found: &Found) -> Result<Indexed> {
    let torn = maker.take(&found.file, found.length)?;
    match &found.end {
        Some(_) if torn > 0 => {
            let what = "torn, but not the last segment";
            Err(fault::corrupt(&segment::name(found.begin.number), what))
        }
        Some(end) if maker.index().end != *end => {
            let what = "doesn't follow the segment before it";
            Err(fault::corrupt(&segment::name(found.begin.number + 1), what))
        }
        _ => Ok(Indexed::Made(maker)),
    }
}
