//! Texts that are kept: they open with the one key, a crash or another writer mixes none up, and
//! they can be forgotten while everything verifies.

use std::{fs, ops::RangeInclusive, path::Path};

use crypto_box::SecretKey;

use super::{
    Scratch, await_health, call, failing::flaky, open, open_small, read_all, subject, verify,
};
use crate::{
    audit::{Archive, Entry, Kept, Kind, Log, TextKey, commitment},
    base::{
        error::{Code, Result},
        limits,
    },
};

fn secret() -> SecretKey {
    SecretKey::from([7; 32])
}

fn public() -> TextKey {
    TextKey::of(secret().public_key().as_bytes()).unwrap()
}

fn framed(arguments: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    commitment::frame(&mut out, arguments);
    out
}

/// Records a call with this text, kept; its sequence.
fn keep(log: &Log, text: &[u8]) -> u64 {
    let key = public();
    let entry = Entry { arguments: &[text], keep: Some(&key), ..call(1) };
    log.append(&subject(), &entry).unwrap().wait_written().unwrap()
}

fn kept(folder: &Path, sequence: u64) -> Kept {
    Archive::open(folder).unwrap().kept(sequence).unwrap()
}

/// Whether this text of the record opens, and is what it committed to.
fn has(folder: &Path, sequence: u64, text: &[u8]) -> bool {
    let Kept::Text(_, sealed) = kept(folder, sequence) else { return false };
    let opened = secret().unseal(&sealed).unwrap();
    assert_eq!(opened, framed(&[text]));
    Archive::open(folder).unwrap().commits(sequence, &opened).unwrap()
}

fn forget(folder: &Path, range: RangeInclusive<u64>) -> Result<(u64, u64, u64)> {
    let (receipt, gone) = Archive::open(folder)?.forget(&range, "forget")?;
    Ok((receipt, gone.salts, gone.texts))
}

#[test]
fn what_is_kept_opens_with_the_one_key_and_is_what_was_committed_to() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let (key, long) = (public(), vec![5; 100_000]);
    let cases: [&[&[u8]]; 3] = [&[b"a", b"bc"], &[b""], &[b"head", &long]];
    for arguments in cases {
        let entry = Entry { arguments, keep: Some(&key), ..call(1) };
        log.append(&subject(), &entry).unwrap().wait_written().unwrap();
    }
    log.close().unwrap();
    let archive = Archive::open(&scratch.log()).unwrap();
    for (arguments, sequence) in cases.into_iter().zip(1..) {
        let Kept::Text(salt, mut sealed) = archive.kept(sequence).unwrap() else { panic!() };
        let opened = secret().unseal(&sealed).unwrap();
        assert_eq!(opened, framed(arguments));
        assert!(archive.commits(sequence, &opened).unwrap());
        assert!(!archive.commits(sequence, &opened[1..]).unwrap());
        let at = usize::try_from(sequence - 1).unwrap();
        let committed = read_all(&scratch.log())[at].record.as_ref().unwrap().commitment;
        assert_eq!(committed, Some(commitment::of_parts(&salt, arguments)));
        assert!(SecretKey::from([8; 32]).unseal(&sealed).is_err());
        sealed[40] ^= 1;
        assert!(secret().unseal(&sealed).is_err());
    }
    let bytes = fs::read(scratch.log().join("segment-00000001.texts")).unwrap();
    assert!(!bytes.windows(4).any(|part| part == b"head"), "nothing lies in the clear");
}

#[test]
fn only_what_was_asked_for_is_kept_and_only_up_to_its_bound() {
    let scratch = Scratch::new();
    let (log, key) = (open(&scratch.log()), public());
    let most = vec![1; limits::AUDIT_SEALED_BYTES as usize - 8];
    let over = vec![1; most.len() + 1];
    let none: &[&[u8]] = &[];
    for (arguments, keep) in
        [(none, Some(&key)), (&[b"x"], None), (&[&over], Some(&key)), (&[&most], Some(&key))]
    {
        let entry = Entry { arguments, keep, ..call(1) };
        log.append(&subject(), &entry).unwrap().wait_written().unwrap();
    }
    assert_eq!(kept(&scratch.log(), 1), Kept::Nothing);
    assert!(matches!(kept(&scratch.log(), 2), Kept::Salt(_)));
    assert!(matches!(kept(&scratch.log(), 3), Kept::Salt(_)));
    assert!(has(&scratch.log(), 4, &most));
    let archive = Archive::open(&scratch.log()).unwrap();
    assert_eq!(archive.kept(5).unwrap_err().code, Code::NotFound);
    assert_eq!(archive.commits(1, b"").unwrap_err().code, Code::NotFound);
    assert!(log.health().queued_bytes < limits::AUDIT_BUFFER_BYTES, "given back");
}

#[test]
fn texts_cut_anywhere_are_not_kept_and_the_next_are() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    for text in [b"one".as_slice(), b"two"] {
        keep(&log, text);
    }
    log.close().unwrap();
    let path = scratch.log().join("segment-00000001.texts");
    let whole = fs::read(&path).unwrap();
    let entry = (whole.len() - 16) / 2;
    for cut in (whole.len() - entry..whole.len()).step_by(9) {
        fs::write(&path, &whole[..cut]).unwrap();
        let log = open(&scratch.log());
        let third = keep(&log, b"three");
        assert!(has(&scratch.log(), 1, b"one"));
        assert!(matches!(kept(&scratch.log(), 2), Kept::Salt(_)));
        assert!(has(&scratch.log(), third, b"three"), "cut at {cut}");
    }
    assert!(verify(&scratch.log()).is_ok());
}

#[test]
fn a_file_of_texts_that_is_none_keeps_nothing_and_stops_nobody() {
    let scratch = Scratch::new();
    let path = scratch.log().join("segment-00000001.texts");
    keep(&open(&scratch.log()), b"one");
    for bytes in [vec![], vec![9; 5], vec![255; 16], vec![255; 5000], vec![0; 5000]] {
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(kept(&scratch.log(), 1), Kept::Salt(_)));
        let sequence = keep(&open(&scratch.log()), b"more");
        assert!(has(&scratch.log(), sequence, b"more"));
    }
}

#[test]
fn a_text_whose_record_was_never_written_is_not_anothers() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    for text in [b"one".as_slice(), b"lost"] {
        keep(&log, text);
    }
    log.close().unwrap();
    let path = scratch.log().join("segment-00000001.log");
    let bytes = fs::read(&path).unwrap();
    // As after a crash between the text's write and the record's.
    fs::write(&path, &bytes[..88 + (bytes.len() - 88) / 2]).unwrap();
    let (log, other) = (open(&scratch.log()), open(&scratch.log()));
    let entry = Entry { arguments: &[b"other"], ..call(1) };
    other.append(&subject(), &entry).unwrap().wait_written().unwrap();
    assert!(matches!(kept(&scratch.log(), 2), Kept::Salt(_)));
    assert_eq!(keep(&log, b"three"), 3);
    assert!(matches!(kept(&scratch.log(), 2), Kept::Salt(_)));
    assert!(has(&scratch.log(), 3, b"three"));
}

#[test]
fn two_writers_keep_texts_in_one_file_and_it_is_sealed_with_its_segment() {
    let scratch = Scratch::new();
    let (one, other) = (open_small(&scratch.log()), open_small(&scratch.log()));
    let text = |number: u64| vec![number as u8; 300];
    for number in 1..=40 {
        let log = if number % 3 == 0 { &one } else { &other };
        assert_eq!(keep(log, &text(number)), number);
    }
    for number in 1..=40 {
        assert!(has(&scratch.log(), number, &text(number)), "{number}");
    }
    let files = fs::read_dir(scratch.log()).unwrap().map(|entry| entry.unwrap());
    let texts = files.filter(|file| file.path().extension().is_some_and(|end| end == "texts"));
    let sizes: Vec<u64> = texts.map(|file| file.metadata().unwrap().len()).collect();
    assert!(sizes.len() > 5 && sizes.iter().all(|bytes| *bytes <= 2048), "{sizes:?}");
}

#[test]
fn texts_outlive_a_disk_that_failed() {
    let scratch = Scratch::new();
    let (media, log) = flaky(&scratch);
    keep(&log, b"one");
    media.fail_writes(true);
    let (key, text): (_, &[&[u8]]) = (public(), &[b"two"]);
    let entry = Entry { arguments: text, keep: Some(&key), ..call(2) };
    let failed = log.append(&subject(), &entry).unwrap().wait_written();
    assert_eq!(failed.unwrap_err().code, Code::AuditWrite);
    media.fail_writes(false);
    await_health(&log);
    assert!(has(&scratch.log(), 1, b"one") && has(&scratch.log(), 2, b"two"));
}

#[test]
fn texts_go_with_the_bodies_that_are_pruned() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    for number in 1..=20 {
        keep(&log, &[number; 100]);
    }
    log.close().unwrap();
    let path = scratch.log().join("segment-00000001.texts");
    let before = fs::read(&path).unwrap();
    let archive = Archive::open(&scratch.log()).unwrap();
    archive.prune(7, "a test").unwrap();
    assert_eq!(archive.kept(7).unwrap_err().code, Code::NotFound);
    for number in 8..=20 {
        assert!(has(&scratch.log(), number.into(), &[number; 100]));
    }
    // The segment's others stand as they stood.
    let entry = (before.len() - 16) / 8;
    assert_eq!(fs::read(&path).unwrap(), [&before[..16], &before[16 + 7 * entry..]].concat());
}

#[test]
fn what_is_forgotten_can_not_be_opened_or_guessed_and_the_log_verifies() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    for number in 1..=20 {
        keep(&log, &[number; 100]);
    }
    let before = verify(&scratch.log()).unwrap();
    // Of a sealed segment, and of the one that is being written.
    assert_eq!(forget(&scratch.log(), 2..=3).unwrap(), (21, 2, 2));
    assert_eq!(forget(&scratch.log(), 20..=20).unwrap(), (22, 1, 1));
    assert_eq!(forget(&scratch.log(), 1..=3).unwrap(), (23, 1, 1));
    assert_eq!(keep(&log, &[24; 100]), 24);
    let archive = Archive::open(&scratch.log()).unwrap();
    for number in [1, 2, 3, 20] {
        assert_eq!(kept(&scratch.log(), number), Kept::Forgotten);
        let guess = framed(&[&[number as u8; 100]]);
        assert_eq!(archive.commits(number, &guess).unwrap_err().code, Code::NotFound);
    }
    for number in (4..=19).chain([24]) {
        assert!(has(&scratch.log(), number.into(), &[number; 100]));
    }
    let after = archive.verify(&[before.records]).unwrap();
    assert_eq!((after.fault, after.roots), (None, vec![before.root]));
    let receipt = read_all(&scratch.log()).remove(21).record.unwrap();
    assert_eq!(receipt.kind, Kind::LogPruned);
}

#[test]
fn only_records_that_are_there_are_forgotten() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    keep(&log, b"one");
    let empty = RangeInclusive::new(2, 1);
    for (range, code) in [(1..=2, Code::NotFound), (0..=1, Code::Invalid), (empty, Code::Invalid)] {
        assert_eq!(forget(&scratch.log(), range).unwrap_err().code, code);
    }
    assert_eq!(verify(&scratch.log()).unwrap().records, 1, "no receipt");
}
