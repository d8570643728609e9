//! A log's files: whatever they hold, verification ends and says what it found.
//!
//! Input: file after file, each a number (1 byte, see NAMES), a length (2 bytes, little-endian) and
//! so many bytes.
#![no_main]

use std::fs;

use astrid_native::audit::{Archive, Query};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 6] = [
    "origin",
    "segment-00000001.log",
    "segment-00000002.log",
    "segment-00000001.salts",
    "segment-00000002.tree",
    "checkpoints",
];

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder to write in");
    fs::write(folder.path().join("lock"), []).expect("a file to lock");
    let mut rest = input;
    while let Some(([name, low, high], bytes)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(bytes.len());
        let (content, others) = bytes.split_at(length);
        let name = NAMES[usize::from(*name) % NAMES.len()];
        fs::write(folder.path().join(name), content).expect("a file to write");
        rest = others;
    }
    let Ok(archive) = Archive::open(folder.path()) else { return };
    let Ok(report) = archive.verify(&[0, 1]) else { return };
    let query = Query { limit: 10_000, by_records: true, ..Query::default() };
    let page = archive.query(&query);
    if report.fault.is_none() {
        assert!(page.is_ok());
    }
});
