//! Tickets, order, commitments, back-pressure and closing.

use std::{
    fs::File,
    io,
    sync::{Arc, Mutex},
    task::Poll,
};

use super::{
    Scratch, block_on, call, open, open_small, poll_once, read_all, subject, verify, write_calls,
};
use crate::{
    audit::{
        Context, Entry, Kind, Log, Options, Outcome, Reader, Room, chain, commitment, encode,
        media::{Disk, Media},
    },
    base::error::Code,
};

#[test]
fn records_are_numbered_from_one_in_the_order_they_were_pushed() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    let run = log.run();
    write_calls(&log, 100);
    let items = read_all(&scratch.log());
    assert_eq!(items.len(), 100);
    for (index, item) in items.iter().enumerate() {
        let record = item.record.as_ref().unwrap();
        assert_eq!((item.sequence, record.mono_ns), (index as u64 + 1, index as u64 + 1));
        assert_eq!((record.run, record.count), (run, 1));
        assert_eq!(item.hash, chain::record_hash(&encode(record)));
    }
    let report = verify(&scratch.log()).unwrap();
    assert!(report.segments > 5, "{report:?}");
    assert_eq!((report.records, report.torn_bytes), (100, 0));
    assert_eq!(report.head.link, items[99].link);
}

#[test]
fn a_ticket_says_the_number_under_which_the_record_is_found() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let mut buffer = log.buffer(subject());
    let _ = buffer.push(&call(1)).unwrap();
    let ticket = buffer.push_sync(&call(2)).unwrap();
    assert_eq!(block_on(ticket.written()), Ok(2));
    assert_eq!(read_all(&scratch.log())[1].record.as_ref().unwrap().mono_ns, 2);
    assert_eq!(block_on(ticket.durable()), Ok(2));
    assert_eq!(
        log.append(&Context::kernel(), &Entry::new(Kind::KernelStop, 3)).unwrap().wait_durable(),
        Ok(3)
    );
    assert_eq!(log.flush().unwrap().wait_written(), Ok(3));
    assert_eq!(log.head().sequence, 3);
}

#[test]
fn an_outcome_names_its_decision() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let decision = Entry { kind: Kind::CallDecision, outcome: None, ..call(1) };
    let cause = log.append(&subject(), &decision).unwrap().wait_durable().unwrap();
    let outcome = Entry {
        cause,
        outcome: Some(Outcome::Error),
        code: Some(Code::Io),
        ..Entry::new(Kind::CallOutcome, 2)
    };
    log.append(&subject(), &outcome).unwrap().wait_written().unwrap();
    let items = read_all(&scratch.log());
    assert_eq!(items[1].record.as_ref().unwrap().cause, items[0].sequence);
    assert_eq!(items[1].record.as_ref().unwrap().code.as_ref().unwrap().kept, "ASTRID_IO");
}

#[test]
fn an_entry_whose_fields_do_not_fit_its_kind_is_not_taken() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let mut buffer = log.buffer(subject());
    for wrong in [
        Entry::new(Kind::Call, 1),
        Entry { outcome: Some(Outcome::Error), ..call(1) },
        Entry { code: Some(Code::Io), ..call(1) },
        Entry { lost: Some(1), ..call(1) },
    ] {
        assert_eq!(buffer.push(&wrong).unwrap_err().code, Code::Internal);
    }
    drop(buffer);
    assert_eq!(log.close().unwrap().sequence, 0);
}

#[test]
fn arguments_are_committed_to_under_a_salt_that_can_be_destroyed() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let long = vec![5; 100_000];
    let cases: [&[&[u8]]; 4] = [&[b"a", b"bc"], &[b"ab", b"c"], &[b""], &[b"head", &long]];
    for arguments in cases {
        log.append(&subject(), &Entry { arguments, ..call(1) }).unwrap().wait_written().unwrap();
    }
    log.close().unwrap();
    let reader = Reader::open(&scratch.log()).unwrap();
    for (item, arguments) in read_all(&scratch.log()).iter().zip(cases) {
        let salt = reader.salt(item.sequence).unwrap().unwrap();
        let commitment = item.record.as_ref().unwrap().commitment.unwrap();
        assert_eq!(commitment, commitment::of_parts(&salt, arguments));
    }
    std::fs::remove_file(scratch.log().join("segment-00000001.salts")).unwrap();
    assert_eq!(reader.salt(1).unwrap(), None);
    assert_eq!(verify(&scratch.log()).unwrap().records, 4);
}

#[test]
fn a_reader_follows_the_log_through_its_segments() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    let mut reader = Reader::open(&scratch.log()).unwrap();
    let mut later = Reader::open_at(&scratch.log(), 7).unwrap();
    for number in 1..=60 {
        assert!(reader.next_item().unwrap().is_none());
        log.append(&subject(), &call(number)).unwrap().wait_written().unwrap();
        assert_eq!(reader.next_item().unwrap().unwrap().sequence, number);
    }
    let numbers = later.read_new(100).unwrap();
    assert_eq!(numbers.len(), 60, "opened before there was a record 7");
    let middle = Reader::open_at(&scratch.log(), 31).unwrap().next_item().unwrap();
    assert_eq!(middle.unwrap().sequence, 31);
}

#[test]
fn a_closed_log_takes_nothing_and_has_written_all_it_took() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let mut buffer = log.buffer(subject());
    let _ = buffer.push(&call(1)).unwrap();
    let _ = buffer.hand_over().unwrap();
    assert_eq!(log.close().unwrap().sequence, 1);
    assert_eq!(buffer.push(&call(2)).unwrap_err().code, Code::KernelClosed);
    assert_eq!(log.flush().unwrap_err().code, Code::KernelClosed);
    assert_eq!(log.close().unwrap().sequence, 1);
    assert_eq!(open(&scratch.log()).head().sequence, 1);
}

/// Writes only while the test lets it.
#[derive(Debug)]
struct Gated(Arc<Mutex<()>>);

impl Media for Gated {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let _gate = self.0.lock().unwrap();
        Disk.write(file, bytes, offset)
    }
}

#[test]
fn a_full_queue_asks_callers_to_wait_and_loses_nothing() {
    let scratch = Scratch::new();
    let gate = Arc::new(Mutex::new(()));
    let media = Arc::new(Gated(Arc::clone(&gate)));
    let log = Log::open_on(&scratch.log(), &Options::default(), media).unwrap();
    let shut = gate.lock().unwrap();
    let mut buffer = log.buffer(subject());
    let mut pushed = 0;
    loop {
        pushed += 1;
        if buffer.push(&call(pushed)).unwrap() == Room::Short {
            break;
        }
    }
    let mut room = log.wait_for_room();
    assert_eq!(poll_once(&mut room), Poll::Pending);
    drop(shut);
    block_on(room);
    // Far more than the queue holds: the push itself waits.
    for _ in 0..200_000 {
        pushed += 1;
        let _ = buffer.push(&call(pushed)).unwrap();
    }
    drop(buffer);
    assert_eq!(log.close().unwrap().sequence, pushed);
    assert_eq!(verify(&scratch.log()).unwrap().records, pushed);
}
