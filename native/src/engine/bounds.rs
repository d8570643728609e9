//! What the operating system holds a process of ours to, whatever code it comes to run.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// CPU seconds of all threads together, for each second of wall time.
const CPU_SHARE: u64 = 4;

/// Whether `RLIMIT_DATA` counts everything a process may write to: elsewhere it counts only what
/// the old heap call gave, which nobody uses.
pub const COUNTS_DATA: bool = cfg!(target_os = "linux");

/// Bounds this process, which compiles a component. `ASTRID_UNSUPPORTED` when it can't be.
pub fn compiler() -> Result<()> {
    bound(Resource::As, limits::COMPILE_MEMORY_BYTES)?;
    bound(Resource::Fsize, limits::COMPILED_BYTES)?;
    time(limits::COMPILE_MS)
}

/// Bounds this process, which builds a capsule: `memory_mib` MiB of memory it may write to, and
/// CPU time for `deadline_ms` milliseconds. Its address space is not bounded, as JavaScript engines
/// and sandboxes reserve far more of it than they use. `ASTRID_UNSUPPORTED` when it can't be.
pub fn build(memory_mib: u32, deadline_ms: u32) -> Result<()> {
    bound(Resource::Data, u64::from(memory_mib) << 20)?;
    time(deadline_ms.into())
}

fn time(wall_ms: u64) -> Result<()> {
    // Memory of ours must not end up in a file, either.
    bound(Resource::Core, 0)?;
    bound(Resource::Cpu, wall_ms.div_ceil(1000).saturating_mul(CPU_SHARE))
}

/// Soft and hard limit; a stricter one that was there stays.
fn bound(resource: Resource, most: u64) -> Result<()> {
    let most = getrlimit(resource).maximum.map_or(most, |there| there.min(most));
    let limit = Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(resource, limit).map_err(|e| {
        Error::new(Code::Unsupported, format!("a process can't bound its {resource:?}: {e}"))
    })
}
