//! Who records too much waits or is refused; others go on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    audit::{
        KINDS, Kind, Outcome,
        account::{Accounts, Standing},
    },
    base::{error::Code, limits},
};

const MIB: u64 = 1 << 20;
const SECOND: Duration = Duration::from_secs(1);

/// Accounts on a disk with as much room as the number says, in MiB.
fn disk(mib: u64) -> (Arc<AtomicU64>, Accounts) {
    let free = Arc::new(AtomicU64::new(mib));
    let read = Arc::clone(&free);
    (free, Accounts::with(move || Some(read.load(Ordering::SeqCst) * MIB)))
}

#[test]
fn a_principal_is_slowed_beyond_its_rate_and_only_then() {
    let (_, accounts) = disk(limits::AUDIT_FREE_SLOW_MIB);
    let account = accounts.of(&"main".into());
    let start = Instant::now();
    let second = limits::AUDIT_PRINCIPAL_BYTES;
    assert_eq!(account.charge_at(second / 2, start), (Standing::Free, None));
    for n in 1..10 {
        let (standing, _) = account.charge_at(second, start + n * SECOND);
        assert_eq!(standing, Standing::Free, "second {n}: what it may, for good");
    }
    let (standing, _) = account.charge_at(second, start + 9 * SECOND);
    assert!(matches!(standing, Standing::Wait(_)), "{standing:?}");
    let (standing, _) = account.charge_at(0, start + 10 * SECOND);
    assert_eq!(standing, Standing::Free, "waiting pays");
}

#[test]
fn all_that_a_principal_runs_has_one_account() {
    let (_, accounts) = disk(limits::AUDIT_FREE_SLOW_MIB);
    let (one, again) = (accounts.of(&"a".into()), accounts.of(&"a".into()));
    let other = accounts.of(&"b".into());
    let now = Instant::now();
    one.charge_at(3 * limits::AUDIT_PRINCIPAL_BYTES, now);
    assert!(matches!(again.charge_at(0, now).0, Standing::Wait(_)));
    assert_eq!(other.charge_at(1000, now).0, Standing::Free);
}

#[test]
fn as_the_disk_fills_guests_are_slowed_and_then_refused_by_share() {
    let (free, accounts) = disk(limits::AUDIT_FREE_SLOW_MIB);
    let (greedy, modest) = (accounts.of(&"greedy".into()), accounts.of(&"modest".into()));
    let start = Instant::now();
    let second = limits::AUDIT_PRINCIPAL_BYTES;
    assert_eq!(greedy.charge_at(second, start).0, Standing::Free);
    free.store(limits::AUDIT_FREE_SLOW_MIB - 1, Ordering::SeqCst);
    let (short, charge) = greedy.charge_at(2 * limits::AUDIT_SLOW_BYTES, start + 2 * SECOND);
    assert!(matches!(short, Standing::Wait(wait) if wait <= SECOND), "{short:?}");
    assert!(charge.is_some_and(|charge| !charge.is_refused && charge.count == 1));
    free.store(limits::AUDIT_FREE_REFUSE_MIB - 1, Ordering::SeqCst);
    let late = start + 4 * SECOND;
    assert_eq!(greedy.charge_at(2 * limits::AUDIT_SHARE_BYTES, late).0, Standing::Full);
    assert_eq!(modest.charge_at(limits::AUDIT_SHARE_BYTES, late).0, Standing::Free);
    free.store(limits::AUDIT_FREE_SLOW_MIB, Ordering::SeqCst);
    assert_eq!(greedy.charge_at(1, late + 2 * SECOND).0, Standing::Free, "there is room again");
}

#[test]
fn a_disk_that_does_not_tell_is_taken_as_short() {
    let accounts = Accounts::with(|| None);
    let account = accounts.of(&"main".into());
    let now = Instant::now();
    assert!(matches!(account.charge_at(3 * limits::AUDIT_SLOW_BYTES, now).0, Standing::Wait(_)));
}

#[test]
fn a_charge_is_told_at_once_and_then_once_a_period() {
    let (_, accounts) = disk(0);
    let account = accounts.of(&"main".into());
    let start = Instant::now();
    let over = 1000 * limits::AUDIT_SHARE_BYTES;
    let first = account.charge_at(over, start).1.expect("the first is told");
    assert_eq!((first.count, first.is_refused), (1, true));
    for n in 1..5 {
        assert_eq!(account.charge_at(over, start + n * SECOND).1, None);
    }
    let period = Duration::from_millis(limits::AUDIT_CHARGE_MS);
    let next = account.charge_at(over, start + period).1.expect("a period later");
    assert_eq!((next.count, next.age), (5, period - SECOND));
    let entry = next.entry(u64::MAX);
    assert_eq!((entry.kind, entry.outcome), (Kind::LogCharge, Some(Outcome::Refused)));
    assert_eq!((entry.code, entry.count), (Some(Code::LogFull), 5));
    assert!(entry.since_ns.is_some());
    assert!(KINDS.iter().any(|row| row.kind == Kind::LogCharge && !row.is_kept));
}
