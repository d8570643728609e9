//! The end of a segment and the beginning of the next.
//!
//! A segment exists only if all before it is durable, so that no record is ever durable after a
//! hole. The sync for that and the next segment's file are made before the lock is taken: it is
//! held for a rename, and only if nobody wrote in between.

use super::{
    folder::Folder,
    segment::{self, Place},
    store::Store,
    tree,
};
use crate::base::{error::Result, hex, limits};

const ATTEMPTS: u64 = limits::AUDIT_SEAL_ATTEMPTS;

/// A segment under a temporary name.
struct Prepared {
    name: String,
    begin: Place,
}

impl Store {
    /// Makes a new segment the last, or finds that another writer did; how many bytes of a torn end
    /// were cut off. Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`, `ASTRID_LOG_BUSY`; the
    /// log must be reopened then.
    pub fn seal(&mut self) -> Result<u64> {
        let (full, mut torn) = (self.at.number, 0);
        for _ in 0..ATTEMPTS {
            let prepared = self.prepare()?;
            let end = self.lock()?;
            torn += end.torn;
            if prepared.begin == self.at.next_segment() {
                self.begin(&prepared)?;
                return Ok(torn);
            }
            if self.at.number != full {
                self.folder.remove(&prepared.name)?;
                return Ok(torn);
            }
        }
        // Others write faster than this one syncs: what they wrote since is synced while they wait.
        let end = self.lock()?;
        torn += end.torn;
        if self.at.number == full {
            let prepared = self.prepare()?;
            self.begin(&prepared)?;
        }
        drop(end);
        Ok(torn)
    }

    /// Makes this segment durable as far as it is known, and the file of the next if this one ends
    /// here.
    fn prepare(&mut self) -> Result<Prepared> {
        self.sync(true)?;
        let begin = self.at.next_segment();
        let name = format!("{}.{}.new", segment::name(begin.number), hex::encode(&self.id));
        let file = self.folder.create_as(&name, &begin.header(&self.origin))?;
        self.folder.sync(&file, &name)?;
        Ok(Prepared { name, begin })
    }

    /// Begins the prepared segment. The caller holds the lock at its place.
    fn begin(&mut self, prepared: &Prepared) -> Result<()> {
        let Prepared { name, begin } = prepared;
        let saved = tree::save(&self.folder, begin, &self.tree)?;
        self.folder.rename(name, &segment::name(begin.number))?;
        self.due.files.push(saved);
        self.enter(*begin)
    }
}

/// Removes what crashes left of segments up to `last`; whoever still prepares one of them finds
/// that it exists.
pub fn clean(folder: &Folder, last: u32) -> Result<()> {
    let prepared = |name: &str| {
        let (of, _id) = name.strip_suffix(".new")?.rsplit_once('.')?;
        segment::number(of)
    };
    for name in folder.names()? {
        if prepared(&name).is_some_and(|number| number <= last) {
            folder.remove(&name)?;
        }
    }
    Ok(())
}
