//! Two lanes: a guest starts in the fast one, and moves to the slow one when it used up a slice.
//! The slow lane has threads of its own and fewer places than the machine has cores, so short work
//! always finds a core.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::threads::step_aside;

/// The slow lane of one kernel.
#[derive(Clone)]
pub struct SlowLane(Arc<Semaphore>);

impl SlowLane {
    /// A lane beside `workers` worker threads; one of them stays free, if there are two or more.
    pub fn beside(workers: usize) -> Self {
        Self(Arc::new(Semaphore::new(workers.saturating_sub(1).max(1))))
    }
}

/// Where one instance stands.
#[derive(Clone)]
pub struct Lane {
    slow: SlowLane,
    place: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Lane {
    /// An instance in the fast lane.
    pub fn new(slow: SlowLane) -> Self {
        Self { slow, place: Arc::default() }
    }

    /// Gives up the place in the slow lane, if one is held.
    pub fn leave(&self) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Queues for a place in the slow lane. First come, first served: spinners take turns.
    pub async fn enter_slow(self) {
        step_aside().await;
        // The semaphore is never closed; an error would only mean running without a place.
        if let Ok(permit) = self.slow.0.clone().acquire_owned().await {
            *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        }
    }

    /// Runs `work`, holding a place in the slow lane only while it computes.
    pub fn drive<F: Future>(&self, work: F) -> Drive<F> {
        Drive { work: Box::pin(work), lane: self.clone() }
    }
}

/// A future that frees its lane's place whenever it waits.
pub struct Drive<F> {
    work: Pin<Box<F>>,
    lane: Lane,
}

impl<F: Future> Future for Drive<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = self.work.as_mut().poll(cx);
        self.lane.leave();
        polled
    }
}

impl<F> Drop for Drive<F> {
    fn drop(&mut self) {
        self.lane.leave();
    }
}
