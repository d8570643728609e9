//! `NativeWorkspace`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use super::call::unsigned;
use astrid_native::base::error::{Code, Error, Result};
use astrid_native::services::fs::{FileId, WorkspaceDir};

#[napi(object)]
pub struct NativeWorkspace {
    pub path: String,
    pub device: BigInt,
    pub inode: BigInt,
}

impl NativeWorkspace {
    /// The folder that was checked. `ASTRID_INVALID` for numbers that are no u64.
    pub fn dir(self) -> Result<WorkspaceDir> {
        let number = |number: &BigInt| {
            unsigned(number).ok_or_else(|| {
                Error::new(Code::Invalid, "device and inode are whole numbers of 64 bits")
            })
        };
        let id = FileId { device: number(&self.device)?, inode: number(&self.inode)? };
        Ok(WorkspaceDir { path: self.path.into(), id })
    }
}
