//! The thread that writes: waits for entries, appends them in batches, syncs, and when the disk
//! fails, keeps what it has and tries again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    batch::{Batch, Moment},
    entry::{Context, Entry},
    kind::Kind,
    pending,
    queue::{Call, Head, Queue},
    store::Store,
    ticket::Slot,
    work::Work,
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const SYNC: Duration = Duration::from_millis(limits::AUDIT_SYNC_MS);
const RETRY: Duration = Duration::from_millis(limits::AUDIT_RETRY_MS);
const UNSYNCED_TICKETS: usize = limits::AUDIT_UNSYNCED_TICKETS as usize;

/// Write all and make it durable, salts included.
const LAST: Call = Call { sync: true, closing: true };

/// Which start of which kernel writes, and when it was.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Random.
    pub id: [u8; 8],
    /// Where monotonic time begins.
    pub started: Instant,
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
    /// When the oldest record that is not yet durable was written.
    records_since: Option<Instant>,
    /// When the oldest salt that is not yet durable was written.
    salts_since: Option<Instant>,
}

impl Writer {
    /// A writer for an open store, from which `torn` bytes were cut.
    pub fn new(store: Store, run: Run, torn: u64) -> Result<Self> {
        let queue = Arc::new(Queue::new(head(&store)));
        let mut writer = Self {
            queue,
            batch: Batch::new(store.segment_bytes()),
            store,
            run,
            work: Work::default(),
            awaiting: Vec::new(),
            torn,
            // What an earlier writer left may not be durable yet.
            records_since: Some(Instant::now()),
            salts_since: None,
        };
        if torn > 0 {
            writer.append()?;
        }
        Ok(writer)
    }

    /// The queue it reads.
    pub fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// Writes until the queue is closed and empty. Errors: `ASTRID_AUDIT_WRITE` or
    /// `ASTRID_AUDIT_CORRUPT` when entries were left unwritten, `ASTRID_INTERNAL` after a bug.
    pub fn run(mut self) -> Result<()> {
        let result = catch_unwind(AssertUnwindSafe(|| self.write_until_closed()));
        result.unwrap_or_else(|_| {
            let error = Error::new(Code::Internal, "the log's writer stopped");
            self.fail(&error);
            Err(self.abandon(error))
        })
    }

    fn write_until_closed(&mut self) -> Result<()> {
        loop {
            let call = self.queue.next(self.due(), &mut self.work);
            let mut result = self.turn(call);
            let mut closing = call.closing;
            while let Err(error) = result {
                if closing {
                    return Err(self.abandon(error));
                }
                closing = self.pause(&error);
                result = self.restart();
            }
            if closing {
                // Whoever put entries in before the end of a pause is served by one more turn.
                self.queue.next(Some(Instant::now()), &mut self.work);
                return self.turn(LAST).map_err(|error| self.abandon(error));
            }
        }
    }

    /// Fails whoever waits, then waits for the next attempt; whether the log is to be closed.
    fn pause(&mut self, error: &Error) -> bool {
        self.fail(error);
        // A log that doesn't verify stays as it is until a person looks at it.
        let retry = (error.code != Code::AuditCorrupt).then_some(RETRY);
        self.queue.pause(retry)
    }

    /// Opens the log again, writes what was kept and says that all is well.
    fn restart(&mut self) -> Result<()> {
        self.torn += self.store.reopen()?;
        self.turn(LAST)?;
        self.queue.resume();
        Ok(())
    }

    /// Writes all work; syncs if asked to, or if it is time.
    fn turn(&mut self, call: Call) -> Result<()> {
        while !self.work.is_empty() || self.torn > 0 || self.queue.lost() > 0 {
            self.append()?;
            if self.awaiting.len() >= UNSYNCED_TICKETS {
                self.sync(false)?;
            }
        }
        let due = self.due().is_some_and(|due| due <= Instant::now());
        if due || call.sync || call.closing { self.sync(due || call.closing) } else { Ok(()) }
    }

    /// When the next sync is due, if there is something to sync.
    fn due(&self) -> Option<Instant> {
        let oldest = [self.records_since, self.salts_since].into_iter().flatten().min()?;
        Some(oldest + SYNC)
    }

    /// Writes one batch.
    fn append(&mut self) -> Result<()> {
        let lost = self.queue.lost();
        let Self { store, batch, work, run, torn, .. } = self;
        let progress = store.locked(|store, cut| {
            *torn += cut;
            let now = run.mono_ns();
            batch.begin(store.at(), Moment::now(now));
            note(batch, run, Kind::LogRecovered, *torn)?;
            note(batch, run, Kind::LogLost, lost)?;
            let progress = work.fill(batch)?;
            if !batch.frames().is_empty() {
                store.write(batch)?;
            }
            Ok(progress)
        })?;
        self.torn = 0;
        self.queue.reported(lost);
        self.records_since.get_or_insert_with(Instant::now);
        if !self.batch.salts().is_empty() {
            self.salts_since.get_or_insert_with(Instant::now);
        }
        let bytes = self.work.advance(&progress);
        // Before the tickets: whoever learns of a record finds it in the head.
        self.queue.written(bytes, head(&self.store));
        self.awaiting.extend(progress.tell());
        Ok(())
    }

    /// Makes all written records durable, with `salts` also their salts; group commit: all tickets
    /// that wait are served by one sync.
    fn sync(&mut self, salts: bool) -> Result<()> {
        if self.records_since.is_some() || salts {
            self.store.sync(salts && self.salts_since.is_some())?;
        }
        self.records_since = None;
        if salts {
            self.salts_since = None;
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
    fn abandon(&mut self, error: Error) -> Error {
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
    let mut bytes = Vec::new();
    let entry = Entry { lost: Some(lost), ..Entry::new(kind, run.mono_ns()) };
    pending::push(&mut bytes, run.id, &entry, &Context::kernel())?;
    let mut rest = bytes.as_slice();
    pending::pop(&mut rest).map_or(Ok(()), |entry| batch.add(&entry))
}
