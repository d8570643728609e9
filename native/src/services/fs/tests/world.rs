//! A workspace, a scratch root with a small quota, and a gate.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::super::{
    beneath::{Anchor, Reach},
    node::{FileId, Node},
    permits::{CopyPermits, Decide, OpenPermit, RenamePermits},
    quota::{Most, Quota},
    workspace::open_host,
    *,
};
use crate::{
    base::{
        error::{Code, Error, Refusal, Result},
        hex,
    },
    gate::{
        decide::{RuleId, Verdict},
        path::{ResourcePath, Tree},
        pattern::Pattern,
        permit::{AuthorityId, Gate, Permit},
        table::{Row, Table},
        verb::Verb,
    },
};

/// Bytes that `tmp://` of a test world takes.
pub const TMP_BYTES: u64 = 64 * 1024;

/// A folder that goes with the test.
pub struct TempDir(pub PathBuf);

impl TempDir {
    pub fn new() -> Self {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("randomness");
        let path = std::env::temp_dir().join(format!("astrid-fs-{}", hex::encode(&random)));
        fs::create_dir(&path).expect("a temporary folder");
        Self(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub struct World {
    pub dir: TempDir,
    pub files: Files,
    pub gate: Gate,
}

/// All of every root.
pub const ALL: &[(&str, &str)] = &[
    ("fs.read", "workspace://**"),
    ("fs.write", "workspace://**"),
    ("fs.read", "tmp://**"),
    ("fs.write", "tmp://**"),
];

pub const BOTH: [Reach; 2] = [
    #[cfg(target_os = "linux")]
    Reach::Kernel,
    Reach::Walk,
];

impl World {
    /// One world for each way to resolve a path.
    pub fn both() -> impl Iterator<Item = Self> {
        BOTH.into_iter().map(|reach| Self::new(reach, ALL))
    }

    /// Grants with a `!` before the verb deny.
    pub fn new(reach: Reach, grants: &[(&str, &str)]) -> Self {
        let dir = TempDir::new();
        for name in ["workspace", "tmp", "outside"] {
            fs::create_dir(dir.0.join(name)).expect("a folder");
        }
        fs::write(dir.0.join("outside/secret"), "secret").expect("a file");
        let anchor = |name: &str, forbidden: &[FileId]| {
            let fd = open_host(&dir.0.join(name)).expect("a folder");
            Anchor::with_reach(fd, forbidden, reach).expect("an anchor")
        };
        let forbidden = Node::of(open_host(&dir.0.join("outside")).expect("a folder"));
        let forbidden = [forbidden.expect("a node").id];
        let most = Most { bytes: TMP_BYTES, limit: "tmp-bytes" };
        let tmp = RootDir::from_parts(anchor("tmp", &[]), Some(Quota::new(most, 0)));
        let files = Files {
            workspace: Some(Arc::new(RootDir::from_parts(anchor("workspace", &forbidden), None))),
            data: None,
            tmp: Some(Arc::new(tmp)),
        };
        Self { dir, files, gate: gate(grants) }
    }

    /// The host's path of something in the workspace.
    pub fn host(&self, path: &str) -> PathBuf {
        self.dir.0.join("workspace").join(path)
    }

    /// Makes a file of the workspace, with the folders it needs.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.host(path);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    pub fn permit(&self, verb: Verb, path: &str) -> Permit<ResourcePath> {
        let path = ResourcePath::parse(path).expect("is a path");
        self.gate.request(verb, path).expect("is granted")
    }

    /// Opens a file, the mode in letters: read, write, create, exclusive, truncate.
    pub fn open(&self, path: &str, letters: &str) -> Result<OpenFile> {
        let has = |letter| letters.contains(letter);
        let mode = Mode {
            read: has('r'),
            write: has('w'),
            create: has('c'),
            exclusive: has('x'),
            truncate: has('t'),
        };
        let (read, write) =
            (|| self.permit(Verb::FsRead, path), || self.permit(Verb::FsWrite, path));
        let permit = match (mode.read, mode.write) {
            (true, true) => OpenPermit::ReadWrite(read(), write()),
            (_, true) => OpenPermit::Write(write()),
            _ => OpenPermit::Read(read()),
        };
        self.files.open(permit, mode)
    }

    /// What a file of a root holds.
    pub fn text(&self, path: &str) -> Result<String> {
        let bytes = self.open(path, "r")?.read(0, 1 << 16)?;
        Ok(String::from_utf8(bytes).expect("is text"))
    }

    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        self.open(path, "wct")?.write(0, text.as_bytes())
    }

    pub fn stat(&self, path: &str) -> Result<Attributes> {
        self.files.stat(self.permit(Verb::FsRead, path))
    }

    pub fn mkdir(&self, path: &str) -> Result<()> {
        self.files.create_directory(self.permit(Verb::FsWrite, path))
    }

    pub fn remove(&self, path: &str) -> Result<()> {
        self.files.remove(self.permit(Verb::FsWrite, path))
    }

    pub fn remove_tree(&self, path: &str) -> Result<()> {
        self.files.remove_tree(self.permit(Verb::FsWrite, path), &mut Asker(&self.gate))
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let permits = RenamePermits {
            read_from: self.permit(Verb::FsRead, from),
            write_from: self.permit(Verb::FsWrite, from),
            write_to: self.permit(Verb::FsWrite, to),
        };
        self.files.rename(permits, &mut Asker(&self.gate))
    }

    fn copy_permits(&self, from: &str, to: &str) -> CopyPermits {
        CopyPermits {
            read_from: self.permit(Verb::FsRead, from),
            write_to: self.permit(Verb::FsWrite, to),
        }
    }

    pub fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.files.copy(self.copy_permits(from, to), &|| Ok(()))
    }

    pub fn copy_tree(&self, from: &str, to: &str) -> Result<()> {
        self.files.copy_tree(self.copy_permits(from, to), &mut Asker(&self.gate), &|| Ok(()))
    }

    pub fn list(&self, path: &str, after: Option<&str>, limit: u32) -> Result<Page> {
        let table = self.gate.table();
        let mut may_show = |path: &ResourcePath, _| Ok(table.may_hold(Verb::FsRead, path));
        let window = Window { after, limit };
        self.files.list(self.permit(Verb::FsRead, path), window, &mut may_show)
    }

    pub fn names(&self, path: &str) -> Vec<String> {
        let page = self.list(path, None, 1000).expect("lists");
        page.entries.into_iter().map(|entry| entry.name).collect()
    }

    /// Bytes that `tmp://` counts.
    pub fn tmp_used(&self) -> u64 {
        self.files.tmp.as_ref().expect("has one").account().used()
    }
}

/// All paths below a host folder, for "nothing changed".
pub fn snapshot(dir: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("lists") {
        let path = entry.expect("an entry").path();
        let is_dir = path.symlink_metadata().expect("is there").is_dir();
        found.push((path.clone(), (!is_dir).then(|| fs::read(&path).unwrap_or_default())));
        if is_dir {
            found.extend(snapshot(&path));
        }
    }
    found.sort();
    found
}

pub fn code<T>(result: Result<T>) -> Option<Code> {
    result.err().map(|error| error.code)
}

struct Asker<'a>(&'a Gate);

impl Decide for Asker<'_> {
    fn entry(&mut self, verb: Verb, path: ResourcePath) -> Result<Permit<ResourcePath>> {
        let refused = refusal(verb, path.to_string());
        self.0.request(verb, path).map_err(|_| refused)
    }

    fn tree(&mut self, verb: Verb, tree: Tree) -> Result<Permit<Tree>> {
        let refused = refusal(verb, tree.to_string());
        self.0.request(verb, tree).map_err(|_| refused)
    }
}

fn refusal(verb: Verb, resource: String) -> Error {
    Error::denied(Refusal { verb: verb.name(), resource, number: 7 })
}

fn gate(grants: &[(&str, &str)]) -> Gate {
    let rows: Vec<Row> = grants
        .iter()
        .map(|(verb, pattern)| {
            let (verdict, verb) = match verb.strip_prefix('!') {
                Some(verb) => (Verdict::Deny, verb),
                None => (Verdict::Allow, *verb),
            };
            let verb = Verb::parse(verb).expect("is a verb");
            let pattern = Pattern::parse(verb, pattern).expect("is a pattern");
            Row { verdict, verb, pattern, rule: RuleId(0) }
        })
        .collect();
    Gate::new(Table::compile(&rows).expect("compiles"), AuthorityId([0; 8]))
}
