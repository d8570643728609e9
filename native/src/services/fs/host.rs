//! `fs.wit` for guests: names become canonical paths, the gate decides, the service does.

use wasmtime::component::Resource;

use super::opened::Opening;
use super::opening::OpenHandle;
use super::{
    Attributes, CopyPermits, Decide, Entry, Kind, Mode, OpenFile, OpenPermit, Page, RenamePermits,
    Window,
};
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::gate::path::{ResourcePath, Tree};
use crate::gate::permit::Permit;
use crate::gate::verb::Verb;
use crate::services::bindings::astrid::capsule::{fs, types};
use crate::services::calls::Call;
use crate::services::functions::{self, Function};
use crate::services::guest::{Guest, Hosted};

impl fs::Host for Guest {
    async fn open(&mut self, path: String, mode: fs::Mode) -> Hosted<Resource<OpenHandle>> {
        self.hosted(async |guest| guest.open_file(&path, mode).await).await
    }

    async fn stat(&mut self, path: String) -> Hosted<fs::Attributes> {
        self.hosted(async |guest| {
            let path = guest.path(Verb::FsRead, &path)?;
            let (permit, call) = guest.begin(functions::FS_STAT, path, b"stat").await?;
            let root = permit.resource().root();
            let result = guest.files(&permit).await.and_then(|files| files.stat(permit));
            guest.end(call, &result);
            result.map(|found| guest.shown(found, root).into())
        })
        .await
    }

    async fn list(&mut self, path: String, after: Option<String>, limit: u32) -> Hosted<fs::Page> {
        self.hosted(async |guest| {
            let path = guest.path(Verb::FsRead, &path)?;
            let arguments = format!("list {limit} {}", after.as_deref().unwrap_or_default());
            let (permit, call) =
                guest.begin(functions::FS_LIST, path, arguments.as_bytes()).await?;
            let window = Window { after: after.as_deref(), limit };
            let result = guest.list_directory(permit, window).await;
            guest.end(call, &result);
            result.map(Into::into)
        })
        .await
    }

    async fn create_directory(&mut self, path: String) -> Hosted<()> {
        self.hosted(async |guest| {
            let path = guest.path(Verb::FsWrite, &path)?;
            let (permit, call) =
                guest.begin(functions::FS_CREATE_DIRECTORY, path, b"create-directory").await?;
            let files = guest.files(&permit).await;
            let result = files.and_then(|files| files.create_directory(permit));
            guest.end(call, &result);
            result
        })
        .await
    }

    async fn remove(&mut self, path: String, recursive: bool) -> Hosted<()> {
        self.hosted(async |guest| {
            let path = guest.path(Verb::FsWrite, &path)?;
            let (permit, call) = guest.begin(functions::FS_REMOVE, path, b"remove").await?;
            let result = guest.files(&permit).await.and_then(|files| {
                tokio::task::block_in_place(|| {
                    if recursive { files.remove_tree(permit, guest) } else { files.remove(permit) }
                })
            });
            guest.end(call, &result);
            result
        })
        .await
    }

    async fn rename(&mut self, from: String, to: String) -> Hosted<()> {
        self.hosted(async |guest| {
            let from = guest.path(Verb::FsWrite, &from)?;
            let to = guest.path(Verb::FsWrite, &to)?;
            let write = functions::FS_RENAME;
            let asked = [(functions::FS_RENAME_READ, &from), (write, &from), (write, &to)];
            let arguments = format!("rename {from} {to}");
            let ([read_from, write_from, write_to], calls) =
                guest.begin_all(asked, arguments.as_bytes()).await?;
            let permits = RenamePermits { read_from, write_from, write_to };
            let result = guest.open_root(from.root()).await.and_then(|()| {
                let files = guest.files.clone();
                tokio::task::block_in_place(|| files.rename(permits, guest))
            });
            guest.end_all(calls, &result);
            result
        })
        .await
    }

    async fn copy(&mut self, from: String, to: String, recursive: bool) -> Hosted<()> {
        self.hosted(async |guest| {
            let from = guest.path(Verb::FsRead, &from)?;
            let to = guest.path(Verb::FsWrite, &to)?;
            let asked = [(functions::FS_COPY_READ, &from), (functions::FS_COPY, &to)];
            let arguments = format!("copy {from} {to}");
            let ([read_from, write_to], calls) =
                guest.begin_all(asked, arguments.as_bytes()).await?;
            let permits = CopyPermits { read_from, write_to };
            let result = guest.open_roots([from.root(), to.root()]).await.and_then(|()| {
                let files = guest.files.clone();
                let patience = guest.message.patience();
                tokio::task::block_in_place(|| match recursive {
                    true => files.copy_tree(permits, guest, &patience),
                    false => files.copy(permits, &patience),
                })
            });
            guest.end_all(calls, &result);
            result
        })
        .await
    }
}

impl fs::HostFile for Guest {
    async fn read(&mut self, file: Resource<OpenHandle>, offset: u64, len: u32) -> Hosted<Vec<u8>> {
        self.use_file(&file, functions::FILE_READ, &range(offset, len.into()), |guest, file| {
            // The buffer lives until the guest has its copy; what is too long the file refuses.
            let buffer = len.min(limits::FS_READ_BYTES as u32) as usize;
            guest.meter.charge(buffer)?;
            let read = file.read(offset, len);
            guest.meter.give_back(buffer);
            guest.meter.bytes_in += read.as_ref().map_or(0, |bytes| bytes.len() as u64);
            read
        })
        .await
    }

    async fn write(
        &mut self,
        file: Resource<OpenHandle>,
        offset: u64,
        data: Vec<u8>,
    ) -> Hosted<()> {
        self.use_file(&file, functions::FILE_WRITE, &data, |guest, file| {
            guest.meter.bytes_out += data.len() as u64;
            file.write(offset, &data)
        })
        .await
    }

    async fn append(&mut self, file: Resource<OpenHandle>, data: Vec<u8>) -> Hosted<u64> {
        self.use_file(&file, functions::FILE_APPEND, &data, |guest, file| {
            guest.meter.bytes_out += data.len() as u64;
            file.append(&data)
        })
        .await
    }

    async fn truncate(&mut self, file: Resource<OpenHandle>, size: u64) -> Hosted<()> {
        self.use_file(&file, functions::FILE_TRUNCATE, &size.to_le_bytes(), |_, file| {
            file.truncate(size)
        })
        .await
    }

    async fn sync(&mut self, file: Resource<OpenHandle>) -> Hosted<()> {
        self.use_file(&file, functions::FILE_SYNC, b"sync", |_, file| {
            tokio::task::block_in_place(|| file.sync())
        })
        .await
    }

    async fn stat(&mut self, file: Resource<OpenHandle>) -> Hosted<fs::Attributes> {
        let root = self.table.get(&file)?.path.root();
        self.use_file(&file, functions::FILE_STAT, b"stat", |guest, file| {
            file.stat().map(|found| guest.shown(found, root).into())
        })
        .await
    }

    async fn drop(&mut self, file: Resource<OpenHandle>) -> wasmtime::Result<()> {
        drop(self.table.delete(file)?);
        self.close_unused();
        Ok(())
    }
}

impl Guest {
    /// Runs the body of a host function.
    async fn hosted<T>(&mut self, body: impl AsyncFnOnce(&mut Self) -> Result<T>) -> Hosted<T> {
        Ok(body(self).await.map_err(types::Error::from))
    }

    /// The canonical path behind a guest's text; one that is none is counted and recorded.
    fn path(&mut self, verb: Verb, text: &str) -> Result<ResourcePath> {
        ResourcePath::parse(text).map_err(|error| self.refuse_argument(verb, error))
    }

    /// Begins several calls that stand or fall together: one refusal ends all of them.
    async fn begin_all<'a, const N: usize>(
        &mut self,
        asked: [(Function, &ResourcePath); N],
        arguments: &'a [u8],
    ) -> Result<([Permit<ResourcePath>; N], Vec<Call<'a>>)> {
        let (mut permits, mut calls) = (Vec::with_capacity(N), Vec::with_capacity(N));
        for (at, (function, path)) in asked.into_iter().enumerate() {
            // The last one's record is behind the others in the file: they wait with it.
            let function = if at + 1 < N { function.before_another() } else { function };
            match self.begin(function, path.clone(), arguments).await {
                Ok((permit, call)) => {
                    permits.push(permit);
                    calls.push(call);
                }
                Err(error) => {
                    self.end_all::<()>(calls, &Err(error.clone()));
                    return Err(error);
                }
            }
        }
        let bug = |_| Error::new(Code::Internal, "a permit for each request");
        Ok((permits.try_into().map_err(bug)?, calls))
    }

    fn end_all<T>(&mut self, calls: Vec<Call<'_>>, result: &Result<T>) {
        for call in calls {
            self.end(call, result);
        }
    }

    async fn open_file(&mut self, path: &str, mode: fs::Mode) -> Result<Resource<OpenHandle>> {
        let mode = Mode {
            read: mode.contains(fs::Mode::READ),
            write: mode.contains(fs::Mode::WRITE),
            create: mode.contains(fs::Mode::CREATE),
            exclusive: mode.contains(fs::Mode::EXCLUSIVE),
            truncate: mode.contains(fs::Mode::TRUNCATE),
        };
        let function = if mode.write { functions::FS_OPEN_TO_WRITE } else { functions::FS_OPEN };
        let path = self.path(function.verb, path)?;
        let (permit, calls) = if mode.read && mode.write {
            let asked = [(functions::FS_OPEN, &path), (functions::FS_OPEN_TO_WRITE, &path)];
            let ([read, write], calls) = self.begin_all(asked, b"open").await?;
            (OpenPermit::ReadWrite(read, write), calls)
        } else {
            let ([permit], calls) = self.begin_all([(function, &path)], b"open").await?;
            let one = if mode.write { OpenPermit::Write } else { OpenPermit::Read };
            (one(permit), calls)
        };
        // The decision to write comes last.
        let cause = calls.last().map_or(0, |call| call.cause);
        let result = self.open_permitted(permit, mode, Opening { path, cause }).await;
        self.end_all(calls, &result);
        result
    }

    /// One use of an open file: decided again, so that a revoked grant ends it.
    async fn use_file<T>(
        &mut self,
        handle: &Resource<OpenHandle>,
        function: Function,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, &OpenFile) -> Result<T>,
    ) -> Hosted<T> {
        let (opened, path) = match self.open_handle(handle)? {
            Ok(open) => open,
            Err(error) => return self.invalid(function.verb, error),
        };
        self.hosted(async |guest| {
            let (_permit, call) = guest.begin(function, path, arguments).await?;
            let result = opened.file().and_then(|file| effect(guest, &file));
            guest.end(call, &result);
            result
        })
        .await
    }

    async fn list_directory(
        &mut self,
        permit: Permit<ResourcePath>,
        window: Window<'_>,
    ) -> Result<Page> {
        let files = self.files(&permit).await?;
        let (table, patience) = (self.shared.gate.table(), self.message.patience());
        // A directory may be large: other guests must not wait while it is sorted.
        tokio::task::block_in_place(|| {
            files.list(permit, window, &mut |path, _| {
                patience()?;
                Ok(table.may_hold(Verb::FsRead, path))
            })
        })
    }
}

impl Decide for Guest {
    fn entry(&mut self, verb: Verb, path: ResourcePath) -> Result<Permit<ResourcePath>> {
        // A large tree must not outlast the message.
        self.message.patience()()?;
        self.decide_on_the_way(verb, path)
    }

    fn tree(&mut self, verb: Verb, tree: Tree) -> Result<Permit<Tree>> {
        self.decide_on_the_way(verb, tree)
    }
}

fn range(offset: u64, len: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&offset.to_le_bytes());
    bytes[8..].copy_from_slice(&len.to_le_bytes());
    bytes
}

impl From<Kind> for fs::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::File => Self::File,
            Kind::Directory => Self::Directory,
        }
    }
}

impl From<Attributes> for fs::Attributes {
    fn from(found: Attributes) -> Self {
        Self { kind: found.kind.into(), size: found.size, modified: found.modified }
    }
}

impl From<Page> for fs::Page {
    fn from(page: Page) -> Self {
        let entry = |e: Entry| fs::Entry { name: e.name, kind: e.kind.into(), size: e.size };
        Self { entries: page.entries.into_iter().map(entry).collect(), next: page.next }
    }
}
