//! Removes scratch folders on a thread of its own: a folder may hold as many files as fit its
//! quota, and neither a guest's thread nor JavaScript's waits for them.
//!
//! A folder has a place from before it is made until it is gone, so that what waits for its
//! removal is bounded as what is in use is: where it piles up, fresh folders wait.

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::error::{Code, Error, Result};

/// A folder to remove, and its place.
#[derive(Debug)]
pub(super) struct Leftover {
    pub name: String,
    pub _place: OwnedSemaphorePermit,
}

/// The thread, as long as it takes folders.
#[derive(Debug)]
struct Running {
    queue: Sender<Leftover>,
    thread: JoinHandle<()>,
}

/// Where folders go when their instance is gone.
#[derive(Debug)]
pub(super) struct Reaper {
    places: Arc<Semaphore>,
    /// None once it was closed.
    running: Mutex<Option<Running>>,
}

impl Reaper {
    /// A thread that does `first`, then removes folders by their names with `remove`; at most
    /// `places` folders have a place at once. `ASTRID_UNSUPPORTED` when no thread can be had.
    pub fn start(
        places: usize,
        first: impl FnOnce() + Send + 'static,
        mut remove: impl FnMut(&str) + Send + 'static,
    ) -> Result<Self> {
        let (queue, leftovers) = mpsc::channel::<Leftover>();
        let body = move || {
            first();
            for leftover in leftovers {
                remove(&leftover.name);
            }
        };
        let thread = thread::Builder::new().name("astrid-reaper".into()).spawn(body);
        let thread = thread.map_err(|e| {
            Error::new(Code::Unsupported, format!("no thread to remove scratch folders: {e}"))
        })?;
        let running = Mutex::new(Some(Running { queue, thread }));
        Ok(Self { places: Arc::new(Semaphore::new(places)), running })
    }

    /// A place for a fresh folder; waits for one. `ASTRID_KERNEL_CLOSED` when none will come.
    pub async fn place(&self) -> Result<OwnedSemaphorePermit> {
        let closed = |_| Error::new(Code::KernelClosed, "the kernel was closed");
        self.places.clone().acquire_owned().await.map_err(closed)
    }

    /// Takes a folder over. After `close` it stays until the folder it lies in goes.
    pub fn take(&self, leftover: Leftover) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Running { queue, .. }) = &*running {
            // As after `close`, where the thread panicked.
            drop(queue.send(leftover));
        }
    }

    /// Returns when all that was taken is removed. Blocks for the disk; closing again does nothing.
    pub fn close(&self) {
        self.places.close();
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { queue, thread }) = running {
            drop(queue);
            // As in `take`.
            drop(thread.join());
        }
    }
}
