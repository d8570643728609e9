//! The log on disk as its writers see it. Any number of processes write one log: each assigns
//! sequences and links while it holds the lock, after reading what the others appended. Under the
//! lock nothing is synced: who is told that a record is durable waits for a sync after it.

use std::{fs::File, path::Path, sync::Arc};

use super::{
    batch::Batch,
    body,
    chain::Digest,
    fault,
    folder::{Folder, Held},
    media::Media,
    origin,
    salts::Salts,
    seal,
    segment::{self, HEADER_BYTES, LOCK, Place},
    texts::Texts,
    tree::{self, Frontier},
};
use crate::base::{
    error::{Error, Result},
    limits,
};

/// Room that a segment must have for a batch to be written without sealing it.
const AT_ONCE_BYTES: u64 = 2 * limits::AUDIT_BATCH_BYTES;

/// Nobody else writes while this value lives.
pub struct Locked {
    /// Bytes of a torn end that were cut off.
    pub torn: u64,
    pub(super) _held: Held,
}

/// The end of a log, open for writing.
pub struct Store {
    pub(super) folder: Folder,
    pub(super) lock: Arc<File>,
    pub(super) origin: Digest,
    segment_bytes: u64,
    /// Tells this writer's temporary files from those of others.
    pub(super) id: [u8; 8],
    pub(super) file: File,
    /// Of this segment; opened for the first salt.
    pub(super) salts: Option<Salts>,
    pub(super) texts: Texts,
    pub(super) at: Place,
    /// Of all records before `at`.
    pub(super) tree: Frontier,
    /// Everything before is durable.
    pub(super) synced: (Place, Frontier),
    /// What else the next sync makes durable.
    pub(super) due: Due,
    /// What was read back of this writer's own records.
    pub(super) own: Own,
}

/// How far the records of one run are known to be in the log.
#[derive(Default)]
pub(super) struct Own {
    pub run: [u8; 8],
    /// The highest counter that was read.
    pub last: u64,
}

impl Own {
    /// Looks whether a record is of this run.
    pub fn see(&mut self, body: Option<&[u8]>) {
        if let Some((run, counter)) = body.and_then(body::number)
            && run == self.run
        {
            self.last = self.last.max(counter);
        }
    }
}

/// What was changed beside the segment and is not durable yet.
pub(super) struct Due {
    pub files: Vec<File>,
    /// Names in the folder. Another process may have begun this segment and not synced that yet.
    pub names: bool,
}

impl Store {
    /// Opens the log in a folder and reads its last segment, making what is missing. Also says how
    /// many bytes of a torn end it cut off.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`, `ASTRID_LOG_BUSY`.
    pub fn open(path: &Path, media: Arc<dyn Media>, segment_bytes: u64) -> Result<(Self, u64)> {
        let folder = Folder::create(path, media)?;
        let lock = Arc::new(folder.lock_file(LOCK)?);
        let held = folder.take(&lock, false)?;
        let origin = origin::open_or_create(&folder)?;
        let number = origin::last_segment(&folder)?;
        drop(held);
        seal::clean(&folder, number)?;
        let mut id = [0; 8];
        getrandom::fill(&mut id).map_err(|e| fault::write("open", path, e))?;
        let (file, at) = segment::open(&folder, number, &origin, true)?;
        // What is before this segment changes no more, and reading it may take longer than others
        // wait.
        let (tree, saved) = tree::begin(&folder, &at)?;
        let synced = (at, tree.clone());
        let (salts, due) = (None, Due { files: Vec::new(), names: true });
        let texts = Texts::open(&folder, number)?;
        let own = Own::default();
        let mut store = Self {
            folder,
            lock,
            origin,
            segment_bytes,
            id,
            file,
            salts,
            texts,
            at,
            tree,
            synced,
            due,
            own,
        };
        if !saved {
            let _held = store.folder.take(&store.lock, false)?;
            store.due.files.push(tree::save(&store.folder, &store.at, &store.tree)?);
        }
        let torn = store.lock()?.torn;
        Ok((store, torn))
    }

    /// Says whose records this writer writes.
    pub fn write_for(&mut self, run: [u8; 8]) {
        self.own = Own { run, last: 0 };
    }

    /// The highest counter of its own records that it read back: a write that failed may have left
    /// whole records.
    pub fn own_last(&self) -> u64 {
        self.own.last
    }

    /// Where it is.
    pub fn folder(&self) -> &Folder {
        &self.folder
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

    /// As [`Store::lock`], if nobody must be waited for, nothing was appended by others and the
    /// segment has room.
    pub fn try_lock(&mut self) -> Result<Option<Locked>> {
        let Some(held) = self.folder.try_take(&self.lock, false)? else { return Ok(None) };
        let room = self.at.offset + AT_ONCE_BYTES <= self.segment_bytes;
        if room && self.is_last()? && self.length()? == self.at.offset {
            return Ok(Some(Locked { torn: 0, _held: held }));
        }
        Ok(None)
    }

    /// Whether the segment has room for a batch. If not, it is to be sealed.
    pub fn fits(&mut self, batch: &Batch) -> Result<bool> {
        let begun = self.at.offset > HEADER_BYTES as u64;
        let frames = self.at.offset + batch.frames().len() as u64;
        Ok(!begun || (frames <= self.segment_bytes && self.has_room_for(batch)?))
    }

    /// Texts count for themselves what records do, so that a file of them is read whole, too.
    fn has_room_for(&mut self, batch: &Batch) -> Result<bool> {
        let texts = batch.texts().len() as u64;
        Ok(texts == 0 || self.texts.length()? + texts <= self.segment_bytes)
    }

    /// Writes a batch that fits at the end. The caller holds the lock. After an error the log must
    /// be reopened.
    pub fn write(&mut self, batch: &Batch) -> Result<()> {
        // Texts and salts first: a record's must not be missing because of a crash in between.
        self.due.names |= !batch.texts().is_empty();
        self.texts.append(self.folder.media(), batch.texts(), self.at.next)?;
        self.write_salts(batch)?;
        let media = self.folder.media();
        if let Err(e) = media.write(&self.file, batch.frames(), self.at.offset) {
            // If even this fails, what was written of the batch is read back when the log is
            // opened again.
            let _ = media.cut(&self.file, self.at.offset);
            return Err(self.failed("write", e));
        }
        let offset = self.at.offset + batch.frames().len() as u64;
        self.at = Place { offset, next: batch.next(), link: *batch.link(), ..self.at };
        self.tree.clone_from(batch.tree());
        Ok(())
    }

    fn write_salts(&mut self, batch: &Batch) -> Result<()> {
        if batch.salts().is_empty() {
            return Ok(());
        }
        let salts = match &mut self.salts {
            Some(salts) => salts,
            none => {
                self.due.names = true;
                none.insert(Salts::open(&self.folder, self.at.number)?)
            }
        };
        salts.append(self.folder.media(), batch.salts(), self.at.next)
    }

    /// Makes all written records durable, with `salts` also their salts. The caller doesn't hold
    /// the lock. After an error the log must be reopened: the same descriptor would report success
    /// for bytes that are lost.
    pub fn sync(&mut self, salts: bool) -> Result<()> {
        let media = self.folder.media();
        media.sync(&self.file).map_err(|e| self.failed("sync", e))?;
        for file in &self.due.files {
            media.sync(file).map_err(|e| self.failed("sync", e))?;
        }
        if self.due.names {
            self.folder.sync_names()?;
        }
        if salts {
            self.texts.sync(self.folder.media())?;
        }
        if salts && let Some(salts) = &self.salts {
            salts.sync(media)?;
        }
        self.due = Due { files: Vec::new(), names: false };
        self.synced = (self.at, self.tree.clone());
        Ok(())
    }

    /// Whether nobody began another segment after this one.
    pub(super) fn is_last(&self) -> Result<bool> {
        Ok(!self.folder.has(&segment::name(self.at.number + 1))?)
    }

    pub(super) fn length(&self) -> Result<u64> {
        segment::length(&self.file, self.at.number)
    }

    pub(super) fn failed(&self, doing: &str, cause: std::io::Error) -> Error {
        fault::write(doing, segment::name(self.at.number).as_ref(), cause)
    }
}
