//! The past: a log that is verified, looked through by its index, and proved.
//!
//! `ASTRID_BENCH_RECORDS` says of how many records; the default keeps a routine run short.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use astrid_native::audit::{
    Archive, Context, Decision, Entry, Filter, Kind, Log, Options, Outcome, Query, Subject, Verdict,
};
use sha2::{Digest, Sha256};

use crate::figure::{Figure, take_turns};
use crate::world::Folder;

const RECORDS: u64 = 1_000_000;
const ROUNDS: usize = 5;
/// What is looked for: one record of so many.
const RARE: u64 = 100_000;

/// Prints one figure each.
pub fn run() -> io::Result<()> {
    let wanted = env::var("ASTRID_BENCH_RECORDS").ok();
    let records = wanted.map_or(Ok(RECORDS), |n| n.parse()).map_err(io::Error::other)?;
    let folder = Folder::new("past");
    let path = folder.path().join("log");
    fill(&path, records).map_err(io::Error::other)?;
    verification(&path, records)?;
    query(&path, records)?;
    proof(&path, records)
}

fn fill(path: &Path, records: u64) -> astrid_native::base::error::Result<()> {
    let log = Log::open(path, &Options::default())?;
    let subject =
        Subject { principal: Some("bench"), capsule: Some("bench@bench"), ..Subject::default() };
    let mut buffer = log.buffer(Context::new(&subject));
    for number in 1..=records {
        let is_rare = number % RARE == 0;
        let verdict = if is_rare { Verdict::Deny } else { Verdict::Allow };
        let entry = Entry {
            verb: Some("kv.read"),
            resource: Some(if number % 2 == 0 { "settings/theme" } else { "settings/user" }),
            decision: Some(Decision { verdict, rule: None }),
            outcome: Some(if is_rare { Outcome::Denied } else { Outcome::Ok }),
            ..Entry::new(Kind::Call, log.mono_ns())
        };
        let _ = buffer.push(&entry)?;
    }
    drop(buffer);
    log.close().map(drop)
}

/// What any verification must do: read, and hash each body, its link and its part of the tree.
fn verification(path: &Path, records: u64) -> io::Result<()> {
    let (bytes, _) = segments(path)?;
    let (ours, theirs) = take_turns(
        ROUNDS,
        || {
            seconds(|| {
                let report = Archive::open(path).and_then(|archive| archive.verify(&[]));
                let report = report.expect("the log can be read");
                assert_eq!((report.records, report.fault), (records, None));
            }) * 1e9
                / records as f64
        },
        || seconds(|| hash_all(path, records)) * 1e9 / records as f64,
    );
    let per_second = 1e9 / ours.median();
    Figure::new("a record of a log that is verified", "ns", ours)
        .over(
            "reading it, and one BLAKE3 of the body, one of the link, one SHA-256 of leaf and node",
            theirs,
        )
        .with("recordsPerSecond", per_second)
        .with("recordBytes", bytes as f64 / records as f64)
        .print()
}

fn hash_all(path: &Path, records: u64) {
    let (bytes, files) = segments(path).expect("the log can be read");
    let body = (bytes / records) as usize - 36;
    let mut chunk = vec![0; 256 * 1024];
    let mut left = records;
    for file in files {
        let mut file = File::open(file).expect("the log can be read");
        loop {
            let read = file.read(&mut chunk).expect("the log can be read");
            if read == 0 {
                break;
            }
            for record in chunk[..read].chunks_exact(body + 36) {
                if left == 0 {
                    break;
                }
                left -= 1;
                let hash = blake3::hash(&record[4..4 + body]);
                let link = [*hash.as_bytes(), [7; 32]];
                std::hint::black_box(blake3::hash(link.as_flattened()));
                let leaf = Sha256::new().chain_update([0]).chain_update(hash.as_bytes()).finalize();
                let node = Sha256::new().chain_update([1]).chain_update(leaf).chain_update(leaf);
                std::hint::black_box(node.finalize());
            }
        }
    }
}

/// The bytes of all segments, and where they are.
fn segments(path: &Path) -> io::Result<(u64, Vec<std::path::PathBuf>)> {
    let mut files = Vec::new();
    let mut bytes = 0;
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|ext| ext == "log") {
            bytes += entry.metadata()?.len();
            files.push(entry.path());
        }
    }
    Ok((bytes, files))
}

fn query(path: &Path, records: u64) -> io::Result<()> {
    let first = seconds(|| look(path, records));
    let (ours, theirs) = take_turns(
        ROUNDS,
        || seconds(|| look(path, records)) * 1e3,
        || seconds(|| read_all(path)) * 1e3,
    );
    Figure::new(format!("a query over {records} records, by index"), "ms", ours)
        .over("reading the segments", theirs)
        .with("firstMs", first * 1e3)
        .print()
}

/// Finds the rare ones, with an archive that holds nothing yet.
fn look(path: &Path, records: u64) {
    let archive = Archive::open(path).expect("the log can be read");
    let filter = Filter {
        verdict: Some(Verdict::Deny),
        resource: Some("settings/*".into()),
        ..Filter::default()
    };
    let mut query = Query { filter, limit: 1000, ..Query::default() };
    let mut found = 0;
    loop {
        let page = archive.query(&query).expect("the log can be read");
        found += page.items.len() as u64;
        query.from = Some(page.next);
        if page.is_end {
            break;
        }
    }
    assert_eq!(found, records / RARE);
}

fn read_all(path: &Path) {
    let (_, files) = segments(path).expect("the log can be read");
    let mut chunk = vec![0; 256 * 1024];
    for file in files {
        let mut file = File::open(file).expect("the log can be read");
        while file.read(&mut chunk).expect("the log can be read") > 0 {}
    }
}

fn proof(path: &Path, records: u64) -> io::Result<()> {
    let archive = Archive::open(path).map_err(io::Error::other)?;
    let root = archive.verify(&[]).map_err(io::Error::other)?.root;
    let (ours, theirs) = take_turns(
        ROUNDS,
        || seconds(|| drop(archive.prove(records / 3, records, &root).expect("it is there"))) * 1e3,
        || seconds(|| read_all(path)) * 1e3,
    );
    Figure::new(format!("the proof of one of {records} records"), "ms", ours)
        .over("reading the segments", theirs)
        .print()
}

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}
