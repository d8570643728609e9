//! Who pays for the log. A principal records so many bytes a second and is slowed beyond; when the
//! disk runs short that is far less, and when it is nearly full, what goes beyond a small share is
//! refused, so that one causer neither fills it nor silences the others. The kernel's own records
//! are nobody's and go on.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use super::{entry::Entry, kind::Kind, record::Outcome};
use crate::base::{error::Code, limits};

const MIB: u64 = 1 << 20;
/// How old the answer may be to what room there is.
const LOOK: Duration = Duration::from_secs(1);
/// A guest that waits asks again after this long: by then there may be room.
const WAIT: Duration = Duration::from_secs(1);
const TELL: Duration = Duration::from_millis(limits::AUDIT_CHARGE_MS);

/// How much room the disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Plenty,
    /// Under `audit-free-slow-mib`.
    Short,
    /// Under `audit-free-refuse-mib`.
    Out,
}

impl Level {
    /// What cannot be learned is taken as short.
    fn of(free: Option<u64>) -> Self {
        match free {
            Some(free) if free < limits::AUDIT_FREE_REFUSE_MIB * MIB => Self::Out,
            Some(free) if free >= limits::AUDIT_FREE_SLOW_MIB * MIB => Self::Plenty,
            Some(_) | None => Self::Short,
        }
    }

    /// Bytes a second of one principal.
    const fn rate(self) -> u64 {
        match self {
            Self::Plenty => limits::AUDIT_PRINCIPAL_BYTES,
            Self::Short => limits::AUDIT_SLOW_BYTES,
            Self::Out => limits::AUDIT_SHARE_BYTES,
        }
    }
}

/// Whether a principal may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Free,
    /// Only after a while.
    Wait(Duration),
    /// The disk is nearly full and its share is used up: `ASTRID_LOG_FULL`.
    Full,
}

/// What is told of a causer that was slowed or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whether it was refused at the end.
    pub is_refused: bool,
    /// How often it was either since the last time.
    pub count: u32,
    /// How long ago the first of them was.
    pub age: Duration,
}

impl Charge {
    /// Its entry, `mono_ns` being now.
    pub fn entry(&self, mono_ns: u64) -> Entry<'static> {
        let age = u64::try_from(self.age.as_nanos()).unwrap_or(u64::MAX);
        Entry {
            count: self.count,
            since_ns: (self.count > 1).then(|| mono_ns.saturating_sub(age)),
            outcome: Some(if self.is_refused { Outcome::Refused } else { Outcome::Ok }),
            code: self.is_refused.then_some(Code::LogFull),
            ..Entry::new(Kind::LogCharge, mono_ns)
        }
    }
}

/// The room on one disk, looked at once a second.
struct Space {
    free: Box<dyn Fn() -> Option<u64> + Send + Sync>,
    seen: Mutex<Option<(Instant, Level)>>,
}

impl Space {
    fn level(&self, now: Instant) -> Level {
        let mut seen = lock(&self.seen);
        match *seen {
            Some((at, level)) if now.saturating_duration_since(at) < LOOK => level,
            _ => {
                let level = Level::of((self.free)());
                *seen = Some((now, level));
                level
            }
        }
    }
}

/// The accounts of one log.
pub struct Accounts {
    space: Arc<Space>,
    /// As many as there are principals with a loaded capsule.
    known: Mutex<HashMap<Arc<str>, Weak<Account>>>,
}

impl Accounts {
    /// Those of the log in a folder.
    pub fn new(folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self::with(move || {
            let found = rustix::fs::statvfs(&folder).ok()?;
            Some(found.f_bavail.saturating_mul(found.f_frsize))
        })
    }

    /// `free` says how many bytes the disk has left, none if that can't be learned.
    pub fn with(free: impl Fn() -> Option<u64> + Send + Sync + 'static) -> Self {
        let space = Space { free: Box::new(free), seen: Mutex::default() };
        Self { space: Arc::new(space), known: Mutex::default() }
    }

    /// The one account of a principal, whatever it has running.
    pub fn of(&self, principal: &Arc<str>) -> Arc<Account> {
        let mut known = lock(&self.known);
        known.retain(|_, account| account.strong_count() > 0);
        if let Some(account) = known.get(principal).and_then(Weak::upgrade) {
            return account;
        }
        let account = Arc::new(Account::new(Arc::clone(&self.space)));
        known.insert(Arc::clone(principal), Arc::downgrade(&account));
        account
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

/// What one principal recorded lately.
pub struct Account {
    space: Arc<Space>,
    state: Mutex<State>,
}

struct State {
    level: Level,
    /// Bytes that the rate has not paid for yet, as of `at`.
    owed: u64,
    at: Instant,
    /// Times it was slowed or refused that were not told, and when the first was.
    count: u32,
    since: Instant,
    told: Option<Instant>,
}

impl Account {
    fn new(space: Arc<Space>) -> Self {
        let now = Instant::now();
        let (level, owed, count) = (Level::Plenty, 0, 0);
        let state = State { level, owed, at: now, count, since: now, told: None };
        Self { space, state: Mutex::new(state) }
    }

    /// Charges bytes that were recorded; whether their causer may go on, and what is to be recorded
    /// of it.
    pub fn charge(&self, bytes: u64) -> (Standing, Option<Charge>) {
        self.charge_at(bytes, Instant::now())
    }

    pub(super) fn charge_at(&self, bytes: u64, now: Instant) -> (Standing, Option<Charge>) {
        let level = self.space.level(now);
        let mut state = lock(&self.state);
        let standing = state.pay(level, bytes, now);
        let charge = (standing != Standing::Free).then(|| state.count(standing, now)).flatten();
        (standing, charge)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
}

impl State {
    fn pay(&mut self, level: Level, bytes: u64, now: Instant) -> Standing {
        // A second's worth may be owed.
        let most = level.rate();
        if level != self.level {
            // What was allowed is not held against anybody now.
            (self.level, self.owed) = (level, self.owed.min(most));
        }
        let passed = now.saturating_duration_since(self.at).as_micros();
        let paid = u128::from(level.rate()) * passed / 1_000_000;
        self.owed = self.owed.saturating_sub(u64::try_from(paid).unwrap_or(u64::MAX));
        (self.owed, self.at) = (self.owed.saturating_add(bytes), now);
        match self.owed.checked_sub(most) {
            None | Some(0) => Standing::Free,
            Some(_) if level == Level::Out => Standing::Full,
            Some(over) => {
                let micros = u128::from(over) * 1_000_000 / u128::from(level.rate());
                let wait = Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
                Standing::Wait(wait.min(WAIT))
            }
        }
    }

    /// Counts a slowing or refusal; tells at once of the first, then once in `audit-charge-ms`.
    fn count(&mut self, standing: Standing, now: Instant) -> Option<Charge> {
        if self.count == 0 {
            self.since = now;
        }
        self.count = self.count.saturating_add(1);
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < TELL) {
            return None;
        }
        self.told = Some(now);
        let (count, is_refused) = (std::mem::take(&mut self.count), standing == Standing::Full);
        Some(Charge { is_refused, count, age: now.saturating_duration_since(self.since) })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that could panic half-way runs under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
