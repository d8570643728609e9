//! Old bodies go; what the log vouches for stays.

use std::fs;

use super::{Scratch, call, open_small, read_all, subject, verify, write_calls};
use crate::{
    audit::{Archive, Context, Entry, Item, Kind, Log, Options, Pruned, Query, Reader, Until},
    base::error::Code,
};

/// Three segments of them.
const RECORDS: u64 = 25;

/// A log of calls with salts, and a record that stays.
fn log() -> (Scratch, Archive, Vec<Item>) {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    let started = Entry { resource: Some("1.0.0"), ..Entry::new(Kind::KernelStart, 0) };
    drop(log.append(&Context::kernel(), &started).unwrap());
    let mut buffer = log.buffer(subject());
    for number in 2..=RECORDS {
        let entry = Entry { arguments: &[b"secret"], ..call(number) };
        let _ = buffer.push(&entry).unwrap();
    }
    drop(buffer);
    log.close().unwrap();
    let archive = Archive::open(&scratch.log()).unwrap();
    let items = read_all(&scratch.log());
    (scratch, archive, items)
}

fn prune(archive: &Archive, through: u64) -> (u64, Pruned) {
    archive.prune(through, "1 to the test's wish").unwrap()
}

#[test]
fn bodies_and_salts_go_and_everything_that_vouches_stays() {
    let (scratch, archive, items) = log();
    let before = archive.verify(&[RECORDS]).unwrap();
    drop(archive.query(&Query { limit: 1000, ..Query::default() }).unwrap());
    assert!(scratch.log().join("segment-00000001.index").exists());
    let (receipt, pruned) = prune(&archive, 10);
    assert_eq!((receipt, pruned.through, pruned.bodies), (RECORDS + 1, 10, 9));
    assert!(!scratch.log().join("segment-00000001.index").exists(), "it knows words of what went");
    let after = archive.verify(&[RECORDS]).unwrap();
    assert_eq!((after.roots, after.fault), (before.roots, None));
    assert_eq!((after.records, after.pruned), (RECORDS + 1, 9));
    let now = read_all(&scratch.log());
    for (then, now) in items.iter().zip(&now) {
        assert_eq!((then.hash, then.link), (now.hash, now.link));
        let goes = (2..=10).contains(&then.sequence);
        assert_eq!(now.record, if goes { None } else { then.record.clone() });
        let salt = Reader::open(&scratch.log()).unwrap().salt(then.sequence).unwrap();
        assert_eq!(salt.is_some(), !goes && then.sequence > 1);
    }
    assert_eq!(now[RECORDS as usize].record.as_ref().unwrap().kind, Kind::LogPruned);
    for sequence in 1..=RECORDS {
        assert_eq!(
            archive.prove(sequence, RECORDS, &before.root).unwrap().hash,
            items[sequence as usize - 1].hash
        );
    }
}

#[test]
fn all_but_the_receipt_may_go_and_a_second_pruning_takes_nothing() {
    let (scratch, archive, _) = log();
    let wanted = archive.prunable(Until::Through(u64::MAX)).unwrap();
    let (_, first) = prune(&archive, u64::MAX);
    assert_eq!((first, first.through, first.bodies), (wanted, RECORDS, RECORDS - 1));
    assert_eq!(verify(&scratch.log()).unwrap().pruned, first.bodies);
    let again = archive.prunable(Until::Through(u64::MAX)).unwrap();
    assert_eq!((again.bodies, again.bytes), (0, 0));
}

#[test]
fn time_ends_the_range_at_the_first_record_that_is_young() {
    let (_scratch, archive, items) = log();
    assert_eq!(archive.prunable(Until::Before(0)).unwrap(), Pruned::default());
    let moment = |item: &Item| item.record.as_ref().unwrap().wall_us;
    let young = items.iter().map(moment).max().unwrap() + 1;
    assert_eq!(archive.prunable(Until::Before(young)).unwrap().through, RECORDS);
}

#[test]
fn writers_that_were_open_before_go_on() {
    let (scratch, archive, _) = log();
    let (one, other) = (open_small(&scratch.log()), open_small(&scratch.log()));
    prune(&archive, u64::MAX);
    for number in 1..=20 {
        for log in [&one, &other] {
            log.append(&subject(), &call(number)).unwrap().wait_written().unwrap();
        }
    }
    for log in [one, other] {
        log.close().unwrap();
    }
    let before = verify(&scratch.log()).unwrap();
    prune(&archive, u64::MAX);
    assert_eq!(verify(&scratch.log()).unwrap().records, before.records + 1);
    write_calls(&open_small(&scratch.log()), 3);
    assert_eq!(verify(&scratch.log()).unwrap().records, before.records + 4);
}

#[test]
fn what_a_crash_left_is_done_again() {
    let (scratch, archive, _) = log();
    for name in ["segment-00000001.log.new", "segment-00000001.salts.new"] {
        fs::write(scratch.log().join(name), b"half").unwrap();
    }
    // Salts are destroyed first; a crash before the bodies leaves those for the next.
    let salts = scratch.log().join("segment-00000001.salts");
    fs::write(&salts, &fs::read(&salts).unwrap()[..16]).unwrap();
    let (_, pruned) = prune(&archive, 5);
    assert_eq!(pruned.bodies, 4);
    assert_eq!(verify(&scratch.log()).unwrap().pruned, 4);
}

#[test]
fn a_segment_that_does_not_verify_stays_as_it_is() {
    let (scratch, archive, _) = log();
    let path = scratch.log().join("segment-00000001.log");
    let mut bad = fs::read(&path).unwrap();
    let at = bad.len() / 2;
    bad[at] ^= 1;
    fs::write(&path, &bad).unwrap();
    assert_eq!(archive.prune(10, "a test").unwrap_err().code, Code::AuditCorrupt);
    assert_eq!(fs::read(&path).unwrap(), bad);
    assert!(Log::open(&scratch.log(), &Options::default()).is_ok());
}

#[test]
fn a_sealed_segment_that_looks_torn_is_not_written_anew() {
    let (scratch, archive, _) = log();
    let path = scratch.log().join("segment-00000001.log");
    let mut bad = fs::read(&path).unwrap();
    *bad.last_mut().unwrap() ^= 1;
    fs::write(&path, &bad).unwrap();
    assert_eq!(archive.prune(RECORDS, "a test").unwrap_err().code, Code::AuditCorrupt);
    assert_eq!(fs::read(&path).unwrap(), bad);
}
