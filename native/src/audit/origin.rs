//! Which log this is: its origin, and which segments it has.

use std::{fs::File, io::Read};

use super::{
    chain::Digest,
    fault,
    folder::Folder,
    segment::{self, HEADER_BYTES, ORIGIN, Place},
};
use crate::base::error::Result;

/// More than any origin file or segment header holds.
const READ_BYTES_MAX: u64 = 256;

/// The log's origin; a new log gets a random one and its first segment. The caller holds the lock.
pub fn open_or_create(folder: &Folder) -> Result<Digest> {
    if let Some(origin) = open(folder)? {
        return Ok(origin);
    }
    // The segment comes first, so that an origin without segments always means that they were
    // taken away.
    let origin = match segments(folder)?.as_slice() {
        [] => {
            let mut origin = [0; 32];
            getrandom::fill(&mut origin).map_err(|e| fault::write("make", ORIGIN.as_ref(), e))?;
            let first = Place::first(&origin);
            folder.create_complete(&segment::name(1), &first.header(&origin))?;
            origin
        }
        [1] => adopt(folder)?,
        _ => return Err(fault::corrupt(ORIGIN, "missing")),
    };
    folder.create_complete(ORIGIN, &segment::origin_file(&origin))?;
    Ok(origin)
}

/// The log's origin, or none if there is no origin file.
pub fn open(folder: &Folder) -> Result<Option<Digest>> {
    match folder.open(ORIGIN, false)? {
        Some(file) => segment::origin_of(&read(file, ORIGIN)?).map(Some),
        None => Ok(None),
    }
}

/// The origin in a first segment that has no records: its maker crashed before writing the origin.
fn adopt(folder: &Folder) -> Result<Digest> {
    let name = segment::name(1);
    let lone = || fault::corrupt(ORIGIN, "missing");
    let bytes = read(folder.open(&name, false)?.ok_or_else(lone)?, &name)?;
    let header: [u8; HEADER_BYTES] = bytes.try_into().map_err(|_| lone())?;
    let mut origin = [0; 32];
    origin.copy_from_slice(&header[16..48]);
    Place::of_header(&header, 1, &origin)?;
    Ok(origin)
}

/// The numbers of all segments, from 1. Errors: `ASTRID_AUDIT_CORRUPT` when one is missing before
/// the last.
pub fn segments(folder: &Folder) -> Result<Vec<u32>> {
    let names = folder.names()?;
    let mut numbers: Vec<u32> = names.iter().filter_map(|n| segment::number(n)).collect();
    numbers.sort_unstable();
    match (1..).zip(&numbers).find(|(expected, number)| expected != *number) {
        Some((expected, _)) => Err(fault::corrupt(&segment::name(expected), "missing")),
        None => Ok(numbers),
    }
}

/// The last segment's number. Errors: `ASTRID_AUDIT_CORRUPT` when there is none.
pub fn last_segment(folder: &Folder) -> Result<u32> {
    let last = segments(folder)?.last().copied();
    last.ok_or_else(|| fault::corrupt(&segment::name(1), "missing"))
}

fn read(file: File, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(READ_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|e| fault::write("read", name.as_ref(), e))?;
    Ok(bytes)
}
