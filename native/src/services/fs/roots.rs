//! Makes and opens the three roots.
//!
//! In the home: `data/<capsule>/<principal>/` stays; `tmp/<process>/<instance>/` goes with the
//! instance. A process holds a lock on `tmp/<process>.lock` while it lives, so that the next one
//! can tell what a dead one left behind and remove it.
//!
//! To count what a `data://` holds, all of it is looked at once: on a thread that may wait, and
//! for its owner alone.

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
    copy::Patience,
    node::{FileId, Node},
    os,
    quota::Most,
    reaper::{Leftover, Reaper},
    root::RootDir,
    scratch::Scratch,
    sweep,
    workspace::{self, WorkspaceDir},
};
use crate::base::{
    error::{Code, Error, Result},
    limits::{DATA_BYTES, TMP_BYTES, TMP_REMOVALS},
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

/// The open root of one owner, locked while it is opened.
type Slot = Arc<tokio::sync::Mutex<Weak<RootDir>>>;

/// The roots of one home.
#[derive(Debug)]
pub struct Roots {
    home: OwnedFd,
    data: OwnedFd,
    scratch: Arc<Scratch>,
    reaper: Arc<Reaper>,
    next: AtomicU64,
    /// The home and the folders directly in it: no workspace leads there.
    forbidden: Vec<FileId>,
    /// One account for all instances of an owner.
    open: Mutex<HashMap<Owner, Slot>>,
}

impl Roots {
    /// Opens the roots of the home at `home`, an existing folder of ours, for at most `instances`
    /// live instances. What dead processes left in `tmp` is removed from then on. `ASTRID_HOME`,
    /// `ASTRID_UNSUPPORTED`.
    pub fn open(home: &Path, instances: u32) -> Result<Self> {
        let wrong = |error: Error| match error.code {
            Code::Unsupported => error,
            _ => Error::new(Code::Home, format!("the home: {}", error.message)),
        };
        Self::open_inner(home, instances).map_err(wrong)
    }

    fn open_inner(home: &Path, instances: u32) -> Result<Self> {
        let home = workspace::open_host(home)?;
        let data = make(&home, DATA)?;
        let tmp = make(&home, TMP)?;
        let mut forbidden = vec![Node::of(&home)?.id];
        sweep::each(&home, &mut |name| {
            forbidden.extend(Node::find(&home, name)?.map(|node| node.id));
            Ok(())
        })?;
        let scratch = Arc::new(Scratch::open(tmp)?);
        let places = instances as usize + TMP_REMOVALS as usize;
        let (dead, own) = (Arc::clone(&scratch), Arc::clone(&scratch));
        // What can't be removed now, the next process tries again.
        let sweep = move || drop(dead.sweep_dead());
        let remove = move |name: &str| drop(own.remove(name));
        Ok(Self {
            data,
            reaper: Arc::new(Reaper::start(places, sweep, remove)?),
            scratch,
            next: AtomicU64::new(0),
            forbidden,
            open: Mutex::default(),
            home,
        })
    }

    /// A folder as `workspace://`. `ASTRID_WORKSPACE` if it is missing, not the one that was
    /// checked, or overlaps the home.
    pub fn workspace(&self, dir: &WorkspaceDir) -> Result<Arc<RootDir>> {
        let fd = dir.open()?;
        workspace::check_open(&fd, &self.home)?;
        let wrong = |error: Error| Error::new(Code::Workspace, error.message);
        RootDir::unmetered(fd, &self.forbidden).map(Arc::new).map_err(wrong)
    }

    /// The folder of `owner` as `data://`, made if it is missing; the same root for all who ask
    /// while one holds it. `patience` is asked for each file in it. `ASTRID_INVALID` for ids that
    /// aren't, `ASTRID_IO`, and what `patience` says.
    pub async fn data(
        self: &Arc<Self>,
        owner: &Owner,
        patience: impl Fn() -> Result<()> + Send + 'static,
    ) -> Result<Arc<RootDir>> {
        check_id(&owner.capsule)?;
        check_id(&owner.principal)?;
        let mut slot = self.slot(owner).lock_owned().await;
        if let Some(root) = slot.upgrade() {
            return Ok(root);
        }
        let (roots, owner) = (Arc::clone(self), owner.clone());
        // The slot stays locked when the caller gives up meanwhile: there is one count at a time.
        let open = move || {
            let root = Arc::new(roots.open_data(&owner, &patience)?);
            *slot = Arc::downgrade(&root);
            Ok(root)
        };
        let bug = |_| Err(Error::new(Code::Internal, "the count of a root stopped"));
        tokio::task::spawn_blocking(open).await.unwrap_or_else(bug)
    }

    fn open_data(&self, owner: &Owner, patience: &Patience<'_>) -> Result<RootDir> {
        let fd = make(&make(&self.data, &owner.capsule)?, &owner.principal)?;
        let used = sweep::usage(&fd, DATA_MOST.bytes, patience)?;
        RootDir::metered(fd, used, DATA_MOST)
    }

    fn slot(&self, owner: &Owner) -> Slot {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that somebody opens or has open.
        open.retain(|_, slot| {
            Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|root| root.strong_count() > 0)
        });
        open.entry(owner.clone()).or_default().clone()
    }

    /// A fresh folder as `tmp://`; waits where too many are being removed. `ASTRID_IO`.
    pub async fn tmp(&self) -> Result<TmpRoot> {
        let place = self.reaper.place().await?;
        let name = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let fd = make(self.scratch.dir(), &name)?;
        let leftover = Some(Leftover { name, _place: place });
        let root = Arc::new(RootDir::metered(fd, 0, TMP_MOST)?);
        Ok(TmpRoot { root, reaper: Arc::clone(&self.reaper), leftover })
    }

    /// Removes all scratch folders, when their instances are gone. Blocks for the disk.
    pub fn close(&self) {
        self.reaper.close();
        self.scratch.close();
    }
}

/// Scratch space of one instance; removed some time after it was dropped.
#[derive(Debug)]
pub struct TmpRoot {
    root: Arc<RootDir>,
    reaper: Arc<Reaper>,
    /// None once it was handed over.
    leftover: Option<Leftover>,
}

impl TmpRoot {
    /// The root itself.
    pub fn root(&self) -> &Arc<RootDir> {
        &self.root
    }
}

impl Drop for TmpRoot {
    fn drop(&mut self) {
        if let Some(leftover) = self.leftover.take() {
            self.reaper.take(leftover);
        }
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
