//! What a function's class promises is true when its call begins.

use super::{World, path};
use crate::{
    audit::{Class, Kind, Outcome},
    base::error::{Code, Error},
    gate::{key::Key, verb::Verb},
    services::functions::{self, Function},
};

/// Begins a call of a function about a path; sequence of its decision, and how many records are
/// in the file and on disk then.
fn begin(world: &mut World, function: Function) -> (u64, u64, u64) {
    let World { guest, log, runtime, .. } = world;
    let begun = runtime.block_on(guest.begin(function, path("tmp://a"), b"arguments"));
    let (_permit, call) = begun.expect("is granted");
    let seen = (call.cause, log.head().sequence, log.durable());
    guest.end(call, &Ok(()));
    seen
}

#[test]
fn a_before_decision_is_on_disk_when_the_effect_starts() {
    let mut world = World::new();
    for function in functions::ALL.iter().filter(|f| f.class == Class::Before) {
        let (decision, written, durable) = begin(&mut world, *function);
        assert!(decision > 0 && decision <= durable, "{}: {durable}", function.name);
        assert!(written >= decision);
    }
}

#[test]
fn a_with_decision_is_in_the_file_and_a_batch_call_has_none() {
    let mut world = World::new();
    let durable = world.log.durable();
    for function in [functions::FILE_WRITE, functions::FILE_APPEND, functions::FS_RENAME] {
        let (decision, written, _) = begin(&mut world, function.before_another());
        assert!(decision > 0 && decision <= written, "{}", function.name);
    }
    assert_eq!(begin(&mut world, functions::FS_STAT).0, 0);
    assert_eq!(world.log.durable(), durable, "nobody asked for a sync");
}

#[test]
fn reads_that_only_look_are_one_record_and_effects_are_two() {
    let mut world = World::new();
    begin(&mut world, functions::FS_STAT);
    begin(&mut world, functions::FILE_WRITE);
    begin(&mut world, functions::FS_REMOVE);
    let records = world.records();
    let kinds: Vec<_> = records.iter().map(|record| record.kind).collect();
    let two = [Kind::CallDecision, Kind::CallOutcome];
    assert_eq!(kinds, [&[Kind::Call], &two[..], &two[..]].concat());
    for pair in records[1..].chunks(2) {
        assert_eq!((pair[0].sequence, pair[1].outcome), (pair[1].cause, Some(Outcome::Ok)));
    }
}

#[test]
fn what_blocks_waits_as_long_as_what_suspends() {
    let mut world = World::new();
    let World { guest, log, runtime, .. } = &mut world;
    let _inside = runtime.enter();
    let task = async { guest.begin_blocking(functions::FS_REMOVE, path("tmp://a"), b"remove") };
    let (_permit, call) = runtime.block_on(task).expect("is granted");
    assert!(call.cause <= log.durable());
    guest.end(call, &Ok(()));
}

#[test]
fn effects_that_leave_the_sandbox_are_never_batched() {
    for function in functions::ALL {
        let leaves = matches!(function.verb, Verb::FsWrite | Verb::KvWrite | Verb::IpcPublish);
        // A file's close changes nothing: what was written is recorded already.
        let expected = leaves && *function != functions::FILE_CLOSE;
        assert_eq!(function.class != Class::Batch, expected, "{}", function.name);
    }
}

#[test]
fn nothing_is_decided_once_the_log_takes_nothing() {
    let mut world = World::new();
    world.log.close().expect("closes");
    let World { guest, runtime, .. } = &mut world;
    let key = Key::kv("k").expect("a key");
    let refused = |result: Result<(), Error>| result.map_err(|error| error.code);
    let mut ask = |function| {
        let asked = runtime.block_on(guest.begin(function, key.clone(), b"get"));
        refused(asked.map(|_| ()))
    };
    assert_eq!(ask(functions::KV_GET), Err(Code::KernelClosed));
    assert_eq!(ask(functions::KV_SET), Err(Code::KernelClosed));
}
