//! The log by itself: buffered records, and records that must be durable.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use astrid_native::audit::{
    Context, Decision, Entry, Kind, Log, Options, Outcome, Subject, Verdict,
};

use crate::figure::{Figure, take_turns};
use crate::group;
use crate::world::Folder;

const RECORDS: usize = 200_000;
const BUFFERED_ROUNDS: usize = 7;
const WRITTEN_ROUNDS: usize = 2000;
const DURABLE_ROUNDS: usize = 400;
const CHUNK_BYTES: usize = 1 << 20;

/// Prints one figure each.
pub fn run() -> io::Result<()> {
    let folder = Folder::new("audit");
    let log = Log::open(&folder.path().join("log"), &Options::default());
    let log = Arc::new(log.map_err(io::Error::other)?);
    let context = Context::new(&Subject {
        principal: Some("bench"),
        capsule: Some("bench@bench"),
        component: Some([7; 32]),
        authority: Some([7; 8]),
        message: Some("0123456789abcdef0123456789abcdef"),
    });
    let record_bytes = record_bytes(&log, &context, &folder)?;
    buffered(&log, &context, &folder, record_bytes)?;
    one_record(&log, &context, &folder, record_bytes)?;
    let append: group::Append =
        Arc::new(move || log.append(&context, &entry(&log)).expect("the log takes records"));
    group::run(&append, &folder, record_bytes)
}

fn entry(log: &Log) -> Entry<'static> {
    Entry {
        verb: Some("config.read"),
        resource: Some("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"),
        arguments: &[b"an argument of the call"],
        decision: Some(Decision { verdict: Verdict::Allow, rule: Some("manifest") }),
        outcome: Some(Outcome::Ok),
        ..Entry::new(Kind::Call, log.mono_ns())
    }
}

/// What one record takes in the file.
fn record_bytes(log: &Log, context: &Context, folder: &Folder) -> io::Result<usize> {
    let segment = folder.path().join("log/segment-00000001.log");
    let push = || -> io::Result<u64> {
        let ticket = log.append(context, &entry(log)).map_err(io::Error::other)?;
        ticket.wait_written().map_err(io::Error::other)?;
        Ok(segment.metadata()?.len())
    };
    let before = push()?;
    Ok((push()? - before) as usize)
}

fn buffered(log: &Log, context: &Context, folder: &Folder, bytes: usize) -> io::Result<()> {
    let mut buffer = log.buffer(context.clone());
    let mut file = File::create(folder.path().join("floor"))?;
    let (ours, theirs) = take_turns(
        BUFFERED_ROUNDS,
        || {
            nanos_each(|| {
                for _ in 0..RECORDS {
                    let _ = buffer.push(&entry(log)).expect("the log takes records");
                }
                let _ = buffer.hand_over().expect("the log takes records");
                let flushed = log.flush().and_then(|ticket| ticket.wait_written());
                flushed.expect("the log takes records");
            })
        },
        || nanos_each(|| hash_and_write(&mut file, bytes)),
    );
    let per_second = 1e9 / ours.median();
    Figure::new("a buffered record, until it is written", "ns", ours)
        .over("one BLAKE3 link of the same bytes, and writing them", theirs)
        .with("recordsPerSecond", per_second)
        .with("recordBytes", bytes as f64)
        .print()
}

/// The least that a chain of records costs.
fn hash_and_write(file: &mut File, bytes: usize) {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    let mut record = vec![7; bytes];
    for _ in 0..RECORDS {
        let link = blake3::hash(&record);
        record[..32].copy_from_slice(link.as_bytes());
        if chunk.len() + bytes > CHUNK_BYTES {
            file.write_all(&chunk).expect("the folder takes files");
            chunk.clear();
        }
        chunk.extend_from_slice(&record);
    }
    file.write_all(&chunk).expect("the folder takes files");
}

fn nanos_each(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_nanos() as f64 / RECORDS as f64
}

/// Both sides wait until the bytes are where the name says.
fn one_record(log: &Log, context: &Context, folder: &Folder, bytes: usize) -> io::Result<()> {
    let mut file = File::create(folder.path().join("synced"))?;
    let record = vec![7; bytes];
    let append = || log.append(context, &entry(log)).expect("the log takes records");
    let (ours, theirs) = take_turns(
        WRITTEN_ROUNDS,
        || micros(|| _ = append().wait_written().expect("the log takes records")),
        || micros(|| file.write_all(&record).expect("the folder takes files")),
    );
    Figure::new("a record, until it is written", "µs", ours)
        .over("one write of the same bytes", theirs)
        .with_p99()
        .print()?;
    let (ours, theirs) = take_turns(
        DURABLE_ROUNDS,
        || micros(|| _ = append().wait_durable().expect("the log takes records")),
        || {
            micros(|| {
                let written = file.write_all(&record).and_then(|()| file.sync_data());
                written.expect("the folder takes files");
            })
        },
    );
    Figure::new("a record, until it is durable", "µs", ours)
        .over("one write and fdatasync of the same bytes", theirs)
        .with_p99()
        .print()
}

fn micros(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_nanos() as f64 / 1e3
}
