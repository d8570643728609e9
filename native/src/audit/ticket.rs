//! A ticket tells the caller of one entry when it is written and when it is durable.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Instant,
};

use super::scribe::Scribe;
use crate::base::error::Result;

/// What became of one entry. Shared by its ticket and the writer.
#[derive(Debug, Default)]
pub struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    written: Option<Result<u64>>,
    durable: Option<Result<u64>>,
    wakers: Vec<Waker>,
    /// Threads that wait.
    blocked: u32,
}

/// How far an entry must have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Written,
    Durable,
}

impl Slot {
    /// Says that the entry is in the file, under this sequence. Nothing changes once it is said.
    pub(super) fn written(&self, sequence: u64) {
        self.settle(|state| {
            state.written.get_or_insert(Ok(sequence));
        });
    }

    /// Says that the written entry is durable.
    pub(super) fn durable(&self) {
        self.settle(|state| {
            let written = state.written.clone();
            state.durable = state.durable.take().or(written);
        });
    }

    /// Says that whatever has not been reached never will be.
    pub(super) fn failed(&self, error: &crate::base::error::Error) {
        self.settle(|state| {
            state.written.get_or_insert_with(|| Err(error.clone()));
            state.durable.get_or_insert_with(|| Err(error.clone()));
        });
    }

    fn settle(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let (wakers, blocked) = (std::mem::take(&mut state.wakers), state.blocked);
        drop(state);
        // A system call, and most callers are tasks.
        if blocked > 0 {
            self.changed.notify_all();
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that could panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn at(&self, stage: Stage) -> Option<Result<u64>> {
        match stage {
            Stage::Written => self.written.clone(),
            Stage::Durable => self.durable.clone(),
        }
    }
}

/// The receipt of one entry, or of a flush. Dropping it changes nothing for the entry.
#[derive(Debug)]
pub struct Ticket {
    slot: Arc<Slot>,
    scribe: Arc<Scribe>,
    counter: u64,
    /// Whether someone writes the entry by now.
    asked: AtomicBool,
    /// Whether a sync that covers it was asked for.
    asked_for_sync: AtomicBool,
}

impl Ticket {
    pub(super) fn new(slot: Arc<Slot>, scribe: &Arc<Scribe>, counter: u64) -> Self {
        let (asked, asked_for_sync) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { slot, scribe: Arc::clone(scribe), counter, asked, asked_for_sync }
    }

    /// The record's number in this run, known before it is written; of a flush, that of the last
    /// entry before it.
    pub fn counter(&self) -> u64 {
        self.counter
    }

    /// Resolves with the record's sequence when it is in the file (of a flush: with the sequence of
    /// the log's last record). It survives a crash of this process, not a power cut.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE` when it could not be written at once; it is kept and written
    /// later, but whoever waited must not go on. `ASTRID_KERNEL_CLOSED`, `ASTRID_AUDIT_CORRUPT`.
    pub fn written(&self) -> Settled<'_> {
        Settled { ticket: self, stage: Stage::Written }
    }

    /// Resolves with the record's sequence when it is durable; asks for a sync at once. Errors: as
    /// [`Ticket::written`].
    pub fn durable(&self) -> Settled<'_> {
        self.ask_for_sync();
        Settled { ticket: self, stage: Stage::Durable }
    }

    /// Blocks until the record is written, and says its sequence. Errors: as [`Ticket::written`].
    pub fn wait_written(&self) -> Result<u64> {
        self.wait(Stage::Written)
    }

    /// What became of the record, if that is known once this caller has tried to write it. Errors:
    /// as [`Ticket::written`].
    pub fn written_now(&self) -> Option<Result<u64>> {
        self.ask();
        self.slot.lock().written.clone()
    }

    /// As [`Ticket::wait_written`], at most until `deadline`; none then.
    pub fn wait_written_until(&self, deadline: Option<Instant>) -> Option<Result<u64>> {
        self.wait_until(Stage::Written, deadline)
    }

    /// Blocks until the record is durable, and says its sequence. Errors: as [`Ticket::written`].
    pub fn wait_durable(&self) -> Result<u64> {
        self.ask_for_sync();
        self.wait(Stage::Durable)
    }

    /// What became of the record's durability, if that is known; asks for a sync at once. Errors:
    /// as [`Ticket::written`].
    pub fn durable_now(&self) -> Option<Result<u64>> {
        self.ask_for_sync();
        self.slot.lock().durable.clone()
    }

    /// As [`Ticket::wait_durable`], at most until `deadline`; none then.
    pub fn wait_durable_until(&self, deadline: Option<Instant>) -> Option<Result<u64>> {
        self.ask_for_sync();
        self.wait_until(Stage::Durable, deadline)
    }

    fn ask_for_sync(&self) {
        // Asked again while it runs, a sync would be followed by one for nothing.
        if self.asked_for_sync.swap(true, Ordering::Relaxed) || self.slot.lock().durable.is_some() {
            return;
        }
        self.asked.store(true, Ordering::Relaxed);
        self.scribe.queue.want_sync();
    }

    /// Has the entry written: here if possible, or by the log's thread.
    fn ask(&self) {
        if self.asked.swap(true, Ordering::Relaxed) {
            return;
        }
        // Also when the turn panics: the thread then says so to all.
        let _hurry = Hurry(self);
        self.scribe.write_now();
    }

    fn wait_until(&self, stage: Stage, deadline: Option<Instant>) -> Option<Result<u64>> {
        let Some(deadline) = deadline else { return Some(self.wait(stage)) };
        self.ask();
        let left = deadline.saturating_duration_since(Instant::now());
        let pending = |state: &mut State| state.at(stage).is_none();
        let mut state = self.slot.lock();
        state.blocked += 1;
        let waited = self.slot.changed.wait_timeout_while(state, left, pending);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.blocked -= 1;
        state.at(stage)
    }

    fn wait(&self, stage: Stage) -> Result<u64> {
        self.ask();
        let mut state = self.slot.lock();
        loop {
            if let Some(result) = state.at(stage) {
                return result;
            }
            state.blocked += 1;
            let woken = self.slot.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            state.blocked -= 1;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !*self.asked.get_mut() {
            self.scribe.queue.hurry();
        }
    }
}

/// Leaves to the log's thread what is not written when this is dropped.
struct Hurry<'t>(&'t Ticket);

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        if self.0.slot.lock().written.is_none() {
            self.0.scribe.queue.hurry();
        }
    }
}

/// Resolves when an entry has come as far as asked.
#[derive(Debug)]
pub struct Settled<'t> {
    ticket: &'t Ticket,
    stage: Stage,
}

impl Future for Settled<'_> {
    type Output = Result<u64>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<u64>> {
        self.ticket.ask();
        let mut state = self.ticket.slot.lock();
        match state.at(self.stage) {
            Some(result) => Poll::Ready(result),
            None => {
                if !state.wakers.iter().any(|w| w.will_wake(context.waker())) {
                    state.wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}
