//! Several writers, in one process or in many, make one log without gaps.

use std::{collections::HashMap, path::Path, thread};

use super::{Scratch, call, child, open, open_small, read_all, subject, verify};
use crate::audit::Log;

const EACH: u64 = 10_000;

fn write_each(log: &Log) {
    let mut buffer = log.buffer(subject());
    for number in 1..=EACH {
        if number % 100 == 0 {
            buffer.push_sync(&call(number)).unwrap().wait_written().unwrap();
        } else {
            let _ = buffer.push(&call(number)).unwrap();
        }
    }
    drop(buffer);
    log.close().unwrap();
}

/// All records of all writers are there, each writer's in its order.
fn check(folder: &Path, writers: usize) {
    let mut last = HashMap::<[u8; 8], u64>::new();
    let items = read_all(folder);
    for (index, item) in items.iter().enumerate() {
        assert_eq!(item.sequence, index as u64 + 1);
        let record = item.record.as_ref().unwrap();
        let before = last.insert(record.run, record.mono_ns).unwrap_or(0);
        assert_eq!(record.mono_ns, before + 1);
    }
    assert_eq!(last.len(), writers);
    assert!(last.values().all(|number| *number == EACH));
    let report = verify(folder).unwrap();
    assert_eq!((report.records, report.torn_bytes), (EACH * writers as u64, 0));
}

#[test]
fn two_logs_on_one_folder_interleave() {
    let scratch = Scratch::new();
    thread::scope(|scope| {
        scope.spawn(|| write_each(&open(&scratch.log())));
        scope.spawn(|| write_each(&open(&scratch.log())));
    });
    check(&scratch.log(), 2);
}

#[test]
fn two_logs_share_the_sealing_of_segments() {
    let scratch = Scratch::new();
    let (one, other) = (open_small(&scratch.log()), open_small(&scratch.log()));
    for number in 1..=100 {
        let log = if number % 3 == 0 { &one } else { &other };
        assert_eq!(log.append(&subject(), &call(number)).unwrap().wait_written(), Ok(number));
    }
    assert!(verify(&scratch.log()).unwrap().segments > 5);
}

#[test]
#[ignore = "runs as a child of the test below"]
fn writes_its_share() {
    if let Some(folder) = child::folder() {
        write_each(&open(&folder));
    }
}

#[test]
fn three_processes_write_one_log() {
    let scratch = Scratch::new();
    let start = || child::start(concat!(module_path!(), "::writes_its_share"), &scratch.log());
    let children = [start(), start(), start()];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    check(&scratch.log(), 3);
}

#[test]
fn many_instances_share_one_log() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut buffer = log.buffer(subject());
                (1..=EACH).for_each(|number| {
                    let _ = buffer.push(&call(number)).unwrap();
                });
            });
        }
    });
    assert_eq!(log.close().unwrap().sequence, 4 * EACH);
    assert_eq!(verify(&scratch.log()).unwrap().records, 4 * EACH);
}
