//! What a crash leaves behind is whole records, and one torn one at most.

use std::{
    fs,
    io::{BufRead, BufReader},
};

use super::{Scratch, call, child, open, read_all, subject, verify, write_calls};
use crate::audit::{Kind, Reader};

#[test]
fn a_log_cut_anywhere_in_its_last_record_recovers_and_says_what_was_lost() {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), 3);
    let path = scratch.log().join("segment-00000001.log");
    let whole = fs::read(&path).unwrap();
    let frame = (whole.len() - 88) / 3;
    let begin = whole.len() - frame;
    for cut in begin + 1..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let lost = (cut - begin) as u64;
        assert_eq!(verify(&scratch.log()).unwrap().torn_bytes, lost);
        write_calls(&open(&scratch.log()), 1);
        let items = read_all(&scratch.log());
        let recovered = items[2].record.as_ref().unwrap();
        assert_eq!((recovered.kind, recovered.lost), (Kind::LogRecovered, Some(lost)));
        assert_eq!(items[3].record.as_ref().unwrap().kind, Kind::Call);
        let report = verify(&scratch.log()).unwrap();
        assert_eq!((report.records, report.torn_bytes), (4, 0));
    }
}

#[test]
fn zeros_and_garbage_in_the_last_record_are_torn_too() {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), 3);
    let path = scratch.log().join("segment-00000001.log");
    let whole = fs::read(&path).unwrap();
    let mut garbled = whole.clone();
    let last = garbled.len() - 40;
    garbled[last] ^= 1;
    let tails = [[whole.as_slice(), &[0; 9000]].concat(), [&whole[..last], &[0; 5000]].concat()];
    for bytes in tails.iter().chain([&garbled]) {
        fs::write(&path, bytes).unwrap();
        assert!(verify(&scratch.log()).unwrap().torn_bytes > 0);
        drop(open(&scratch.log()));
        let last = read_all(&scratch.log()).pop().unwrap().record.unwrap();
        assert_eq!(last.kind, Kind::LogRecovered);
        assert_eq!(verify(&scratch.log()).unwrap().torn_bytes, 0);
    }
}

#[test]
fn a_torn_header_of_a_salts_file_and_salts_without_record_are_cut() {
    let scratch = Scratch::new();
    write_calls(&open(&scratch.log()), 2);
    let path = scratch.log().join("segment-00000001.salts");
    fs::write(&path, [3; 16 + 40 * 3 + 11]).unwrap();
    let log = open(&scratch.log());
    let entry = crate::audit::Entry { arguments: &[b"x"], ..call(1) };
    log.append(&subject(), &entry).unwrap().wait_written().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 16 + 40);
    assert!(Reader::open(&scratch.log()).unwrap().salt(3).unwrap().is_some());
}

/// The writer that is killed: says on stdout which records it was promised.
#[test]
#[ignore = "runs as a child of the test below"]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn writes_until_killed() {
    let Some(folder) = child::folder() else { return };
    let log = open(&folder);
    let mut buffer = log.buffer(subject());
    loop {
        for number in 0..50 {
            let _ = buffer.push(&call(number)).unwrap();
        }
        let sequence = buffer.push_sync(&call(99)).unwrap().wait_written().unwrap();
        println!("written {sequence}");
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_promised() {
    let scratch = Scratch::new();
    let mut promised = 0;
    for round in 1..=5 {
        let test = concat!(module_path!(), "::writes_until_killed");
        let mut writer = child::start(test, &scratch.log());
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let mut numbers = lines.filter_map(|line| {
            line.unwrap().rsplit_once("written ").map(|(_, n)| n.parse::<u64>().unwrap())
        });
        promised = numbers.nth(20 * round).unwrap();
        writer.kill().unwrap();
        writer.wait().unwrap();
        promised = numbers.last().unwrap_or(promised);
        assert!(verify(&scratch.log()).unwrap().records >= promised);
    }
    drop(open(&scratch.log()));
    let report = verify(&scratch.log()).unwrap();
    assert!(report.records >= promised && report.torn_bytes == 0, "{report:?}");
}
