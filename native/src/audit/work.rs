//! What the writer has taken from the queue and not yet written.

use std::{collections::VecDeque, sync::Arc};

use super::{
    batch::Batch,
    pending::{self, Entries, Position},
    ticket::Slot,
};
use crate::base::error::{Error, Result};

/// What a chunk costs beside its bytes.
const CHUNK_BYTES: usize = size_of::<Chunk>() + size_of::<Slot>();

/// Pending entries that were handed over together.
#[derive(Debug)]
pub struct Chunk {
    entries: Entries,
    /// Counter of the first.
    first: u64,
    slot: Option<Arc<Slot>>,
}

impl Chunk {
    /// Entries, the counter of the first and the slot of the last of them.
    pub fn new(entries: Entries, first: u64, slot: Option<Arc<Slot>>) -> Self {
        Self { entries, first, slot }
    }

    /// Bytes it holds in memory.
    pub fn size(&self) -> usize {
        self.entries.size() + CHUNK_BYTES
    }

    /// The slot that is settled when all of it is written; made if there is none.
    pub fn slot(&mut self) -> &Arc<Slot> {
        self.slot.get_or_insert_default()
    }

    /// Fails its ticket; the entries stay.
    pub fn fail(&mut self, error: &Error) {
        if let Some(slot) = self.slot.take() {
            slot.failed(error);
        }
    }

    /// How many entries it holds.
    pub fn entries(&self) -> u64 {
        self.entries.count
    }

    /// Its memory, to be used again.
    pub fn into_spare(mut self) -> Vec<u8> {
        self.entries.bytes.clear();
        self.entries.bytes
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Work {
    chunks: VecDeque<Chunk>,
    /// How far the first chunk is written.
    done: Position,
}

/// How far a batch comes in the work, and whom to tell.
#[derive(Debug)]
pub struct Progress {
    chunks: usize,
    done: Position,
    settled: Vec<(Arc<Slot>, u64)>,
}

impl Work {
    /// Whether everything is written and everyone told.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Takes over what is pending, if this is empty.
    pub fn refill(&mut self, pending: &mut VecDeque<Chunk>) {
        debug_assert!(self.is_empty(), "work is taken only when the last is done");
        std::mem::swap(&mut self.chunks, pending);
    }

    /// Adds entries to the batch until it is full. Nothing counts as done until
    /// [`Work::advance`]. Errors: those of the batch.
    pub fn fill(&self, batch: &mut Batch) -> Result<Progress> {
        let mut progress = Progress { chunks: 0, done: self.done, settled: Vec::new() };
        for chunk in &self.chunks {
            let mut position = progress.done;
            while let Some(entry) = pending::next(&chunk.entries.bytes, &mut position) {
                if batch.is_full() {
                    return Ok(progress);
                }
                let before = progress.done.entries();
                batch.add(&entry, chunk.first + before, chunk.entries.kept(before))?;
                progress.done = position;
            }
            if let Some(slot) = &chunk.slot {
                progress.settled.push((Arc::clone(slot), batch.next() - 1));
            }
            (progress.chunks, progress.done) = (progress.chunks + 1, Position::default());
        }
        Ok(progress)
    }

    /// The batch is in the file; the chunks it finished.
    pub fn advance(&mut self, progress: &Progress) -> impl Iterator<Item = Chunk> {
        self.done = progress.done;
        self.chunks.drain(..progress.chunks)
    }

    /// Passes over entries that are in the file already, up to the one with this counter; the
    /// chunks that are done by that.
    pub fn skip(&mut self, last: u64) -> Vec<Chunk> {
        let mut gone = Vec::new();
        while let Some(chunk) = self.chunks.front() {
            while chunk.first + self.done.entries() <= last
                && pending::next(&chunk.entries.bytes, &mut self.done).is_some()
            {}
            if self.done.entries() < chunk.entries() {
                break;
            }
            self.done = Position::default();
            gone.extend(self.chunks.pop_front());
        }
        gone
    }

    /// Fails all tickets; the entries stay.
    pub fn fail(&mut self, error: &Error) {
        self.chunks.iter_mut().for_each(|chunk| chunk.fail(error));
    }

    /// How many entries are left.
    pub fn entries(&self) -> u64 {
        self.chunks.iter().map(Chunk::entries).sum::<u64>() - self.done.entries()
    }
}

impl Progress {
    /// Tells those who wait for the batch; their slots, to tell them when it is durable.
    pub fn tell(self) -> impl Iterator<Item = Arc<Slot>> {
        self.settled.into_iter().map(|(slot, sequence)| {
            slot.written(sequence);
            slot
        })
    }
}
