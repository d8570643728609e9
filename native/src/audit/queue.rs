//! The bounded queue between everyone who records and the one writer of a process.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::Waker,
    time::{Duration, Instant},
};

use super::{
    chain::Digest, kept::KEPT_BYTES_MAX, pending::Entries, ticket::Slot, tree::Frontier,
    work::Chunk,
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const HARD_BYTES: usize = limits::AUDIT_QUEUE_BYTES as usize;
/// From here on callers are asked to slow down.
const SOFT_BYTES: usize = HARD_BYTES / 2;
const _: () = assert!(KEPT_BYTES_MAX < SOFT_BYTES, "one text would wait for room forever");
/// From here on the writer doesn't wait for more.
pub(super) const WAKE_BYTES: usize = limits::AUDIT_BATCH_BYTES as usize / 4;
pub(super) const SYNC: Duration = Duration::from_millis(limits::AUDIT_SYNC_MS);
pub(super) const BUFFER_BYTES: usize = limits::AUDIT_BUFFER_BYTES as usize;

pub(super) const OPEN: u8 = 0;
pub(super) const FAILED: u8 = 1;
pub(super) const CLOSED: u8 = 2;

/// Whether the queue wants its callers to slow down.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Go on.
    Free,
    /// Over the soft limit: wait for [`super::Log::wait_for_room`] before the guest goes on. Who
    /// doesn't wait is blocked at the hard limit (`audit-queue-bytes`).
    Short,
}

/// What became of entries that were put in.
#[derive(Debug)]
pub struct Handed {
    /// Whether to slow down.
    pub room: Room,
    /// Counter of the last of them.
    pub last: u64,
}

/// The end of the log as this process last wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Sequence of the last record; 0 in an empty log.
    pub sequence: u64,
    /// Its link.
    pub link: Digest,
}

/// How the log is doing.
#[derive(Clone, Debug)]
pub struct Health {
    /// Why nothing can be recorded now; none while all is well.
    pub error: Option<Error>,
    /// Bytes waiting for the writer.
    pub queued_bytes: u64,
    /// Entries that could be neither written nor kept since they were last reported in the log.
    pub lost_entries: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Queue {
    pub(super) state: Mutex<State>,
    /// For the writer: there is something to do.
    pub(super) work: Condvar,
    /// For callers at the hard limit: there is room, or no hope.
    pub(super) room: Condvar,
    /// A copy of the state's, so that a push needs no lock to learn that all is well.
    pub(super) status: AtomicU8,
}

#[derive(Debug)]
pub(super) struct State {
    pub pending: VecDeque<Chunk>,
    pub pending_bytes: usize,
    /// Entries that were put in or lost so far: the counter of the last of them.
    pub counter: u64,
    /// Bytes the writer took and hasn't written yet.
    pub in_flight: usize,
    /// Empty buffers of a full one's size.
    pub spare: Vec<Vec<u8>>,
    /// When what was written must be durable.
    pub due: Option<Instant>,
    /// Callers at the hard limit.
    pub blocked: usize,
    pub urgent: bool,
    pub sync: bool,
    /// Callers who asked for a sync and aren't served by the last one.
    pub waiting: usize,
    /// Those whom the sync that is under way serves.
    pub in_sync: usize,
    /// So many are expected for the next one, and for so long.
    pub company: (usize, Duration),
    pub closing: bool,
    pub error: Option<Error>,
    pub lost: u64,
    pub head: Head,
    /// Of the records that are durable.
    pub tree: Frontier,
    pub wakers: Vec<Waker>,
}

impl State {
    fn bytes(&self) -> usize {
        self.in_flight + self.pending_bytes
    }

    /// Counters are given here, so the file has a run's records in their order.
    fn add(&mut self, entries: Entries, slot: Option<Arc<Slot>>) {
        let first = self.counter + 1;
        self.counter += entries.count;
        let chunk = Chunk::new(entries, first, slot);
        self.pending_bytes += chunk.size();
        self.pending.push_back(chunk);
    }

    /// Lost entries have counters too: what is missing shows as a gap.
    fn lose(&mut self, entries: u64) {
        self.counter += entries;
        self.lost += entries;
    }

    fn room(&self) -> Room {
        if self.bytes() > SOFT_BYTES && self.error.is_none() { Room::Short } else { Room::Free }
    }
}

impl Queue {
    /// An empty queue of an open log.
    pub fn new(head: Head, tree: Frontier) -> Self {
        let state = State {
            pending: VecDeque::new(),
            pending_bytes: 0,
            counter: 0,
            in_flight: 0,
            spare: Vec::new(),
            // What an earlier writer left may not be durable yet.
            due: Some(Instant::now() + SYNC),
            blocked: 0,
            urgent: false,
            sync: false,
            waiting: 0,
            in_sync: 0,
            company: (0, Duration::ZERO),
            closing: false,
            error: None,
            lost: 0,
            head,
            tree,
            wakers: Vec::new(),
        };
        let (work, room) = (Condvar::new(), Condvar::new());
        Self { state: Mutex::new(state), work, room, status: AtomicU8::new(OPEN) }
    }

    /// Whether the log takes entries. Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`,
    /// `ASTRID_KERNEL_CLOSED`.
    pub fn check(&self) -> Result<()> {
        if self.status.load(Ordering::Relaxed) == OPEN {
            return Ok(());
        }
        self.lock().error.clone().map_or(Ok(()), Err)
    }

    /// Moves pending entries into the queue, gives them their counters and leaves an empty buffer,
    /// with `more` one that has room for as much. Whoever adds a slot waits for it, or calls
    /// [`Queue::hurry`]. Blocks at the hard limit. Errors: as [`Queue::check`]; `entries` are
    /// unchanged then.
    pub fn put(
        &self,
        entries: &mut Entries,
        slot: Option<Arc<Slot>>,
        more: bool,
    ) -> Result<Handed> {
        let mut state = self.lock();
        while state.error.is_none() && state.bytes() + entries.size() > HARD_BYTES {
            state.blocked += 1;
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.blocked -= 1;
        }
        if let Some(error) = &state.error {
            return Err(error.clone());
        }
        let next = if more { state.spare.pop() } else { Some(Vec::new()) };
        let before = state.pending_bytes;
        let awaited = slot.is_some();
        state.add(mem::take(entries), slot);
        let filled = before < WAKE_BYTES && state.pending_bytes >= WAKE_BYTES;
        if filled || (before == 0 && !awaited) {
            self.work.notify_one();
        }
        let handed = Handed { room: state.room(), last: state.counter };
        drop(state);
        entries.bytes = next.unwrap_or_else(|| Vec::with_capacity(BUFFER_BYTES));
        Ok(handed)
    }

    /// Takes the last entries of a buffer that goes away while the log takes nothing; never blocks.
    /// What finds no place is counted as lost.
    pub fn put_last(&self, entries: &mut Entries) {
        let entries = mem::take(entries);
        let mut state = self.lock();
        if state.closing || state.bytes() + entries.size() > HARD_BYTES {
            state.lose(entries.count);
        } else {
            state.add(entries, None);
            self.work.notify_one();
        }
    }

    /// A slot that is settled when all that is in the queue now is written, and the counter of the
    /// last of it; as with [`Queue::put`]. Errors: as [`Queue::check`].
    pub fn flush(&self) -> Result<(Arc<Slot>, u64)> {
        let mut state = self.lock();
        if let Some(error) = &state.error {
            return Err(error.clone());
        }
        if state.pending.is_empty() {
            state.add(Entries::default(), None);
        }
        let slot = state.pending.back_mut().map(|chunk| Arc::clone(chunk.slot()));
        Ok((slot.unwrap_or_default(), state.counter))
    }

    /// Counts entries that could not be kept.
    pub fn lose(&self, entries: u64) {
        self.lock().lose(entries);
    }

    /// Tells the writer that someone waits for what is in the queue now.
    pub fn hurry(&self) {
        self.lock().urgent = true;
        self.work.notify_one();
    }

    /// Asks the writer for a sync after what is in the queue now.
    pub fn want_sync(&self) {
        let mut state = self.lock();
        state.sync = true;
        state.waiting += 1;
        // In between, the writer waits for the rest.
        if state.waiting == 1 || state.waiting >= state.company.0 {
            self.work.notify_one();
        }
    }

    /// Whether the queue is below its soft limit.
    pub fn has_room(&self) -> bool {
        self.lock().room() == Room::Free
    }

    /// Whether there is room; if not, `waker` is woken once there is.
    pub fn poll_room(&self, waker: &Waker) -> bool {
        let mut state = self.lock();
        if state.room() == Room::Free {
            return true;
        }
        if !state.wakers.iter().any(|w| w.will_wake(waker)) {
            state.wakers.push(waker.clone());
        }
        false
    }

    /// The end of the log as last written.
    pub fn head(&self) -> Head {
        self.lock().head
    }

    /// The tree of the records that this process knows to be durable.
    pub fn tree(&self) -> Frontier {
        self.lock().tree.clone()
    }

    /// How the log is doing.
    pub fn health(&self) -> Health {
        let state = self.lock();
        let queued_bytes = state.bytes() as u64;
        Health { error: state.error.clone(), queued_bytes, lost_entries: state.lost }
    }

    /// Refuses new entries and tells the writer to finish.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closing = true;
        let closed = Error::new(Code::KernelClosed, "the log was closed");
        state.error = Some(closed);
        self.status.store(CLOSED, Ordering::Relaxed);
        self.work.notify_one();
        self.wake(state);
    }

    /// Wakes whoever waits for room.
    pub(super) fn wake(&self, mut state: MutexGuard<'_, State>) {
        if state.blocked > 0 {
            self.room.notify_all();
        }
        if state.room() == Room::Free {
            let wakers = mem::take(&mut state.wakers);
            drop(state);
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    pub(super) fn wait<'s>(
        &self,
        state: MutexGuard<'s, State>,
        time: Option<Duration>,
    ) -> MutexGuard<'s, State> {
        match time {
            Some(time) => {
                let woken = self.work.wait_timeout(state, time);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under this lock leaves at worst a batch counted twice; the log goes on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
