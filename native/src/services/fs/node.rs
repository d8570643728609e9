//! What stands under a name, as `stat` tells it.

use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType, Stat, fstat, statat},
};

use super::os;
use crate::base::error::{Code, Error, Result};

/// One file or directory of this machine, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The file system's device number.
    pub device: u64,
    /// The number within the file system.
    pub inode: u64,
}

/// The kinds of things a guest can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// What `stat` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// File or directory.
    pub kind: Kind,
    /// In bytes; 0 for a directory.
    pub size: u64,
    /// Microseconds since 1970-01-01T00:00:00Z; 0 for anything earlier.
    pub modified: u64,
}

/// Everything the service needs to know of one thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub id: FileId,
    /// None for a link or a special file.
    pub kind: Option<Kind>,
    /// In bytes; 0 for a directory.
    pub size: u64,
    /// Microseconds since 1970.
    modified: u64,
    /// Hard links to it.
    pub links: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
}

impl Node {
    /// What an open descriptor refers to.
    pub fn of(fd: impl AsFd) -> Result<Self> {
        fstat(fd).map(|stat| Self::from_stat(&stat)).map_err(os::error)
    }

    /// What stands under `name`, a link itself and not what it points to. A `stat` opens nothing,
    /// so no driver or FIFO notices.
    pub fn at(dir: impl AsFd, name: &str) -> Result<Self> {
        let stat = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(os::error)?;
        Ok(Self::from_stat(&stat))
    }

    /// As `at`, none when nothing is there.
    pub fn find(dir: impl AsFd, name: &str) -> Result<Option<Self>> {
        match Self::at(dir, name) {
            Ok(node) => Ok(Some(node)),
            Err(error) if error.code == Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Its kind. `ASTRID_NOT_A_FILE` for a link or special file.
    pub fn known(&self) -> Result<Kind> {
        self.kind.ok_or_else(|| Error::new(Code::NotAFile, "a link or a special file"))
    }

    /// `ASTRID_NOT_A_FILE` unless it is of that kind.
    pub fn expect(&self, kind: Kind) -> Result<()> {
        match (self.known()?, kind) {
            (Kind::Directory, Kind::File) => Err(Error::new(Code::NotAFile, "a directory")),
            (Kind::File, Kind::Directory) => Err(Error::new(Code::NotAFile, "not a directory")),
            _ => Ok(()),
        }
    }

    /// `ASTRID_NOT_A_FILE` unless it is a regular file with one name: through a second name, a
    /// write would reach a path that nobody decided.
    pub fn expect_writable(&self) -> Result<()> {
        self.expect(Kind::File)?;
        if self.links > 1 {
            let message = "a file with more than one hard link is not written";
            return Err(Error::new(Code::NotAFile, message));
        }
        Ok(())
    }

    /// The part a guest sees. `ASTRID_NOT_A_FILE` for a link or special file.
    pub fn attributes(&self) -> Result<Attributes> {
        Ok(Attributes { kind: self.known()?, size: self.size, modified: self.modified })
    }

    #[cfg_attr(
        target_os = "linux",
        expect(clippy::unnecessary_cast, reason = "the fields' types differ between platforms")
    )]
    fn from_stat(stat: &Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Some(Kind::File),
            FileType::Directory => Some(Kind::Directory),
            _ => None,
        };
        let size = if kind == Some(Kind::File) { stat.st_size.cast_unsigned() } else { 0 };
        let seconds = u64::try_from(stat.st_mtime).unwrap_or(0);
        Self {
            id: FileId { device: stat.st_dev as u64, inode: stat.st_ino as u64 },
            kind,
            size,
            modified: seconds.saturating_mul(1_000_000) + stat.st_mtime_nsec as u64 / 1_000,
            links: stat.st_nlink as u64,
            executable: stat.st_mode & 0o100 != 0,
        }
    }
}
