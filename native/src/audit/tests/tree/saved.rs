//! The writer's tree, however it came to know it, is that of the records.

use std::{fs, thread};

use crate::audit::{
    Log, Reader,
    tests::{Scratch, block_on, call, open, open_small, read_all, subject, verify, write_calls},
    tree::{Frontier, Hash},
};

/// The root over the first records of a log, from the records alone.
fn root_at(scratch: &Scratch, size: u64) -> Hash {
    let mut tree = Frontier::default();
    for item in &read_all(&scratch.log())[..size as usize] {
        tree.push(&item.hash);
    }
    tree.root()
}

/// The writer's checkpoint covers `size` records and is right.
fn check(scratch: &Scratch, log: &Log, size: u64) {
    let made = block_on(log.checkpoint()).unwrap();
    assert_eq!((made.size, made.root), (size, root_at(scratch, size)));
    assert_eq!(verify(&scratch.log()).unwrap().root, made.root);
}

#[test]
fn a_checkpoint_is_over_what_was_handed_over_before() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    check(&scratch, &log, 0);
    for number in 1..=40 {
        drop(log.append(&subject(), &call(number)).unwrap());
        check(&scratch, &log, number);
    }
    let head = log.close().unwrap();
    check(&scratch, &log, head.sequence);
}

#[test]
fn another_writers_records_are_in_the_checkpoint() {
    let scratch = Scratch::new();
    let (one, other) = (open_small(&scratch.log()), open_small(&scratch.log()));
    for number in 1..=60 {
        let log = if number % 3 == 0 { &one } else { &other };
        log.append(&subject(), &call(number)).unwrap().wait_written().unwrap();
        if number % 10 == 0 {
            check(&scratch, &one, number);
            check(&scratch, &other, number);
        }
    }
}

#[test]
fn checkpoints_of_busy_writers_are_right() {
    let scratch = Scratch::new();
    let write = || {
        let log = open_small(&scratch.log());
        let mut made = Vec::new();
        for number in 1..=100 {
            drop(log.append(&subject(), &call(number)).unwrap());
            if number % 20 == 0 {
                made.push(block_on(log.checkpoint()).unwrap());
            }
        }
        log.close().unwrap();
        made
    };
    let made = thread::scope(|scope| {
        let both = [scope.spawn(write), scope.spawn(write)];
        both.map(|one| one.join().unwrap()).concat()
    });
    assert_eq!(made.len(), 10);
    for one in made {
        assert_eq!(one.root, root_at(&scratch, one.size), "at {}", one.size);
    }
}

#[test]
fn a_log_that_is_opened_again_goes_on_with_its_tree() {
    let scratch = Scratch::new();
    for round in 1..=4 {
        write_calls(&open_small(&scratch.log()), 25);
        check(&scratch, &open_small(&scratch.log()), 25 * round);
    }
}

#[test]
fn a_saved_tree_is_used_and_a_missing_or_damaged_one_made_anew() {
    let scratch = Scratch::new();
    write_calls(&open_small(&scratch.log()), 25);
    let path = scratch.log().join("segment-00000003.tree");
    let good = fs::read(&path).unwrap();
    let mut bad: Vec<_> = (0..good.len())
        .map(|at| {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << (at % 8);
            bytes
        })
        .collect();
    bad.extend((0..good.len()).map(|length| good[..length].to_vec()));
    bad.push([good.as_slice(), &[0]].concat());
    bad.push(vec![0; 1 << 20]);
    bad.push(fs::read(scratch.log().join("segment-00000002.tree")).unwrap());
    for bytes in bad {
        fs::write(&path, &bytes).unwrap();
        check(&scratch, &open_small(&scratch.log()), 25);
        assert_eq!(fs::read(&path).unwrap(), good);
    }
    fs::remove_file(&path).unwrap();
    check(&scratch, &open_small(&scratch.log()), 25);
    assert_eq!(fs::read(&path).unwrap(), good);
    // What the last segment's own tree file says is believed: nothing before it is read.
    let first = scratch.log().join("segment-00000001.log");
    let bytes = fs::read(&first).unwrap();
    fs::write(&first, &bytes[..200]).unwrap();
    drop(open_small(&scratch.log()));
    fs::remove_file(&path).unwrap();
    assert!(Log::open(&scratch.log(), &crate::audit::Options::default()).is_err());
    assert!(Reader::open(&scratch.log()).is_ok());
}

#[test]
fn something_else_in_a_saved_trees_place_is_replaced() {
    let scratch = Scratch::new();
    write_calls(&open_small(&scratch.log()), 25);
    let path = scratch.log().join("segment-00000003.tree");
    let good = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
    check(&scratch, &open_small(&scratch.log()), 25);
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
    assert_eq!(fs::read(&path).unwrap(), good);
}
