//! How a writer keeps up with the log: reads what others appended, goes on to the segments they
//! began, and starts again after an error.

use std::mem;

use super::{
    fault,
    media::write_again,
    salts::Salts,
    scan::{Scan, Step},
    segment::{self, Place},
    store::{Due, Locked, Store},
    texts::{self, Texts},
};
use crate::base::{
    error::{Code, Result},
    limits,
};

/// What may be read while others wait for the lock.
const NEAR_BYTES: u64 = limits::AUDIT_BATCH_BYTES;

/// So often a writer lets others go on because it is too far behind.
const READ_AHEADS: usize = 8;

impl Store {
    /// Makes this the only writer, at the log's end. What is far behind is read before that, while
    /// others go on. Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`, `ASTRID_LOG_BUSY`.
    pub fn lock(&mut self) -> Result<Locked> {
        for _ in 0..READ_AHEADS {
            let held = self.folder.take(&self.lock, false)?;
            if self.is_near()? {
                return Ok(Locked { torn: self.catch_up()?, _held: held });
            }
            drop(held);
            self.read_ahead(false)?;
        }
        let held = self.folder.take(&self.lock, false)?;
        Ok(Locked { torn: self.catch_up()?, _held: held })
    }

    /// Opens the log again after an error and writes anew what no sync has confirmed. Says how many
    /// bytes of a torn end it cut off.
    pub fn reopen(&mut self) -> Result<u64> {
        let number = self.synced.0.number;
        (self.file, _) = segment::open(&self.folder, number, &self.origin, true)?;
        (self.at, self.tree) = self.synced.clone();
        let salts = self.folder.open(&segment::salts_name(number), true)?;
        let texts = self.folder.open(&texts::name(number), true)?;
        self.salts = None;
        self.texts = Texts::open(&self.folder, number)?;
        self.due = Due { files: salts.into_iter().chain(texts).collect(), names: true };
        // What is appended from here on is covered by the new descriptor: an error in writing it
        // will be reported to it.
        self.read_ahead(true)?;
        Ok(self.lock()?.torn)
    }

    fn is_near(&self) -> Result<bool> {
        Ok(self.length()?.saturating_sub(self.at.offset) <= NEAR_BYTES && self.is_last()?)
    }

    /// Reads on to the end of the log, through the segments that other writers made; how many bytes
    /// of a torn end it cut off. The caller holds the lock.
    fn catch_up(&mut self) -> Result<u64> {
        loop {
            let torn = self.read_to(self.length()?)?;
            let last = self.is_last()?;
            self.check_torn(torn, last)?;
            if torn > 0 {
                let cut = self.folder.media().cut(&self.file, self.at.offset);
                cut.map_err(|e| self.failed("cut the torn end of", e))?;
            }
            if last {
                return Ok(torn);
            }
            self.enter(self.at.next_segment())?;
        }
    }

    /// Reads on to where the log ended when this began, without the lock; with `rewrite`, writes
    /// all of that again and syncs it.
    fn read_ahead(&mut self, rewrite: bool) -> Result<()> {
        loop {
            let from = self.at.offset;
            let held = self.folder.take(&self.lock, false)?;
            let (end, last) = (self.length()?, self.is_last()?);
            drop(held);
            match self.read_to(end) {
                Ok(torn) => self.check_torn(torn, last)?,
                // A torn end that another cuts off meanwhile can look like anything. Whoever holds
                // the lock sees what it is.
                Err(error) if last && error.code == Code::AuditCorrupt => {}
                Err(error) => return Err(error),
            }
            if rewrite {
                // Needs no lock, because whole records stay.
                let written = write_again(self.folder.media(), &self.file, from..self.at.offset);
                written.map_err(|e| self.failed("write", e))?;
                self.sync(true)?;
            }
            if last {
                return Ok(());
            }
            self.enter(self.at.next_segment())?;
        }
    }

    /// Reads this segment up to `end`, or to what doesn't verify; how many bytes are torn.
    fn read_to(&mut self, end: u64) -> Result<u64> {
        if end == self.at.offset {
            return Ok(0);
        }
        let mut scan = Scan::new(self.at, end);
        let read = loop {
            match scan.step(&self.file) {
                Ok(Step::Frame(frame)) => {
                    self.tree.push(&frame.hash);
                    self.own.see(frame.body);
                }
                Ok(Step::End) => break Ok(0),
                Ok(Step::Torn(bytes)) => break Ok(bytes),
                Err(error) => break Err(error),
            }
        };
        self.at = scan.at;
        read
    }

    fn check_torn(&self, torn: u64, last: bool) -> Result<()> {
        if torn > 0 && !last {
            let name = segment::name(self.at.number);
            return Err(fault::corrupt(&name, "torn, but not the last segment"));
        }
        Ok(())
    }

    /// Goes on in the next segment. Its records are durable after this one's: who began it had
    /// synced this one, and its own name is synced before anyone calls a record in it durable.
    pub(super) fn enter(&mut self, next: Place) -> Result<()> {
        let (file, begin) = segment::open(&self.folder, next.number, &self.origin, true)?;
        if begin != next {
            let name = segment::name(next.number);
            return Err(fault::corrupt(&name, "doesn't follow the segment before it"));
        }
        let texts = Texts::open(&self.folder, next.number)?;
        let left = mem::replace(&mut self.texts, texts).into_file();
        self.due.files.extend(self.salts.take().map(Salts::into_file).into_iter().chain(left));
        self.due.names = true;
        (self.file, self.at, self.synced) = (file, next, (next, self.tree.clone()));
        Ok(())
    }
}
