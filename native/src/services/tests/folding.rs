//! Refusals that repeat take one record, and the count is exact.

use super::{World, path};
use crate::{
    audit::{Kind, Record},
    base::error::{Code, Error},
    services::functions::{self, Function},
};

const OTHER: &str = "data://not-granted";

/// One refused call; the number that the guest is told.
fn refused(world: &mut World, function: Function, resource: &str) -> u64 {
    let World { guest, runtime, .. } = world;
    let asked = runtime.block_on(guest.begin(function, path(resource), b"some"));
    let error = asked.map(|_| ()).expect_err("nothing grants it");
    assert_eq!(error.code, Code::Denied);
    error.refusal.expect("a refusal").number
}

fn told(records: &[Record]) -> Vec<(u64, u32)> {
    let calls = records.iter().filter(|record| record.kind == Kind::Call);
    calls.map(|record| (record.sequence, record.count)).collect()
}

#[test]
fn a_loop_of_refusals_is_two_records() {
    let mut world = World::new();
    let numbers: Vec<_> =
        (0..1000).map(|_| refused(&mut world, functions::FS_STAT, OTHER)).collect();
    assert!(numbers.iter().all(|number| *number == numbers[0]));
    let records = world.records();
    assert_eq!(records[0].sequence, numbers[0]);
    assert_eq!((records[0].count, records[0].since_us), (1, None));
    assert!(records[0].commitment.is_some());
    let folded: u64 = records[1..].iter().map(|record| u64::from(record.count)).sum();
    assert_eq!(folded, 999);
    for pair in records.windows(2) {
        let [before, after] = pair else { panic!("windows of two") };
        assert_eq!((&after.verb, &after.resource), (&before.verb, &before.resource));
        assert_eq!((after.code.clone(), after.outcome), (before.code.clone(), before.outcome));
        assert!(after.since_us.is_none_or(|since| since >= before.wall_us));
    }
    assert!(records.len() < 30, "{} records: one in audit-fold-ms", records.len());
    assert_eq!(world.guest.refusals.take().len(), 1);
    assert_eq!(world.guest.meter.refused_calls, 1000);
}

#[test]
fn what_comes_between_ends_a_series() {
    let mut world = World::new();
    let first = refused(&mut world, functions::FS_STAT, OTHER);
    refused(&mut world, functions::FS_STAT, OTHER);
    let second = refused(&mut world, functions::FS_REMOVE, OTHER);
    let third = refused(&mut world, functions::FS_STAT, OTHER);
    assert_eq!(told(&world.records()), [(first, 1), (2, 1), (second, 1), (third, 1)]);
    assert_eq!((first, second, third), (1, 3, 4));
}

#[test]
fn a_message_takes_its_series_with_it() {
    let mut world = World::new();
    for _ in 0..3 {
        refused(&mut world, functions::FS_STAT, OTHER);
    }
    let next = crate::services::message::Message::none();
    let context = crate::audit::Context::kernel();
    world.guest.start_message(context, next);
    let number = refused(&mut world, functions::FS_STAT, OTHER);
    let records = world.records();
    assert_eq!(told(&records), [(1, 1), (2, 2), (number, 1)]);
    let principals: Vec<_> = records.iter().map(|record| record.principal.is_some()).collect();
    assert_eq!(principals, [true, true, false]);
}

#[test]
fn arguments_that_are_none_fold_too() {
    let mut world = World::new();
    for code in [Code::Invalid, Code::Invalid, Code::Invalid, Code::TooLarge] {
        let error = Error::new(code, "not a key");
        let verb = functions::KV_GET.verb;
        assert_eq!(world.guest.refuse_argument(verb, error).code, code);
    }
    assert_eq!(told(&world.records()), [(1, 1), (2, 2), (3, 1)]);
}
