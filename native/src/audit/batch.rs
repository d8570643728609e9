//! Turns pending entries into frames: stamps them, commits to their arguments, links them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{
    body::{self, SEQUENCE_AT, STAMP_BYTES},
    chain::{self, Digest},
    commitment, fault,
    frame::{Content, FRAME_BYTES_MAX},
    pending::{Pending, Secret},
    random::Random,
    salts,
    segment::Place,
    texts,
    tree::Frontier,
};
use crate::base::{error::Result, limits};

const FRAMES_BYTES: usize = limits::AUDIT_BATCH_BYTES as usize;
/// Salts drawn at once.
const SALTS: usize = 128;

/// Relates the kernel's monotonic time to the wall clock, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall_us: u64,
    mono_ns: u64,
}

impl Moment {
    /// Now, when the kernel's monotonic time is `mono_ns`.
    pub fn now(mono_ns: u64) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall_us: u64::try_from(since.as_micros()).unwrap_or(u64::MAX), mono_ns }
    }

    fn wall_us(&self, mono_ns: u64) -> u64 {
        self.wall_us.saturating_sub(self.mono_ns.saturating_sub(mono_ns) / 1000)
    }
}

/// Frames to append, and the salts and kept texts that go beside them.
pub struct Batch {
    frames: Vec<u8>,
    salts: Vec<u8>,
    texts: Vec<u8>,
    next: u64,
    link: Digest,
    tree: Frontier,
    moment: Moment,
    bytes_max: usize,
    random: Vec<[u8; 32]>,
}

impl Batch {
    /// An empty batch for segments of so many bytes; begin before adding.
    pub fn new(segment_bytes: u64) -> Self {
        Self {
            frames: Vec::with_capacity(FRAMES_BYTES),
            salts: Vec::new(),
            texts: Vec::new(),
            next: 0,
            link: [0; 32],
            tree: Frontier::default(),
            moment: Moment { wall_us: 0, mono_ns: 0 },
            bytes_max: usize::try_from(segment_bytes).map_or(FRAMES_BYTES, |b| b.min(FRAMES_BYTES)),
            random: Vec::new(),
        }
    }

    /// Empties the batch; what is added follows `at`, where the log's tree is `tree`.
    pub fn begin(&mut self, at: &Place, tree: &Frontier, moment: Moment) {
        self.frames.clear();
        self.salts.clear();
        self.texts.clear();
        (self.next, self.link, self.moment) = (at.next, at.link, moment);
        self.tree.clone_from(tree);
    }

    /// Appends the record of an entry with its counter, and its sealed arguments if they are kept.
    /// Errors: `ASTRID_AUDIT_WRITE` when the system has no randomness.
    pub fn add(&mut self, entry: &Pending<'_>, counter: u64, kept: Option<&[u8]>) -> Result<()> {
        let salt = self.salt(entry)?;
        let content = Content::Body(entry.body.len() + entry.subject.len());
        self.frames.extend_from_slice(&content.word());
        let start = self.frames.len();
        let (head, rest) = entry.body.split_at(body::subject_at(entry.body));
        self.frames.extend_from_slice(head);
        self.frames.extend_from_slice(entry.subject);
        self.frames.extend_from_slice(rest);
        self.stamp(start, counter);
        if let Some(salt) = &salt {
            let at = start + entry.subject.len() + entry.commitment_at;
            let commitment = &mut self.frames[at..at + 32];
            if let Secret::Arguments(framed) = &entry.secret {
                commitment.copy_from_slice(&commitment::of_framed(salt, framed));
            }
            self.salts.extend_from_slice(&salts::entry(self.next, salt));
            if let Some(sealed) = kept {
                texts::push(&mut self.texts, self.next, commitment, sealed);
            }
        }
        let hash = chain::record_hash(&self.frames[start..]);
        self.link = chain::link(&self.link, &hash);
        self.tree.push(&hash);
        self.frames.extend_from_slice(&self.link);
        self.next += 1;
        Ok(())
    }

    /// Whether another record might not fit a segment or `audit-batch-bytes`, or its text those.
    pub fn is_full(&self) -> bool {
        let length = self.frames.len();
        length > 0 && (length + FRAME_BYTES_MAX > self.bytes_max || self.texts.len() > FRAMES_BYTES)
    }

    /// The frames.
    pub fn frames(&self) -> &[u8] {
        &self.frames
    }

    /// The entries for the salts file.
    pub fn salts(&self) -> &[u8] {
        &self.salts
    }

    /// The entries for the texts file.
    pub fn texts(&self) -> &[u8] {
        &self.texts
    }

    /// Sequence of the record after the batch.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Link of the batch's last record.
    pub fn link(&self) -> &Digest {
        &self.link
    }

    /// The log's tree with the batch's records.
    pub fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// Fills in sequence, wall times and counter of the body that begins at `start`.
    fn stamp(&mut self, start: usize, counter: u64) {
        let body = &mut self.frames[start..];
        let stamp = &mut body[SEQUENCE_AT..SEQUENCE_AT + STAMP_BYTES];
        let mut mono = [0; 8];
        mono.copy_from_slice(&stamp[16..24]);
        let wall_us = self.moment.wall_us(u64::from_le_bytes(mono));
        stamp[..8].copy_from_slice(&self.next.to_le_bytes());
        stamp[8..16].copy_from_slice(&wall_us.to_le_bytes());
        stamp[32..].copy_from_slice(&counter.to_le_bytes());
        if let Some(since) = body::since_mut(body) {
            let wall_us = self.moment.wall_us(u64::from_le_bytes(*since));
            *since = wall_us.to_le_bytes();
        }
    }

    /// The salt of the entry's commitment: its own, or a fresh one.
    fn salt(&mut self, entry: &Pending<'_>) -> Result<Option<Digest>> {
        match entry.secret {
            _ if entry.commitment_at == 0 => Ok(None),
            Secret::Salt(bytes) => {
                let mut salt = [0; 32];
                salt.copy_from_slice(bytes);
                Ok(Some(salt))
            }
            Secret::Arguments(_) => self.fresh_salt().map(Some),
        }
    }

    fn fresh_salt(&mut self) -> Result<Digest> {
        if self.random.is_empty() {
            let random = Random::draw();
            let mut random = random.map_err(|e| fault::write("salt", "salts".as_ref(), e))?;
            self.random.resize(SALTS, [0; 32]);
            random.fill(self.random.as_flattened_mut());
        }
        Ok(self.random.pop().unwrap_or_default())
    }
}
