//! Whoever changes a byte, an order or a length is found out.

use std::{fs, path::Path};

use super::{Scratch, open_small, read_all, verify, write_calls};
use crate::{
    audit::{Log, Options, frame::Content},
    base::error::Code,
};

/// Three segments of them.
const RECORDS: u64 = 25;

fn small_log(scratch: &Scratch) {
    write_calls(&open_small(&scratch.log()), RECORDS);
    assert_eq!(verify(&scratch.log()).unwrap().segments, 3);
}

/// Whether verification notices that the log is not what was written.
fn found(folder: &Path) -> bool {
    verify(folder).map_or_else(|e| e.code == Code::AuditCorrupt, |r| r.torn_bytes > 0)
}

fn segment(scratch: &Scratch, number: u32) -> std::path::PathBuf {
    scratch.log().join(format!("segment-{number:08}.log"))
}

/// Where each frame of a segment begins, and where the last ends.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![88];
    while let Some(word) = bytes[starts[starts.len() - 1]..].first_chunk() {
        let content = Content::of(*word).unwrap();
        starts.push(starts[starts.len() - 1] + 4 + content.bytes() + 32);
    }
    starts
}

#[test]
fn any_flipped_bit_is_found() {
    let scratch = Scratch::new();
    small_log(&scratch);
    let names = ["origin", "segment-00000001.log", "segment-00000002.log", "segment-00000003.log"];
    for name in names {
        let path = scratch.log().join(name);
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&path, &bad).unwrap();
            assert!(found(&scratch.log()), "{name} byte {at}");
        }
        fs::write(&path, &good).unwrap();
    }
    assert_eq!(verify(&scratch.log()).unwrap().records, RECORDS);
}

#[test]
fn swapped_removed_and_repeated_records_are_found() {
    let scratch = Scratch::new();
    small_log(&scratch);
    let path = segment(&scratch, 1);
    let good = fs::read(&path).unwrap();
    let at = frames(&good);
    assert!(at.len() > 4);
    let (head, a, b, rest) =
        (&good[..at[1]], &good[at[1]..at[2]], &good[at[2]..at[3]], &good[at[3]..]);
    for bad in [
        [head, b, a, rest].concat(),
        [head, b, rest].concat(),
        [head, a, a, b, rest].concat(),
        [head, a, b].concat(),
    ] {
        fs::write(&path, bad).unwrap();
        assert_eq!(verify(&scratch.log()).unwrap_err().code, Code::AuditCorrupt);
    }
}

#[test]
fn a_missing_or_exchanged_file_is_found() {
    let scratch = Scratch::new();
    small_log(&scratch);
    for name in ["origin", "segment-00000001.log", "segment-00000002.log"] {
        let (path, away) = (scratch.log().join(name), scratch.log().join("away"));
        fs::rename(&path, &away).unwrap();
        assert!(verify(&scratch.log()).is_err(), "without {name}");
        let opened = Log::open(&scratch.log(), &Options::default());
        assert_eq!(opened.unwrap_err().code, Code::AuditCorrupt, "without {name}");
        fs::rename(&away, &path).unwrap();
    }
    fs::copy(segment(&scratch, 2), segment(&scratch, 3)).unwrap();
    assert!(found(&scratch.log()));
}

#[test]
fn a_log_of_another_origin_does_not_fit() {
    let (one, other) = (Scratch::new(), Scratch::new());
    small_log(&one);
    small_log(&other);
    fs::copy(segment(&other, 1), segment(&one, 1)).unwrap();
    assert!(found(&one.log()));
}

#[test]
fn a_writer_refuses_a_log_that_does_not_verify() {
    let scratch = Scratch::new();
    write_calls(&super::open(&scratch.log()), 20);
    let path = segment(&scratch, 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let opened = Log::open(&scratch.log(), &Options::default());
    assert_eq!(opened.unwrap_err().code, Code::AuditCorrupt);
    assert_eq!(fs::read(&path).unwrap(), bytes, "evidence is kept as it is");
}

#[test]
fn a_pruned_body_leaves_the_chain_whole() {
    let scratch = Scratch::new();
    write_calls(&super::open(&scratch.log()), 5);
    let items = read_all(&scratch.log());
    let path = segment(&scratch, 1);
    let good = fs::read(&path).unwrap();
    let at = frames(&good);
    let link = &good[at[2] - 32..at[2]];
    let pruned = [Content::Hash.word().as_slice(), &items[1].hash, link].concat();
    fs::write(&path, [&good[..at[1]], &pruned, &good[at[2]..]].concat()).unwrap();
    let report = verify(&scratch.log()).unwrap();
    assert_eq!((report.records, report.pruned), (5, 1));
    assert_eq!(report.head.link, items[4].link);
    assert!(read_all(&scratch.log())[1].record.is_none());
    write_calls(&super::open(&scratch.log()), 1);
    assert_eq!(verify(&scratch.log()).unwrap().records, 6);
}

#[test]
fn a_body_under_a_wrong_number_is_found_though_hashes_fit() {
    use crate::audit::{chain, encode, segment::Place};
    let scratch = Scratch::new();
    write_calls(&super::open(&scratch.log()), 1);
    let mut record = read_all(&scratch.log()).remove(0).record.unwrap();
    record.sequence = 2;
    let (body, path) = (encode(&record), segment(&scratch, 1));
    let good = fs::read(&path).unwrap();
    let mut origin = [0; 32];
    origin.copy_from_slice(&good[16..48]);
    let link = chain::link(&Place::first(&origin).link, &chain::record_hash(&body));
    let word = Content::Body(body.len()).word();
    fs::write(&path, [&good[..88], &word, &body, &link].concat()).unwrap();
    assert_eq!(verify(&scratch.log()).unwrap_err().code, Code::AuditCorrupt);
}
