//! What a crash leaves behind is whole records, and one torn one at most.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    thread,
};

use super::{Scratch, call, child, open, read_all, subject, verify, write_calls};
use crate::audit::{Entry, Kind, Log, Options, Reader};

/// Rounds of the ordinary run.
const KILLS: usize = 100;

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
    let entry = Entry { arguments: &[b"x"], ..call(1) };
    log.append(&subject(), &entry).unwrap().wait_written().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().len(), 16 + 40);
    assert!(Reader::open(&scratch.log()).unwrap().salt(3).unwrap().is_some());
}

/// The writer that is killed: says on stdout which records it was promised, and when they were.
#[test]
#[ignore = "runs as a child of the tests below"]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn writes_until_killed() {
    let Some(folder) = child::folder() else { return };
    let options = Options { segment_bytes: 16 * 1024, ..Options::default() };
    let log = Log::open(&folder, &options).unwrap();
    thread::scope(|scope| {
        for thread in 0..3 {
            let log = &log;
            scope.spawn(move || {
                let mut buffer = log.buffer(subject());
                for number in 0.. {
                    let _ = buffer.push(&call(0)).unwrap();
                    let mono = log.mono_ns();
                    let ticket = buffer.push_sync(&Entry { arguments: &[b"x"], ..call(mono) });
                    let told = match number % 3 {
                        kind if kind == thread => ticket.unwrap().wait_durable(),
                        _ => ticket.unwrap().wait_written(),
                    };
                    println!("promised {} {mono}", told.unwrap());
                }
            });
        }
    });
}

/// What a writer that is killed after so many promises was promised: sequence and time.
fn killed_after(promises: usize, folder: &Path) -> Vec<(u64, u64)> {
    let mut writer = child::start(concat!(module_path!(), "::writes_until_killed"), folder);
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut promised = lines.filter_map(|line| {
        let line = line.unwrap();
        let (sequence, mono) = line.rsplit_once("promised ")?.1.split_once(' ')?;
        Some((sequence.parse().unwrap(), mono.parse().unwrap()))
    });
    let mut all: Vec<_> = promised.by_ref().take(promises).collect();
    writer.kill().unwrap();
    writer.wait().unwrap();
    all.extend(promised);
    all
}

/// Kills writers of one log again and again, some while another writes on.
fn kill_often(rounds: usize) {
    let scratch = Scratch::new();
    let mut promised = Vec::new();
    for round in 1..=rounds {
        let folder = scratch.log();
        let mut random = [0; 2];
        getrandom::fill(&mut random).unwrap();
        let [one, other] = random.map(|byte| 1 + usize::from(byte) / 4);
        if round % 8 == 0 {
            thread::scope(|scope| {
                let beside = scope.spawn(|| killed_after(other, &folder));
                promised.extend(killed_after(one, &folder));
                promised.extend(beside.join().unwrap());
            });
        } else {
            promised.extend(killed_after(one, &folder));
        }
        // As the crash left it.
        verify(&folder).unwrap();
    }
    drop(open(&scratch.log()));
    let items = read_all(&scratch.log());
    assert!(promised.len() > rounds);
    for (sequence, mono) in promised {
        let record = items[sequence as usize - 1].record.as_ref().unwrap();
        assert_eq!(record.mono_ns, mono, "record {sequence} is another");
    }
    assert_eq!(verify(&scratch.log()).unwrap().torn_bytes, 0);
}

#[test]
fn a_killed_writer_loses_nothing_it_promised() {
    kill_often(KILLS);
}

#[test]
#[ignore = "takes minutes"]
fn slow_a_writer_killed_thousands_of_times_loses_nothing_it_promised() {
    for _ in 0..30 {
        kill_often(100);
    }
}
