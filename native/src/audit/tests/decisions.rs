//! Decisions without an outcome: told by verification, and counted beyond the limits.

use super::{Scratch, call, open, open_small, subject};
use crate::{
    audit::{Archive, Entry, Kind, Log, Outcome},
    base::limits,
};

fn decide(log: &Log, count: u64) {
    let mut buffer = log.buffer(subject());
    for number in 1..=count {
        let decision = Entry { kind: Kind::CallDecision, outcome: None, ..call(number) };
        let _ = buffer.push(&decision).unwrap();
    }
}

#[test]
fn verification_tells_the_decisions_that_have_none() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    decide(&log, 30);
    for cause in (2..=8).chain([30]) {
        let outcome =
            Entry { cause, outcome: Some(Outcome::Ok), ..Entry::new(Kind::CallOutcome, 1) };
        let _ = log.append(&subject(), &outcome).unwrap();
    }
    log.close().unwrap();
    let archive = Archive::open(&scratch.log()).unwrap();
    let report = archive.verify(&[]).unwrap();
    assert_eq!((report.open_decisions, report.records), (22, 38));
    assert_eq!(report.open_first, [&[1][..], &(9..=27).collect::<Vec<_>>()].concat());
    assert_eq!(archive.seen(), 38);
}

#[test]
fn more_than_are_told_apart_are_counted() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let count = limits::AUDIT_VERIFY_OPEN_DECISIONS + 10;
    decide(&log, count);
    log.close().unwrap();
    let report = Archive::open(&scratch.log()).unwrap().verify(&[]).unwrap();
    assert_eq!(report.open_decisions, count);
    assert_eq!(report.open_first, (1..=20).collect::<Vec<_>>());
}
