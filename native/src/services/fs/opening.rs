//! Roots and files of a guest, opened when they are first used.

use wasmtime::component::Resource;

use super::opened::{Closed, Opened, Opening};
use super::{Files, Mode, OpenPermit};
use crate::base::error::{Code, Error, Result};
use crate::gate::path::{ResourcePath, Root};
use crate::gate::permit::Permit;
use crate::services::guest::Guest;

/// What the host keeps for an open file, about: descriptor, path, table entry and the digest of
/// what is written.
const HANDLE_BYTES: usize = 3072;

/// A file as a guest holds it.
pub struct OpenHandle {
    opened: Opened,
    /// Decided again at each use.
    pub(super) path: ResourcePath,
}

impl Guest {
    /// The roots, with the one behind `permit` opened.
    pub(super) async fn files(&mut self, permit: &Permit<ResourcePath>) -> Result<Files> {
        self.open_root(permit.resource().root()).await?;
        Ok(self.files.clone())
    }

    /// Opens what is only made when it is first used, while the message has patience.
    pub(super) async fn open_root(&mut self, root: Root) -> Result<()> {
        match root {
            Root::Data if self.files.data.is_none() => {
                let patience = self.message.patience();
                let shared = &self.shared;
                self.files.data = Some(shared.roots.data(&shared.owner, patience).await?);
            }
            Root::Tmp if self.files.tmp.is_none() => {
                let tmp = self.shared.roots.tmp().await?;
                self.files.tmp = Some(tmp.root().clone());
                self.tmp = Some(tmp);
            }
            _ => {}
        }
        Ok(())
    }

    /// Opens the roots of both ends of a call.
    pub(super) async fn open_roots(&mut self, roots: [Root; 2]) -> Result<()> {
        for root in roots {
            self.open_root(root).await?;
        }
        Ok(())
    }

    /// Opens a file, which counts in the instance's budget.
    pub(super) async fn open_permitted(
        &mut self,
        permit: OpenPermit,
        mode: Mode,
        opening: Opening,
    ) -> Result<Resource<OpenHandle>> {
        self.close_unused();
        self.open.check_room()?;
        self.meter.charge(HANDLE_BYTES)?;
        let open = self.open.count();
        let result = self.open_charged(permit, mode, opening).await;
        if self.open.count() == open {
            self.meter.give_back(HANDLE_BYTES);
        }
        result
    }

    async fn open_charged(
        &mut self,
        permit: OpenPermit,
        mode: Mode,
        opening: Opening,
    ) -> Result<Resource<OpenHandle>> {
        let path = opening.path.clone();
        self.open_root(path.root()).await?;
        let file = self.files.open(permit, mode)?;
        let opened = self.open.add(file, opening);
        let full = |_| Error::new(Code::Quota, "too many handles (resource-handles)");
        self.table.push(OpenHandle { opened, path }).map_err(full)
    }

    /// The open file behind a handle, if it is still open.
    pub(super) fn open_handle(
        &self,
        handle: &Resource<OpenHandle>,
    ) -> wasmtime::Result<Result<(Opened, ResourcePath)>> {
        let OpenHandle { opened, path } = self.table.get(handle)?;
        Ok(opened.file().map(|_| (opened.clone(), path.clone())))
    }

    /// Closes the files that nobody uses any more.
    pub(super) fn close_unused(&mut self) {
        let closed = self.open.close_unused();
        self.end_files(closed);
    }

    /// Closes the files of the message that ends.
    pub(in crate::services) fn close_all(&mut self) {
        let closed = self.open.close_all();
        self.end_files(closed);
    }

    fn end_files(&mut self, closed: Vec<Closed>) {
        self.meter.give_back(closed.len() * HANDLE_BYTES);
        for (opening, written) in closed {
            if let Some(written) = written {
                self.record_close(&opening, &written);
            }
        }
    }
}
