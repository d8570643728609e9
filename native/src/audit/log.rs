//! The log as the rest of the kernel sees it.

use std::{
    future::{Future, poll_fn},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    buffer::Buffer,
    chain::Digest,
    checkpoint::{Checkpoint, Notes},
    entry::{Context, Entry},
    fault,
    media::{Disk, Media},
    queue::{Head, Health},
    scribe::Scribe,
    segment::HEADER_BYTES,
    store::Store,
    ticket::Ticket,
    writer::{Run, Writer},
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

/// How a log is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// When the kernel started: where monotonic time begins.
    pub started: Instant,
    /// Size at which a segment is sealed; from one header to `audit-segment-bytes`, which is the
    /// default.
    pub segment_bytes: u64,
    /// Between two attempts to go on after an error: `audit-retry-ms`.
    pub(super) retry: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let retry = Duration::from_millis(limits::AUDIT_RETRY_MS);
        Self { started: Instant::now(), segment_bytes: limits::AUDIT_SEGMENT_BYTES, retry }
    }
}

/// An open log with its writer thread. Dropping it closes it.
#[derive(Debug)]
pub struct Log {
    scribe: Arc<Scribe>,
    run: Run,
    origin: Digest,
    notes: Notes,
    writer: Mutex<Option<JoinHandle<Result<()>>>>,
}

impl Log {
    /// Opens the log in `folder` (made if missing, its parent must exist), cuts off a torn end and
    /// records that, and starts the writer thread. Reads the last segment.
    ///
    /// Errors: `ASTRID_AUDIT_CORRUPT`, `ASTRID_AUDIT_WRITE`, `ASTRID_INVALID` (options).
    pub fn open(folder: &Path, options: &Options) -> Result<Self> {
        Self::open_on(folder, options, Arc::new(Disk))
    }

    pub(super) fn open_on(folder: &Path, options: &Options, media: Arc<dyn Media>) -> Result<Self> {
        let bytes = options.segment_bytes;
        if bytes < HEADER_BYTES as u64 || bytes > limits::AUDIT_SEGMENT_BYTES {
            let message = "segment_bytes is not within 88 and audit-segment-bytes";
            return Err(Error::new(Code::Invalid, message));
        }
        let mut id = [0; 8];
        getrandom::fill(&mut id).map_err(|e| fault::write("open", folder, e))?;
        let run = Run { id, started: options.started, retry: options.retry };
        let (store, torn) = Store::open(folder, media, bytes)?;
        let origin = *store.origin();
        let notes = Notes::of(store.folder().clone(), &origin)?;
        let writer = Writer::new(store, run, torn)?;
        let scribe = Scribe::new(writer);
        let of_thread = Arc::clone(&scribe);
        let thread = thread::Builder::new().name("astrid-audit".to_owned());
        let spawned = thread.spawn(move || of_thread.run());
        let writer = spawned.map_err(|e| fault::write("start the writer of", folder, e))?;
        Ok(Self { scribe, run, origin, notes, writer: Mutex::new(Some(writer)) })
    }

    /// This run's id, random: stands in each record it writes.
    pub fn run(&self) -> [u8; 8] {
        self.run.id
    }

    /// Nanoseconds since the kernel's start: the time that entries carry.
    pub fn mono_ns(&self) -> u64 {
        self.run.mono_ns()
    }

    /// A buffer for one instance.
    pub fn buffer(&self, context: Context) -> Buffer {
        Buffer::new(Arc::clone(&self.scribe), self.run.id, context)
    }

    /// Records one entry at once. Blocks only at the queue's hard limit. Errors: as
    /// [`Buffer::push`].
    pub fn append(&self, context: &Context, entry: &Entry<'_>) -> Result<Ticket> {
        self.buffer(context.clone()).push_sync(entry)
    }

    /// A ticket for all that was handed over before. Errors: as [`Buffer::push`].
    pub fn flush(&self) -> Result<Ticket> {
        let (slot, counter) = self.scribe.queue.flush()?;
        Ok(Ticket::new(slot, &self.scribe, counter))
    }

    /// Whether an append now finds room and won't block.
    pub fn has_room(&self) -> bool {
        self.scribe.queue.has_room()
    }

    /// Resolves when the queue is below its soft limit, or the log takes nothing more and the next
    /// push will say so.
    pub fn wait_for_room(&self) -> impl Future<Output = ()> + Send + use<> {
        let queue = Arc::clone(&self.scribe.queue);
        poll_fn(
            move |context| {
                if queue.poll_room(context.waker()) { Poll::Ready(()) } else { Poll::Pending }
            },
        )
    }

    /// The end of the log as this process last wrote it; another process may have gone on.
    pub fn head(&self) -> Head {
        self.scribe.queue.head()
    }

    /// How many records this process knows to be on disk.
    pub fn durable(&self) -> u64 {
        self.scribe.queue.tree().size()
    }

    /// Makes durable what was handed over before, and what others appended; then says what is on
    /// disk. Once the log is closed: what was when it closed.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`.
    pub async fn checkpoint(&self) -> Result<Checkpoint> {
        match self.flush() {
            Ok(ticket) => drop(ticket.durable().await?),
            Err(error) if error.code == Code::KernelClosed => {}
            Err(error) => return Err(error),
        }
        let tree = self.scribe.queue.tree();
        Ok(Checkpoint { origin: self.origin, size: tree.size(), root: tree.root() })
    }

    /// Appends a signed note over a checkpoint to the file `checkpoints` and makes it durable, also
    /// once the log is closed. Blocks for the disk and at most `audit-lock-ms` for others.
    ///
    /// Errors: `ASTRID_INVALID` when it is no note of this log over at most what is on disk,
    /// `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT`.
    pub fn append_note(&self, note: &str) -> Result<()> {
        self.notes.append(note, self.scribe.queue.tree().size())
    }

    /// How the log is doing.
    pub fn health(&self) -> Health {
        self.scribe.queue.health()
    }

    /// Refuses new entries, writes what was handed over, makes it durable and ends the writer.
    /// Blocks. A second call does nothing.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE` or `ASTRID_AUDIT_CORRUPT` when entries were left unwritten; the
    /// message says how many.
    pub fn close(&self) -> Result<Head> {
        self.scribe.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let bug = |_| Err(Error::new(Code::Internal, "the log's writer stopped"));
            writer.join().unwrap_or_else(bug)?;
        }
        Ok(self.head())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // Who wants to know the result calls close.
        let _ = self.close();
    }
}
