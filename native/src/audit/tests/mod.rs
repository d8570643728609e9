//! Tests of the log, through its public doors and on real files.

mod account;
mod api;
mod busy;
mod child;
mod corruption;
mod crash;
mod decisions;
mod failing;
mod faults;
mod format;
mod hostile;
mod model;
mod order;
mod prune;
mod query;
mod recorder;
mod sealing;
mod sharing;
mod texts;
mod tree;
mod vectors;

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    task::{Context as TaskContext, Poll, Wake, Waker},
    thread::{self, Thread},
};

use super::{
    Archive, Checkpoint, Context, Decision, Entry, Item, Kind, Log, Options, Outcome, Reader,
    Report, Subject, Verdict,
};
use crate::base::{error::Result, hex};

/// A folder of its own for one test, removed at its end. The log goes in a folder in it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let mut id = [0; 8];
        getrandom::fill(&mut id).unwrap();
        let name = format!("astrid-audit-{}", hex::encode(&id));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn log(&self) -> PathBuf {
        self.0.join("audit")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(folder: &Path) -> Log {
    Log::open(folder, &Options::default()).unwrap()
}

/// A log whose segments are sealed after few records.
fn open_small(folder: &Path) -> Log {
    Log::open(folder, &Options { segment_bytes: 2048, ..Options::default() }).unwrap()
}

fn subject() -> Context {
    Context::new(&Subject {
        principal: Some("main"),
        capsule: Some("notes@local"),
        component: Some([7; 32]),
        authority: Some([9; 8]),
        message: Some("m-1"),
    })
}

fn call(mono_ns: u64) -> Entry<'static> {
    Entry {
        verb: Some("fs.read"),
        resource: Some("workspace://docs/readme.md"),
        decision: Some(Decision { verdict: Verdict::Allow, rule: Some("builtin:tmp") }),
        outcome: Some(Outcome::Ok),
        ..Entry::new(Kind::Call, mono_ns)
    }
}

/// Appends `count` calls, the mono time of each its number, and closes.
fn write_calls(log: &Log, count: u64) {
    let mut buffer = log.buffer(subject());
    for number in 1..=count {
        let _ = buffer.push(&call(number)).unwrap();
    }
    drop(buffer);
    log.close().unwrap();
}

fn read_all(folder: &Path) -> Vec<Item> {
    Reader::open(folder).unwrap().read_new(usize::MAX).unwrap()
}

/// The report over a log that verifies as a whole.
fn verify(folder: &Path) -> Result<Report> {
    let mut report = Archive::open(folder)?.verify(&[])?;
    report.fault.take().map_or(Ok(report), |found| Err(found.error))
}

/// Waits until the log takes entries again; it retries by itself.
fn await_health(log: &Log) {
    while log.health().error.is_some() {
        thread::yield_now();
    }
}

const NOTE_ROOT: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Of the form of a signed note over a checkpoint.
fn note(made: &Checkpoint, size: u64) -> String {
    let line = format!("astrid-native/{}", &hex::encode(&made.origin)[..32]);
    let signed = format!("— {line} c2lnbmF0dXJl\n— {line}/epoch/1 c2lnbmF0dXJl\n");
    format!("{line}\n{size}\n{NOTE_ROOT}\n\n{signed}")
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    assert_eq!(digits.len() % 2, 0);
    let pair = |p: &[u8]| u8::from_str_radix(std::str::from_utf8(p).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    pin!(future).poll(&mut TaskContext::from_waker(&waker))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = TaskContext::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
