//! Reads frames forward and checks each against the chain. Writer, reader and verifier all see the
//! log through this.

use std::{fmt::Display, fs::File, io, os::unix::fs::FileExt};

use super::{
    body::SEQUENCE_AT,
    chain::{self, Digest},
    fault,
    frame::{Content, FRAME_BYTES_MAX, LINK_BYTES, WORD_BYTES},
    segment::{self, Place},
};
use crate::base::error::{Error, Result};

/// Bytes read at once. Holds any frame.
const WINDOW_BYTES: usize = 256 * 1024;
const _: () = assert!(FRAME_BYTES_MAX <= WINDOW_BYTES);

/// A frame that fits the chain.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Its sequence.
    pub sequence: u64,
    /// Its record hash.
    pub hash: Digest,
    /// Its link.
    pub link: Digest,
    /// Its body; none once pruned.
    pub body: Option<&'a [u8]>,
}

/// What comes next in a segment.
#[derive(Debug)]
pub enum Step<'a> {
    /// One more record.
    Frame(Frame<'a>),
    /// Nothing more.
    End,
    /// So many bytes that are not a whole frame, with nothing but zeros after them: a write that
    /// was cut short, if this is the last segment and nobody is writing.
    Torn(u64),
}

/// Reads one segment from a place on, up to a length.
pub struct Scan {
    /// The place before the next frame.
    pub at: Place,
    end: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl Scan {
    /// Begins at a place; `end` is how far the segment goes for this reader.
    pub fn new(at: Place, end: u64) -> Self {
        Self { at, end, window: Vec::new(), window_at: 0 }
    }

    /// How far the segment goes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Says anew how far the segment goes, and forgets what was read beyond the current place.
    pub fn set_end(&mut self, end: u64) {
        self.end = end;
        self.window.clear();
    }

    /// The next frame of the segment's file. Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`
    /// (can't be read).
    pub fn step(&mut self, file: &File) -> Result<Step<'_>> {
        let Some(left) = self.end.checked_sub(self.at.offset) else {
            return Err(self.corrupt("shorter than it was"));
        };
        if left == 0 {
            return Ok(Step::End);
        }
        self.fill(file, left)?;
        let start = (self.at.offset - self.window_at) as usize;
        let Some((content, total)) = measure(&self.window[start..]) else {
            return self.torn_from(file, self.at.offset + WORD_BYTES as u64);
        };
        if total as u64 > left {
            return Ok(Step::Torn(left));
        }
        let inner = start + WORD_BYTES..start + total - LINK_BYTES;
        let hash = match content {
            Content::Body(_) => chain::record_hash(&self.window[inner.clone()]),
            Content::Hash => digest(&self.window[inner.clone()]),
        };
        let link = chain::link(&self.at.link, &hash);
        if link != self.window[inner.end..start + total] {
            return self.torn_from(file, self.at.offset + total as u64);
        }
        let sequence = self.at.next;
        let body = match content {
            Content::Body(_) => Some(&self.window[inner]),
            Content::Hash => None,
        };
        if body
            .is_some_and(|b| b.get(SEQUENCE_AT..SEQUENCE_AT + 8) != Some(&sequence.to_le_bytes()))
        {
            return Err(self.corrupt(format!("record {sequence} has another number")));
        }
        self.at =
            Place { offset: self.at.offset + total as u64, next: sequence + 1, link, ..self.at };
        Ok(Step::Frame(Frame { sequence, hash, link, body }))
    }

    fn corrupt(&self, what: impl Display) -> Error {
        fault::corrupt(&segment::name(self.at.number), what)
    }

    /// Makes the window hold the next frame, or all that is left.
    fn fill(&mut self, file: &File, left: u64) -> Result<()> {
        let held = (self.window_at + self.window.len() as u64).saturating_sub(self.at.offset);
        if !self.window.is_empty() && (held >= FRAME_BYTES_MAX as u64 || held >= left) {
            return Ok(());
        }
        self.window.resize(left.min(WINDOW_BYTES as u64) as usize, 0);
        self.window_at = self.at.offset;
        read(file, &mut self.window, self.window_at, self.at.number)
    }

    /// The bytes from the current place on are no frame: torn if there are only zeros from `after`
    /// on, else corrupt.
    fn torn_from(&self, file: &File, after: u64) -> Result<Step<'static>> {
        let mut offset = after.min(self.end);
        let mut bytes = vec![0; WINDOW_BYTES];
        while offset < self.end {
            let length = (self.end - offset).min(WINDOW_BYTES as u64) as usize;
            read(file, &mut bytes[..length], offset, self.at.number)?;
            if bytes[..length].iter().any(|b| *b != 0) {
                let what = format!("record {} does not verify", self.at.next);
                return Err(self.corrupt(what));
            }
            offset += length as u64;
        }
        Ok(Step::Torn(self.end - self.at.offset))
    }
}

/// What the bytes begin with and how long that frame is; none if no frame begins so. Fewer than
/// four bytes are taken as the beginning of a long frame.
fn measure(bytes: &[u8]) -> Option<(Content, usize)> {
    let Some(word) = bytes.first_chunk() else {
        return Some((Content::Hash, FRAME_BYTES_MAX));
    };
    let content = Content::of(*word)?;
    Some((content, WORD_BYTES + content.bytes() + LINK_BYTES))
}

fn read(file: &File, bytes: &mut [u8], offset: u64, number: u32) -> Result<()> {
    file.read_exact_at(bytes, offset).map_err(|e| {
        let name = segment::name(number);
        match e.kind() {
            io::ErrorKind::UnexpectedEof => fault::corrupt(&name, "shorter than it was"),
            _ => fault::write("read", name.as_ref(), e),
        }
    })
}

fn digest(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(bytes);
    out
}
