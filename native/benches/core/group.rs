//! Many callers that must not act before their record is on disk.

use std::{
    fs::File,
    io::{self, Write},
    sync::Barrier,
    thread,
    time::Instant,
};

use astrid_native::audit::Ticket;

use crate::figure::{Figure, Samples};
use crate::world::Folder;

const WRITERS: usize = 64;
const ROUNDS: usize = 20;
/// Records of each writer in a round.
const EACH: usize = 50;
/// Writes and syncs of the floor in a round.
const FLOOR_EACH: usize = 100;

/// Prints one figure: how long each of 64 waits for a record of so many bytes. The floor is one
/// caller alone with the disk.
pub fn run(append: &(dyn Fn() -> Ticket + Sync), folder: &Folder, bytes: usize) -> io::Result<()> {
    let mut file = File::create(folder.path().join("grouped"))?;
    let record = vec![7; bytes];
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    let mut seconds = 0.0;
    for round in 0..=ROUNDS {
        let floor: io::Result<Vec<f64>> = (0..FLOOR_EACH)
            .map(|_| {
                let started = Instant::now();
                file.write_all(&record).and_then(|()| file.sync_data())?;
                Ok(micros(started))
            })
            .collect();
        let (waits, took) = together(append);
        if round > 0 {
            theirs.0.extend(floor?);
            ours.0.extend(waits);
            seconds += took;
        }
    }
    let per_second = (WRITERS * EACH * ROUNDS) as f64 / seconds;
    Figure::new("a record, until it is durable, 64 writers", "µs", ours)
        .over("one write and fdatasync of the same bytes, one writer", theirs)
        .with("recordsPerSecond", per_second)
        .with_p99()
        .print()
}

/// All writers at once; how long each record took, and all of them in seconds.
fn together(append: &(dyn Fn() -> Ticket + Sync)) -> (Vec<f64>, f64) {
    let start = Barrier::new(WRITERS + 1);
    let one = || {
        start.wait();
        let record = || {
            let started = Instant::now();
            append().wait_durable().expect("the log takes records");
            micros(started)
        };
        (0..EACH).map(|_| record()).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(one)).collect();
        start.wait();
        let started = Instant::now();
        let all = writers.into_iter().flat_map(|w| w.join().expect("a writer ends"));
        let waits = all.collect();
        (waits, started.elapsed().as_secs_f64())
    })
}

fn micros(started: Instant) -> f64 {
    started.elapsed().as_nanos() as f64 / 1e3
}
