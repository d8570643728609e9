//! A guest whose principal records too much.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{World, path};
use crate::{
    audit::{Accounts, Kind, Outcome, Record},
    base::{
        error::{Code, Result},
        limits,
    },
    engine::run::Guest as _,
    services::functions,
};

const MIB: u64 = 1 << 20;

/// A world on a disk with as much room as the number says, in MiB.
fn world(mib: u64) -> (Arc<AtomicU64>, World) {
    let free = Arc::new(AtomicU64::new(mib));
    let read = Arc::clone(&free);
    let accounts = Accounts::with(move || Some(read.load(Ordering::SeqCst) * MIB));
    (free, World::on(&accounts))
}

/// One call that may be made, and is recorded.
fn call(world: &mut World) -> Result<()> {
    let World { guest, runtime, .. } = world;
    let (_permit, call) =
        runtime.block_on(guest.begin(functions::FS_STAT, path("tmp://a"), b"stat"))?;
    guest.end(call, &Ok(()));
    Ok(())
}

fn charges<'r>(records: &'r [Record<'static>]) -> Vec<&'r Record<'static>> {
    records.iter().filter(|record| record.kind == Kind::LogCharge).collect()
}

/// Records more than `bytes`, as a slice's end finds it.
fn record_more_than(world: &mut World, bytes: u64) {
    for _ in 0..bytes / 50 {
        call(world).expect("is recorded");
    }
}

#[test]
fn on_a_disk_with_room_nothing_is_charged() {
    let (_, mut world) = world(limits::AUDIT_FREE_SLOW_MIB);
    record_more_than(&mut world, limits::AUDIT_SHARE_BYTES);
    assert!(world.guest.slice_ended().is_none());
    assert!(charges(&world.records()).is_empty());
}

#[test]
fn on_a_short_disk_the_guest_waits_and_no_thread_does() {
    let (_, mut world) = world(limits::AUDIT_FREE_SLOW_MIB - 1);
    record_more_than(&mut world, 2 * limits::AUDIT_SLOW_BYTES);
    let _inside = world.runtime.enter();
    let wait = world.guest.slice_ended();
    assert!(wait.is_some(), "a wait for its fiber");
    drop((wait, _inside));
    call(&mut world).expect("slowed, not refused");
    let records = world.records();
    let [charge] = charges(&records)[..] else { panic!("one charge") };
    assert_eq!((charge.outcome, charge.code.is_some()), (Some(Outcome::Ok), false));
    assert_eq!(charge.principal.as_ref().expect("who").kept, "main");
}

#[test]
fn on_a_full_disk_calls_are_refused_unrecorded_until_there_is_room() {
    let (free, mut world) = world(limits::AUDIT_FREE_REFUSE_MIB - 1);
    record_more_than(&mut world, 2 * limits::AUDIT_SHARE_BYTES);
    assert!(world.guest.slice_ended().is_none(), "it is refused, not kept waiting");
    let before = world.records().len();
    for _ in 0..100 {
        assert_eq!(call(&mut world).map_err(|error| error.code), Err(Code::LogFull));
    }
    let records = world.records();
    assert_eq!(records.len(), before, "refusing costs nothing");
    let [charge] = charges(&records)[..] else { panic!("one charge") };
    assert_eq!(charge.outcome, Some(Outcome::Refused));
    assert_eq!(charge.code.as_ref().expect("why").kept, "ASTRID_LOG_FULL");
    free.store(limits::AUDIT_FREE_SLOW_MIB, Ordering::SeqCst);
    // It looks once a second.
    let late = Instant::now() + Duration::from_secs(30);
    while call(&mut world).is_err() {
        assert!(Instant::now() < late, "there is room again");
        thread::sleep(Duration::from_millis(10));
    }
}
