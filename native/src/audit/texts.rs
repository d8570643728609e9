//! The kept texts of one segment: a header, then for each its record's sequence and commitment and
//! the sealed arguments, ascending. The commitment says whose text it is: a crash may leave texts
//! of records that were never written, whose numbers others then get. Verification never reads one.

use std::{fs::File, io, os::unix::fs::FileExt};

use super::{
    chain::Digest,
    fault,
    folder::Folder,
    kept::{KEPT_BYTES_MAX, SEAL_BYTES},
    media::Media,
};
use crate::base::{
    error::{Error, Result},
    limits,
};

const MAGIC: [u8; 8] = *b"ASTRTXT\n";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 16;
/// Sequence, commitment, length.
const PREFIX_BYTES: usize = 8 + 32 + 4;
const SEALED_BYTES_MAX: usize = KEPT_BYTES_MAX + SEAL_BYTES;

/// Name of the texts beside a segment.
pub fn name(number: u32) -> String {
    format!("segment-{number:08}.texts")
}

/// Appends one entry.
pub fn push(out: &mut Vec<u8>, sequence: u64, commitment: &[u8], sealed: &[u8]) {
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(commitment);
    // Bounded by SEALED_BYTES_MAX.
    out.extend_from_slice(&(sealed.len() as u32).to_le_bytes());
    out.extend_from_slice(sealed);
}

fn header(number: u32) -> [u8; HEADER_BYTES] {
    let mut out = [0; HEADER_BYTES];
    out[..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..].copy_from_slice(&number.to_le_bytes());
    out
}

/// Where one text stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its record.
    pub sequence: u64,
    /// What that committed to.
    pub commitment: Digest,
    /// Where the entry begins.
    begin: u64,
    /// Bytes of the sealed text, which ends the entry.
    length: usize,
}

impl Place {
    fn end(&self) -> u64 {
        self.sealed_at() + self.length as u64
    }

    fn sealed_at(&self) -> u64 {
        self.begin + PREFIX_BYTES as u64
    }

    /// The sealed text; none once it is destroyed, which leaves zeros.
    pub fn read(&self, file: &File) -> io::Result<Option<Vec<u8>>> {
        let mut sealed = vec![0; self.length];
        file.read_exact_at(&mut sealed, self.sealed_at())?;
        Ok(sealed.iter().any(|byte| *byte != 0).then_some(sealed))
    }

    /// Overwrites the sealed text.
    pub fn destroy(&self, file: &File) -> io::Result<()> {
        file.write_all_at(&vec![0; self.length], self.sealed_at())
    }
}

/// The places in a texts file, up to the first that is no whole entry after the one before it.
pub struct Places<'f> {
    file: &'f File,
    at: u64,
    end: u64,
    last: u64,
}

impl<'f> Places<'f> {
    /// From the first entry on.
    pub fn of(file: &'f File) -> io::Result<Self> {
        Self::from(file, HEADER_BYTES as u64)
    }

    fn from(file: &'f File, at: u64) -> io::Result<Self> {
        Ok(Self { file, at, end: file.metadata()?.len(), last: 0 })
    }

    /// The next, or none.
    pub fn next(&mut self) -> io::Result<Option<Place>> {
        if self.at + PREFIX_BYTES as u64 > self.end {
            return Ok(None);
        }
        let mut prefix = [0; PREFIX_BYTES];
        self.file.read_exact_at(&mut prefix, self.at)?;
        let (sequence, rest) = prefix.split_at(8);
        let (commitment, length) = rest.split_at(32);
        let mut place =
            Place { sequence: number(sequence), commitment: [0; 32], begin: self.at, length: 0 };
        place.commitment.copy_from_slice(commitment);
        place.length = number(length) as usize;
        let sized = (SEAL_BYTES..=SEALED_BYTES_MAX).contains(&place.length);
        if place.sequence <= self.last || !sized || place.end() > self.end {
            return Ok(None);
        }
        (self.at, self.last) = (place.end(), place.sequence);
        Ok(Some(place))
    }
}

/// The little-endian number in at most 8 bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The texts of the segment being written. The file is made for the first.
pub struct Texts {
    folder: Folder,
    number: u32,
    file: Option<File>,
    /// Where the last look found the end; another writer may have moved it.
    end: u64,
}

impl Texts {
    /// Opens the texts of a segment.
    pub fn open(folder: &Folder, number: u32) -> Result<Self> {
        let file = folder.open(&name(number), true)?;
        Ok(Self { folder: folder.clone(), number, file, end: HEADER_BYTES as u64 })
    }

    /// Bytes the file has.
    pub fn length(&mut self) -> Result<u64> {
        self.find()?;
        let length = self.file.as_ref().map_or(Ok(0), |file| file.metadata().map(|m| m.len()));
        length.map_err(|e| self.failed("look at", e))
    }

    /// Appends entries, the first of which belongs to record `next` or a later one. The caller
    /// holds the lock, and syncs the folder's names after. After an error the log must be reopened.
    pub fn append(&mut self, media: &dyn Media, entries: &[u8], next: u64) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        self.find()?;
        if self.file.is_none() {
            self.folder.create_derived(&name(self.number), &header(self.number))?;
        }
        let length = self.length()?;
        if let Some(file) = &self.file {
            if length != self.end {
                self.end = cut(file, self.end.min(length), next)
                    .map_err(|e| self.failed("cut the torn end of", e))?;
            }
            let begin = self.end;
            // Unknown until it is written: look again before the next append.
            self.end = HEADER_BYTES as u64;
            media.write(file, entries, begin).map_err(|e| self.failed("write", e))?;
            self.end = begin + entries.len() as u64;
        }
        Ok(())
    }

    /// Makes the texts durable, also those that others wrote.
    pub fn sync(&mut self, media: &dyn Media) -> Result<()> {
        self.find()?;
        self.file
            .as_ref()
            .map_or(Ok(()), |file| media.sync(file).map_err(|e| self.failed("sync", e)))
    }

    /// Its file, if there is one; to be synced.
    pub fn into_file(mut self) -> Option<File> {
        self.find().ok()?;
        self.file
    }

    /// Another writer may have made the file.
    fn find(&mut self) -> Result<()> {
        if self.file.is_none() {
            self.file = self.folder.open(&name(self.number), true)?;
        }
        Ok(())
    }

    fn failed(&self, doing: &str, cause: io::Error) -> Error {
        fault::write(doing, name(self.number).as_ref(), cause)
    }
}

/// Cuts off what a crash left behind `from`: a part of an entry, and texts of records from `next`
/// on, which were never written. The new end.
fn cut(file: &File, from: u64, next: u64) -> io::Result<u64> {
    let mut places = Places::from(file, from.max(HEADER_BYTES as u64))?;
    let mut end = places.at;
    while let Some(place) = places.next()?
        && place.sequence < next
    {
        end = place.end();
    }
    if end != places.end {
        file.set_len(end)?;
    }
    Ok(end)
}

/// What there is of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It isn't kept.
    Nothing,
    /// It was, and is destroyed.
    Destroyed,
    /// Here it is.
    Sealed(Vec<u8>),
}

/// The text of a record that made this commitment. Errors: `ASTRID_AUDIT_WRITE` (can't be read).
pub fn find(folder: &Folder, number: u32, of: (u64, &Digest)) -> Result<Found> {
    let name = name(number);
    let Some(file) = folder.open(&name, false)? else { return Ok(Found::Nothing) };
    let look = || -> io::Result<Found> {
        let mut places = Places::of(&file)?;
        while let Some(place) = places.next()? {
            if (place.sequence, &place.commitment) == of {
                return Ok(place.read(&file)?.map_or(Found::Destroyed, Found::Sealed));
            }
        }
        Ok(Found::Nothing)
    };
    look().map_err(|e| fault::write("read", name.as_ref(), e))
}

/// Writes a texts file anew without the texts of these records, which ascend. The caller knows that
/// nobody writes it. Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`.
pub fn remove(folder: &Folder, number: u32, gone: &[u64]) -> Result<()> {
    let name = name(number);
    let Some(file) = folder.open(&name, false)? else { return Ok(()) };
    if file.metadata().is_ok_and(|file| file.len() > limits::AUDIT_SEGMENT_BYTES) {
        return Err(fault::corrupt(&name, "longer than the texts of a segment"));
    }
    let copy = || -> io::Result<Vec<u8>> {
        let mut out = header(number).to_vec();
        let mut places = Places::of(&file)?;
        while let Some(place) = places.next()? {
            if gone.binary_search(&place.sequence).is_err() {
                let begin = out.len();
                out.resize(begin + PREFIX_BYTES + place.length, 0);
                file.read_exact_at(&mut out[begin..], place.begin)?;
            }
        }
        Ok(out)
    };
    let bytes = copy().map_err(|e| fault::write("read", name.as_ref(), e))?;
    folder.create_complete(&name, &bytes)
}
