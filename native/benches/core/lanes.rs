//! One guest's calls while 64 others spin.

use std::io;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use astrid_native::kernel::Loaded;
use tokio::sync::watch;

use crate::figure::{Figure, Samples};
use crate::handle::Guest;
use crate::world::{BUDGET, World, stamp};

const SPINNERS: usize = 64;
const CALLS: usize = 1000;
/// Until every spinner has used up its first slice.
const SETTLE: Duration = Duration::from_millis(1000);

/// Prints one figure a guest and kind of instance; `spinner` never answers.
pub fn run(guests: &[&Guest<'_>], spinner: &Guest<'_>) -> io::Result<()> {
    let world = World::open("lanes", 200).map_err(io::Error::other)?;
    let mut quick = Vec::new();
    for guest in guests {
        for (idle, kind) in [(1, "warm"), (0, "fresh")] {
            let loaded = world.load(guest.component, idle, 100).map_err(io::Error::other)?;
            quick.push((format!("{kind}, {}", guest.name), loaded, guest.payload));
        }
    }
    let measure = |(_, loaded, payload): &(String, Arc<Loaded>, &str)| {
        (0..=CALLS).map(|_| call(&world, loaded, payload)).skip(1).collect()
    };
    let idle: Vec<_> = quick.iter().map(measure).map(Samples).collect();

    let spinning = world.load(spinner.component, 0, 100).map_err(io::Error::other)?;
    let (stop, cancel) = watch::channel(false);
    let (send, ends) = mpsc::channel();
    for _ in 0..SPINNERS {
        let (kernel, loaded, send) = (world.kernel.clone(), spinning.clone(), send.clone());
        let (message, cancel) = (stamp(spinner.payload), cancel.clone());
        world.kernel.run(async move {
            // The receiver outlives the calls.
            let _ = send.send(loaded.call(&kernel, message, BUDGET, cancel).await);
        });
    }
    drop(send);
    thread::sleep(SETTLE);
    let beside: Vec<_> = quick.iter().map(measure).map(Samples).collect();
    stop.send_replace(true);
    for end in ends {
        let outcome = end.map_err(io::Error::other)?.outcome;
        assert_eq!(outcome.name(), "cancelled", "a spinner ended by itself");
    }
    for (((name, ..), idle), beside) in quick.into_iter().zip(idle).zip(beside) {
        Figure::new(format!("one call beside {SPINNERS} spinners, {name}"), "µs", beside)
            .over("the same call, idle", idle)
            .with_p99()
            .print()?;
    }
    Ok(())
}

/// A call as Node makes it: on the kernel's threads, waited for outside of them. Microseconds.
fn call(world: &World, loaded: &Arc<Loaded>, payload: &str) -> f64 {
    let (send, answer) = mpsc::channel();
    let (kernel, loaded, message) = (world.kernel.clone(), loaded.clone(), stamp(payload));
    let started = Instant::now();
    world.kernel.run(async move {
        let (_keep, cancel) = watch::channel(false);
        // The receiver outlives the call.
        let _ = send.send(loaded.call(&kernel, message, BUDGET, cancel).await);
    });
    let ended = answer.recv().expect("the call ends").expect("the log takes records");
    let micros = started.elapsed().as_nanos() as f64 / 1e3;
    assert_eq!(ended.outcome.name(), "done", "{:?}", ended.error);
    micros
}
