//! The bounded queue between everyone who records and the one writer of a process.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    task::Waker,
    time::{Duration, Instant},
};

use super::{chain::Digest, pending, ticket::Slot, work::Work};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const HARD_BYTES: usize = limits::AUDIT_QUEUE_BYTES as usize;
/// From here on callers are asked to slow down.
const SOFT_BYTES: usize = HARD_BYTES / 2;
/// From here on the writer doesn't wait for more.
const WAKE_BYTES: usize = limits::AUDIT_BATCH_BYTES as usize / 4;
const FLUSH: Duration = Duration::from_millis(limits::AUDIT_FLUSH_MS);

const OPEN: u8 = 0;
const FAILED: u8 = 1;
const CLOSED: u8 = 2;

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

/// What the writer is to do.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Someone waits for a sync.
    pub sync: bool,
    /// Nothing more will come.
    pub closing: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Queue {
    state: Mutex<State>,
    /// For the writer: there is something to do.
    work: Condvar,
    /// For callers at the hard limit: there is room, or no hope.
    room: Condvar,
    /// A copy of the state's, so that a push needs no lock to learn that all is well.
    status: AtomicU8,
}

#[derive(Debug)]
struct State {
    pending: Vec<u8>,
    /// Each with the offset in `pending` where its entry ends.
    tickets: Vec<(usize, Arc<Slot>)>,
    /// Bytes the writer took and hasn't written yet.
    in_flight: usize,
    urgent: bool,
    sync: bool,
    closing: bool,
    error: Option<Error>,
    lost: u64,
    head: Head,
    wakers: Vec<Waker>,
}

impl State {
    fn bytes(&self) -> usize {
        self.in_flight + self.pending.len()
    }

    fn room(&self) -> Room {
        if self.bytes() > SOFT_BYTES && self.error.is_none() { Room::Short } else { Room::Free }
    }
}

impl Queue {
    /// An empty queue of an open log.
    pub fn new(head: Head) -> Self {
        let state = State {
            pending: Vec::new(),
            tickets: Vec::new(),
            in_flight: 0,
            urgent: false,
            sync: false,
            closing: false,
            error: None,
            lost: 0,
            head,
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

    /// Moves pending entries into the queue, with a slot for the last of them, and empties `bytes`.
    /// Blocks at the hard limit. Errors: as [`Queue::check`]; `bytes` are unchanged then.
    pub fn put(&self, bytes: &mut Vec<u8>, slot: Option<Arc<Slot>>) -> Result<Room> {
        let mut state = self.lock();
        while state.error.is_none() && state.bytes() + bytes.len() > HARD_BYTES {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(error) = &state.error {
            return Err(error.clone());
        }
        let before = state.pending.len();
        state.pending.append(bytes);
        let after = state.pending.len();
        let urgent = slot.is_some();
        state.tickets.extend(slot.map(|slot| (after, slot)));
        state.urgent |= urgent;
        if urgent || before == 0 || (before < WAKE_BYTES && after >= WAKE_BYTES) {
            self.work.notify_one();
        }
        Ok(state.room())
    }

    /// Takes the last entries of a buffer that goes away while the log takes nothing; never blocks.
    /// What finds no place is counted as lost.
    pub fn put_last(&self, bytes: &mut Vec<u8>) {
        let mut state = self.lock();
        if state.closing || state.bytes() + bytes.len() > HARD_BYTES {
            state.lost += pending::count(bytes);
            bytes.clear();
        } else {
            state.pending.append(bytes);
            self.work.notify_one();
        }
    }

    /// A slot that is settled when all that is in the queue now is written. Errors: as
    /// [`Queue::check`].
    pub fn flush(&self) -> Result<Arc<Slot>> {
        let mut state = self.lock();
        if let Some(error) = &state.error {
            return Err(error.clone());
        }
        let end = state.pending.len();
        if let Some((_, slot)) = state.tickets.last().filter(|(at, _)| *at == end) {
            return Ok(Arc::clone(slot));
        }
        let slot = Arc::new(Slot::default());
        state.tickets.push((end, Arc::clone(&slot)));
        state.urgent = true;
        self.work.notify_one();
        Ok(slot)
    }

    /// Asks the writer for a sync after what is in the queue now.
    pub fn want_sync(&self) {
        self.lock().sync = true;
        self.work.notify_one();
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

    /// For the writer: waits until there is something to do, at most until `due`, then moves what
    /// is pending into `work`, which must be empty.
    pub fn next(&self, due: Option<Instant>, work: &mut Work) -> Call {
        let mut state = self.lock();
        let mut company: Option<Instant> = None;
        loop {
            let now = Instant::now();
            let full = state.pending.len() >= WAKE_BYTES;
            let at_once = state.closing || state.sync || state.urgent || full;
            if !state.pending.is_empty() && company.is_none() {
                company = Some(now + FLUSH);
            }
            let until = [due, company].into_iter().flatten().min();
            if at_once || until.is_some_and(|until| until <= now) {
                break;
            }
            state = self.wait(state, until.map(|until| until - now));
        }
        let call = Call { sync: state.sync, closing: state.closing };
        (state.sync, state.urgent) = (false, false);
        state.in_flight += state.pending.len();
        let State { pending, tickets, .. } = &mut *state;
        work.refill(pending, tickets);
        call
    }

    /// For the writer: waits for the next attempt; whether the log is to be closed.
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

    /// For the writer: so many bytes are in the file, and the log ends there.
    pub fn written(&self, bytes: usize, head: Head) {
        let mut state = self.lock();
        state.in_flight -= bytes;
        state.head = head;
        self.wake(state);
    }

    /// For the writer: nothing can be written now. Fails all tickets in the queue; the entries
    /// stay.
    pub fn fail(&self, error: &Error) {
        let mut state = self.lock();
        if !state.closing {
            state.error = Some(error.clone());
            self.status.store(FAILED, Ordering::Relaxed);
        }
        state.sync = false;
        state.tickets.drain(..).for_each(|(_, slot)| slot.failed(error));
        self.wake(state);
    }

    /// For the writer: entries are written again.
    pub fn resume(&self) {
        let mut state = self.lock();
        if !state.closing {
            state.error = None;
            self.status.store(OPEN, Ordering::Relaxed);
        }
    }

    /// For the writer: how many entries were lost and are not yet reported.
    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// For the writer: so many lost entries are reported in the log.
    pub fn reported(&self, entries: u64) {
        self.lock().lost -= entries;
    }

    /// For the writer when it ends without having written all: counts what is left as lost.
    pub fn abandon(&self, in_writer: u64) -> u64 {
        let mut state = self.lock();
        let left = in_writer + pending::count(&state.pending);
        state.lost += left;
        state.pending = Vec::new();
        state.in_flight = 0;
        self.wake(state);
        left
    }

    /// Wakes whoever waits for room.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        self.room.notify_all();
        if state.room() == Room::Free {
            let wakers = std::mem::take(&mut state.wakers);
            drop(state);
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    fn wait<'s>(
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

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under this lock leaves at worst a batch counted twice; the log goes on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
