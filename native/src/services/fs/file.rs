//! An open file.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::{
    buffer::spare_capacity,
    fd::OwnedFd,
    fs::{fsync, ftruncate},
    io::{Errno, pread, pwrite},
};

use super::{
    append,
    node::{Attributes, FileId, Node},
    os,
    quota::Account,
    root::RootDir,
    tally::{Tally, Written},
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{FS_FILE_BYTES, FS_READ_BYTES, FS_WRITE_BYTES},
};

/// What a handle may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub read: bool,
    pub write: bool,
}

/// An open regular file. Its calls block for the disk at most: whatever could wait for somebody
/// (FIFO, socket, device) was refused when it was opened.
#[derive(Debug)]
pub struct OpenFile {
    fd: OwnedFd,
    id: FileId,
    access: Access,
    root: Arc<RootDir>,
    /// Appends of this handle go one after another, so that each learns where it landed.
    appending: Mutex<()>,
    /// Made at the first write.
    tally: Mutex<Option<Box<Tally>>>,
}

impl OpenFile {
    /// A handle on `fd`, which `account`, the root's own, learns of.
    pub(super) fn new(
        fd: OwnedFd,
        access: Access,
        root: &Arc<RootDir>,
        account: &mut Account<'_>,
    ) -> Result<Self> {
        let id = Node::of(&fd)?.id;
        account.opened(id);
        let (root, appending, tally) = (Arc::clone(root), Mutex::default(), Mutex::default());
        Ok(Self { fd, id, access, root, appending, tally })
    }

    /// Up to `len` bytes from `offset`; fewer only at the end of the file. `ASTRID_TOO_LARGE` for
    /// a `len` over `fs-read-bytes`, `ASTRID_INVALID` for a handle that can't read, `ASTRID_IO`.
    pub fn read(&self, offset: u64, len: u32) -> Result<Vec<u8>> {
        if !self.access.read {
            return Err(Error::new(Code::Invalid, "the file was not opened with read"));
        }
        let len = at_most(len as usize, FS_READ_BYTES, "fs-read-bytes")?;
        let mut bytes = Vec::with_capacity(len.min(self.left(offset)?));
        while bytes.len() < bytes.capacity().min(len) {
            let at = offset + bytes.len() as u64;
            match pread(&self.fd, spare_capacity(&mut bytes), at) {
                Ok(0) => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(os::error(errno)),
            }
        }
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Writes all of `data` at `offset`. `ASTRID_TOO_LARGE` for data over `fs-write-bytes` or a
    /// file over `fs-file-bytes`, `ASTRID_QUOTA` for a full root or disk, `ASTRID_INVALID` for a
    /// handle that can't write, `ASTRID_IO`.
    pub fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.end(offset, data)?;
        self.count(data, self.put(offset, data))
    }

    /// As `write`, for what nobody records as written by a guest.
    pub(super) fn put(&self, offset: u64, data: &[u8]) -> Result<()> {
        let end = self.end(offset, data)?;
        self.root.account().change(&self.fd, end, || write_all(&self.fd, offset, data))
    }

    /// Writes all of `data` at the end in one step, whoever else appends; the offset it landed
    /// on. Errors as `write`.
    pub fn append(&self, data: &[u8]) -> Result<u64> {
        let _in_turn = self.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let mut account = self.root.account();
        let end = self.end(Node::of(&self.fd)?.size, data)?;
        let result = account.change(&self.fd, end, || append::append(&self.fd, data));
        self.count(data, result)
    }

    /// All that was written through this handle so far; none if nothing was tried.
    pub fn written(&self) -> Option<Written> {
        self.tally().as_ref().map(|tally| tally.written())
    }

    fn count<T>(&self, data: &[u8], result: Result<T>) -> Result<T> {
        self.tally().get_or_insert_default().add(data, &result);
        result
    }

    fn tally(&self) -> MutexGuard<'_, Option<Box<Tally>>> {
        // At worst one write is not counted.
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cuts or extends with zeros to `size` bytes. Errors as `write`.
    pub fn truncate(&self, size: u64) -> Result<()> {
        let size = self.end(size, &[])?;
        self.root.account().change(&self.fd, size, || ftruncate(&self.fd, size).map_err(os::error))
    }

    /// Returns when all that was written is on disk. `ASTRID_IO`.
    pub fn sync(&self) -> Result<()> {
        fsync(&self.fd).map_err(os::error)
    }

    /// Kind, size and time. `ASTRID_IO`.
    pub fn stat(&self) -> Result<Attributes> {
        Node::of(&self.fd)?.attributes()
    }

    /// What this handle refers to.
    pub(super) fn node(&self) -> Result<Node> {
        Node::of(&self.fd)
    }

    /// Bytes from `offset` to the end of the file, as it is now.
    fn left(&self, offset: u64) -> Result<usize> {
        let left = Node::of(&self.fd)?.size.saturating_sub(offset);
        Ok(usize::try_from(left).unwrap_or(usize::MAX))
    }

    /// Where the file ends at least after `data` at `offset`.
    fn end(&self, offset: u64, data: &[u8]) -> Result<u64> {
        if !self.access.write {
            return Err(Error::new(Code::Invalid, "the file was not opened with write"));
        }
        let len = at_most(data.len(), FS_WRITE_BYTES, "fs-write-bytes")? as u64;
        match offset.checked_add(len) {
            Some(end) if end <= FS_FILE_BYTES => Ok(end),
            _ => Err(too_large(FS_FILE_BYTES, "fs-file-bytes")),
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.root.account().closed(&self.fd, self.id);
    }
}

/// Writes all of `data` at `offset`.
fn write_all(fd: &OwnedFd, mut offset: u64, mut data: &[u8]) -> Result<()> {
    while !data.is_empty() {
        match pwrite(fd, data, offset) {
            Ok(0) => return Err(Error::new(Code::Io, "the file takes no more bytes")),
            Ok(written) => {
                data = &data[written..];
                offset += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os::error(errno)),
        }
    }
    Ok(())
}

fn at_most(len: usize, most: u64, limit: &str) -> Result<usize> {
    if len as u64 > most { Err(too_large(most, limit)) } else { Ok(len) }
}

fn too_large(most: u64, limit: &str) -> Error {
    Error::new(Code::TooLarge, format!("at most {most} bytes ({limit})"))
}
