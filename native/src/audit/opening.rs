//! What is left of a record's arguments, for who wants to read them again.

use std::path::Path;

use super::{
    chain::Digest,
    commitment,
    folder::Folder,
    reader::Reader,
    texts::{self, Found},
};
use crate::base::error::{Code, Error, Result};

/// What there is of a record's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It has none.
    Nothing,
    /// Their salt: who has the arguments can show that it was these.
    Salt(Digest),
    /// Their salt, and they themselves, sealed.
    Text(Digest, Vec<u8>),
    /// Their salt or text was destroyed.
    Forgotten,
}

/// What is kept of a record's arguments. Errors: `ASTRID_NOT_FOUND` (no such record, or its body
/// was pruned), `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE` (can't be read).
pub fn kept(folder: &Path, sequence: u64) -> Result<Kept> {
    let Some(found) = Committed::find(folder, sequence)? else { return Ok(Kept::Nothing) };
    let Some(salt) = found.salt else { return Ok(Kept::Forgotten) };
    let of = (sequence, &found.commitment);
    Ok(match texts::find(&Folder::existing(folder), found.segment, of)? {
        Found::Nothing => Kept::Salt(salt),
        Found::Destroyed => Kept::Forgotten,
        Found::Sealed(sealed) => Kept::Text(salt, sealed),
    })
}

/// Whether these framed arguments are what a record committed to. Errors: as [`kept`], and
/// `ASTRID_NOT_FOUND` where nobody can tell, for want of commitment or salt.
pub fn commits(folder: &Path, sequence: u64, framed: &[u8]) -> Result<bool> {
    let found = Committed::find(folder, sequence)?;
    let salted = found.and_then(|found| found.salt.map(|salt| (salt, found.commitment)));
    let none = || Error::new(Code::NotFound, "the record has no commitment, or no salt any more");
    let (salt, commitment) = salted.ok_or_else(none)?;
    Ok(commitment::of_framed(&salt, framed) == commitment)
}

/// A record's commitment, and what can check it.
struct Committed {
    segment: u32,
    commitment: Digest,
    salt: Option<Digest>,
}

impl Committed {
    /// None for a record that committed to nothing.
    fn find(folder: &Path, sequence: u64) -> Result<Option<Self>> {
        let missing = |what| Error::new(Code::NotFound, what);
        let mut reader = Reader::open_at(folder, sequence)?;
        let item = reader.next_item()?.filter(|item| item.sequence == sequence);
        let item = item.ok_or_else(|| missing("the log has no such record"))?;
        let record = item.record.ok_or_else(|| missing("the body of the record was pruned"))?;
        let Some(commitment) = record.commitment else { return Ok(None) };
        let salt = reader.salt(sequence)?;
        Ok(Some(Self { segment: reader.place().number, commitment, salt }))
    }
}
