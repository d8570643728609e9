//! The tree as it was before a segment, in a file beside it, so that a writer needs to read no
//! earlier segment. Derived: a file that is missing or doesn't fit is made anew from the records.

use std::{fs::File, io::Read};

use super::{frontier::Frontier, hash::Hash};
use crate::{
    audit::{
        chain, fault,
        folder::Folder,
        reader::Reader,
        segment::{self, Place},
    },
    base::error::Result,
};

const MAGIC: [u8; 8] = *b"ASTRTRE\n";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 56;
const HASH_BYTES: usize = size_of::<Hash>();
/// Head, a subtree for each bit of a size, and the check.
const BYTES_MAX: usize = HEAD_BYTES + (u64::BITS as usize + 1) * HASH_BYTES;

/// The tree of all records before the segment that begins at `begin`, from the file beside it or
/// else from the records, which are verified then; and whether the file was good.
///
/// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
pub fn begin(folder: &Folder, begin: &Place) -> Result<(Frontier, bool)> {
    if begin.number == 1 {
        return Ok((Frontier::default(), true));
    }
    // What is no readable file is as good as none: saving replaces it or says what is wrong.
    let file = folder.open(&segment::tree_name(begin.number), false).ok().flatten();
    match file.and_then(|file| decode(&read(file)?, begin)) {
        Some(tree) => Ok((tree, true)),
        None => Ok((recompute(folder, begin)?, false)),
    }
}

/// Writes the file of a segment that begins at `begin`, to be synced. The caller holds the lock.
pub fn save(folder: &Folder, begin: &Place, tree: &Frontier) -> Result<File> {
    folder.create_derived(&segment::tree_name(begin.number), &encode(begin, tree.peaks()))
}

fn recompute(folder: &Folder, begin: &Place) -> Result<Frontier> {
    let misfit =
        || fault::corrupt(&segment::name(begin.number), "doesn't follow what is before it");
    let mut reader = Reader::open(folder.path())?;
    let mut tree = Frontier::default();
    while reader.place().next < begin.next {
        tree.push(&reader.next_hash()?.ok_or_else(misfit)?);
    }
    if reader.place().link == begin.link { Ok(tree) } else { Err(misfit()) }
}

fn head(begin: &Place) -> [u8; HEAD_BYTES] {
    let mut out = [0; HEAD_BYTES];
    out[0..8].copy_from_slice(&MAGIC);
    out[8..12].copy_from_slice(&VERSION.to_le_bytes());
    out[12..16].copy_from_slice(&begin.number.to_le_bytes());
    out[16..24].copy_from_slice(&begin.next.to_le_bytes());
    out[24..56].copy_from_slice(&begin.link);
    out
}

fn encode(begin: &Place, peaks: &[Hash]) -> Vec<u8> {
    let mut out = [&head(begin), peaks.as_flattened()].concat();
    out.extend_from_slice(&chain::tree_check(&out));
    out
}

/// The tree in a file's bytes, if they are what [`encode`] would make of it.
fn decode(bytes: &[u8], begin: &Place) -> Option<Frontier> {
    let hashes = bytes.get(HEAD_BYTES..bytes.len().checked_sub(HASH_BYTES)?)?;
    let (peaks, _) = hashes.as_chunks();
    let tree = Frontier::of(begin.next - 1, peaks.to_vec())?;
    (encode(begin, tree.peaks()) == bytes).then_some(tree)
}

fn read(file: File) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
