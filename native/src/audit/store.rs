//! The log on disk as its writers see it. Any number of processes write one log: each assigns
//! sequences and links while it holds the lock, after reading what the others appended.

use std::{fs::File, os::unix::fs::FileExt, path::Path, sync::Arc};

use super::{
    batch::Batch,
    chain::Digest,
    fault,
    folder::{Folder, Held},
    media::Media,
    origin,
    salts::Salts,
    scan::{Scan, Step},
    segment::{self, HEADER_BYTES, LOCK, Place},
    tree::{self, Frontier},
};
use crate::base::{
    error::{Error, Result},
    limits,
};

/// Bytes copied at once when a range is written anew.
const COPY_BYTES: usize = 256 * 1024;

/// Room that a segment must have for a batch to be written without sealing it.
const AT_ONCE_BYTES: u64 = 2 * limits::AUDIT_BATCH_BYTES;

/// Nobody else writes while this value lives.
pub struct Locked {
    /// Bytes of a torn end that were cut off.
    pub torn: u64,
    _held: Held,
}

/// The end of a log, open for writing.
pub struct Store {
    folder: Folder,
    media: Box<dyn Media>,
    lock: Arc<File>,
    origin: Digest,
    segment_bytes: u64,
    file: File,
    salts: Salts,
    at: Place,
    /// Of all records before `at`.
    tree: Frontier,
    /// Everything before is durable.
    synced: (Place, Frontier),
}

impl Store {
    /// Opens the log in a folder and reads its last segment, making what is missing. Also says how
    /// many bytes of a torn end it cut off.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`.
    pub fn open(path: &Path, media: Box<dyn Media>, segment_bytes: u64) -> Result<(Self, u64)> {
        let folder = Folder::create(path)?;
        let lock = Arc::new(folder.lock_file(LOCK)?);
        let held = folder.take(&lock, false)?;
        let origin = origin::open_or_create(&folder)?;
        let number = origin::last_segment(&folder)?;
        drop(held);
        let (file, at) = segment::open(&folder, number, &origin, true)?;
        // Without the lock: what is before this segment changes no more, and reading it may take
        // longer than others wait.
        let (tree, saved) = tree::begin(&folder, &at)?;
        let _held = folder.take(&lock, false)?;
        if !saved {
            tree::save(&folder, &at, &tree)?;
        }
        let salts = Salts::open(&folder, number)?;
        let synced = (at, tree.clone());
        let lock = Arc::clone(&lock);
        let mut store =
            Self { folder, media, lock, origin, segment_bytes, file, salts, at, tree, synced };
        let torn = store.catch_up(false)?;
        Ok((store, torn))
    }

    /// The log's origin.
    pub fn origin(&self) -> &Digest {
        &self.origin
    }

    /// The end of the log, as far as this writer knows.
    pub fn at(&self) -> &Place {
        &self.at
    }

    /// The tree of all records up to there.
    pub fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// The tree of the records that are durable.
    pub fn synced_tree(&self) -> &Frontier {
        &self.synced.1
    }

    /// Size at which a segment is sealed.
    pub fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    /// Makes this the only writer, at the log's end. Errors: `ASTRID_AUDIT_WRITE`,
    /// `ASTRID_AUDIT_CORRUPT`.
    pub fn lock(&mut self) -> Result<Locked> {
        let held = self.folder.take(&self.lock, false)?;
        Ok(Locked { torn: self.catch_up(false)?, _held: held })
    }

    /// As [`Store::lock`], if nobody must be waited for, nothing was appended by others and the
    /// segment has room.
    pub fn try_lock(&mut self) -> Result<Option<Locked>> {
        let Some(held) = self.folder.try_take(&self.lock, false)? else { return Ok(None) };
        let room = self.at.offset + AT_ONCE_BYTES <= self.segment_bytes;
        let last = !self.folder.has(&segment::name(self.at.number + 1))?;
        if room && last && self.length()? == self.at.offset {
            return Ok(Some(Locked { torn: 0, _held: held }));
        }
        Ok(None)
    }

    /// Writes a batch at the end. The caller holds the lock. After an error the log must be
    /// reopened.
    pub fn write(&mut self, batch: &Batch) -> Result<()> {
        let length = batch.frames().len() as u64;
        let begun = self.at.offset > HEADER_BYTES as u64;
        if begun && self.at.offset + length > self.segment_bytes {
            self.rotate()?;
        }
        // Salts first: a record's salt must not be missing because of a crash in between.
        self.salts.append(&mut *self.media, batch.salts(), self.at.next)?;
        if let Err(e) = self.media.write(&self.file, batch.frames(), self.at.offset) {
            // What was written of the batch would be written again. If even this fails, those
            // records appear twice; none is missing.
            let _ = self.file.set_len(self.at.offset);
            return Err(self.failed("write", e));
        }
        let offset = self.at.offset + length;
        self.at = Place { offset, next: batch.next(), link: *batch.link(), ..self.at };
        self.tree.clone_from(batch.tree());
        Ok(())
    }

    /// Makes all written records durable, with `salts` also their salts. After an error the log
    /// must be reopened: the same descriptor would report success for bytes that are lost.
    pub fn sync(&mut self, salts: bool) -> Result<()> {
        self.media.sync(&self.file).map_err(|e| self.failed("sync", e))?;
        self.synced = (self.at, self.tree.clone());
        if salts { self.salts.sync(&mut *self.media) } else { Ok(()) }
    }

    /// Opens the log again after an error and writes anew what no sync has confirmed. Says how many
    /// bytes of a torn end it cut off.
    pub fn reopen(&mut self) -> Result<u64> {
        let _held = self.folder.take(&self.lock, false)?;
        let number = self.synced.0.number;
        (self.file, _) = segment::open(&self.folder, number, &self.origin, true)?;
        self.salts = Salts::open(&self.folder, number)?;
        (self.at, self.tree) = self.synced.clone();
        self.catch_up(true)
    }

    /// Reads on to the end of the log, through the segments that other writers made. The caller
    /// holds the lock.
    fn catch_up(&mut self, rewrite: bool) -> Result<u64> {
        loop {
            let from = self.at.offset;
            let torn = self.read_on()?;
            let next = self.at.next_segment();
            let last = !self.folder.has(&segment::name(next.number))?;
            if torn > 0 && !last {
                let name = segment::name(self.at.number);
                return Err(fault::corrupt(&name, "torn, but not the last segment"));
            }
            if torn > 0 {
                let cut = self.file.set_len(self.at.offset);
                cut.map_err(|e| self.failed("cut the torn end of", e))?;
            }
            if rewrite {
                self.rewrite(from)?;
            }
            if last {
                return Ok(torn);
            }
            self.enter(next)?;
        }
    }

    /// Reads this segment to its end; how many bytes are torn.
    fn read_on(&mut self) -> Result<u64> {
        let end = self.length()?;
        if end == self.at.offset {
            return Ok(0);
        }
        let mut scan = Scan::new(self.at, end);
        let torn = loop {
            match scan.step(&self.file)? {
                Step::Frame(frame) => self.tree.push(&frame.hash),
                Step::End => break 0,
                Step::Torn(bytes) => break bytes,
            }
        };
        self.at = scan.at;
        Ok(torn)
    }

    /// Writes this segment's verified bytes from an offset on again and syncs them: a failed sync
    /// leaves pages that look written and are not.
    fn rewrite(&mut self, from: u64) -> Result<()> {
        let mut bytes = vec![0; COPY_BYTES];
        let mut offset = from;
        while offset < self.at.offset {
            let length = (self.at.offset - offset).min(COPY_BYTES as u64) as usize;
            let part = &mut bytes[..length];
            let copied = self.file.read_exact_at(part, offset);
            copied
                .and_then(|()| self.media.write(&self.file, part, offset))
                .map_err(|e| self.failed("write", e))?;
            offset += length as u64;
        }
        self.sync(true)
    }

    /// Seals this segment and begins the next. The caller holds the lock.
    fn rotate(&mut self) -> Result<()> {
        self.sync(true)?;
        let next = self.at.next_segment();
        tree::save(&self.folder, &next, &self.tree)?;
        self.folder.create_complete(&segment::name(next.number), &next.header(&self.origin))?;
        self.enter(next)
    }

    /// Goes on in the next segment, whose writer made this one durable.
    fn enter(&mut self, next: Place) -> Result<()> {
        let (file, begin) = segment::open(&self.folder, next.number, &self.origin, true)?;
        if begin != next {
            let name = segment::name(next.number);
            return Err(fault::corrupt(&name, "doesn't follow the segment before it"));
        }
        self.salts = Salts::open(&self.folder, next.number)?;
        (self.file, self.at, self.synced) = (file, next, (next, self.tree.clone()));
        Ok(())
    }

    fn length(&self) -> Result<u64> {
        Ok(self.file.metadata().map_err(|e| self.failed("look at", e))?.len())
    }

    fn failed(&self, doing: &str, cause: std::io::Error) -> Error {
        fault::write(doing, segment::name(self.at.number).as_ref(), cause)
    }
}
