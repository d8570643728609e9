//! Opens a directory beneath another without following a link, so that the path decided is the
//! path opened.
//!
//! The kernel does it in one call where it has `openat2`; where that is missing or blocked, each
//! component is opened by itself. Mounts below the start are crossed: volumes in a workspace are
//! ordinary, and making one needs rights that no guest has. Only directories are opened here;
//! whatever the last name is, it is opened by that one name in its directory.

use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, openat},
    io::Errno,
};

use super::{
    node::{FileId, Node},
    os, partial,
};
use crate::base::error::{Code, Error, Result};

/// How a path is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// By the kernel, in one call.
    #[cfg(target_os = "linux")]
    Kernel,
    /// Component by component.
    Walk,
}

/// What an opened directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Opening, making or removing what is in it.
    Pass,
    /// Reading its entries.
    Read,
}

/// An open directory.
#[derive(Debug)]
pub(super) struct Dir {
    pub fd: OwnedFd,
    pub id: FileId,
}

impl AsFd for Dir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Where paths start, and which directories none of them may enter.
#[derive(Debug)]
pub(super) struct Anchor {
    dir: Dir,
    reach: Reach,
    forbidden: Box<[FileId]>,
}

impl Anchor {
    /// Paths start at `fd`, a directory. Finds out once how they can be resolved.
    pub fn new(fd: OwnedFd, forbidden: &[FileId]) -> Result<Self> {
        let reach = probe(fd.as_fd());
        Self::with_reach(fd, forbidden, reach)
    }

    /// As `new`, resolved in a given way.
    pub fn with_reach(fd: OwnedFd, forbidden: &[FileId], reach: Reach) -> Result<Self> {
        let id = Node::of(&fd)?.id;
        let anchor = Self { dir: Dir { fd, id }, reach, forbidden: forbidden.into() };
        anchor.allowed(id)?;
        Ok(anchor)
    }

    /// A start further down, under the same rules.
    pub fn at(&self, dir: Dir) -> Self {
        Self { dir, reach: self.reach, forbidden: self.forbidden.clone() }
    }

    /// Opens the directory that `names` lead to from here; none stands for the start itself.
    /// `ASTRID_NOT_A_FILE` for a link or file on the way, `ASTRID_NOT_FOUND`, `ASTRID_DENIED` for
    /// a forbidden directory.
    pub fn directory(&self, names: &[&str], purpose: Purpose) -> Result<Dir> {
        for name in names {
            check(name)?;
        }
        let fd = match self.reach {
            #[cfg(target_os = "linux")]
            Reach::Kernel => resolve(self.dir.as_fd(), names, flags(purpose))?,
            Reach::Walk => self.walk(names, flags(purpose))?,
        };
        let id = Node::of(&fd)?.id;
        self.allowed(id)?;
        Ok(Dir { fd, id })
    }

    /// Whether a directory may not be entered, listed or changed.
    pub fn is_forbidden(&self, id: FileId) -> bool {
        self.forbidden.contains(&id)
    }

    /// The directory that paths start from.
    pub fn start(&self) -> &Dir {
        &self.dir
    }

    /// `ASTRID_DENIED` for what may not be entered, listed or changed.
    pub fn allowed(&self, id: FileId) -> Result<()> {
        if self.is_forbidden(id) {
            return Err(Error::new(Code::Denied, "the kernel's own files can't be granted"));
        }
        Ok(())
    }

    fn walk(&self, names: &[&str], last: OFlags) -> Result<OwnedFd> {
        let Some((name, way)) = names.split_last() else {
            return step(self.dir.as_fd(), ".", last);
        };
        let mut reached: Option<OwnedFd> = None;
        for name in way {
            let from = reached.as_ref().map_or(self.dir.as_fd(), AsFd::as_fd);
            let next = step(from, name, flags(Purpose::Pass))?;
            self.allowed(Node::of(&next)?.id)?;
            reached = Some(next);
        }
        step(reached.as_ref().map_or(self.dir.as_fd(), AsFd::as_fd), name, last)
    }
}

/// `ASTRID_INVALID` unless `name` is one component, `ASTRID_NOT_FOUND` for the name of a copy that
/// is still being written. The gate's paths hold the first already; here it costs nothing.
pub(super) fn check(name: &str) -> Result<()> {
    if matches!(name, "" | "." | "..") || name.contains(['/', '\0']) {
        return Err(Error::new(Code::Invalid, "not a component of a path"));
    }
    if partial::is_partial(name) {
        return Err(os::error(Errno::NOENT));
    }
    Ok(())
}

/// Opens one name as a directory, not following it.
fn step(from: BorrowedFd<'_>, name: &str, flags: OFlags) -> Result<OwnedFd> {
    openat(from, name, flags, Mode::empty()).map_err(os::error)
}

fn flags(purpose: Purpose) -> OFlags {
    let always = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match purpose {
        // Passing through a directory needs no right to read it.
        #[cfg(target_os = "linux")]
        Purpose::Pass => always | OFlags::PATH,
        _ => always | OFlags::RDONLY,
    }
}

#[cfg(not(target_os = "linux"))]
fn probe(_: BorrowedFd<'_>) -> Reach {
    Reach::Walk
}

/// Old kernels lack the call, and sandboxes block it.
#[cfg(target_os = "linux")]
fn probe(start: BorrowedFd<'_>) -> Reach {
    match resolve(start, &[], flags(Purpose::Pass)) {
        Ok(_) => Reach::Kernel,
        Err(_) => Reach::Walk,
    }
}

#[cfg(target_os = "linux")]
fn resolve(start: BorrowedFd<'_>, names: &[&str], flags: OFlags) -> Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};

    // The kernel asks for another try when a rename elsewhere made it unsure.
    const TRIES: usize = 16;
    let rules = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let path = if names.is_empty() { ".".to_owned() } else { names.join("/") };
    let mut last = Errno::AGAIN;
    for _ in 0..TRIES {
        match openat2(start, path.as_str(), flags, Mode::empty(), rules) {
            Err(errno @ (Errno::AGAIN | Errno::INTR)) => last = errno,
            // Left the start: only a link could have done that.
            Err(Errno::XDEV) => return Err(os::error(Errno::LOOP)),
            answer => return answer.map_err(os::error),
        }
    }
    Err(os::error(last))
}

/// Whether the kernel opens paths beneath a root by itself; else every component is opened alone.
pub fn has_openat2() -> bool {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
    let root = rustix::fs::open("/", flags, Mode::empty());
    root.is_ok_and(|root| probe(root.as_fd()) == Reach::Kernel)
}
