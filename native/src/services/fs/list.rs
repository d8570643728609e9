//! Lists a directory in pages.

use rustix::fs::{Dir as Reader, FileType};

use super::{
    beneath::{Dir, Purpose},
    node::{Kind, Node},
    os, partial,
    root::RootDir,
};
use crate::{
    base::{
        error::{Code, Error, Result},
        limits::{FS_DIRECTORY_ENTRIES, FS_PAGE_ENTRIES},
    },
    gate::path::ResourcePath,
};

/// Which entries are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Names after this one, in byte order; none for all.
    pub after: Option<&'a str>,
    /// At most so many, 1 to `fs-page-entries`.
    pub limit: u32,
}

/// One thing in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name there.
    pub name: String,
    /// File or directory.
    pub kind: Kind,
    /// In bytes; 0 for a directory.
    pub size: u64,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In byte order of the names.
    pub entries: Vec<Entry>,
    /// What to pass as `after` to go on; none when this was the last page.
    pub next: Option<String>,
}

/// Decides what of a directory is shown; an error ends the listing.
pub type MayShow<'a> = dyn FnMut(&ResourcePath, Kind) -> Result<bool> + 'a;

/// Lists the directory at `path`. Links, special files, names no path can have, the kernel's own
/// folders and what `may_show` refuses are left out. Errors as `fs.list` declares them.
pub(super) fn list(
    root: &RootDir,
    path: &ResourcePath,
    window: Window<'_>,
    may_show: &mut MayShow<'_>,
) -> Result<Page> {
    if window.limit == 0 || u64::from(window.limit) > FS_PAGE_ENTRIES {
        let message = format!("a page has 1 to {FS_PAGE_ENTRIES} entries (fs-page-entries)");
        return Err(Error::new(Code::Invalid, message));
    }
    let dir = root.directory(path, Purpose::Read)?;
    let mut page = Page::default();
    for name in names_after(&dir, window.after.unwrap_or(""))? {
        let Ok(entry_path) = path.join(&name) else { continue };
        let Some(entry) = visible(root, &dir, &entry_path, may_show)? else { continue };
        if page.entries.len() == window.limit as usize {
            page.next = page.entries.last().map(|entry| entry.name.clone());
            break;
        }
        page.entries.push(entry);
    }
    Ok(page)
}

/// The names after `after` that may be files or directories, sorted.
fn names_after(dir: &Dir, after: &str) -> Result<Vec<Box<str>>> {
    let mut names = Vec::new();
    let mut count = 0;
    for entry in Reader::read_from(dir).map_err(os::error)? {
        let entry = entry.map_err(os::error)?;
        count += 1;
        // The directory itself and its parent are read too.
        if count > FS_DIRECTORY_ENTRIES + 2 {
            let message = format!(
                "a directory has at most {FS_DIRECTORY_ENTRIES} entries (fs-directory-entries)"
            );
            return Err(Error::new(Code::Quota, message));
        }
        let Ok(name) = entry.file_name().to_str() else { continue };
        let type_fits = matches!(
            entry.file_type(),
            FileType::RegularFile | FileType::Directory | FileType::Unknown
        );
        if type_fits && name > after && !matches!(name, "." | "..") && !partial::is_partial(name) {
            names.push(name.into());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The entry as a guest may see it, or none.
fn visible(
    root: &RootDir,
    dir: &Dir,
    path: &ResourcePath,
    may_show: &mut MayShow<'_>,
) -> Result<Option<Entry>> {
    let Some(name) = path.file_name() else { return Ok(None) };
    let Some(node) = Node::find(dir, name)? else { return Ok(None) };
    let Some(kind) = node.kind else { return Ok(None) };
    if root.anchor().is_forbidden(node.id) || !may_show(path, kind)? {
        return Ok(None);
    }
    Ok(Some(Entry { name: name.to_owned(), kind, size: node.size }))
}
