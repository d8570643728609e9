//! Each call that changes the log on disk fails once, or is the last before a power cut: no record
//! that was told durable is missing, effects are refused meanwhile, and the log goes on.

use std::{fs, path::Path, sync::Arc, time::Duration};

use super::{
    Scratch, await_health, block_on, call,
    model::{Model, Unsynced, What},
    note, open, read_all, subject, verify,
};
use crate::{
    audit::{Entry, Log, Options},
    base::error::Code,
};

const EIO: i32 = rustix::io::Errno::IO.raw_os_error();
const ENOSPC: i32 = rustix::io::Errno::NOSPC.raw_os_error();

/// Opens the log; what fails once works the second time.
fn open_on(disk: &Model, folder: &Path) -> Log {
    let options =
        Options { segment_bytes: 2048, retry: Duration::from_millis(1), ..Options::default() };
    let open = || Log::open_on(folder, &options, Arc::new(disk.clone()));
    open().unwrap_or_else(|error| {
        assert_eq!(error.code, Code::AuditWrite, "{error}");
        open().unwrap()
    })
}

/// Records one entry, or is refused. Each third must be durable, so that segments are sealed over
/// records that are not.
fn record(disk: &Model, log: &Log, number: u64) -> bool {
    let arguments: &[&[u8]] = if number.is_multiple_of(4) { &[b"x"] } else { &[] };
    let entry = Entry { arguments, ..call(number) };
    let recorded = log.append(&subject(), &entry).and_then(|ticket| {
        if number % 3 == 1 {
            ticket.wait_durable().map(|sequence| disk.told(number, sequence))
        } else {
            ticket.wait_written().map(drop)
        }
    });
    if let Err(error) = &recorded {
        assert_eq!(error.code, Code::AuditWrite, "{error}");
        await_health(log);
    }
    recorded.is_ok()
}

/// A log's life: records, some with salts, a checkpoint, sealed segments, and a second start; how
/// many records were refused.
fn live(disk: &Model, folder: &Path) -> usize {
    let log = open_on(disk, folder);
    let mut refused = (1..=8).filter(|number| !record(disk, &log, *number)).count();
    let made = block_on(log.checkpoint()).unwrap_or_else(|error| {
        assert_eq!(error.code, Code::AuditWrite);
        await_health(&log);
        block_on(log.checkpoint()).unwrap()
    });
    let signed = note(&made, made.size);
    if let Err(error) = log.append_note(&signed) {
        assert_eq!(error.code, Code::AuditWrite);
        log.append_note(&signed).unwrap();
    }
    if let Err(error) = log.close() {
        assert_eq!(error.code, Code::AuditWrite);
    }
    let log = open_on(disk, folder);
    refused += (9..=16).filter(|number| !record(disk, &log, *number)).count();
    log.append_note(&note(&made, made.size)).or_else(|_| log.append_note(&signed)).unwrap();
    refused
}

/// The log verifies and has all these records.
fn check(folder: &Path, told: &[(u64, u64)], context: &str) {
    let report = verify(folder).unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(report.torn_bytes, 0, "{context}");
    let items = read_all(folder);
    for (number, sequence) in told {
        let record = items.get(*sequence as usize - 1).and_then(|item| item.record.as_ref());
        let found = record.map(|record| record.mono_ns);
        assert_eq!(found, Some(*number), "{context}: record {sequence} is missing");
    }
}

/// Lets it happen at each call of a life in turn.
fn at_each_call(what: What, check_one: impl Fn(&Model, &Scratch, &str)) {
    for calls in 0.. {
        let scratch = Scratch::new();
        let disk = Model::new(&scratch.log(), what, calls);
        let refused = live(&disk, &scratch.log());
        let context = format!("{what:?} at call {}", calls + 1);
        check(&scratch.log(), &disk.all_told(), &context);
        if !disk.happened() {
            assert!(calls > 60 && refused == 0, "{calls} calls, {refused} refused");
            return;
        }
        // One that waits, and one before the log is well again.
        assert!(refused <= 2, "{context}: {refused} records were refused");
        check_one(&disk, &scratch, &context);
    }
}

#[test]
fn a_call_that_fails_is_survived_anywhere() {
    at_each_call(What::Fails(EIO), |_, _, _| {});
}

#[test]
fn a_disk_that_is_full_for_one_call_is_survived_anywhere() {
    at_each_call(What::Fails(ENOSPC), |_, _, _| {});
}

#[test]
fn a_call_that_is_done_and_fails_is_survived_anywhere() {
    at_each_call(What::DoneButFails(EIO), |_, _, _| {});
}

#[test]
fn a_power_cut_at_any_call_takes_no_record_that_was_told_durable() {
    at_each_call(What::PowerCut, |disk, scratch, context| {
        for unsynced in [Unsynced::Gone, Unsynced::Names, Unsynced::Half] {
            let context = format!("{context}, unsynced: {unsynced:?}");
            let folder = scratch.log().with_extension(format!("{unsynced:?}"));
            let told = disk.after_power_cut(unsynced, &folder);
            let log = open(&folder);
            log.append(&subject(), &call(99)).unwrap().wait_written().unwrap();
            log.close().unwrap();
            check(&folder, &told, &context);
            fs::remove_dir_all(&folder).unwrap();
        }
    });
}
