//! The calls that change the log on disk. A seam, so that a test can make each of them fail.
//!
//! Closing is not among them: nothing is called durable because a close succeeded.

use std::{
    fmt::Debug,
    fs::{self, File, OpenOptions},
    io,
    ops::Range,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use rustix::fs::OFlags;

/// Bytes copied at once.
const COPY_BYTES: usize = 64 * 1024;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// To be read; it exists.
    Read,
    /// To be read and written; it exists.
    Write,
    /// The same, and it is made if it is missing.
    Make,
    /// To be read and written; it must not exist.
    New,
}

/// Where bytes become durable. A call that fails may have done a part of what it should. What is
/// not implemented is the real call.
pub trait Media: Debug + Send + Sync {
    /// Opens a file. A link is not followed, and nothing is waited for.
    fn open(&self, path: &Path, how: How) -> io::Result<File> {
        // NONBLOCK: a pipe put in a file's place must not make an open wait.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = OpenOptions::new();
        options.mode(0o600).custom_flags(flags.bits() as i32);
        options.read(true).write(how != How::Read);
        options.create(how == How::Make).create_new(how == How::New).open(path)
    }

    /// Writes all bytes at the offset.
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    /// Returns when all that was written to the file is durable. After an error the descriptor is
    /// of no more use: it would report success for bytes that are lost.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Returns when the names in the folder are durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        // All of it: what a folder's data is differs between file systems.
        File::open(path)?.sync_all()
    }

    /// Gives a file another name, in place of whatever has that.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Sets a file's length.
    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

/// Writes bytes of a file again, where they are: a failed sync leaves pages that look written and
/// are not.
pub fn write_again(media: &dyn Media, file: &File, range: Range<u64>) -> io::Result<()> {
    let mut bytes = [0; COPY_BYTES];
    let mut offset = range.start;
    while offset < range.end {
        let length = (range.end - offset).min(COPY_BYTES as u64) as usize;
        file.read_exact_at(&mut bytes[..length], offset)?;
        media.write(file, &bytes[..length], offset)?;
        offset += length as u64;
    }
    Ok(())
}

/// The real one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Media for Disk {}
