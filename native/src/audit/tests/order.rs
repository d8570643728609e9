//! Counters: given in the order of the file, and verified to be.

use std::fs;

use super::{Scratch, call, open, read_all, subject, verify, write_calls};
use crate::{
    audit::{
        Kind, Record, chain, encode,
        frame::Content,
        order::Order,
        segment::{self, HEADER_BYTES, Place},
    },
    base::error::Code,
};

/// Whether each record is in its place; none is one whose body was pruned.
fn in_order<'r>(records: impl IntoIterator<Item = Option<&'r Record<'static>>>) -> bool {
    let mut order = Order::default();
    records.into_iter().all(|record| order.take(record).is_ok())
}

/// The records 1 to `count` of one run.
fn records(count: u64) -> Vec<Record<'static>> {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), count);
    read_all(&scratch.log()).into_iter().filter_map(|item| item.record).collect()
}

/// The run's note that it lost so many entries.
fn lost(record: &Record<'static>, entries: u64) -> Record<'static> {
    let note = Record { kind: Kind::LogLost, counter: 0, lost: Some(entries), ..record.clone() };
    Record { principal: None, capsule: None, message: None, ..note }
}

#[test]
fn a_ticket_knows_its_number_before_the_record_is_written() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let mut buffer = log.buffer(subject());
    let _ = buffer.push(&call(1)).unwrap();
    let mut other = log.buffer(subject());
    let first = other.push_sync(&call(2)).unwrap();
    let second = buffer.push_sync(&call(3)).unwrap();
    assert_eq!((first.counter(), second.counter(), log.flush().unwrap().counter()), (1, 3, 3));
    assert_eq!((first.wait_written(), second.wait_written()), (Ok(1), Ok(3)));
    let numbers = read_all(&scratch.log()).into_iter().filter_map(|item| item.record);
    assert!(numbers.map(|record| (record.run, record.counter)).eq((1..=3).map(|n| (log.run(), n))));
}

#[test]
fn runs_side_by_side_each_have_an_order_of_their_own() {
    let scratch = Scratch::new();
    let (one, two) = (open(&scratch.log()), open(&scratch.log()));
    for number in 1..=9 {
        let log = if number % 3 == 0 { &one } else { &two };
        log.append(&subject(), &call(number)).unwrap().wait_written().unwrap();
    }
    assert_eq!(verify(&scratch.log()).unwrap().records, 9);
}

#[test]
fn what_is_dropped_repeated_or_swapped_is_out_of_order() {
    let good = records(6);
    assert!(in_order(good.iter().map(Some)));
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad.insert(at, good[at].clone());
        assert!(!in_order(bad.iter().map(Some)), "{at} repeated");
        bad.drain(at..at + 2);
        let is_end = at + 1 == good.len();
        assert_eq!(in_order(bad.iter().map(Some)), is_end, "{at} dropped: only an end can be");
        if !is_end {
            let mut bad = good.clone();
            bad.swap(at, at + 1);
            assert!(!in_order(bad.iter().map(Some)), "{at} swapped");
        }
    }
}

#[test]
fn a_gap_is_right_only_after_a_loss_of_that_run_or_pruned_bodies() {
    let good = records(6);
    let with = |note: Option<&Record<'static>>| {
        let (begin, end) = (good[..2].iter().map(Some), good[4..].iter().map(Some));
        in_order(begin.chain([note]).chain(end))
    };
    assert!(with(Some(&lost(&good[0], 2))), "two are lost, two are missing");
    assert!(!with(Some(&lost(&good[0], 1))), "fewer are lost than missing");
    assert!(!with(Some(&Record { run: [0; 8], ..lost(&good[0], 2) })), "another run's loss");
    assert!(!with(None), "one body is pruned, two are missing");
    let pruned = [Some(&good[0]), None, None, Some(&good[3])];
    assert!(in_order(pruned));
    assert!(!in_order(pruned.into_iter().chain([Some(&good[5])])), "nothing pruned after them");
}

#[test]
fn no_more_runs_are_remembered_than_the_limit() {
    let [record] = records(1).try_into().unwrap();
    let numbered = |run: u64, counter| Record { run: run.to_le_bytes(), counter, ..record.clone() };
    let mut order = Order::default();
    let runs = crate::base::limits::AUDIT_VERIFY_RUNS;
    for run in 0..2 * runs {
        order.take(Some(&numbered(run, 1))).unwrap();
        // One that goes on writing is not forgotten.
        order.take(Some(&numbered(u64::MAX, run + 1))).unwrap();
    }
    assert!(order.take(Some(&numbered(u64::MAX, 1))).is_err(), "still remembered");
    order.take(Some(&numbered(0, 7))).expect("forgotten: nobody knows what it wrote");
    assert!(order.take(Some(&numbered(0, 9))).is_err(), "known again");
}

#[test]
fn a_log_written_anew_without_a_record_does_not_verify() {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), 5);
    let origin = segment::origin_of(&fs::read(scratch.log().join(segment::ORIGIN)).unwrap());
    let mut place = Place::first(&origin.unwrap());
    let path = scratch.log().join(segment::name(1));
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(HEADER_BYTES);
    for record in read_all(&scratch.log()).into_iter().filter_map(|item| item.record) {
        if record.counter == 3 {
            continue;
        }
        let body = encode(&Record { sequence: place.next, ..record });
        place.link = chain::link(&place.link, &chain::record_hash(&body));
        place.next += 1;
        bytes.extend_from_slice(&Content::Body(body.len()).word());
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&place.link);
    }
    fs::write(&path, &bytes).unwrap();
    let error = verify(&scratch.log()).unwrap_err();
    assert_eq!(error.code, Code::AuditCorrupt);
    assert!(error.message.contains("record 3 is number 4 of its run after number 2"), "{error}");
}
