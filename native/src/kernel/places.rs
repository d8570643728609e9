//! Places for live instances: as many as the engine's allocator has slots. A full kernel says so.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::instance::Instance;
use super::loaded::Idle;
use crate::base::error::{Code, Error, Result};

/// The right to be a live instance.
pub type Place = OwnedSemaphorePermit;

/// The places of one kernel.
pub struct Places {
    free: Arc<Semaphore>,
    total: u32,
    /// Idle instances, which give up their place when someone needs it.
    idle: Mutex<Vec<Weak<Idle>>>,
}

impl Places {
    /// `total` places.
    pub fn new(total: u32) -> Self {
        Self { free: Arc::new(Semaphore::new(total as usize)), total, idle: Mutex::default() }
    }

    /// Makes idle instances known, so that they can give up their places.
    pub fn know(&self, idle: &Arc<Idle>) {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|idle| idle.strong_count() > 0);
        all.push(Arc::downgrade(idle));
    }

    /// A free place, or one that an idle instance gives up.
    ///
    /// Fails with `ASTRID_BUSY`, saying how many places there are.
    pub fn take(&self) -> Result<Place> {
        loop {
            if let Ok(place) = self.free.clone().try_acquire_owned() {
                return Ok(place);
            }
            if self.evict().is_none() {
                let total = self.total;
                let why =
                    format!("all {total} places for live instances are taken (live-instances)");
                return Err(Error::new(Code::Busy, why));
            }
        }
    }

    /// Drops all idle instances; whether there were any.
    pub fn clear(&self) -> bool {
        let mut some = false;
        while self.evict().is_some() {
            some = true;
        }
        some
    }

    fn evict(&self) -> Option<Instance> {
        let all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter_map(Weak::upgrade).find_map(|idle| idle.evict())
    }
}
