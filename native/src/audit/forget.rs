//! Destroys the texts of single records, and the salts that could tell a guess from the truth.
//! Records stay as they are, so everything verifies as before.

use std::{fs::File, io, ops::RangeInclusive, sync::Arc};

use super::{
    chain::Digest,
    fault,
    folder::Folder,
    origin, prune, salts,
    segment::{self, LOCK},
    texts::{self, Places},
};
use crate::base::error::Result;

/// What was destroyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Salts.
    pub salts: u64,
    /// Kept texts.
    pub texts: u64,
}

/// Overwrites texts and salts of these records with zeros, in place, and syncs. The records are
/// durable: nobody will write theirs again. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`,
/// `ASTRID_BUSY` (another prunes: its copies would bring them back).
pub fn forget(folder: &Folder, origin: &Digest, range: &RangeInclusive<u64>) -> Result<Forgotten> {
    let _alone = prune::alone(folder)?;
    let lock = Arc::new(folder.lock_file(LOCK)?);
    let numbers = origin::segments(folder)?;
    let mut done = Forgotten::default();
    for (at, number) in numbers.iter().enumerate() {
        let (_, first) = segment::open(folder, *number, origin, false)?;
        if first.next > *range.end() {
            break;
        }
        let is_last = at + 1 == numbers.len();
        let _held = if is_last { Some(folder.take(&lock, false)?) } else { None };
        done.texts += in_file(folder, &texts::name(*number), |file| forget_texts(file, range))?;
        let name = segment::salts_name(*number);
        done.salts += in_file(folder, &name, |file| salts::destroy(file, range))?;
    }
    Ok(done)
}

/// Lets `act` destroy something in a file, if there is one, and syncs that; how much it was.
fn in_file(folder: &Folder, name: &str, act: impl FnOnce(&File) -> io::Result<u64>) -> Result<u64> {
    let Some(file) = folder.open(name, true)? else { return Ok(0) };
    let done = act(&file).and_then(|count| file.sync_data().map(|()| count));
    done.map_err(|e| fault::write("write", name.as_ref(), e))
}

fn forget_texts(file: &File, range: &RangeInclusive<u64>) -> io::Result<u64> {
    let (mut places, mut count) = (Places::of(file)?, 0);
    while let Some(place) = places.next()? {
        if range.contains(&place.sequence) && place.read(file)?.is_some() {
            place.destroy(file)?;
            count += 1;
        }
    }
    Ok(count)
}
