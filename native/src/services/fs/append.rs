//! One append in one step.

use rustix::{
    fd::OwnedFd,
    fs::{SeekFrom, ftruncate, seek},
    io::Errno,
};

use super::{node::Node, os};
use crate::base::error::{Code, Error, Result};

/// Appends `data` and answers the offset it landed on. The caller lets one append at a time use
/// `fd`. What was written in part (a full disk) is cut off again if it is still the end.
pub(super) fn append(fd: &OwnedFd, data: &[u8]) -> Result<u64> {
    if data.is_empty() {
        return Ok(Node::of(fd)?.size);
    }
    let (written, end) = write_at_end(fd, data)?;
    let start = end - written as u64;
    if written == data.len() {
        return Ok(start);
    }
    if Node::of(fd)?.size == end {
        ftruncate(fd, start).map_err(os::error)?;
    }
    Err(Error::new(Code::Quota, "no space left on the disk"))
}

/// Bytes written, and the offset after the last of them. The kernel finds the end and writes
/// there in one step, also against other processes.
#[cfg(target_os = "linux")]
fn write_at_end(fd: &OwnedFd, data: &[u8]) -> Result<(usize, u64)> {
    use rustix::io::{ReadWriteFlags, pwritev2};

    // Minus one: use and move the descriptor's own position, which then tells where it landed.
    const OWN_POSITION: u64 = u64::MAX;
    let parts = [std::io::IoSlice::new(data)];
    loop {
        match pwritev2(fd, &parts, OWN_POSITION, ReadWriteFlags::APPEND) {
            Ok(written) => return position(fd).map(|end| (written, end)),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(os::error(errno)),
        }
    }
}

/// As on Linux, with a lock on the file in place of the kernel's own: it keeps our own appends
/// apart, in all processes, but not those of other programs.
#[cfg(not(target_os = "linux"))]
fn write_at_end(fd: &OwnedFd, data: &[u8]) -> Result<(usize, u64)> {
    use rustix::{
        fs::{FlockOperation, flock},
        io::write,
    };

    flock(fd, FlockOperation::LockExclusive).map_err(os::error)?;
    let written = seek(fd, SeekFrom::End(0)).and_then(|_| {
        loop {
            match write(fd, data) {
                Err(Errno::INTR) => {}
                answer => break answer,
            }
        }
    });
    let answer = written.map_err(os::error).and_then(|n| position(fd).map(|end| (n, end)));
    flock(fd, FlockOperation::Unlock).map_err(os::error)?;
    answer
}

fn position(fd: &OwnedFd) -> Result<u64> {
    seek(fd, SeekFrom::Current(0)).map_err(os::error)
}
