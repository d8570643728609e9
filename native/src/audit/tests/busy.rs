//! A process that hangs with the lock stops effects, not the other kernels.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    thread,
};

use super::{Scratch, await_health, block_on, call, child, note, open, read_all, subject, verify};
use crate::{
    audit::{Log, Options},
    base::error::Code,
};

#[test]
#[ignore = "runs as a child of the test below"]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn hangs_with_the_lock() {
    let Some(folder) = child::folder() else { return };
    let lock = File::open(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    println!("held");
    loop {
        thread::park();
    }
}

#[test]
fn who_waits_too_long_for_the_lock_is_refused_until_it_is_free() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    assert_eq!(log.append(&subject(), &call(1)).unwrap().wait_durable(), Ok(1));
    let made = block_on(log.checkpoint()).unwrap();
    let test = concat!(module_path!(), "::hangs_with_the_lock");
    let mut hung = child::start(test, &scratch.log());
    let mut lines = BufReader::new(hung.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("held")));
    let busy = Some(Code::LogBusy);
    thread::scope(|scope| {
        let other = || Log::open(&scratch.log(), &Options::default()).err().map(|e| e.code);
        let opened = scope.spawn(other);
        let noted = scope.spawn(|| log.append_note(&note(&made, 1)).err().map(|e| e.code));
        let verified = scope.spawn(|| verify(&scratch.log()).err().map(|e| e.code));
        // Its effect must not happen; the record that it was tried is kept.
        let refused = log.append(&subject(), &call(2)).unwrap().wait_written();
        assert_eq!(refused.err().map(|e| e.code), busy);
        let next = log.append(&subject(), &call(3));
        assert_eq!(next.err().map(|e| e.code), busy);
        for other in [opened, noted, verified] {
            assert_eq!(other.join().unwrap(), busy);
        }
    });
    hung.kill().unwrap();
    hung.wait().unwrap();
    await_health(&log);
    assert_eq!(log.append(&subject(), &call(4)).unwrap().wait_durable(), Ok(3));
    log.append_note(&note(&made, 1)).unwrap();
    let times: Vec<_> =
        read_all(&scratch.log()).iter().map(|i| i.record.as_ref().unwrap().mono_ns).collect();
    assert_eq!(times, [1, 2, 4], "the refused one is absent");
}
