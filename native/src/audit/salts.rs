//! The salts of one segment: a header, then sequence and salt (40 bytes) of each record that
//! commits to arguments, ascending. Destroying them forgets the arguments; verification never reads
//! them.

use std::{fs::File, io::Read, os::unix::fs::FileExt};

use super::{
    chain::Digest,
    fault,
    folder::Folder,
    media::Media,
    segment::{SALTS_HEADER_BYTES, salts_header, salts_name},
};
use crate::base::{
    error::{Error, Result},
    limits,
};

/// Bytes of one entry.
pub const ENTRY_BYTES: usize = 40;

/// One entry.
pub fn entry(sequence: u64, salt: &Digest) -> [u8; ENTRY_BYTES] {
    let mut out = [0; ENTRY_BYTES];
    out[..8].copy_from_slice(&sequence.to_le_bytes());
    out[8..].copy_from_slice(salt);
    out
}

/// The salts of the segment being written.
pub struct Salts {
    name: String,
    file: File,
    /// Where the last look found the end; another writer may have moved it.
    end: u64,
}

impl Salts {
    /// Opens the salts of a segment, made if missing. The caller holds the lock; the folder's names
    /// are to be synced.
    pub fn open(folder: &Folder, number: u32) -> Result<Self> {
        let name = salts_name(number);
        if !folder.has(&name)? {
            folder.create_derived(&name, &salts_header(number))?;
        }
        let file = folder.open(&name, true)?;
        let file = file.ok_or_else(|| fault::write("open", name.as_ref(), "it vanished"))?;
        Ok(Self { name, file, end: 0 })
    }

    /// Appends entries, the first of which belongs to record `next` or a later one. The caller
    /// holds the lock.
    pub fn append(&mut self, media: &dyn Media, entries: &[u8], next: u64) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let length = self.file.metadata().map_err(|e| self.failed(e))?.len();
        if length != self.end {
            self.end = self.cut(media, length, next)?;
        }
        media.write(&self.file, entries, self.end).map_err(|e| {
            // Unknown from here on: look again before the next append.
            self.end = 0;
            self.failed(e)
        })?;
        self.end += entries.len() as u64;
        Ok(())
    }

    /// Makes the salts durable.
    pub fn sync(&self, media: &dyn Media) -> Result<()> {
        media.sync(&self.file).map_err(|e| self.failed(e))
    }

    /// The file, of which some may not be durable.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Cuts off what a crash left behind: a part of an entry, and salts of records that were never
    /// written. The new end.
    fn cut(&self, media: &dyn Media, length: u64, next: u64) -> Result<u64> {
        let (header, size) = (SALTS_HEADER_BYTES as u64, ENTRY_BYTES as u64);
        let mut end = length - length.saturating_sub(header) % size;
        while end > header {
            let mut sequence = [0; 8];
            let read = self.file.read_exact_at(&mut sequence, end - size);
            read.map_err(|e| self.failed(e))?;
            if u64::from_le_bytes(sequence) < next {
                break;
            }
            end -= size;
        }
        // Shorter than its header: forgotten by hand. Later salts are found by what is there.
        let end = end.max(header);
        if end != length {
            media.cut(&self.file, end).map_err(|e| self.failed(e))?;
        }
        Ok(end)
    }

    fn failed(&self, cause: std::io::Error) -> Error {
        fault::write("write", self.name.as_ref(), cause)
    }
}

/// The bytes of a salts file. Errors: `ASTRID_AUDIT_WRITE`.
pub fn read(file: File, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // There are fewer bytes of salts than of records.
    let read = file.take(limits::AUDIT_SEGMENT_BYTES).read_to_end(&mut bytes);
    read.map_err(|e| fault::write("read", name.as_ref(), e))?;
    Ok(bytes)
}

/// A salts file's bytes without the salts of these records, which ascend.
pub fn without(bytes: &[u8], number: u32, gone: &[u64]) -> Vec<u8> {
    let mut out = salts_header(number).to_vec();
    let entries = bytes.get(SALTS_HEADER_BYTES..).unwrap_or_default();
    let (entries, _) = entries.as_chunks();
    for entry in entries {
        if sequence_of(entry).is_none_or(|sequence| gone.binary_search(&sequence).is_err()) {
            out.extend_from_slice(entry);
        }
    }
    out
}

fn sequence_of(entry: &[u8; ENTRY_BYTES]) -> Option<u64> {
    entry.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The salt of a record in the bytes of a salts file, or none. Zeros are a destroyed salt.
pub fn find(bytes: &[u8], sequence: u64) -> Option<Digest> {
    let entries = bytes.get(SALTS_HEADER_BYTES..)?;
    let wanted = sequence.to_le_bytes();
    let found = entries.chunks_exact(ENTRY_BYTES).find(|entry| entry[..8] == wanted)?;
    let mut salt = [0; 32];
    salt.copy_from_slice(&found[8..]);
    (salt != [0; 32]).then_some(salt)
}
