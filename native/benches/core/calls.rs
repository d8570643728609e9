//! A host call that Rust answers: bare, decided, and as the product does it, decided and recorded.

use std::io;
use std::sync::Arc;

use astrid_native::engine::config::kernel_engine;
use astrid_native::engine::ticker::Ticker;
use astrid_native::gate::permit::Gate;
use astrid_native::kernel::{Loaded, Spec};
use astrid_native::services::keep::Keep;
use tokio::runtime::Handle;
use wasmtime::component::Component;

use crate::bare::{self, Instance, MEMORY_MIB};
use crate::cost::{Cost, cost};
use crate::figure::{Figure, Samples};
use crate::world::{World, grants};

const ROUNDS: usize = 21;
const GRANTS: usize = 100;

/// Name, operation of the guest, and how often in one message: log lines of a message are bounded.
const CALLS: [(&str, char, u32); 4] = [
    ("clock.now, no arguments", 'c', 100_000),
    ("config.get, a key of 64 B", 'g', 100_000),
    ("log.write, 64 B", 'l', 8_000),
    ("log.write, 4 KiB", 'L', 250),
];

/// Prints one figure a call and way.
pub fn run(component: &[u8]) -> io::Result<()> {
    let world = World::open("calls", 100).map_err(io::Error::other)?;
    let loaded = world.load(component, 1, GRANTS).map_err(io::Error::other)?;
    let engine = kernel_engine(100).map_err(io::Error::other)?;
    let _ticker = Ticker::start(engine.clone()).map_err(io::Error::other)?;
    let component = Component::new(&engine, component).map_err(io::Error::other)?;
    let pre = bare::link(&engine, &component).map_err(io::Error::other)?;
    let threads = world.kernel.threads().clone();
    let fresh = |gate| threads.block_on(Instance::new(&pre, gate)).map_err(io::Error::other);
    let mut sides = Sides {
        bare: fresh(None)?,
        gated: fresh(Some(gate()))?,
        world: &world,
        loaded: &loaded,
        threads: threads.clone(),
    };
    for (name, letter, count) in CALLS {
        sides.measure(name, letter, count)?;
    }
    Ok(())
}

/// A gate with the rows that the product is loaded with.
fn gate() -> Arc<Gate> {
    let spec = Spec {
        component: Vec::new(),
        name: "bench".into(),
        source: "bench".into(),
        principal: "bench".into(),
        grants: grants(GRANTS),
        workspace: None,
        config: Default::default(),
        memory_mib: MEMORY_MIB,
        idle_instances: 0,
        keep: Keep::default(),
    };
    Arc::new(spec.gate().expect("the bench's grants are grants").0)
}

struct Sides<'a> {
    bare: Instance,
    gated: Instance,
    world: &'a World,
    loaded: &'a Loaded,
    threads: Handle,
}

impl Sides<'_> {
    /// The three ways take turns; of each, a message without calls is subtracted.
    fn measure(&mut self, name: &str, letter: char, count: u32) -> io::Result<()> {
        let (none, many) = ("\"n0\"".to_owned(), format!("\"{letter}{count}\""));
        let mut all = [Both::default(), Both::default(), Both::default()];
        for round in 0..=ROUNDS {
            let threads = &self.threads;
            let bare = |instance: &mut Instance, payload: &str| {
                let answer = threads.block_on(instance.handle(payload));
                answer.expect("the guest answers");
            };
            let costs = [
                cost(|| bare(&mut self.bare, &many)) - cost(|| bare(&mut self.bare, &none)),
                cost(|| bare(&mut self.gated, &many)) - cost(|| bare(&mut self.gated, &none)),
                cost(|| drop(self.world.call(self.loaded, &many)))
                    - cost(|| drop(self.world.call(self.loaded, &none))),
            ];
            if round > 0 {
                all.iter_mut().zip(costs).for_each(|(both, cost)| both.push(cost, count));
            }
        }
        let [bare, gated, recorded] = all;
        print(&format!("host call, decided: {name}"), gated, &bare, count)?;
        print(&format!("host call, decided and recorded: {name}"), recorded, &bare, count)
    }
}

/// Nanoseconds a call: on the clock, and of the guest's thread.
#[derive(Clone, Default)]
struct Both {
    wall: Samples,
    cpu: Samples,
}

impl Both {
    fn push(&mut self, cost: Cost, calls: u32) {
        self.wall.0.push(cost.wall_ns / f64::from(calls));
        self.cpu.0.push(cost.cpu_ns / f64::from(calls));
    }
}

/// The thread's time stands beside the clock's: the writer of records works in another thread,
/// which competes for cores only where there are few.
fn print(name: &str, subject: Both, floor: &Both, calls: u32) -> io::Result<()> {
    let (ours, theirs) = (subject.cpu.median(), floor.cpu.median());
    Figure::new(name, "ns", subject.wall)
        .over("bare Wasmtime, empty body", floor.wall.clone())
        .with("calls", f64::from(calls))
        .with("threadCpu", ours)
        .with("threadCpuRatio", ours / theirs)
        .print()
}
