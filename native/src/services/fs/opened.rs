//! The files a message has open. This list is their only owner: whatever a guest still holds, they
//! close when their message ends.

use std::sync::{Arc, Weak};

use super::OpenFile;
use super::tally::Written;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::gate::path::ResourcePath;

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

/// What was opened, and on which decision.
pub struct Opening {
    /// Under its root.
    pub path: ResourcePath,
    /// Sequence of the decision to write; 0 if it was opened to read.
    pub cause: u64,
}

/// One open file.
struct Open {
    file: Arc<OpenFile>,
    users: Weak<()>,
    opening: Opening,
}

/// The open files of one message, at most `open-files`.
#[derive(Default)]
pub struct OpenFiles(Vec<Open>);

/// A file that closed, and what was written to it, if anything was.
pub type Closed = (Opening, Option<Written>);

impl OpenFiles {
    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Closes what nobody uses any more.
    pub fn close_unused(&mut self) -> Vec<Closed> {
        self.0.extract_if(.., |open| open.users.strong_count() == 0).map(Open::close).collect()
    }

    /// Closes all of them.
    pub fn close_all(&mut self) -> Vec<Closed> {
        self.0.drain(..).map(Open::close).collect()
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
    pub fn add(&mut self, file: OpenFile, opening: Opening) -> Opened {
        let (file, user) = (Arc::new(file), Arc::new(()));
        let opened = Opened { file: Arc::downgrade(&file), _user: user.clone() };
        self.0.push(Open { file, users: Arc::downgrade(&user), opening });
        opened
    }
}

impl Open {
    fn close(self) -> Closed {
        // Nobody writes any more: whoever does holds the file only during a call.
        (self.opening, self.file.written())
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
