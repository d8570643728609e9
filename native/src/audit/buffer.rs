//! The buffer of one instance: takes entries without a lock or a system call.

use std::sync::Arc;

use super::{
    entry::{Context, Entry},
    pending::{self, Entries, PENDING_BYTES_MAX},
    queue::Room,
    scribe::Scribe,
    ticket::{Slot, Ticket},
};
use crate::base::{error::Result, limits};

/// Handed over before the next entry might not fit.
const FULL_BYTES: usize = limits::AUDIT_BUFFER_BYTES as usize - PENDING_BYTES_MAX;
/// Handed over when an entry is that much younger than the oldest.
const AGE_NS: u64 = limits::AUDIT_FLUSH_MS * 1_000_000;

/// Entries of one instance on their way to the log, in order. Hands over by itself when it is full
/// (`audit-buffer-bytes`), when a push finds an entry older than `audit-flush-ms`, and when
/// dropped; the owner hands over whenever the guest stops running.
#[derive(Debug)]
pub struct Buffer {
    scribe: Arc<Scribe>,
    run: [u8; 8],
    context: Context,
    entries: Entries,
    oldest_ns: u64,
    /// Bytes of all bodies so far.
    recorded: u64,
    /// Whether the buffer's last subject is the context's.
    is_current: bool,
}

impl Buffer {
    pub(super) fn new(scribe: Arc<Scribe>, run: [u8; 8], context: Context) -> Self {
        let entries = Entries::default();
        Self { scribe, run, context, entries, oldest_ns: 0, recorded: 0, is_current: false }
    }

    /// Says for whom the following entries are.
    pub fn set_context(&mut self, context: Context) {
        self.context = context;
        self.is_current = false;
    }

    /// Whether the log takes entries now: what it can't record must not happen. Errors: as
    /// [`Buffer::push`].
    pub fn ready(&self) -> Result<()> {
        self.scribe.queue.check()
    }

    /// Takes one entry. Allocates only until the buffer has grown once; blocks only when it hands
    /// over at the queue's hard limit.
    ///
    /// Errors: `ASTRID_AUDIT_WRITE`, `ASTRID_AUDIT_CORRUPT` or `ASTRID_KERNEL_CLOSED` when the log
    /// takes nothing now, `ASTRID_INTERNAL` when the kind doesn't carry these fields. The entry is
    /// not taken then, and what it would record must not happen.
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<Room> {
        let (_, room) = self.take(entry)?;
        Ok(room)
    }

    /// Takes an entry of something that is over already. While the log takes nothing, it waits in
    /// the buffer; what finds no room there is counted as lost.
    pub fn push_ended(&mut self, entry: &Entry<'_>) {
        let taken = self.push(entry).is_ok()
            || (self.entries.length() <= FULL_BYTES && self.encode(entry).is_ok());
        if !taken {
            self.scribe.queue.lose(1);
        }
    }

    /// Takes one entry and hands all over at once; the ticket says what became of this entry. The
    /// call itself doesn't wait, except at the queue's hard limit. Errors: as [`Buffer::push`].
    pub fn push_sync(&mut self, entry: &Entry<'_>) -> Result<Ticket> {
        let (begin, _) = self.take(entry)?;
        let slot = Arc::new(Slot::default());
        match self.scribe.queue.put(&mut self.entries, Some(Arc::clone(&slot)), false) {
            Ok(handed) => Ok(Ticket::new(slot, &self.scribe, handed.last)),
            Err(error) => {
                // The entry is the last in the buffer: it is taken back.
                self.entries.take_back(begin);
                Err(error)
            }
        }
    }

    /// Bytes of the records' bodies that it took since the last time.
    pub fn take_recorded(&mut self) -> u64 {
        std::mem::take(&mut self.recorded)
    }

    /// Moves all entries to the writer's queue. Blocks at its hard limit. Errors: as
    /// [`Buffer::push`]; the buffer keeps its entries then.
    pub fn hand_over(&mut self) -> Result<Room> {
        if self.entries.count == 0 {
            return Ok(Room::Free);
        }
        Ok(self.scribe.queue.put(&mut self.entries, None, false)?.room)
    }

    /// Puts the entry at the end of the buffer, emptied before if it is full or old; where the
    /// entry begins.
    fn take(&mut self, entry: &Entry<'_>) -> Result<(usize, Room)> {
        self.scribe.queue.check()?;
        let mut room = Room::Free;
        let old = entry.mono_ns.saturating_sub(self.oldest_ns) > AGE_NS;
        if self.entries.length() > FULL_BYTES || (old && self.entries.count > 0) {
            // It goes on like this: a full buffer's memory is used again.
            room = self.scribe.queue.put(&mut self.entries, None, !old)?.room;
        }
        Ok((self.encode(entry)?, room))
    }

    /// Puts the entry at the end of the buffer; where it begins.
    fn encode(&mut self, entry: &Entry<'_>) -> Result<usize> {
        if self.entries.bytes.is_empty() {
            self.oldest_ns = entry.mono_ns;
            self.is_current = false;
        }
        if !self.is_current {
            pending::push_subject(&mut self.entries, &self.context);
            self.is_current = true;
        }
        let begin = self.entries.bytes.len();
        let bytes = pending::push(&mut self.entries, self.run, entry, &self.context)?;
        self.recorded += bytes as u64;
        Ok(begin)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.hand_over().is_err() {
            self.scribe.queue.put_last(&mut self.entries);
        }
    }
}
