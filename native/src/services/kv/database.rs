//! The database file: how it is opened, locked and kept, and what its errors are to us.

use std::{
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, ffi};
use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, chmodat, open, statat},
    io::Errno,
};

use super::sync::Syncer;
use crate::base::{
    error::{Code, Error, Result},
    limits::KV_BUSY_MS,
};

const FILE: &str = "kv.sqlite";
const VERSION: i64 = 1;

/// Keys are blobs, so that they sort by their bytes. The counters of a namespace change in the
/// transaction that changes its entries.
const SCHEMA: &str = "
CREATE TABLE namespaces (
    id INTEGER PRIMARY KEY,
    capsule TEXT NOT NULL,
    principal TEXT NOT NULL,
    keys INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    UNIQUE (capsule, principal)
) STRICT;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL REFERENCES namespaces (id),
    key BLOB NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (namespace, key)
) STRICT;
PRAGMA user_version = 1;
";

const BUSY: Duration = Duration::from_millis(KV_BUSY_MS);

/// An open database. One connection: a call holds it for microseconds, or until another process's
/// transaction ends.
#[derive(Debug)]
pub(super) struct Database {
    /// None while a call has it.
    idle: Mutex<Option<Connection>>,
    returned: Condvar,
    syncer: Syncer,
}

impl Database {
    /// Opens the file in the folder `home`.
    pub fn open(home: &Path) -> Result<Self> {
        // Without links in it, so that SQLite can be told to follow none.
        let path = home.canonicalize().map_err(|error| io(&error.to_string()))?.join(FILE);
        prepare(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        configure(&mut connection)?;
        let (idle, returned) = (Mutex::new(Some(connection)), Condvar::new());
        Ok(Self { idle, returned, syncer: Syncer::start(&path)? })
    }

    /// Runs something that only reads. Waits for others until `deadline`, at most `kv-busy-ms`:
    /// `ASTRID_DEADLINE`, `ASTRID_BUSY`.
    pub fn read<T>(
        &self,
        deadline: Option<Instant>,
        read: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        read(self.lease(deadline)?.connection()?)
    }

    /// Runs a change as one transaction: all of it happens or, on an error, nothing. It is on disk
    /// within `kv-sync-ms`. Waits as [`Database::read`]. `ASTRID_IO` also when an earlier change
    /// could not be brought to disk.
    pub fn write<T>(
        &self,
        deadline: Option<Instant>,
        change: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.syncer.check()?;
        let mut lease = self.lease(deadline)?;
        let due = lease.due;
        let transaction = lease
            .connection()?
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| if is_busy(&error) { late(due) } else { failed(error) })?;
        let answer = change(&transaction)?;
        transaction.commit().map_err(failed)?;
        self.syncer.changed();
        Ok(answer)
    }

    fn lease(&self, deadline: Option<Instant>) -> Result<Lease<'_>> {
        let most = Instant::now() + BUSY;
        let until = deadline.map_or(most, |deadline| deadline.min(most));
        let due = until < most;
        let left = || until.saturating_duration_since(Instant::now());
        let waited = self.returned.wait_timeout_while(self.lock(), left(), |idle| idle.is_none());
        let connection = waited.unwrap_or_else(PoisonError::into_inner).0.take();
        let connection = connection.ok_or_else(|| late(due))?;
        // First the lease: it gives the connection back on every way out.
        let lease = Lease { database: self, connection: Some(connection), due };
        if let Some(connection) = &lease.connection {
            connection.busy_timeout(left()).map_err(failed)?;
        }
        Ok(lease)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        // Nothing under this lock can panic half-way.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection, for one call. A panic inside a transaction rolls that back before it returns.
struct Lease<'d> {
    database: &'d Database,
    connection: Option<Connection>,
    /// Whether the message's deadline ends its wait, before `kv-busy-ms` does.
    due: bool,
}

impl Lease<'_> {
    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or_else(|| io("no connection"))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        *self.database.lock() = self.connection.take();
        self.database.returned.notify_one();
    }
}

/// Others had the store for too long: longer than the message has, or than anyone waits.
fn late(due: bool) -> Error {
    if due {
        return Error::new(Code::Deadline, "the deadline passed before the store was free");
    }
    Error::new(Code::Busy, "the store: another process writes for too long (kv-busy-ms)")
}

/// Makes the file, for this account alone, or sees to it that it is a regular file. An existing
/// one is not opened here: closing it again would drop the locks of this process's connections.
fn prepare(path: &PathBuf) -> Result<()> {
    let own = Mode::RUSR | Mode::WUSR;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    match open(path, flags, own) {
        Ok(_) => return Ok(()),
        Err(Errno::EXIST) => {}
        Err(errno) => return Err(io(&std::io::Error::from(errno).to_string())),
    }
    let io_error = |errno: Errno| io(&std::io::Error::from(errno).to_string());
    let stat = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).map_err(io_error)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io("not a regular file"));
    }
    if stat.st_mode & 0o077 != 0 {
        chmodat(CWD, path, own, AtFlags::empty()).map_err(io_error)?;
    }
    Ok(())
}

fn configure(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(BUSY).map_err(failed)?;
    let deadline = Instant::now() + BUSY;
    // While another process makes or recovers the file, SQLite answers "busy" without waiting.
    loop {
        match initialise(connection) {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            answer => return answer.map_err(failed)?,
        }
    }
}

/// The outer error is SQLite's, the inner one ours.
fn initialise(connection: &mut Connection) -> rusqlite::Result<Result<()>> {
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;",
    )?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Ok(Err(io("its file system can't do write-ahead logging")));
    }
    connection.execute_batch("PRAGMA synchronous = NORMAL;")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (version, tables) {
        (0, 0) => transaction.execute_batch(SCHEMA)?,
        (VERSION, _) => {}
        _ => return Ok(Err(io("not a store of this version"))),
    }
    transaction.commit()?;
    Ok(Ok(()))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// What SQLite says, without the SQL and paths that its own messages hold.
pub(super) fn failed(error: rusqlite::Error) -> Error {
    match &error {
        rusqlite::Error::SqliteFailure(inner, _) if inner.code == ErrorCode::DiskFull => {
            Error::new(Code::Quota, "the store: no space left on the disk")
        }
        rusqlite::Error::SqliteFailure(inner, _) => io(ffi::code_to_str(inner.extended_code)),
        _ => damaged(),
    }
}

/// What was read can't have been written by us.
pub(super) fn damaged() -> Error {
    io("its contents are damaged")
}

/// The store can't be read or written.
pub(super) fn io(why: &str) -> Error {
    Error::new(Code::Io, format!("the store: {why}"))
}
