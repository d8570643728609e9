//! What something costs: time on the clock and of this thread; memory of the process.

use std::fs;
use std::ops::Sub;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// On the clock.
    pub wall_ns: f64,
    /// That this thread ran.
    pub cpu_ns: f64,
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self { wall_ns: self.wall_ns - less.wall_ns, cpu_ns: self.cpu_ns - less.cpu_ns }
    }
}

/// What `work` costs.
pub fn cost(work: impl FnOnce()) -> Cost {
    let (started, before) = (Instant::now(), thread_ns());
    work();
    Cost { cpu_ns: thread_ns() - before, wall_ns: started.elapsed().as_nanos() as f64 }
}

fn thread_ns() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Memory of this process in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Shared pages count in parts.
    pub pss_kib: f64,
    /// All that is resident.
    pub rss_kib: f64,
}

/// The memory of this process now; zeros where the system doesn't tell.
pub fn memory() -> Memory {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
    };
    Memory { pss_kib: field("Pss:"), rss_kib: field("Rss:") }
}
