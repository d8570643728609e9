//! The asynchronous port to services written in TypeScript: host calls go out in batches, answers
//! come back by number. A wrong, late, double or missing answer is an error with a code.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::log::LINE_BYTES;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// What a call costs the host beside its payload: an empty one is not free.
pub const CALL_BYTES: usize = 512;

/// One host call for TypeScript to answer.
#[derive(Clone)]
pub struct Request {
    /// Verb of the call, decided already.
    pub verb: &'static str,
    /// The permit's resource.
    pub resource: String,
    /// UTF-8 JSON.
    pub payload: String,
    /// Capsule that called, as `name@source`.
    pub capsule: Arc<str>,
    /// For whom.
    pub principal: Arc<str>,
    /// Correlation id of the message being served.
    pub message: Arc<str>,
}

impl Request {
    /// Bytes it holds in memory, about.
    pub fn size(&self) -> usize {
        self.payload.len() + CALL_BYTES
    }
}

/// One line for the person who runs the capsule.
#[derive(Clone, Debug)]
pub struct Line {
    /// Capsule that wrote it.
    pub capsule: String,
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// As the guest gave it: not escaped.
    pub text: String,
}

/// What goes out at once.
#[derive(Default)]
pub struct Batch {
    /// Calls with their numbers.
    pub calls: Vec<(u64, Request)>,
    /// Numbers of calls that nobody waits for any more.
    pub cancelled: Vec<u64>,
    /// Log lines.
    pub lines: Vec<Line>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.cancelled.is_empty() && self.lines.is_empty()
    }
}

/// What a service answers: JSON, or an error for the guest.
pub type Answer = Result<String>;

/// What became of a call.
pub enum End<'a> {
    /// The service answered.
    Answered(&'a Answer),
    /// It was cancelled before it went out.
    NotSent,
    /// It was cancelled after it went out.
    Unknown,
}

/// Is told, once, what became of a call; must not block, as answers come on JavaScript's thread.
pub type OnEnd = Box<dyn FnOnce(End<'_>) + Send>;

struct Waiter {
    answer: oneshot::Sender<Answer>,
    on_end: OnEnd,
    bytes: usize,
}

#[derive(Default)]
struct State {
    next: u64,
    waiting: HashMap<u64, Waiter>,
    waiting_bytes: usize,
    batch: Batch,
    line_bytes: usize,
}

impl State {
    fn forget(&mut self, number: u64) -> Option<Waiter> {
        let waiter = self.waiting.remove(&number)?;
        self.waiting_bytes -= waiter.bytes;
        Some(waiter)
    }
}

/// The port of one kernel.
pub struct Port {
    state: Mutex<State>,
    /// Tells the other side that a batch is there; called without the lock.
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Port {
    /// A port whose other side is told by `wake` to take a batch; one wake may stand for many
    /// calls.
    pub fn new(wake: Box<dyn Fn() + Send + Sync>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), wake })
    }

    /// Sends `request` out at once and returns what waits for the answer. Dropping that cancels.
    ///
    /// Fails with `ASTRID_BUSY` when `service-queue-calls` of them, or calls of
    /// `service-queue-bytes`, wait; `on_end` is not called then.
    pub fn call(self: &Arc<Self>, request: Request, on_end: OnEnd) -> Result<Waiting> {
        let mut state = self.lock();
        let bytes = request.size();
        if state.waiting.len() as u64 >= limits::SERVICE_QUEUE_CALLS {
            return Err(Error::new(Code::Busy, "too many calls wait (service-queue-calls)"));
        }
        if state.waiting_bytes + bytes > limits::SERVICE_QUEUE_BYTES as usize {
            return Err(Error::new(Code::Busy, "too large calls wait (service-queue-bytes)"));
        }
        let number = state.next;
        state.next += 1;
        let (sender, answer) = oneshot::channel();
        state.waiting.insert(number, Waiter { answer: sender, on_end, bytes });
        state.waiting_bytes += bytes;
        self.change(state, |batch| batch.calls.push((number, request)));
        Ok(Waiting { port: self.clone(), number, answer })
    }

    /// Sends a log line out. `ASTRID_BUSY` when `log-queue-bytes` of them wait for the reader.
    pub fn line(&self, line: Line) -> Result<()> {
        let mut state = self.lock();
        let bytes = line.text.len() + LINE_BYTES as usize;
        if state.line_bytes + bytes > limits::LOG_QUEUE_BYTES as usize {
            let why = "the reader of log lines is behind (log-queue-bytes)";
            return Err(Error::new(Code::Busy, why));
        }
        state.line_bytes += bytes;
        self.change(state, |batch| batch.lines.push(line));
        Ok(())
    }

    /// What went out since the last time, at most `service-batch-calls` calls of it and about
    /// `service-batch-bytes`; wakes the other side again for the rest.
    pub fn take(&self) -> Batch {
        let mut state = self.lock();
        state.line_bytes = 0;
        let mut batch = mem::take(&mut state.batch);
        let mut bytes = 0;
        let fits = |(_, request): &&(u64, Request)| {
            bytes += request.size();
            bytes <= limits::SERVICE_BATCH_BYTES as usize
        };
        let calls = batch.calls.iter().take(limits::SERVICE_BATCH_CALLS as usize);
        // One call always goes out.
        let most = calls.take_while(fits).count().max(1).min(batch.calls.len());
        state.batch.calls = batch.calls.split_off(most);
        let more = !state.batch.is_empty();
        drop(state);
        if more {
            (self.wake)();
        }
        batch
    }

    /// Hands an answer to the guest that waits; whether one did. A second answer, one that comes
    /// late and one to a number never given find nobody.
    pub fn answer(&self, number: u64, answer: Answer) -> bool {
        let mut state = self.lock();
        let Some(waiter) = state.forget(number) else { return false };
        // Under the lock: a message that ends now waits here, and its record comes after this one.
        (waiter.on_end)(End::Answered(&answer));
        drop(state);
        waiter.answer.send(answer).is_ok()
    }

    /// Keeps those calls that still wait; how many bytes the others had.
    pub fn keep_waiting(&self, sent: &mut Vec<Sent>) -> usize {
        let state = self.lock();
        let mut over = 0;
        sent.retain(|call| {
            let waits = state.waiting.contains_key(&call.number);
            over += if waits { 0 } else { call.bytes };
            waits
        });
        over
    }

    /// Gives a call up that nobody waits for any more; nothing if it has its answer.
    pub fn cancel(&self, number: u64) {
        let mut state = self.lock();
        let Some(waiter) = state.forget(number) else { return };
        // A call that did not go out yet never does.
        let queued = state.batch.calls.len();
        state.batch.calls.retain(|(other, _)| *other != number);
        let sent = state.batch.calls.len() == queued;
        if sent {
            self.change(state, |batch| batch.cancelled.push(number));
        } else {
            drop(state);
        }
        (waiter.on_end)(if sent { End::Unknown } else { End::NotSent });
    }

    /// Adds to the batch; wakes the other side when that was empty, and so not on its way.
    fn change(&self, mut state: MutexGuard<'_, State>, add: impl FnOnce(&mut Batch)) {
        let was_empty = state.batch.is_empty();
        add(&mut state.batch);
        drop(state);
        if was_empty {
            (self.wake)();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that went out, as its sender remembers it.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The number to cancel by.
    pub number: u64,
    /// What it takes of the sender's budget.
    pub bytes: usize,
}

/// A call that waits for its answer.
pub struct Waiting {
    port: Arc<Port>,
    number: u64,
    answer: oneshot::Receiver<Answer>,
}

impl Waiting {
    /// The number to cancel by.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The answer. `ASTRID_DEADLINE` when none comes within `service-deadline-ms`.
    pub async fn answer(mut self) -> Answer {
        let most = Duration::from_millis(limits::SERVICE_DEADLINE_MS);
        match tokio::time::timeout(most, &mut self.answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::new(Code::Service, "the service is gone")),
            Err(_) => Err(Error::new(Code::Deadline, "the service did not answer in time")),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.port.cancel(self.number);
    }
}
