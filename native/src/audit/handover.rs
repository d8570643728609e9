//! The writer's side of the queue: what it waits for, takes, and says of it.

use std::{
    mem,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{
    queue::{BUFFER_BYTES, FAILED, Head, OPEN, Queue, SYNC, State, WAKE_BYTES},
    tree::Frontier,
    work::{Chunk, Work},
};
use crate::base::{error::Error, limits};

const FLUSH: Duration = Duration::from_millis(limits::AUDIT_FLUSH_MS);
/// The longest wait for those whom the last sync served.
const GATHER: Duration = Duration::from_micros(limits::AUDIT_GATHER_US);
/// What a caller who waits may write itself; more is the writer's own.
const LITTLE_BYTES: usize = 2 * BUFFER_BYTES;
/// Buffers kept for those who fill one.
const SPARE: usize = 16;

/// What the writer is to do.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Someone waits for a sync.
    pub sync: bool,
    /// It is time for one.
    pub due: bool,
    /// Nothing more will come.
    pub closing: bool,
}

impl Queue {
    /// Waits until there is something to do or to sync. Who was served by the last sync often
    /// needs another at once: one that begins before they are back would serve a few, and all
    /// others would wait for a second one.
    pub fn next(&self) -> Call {
        let mut state = self.lock();
        let gathered = Instant::now() + state.company.1;
        let mut company: Option<Instant> = None;
        loop {
            let now = Instant::now();
            let full = state.pending_bytes >= WAKE_BYTES;
            let gathering = state.sync && state.waiting < state.company.0 && now < gathered;
            let sync = state.sync && !gathering;
            let at_once = state.closing || sync || state.urgent || full;
            // Another may have written what waited.
            company = company.filter(|_| !state.pending.is_empty());
            if !state.pending.is_empty() && company.is_none() {
                company = Some(now + FLUSH);
            }
            let until = [state.due, company, gathering.then_some(gathered)];
            let until = until.into_iter().flatten().min();
            if at_once || until.is_some_and(|until| until <= now) {
                break;
            }
            state = self.wait(state, until.map(|until| until - now));
        }
        let due = state.due.is_some_and(|due| due <= Instant::now());
        let call = Call { sync: state.sync, due, closing: state.closing };
        (state.sync, state.urgent) = (false, false);
        state.in_sync = mem::take(&mut state.waiting);
        call
    }

    /// Moves what is pending into `work`, which must be empty.
    pub fn take(&self, work: &mut Work) {
        take(&mut self.lock(), work);
    }

    /// As [`Queue::take`], for a caller who waits for some of it; nothing if that is too much for
    /// it, or someone waits for more than a write.
    pub fn take_little(&self, work: &mut Work) {
        let mut state = self.lock();
        if !state.sync && !state.closing && state.pending_bytes <= LITTLE_BYTES {
            take(&mut state, work);
        }
    }

    /// Waits for the next attempt; whether the log is to be closed.
    pub fn pause(&self, time: Option<Duration>) -> bool {
        let until = time.map(|time| Instant::now() + time);
        let mut state = self.lock();
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if state.closing || left == Some(Duration::ZERO) {
                return state.closing;
            }
            state = self.wait(state, left);
        }
    }

    /// These chunks are in the file, and the log ends there.
    pub fn written(&self, chunks: impl Iterator<Item = Chunk>, head: Head) {
        let mut state = self.lock();
        for chunk in chunks {
            state.in_flight -= chunk.size();
            let bytes = chunk.into_spare();
            let usual = (BUFFER_BYTES / 2..=2 * BUFFER_BYTES).contains(&bytes.capacity());
            if usual && state.spare.len() < SPARE {
                state.spare.push(bytes);
            }
        }
        state.head = head;
        if state.due.is_none() {
            state.due = Some(Instant::now() + SYNC);
            self.work.notify_one();
        }
        self.wake(state);
    }

    /// These records are durable, after a sync that took so long.
    pub fn durable(&self, tree: &Frontier, took: Duration) {
        let mut state = self.lock();
        state.tree.clone_from(tree);
        let company = mem::take(&mut state.in_sync) + state.waiting;
        state.company = (company, (took / 2).min(GATHER));
    }

    /// All that was written is durable, salts included.
    pub fn synced(&self) {
        self.lock().due = None;
    }

    /// Nothing can be written now. Fails all tickets in the queue; the entries stay.
    pub fn fail(&self, error: &Error) {
        let mut state = self.lock();
        if !state.closing {
            state.error = Some(error.clone());
            self.status.store(FAILED, Ordering::Relaxed);
        }
        state.sync = false;
        state.pending.iter_mut().for_each(|chunk| chunk.fail(error));
        self.wake(state);
    }

    /// Entries are written again.
    pub fn resume(&self) {
        let mut state = self.lock();
        if !state.closing {
            state.error = None;
            self.status.store(OPEN, Ordering::Relaxed);
        }
    }

    /// How many entries were lost and are not yet reported.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// So many lost entries are reported in the log.
    pub fn reported(&self, entries: u64) {
        self.lock().lost -= entries;
    }

    /// When the writer ends without having written all: counts what is left as lost.
    pub fn abandon(&self, in_writer: u64) -> u64 {
        let mut state = self.lock();
        let left = in_writer + state.pending.drain(..).map(|chunk| chunk.entries()).sum::<u64>();
        state.lost += left;
        (state.pending_bytes, state.in_flight) = (0, 0);
        self.wake(state);
        left
    }
}

fn take(state: &mut State, work: &mut Work) {
    state.in_flight += mem::take(&mut state.pending_bytes);
    work.refill(&mut state.pending);
}
