//! Checkpoints: how many records are on disk, and the root over them. Signed by TypeScript as notes
//! (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), which are kept in one file beside the log.

use std::{
    fs::File,
    io,
    ops::Range,
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{chain::Digest, fault, folder::Folder, media, segment::LOCK, tree::Hash};
use crate::base::{
    error::{Code, Error, Result},
    hex, limits,
};

const FILE: &str = "checkpoints";
const NOTE_BYTES: usize = limits::AUDIT_NOTE_BYTES as usize;
/// What a signature line begins with.
const SIGNATURE: &str = "\u{2014} ";
/// Base64 of a root.
const ROOT_CHARACTERS: usize = 44;

/// What a note is signed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's origin.
    pub origin: Digest,
    /// How many records it has.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// The first line of the notes of the log with this origin.
fn origin_line(origin: &Digest) -> String {
    format!("astrid-native/{}", hex::encode(&origin[..16]))
}

/// The file of notes of one log.
#[derive(Debug)]
pub struct Notes {
    folder: Folder,
    /// A descriptor of its own, or the writer's lock would be given up with it.
    lock: Arc<File>,
    origin_line: String,
    unsure: Mutex<Unsure>,
}

/// What a sync that failed, or was never made, leaves to the next.
#[derive(Debug)]
struct Unsure {
    /// Notes from here on may not be durable.
    from: Option<u64>,
    /// Nor may the file's name.
    names: bool,
}

impl Notes {
    /// The notes of a log that exists. Errors: `ASTRID_AUDIT_WRITE`.
    pub fn of(folder: Folder, origin: &Digest) -> Result<Self> {
        let lock = Arc::new(folder.lock_file(LOCK)?);
        let unsure = Mutex::new(Unsure { from: None, names: true });
        Ok(Self { folder, lock, origin_line: origin_line(origin), unsure })
    }

    /// Appends a note of this log, of at most `audit-note-bytes` and over at most `size` records,
    /// and makes it durable; the part of a note that a crash left is cut off. Blocks.
    ///
    /// Errors: `ASTRID_INVALID` (not such a note), `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`,
    /// `ASTRID_LOG_BUSY`.
    pub fn append(&self, note: &str, size: u64) -> Result<()> {
        self.check(note, size).map_err(|why| {
            Error::new(Code::Invalid, format!("not a note over a checkpoint of this log: {why}"))
        })?;
        let mut unsure = self.unsure.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.folder.take(&self.lock, false)?;
        let file = self.open()?;
        let end = self.end(&file)?;
        let from = unsure.from.map_or(end, |from| from.min(end));
        unsure.from = Some(from);
        let written = self.write(&file, from..end, note);
        drop(held);
        written.map_err(|e| fault::write("write", FILE.as_ref(), e))?;
        self.folder.sync(&file, FILE)?;
        if unsure.names {
            self.folder.sync_names()?;
        }
        *unsure = Unsure { from: None, names: false };
        Ok(())
    }

    fn open(&self) -> Result<File> {
        if !self.folder.has(FILE)? {
            self.folder.create_derived(FILE, &[])?;
        }
        let file = self.folder.open(FILE, true)?;
        file.ok_or_else(|| fault::write("open", FILE.as_ref(), "it vanished"))
    }

    /// Writes a note at the end, and before it again what may not be durable.
    fn write(&self, file: &File, unsure: Range<u64>, note: &str) -> io::Result<()> {
        let (media, end) = (self.folder.media(), unsure.end);
        if file.metadata()?.len() != end {
            media.cut(file, end)?;
        }
        media::write_again(media, file, unsure)?;
        media.write(file, format!("{note}\n").as_bytes(), end)
    }

    /// Only what keeps the file readable; the signatures are for whoever verifies.
    fn check(&self, note: &str, size: u64) -> std::result::Result<(), &'static str> {
        if note.len() > NOTE_BYTES {
            return Err("too long");
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err("a control character");
        }
        let (text, signatures) = note.split_once("\n\n").ok_or("no signatures")?;
        let [origin, of, root] = text.split('\n').collect::<Vec<_>>()[..] else {
            return Err("not three lines");
        };
        let records = of.parse::<u64>().map_err(|_| "no size")?;
        let signed = signatures.strip_suffix('\n').is_some_and(|lines| {
            lines
                .split('\n')
                .all(|line| line.len() > SIGNATURE.len() && line.starts_with(SIGNATURE))
        });
        match () {
            () if origin != self.origin_line => Err("another origin"),
            () if records.to_string() != of || records > size => Err("no size of it"),
            () if root.len() != ROOT_CHARACTERS => Err("no root"),
            () if !signed => Err("no signatures"),
            () => Ok(()),
        }
    }

    /// Where the last whole note ends.
    fn end(&self, file: &File) -> Result<u64> {
        let failed = |e| fault::write("read", FILE.as_ref(), e);
        let length = file.metadata().map_err(failed)?.len();
        // The last whole note and what a crash left of one after it.
        let from = length.saturating_sub(2 * NOTE_BYTES as u64);
        let mut tail = vec![0; (length - from) as usize];
        file.read_exact_at(&mut tail, from).map_err(failed)?;
        match whole(&tail) {
            Some(end) => Ok(from + end as u64),
            None if from == 0 && tail.len() <= NOTE_BYTES => Ok(0),
            None => Err(fault::corrupt(FILE, "its end is no note")),
        }
    }
}

/// Where the last whole note of these bytes ends: after an empty line that follows a signature.
fn whole(bytes: &[u8]) -> Option<usize> {
    let ends = (2..=bytes.len()).rev().filter(|end| bytes[..*end].ends_with(b"\n\n"));
    let signed = |end: &usize| {
        let lines = &bytes[..end - 2];
        let start = lines.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        lines[start..].starts_with(SIGNATURE.as_bytes())
    };
    ends.into_iter().find(signed)
}
