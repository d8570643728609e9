//! Recorded calls for seconds on end: the log's writer sets the pace, and memory stays bounded.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use astrid_native::engine::config::kernel_engine;
use astrid_native::engine::ticker::Ticker;
use astrid_native::kernel::{Kernel, Loaded};
use astrid_native::services::bindings::AllPre;
use tokio::sync::watch;
use wasmtime::component::Component;

use crate::bare::{self, Bare, Instance};
use crate::cost::memory;
use crate::figure::{Figure, take_turns};
use crate::world::{BUDGET, World, stamp};

const CALLS: u32 = 700_000;
const ROUNDS: usize = 3;

/// Prints one figure for one guest and one for two at once.
pub fn run(component: &[u8]) -> io::Result<()> {
    let world = World::open("flow", 10).map_err(io::Error::other)?;
    let loaded = world.load(component, 2, 100).map_err(io::Error::other)?;
    let engine = kernel_engine(10).map_err(io::Error::other)?;
    let _ticker = Ticker::start(engine.clone()).map_err(io::Error::other)?;
    let component = Component::new(&engine, component).map_err(io::Error::other)?;
    let pre = bare::link(&engine, &component).map_err(io::Error::other)?;
    for guests in [1, 2] {
        let mut peak_mib: f64 = 0.0;
        let (ours, theirs) = take_turns(
            ROUNDS,
            || {
                let before = memory().rss_kib;
                reset_peak();
                let rate = flow(&world, guests, || recorded(&world.kernel, &loaded));
                peak_mib = peak_mib.max((peak_kib() - before) / 1024.0);
                rate
            },
            || flow(&world, guests, || unrecorded(&pre)),
        );
        let name = format!("recorded calls under back-pressure, guests: {guests}");
        Figure::new(name, "calls/s", ours)
            .over("bare Wasmtime, empty body", theirs)
            .with("calls", f64::from(CALLS) * guests as f64)
            .with("peakMiBAboveStart", peak_mib)
            .print()?;
    }
    Ok(())
}

/// Calls a second, all guests together, until the last is done.
fn flow<F>(world: &World, guests: usize, guest: impl Fn() -> F) -> f64
where
    F: Future<Output = ()> + Send + 'static,
{
    let threads = world.kernel.threads();
    let started = Instant::now();
    let tasks: Vec<_> = (0..guests).map(|_| threads.spawn(guest())).collect();
    for task in tasks {
        threads.block_on(task).expect("a guest of the benches does not fail");
    }
    f64::from(CALLS) * guests as f64 / started.elapsed().as_secs_f64()
}

/// One message of many calls, until the last record is in the file.
fn recorded(kernel: &Arc<Kernel>, loaded: &Arc<Loaded>) -> impl Future<Output = ()> + Send + use<> {
    let (kernel, loaded) = (kernel.clone(), loaded.clone());
    async move {
        let (_keep, cancel) = watch::channel(false);
        let ended = loaded.call(&kernel, stamp(&payload()), BUDGET, cancel).await;
        let ended = ended.expect("the log takes records");
        assert_eq!(ended.outcome.name(), "done", "{:?}", ended.error);
    }
}

fn unrecorded(pre: &AllPre<Bare>) -> impl Future<Output = ()> + Send + use<> {
    let pre = pre.clone();
    async move {
        let mut instance = Instance::new(&pre, None).await.expect("the component starts");
        instance.handle(&payload()).await.expect("the guest answers");
    }
}

/// Calls of `config.get` with a key of 64 B.
fn payload() -> String {
    format!("\"g{CALLS}\"")
}

/// Lets the system's high-water mark start anew; where it can't, the peak is that of the process.
fn reset_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn peak_kib() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(f64::NAN)
}
