//! What runs: versions and digests, for the record of a kernel's start.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use crate::base::error::{Code, Error, Result};
use crate::base::hex;
use crate::engine::WASMTIME_VERSION;

/// Digests being computed: the files are large, and opening a kernel takes as long.
pub struct Versions {
    runtime: String,
    digests: JoinHandle<Result<[String; 2]>>,
}

impl Versions {
    /// Begins to read the addon and the compiler program. `runtime` is what they run in.
    pub fn of(runtime: &str, addon: &Path, compiler: &Path) -> Result<Self> {
        let files: [PathBuf; 2] = [addon.to_owned(), compiler.to_owned()];
        let thread = thread::Builder::new().name("astrid-digest".to_owned());
        let digests = thread.spawn(move || {
            let [addon, compiler] = files;
            Ok([digest(&addon)?, digest(&compiler)?])
        });
        let digests = digests.map_err(|e| Error::new(Code::Io, format!("a thread: {e}")))?;
        Ok(Self { runtime: runtime.to_owned(), digests })
    }

    /// Names, versions and BLAKE3 digests of the files as they were read just now.
    ///
    /// Fails with `ASTRID_IO` when one can't be read.
    pub fn text(self) -> Result<String> {
        let bug = |_| Err(Error::new(Code::Internal, "the reader of our own files stopped"));
        let [addon, compiler] = self.digests.join().unwrap_or_else(bug)?;
        let (version, runtime) = (env!("CARGO_PKG_VERSION"), self.runtime);
        Ok(format!(
            "astrid-native {version}, wasmtime {WASMTIME_VERSION}, {runtime}, \
             addon {addon}, compiler {compiler}"
        ))
    }
}

fn digest(path: &Path) -> Result<String> {
    let failed = |e| Error::new(Code::Io, format!("{}: {e}", path.display()));
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).map_err(failed)?).map_err(failed)?;
    Ok(hex::encode(hasher.finalize().as_bytes()))
}
