//! The message an instance serves: what belongs to it ends with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::clock::wall_micros;
use super::port::Sent;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::engine::run;

/// What a message brings, stamped by the kernel.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Dotted topic.
    pub topic: String,
    /// UTF-8 JSON.
    pub payload: String,
    /// Capsule or uplink that sent it.
    pub sender: String,
    /// Correlation id.
    pub id: String,
}

/// The state of one message in one instance.
pub struct Message {
    /// Counts the messages of the instance; handles remember theirs.
    pub number: u64,
    /// Correlation id.
    pub id: Arc<str>,
    /// Wall time of its arrival, in microseconds since the epoch.
    pub arrival_micros: u64,
    /// The instance's age when it arrived.
    pub arrival_age: Duration,
    /// When it must be over.
    pub deadline: Option<Instant>,
    /// Turns true when the caller gives up.
    pub cancel: watch::Receiver<bool>,
    derived_random: Option<blake3::OutputReader>,
    /// Log bytes it has used.
    pub log_bytes: u64,
    /// Calls that went to TypeScript, answered or not.
    pub sent: Vec<Sent>,
    /// Dropped when it ends: what waits for it gives up. Made for the first that waits.
    ended: Option<watch::Sender<()>>,
    pending: Arc<AtomicU32>,
}

impl Message {
    /// The state between messages, and of a guest's start: it has no deadline of its own.
    pub fn none() -> Self {
        let (_, cancel) = watch::channel(false);
        Self {
            number: 0,
            id: Arc::from(""),
            arrival_micros: 0,
            arrival_age: Duration::ZERO,
            deadline: None,
            cancel,
            derived_random: None,
            log_bytes: 0,
            sent: Vec::new(),
            ended: None,
            pending: Arc::default(),
        }
    }

    /// The state of the message after this one. Calls that still wait for this one give up.
    pub fn next(
        &self,
        id: &str,
        arrival_age: Duration,
        deadline: Instant,
        cancel: watch::Receiver<bool>,
    ) -> Self {
        Self {
            number: self.number + 1,
            id: Arc::from(id),
            arrival_micros: wall_micros(),
            arrival_age,
            deadline: Some(deadline),
            cancel,
            derived_random: None,
            log_bytes: 0,
            sent: Vec::new(),
            ended: None,
            // Futures that a guest never reads live as long as the instance: their places too.
            pending: self.pending.clone(),
        }
    }

    /// The randomness of guests without `random.read`: the message's id spread into an endless
    /// stream. The same message, the same stream.
    pub fn derived_random(&mut self) -> &mut blake3::OutputReader {
        self.derived_random.get_or_insert_with(|| {
            blake3::Hasher::new_derive_key("astrid-native 1 derived random")
                .update(self.id.as_bytes())
                .finalize_xof()
        })
    }

    /// Says, each time it is asked, whether the message may go on: `ASTRID_DEADLINE` when its time
    /// is over, `ASTRID_CANCELLED` when the caller gave up.
    pub fn patience(&self) -> impl Fn() -> Result<()> + use<> {
        let (deadline, cancel) = (self.deadline, self.cancel.clone());
        move || match run::stop(deadline, *cancel.borrow()) {
            Some(stop) => Err(stop.error()),
            None => Ok(()),
        }
    }

    /// Whether calls of this message and those before it hold more than half of the places.
    pub fn is_crowded(&self) -> bool {
        u64::from(self.pending.load(Ordering::Relaxed)) > limits::PENDING_CALLS / 2
    }

    /// A place for a call that waits. `ASTRID_QUOTA` when `pending-calls` are taken.
    pub fn pending(&mut self) -> Result<Pending> {
        if u64::from(self.pending.fetch_add(1, Ordering::Relaxed)) >= limits::PENDING_CALLS {
            self.pending.fetch_sub(1, Ordering::Relaxed);
            let most = limits::PENDING_CALLS;
            return Err(Error::new(
                Code::Quota,
                format!("more than {most} calls wait (pending-calls)"),
            ));
        }
        let ended = self.ended.get_or_insert_with(|| watch::Sender::new(())).subscribe();
        Ok(Pending { count: self.pending.clone(), ended })
    }
}

/// A call that waits for something, in the name of its message.
pub struct Pending {
    count: Arc<AtomicU32>,
    ended: watch::Receiver<()>,
}

impl Pending {
    /// What `work` gives, or `ASTRID_CLOSED` when the message ends first.
    pub async fn unless_ended<T>(mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            // First: what is ready in a later message must not count there.
            biased;
            _ = self.ended.changed() => Err(Error::new(Code::Closed, "its message ended")),
            result = work => result,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}
