//! What the writer has taken from the queue and not yet written.

use std::{collections::VecDeque, sync::Arc};

use super::{batch::Batch, pending, ticket::Slot};
use crate::base::{
    error::{Error, Result},
    limits,
};

/// A larger buffer is given back to the system when it was emptied.
const KEPT_BYTES: usize = limits::AUDIT_BATCH_BYTES as usize;

/// See the module.
#[derive(Debug, Default)]
pub struct Work {
    bytes: Vec<u8>,
    done: usize,
    tickets: VecDeque<(usize, Arc<Slot>)>,
}

/// How far a batch comes in the work, and whom to tell.
#[derive(Debug)]
pub struct Progress {
    done: usize,
    settled: Vec<(Arc<Slot>, u64)>,
}

impl Work {
    /// Whether everything is written and everyone told.
    pub fn is_empty(&self) -> bool {
        self.done == self.bytes.len() && self.tickets.is_empty()
    }

    /// Takes over what is pending, if this is empty.
    pub fn refill(&mut self, pending: &mut Vec<u8>, tickets: &mut Vec<(usize, Arc<Slot>)>) {
        debug_assert!(self.is_empty(), "work is taken only when the last is done");
        self.bytes.clear();
        self.done = 0;
        if self.bytes.capacity() > KEPT_BYTES && pending.len() < KEPT_BYTES {
            self.bytes = Vec::new();
        }
        std::mem::swap(&mut self.bytes, pending);
        self.tickets.extend(tickets.drain(..));
    }

    /// Adds entries to the batch until it is full. Nothing counts as done until
    /// [`Work::advance`]. Errors: those of the batch.
    pub fn fill(&self, batch: &mut Batch) -> Result<Progress> {
        let mut rest = &self.bytes[self.done..];
        let mut progress = Progress { done: self.done, settled: Vec::new() };
        let mut tickets = self.tickets.iter().peekable();
        loop {
            while let Some((_, slot)) = tickets.next_if(|(at, _)| *at <= progress.done) {
                progress.settled.push((Arc::clone(slot), batch.next() - 1));
            }
            if batch.is_full() {
                return Ok(progress);
            }
            let Some(entry) = pending::pop(&mut rest) else { return Ok(progress) };
            batch.add(&entry)?;
            progress.done = self.bytes.len() - rest.len();
        }
    }

    /// The batch is in the file. How many bytes of the queue that was.
    pub fn advance(&mut self, progress: &Progress) -> usize {
        self.tickets.drain(..progress.settled.len());
        let bytes = progress.done - self.done;
        self.done = progress.done;
        bytes
    }

    /// Fails all tickets; the entries stay.
    pub fn fail(&mut self, error: &Error) {
        self.tickets.drain(..).for_each(|(_, slot)| slot.failed(error));
    }

    /// How many entries are left.
    pub fn entries(&self) -> u64 {
        pending::count(&self.bytes[self.done..])
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
