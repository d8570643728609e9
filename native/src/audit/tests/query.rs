//! Queries: what is found is what a look at every record finds, whatever became of the index.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Scratch, call, open, open_small, read_all, write_calls};
use crate::{
    audit::{
        Archive, Context, Decision, Entry, Filter, Item, Kind, Log, Outcome, Query, Subject,
        Verdict,
        folder::Folder,
        frame::Content,
        index::{self, GONE, Index},
        reader::Reader,
        segment,
    },
    base::error::Code,
};

const RECORDS: u64 = 60;

/// Records that differ in all that can be asked, in many segments.
fn varied(log: &Log, count: u64) {
    for number in 1..=count {
        let context = Context::new(&Subject {
            principal: Some(["ann", "bob"][number as usize % 2]),
            capsule: Some(["notes@local", "search@shipped", "notes@key"][number as usize % 3]),
            ..Subject::default()
        });
        let resource =
            format!("workspace://{}/file-{}", ["docs", "src"][number as usize % 2], number % 7);
        let verdict = [Verdict::Allow, Verdict::Deny][usize::from(number % 5 == 0)];
        let entry = Entry {
            verb: Some(["fs.read", "fs.write"][number as usize % 2]),
            resource: (number % 11 != 0).then_some(&*resource),
            decision: Some(Decision { verdict, rule: None }),
            outcome: Some([Outcome::Ok, Outcome::Error][usize::from(number % 4 == 0)]),
            code: (number % 4 == 0).then_some(Code::Io),
            ..Entry::new([Kind::Call, Kind::Wasi][usize::from(number % 6 == 0)], number)
        };
        let _ = log.append(&context, &entry).unwrap();
    }
    log.close().unwrap();
}

/// Filters that want all, some and none, by the records in `all`.
fn filters(all: &[Item]) -> Vec<Filter> {
    let time = |at: usize| all[at].record.as_ref().map(|record| record.wall_us);
    let text = |text: &str| Some(text.to_owned());
    let any = Filter::default;
    vec![
        any(),
        Filter { since_us: time(20), ..any() },
        Filter { until_us: time(20), ..any() },
        Filter { since_us: time(10), until_us: time(50), principal: text("bob"), ..any() },
        Filter { since_us: Some(u64::MAX), ..any() },
        Filter { until_us: Some(1), ..any() },
        Filter { principal: text("ann"), ..any() },
        Filter { principal: text("nobody"), ..any() },
        Filter { capsule: text("notes"), ..any() },
        Filter { capsule: text("notes@key"), ..any() },
        Filter { capsule: text("note"), ..any() },
        Filter { kind: Some(Kind::Wasi), verb: text("fs.read"), ..any() },
        Filter { kind: Some(Kind::KernelStop), ..any() },
        Filter { verb: text("fs.write"), verdict: Some(Verdict::Deny), ..any() },
        Filter { outcome: Some(Outcome::Error), ..any() },
        Filter { code: text("ASTRID_IO"), resource: text("*src*"), ..any() },
        Filter { resource: text("workspace://docs/*-3"), ..any() },
        Filter { resource: text(""), ..any() },
        Filter { resource: text("*"), ..any() },
    ]
}

/// All pages of a query.
fn ask(archive: &Archive, query: &Query) -> Vec<u64> {
    let mut query = query.clone();
    let mut found = Vec::new();
    loop {
        let page = archive.query(&query).unwrap();
        assert!(page.items.len() <= query.limit);
        found.extend(page.items.iter().map(|item| item.sequence));
        if page.is_end {
            return found;
        }
        assert_ne!(query.from, Some(page.next), "it goes on");
        query.from = Some(page.next);
    }
}

/// The same, by looking at every record.
fn expected(all: &[Item], query: &Query) -> Vec<u64> {
    let wanted = |item: &&Item| item.record.as_ref().is_some_and(|r| query.filter.wants(r));
    let mut found: Vec<_> = all.iter().filter(wanted).map(|item| item.sequence).collect();
    if query.newest_first {
        found.retain(|sequence| *sequence <= query.from.unwrap_or(u64::MAX));
        found.reverse();
    } else {
        found.retain(|sequence| *sequence >= query.from.unwrap_or(1));
    }
    found
}

fn check_all(archive: &Archive, all: &[Item], limits: &[usize]) {
    for filter in filters(all) {
        for (newest_first, by_records) in [(false, false), (true, false), (false, true)] {
            for from in
                [None, Some(0), Some(1), Some(RECORDS / 2), Some(RECORDS), Some(RECORDS + 9)]
            {
                for limit in limits {
                    let filter = filter.clone();
                    let query = Query { filter, from, limit: *limit, newest_first, by_records };
                    assert_eq!(ask(archive, &query), expected(all, &query), "{query:?}");
                }
            }
        }
    }
}

fn varied_log() -> (Scratch, Vec<Item>) {
    let scratch = Scratch::new();
    varied(&open_small(&scratch.log()), RECORDS);
    let all = read_all(&scratch.log());
    (scratch, all)
}

fn index_file(scratch: &Scratch, number: u32) -> PathBuf {
    scratch.log().join(segment::index_name(number))
}

fn denied() -> Query {
    let filter = Filter { verdict: Some(Verdict::Deny), ..Filter::default() };
    Query { filter, limit: 1000, ..Query::default() }
}

#[test]
fn a_query_finds_what_a_look_at_every_record_finds() {
    let (scratch, all) = varied_log();
    let archive = Archive::open(&scratch.log()).unwrap();
    // First by indexes that are made, then by their files.
    check_all(&archive, &all, &[1, 7, 1000]);
    assert!(index_file(&scratch, 1).exists() && index_file(&scratch, 2).exists());
    check_all(&Archive::open(&scratch.log()).unwrap(), &all, &[1000]);
}

#[test]
fn the_segment_that_grows_has_no_index_file() {
    let scratch = Scratch::new();
    varied(&open(&scratch.log()), 5);
    let archive = Archive::open(&scratch.log()).unwrap();
    assert_eq!(ask(&archive, &denied()), [5]);
    assert!(!index_file(&scratch, 1).exists());
}

#[test]
fn a_follower_sees_what_is_appended_through_segments() {
    let scratch = Scratch::new();
    let log = open_small(&scratch.log());
    let archive = Archive::open(&scratch.log()).unwrap();
    let mut query = Query { limit: 9, ..Query::default() };
    for number in 1..=RECORDS {
        log.append(&super::subject(), &call(number)).unwrap().wait_written().unwrap();
        let mut seen = Vec::new();
        loop {
            let page = archive.query(&query).unwrap();
            seen.extend(page.items.iter().map(|item| item.sequence));
            query.from = Some(page.next);
            if page.is_end {
                break;
            }
        }
        assert_eq!(seen, [number]);
    }
}

#[test]
fn a_query_of_no_records_or_with_an_endless_pattern_is_refused() {
    let (scratch, _) = varied_log();
    let archive = Archive::open(&scratch.log()).unwrap();
    let filter = Filter { resource: Some("*".repeat(4097)), ..Filter::default() };
    for query in [Query::default(), Query { filter, ..denied() }] {
        assert_eq!(archive.query(&query).unwrap_err().code, Code::Invalid);
    }
}

#[test]
fn an_index_that_was_damaged_is_made_anew() {
    let (scratch, all) = varied_log();
    let fresh = || Archive::open(&scratch.log()).unwrap();
    let found = expected(&all, &denied());
    assert_eq!(ask(&fresh(), &denied()), found);
    let path = index_file(&scratch, 2);
    let good = fs::read(&path).unwrap();
    // All of the head, whose fields are looked at one by one; the rest is under one check.
    for at in (0..168).chain((168..good.len()).step_by(7)) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, &bad).unwrap();
        assert_eq!(ask(&fresh(), &denied()), found, "byte {at}");
        assert_eq!(fs::read(&path).unwrap(), good, "byte {at}");
    }
    for bad in [&good[..good.len() - 1], &[], &[&good[..], &[0]].concat()] {
        fs::write(&path, bad).unwrap();
        assert_eq!(ask(&fresh(), &denied()), found);
    }
    fs::copy(index_file(&scratch, 1), &path).unwrap();
    assert_eq!(ask(&fresh(), &denied()), found);
    assert_eq!(fs::read(&path).unwrap(), good);
}

#[test]
fn without_a_place_for_indexes_queries_find_the_same() {
    let (scratch, all) = varied_log();
    for number in 1..=all.len() as u32 {
        fs::create_dir(index_file(&scratch, number)).unwrap();
    }
    let archive = Archive::open(&scratch.log()).unwrap();
    check_all(&archive, &all, &[7]);
}

#[test]
fn the_index_of_a_segment_that_grows_is_saved_and_gone_on_from() {
    let scratch = Scratch::new();
    let long = "x".repeat(4000);
    let resource = |number| format!("{}-{long}", number % 9);
    let write = |numbers: std::ops::RangeInclusive<u64>| {
        let log = open(&scratch.log());
        let mut buffer = log.buffer(super::subject());
        for number in numbers {
            let entry = Entry { resource: Some(&resource(number)), ..call(number) };
            let _ = buffer.push(&entry).unwrap();
        }
        drop(buffer);
        log.close().unwrap();
    };
    write(1..=2500);
    let filter = Filter { resource: Some("3-*".to_owned()), ..Filter::default() };
    let query = Query { filter, ..denied() };
    let found = |count| (1..=count).filter(|number| number % 9 == 3).collect::<Vec<u64>>();
    assert_eq!(ask(&Archive::open(&scratch.log()).unwrap(), &query), found(2500));
    let saved = fs::read(index_file(&scratch, 1)).unwrap();
    write(2501..=2600);
    let archive = Archive::open(&scratch.log()).unwrap();
    assert_eq!(ask(&archive, &query), found(2600));
    assert_eq!(fs::read(index_file(&scratch, 1)).unwrap(), saved, "too little to save it again");
    // What it has grown to is what is made of the records at once.
    write(2601..=5000);
    assert_eq!(ask(&archive, &query), found(5000));
    let grown = fs::read(index_file(&scratch, 1)).unwrap();
    assert_ne!(grown, saved);
    fs::remove_file(index_file(&scratch, 1)).unwrap();
    assert_eq!(ask(&Archive::open(&scratch.log()).unwrap(), &query), found(5000));
    assert_eq!(fs::read(index_file(&scratch, 1)).unwrap(), grown);
}

#[test]
fn an_end_that_was_written_anew_is_read_anew() {
    let scratch = Scratch::new();
    varied(&open(&scratch.log()), 20);
    let archive = Archive::open(&scratch.log()).unwrap();
    assert_eq!(ask(&archive, &denied()), [5, 10, 15, 20]);
    let all = read_all(&scratch.log());
    let path = scratch.log().join(segment::name(1));
    let bytes = fs::read(&path).unwrap();
    let tenth = bytes.windows(32).position(|bytes| bytes == all[9].link).unwrap() + 32;
    fs::write(&path, &bytes[..tenth]).unwrap();
    write_calls(&open(&scratch.log()), 30);
    assert_eq!(ask(&archive, &denied()), [5, 10]);
}

/// Writes an index that `forge` changed, with a check that fits.
pub fn forge(scratch: &Scratch, number: u32, forge: impl FnOnce(&mut Index)) {
    let folder = Folder::existing(&scratch.log());
    let origin = Reader::origin_of(&scratch.log()).unwrap();
    let (_, begin) = segment::open(&folder, number, &origin, false).unwrap();
    let mut index = index::load(&folder, &begin).unwrap();
    forge(&mut index);
    index::save(&folder, &index).unwrap();
}

#[test]
fn a_forged_index_hides_but_invents_nothing() {
    let (scratch, all) = varied_log();
    let fresh = || Archive::open(&scratch.log()).unwrap();
    let found = expected(&all, &denied());
    assert_eq!(ask(&fresh(), &denied()), found);
    // Every record is said to be a refusal; each is asked again.
    forge(&scratch, 2, |index| {
        let deny = index.shapes.iter().position(|shape| shape.verdict == 1).unwrap() as u16;
        index.rows.iter_mut().for_each(|row| row.shape = deny);
    });
    assert_eq!(ask(&fresh(), &denied()), found);
    // Places that are others', or nowhere: then the records are read.
    for wrong in [0, 56, 88, 100, u32::MAX] {
        forge(&scratch, 2, |index| index.rows.iter_mut().for_each(|row| row.offset = wrong));
        assert_eq!(ask(&fresh(), &denied()), found);
        fs::remove_file(index_file(&scratch, 2)).unwrap();
        assert_eq!(ask(&fresh(), &denied()), found);
    }
    forge(&scratch, 2, |index| index.rows.reverse());
    assert_eq!(ask(&fresh(), &denied()), found);
    fs::remove_file(index_file(&scratch, 2)).unwrap();
    // What it hides is found without it.
    assert_eq!(ask(&fresh(), &denied()), found);
    forge(&scratch, 2, |index| index.rows.iter_mut().for_each(|row| row.shape = GONE));
    assert!(ask(&fresh(), &denied()).len() < found.len());
    assert_eq!(ask(&fresh(), &Query { by_records: true, ..denied() }), found);
}

#[test]
fn a_record_that_does_not_verify_is_not_shown() {
    let (scratch, _) = varied_log();
    let archive = Archive::open(&scratch.log()).unwrap();
    assert!(!ask(&archive, &denied()).is_empty());
    let path = scratch.log().join(segment::name(1));
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|bytes| bytes == b"file").unwrap();
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let all = Query { filter: Filter::default(), ..denied() };
    assert_eq!(archive.query(&all).unwrap_err().code, Code::AuditCorrupt);
}

/// Puts hashes in place of the bodies of a segment.
fn prune(path: &Path, items: &[Item]) {
    let mut bytes = fs::read(path).unwrap();
    bytes.truncate(88);
    for item in items {
        bytes.extend_from_slice(&Content::Hash.word());
        bytes.extend_from_slice(&item.hash);
        bytes.extend_from_slice(&item.link);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn pruned_records_are_passed_over() {
    let (scratch, mut all) = varied_log();
    let archive = Archive::open(&scratch.log()).unwrap();
    assert_eq!(ask(&archive, &denied()), expected(&all, &denied()));
    let origin = Reader::origin_of(&scratch.log()).unwrap();
    let folder = Folder::existing(&scratch.log());
    let (_, second) = segment::open(&folder, 2, &origin, false).unwrap();
    let in_first = second.next as usize - 1;
    prune(&scratch.log().join(segment::name(1)), &all[..in_first]);
    all[..in_first].iter_mut().for_each(|item| item.record = None);
    // By the archive that still holds the index of before, and by its file.
    for archive in [archive, Archive::open(&scratch.log()).unwrap()] {
        assert_eq!(ask(&archive, &denied()), expected(&all, &denied()));
    }
}

#[test]
fn more_distinct_resources_than_an_index_keeps_are_found_all_the_same() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let mut buffer = log.buffer(super::subject());
    let long = "x".repeat(4000);
    for number in 1..=1100 {
        let resource = format!("{number}-{long}");
        let _ = buffer.push(&Entry { resource: Some(&resource), ..call(number) }).unwrap();
    }
    drop(buffer);
    log.close().unwrap();
    let archive = Archive::open(&scratch.log()).unwrap();
    for number in [1, 1050, 1100] {
        let filter = Filter { resource: Some(format!("{number}-*")), ..Filter::default() };
        assert_eq!(ask(&archive, &Query { filter, ..denied() }), [number]);
    }
}
