//! The writing end of a log: the queue, and the writer that a thread of its own drives. A caller
//! who waits for its record does the writing itself when nobody else is at it: a thread's wake and
//! sleep cost ten times as much as the write.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use super::{queue::Queue, writer::Writer};
use crate::base::error::{Code, Error, Result};

/// See the module.
pub struct Scribe {
    /// What is to be written.
    pub queue: Arc<Queue>,
    writer: Mutex<Writer>,
}

impl Scribe {
    /// One around a writer.
    pub fn new(writer: Writer) -> Arc<Self> {
        Arc::new(Self { queue: Arc::clone(writer.queue()), writer: Mutex::new(writer) })
    }

    /// Writes what is in the queue, or leaves it to the thread: when another writes already, when
    /// it is much, or when it would wait for another process or for the disk to sync.
    pub fn write_now(&self) {
        if let Ok(mut writer) = self.writer.try_lock() {
            writer.turn_at_once();
        }
    }

    /// Writes until the queue is closed and empty. Errors: `ASTRID_AUDIT_WRITE` or
    /// `ASTRID_AUDIT_CORRUPT` when entries were left unwritten, `ASTRID_INTERNAL` after a bug.
    pub fn run(&self) -> Result<()> {
        loop {
            let call = self.queue.next();
            let mut writer = match self.writer.lock() {
                Ok(writer) => writer,
                // A caller's turn panicked: what the writer remembers may be half of the truth.
                Err(poisoned) => return Err(stopped(&mut poisoned.into_inner())),
            };
            match catch_unwind(AssertUnwindSafe(|| writer.serve(call))) {
                Ok(Ok(())) if call.closing => return Ok(()),
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(stopped(&mut writer)),
            }
        }
    }
}

/// Ends the log after a bug in the writer.
fn stopped(writer: &mut Writer) -> Error {
    writer.abandon(Error::new(Code::Internal, "the log's writer stopped"))
}

impl std::fmt::Debug for Scribe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scribe").field("queue", &self.queue).finish_non_exhaustive()
    }
}
