//! The key of this installation that authenticates compiled code.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::base::error::{Code, Error, Result};
use crate::base::hex;

/// A key of 32 random bytes that never leaves the home.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Reads the key at `path`, or makes it. Two processes that make it at once agree on one.
    ///
    /// Fails with `ASTRID_HOME` when it can't be read or made, or has another length.
    pub fn open(path: &Path) -> Result<Self> {
        loop {
            match fs::read(path) {
                Ok(bytes) => {
                    let wrong =
                        |_| bad(path, "it does not have 32 bytes; remove it to make a new one");
                    return bytes.try_into().map(Self).map_err(wrong);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => make(path)?,
                Err(error) => return Err(bad(path, &error.to_string())),
            }
        }
    }

    /// BLAKE3 keyed with this key.
    pub fn authenticate(&self, parts: &[&[u8]]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize()
    }
}

fn make(path: &Path) -> Result<()> {
    let mut bytes = [0; 48];
    getrandom::fill(&mut bytes).map_err(|e| bad(path, &e.to_string()))?;
    let (key, suffix) = bytes.split_at(32);
    let temporary = path.with_extension(hex::encode(suffix));
    let write = || {
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(key)?;
        file.sync_all()?;
        // A link fails where the other process was first; a rename would replace its key.
        let linked = fs::hard_link(&temporary, path);
        fs::remove_file(&temporary)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    write().map_err(|e| bad(path, &e.to_string()))
}

fn bad(path: &Path, why: &str) -> Error {
    Error::new(
        Code::Home,
        format!("the installation's key {} can't be used: {why}", path.display()),
    )
}
