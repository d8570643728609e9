//! Segments are sealed while others write: nothing is synced under the lock, nothing is left over.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    Scratch, await_health, block_on, call, note, open, open_small, read_all, subject, verify,
    write_calls,
};
use crate::audit::{Entry, Log, Options, media::Media};

/// Counts the syncs, and those during which the log's lock was held.
#[derive(Clone, Debug)]
struct Watch {
    folder: PathBuf,
    syncs: Arc<AtomicUsize>,
    under_lock: Arc<AtomicUsize>,
    fails: Arc<AtomicBool>,
}

impl Watch {
    fn look(&self) {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let lock = File::open(self.folder.join("lock")).unwrap();
        if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
            self.under_lock.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Media for Watch {
    fn sync(&self, file: &File) -> io::Result<()> {
        self.look();
        if self.fails.swap(false, Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        file.sync_data()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.look();
        File::open(path)?.sync_all()
    }
}

#[test]
fn nobody_waits_for_the_lock_while_another_syncs() {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), 1);
    let watch = Watch {
        folder: scratch.log(),
        syncs: Arc::default(),
        under_lock: Arc::default(),
        fails: Arc::default(),
    };
    let options = Options { segment_bytes: 2048, ..Options::default() };
    let log = Log::open_on(&scratch.log(), &options, Arc::new(watch.clone())).unwrap();
    for number in 1..=50 {
        let entry = Entry { arguments: &[b"x"], ..call(number) };
        log.append(&subject(), &entry).unwrap().wait_durable().unwrap();
        if number % 10 == 0 {
            let made = block_on(log.checkpoint()).unwrap();
            log.append_note(&note(&made, made.size)).unwrap();
        }
    }
    watch.fails.store(true, Ordering::SeqCst);
    log.append(&subject(), &call(51)).unwrap().wait_durable().unwrap_err();
    await_health(&log);
    log.append(&subject(), &call(52)).unwrap().wait_durable().unwrap();
    log.close().unwrap();
    assert!(watch.syncs.load(Ordering::SeqCst) > 100);
    assert_eq!(watch.under_lock.load(Ordering::SeqCst), 0);
    assert!(verify(&scratch.log()).unwrap().segments > 5);
}

#[test]
fn writers_that_seal_against_each_other_leave_one_log_and_nothing_else() {
    let scratch = Scratch::new();
    drop(open(&scratch.log()));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let log = open_small(&scratch.log());
                for number in 1..=60 {
                    let ticket = log.append(&subject(), &call(number)).unwrap();
                    if number % 7 == 0 {
                        ticket.wait_durable().unwrap();
                    }
                }
                log.close().unwrap();
            });
        }
    });
    let report = verify(&scratch.log()).unwrap();
    assert_eq!((report.records, report.torn_bytes), (180, 0));
    assert!(report.segments > 10, "{report:?}");
    // Who lost a race for a segment took its own away.
    let names = fs::read_dir(scratch.log()).unwrap().map(|e| e.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_str().unwrap().ends_with(".new")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_a_crash_left_of_a_segment_is_removed_once_that_exists() {
    let scratch = Scratch::new();
    write_calls(&open_small(&scratch.log()), 30);
    let [old, next, other] = [
        "segment-00000002.log.0123456789abcdef.new",
        "segment-00000900.log.0123456789abcdef.new",
        "notes.new",
    ];
    for name in [old, next, other] {
        fs::write(scratch.log().join(name), "x").unwrap();
    }
    drop(open_small(&scratch.log()));
    let there = |name| scratch.log().join(name).exists();
    assert_eq!((there(old), there(next), there(other)), (false, true, true));
}

#[test]
fn a_writer_that_is_far_behind_reads_on_while_others_write() {
    let scratch = Scratch::new();
    let behind = open(&scratch.log());
    // More than is read under the lock, and other segments.
    let far = Log::open(&scratch.log(), &Options { segment_bytes: 4 << 20, ..Options::default() });
    write_calls(&far.unwrap(), 40_000);
    let next = behind.append(&subject(), &call(1)).unwrap().wait_durable();
    assert_eq!(next, Ok(40_001));
    assert_eq!(read_all(&scratch.log()).len(), 40_001);
    assert!(verify(&scratch.log()).unwrap().segments > 1);
}
