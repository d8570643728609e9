//! A message to a guest and its answer, without Node: a warm instance, and a fresh one.

use std::io;
use std::time::Instant;

use astrid_native::engine::config::kernel_engine;
use astrid_native::engine::ticker::Ticker;
use wasmtime::component::Component;

use crate::bare::{self, Instance};
use crate::figure::{Figure, take_turns};
use crate::world::World;

const WARM_ROUNDS: usize = 2001;
const FRESH_ROUNDS: usize = 501;

/// A component and a message that it answers at once.
pub struct Guest<'a> {
    /// What it is, for the report.
    pub name: &'a str,
    /// Its bytes.
    pub component: &'a [u8],
    /// The message's payload.
    pub payload: &'a str,
}

/// Prints two figures a guest.
pub fn run(guest: &Guest<'_>) -> io::Result<()> {
    let world = World::open("handle", 100).map_err(io::Error::other)?;
    let threads = world.kernel.threads().clone();
    let engine = kernel_engine(100).map_err(io::Error::other)?;
    let _ticker = Ticker::start(engine.clone()).map_err(io::Error::other)?;
    let component = Component::new(&engine, guest.component).map_err(io::Error::other)?;
    let pre = bare::link(&engine, &component).map_err(io::Error::other)?;
    let fresh = || threads.block_on(Instance::new(&pre, None)).expect("the component starts");
    let floor = "bare Wasmtime with the same settings";

    let loaded = world.load(guest.component, 1, 100).map_err(io::Error::other)?;
    let mut live = fresh();
    let (ours, theirs) = take_turns(
        WARM_ROUNDS,
        || micros(|| drop(world.call(&loaded, guest.payload))),
        || micros(|| answer(&threads, &mut live, guest.payload)),
    );
    let name = format!("warm handle, {}", guest.name);
    Figure::new(name, "µs", ours).over(floor, theirs).with_p99().print()?;

    let loaded = world.load(guest.component, 0, 100).map_err(io::Error::other)?;
    let (ours, theirs) = take_turns(
        FRESH_ROUNDS,
        || micros(|| drop(world.call(&loaded, guest.payload))),
        || {
            micros(|| {
                let mut instance = fresh();
                answer(&threads, &mut instance, guest.payload);
                drop(instance);
            })
        },
    );
    let name = format!("fresh instance and handle, {}", guest.name);
    Figure::new(name, "µs", ours).over(floor, theirs).with_p99().print()
}

fn answer(threads: &tokio::runtime::Handle, instance: &mut Instance, payload: &str) {
    threads.block_on(instance.handle(payload)).expect("the guest answers");
}

fn micros(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_nanos() as f64 / 1e3
}
