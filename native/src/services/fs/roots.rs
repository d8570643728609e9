//! Makes and opens the three roots.
//!
//! In the home: `data/<capsule>/<principal>/` stays; `tmp/<process>/<instance>/` goes with the
//! instance. A process holds a lock on `tmp/<process>.lock` while it lives, so that the next one
//! can tell what a dead one left behind and remove it.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Mode, OFlags, mkdirat, openat},
    io::Errno,
};

use super::{
    node::{FileId, Node},
    os,
    quota::Most,
    root::RootDir,
    scratch::Scratch,
    sweep, workspace,
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{DATA_BYTES, TMP_BYTES},
};

const DATA: &str = "data";
const TMP: &str = "tmp";
const DATA_MOST: Most = Most { bytes: DATA_BYTES, limit: "data-bytes" };
const TMP_MOST: Most = Most { bytes: TMP_BYTES, limit: "tmp-bytes" };

/// Whose `data://` it is: both ids as the kernel spells them, lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The capsule's identity.
    pub capsule: String,
    /// The principal it acts for.
    pub principal: String,
}

/// The roots of one home.
#[derive(Debug)]
pub struct Roots {
    home: OwnedFd,
    data: OwnedFd,
    scratch: Arc<Scratch>,
    next: AtomicU64,
    /// The home and the folders directly in it: no workspace leads there.
    forbidden: Vec<FileId>,
    /// One account for all instances of an owner.
    open: Mutex<HashMap<Owner, Weak<RootDir>>>,
}

impl Roots {
    /// Opens the roots of the home at `home`, an existing folder of ours, and removes what dead
    /// processes left in `tmp`. `ASTRID_HOME`.
    pub fn open(home: &Path) -> Result<Self> {
        Self::open_inner(home)
            .map_err(|error| Error::new(Code::Home, format!("the home: {}", error.message)))
    }

    fn open_inner(home: &Path) -> Result<Self> {
        let home = workspace::open_host(home)?;
        let data = make(&home, DATA)?;
        let tmp = make(&home, TMP)?;
        let mut forbidden = vec![Node::of(&home)?.id];
        sweep::each(&home, &mut |name| {
            forbidden.extend(Node::find(&home, name)?.map(|node| node.id));
            Ok(())
        })?;
        Ok(Self {
            data,
            scratch: Arc::new(Scratch::open(tmp)?),
            next: AtomicU64::new(0),
            forbidden,
            open: Mutex::default(),
            home,
        })
    }

    /// The folder at `path` as `workspace://`. `ASTRID_WORKSPACE` if it is missing, no directory,
    /// or overlaps the home.
    pub fn workspace(&self, path: &Path) -> Result<Arc<RootDir>> {
        let wrong = |error: Error| Error::new(Code::Workspace, error.message);
        let fd = workspace::open_host(path).map_err(wrong)?;
        workspace::check_open(&fd, &self.home)?;
        RootDir::unmetered(fd, &self.forbidden).map(Arc::new).map_err(wrong)
    }

    /// The folder of `owner` as `data://`, made if it is missing; the same root for all who ask
    /// while one holds it. `ASTRID_INVALID` for ids that aren't, `ASTRID_IO`.
    pub fn data(&self, owner: &Owner) -> Result<Arc<RootDir>> {
        check_id(&owner.capsule)?;
        check_id(&owner.principal)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = open.get(owner).and_then(Weak::upgrade) {
            return Ok(root);
        }
        open.retain(|_, root| root.strong_count() > 0);
        let fd = make(&make(&self.data, &owner.capsule)?, &owner.principal)?;
        let used = sweep::usage(&fd, DATA_MOST.bytes)?;
        let root = Arc::new(RootDir::metered(fd, used, DATA_MOST)?);
        open.insert(owner.clone(), Arc::downgrade(&root));
        Ok(root)
    }

    /// A fresh folder as `tmp://`. `ASTRID_IO`.
    pub fn tmp(&self) -> Result<TmpRoot> {
        let name = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let fd = make(self.scratch.dir(), &name)?;
        let root = Arc::new(RootDir::metered(fd, 0, TMP_MOST)?);
        Ok(TmpRoot { root, scratch: Arc::clone(&self.scratch), name })
    }
}

/// Scratch space of one instance; removed when dropped. What can't be removed then is removed when
/// the next process starts.
#[derive(Debug)]
pub struct TmpRoot {
    root: Arc<RootDir>,
    scratch: Arc<Scratch>,
    name: String,
}

impl TmpRoot {
    /// The root itself.
    pub fn root(&self) -> &Arc<RootDir> {
        &self.root
    }
}

impl Drop for TmpRoot {
    fn drop(&mut self) {
        // Nobody is left to tell; the lock file finds it again.
        drop(sweep::remove_tree(self.scratch.dir(), &self.name, &mut |_| ()));
    }
}

/// Opens the directory `name` of `dir`, made for this account alone if it is missing.
pub(super) fn make(dir: impl AsFd, name: &str) -> Result<OwnedFd> {
    match mkdirat(&dir, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(os::error(errno)),
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    openat(dir, name, flags, Mode::empty()).map_err(os::error)
}

fn check_id(id: &str) -> Result<()> {
    const LENGTH: std::ops::RangeInclusive<usize> = 1..=64;
    let digits = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if digits && LENGTH.contains(&id.len()) {
        return Ok(());
    }
    Err(Error::new(Code::Invalid, "an id has 1 to 64 lower-case hexadecimal digits"))
}
