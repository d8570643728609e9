//! Many callers that must not act before their record is on disk: as tasks, which is how the host
//! calls of capsules wait, and as threads.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Barrier},
    thread,
    time::Instant,
};

use astrid_native::audit::Ticket;
use tokio::{runtime, task::JoinSet};

use crate::figure::{Figure, Samples};
use crate::world::Folder;

const WRITERS: usize = 64;
/// Threads that run the tasks.
const WORKERS: usize = 2;
const ROUNDS: usize = 20;
/// Records of each writer in a round.
const EACH: usize = 50;
/// Writes and syncs of the floor in a round.
const FLOOR_EACH: usize = 100;

/// Appends one record.
pub type Append = Arc<dyn Fn() -> Ticket + Send + Sync>;

/// Prints two figures: how long each of 64 waits for a record of so many bytes. The floor is one
/// caller alone with the disk, who writes as many bytes at once as the 64 do.
pub fn run(append: &Append, folder: &Folder, bytes: usize) -> io::Result<()> {
    let workers = runtime::Builder::new_multi_thread().worker_threads(WORKERS).build()?;
    let tasks = || workers.block_on(as_tasks(append));
    let name = "a record, until it is durable, 64 writers";
    compare(name, &tasks, folder, bytes)?;
    compare(&format!("{name} that are threads"), &|| as_threads(append), folder, bytes)
}

/// How long each record took, and all of them in seconds.
type Waits = (Vec<f64>, f64);

fn compare(
    name: &str,
    together: &dyn Fn() -> Waits,
    folder: &Folder,
    bytes: usize,
) -> io::Result<()> {
    let mut file = File::create(folder.path().join("grouped"))?;
    let records = vec![7; bytes * WRITERS];
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    let mut seconds = 0.0;
    for round in 0..=ROUNDS {
        let floor: io::Result<Vec<f64>> = (0..FLOOR_EACH)
            .map(|_| {
                let started = Instant::now();
                file.write_all(&records).and_then(|()| file.sync_data())?;
                Ok(micros(started))
            })
            .collect();
        let (waits, took) = together();
        if round > 0 {
            theirs.0.extend(floor?);
            ours.0.extend(waits);
            seconds += took;
        }
    }
    let per_second = (WRITERS * EACH * ROUNDS) as f64 / seconds;
    Figure::new(name, "µs", ours)
        .over("one write and fdatasync of 64 records, one writer", theirs)
        .with("recordsPerSecond", per_second)
        .with_p99()
        .print()
}

async fn as_tasks(append: &Append) -> Waits {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..WRITERS {
        let append = Arc::clone(append);
        tasks.spawn(async move {
            let mut waits = Vec::with_capacity(EACH);
            for _ in 0..EACH {
                let started = Instant::now();
                append().durable().await.expect("the log takes records");
                waits.push(micros(started));
            }
            waits
        });
    }
    let waits = tasks.join_all().await.concat();
    (waits, started.elapsed().as_secs_f64())
}

fn as_threads(append: &Append) -> Waits {
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
