//! Any bytes in the log's files: told as what they are, in bounded time and memory, never a panic.

use std::{fs, path::Path};

use super::{Scratch, open_small, subject, write_calls};
use crate::{
    audit::{Archive, Entry, Kind, Log, Options, Query, Report, Until, tests::call},
    base::error::{Code, Result},
};

/// Mutated logs that the ordinary run looks at; each is repeatable by its seed.
const LOGS: u64 = 250;
/// And the long one.
const MANY_LOGS: u64 = 20_000;

/// A small generator of which nothing is asked but to be the same everywhere (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

type Files = Vec<(String, Vec<u8>)>;

/// The files of a log with several segments, pruned bodies and salts.
fn seed_log(scratch: &Scratch) -> Files {
    let log = open_small(&scratch.log());
    for number in 1..=12 {
        let entry = Entry { arguments: &[b"argument"], ..call(number) };
        drop(log.append(&subject(), &entry).unwrap());
    }
    let started = Entry { resource: Some("1.0.0"), ..Entry::new(Kind::KernelStart, 13) };
    drop(log.append(&subject(), &started));
    log.close().unwrap();
    Archive::open(&scratch.log()).unwrap().prune(4, "1-4").unwrap();
    write_calls(&open_small(&scratch.log()), 6);
    let names = fs::read_dir(scratch.log()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut files: Files = names
        .map(|name| name.into_string().unwrap())
        .map(|name| (name.clone(), fs::read(scratch.log().join(name)).unwrap()))
        .collect();
    files.sort();
    files
}

/// One change to some file, of those an attacker would try.
fn mutate(files: &mut Files, random: &mut Random) {
    let donor = files[random.below(files.len())].1.clone();
    let at = random.below(files.len());
    let bytes = &mut files[at].1;
    let from = random.below(bytes.len());
    let until = (from + random.below(120)).min(bytes.len());
    match random.below(9) {
        0 if from < bytes.len() => bytes[from] ^= 1 << random.below(8),
        1 => bytes.truncate(from),
        2 => drop(bytes.drain(from..until)),
        3 => drop(bytes.splice(from..from, bytes[from..until].to_vec())),
        4 => {
            let cut = random.below(donor.len());
            bytes.splice(from..until, donor[cut..(cut + 100).min(donor.len())].iter().copied());
        }
        5 => bytes[from..until].fill([0, 0xff][random.below(2)]),
        6 => bytes.extend_from_slice(&random.next().to_le_bytes()),
        7 => *bytes = donor,
        // A number where a length, a sequence or a count may stand.
        _ => {
            let number = [0, 1, u64::MAX, 1 << 24, 1 << 32][random.below(5)].to_le_bytes();
            let width = 8.min(bytes.len() - from);
            bytes[from..from + width].copy_from_slice(&number[..width]);
        }
    }
}

/// All that is done with a log that may be anything. What is reported must fit itself.
fn look(folder: &Path) -> Result<Report> {
    let archive = Archive::open(folder)?;
    let report = archive.verify(&[0, 1, 5, 18])?;
    let records = report.records;
    if let Some(fault) = &report.fault {
        assert_eq!((fault.error.code, fault.sequence), (Code::AuditCorrupt, records + 1));
    }
    let queries = [(1, false), (1, true), (u64::MAX, false)];
    let found = queries.map(|(from, newest_first)| {
        let from = Some(from);
        let query = Query { from, limit: 1000, newest_first, ..Query::default() };
        archive.query(&query)
    });
    if report.fault.is_none() {
        let all = archive.query(&Query { limit: 1000, by_records: true, ..Query::default() });
        drop((all.unwrap(), found));
        for sequence in 1..=records {
            archive.prove(sequence, records, &report.root).unwrap();
        }
    }
    drop(archive.prunable(Until::Before(u64::MAX)));
    Ok(report)
}

fn attack(seeds: std::ops::Range<u64>) {
    let scratch = Scratch::new();
    let good = seed_log(&scratch);
    let records = look(&scratch.log()).unwrap().records;
    let mut held = 0;
    for seed in seeds {
        let mut random = Random(seed + 1);
        let mut files = good.clone();
        for _ in 0..=random.below(3) {
            mutate(&mut files, &mut random);
        }
        for ((name, bytes), (_, was)) in files.iter().zip(&good) {
            if bytes != was {
                fs::write(scratch.log().join(name), bytes).unwrap();
            }
        }
        let report = look(&scratch.log());
        held += u64::from(report.is_ok_and(|report| report.records == records));
        if seed % 16 == 0 {
            // A writer that opens it goes on or refuses.
            drop(Log::open(&scratch.log(), &Options::default()));
        }
        for (name, bytes) in &good {
            fs::write(scratch.log().join(name), bytes).unwrap();
        }
        let left = fs::read_dir(scratch.log()).unwrap().map(|entry| entry.unwrap());
        for entry in left {
            if !good.iter().any(|(name, _)| entry.file_name() == **name) {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    // Some changes are of files that vouch for nothing; most are found.
    assert!(held > 0, "nothing but records was changed");
}

#[test]
fn mutated_logs_are_told_as_what_they_are() {
    attack(0..LOGS);
}

#[test]
#[ignore = "takes minutes: cargo test -- --ignored slow_"]
fn slow_many_mutated_logs_are_told_as_what_they_are() {
    attack(LOGS..MANY_LOGS);
}

#[test]
fn a_segment_with_a_hole_of_terabytes_is_refused_at_once() {
    let scratch = Scratch::new();
    write_calls(&open_small(&scratch.log()), 3);
    let path = scratch.log().join("segment-00000001.log");
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(1 << 42).unwrap();
    let report = look(&scratch.log()).unwrap();
    assert_eq!(report.fault.unwrap().error.code, Code::AuditCorrupt);
    assert!(Log::open(&scratch.log(), &Options::default()).is_err());
}
