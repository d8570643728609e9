//! Compiled code on disk, authenticated: what `deserialize` is given are the bytes that were
//! checked, never the file again.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use wasmtime::Engine;

use super::key::Key;
use crate::base::error::{Code, Error, Result};
use crate::base::{hex, limits};

const MAGIC: &[u8; 8] = b"astridc1";
const HEAD_BYTES: usize = MAGIC.len() + blake3::OUT_LEN;

/// The cache of one home.
pub struct Cache {
    folder: PathBuf,
    key: Key,
}

/// Name of one compiled component: BLAKE3 of all that its code depends on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CacheKey(blake3::Hash);

impl CacheKey {
    /// The name of `component` (its BLAKE3 digest) compiled for `engine` by this addon.
    pub fn new(component: &blake3::Hash, engine: &Engine) -> Self {
        let mut hasher =
            Blake3Hasher(blake3::Hasher::new_derive_key("astrid-native 1 compiled code"));
        engine.precompile_compatibility_hash().hash(&mut hasher);
        for part in [env!("CARGO_PKG_VERSION"), std::env::consts::ARCH, std::env::consts::OS] {
            hasher.0.update(&(part.len() as u64).to_le_bytes());
            hasher.0.update(part.as_bytes());
        }
        hasher.0.update(component.as_bytes());
        Self(hasher.0.finalize())
    }
}

/// Lets Wasmtime's compatibility hash (engine settings, version, target) flow into BLAKE3: std's
/// hashers give 64 bits, which is no identity.
struct Blake3Hasher(blake3::Hasher);

impl Hasher for Blake3Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.finalize();
        digest.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

impl Cache {
    /// The cache in `folder`, whose files are authenticated with `key`.
    pub fn new(folder: PathBuf, key: Key) -> Self {
        Self { folder, key }
    }

    /// The compiled code under `key`, if it is there and is ours.
    pub fn get(&self, key: CacheKey) -> Option<Vec<u8>> {
        let mut bytes = read_regular(&self.path(key)).ok()?;
        let (head, code) = bytes.split_at_checked(HEAD_BYTES)?;
        let (magic, tag) = head.split_at(MAGIC.len());
        let tag = blake3::Hash::from_slice(tag).ok()?;
        // blake3::Hash compares in constant time.
        if magic != MAGIC || self.tag(key, code) != tag {
            return None;
        }
        bytes.drain(..HEAD_BYTES);
        Some(bytes)
    }

    /// Keeps `code` under `key`. Readers see all of it or nothing.
    ///
    /// Fails with `ASTRID_IO`; the caller can go on without a cache.
    pub fn put(&self, key: CacheKey, code: &[u8]) -> Result<()> {
        let mut suffix = [0; 8];
        let failed =
            |why: String| Error::new(Code::Io, format!("compiled code can't be kept: {why}"));
        getrandom::fill(&mut suffix).map_err(|e| failed(e.to_string()))?;
        let path = self.path(key);
        let temporary = path.with_extension(hex::encode(&suffix));
        let write = || {
            let mut options = fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(MAGIC)?;
            file.write_all(self.tag(key, code).as_bytes())?;
            file.write_all(code)?;
            fs::rename(&temporary, &path)
        };
        write().map_err(|error| {
            // Best effort: the error that matters is the one being reported.
            let _ = fs::remove_file(&temporary);
            failed(error.to_string())
        })
    }

    fn path(&self, key: CacheKey) -> PathBuf {
        self.folder.join(format!("{}.cwasm", key.0.to_hex()))
    }

    fn tag(&self, key: CacheKey, code: &[u8]) -> blake3::Hash {
        self.key.authenticate(&[key.0.as_bytes(), code])
    }
}

/// The bytes of a regular file of bounded size. Whoever can write the cache can put anything
/// there: a link is not followed, and nothing makes the reader wait.
fn read_regular(path: &Path) -> std::io::Result<Vec<u8>> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > limits::COMPILED_BYTES + HEAD_BYTES as u64 {
        return Err(std::io::Error::other("not a cache file"));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    file.take(metadata.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}
