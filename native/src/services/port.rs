//! The asynchronous port to services written in TypeScript: host calls go out in batches, answers
//! come back by number. A wrong, late, double or missing answer is an error with a code.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// One host call for TypeScript to answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// Verb of the call, decided already.
    pub verb: &'static str,
    /// The permit's resource.
    pub resource: String,
    /// UTF-8 JSON.
    pub payload: String,
    /// Capsule that called, as `name@source`.
    pub capsule: String,
    /// For whom.
    pub principal: String,
    /// Correlation id of the message being served.
    pub message: String,
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
#[derive(Debug, Default)]
pub struct Batch {
    /// Calls with their numbers.
    pub calls: Vec<(u64, Request)>,
    /// Numbers of calls that nobody waits for any more.
    pub cancelled: Vec<u64>,
    /// Log lines.
    pub lines: Vec<Line>,
}

/// What a service answers: JSON, or an error for the guest.
pub type Answer = Result<String>;

#[derive(Default)]
struct State {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    batch: Batch,
    line_bytes: usize,
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
    /// Fails with `ASTRID_BUSY` when `service-queue-calls` wait.
    pub fn call(self: &Arc<Self>, request: Request) -> Result<Waiting> {
        let mut state = self.lock();
        if state.waiting.len() as u64 >= limits::SERVICE_QUEUE_CALLS {
            return Err(Error::new(Code::Busy, "too many calls wait (service-queue-calls)"));
        }
        let number = state.next;
        state.next += 1;
        let (sender, answer) = oneshot::channel();
        state.waiting.insert(number, sender);
        state.batch.calls.push((number, request));
        drop(state);
        (self.wake)();
        Ok(Waiting { port: self.clone(), number, answer: Some(answer) })
    }

    /// Sends a log line out. `ASTRID_BUSY` when the reader is a whole message's log behind.
    pub fn line(&self, line: Line) -> Result<()> {
        let mut state = self.lock();
        if state.line_bytes + line.text.len() > limits::LOG_BYTES_PER_MESSAGE as usize {
            return Err(Error::new(Code::Busy, "the reader of log lines is behind"));
        }
        state.line_bytes += line.text.len();
        state.batch.lines.push(line);
        drop(state);
        (self.wake)();
        Ok(())
    }

    /// Everything that went out since the last time.
    pub fn take(&self) -> Batch {
        let mut state = self.lock();
        state.line_bytes = 0;
        mem::take(&mut state.batch)
    }

    /// Hands an answer to the guest that waits; whether one did. A second answer, one that comes
    /// late and one to a number never given find nobody.
    pub fn answer(&self, number: u64, answer: Answer) -> bool {
        let sender = self.lock().waiting.remove(&number);
        sender.is_some_and(|sender| sender.send(answer).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that waits for its answer.
pub struct Waiting {
    port: Arc<Port>,
    number: u64,
    answer: Option<oneshot::Receiver<Answer>>,
}

impl Waiting {
    /// The answer. `ASTRID_DEADLINE` when none comes within `service-deadline-ms`.
    pub async fn answer(mut self) -> Answer {
        let Some(answer) = self.answer.take() else {
            return Err(Error::new(Code::Internal, "an answer was awaited twice"));
        };
        let most = Duration::from_millis(limits::SERVICE_DEADLINE_MS);
        match tokio::time::timeout(most, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::new(Code::Service, "the service is gone")),
            Err(_) => Err(Error::new(Code::Deadline, "the service did not answer in time")),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.port.lock();
        if state.waiting.remove(&self.number).is_some() {
            let number = self.number;
            // A call that did not go out yet never does.
            let queued = state.batch.calls.len();
            state.batch.calls.retain(|(other, _)| *other != number);
            if state.batch.calls.len() == queued {
                state.batch.cancelled.push(number);
                drop(state);
                (self.port.wake)();
            }
        }
    }
}
