//! Calls that ended, on their way to JavaScript. They cross in batches with everything else that
//! goes out: a promise of its own would cost each call a threadsafe function.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::types::NativeEnded;
use astrid_native::base::error::Result;
use astrid_native::kernel::Ended;

/// Tells JavaScript to take what there is.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The ended calls of one kernel.
pub struct Ends {
    list: Mutex<Vec<(u32, Result<Ended>)>>,
    wake: Wake,
}

impl Ends {
    /// None yet.
    pub fn new(wake: Wake) -> Arc<Self> {
        Arc::new(Self { list: Mutex::default(), wake })
    }

    /// Adds one; wakes the other side when it was the first, and so not on its way.
    pub fn push(&self, token: u32, result: Result<Ended>) {
        let mut list = self.lock();
        list.push((token, result));
        let first = list.len() == 1;
        drop(list);
        if first {
            (self.wake)();
        }
    }

    /// All of them, by their tokens.
    pub fn take(&self) -> Vec<NativeEnded> {
        let ended = mem::take(&mut *self.lock());
        ended.into_iter().map(|(token, result)| NativeEnded::new(token, result)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(u32, Result<Ended>)>> {
        // Nothing under the lock can panic half-way.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
