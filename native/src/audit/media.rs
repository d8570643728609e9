//! The two calls that put the log on disk. A seam, so that a test can make the disk fail.

use std::{fs::File, io, os::unix::fs::FileExt};

/// Where bytes become durable.
pub trait Media: Send {
    /// Writes all bytes at the offset, or fails having written any part of them.
    fn write(&mut self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Returns when all that was written to the file is durable.
    fn sync(&mut self, file: &File) -> io::Result<()>;
}

/// The real one.
pub struct Disk;

impl Media for Disk {
    fn write(&mut self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}
