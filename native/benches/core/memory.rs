//! What one more live instance costs: memory, and time of calls to others.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use astrid_native::engine::config::kernel_engine;
use astrid_native::kernel::Loaded;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wasmtime::component::Component;

use crate::bare::{self, Instance};
use crate::cost::{Memory, memory};
use crate::figure::{Figure, Samples};
use crate::handle::Guest;
use crate::world::{BUDGET, World, stamp};

const LIVE: [usize; 4] = [1, 100, 1000, 5000];
/// The floor is the same at any number.
const BARE: usize = 1000;
const CALLS: usize = 500;
const POLL: Duration = Duration::from_millis(5);
/// A message that logs a line and then waits longer than the bench runs.
const WAIT: &str = r#"{"do":"wait","ms":3600000}"#;

/// Prints two figures for each number of live instances.
pub fn run(guest: &Guest<'_>) -> io::Result<()> {
    let floor = bare_instance(guest)?;
    let most = LIVE[LIVE.len() - 1];
    let world = World::open("memory", most as u32 + 10).map_err(io::Error::other)?;
    let waiting = world.load(guest.component, 0, 100).map_err(io::Error::other)?;
    let quick = world.load(guest.component, 1, 100).map_err(io::Error::other)?;
    let idle = calls(&world, &quick, guest.payload);
    let base = memory();
    let (stop, cancel) = watch::channel(false);
    let mut tasks = Vec::new();
    for live in LIVE {
        let more = live - tasks.len();
        tasks.extend((0..more).map(|_| start(&world, &waiting, cancel.clone())));
        settle(&world, more);
        let each = each(base, live);
        Figure::new(format!("memory of a live instance, live: {live}"), "KiB Pss", each.pss_kib)
            .over("a bare instance that answered once", floor.pss_kib.clone())
            .with("rssKiB", each.rss_kib.median())
            .with("floorRssKiB", floor.rss_kib.median())
            .print()?;
        let busy = calls(&world, &quick, guest.payload);
        Figure::new(format!("warm handle, live beside it: {live}"), "µs", busy)
            .over("the same with none beside it", idle.clone())
            .print()?;
    }
    stop.send_replace(true);
    for task in tasks {
        world.kernel.threads().block_on(task).map_err(io::Error::other)?;
    }
    Ok(())
}

struct Each {
    pss_kib: Samples,
    rss_kib: Samples,
}

fn each(base: Memory, live: usize) -> Each {
    let now = memory();
    let part = |kib: f64| Samples(vec![kib / live as f64]);
    Each { pss_kib: part(now.pss_kib - base.pss_kib), rss_kib: part(now.rss_kib - base.rss_kib) }
}

fn bare_instance(guest: &Guest<'_>) -> io::Result<Each> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let engine = kernel_engine(BARE as u32 + 10).map_err(io::Error::other)?;
    let component = Component::new(&engine, guest.component).map_err(io::Error::other)?;
    let pre = bare::link(&engine, &component).map_err(io::Error::other)?;
    let fresh = || -> wasmtime::Result<Instance> {
        runtime.block_on(async {
            let mut instance = Instance::new(&pre, None).await?;
            instance.handle(guest.payload).await?;
            Ok(instance)
        })
    };
    let _first = fresh().map_err(io::Error::other)?;
    let base = memory();
    let live = (0..BARE).map(|_| fresh()).collect::<wasmtime::Result<Vec<_>>>();
    let each = each(base, BARE);
    live.map(|_| each).map_err(io::Error::other)
}

fn start(world: &World, loaded: &Arc<Loaded>, cancel: watch::Receiver<bool>) -> JoinHandle<()> {
    let (kernel, loaded) = (world.kernel.clone(), loaded.clone());
    world.kernel.threads().spawn(async move {
        let ended = loaded.call(&kernel, stamp(WAIT), BUDGET, cancel).await;
        let ended = ended.expect("there are places and the log takes records");
        assert_eq!(ended.outcome.name(), "cancelled", "{:?}", ended.error);
    })
}

/// Until so many more instances have said that they wait.
fn settle(world: &World, more: usize) {
    let mut seen = 0;
    while seen < more {
        thread::sleep(POLL);
        seen += world.kernel.port().take().lines.len();
    }
}

fn calls(world: &World, loaded: &Loaded, payload: &str) -> Samples {
    let time = |_| {
        let started = Instant::now();
        world.call(loaded, payload);
        started.elapsed().as_nanos() as f64 / 1e3
    };
    Samples((0..=CALLS).map(time).skip(1).collect())
}
