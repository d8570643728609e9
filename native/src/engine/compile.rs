//! From bytes to a component: cache, or one compiler process.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::cache::{Cache, CacheKey};
use super::compiler;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// Compiles for one engine.
pub struct Compiler {
    engine: Engine,
    cache: Cache,
    program: PathBuf,
    /// Each process may take much memory: few run at once, the others wait.
    places: Semaphore,
}

/// Compiler processes of one kernel at once.
const PROCESSES: usize = 2;

/// A component that can be instantiated.
pub struct Compiled {
    /// Its code.
    pub component: Component,
    /// Whether it came from the cache.
    pub cached: bool,
}

impl Compiler {
    /// A compiler for `engine` that runs `program` and keeps code in `cache`.
    pub fn new(engine: Engine, cache: Cache, program: PathBuf) -> Self {
        Self { engine, cache, program, places: Semaphore::new(PROCESSES) }
    }

    /// Compiles `component`, whose BLAKE3 digest the caller has.
    ///
    /// Fails with `ASTRID_NOT_A_COMPONENT`, `ASTRID_COMPILE` or `ASTRID_COMPILE_LIMIT`.
    pub async fn compile(&self, component: &[u8], digest: &blake3::Hash) -> Result<Compiled> {
        let key = CacheKey::new(digest, &self.engine);
        if let Some(code) = self.cache.get(key)
            && let Ok(component) = self.load(&code)
        {
            return Ok(Compiled { component, cached: true });
        }
        let code = self.run(component).await?;
        let component = self.load(&code).map_err(|e| {
            Error::new(Code::Compile, format!("the compiled code does not load: {e:#}"))
        })?;
        // A cache that can't be written costs time, not correctness.
        let _ = self.cache.put(key, &code);
        Ok(Compiled { component, cached: false })
    }

    /// Loads code that was just compiled, or just authenticated.
    #[expect(unsafe_code, reason = "deserialize trusts its bytes; see the comment in the block")]
    fn load(&self, code: &[u8]) -> wasmtime::Result<Component> {
        // SAFETY: both callers are above. The bytes come from our own compiler process over a
        // pipe, or from the cache after their authenticator under this installation's key was
        // checked; in both cases from memory that no one else can write.
        unsafe { Component::deserialize(&self.engine, code) }
    }

    async fn run(&self, component: &[u8]) -> Result<Vec<u8>> {
        if component.len() as u64 > limits::COMPONENT_BYTES {
            return Err(over(format!("it has more than {} bytes", limits::COMPONENT_BYTES)));
        }
        // Never closed; an error would only mean compiling without a place.
        let _place = self.places.acquire().await.ok();
        let mut child = Command::new(&self.program)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| {
                Error::new(Code::Compile, format!("the compiler process can't start: {e}"))
            })?;
        let limit = Duration::from_millis(limits::COMPILE_MS);
        match tokio::time::timeout(limit, talk(&mut child, component)).await {
            Ok(Ok((status, code, words))) => finished(status, code, &words),
            Ok(Err(e)) => Err(Error::new(Code::Compile, format!("the compiler process: {e}"))),
            Err(_) => Err(over(format!("compiling took more than {} ms", limits::COMPILE_MS))),
        }
    }
}

/// Feeds the child and drains it at once, so that neither side waits for the other.
async fn talk(
    child: &mut Child,
    component: &[u8],
) -> std::io::Result<(ExitStatus, Vec<u8>, String)> {
    let (Some(mut stdin), Some(stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(std::io::Error::other("it has no pipes"));
    };
    let (mut code, mut words) = (Vec::new(), Vec::new());
    let mut stdout = stdout.take(limits::COMPILED_BYTES + 1);
    let feed = async move {
        // A child that stopped reading says why on stderr.
        let _ = stdin.write_all(component).await;
    };
    let listen = async {
        (&mut stderr).take(compiler::WORDS_BYTES as u64).read_to_end(&mut words).await?;
        // A child that says more than is kept must not wait for a reader.
        tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await
    };
    let (_, read, said) = tokio::join!(feed, stdout.read_to_end(&mut code), listen);
    read?;
    said?;
    let status = child.wait().await?;
    Ok((status, code, String::from_utf8_lossy(&words).trim().to_owned()))
}

fn finished(status: ExitStatus, code: Vec<u8>, words: &str) -> Result<Vec<u8>> {
    if status.success() {
        return Ok(code);
    }
    let Some(exit) = status.code().and_then(|code| u8::try_from(code).ok()) else {
        // A signal: out of memory or CPU time, by the limits it set itself.
        return Err(over(format!("the compiler process was stopped ({status}) {words}")));
    };
    Err(match exit {
        compiler::NOT_A_COMPONENT => Error::new(Code::NotAComponent, words),
        compiler::NOT_COMPILED => Error::new(Code::Compile, words),
        compiler::TOO_LARGE => over(words.to_owned()),
        compiler::NOT_LIMITED => Error::new(Code::Unsupported, words),
        _ => over(format!("the compiler process failed ({status}) {words}")),
    })
}

fn over(why: String) -> Error {
    Error::new(Code::CompileLimit, why)
}
