//! The files a message has open. This list is their only owner: whatever a guest still holds, they
//! close when their message ends.

use std::sync::{Arc, Weak};

use super::OpenFile;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// A way to an open file that does not keep it open.
#[derive(Clone)]
pub struct Opened {
    file: Weak<OpenFile>,
    /// One for the handle, one for each stream: the file closes when the last is gone.
    _user: Arc<()>,
}

impl Opened {
    /// The file. `ASTRID_CLOSED` once it was closed.
    pub fn file(&self) -> Result<Arc<OpenFile>> {
        let closed = || Error::new(Code::Closed, "the file closed with its message");
        self.file.upgrade().ok_or_else(closed)
    }
}

/// The open files of one message, at most `open-files`.
#[derive(Default)]
pub struct OpenFiles(Vec<(Arc<OpenFile>, Weak<()>)>);

impl OpenFiles {
    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Closes what nobody uses any more; how many that were.
    pub fn close_unused(&mut self) -> usize {
        let open = self.count();
        self.0.retain(|(_, users)| users.strong_count() > 0);
        open - self.count()
    }

    /// Closes all of them; how many there were.
    pub fn close_all(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }

    /// `ASTRID_QUOTA` when `open-files` are open.
    pub fn check_room(&self) -> Result<()> {
        if (self.count() as u64) < limits::OPEN_FILES {
            return Ok(());
        }
        let most = limits::OPEN_FILES;
        Err(Error::new(Code::Quota, format!("{most} files are open already (open-files)")))
    }

    /// Takes a file over.
    pub fn add(&mut self, file: OpenFile) -> Opened {
        let (file, user) = (Arc::new(file), Arc::new(()));
        let opened = Opened { file: Arc::downgrade(&file), _user: user.clone() };
        self.0.push((file, Arc::downgrade(&user)));
        opened
    }
}

/// The streams of an instance that have not ended, at most `open-streams`. A guest may forget that
/// it made one, so each is known by what it holds while it lives.
#[derive(Default)]
pub struct OpenStreams(Vec<Weak<()>>);

impl OpenStreams {
    /// Counts those no more that ended since the last time; how many that were.
    pub fn forget_ended(&mut self) -> usize {
        let known = self.0.len();
        self.0.retain(|stream| stream.strong_count() > 0);
        known - self.0.len()
    }

    /// `ASTRID_QUOTA` when `open-streams` have not ended.
    pub fn check_room(&self) -> Result<()> {
        if (self.0.len() as u64) < limits::OPEN_STREAMS {
            return Ok(());
        }
        let most = limits::OPEN_STREAMS;
        Err(Error::new(Code::Quota, format!("{most} streams have not ended (open-streams)")))
    }

    /// What a new one holds until it ends.
    pub fn add(&mut self) -> Arc<()> {
        let stream = Arc::new(());
        self.0.push(Arc::downgrade(&stream));
        stream
    }
}
