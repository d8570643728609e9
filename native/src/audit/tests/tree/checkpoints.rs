//! The file of notes: only whole notes of this log are added, and a torn end goes.

use std::fs;

use crate::{
    audit::{
        Checkpoint,
        tests::{NOTE_ROOT as ROOT, Scratch, block_on, call, note, open, subject},
    },
    base::{error::Code, limits},
};

const NOTE_BYTES: usize = limits::AUDIT_NOTE_BYTES as usize;
#[test]
fn notes_are_appended_also_when_the_log_is_closed() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    drop(log.append(&subject(), &call(1)).unwrap());
    let made = block_on(log.checkpoint()).unwrap();
    let (one, nothing) = (note(&made, 1), note(&made, 0));
    log.append_note(&one).unwrap();
    log.close().unwrap();
    log.append_note(&nothing).unwrap();
    let kept = fs::read_to_string(scratch.log().join("checkpoints")).unwrap();
    assert_eq!(kept, format!("{one}\n{nothing}\n"));
}

#[test]
fn a_torn_note_is_cut_off_wherever_the_write_ended() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let made = block_on(log.checkpoint()).unwrap();
    let (path, one) = (scratch.log().join("checkpoints"), note(&made, 0) + "\n");
    for cut in 0..one.len() {
        for before in ["", &one] {
            fs::write(&path, [before.as_bytes(), &one.as_bytes()[..cut]].concat()).unwrap();
            log.append_note(&note(&made, 0)).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{before}{one}"), "{cut}");
        }
    }
}

#[test]
fn a_file_that_does_not_end_in_a_note_is_left_as_it_is() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let made = block_on(log.checkpoint()).unwrap();
    let path = scratch.log().join("checkpoints");
    for bytes in [vec![0; NOTE_BYTES + 1], vec![b'\n'; 3 * NOTE_BYTES]] {
        fs::write(&path, &bytes).unwrap();
        let refused = log.append_note(&note(&made, 0)).unwrap_err();
        assert_eq!(refused.code, Code::AuditCorrupt);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn anything_but_a_note_of_this_log_is_refused() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let made = block_on(log.checkpoint()).unwrap();
    let good = note(&made, 0);
    let long = format!("{good}— x {}\n", "a".repeat(NOTE_BYTES));
    let bad = [
        note(&made, 1),
        note(&Checkpoint { origin: [9; 32], ..made }, 0),
        good.replace("\n0\n", "\n00\n"),
        good.replace("\n0\n", "\n+0\n"),
        good.replace("\n0\n", "\n-1\n"),
        good.replace("\n0\n", "\n18446744073709551616\n"),
        good.replace(ROOT, "AAAA"),
        good.replace(ROOT, &format!("{ROOT}\nmore")),
        good.replace("\n\n", "\n"),
        good.replace("— ", "- "),
        good.replace("\n— ", "\n\n— "),
        good.replace('\n', "\r\n"),
        good.replace("epoch", "ep\u{7}och"),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("{good}\n{good}"),
        long,
        String::new(),
    ];
    for note in bad {
        assert_eq!(log.append_note(&note).unwrap_err().code, Code::Invalid, "{note:?}");
    }
    assert!(!scratch.log().join("checkpoints").exists());
}
