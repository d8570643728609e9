//! A log looked at without its kernel: roots, proofs, and the first place that does not verify.

use std::fs;

use super::check::included;
use crate::{
    audit::{
        Archive, Log, Options, Report,
        frame::Content,
        tests::{Scratch, open_small, query::forge, read_all, write_calls},
        tree::{Frontier, Hash, inclusion},
    },
    base::error::Code,
};

/// Three segments of them.
const RECORDS: u64 = 25;

fn small_log() -> (Scratch, Archive) {
    let scratch = Scratch::new();
    write_calls(&open_small(&scratch.log()), RECORDS);
    let archive = Archive::open(&scratch.log()).unwrap();
    (scratch, archive)
}

fn roots(scratch: &Scratch) -> Vec<Hash> {
    let mut tree = Frontier::default();
    let mut roots = vec![tree.root()];
    for item in read_all(&scratch.log()) {
        tree.push(&item.hash);
        roots.push(tree.root());
    }
    roots
}

#[test]
fn roots_are_told_at_any_sizes() {
    let (scratch, archive) = small_log();
    let all = roots(&scratch);
    let sizes = [0, 0, 1, 8, 8, 9, 24, 25, 26, u64::MAX];
    let report = archive.verify(&sizes).unwrap();
    assert_eq!(report.roots, [0, 0, 1, 8, 8, 9, 24, 25].map(|size| all[size]));
    assert_eq!((report.records, report.root, report.fault), (RECORDS, all[25], None));
    for bad in [vec![2, 1], vec![0; 100_001]] {
        assert_eq!(archive.verify(&bad).unwrap_err().code, Code::Invalid);
    }
}

#[test]
fn every_record_is_proved_in_every_size() {
    let (scratch, archive) = small_log();
    let all = roots(&scratch);
    let items = read_all(&scratch.log());
    for size in 1..=RECORDS {
        let root = &all[size as usize];
        for item in &items[..size as usize] {
            let made = archive.prove(item.sequence, size, root).unwrap();
            assert_eq!(made.hash, item.hash);
            assert!(included(&made.hash, (item.sequence - 1, size), &made.proof, root));
        }
    }
    for (sequence, size) in [(0, 5), (6, 5), (1, 0)] {
        assert_eq!(archive.prove(sequence, size, &all[5]).unwrap_err().code, Code::Invalid);
    }
    for size in [RECORDS + 1, u64::MAX] {
        assert_eq!(archive.prove(1, size, &all[5]).unwrap_err().code, Code::NotFound);
    }
    assert_eq!(archive.prove(1, 4, &all[5]).unwrap_err().code, Code::AuditRoot);
}

/// Enough for subtrees within segments, across them, and at both edges.
#[test]
fn proofs_by_indexes_are_those_by_all_records() {
    const MANY: u64 = 3000;
    let scratch = Scratch::new();
    let options = Options { segment_bytes: 200_000, ..Options::default() };
    write_calls(&Log::open(&scratch.log(), &options).unwrap(), MANY);
    let all = roots(&scratch);
    let entries: Vec<_> = read_all(&scratch.log()).iter().map(|item| item.hash).collect();
    let archive = Archive::open(&scratch.log()).unwrap();
    for size in [1, 255, 256, 257, 511, 512, 1300, 2047, 2048, 2049, MANY - 1, MANY] {
        for sequence in [1, 2, 256, 257, 700, 1024, 2048, 2049, size - 1, size] {
            let root = &all[size as usize];
            let Ok(made) = archive.prove(sequence, size, root) else {
                assert!(sequence == 0 || sequence > size);
                continue;
            };
            let mut proof = inclusion(sequence - 1, size).unwrap();
            (0..size).for_each(|at| proof.feed(at, &entries[at as usize]));
            assert_eq!(made.proof, proof.hashes(), "{sequence} in {size}");
        }
    }
    // A wrong index leads to no proof: then all records do.
    forge(&scratch, 2, |index| index.groups.iter_mut().for_each(|group| group[0] ^= 1));
    let fresh = Archive::open(&scratch.log()).unwrap();
    let root = &all[MANY as usize];
    assert_eq!(fresh.prove(1, MANY, root).unwrap(), archive.prove(1, MANY, root).unwrap());
}

/// What is said of a log that does not verify as a whole: the good part, and where it ends.
fn broken(archive: &Archive, all: &[Hash]) -> Report {
    let sizes: Vec<_> = (0..=RECORDS).collect();
    let report = archive.verify(&sizes).unwrap();
    let good = report.records as usize;
    assert_eq!((report.root, &report.roots[..]), (all[good], &all[..=good]));
    if let Some(fault) = &report.fault {
        assert_eq!((fault.error.code, fault.sequence), (Code::AuditCorrupt, report.records + 1));
    }
    report
}

#[test]
fn any_flipped_bit_is_placed_at_its_record() {
    let (scratch, archive) = small_log();
    let all = roots(&scratch);
    let mut record = 0;
    for number in 1..=3 {
        let path = scratch.log().join(format!("segment-{number:08}.log"));
        let good = fs::read(&path).unwrap();
        // A bad header is found before the first record it stands in front of.
        let mut end = 88;
        for at in 0..good.len() {
            if at == end {
                record += 1;
                let content = Content::of(*good[at..].first_chunk().unwrap()).unwrap();
                end += 4 + content.bytes() + 32;
            }
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&path, &bad).unwrap();
            let report = broken(&archive, &all);
            let before = if at < 88 { record } else { record - 1 };
            assert_eq!(report.records, before, "segment {number} byte {at}");
            assert!(report.fault.is_some() || report.torn_bytes > 0, "{number} {at}");
        }
        fs::write(&path, &good).unwrap();
    }
    assert_eq!((record, broken(&archive, &all).fault), (RECORDS, None));
}

#[test]
fn a_missing_segment_is_placed_at_its_first_record() {
    let (scratch, archive) = small_log();
    let all = roots(&scratch);
    let begins: Vec<u64> = (1..=3)
        .map(|number| {
            let bytes = fs::read(scratch.log().join(format!("segment-{number:08}.log"))).unwrap();
            u64::from_le_bytes(*bytes[48..].first_chunk().unwrap())
        })
        .collect();
    for (number, begin) in (1..).zip(begins) {
        let path = scratch.log().join(format!("segment-{number:08}.log"));
        let away = scratch.log().join("away");
        fs::rename(&path, &away).unwrap();
        let report = broken(&archive, &all);
        assert_eq!(report.records, begin - 1, "without segment {number}");
        // The last one's absence shows only against a kept checkpoint.
        assert_eq!(report.fault.is_some(), number < 3);
        fs::rename(&away, &path).unwrap();
    }
}

#[test]
fn a_folder_without_a_log_is_no_log() {
    let scratch = Scratch::new();
    assert_eq!(Archive::open(&scratch.log()).unwrap_err().code, Code::AuditWrite);
    write_calls(&open_small(&scratch.log()), 1);
    fs::write(scratch.log().join("origin"), [0; 500]).unwrap();
    assert_eq!(Archive::open(&scratch.log()).unwrap_err().code, Code::AuditCorrupt);
}
