//! Arguments that are kept beside the log: sealed when they are recorded, so that they lie on disk,
//! and wait in memory, only as their reader's secret key can open them.

use crypto_box::{
    PublicKey,
    aead::rand_core::{self, CryptoRng, RngCore},
};

use super::{commitment, random::Random};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

/// Framed arguments over this aren't kept.
pub const KEPT_BYTES_MAX: usize = limits::AUDIT_SEALED_BYTES as usize;
/// What sealing adds: the public half of a key of its own, and a tag.
pub const SEAL_BYTES: usize = 48;

/// The public half of the key that opens kept texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextKey(PublicKey);

impl TextKey {
    /// An X25519 key of 32 bytes. Errors: `ASTRID_INVALID`.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        let wrong = |_| Error::new(Code::Invalid, "the key for kept texts has not 32 bytes");
        PublicKey::from_slice(bytes).map(Self).map_err(wrong)
    }

    /// The framed arguments as `crypto_box_seal` of libsodium seals them; none where they are over
    /// `audit-sealed-bytes`. Errors: `ASTRID_INTERNAL` when the system has no randomness.
    pub fn seal(&self, arguments: &[&[u8]]) -> Result<Option<Vec<u8>>> {
        let length = commitment::framed_bytes(arguments);
        if length > KEPT_BYTES_MAX {
            return Ok(None);
        }
        let mut framed = Vec::with_capacity(length);
        commitment::frame(&mut framed, arguments);
        let none = |e| Error::new(Code::Internal, format!("no randomness: {e}"));
        let mut random = Drawn(Random::draw().map_err(none)?);
        let sealed = self.0.seal(&mut random, &framed);
        let failed = |_| Error::new(Code::Internal, "the arguments could not be sealed");
        sealed.map(Some).map_err(failed)
    }
}

/// Drawn before, because sealing itself can't say that there is none.
struct Drawn(Random);

impl RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> std::result::Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Drawn {}
