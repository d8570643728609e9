//! What was written through one handle, for the record of its close.

use crate::base::error::{Code, Result};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes: u64,
    hasher: blake3::Hasher,
    failed: Option<Code>,
}

/// All writes of a handle together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Of the writes that succeeded.
    pub bytes: u64,
    /// BLAKE3 of those bytes in the order of the writes, wherever in the file they went.
    pub digest: [u8; 32],
    /// Why the last of those that failed did: some of its bytes may be in the file.
    pub failed: Option<Code>,
}

impl Tally {
    /// Counts a write.
    pub fn add<T>(&mut self, data: &[u8], result: &Result<T>) {
        match result {
            Ok(_) => {
                self.bytes += data.len() as u64;
                self.hasher.update(data);
            }
            Err(error) => self.failed = Some(error.code),
        }
    }

    /// What was counted.
    pub fn written(&self) -> Written {
        let digest = *self.hasher.finalize().as_bytes();
        Written { bytes: self.bytes, digest, failed: self.failed }
    }
}
