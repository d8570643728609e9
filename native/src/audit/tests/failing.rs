//! A disk that fails: whoever waits is told, nothing is lost, and the log goes on by itself.

use std::{
    fs::File,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Scratch, await_health, call, child, open, read_all, subject, verify};
use crate::{
    audit::{
        Kind, Log, Options,
        media::{Disk, Media},
    },
    base::error::Code,
};

/// A disk whose writes or syncs fail while the test says so. A failing write leaves a part behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Flaky {
    writes: Arc<AtomicBool>,
    syncs: Arc<AtomicBool>,
    rewritten: Arc<AtomicUsize>,
}

impl Flaky {
    pub(super) fn fail_writes(&self, fail: bool) {
        self.writes.store(fail, Ordering::SeqCst);
    }
}

impl Media for Flaky {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.writes.load(Ordering::SeqCst) {
            Disk.write(file, &bytes[..bytes.len() * 2 / 3], offset)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        if offset < file.metadata()?.len() {
            self.rewritten.fetch_add(bytes.len(), Ordering::SeqCst);
        }
        Disk.write(file, bytes, offset)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        if self.syncs.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        Disk.sync(file)
    }
}

/// A disk that writes half of what it says it could not, and doesn't take it back either.
#[derive(Clone, Debug, Default)]
struct Lying(Arc<AtomicBool>);

impl Media for Lying {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        if !self.0.load(Ordering::SeqCst) {
            return Disk.write(file, bytes, offset);
        }
        Disk.write(file, &bytes[..bytes.len() * 2 / 3], offset)?;
        Err(io::ErrorKind::Other.into())
    }

    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::Other.into());
        }
        Disk.cut(file, length)
    }
}

#[test]
fn records_that_a_failed_write_left_are_not_written_again() {
    let scratch = Scratch::new();
    let media = Lying::default();
    let log = Log::open_on(&scratch.log(), &Options::default(), Arc::new(media.clone())).unwrap();
    let mut buffer = log.buffer(subject());
    assert_eq!(buffer.push_sync(&call(1)).unwrap().wait_durable(), Ok(1));
    media.0.store(true, Ordering::SeqCst);
    for number in 2..=20 {
        let _ = buffer.push(&call(number)).unwrap();
    }
    let ticket = buffer.push_sync(&call(21)).unwrap();
    assert_eq!(ticket.wait_written().unwrap_err().code, Code::AuditWrite);
    media.0.store(false, Ordering::SeqCst);
    await_health(&log);
    drop(buffer);
    log.close().unwrap();
    let items = read_all(&scratch.log());
    let records = items.iter().map(|item| item.record.as_ref().unwrap());
    let calls = records.filter(|record| record.kind == Kind::Call);
    assert_eq!(
        calls.map(|record| record.mono_ns).collect::<Vec<_>>(),
        (1..=21).collect::<Vec<_>>()
    );
    assert_eq!(verify(&scratch.log()).unwrap().torn_bytes, 0);
}

/// A disk whose syncs end when the test lets go of the lock.
#[derive(Clone, Debug, Default)]
struct Stuck(Arc<Mutex<()>>);

impl Media for Stuck {
    fn sync(&self, file: &File) -> io::Result<()> {
        drop(self.0.lock().unwrap());
        Disk.sync(file)
    }
}

pub(super) fn flaky(scratch: &Scratch) -> (Flaky, Log) {
    let media = Flaky::default();
    let disk = Arc::new(media.clone());
    (media, Log::open_on(&scratch.log(), &Options::default(), disk).unwrap())
}

#[test]
fn a_failed_write_fails_its_ticket_and_is_made_up_for() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    let mut buffer = log.buffer(subject());
    assert_eq!(buffer.push_sync(&call(1)).unwrap().wait_written(), Ok(1));
    media.writes.store(true, Ordering::SeqCst);
    let _ = buffer.push(&call(2)).unwrap();
    let ticket = buffer.push_sync(&call(3)).unwrap();
    assert_eq!(ticket.wait_written().unwrap_err().code, Code::AuditWrite);
    assert_eq!(ticket.wait_durable().unwrap_err().code, Code::AuditWrite);
    assert_eq!(buffer.push(&call(4)).unwrap_err().code, Code::AuditWrite);
    assert_eq!(log.append(&subject(), &call(4)).unwrap_err().code, Code::AuditWrite);
    assert_eq!(log.flush().unwrap_err().code, Code::AuditWrite);
    assert!(log.health().queued_bytes > 0);
    media.writes.store(false, Ordering::SeqCst);
    await_health(&log);
    assert_eq!(buffer.push_sync(&call(5)).unwrap().wait_durable(), Ok(4));
    let times: Vec<_> =
        read_all(&scratch.log()).iter().map(|i| i.record.as_ref().unwrap().mono_ns).collect();
    assert_eq!(times, [1, 2, 3, 5], "none lost, none twice, the refused one absent");
    assert_eq!(verify(&scratch.log()).unwrap().torn_bytes, 0);
}

#[test]
fn after_a_failed_sync_the_bytes_are_written_again() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    media.syncs.store(true, Ordering::SeqCst);
    let ticket = log.append(&subject(), &call(1)).unwrap();
    assert_eq!(ticket.wait_durable().unwrap_err().code, Code::AuditWrite);
    assert_eq!(media.rewritten.load(Ordering::SeqCst), 0);
    media.syncs.store(false, Ordering::SeqCst);
    await_health(&log);
    assert!(media.rewritten.load(Ordering::SeqCst) > 0);
    assert_eq!(log.append(&subject(), &call(2)).unwrap().wait_durable(), Ok(2));
    assert_eq!(verify(&scratch.log()).unwrap().records, 2);
}

#[test]
fn what_an_instance_leaves_behind_while_the_disk_fails_is_kept() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    let mut buffer = log.buffer(subject());
    let _ = buffer.push(&call(1)).unwrap();
    media.writes.store(true, Ordering::SeqCst);
    let failed = log.append(&subject(), &call(2)).unwrap().wait_written();
    assert_eq!(failed.unwrap_err().code, Code::AuditWrite);
    drop(buffer);
    media.writes.store(false, Ordering::SeqCst);
    await_health(&log);
    assert_eq!(log.close().unwrap().sequence, 2);
}

#[test]
fn closing_a_log_that_can_not_be_written_says_how_much_is_missing() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    media.writes.store(true, Ordering::SeqCst);
    let mut buffer = log.buffer(subject());
    let _ = buffer.push(&call(1)).unwrap();
    let ticket = buffer.push_sync(&call(2)).unwrap();
    assert_eq!(ticket.wait_written().unwrap_err().code, Code::AuditWrite);
    let error = log.close().unwrap_err();
    assert_eq!(error.code, Code::AuditWrite);
    assert!(error.message.ends_with("2 entries were not written"), "{error}");
    assert_eq!(log.health().lost_entries, 2);
    assert_eq!(verify(&scratch.log()).unwrap().records, 0);
}

#[test]
fn what_ended_while_the_disk_fails_is_kept_or_counted() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    let mut buffer = log.buffer(subject());
    media.writes.store(true, Ordering::SeqCst);
    let failed = log.append(&subject(), &call(1)).unwrap().wait_written();
    assert_eq!(failed.unwrap_err().code, Code::AuditWrite);
    // More than a buffer holds.
    for number in 0..1000 {
        buffer.push_ended(&call(number));
    }
    let lost = log.health().lost_entries;
    assert!(lost > 0 && lost < 1000, "lost {lost}");
    media.writes.store(false, Ordering::SeqCst);
    await_health(&log);
    drop(buffer);
    log.close().unwrap();
    let items = read_all(&scratch.log());
    let told: u64 = items.iter().filter_map(|i| i.record.as_ref().unwrap().lost).sum();
    let calls = items.iter().filter(|i| i.record.as_ref().unwrap().kind == Kind::Call).count();
    assert_eq!((told, told + calls as u64), (lost, 1001));
}

/// Together more than the queue has room for; each less than a buffer holds.
const BUFFERS: u64 = 1000;
const EACH: u64 = 200;

#[test]
fn entries_that_could_not_be_kept_are_counted_in_the_log() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    // More buffers than the queue has room for, filled while all is well.
    let buffers: Vec<_> = (0..BUFFERS)
        .map(|_| {
            let mut buffer = log.buffer(subject());
            for _ in 0..EACH {
                let _ = buffer.push(&call(1)).unwrap();
            }
            buffer
        })
        .collect();
    let written = log.flush().unwrap().wait_written().unwrap();
    media.writes.store(true, Ordering::SeqCst);
    let failed = log.append(&subject(), &call(1)).unwrap().wait_written();
    assert_eq!(failed.unwrap_err().code, Code::AuditWrite);
    drop(buffers);
    let lost = log.health().lost_entries;
    assert!(lost > 0 && written == 0, "lost {lost}, written {written}");
    media.writes.store(false, Ordering::SeqCst);
    await_health(&log);
    log.close().unwrap();
    let items = read_all(&scratch.log());
    let told: u64 = items.iter().filter_map(|i| i.record.as_ref().unwrap().lost).sum();
    let calls = items.iter().filter(|i| i.record.as_ref().unwrap().kind == Kind::Call).count();
    assert_eq!((told, told + calls as u64), (lost, BUFFERS * EACH + 1));
}

/// Lowers the size that this process's files may have, or lifts it again.
fn limit_files(bytes: Option<u64>) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum }).unwrap();
}

#[test]
#[ignore = "runs as a child of the test below"]
fn meets_a_real_limit_and_goes_on() {
    let Some(folder) = child::folder() else { return };
    let log = open(&folder);
    limit_files(Some(64 * 1024));
    let mut buffer = log.buffer(subject());
    let mut accepted = 0;
    let error = loop {
        match buffer.push_sync(&call(accepted + 1)).and_then(|t| t.wait_written()) {
            Ok(sequence) => assert_eq!(sequence, accepted + 1),
            Err(error) => break error,
        }
        accepted += 1;
    };
    assert_eq!(error.code, Code::AuditWrite);
    assert!(accepted > 100);
    limit_files(None);
    await_health(&log);
    // The one that failed is in the log by now.
    assert_eq!(buffer.push_sync(&call(accepted + 2)).unwrap().wait_durable(), Ok(accepted + 2));
    log.close().unwrap();
    assert_eq!(verify(&folder).unwrap().records, accepted + 2);
}

#[test]
fn a_real_write_error_is_survived() {
    let scratch = Scratch::new();
    let test = concat!(module_path!(), "::meets_a_real_limit_and_goes_on");
    let output = child::start(test, &scratch.log()).wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
fn who_waits_for_durability_with_a_deadline_is_not_held_by_a_disk_that_hangs() {
    let scratch = Scratch::new();
    let media = Stuck::default();
    let log = Log::open_on(&scratch.log(), &Options::default(), Arc::new(media.clone())).unwrap();
    let held = media.0.lock().unwrap();
    let ticket = log.append(&subject(), &call(1)).unwrap();
    assert_eq!(ticket.durable_now(), None);
    let soon = Instant::now() + Duration::from_millis(5);
    assert_eq!(ticket.wait_durable_until(Some(soon)), None);
    drop(held);
    assert_eq!(ticket.wait_durable_until(None), Some(Ok(1)));
    assert_eq!(ticket.durable_now(), Some(Ok(1)));
    assert_eq!(ticket.wait_durable_until(Some(soon)), Some(Ok(1)));
}
