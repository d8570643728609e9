//! Appends what is in the queue in batches, syncs, and when the disk fails, keeps what it has and
//! tries again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    batch::{Batch, Moment},
    entry::{Context, Entry},
    handover::Call,
    kind::Kind,
    pending::{self, Entries, Position},
    queue::{Head, Queue},
    store::{Locked, Store},
    ticket::Slot,
    work::Work,
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const UNSYNCED_TICKETS: usize = limits::AUDIT_UNSYNCED_TICKETS as usize;

/// Write all and make it durable, salts included.
const LAST: Call = Call { sync: true, due: true, closing: true };

/// Which start of which kernel writes, and when it was.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Random.
    pub id: [u8; 8],
    /// Where monotonic time begins.
    pub started: Instant,
    /// Between two attempts to go on after an error.
    pub retry: Duration,
}

impl Run {
    /// Nanoseconds since the start.
    pub fn mono_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// See the module.
pub struct Writer {
    queue: Arc<Queue>,
    store: Store,
    run: Run,
    batch: Batch,
    work: Work,
    /// Written, not yet durable.
    awaiting: Vec<Arc<Slot>>,
    /// Bytes of torn ends that were cut and not yet reported.
    torn: u64,
    /// Whether a record was written that is not yet durable.
    records: bool,
    /// Likewise a salt.
    salts: bool,
    /// A caller's turn failed: the thread is to recover.
    broken: Option<Error>,
}

impl Writer {
    /// A writer for an open store, from which `torn` bytes were cut.
    pub fn new(mut store: Store, run: Run, torn: u64) -> Result<Self> {
        let queue = Arc::new(Queue::new(head(&store), store.synced_tree().clone()));
        store.write_for(run.id);
        let mut writer = Self {
            queue,
            batch: Batch::new(store.segment_bytes()),
            store,
            run,
            work: Work::default(),
            awaiting: Vec::new(),
            torn,
            // What an earlier writer left may not be durable yet.
            records: true,
            salts: false,
            broken: None,
        };
        writer.turn(Call { sync: false, due: false, closing: false })?;
        Ok(writer)
    }

    /// The queue it reads.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// For the thread: writes what is in the queue, and syncs if it is time or asked for. When that
    /// fails, tries until it succeeds. Errors: `ASTRID_AUDIT_WRITE` or `ASTRID_AUDIT_CORRUPT` when
    /// the log is closed and entries were left unwritten.
    pub fn serve(&mut self, call: Call) -> Result<()> {
        let mut result = self.broken.take().map_or(Ok(()), Err);
        if result.is_ok() {
            self.queue.take(&mut self.work);
            result = self.turn(call);
        }
        let mut closing = call.closing;
        while let Err(error) = result {
            if closing {
                return Err(self.abandon(error));
            }
            closing = self.pause(&error);
            result = self.restart();
        }
        if !closing {
            return Ok(());
        }
        // Whoever put entries in before the end of a pause is served by one more turn.
        self.queue.take(&mut self.work);
        self.turn(LAST).map_err(|error| self.abandon(error))
    }

    /// For a caller who waits: writes what is in the queue if that is soon done.
    pub fn turn_at_once(&mut self) {
        let fresh = self.broken.is_none() && self.work.is_empty();
        if fresh && self.torn == 0 && self.awaiting.len() < UNSYNCED_TICKETS {
            self.broken = self.append_at_once().err();
        }
    }

    /// Fails whoever waits, then waits for the next attempt; whether the log is to be closed.
    fn pause(&mut self, error: &Error) -> bool {
        self.fail(error);
        // A log that doesn't verify stays as it is until a person looks at it.
        let retry = (error.code != Code::AuditCorrupt).then_some(self.run.retry);
        self.queue.pause(retry)
    }

    /// Opens the log again, writes what was kept and says that all is well.
    fn restart(&mut self) -> Result<()> {
        self.torn += self.store.reopen()?;
        // A write that failed may have left whole records, which couldn't be cut off.
        let written = self.work.skip(self.store.own_last());
        self.queue.written(written.into_iter(), head(&self.store));
        self.turn(LAST)?;
        self.queue.resume();
        Ok(())
    }

    /// Writes all work; syncs if asked to, or if it is time.
    fn turn(&mut self, call: Call) -> Result<()> {
        while !self.work.is_empty() || self.torn > 0 || self.queue.lost() > 0 {
            let end = self.store.lock()?;
            let appended = self.append(&end)?;
            drop(end);
            if !appended {
                self.torn += self.store.seal()?;
            }
            if self.awaiting.len() >= UNSYNCED_TICKETS {
                self.awaiting.retain(|slot| Arc::strong_count(slot) > 1);
            }
            if self.awaiting.len() >= UNSYNCED_TICKETS {
                self.sync(false)?;
            }
        }
        let due = call.due || call.closing;
        if due || call.sync { self.sync(due) } else { Ok(()) }
    }

    fn append_at_once(&mut self) -> Result<()> {
        let Some(end) = self.store.try_lock()? else { return Ok(()) };
        self.queue.take_little(&mut self.work);
        // The segment has room: what is left then is the thread's.
        while !self.work.is_empty() && self.append(&end)? {}
        Ok(())
    }

    /// Writes one batch, or finds that the segment has no room for it. The log stays as `end` says
    /// while that lives.
    fn append(&mut self, end: &Locked) -> Result<bool> {
        self.torn += end.torn;
        let lost = self.queue.lost();
        let Self { store, batch, work, run, torn, .. } = self;
        let now = run.mono_ns();
        batch.begin(store.at(), store.tree(), Moment::now(now));
        note(batch, run, Kind::LogRecovered, *torn)?;
        note(batch, run, Kind::LogLost, lost)?;
        let progress = work.fill(batch)?;
        if !store.fits(batch)? {
            return Ok(false);
        }
        if !batch.frames().is_empty() {
            store.write(batch)?;
        }
        self.torn = 0;
        self.queue.reported(lost);
        self.records = true;
        self.salts |= !self.batch.salts().is_empty();
        // Before the tickets: whoever learns of a record finds it in the head.
        self.queue.written(self.work.advance(&progress), head(&self.store));
        self.awaiting.extend(progress.tell());
        Ok(true)
    }

    /// Makes all written records durable, with `salts` also their salts; group commit: all tickets
    /// that wait are served by one sync.
    fn sync(&mut self, salts: bool) -> Result<()> {
        let started = Instant::now();
        if self.records || salts {
            self.store.sync(salts && self.salts)?;
        }
        self.records = false;
        self.queue.durable(self.store.synced_tree(), started.elapsed());
        if salts {
            self.salts = false;
        }
        if !self.salts {
            self.queue.synced();
        }
        self.awaiting.drain(..).for_each(|slot| slot.durable());
        Ok(())
    }

    fn fail(&mut self, error: &Error) {
        self.queue.fail(error);
        self.work.fail(error);
        self.awaiting.drain(..).for_each(|slot| slot.failed(error));
    }

    /// Ends with entries unwritten: says so, and how many.
    pub fn abandon(&mut self, error: Error) -> Error {
        self.fail(&error);
        let left = self.queue.abandon(self.work.entries());
        Error { message: format!("{}; {left} entries were not written", error.message), ..error }
    }
}

fn head(store: &Store) -> Head {
    Head { sequence: store.at().next - 1, link: store.at().link }
}

/// Adds the log's own record of something missing.
fn note(batch: &mut Batch, run: &Run, kind: Kind, lost: u64) -> Result<()> {
    if lost == 0 {
        return Ok(());
    }
    let (mut notes, context) = (Entries::default(), Context::kernel());
    let entry = Entry { lost: Some(lost), ..Entry::new(kind, run.mono_ns()) };
    pending::push_subject(&mut notes, &context);
    pending::push(&mut notes, run.id, &entry, &context)?;
    let entry = pending::next(&notes.bytes, &mut Position::default());
    // The counters are those of the queue, which no note passes through.
    entry.map_or(Ok(()), |entry| batch.add(&entry, 0, None))
}
