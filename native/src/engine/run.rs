//! Driving one call of a guest: fuel, slices, deadline, cancellation.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use tokio::sync::watch;
use wasmtime::{Store, UpdateDeadline};

use super::lane::Lane;
use super::meter::Metered;
use super::outcome::Stop;

/// What a wait at a slice's end may be for.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Store data that can be driven.
pub trait Guest: Metered + Send + 'static {
    /// When the message being served must be over; none between messages.
    fn deadline(&self) -> Option<Instant>;
    /// Whether the caller has given up.
    fn cancelled(&self) -> bool;
    /// The lane of this instance.
    fn lane(&self) -> &Lane;
    /// Called at each slice's end: hands over what is buffered; a returned wait slows the guest.
    fn slice_ended(&mut self) -> Option<Wait>;
}

/// Why the message being served must go no further, if it must not.
pub fn stopped(guest: &impl Guest) -> Option<Stop> {
    stop(guest.deadline(), guest.cancelled())
}

/// Why a message with this deadline must go no further, if it must not.
pub fn stop(deadline: Option<Instant>, cancelled: bool) -> Option<Stop> {
    if cancelled {
        return Some(Stop::Cancelled);
    }
    deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(Stop::Deadline)
}

/// Makes a store whose guest yields at each slice's end and moves to the slow lane.
pub fn slice_store<T: Guest>(store: &mut Store<T>) {
    store.epoch_deadline_callback(|mut context| {
        let guest = context.data_mut();
        if let Some(stop) = stopped(guest) {
            return Err(stop.into());
        }
        let wait = guest.slice_ended();
        let lane = guest.lane().clone();
        lane.leave();
        Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(async move {
                if let Some(wait) = wait {
                    wait.await;
                }
                lane.enter_slow().await;
            }),
        ))
    });
}

/// Gives the store a message's fuel and a fresh slice.
pub fn start_message<T: 'static>(store: &mut Store<T>, fuel: u64) -> wasmtime::Result<()> {
    store.set_fuel(fuel)?;
    // The running tick may end at once: one more makes the first slice a whole one.
    store.set_epoch_deadline(2);
    Ok(())
}

/// Waits for `work` in `lane` until `deadline` passes or `cancel` turns true. Neither fuel nor
/// epochs stop a guest that waits in the host: this does, and the caller then drops the store.
pub async fn within<R>(
    work: impl Future<Output = wasmtime::Result<R>>,
    lane: &Lane,
    deadline: Instant,
    mut cancel: watch::Receiver<bool>,
) -> wasmtime::Result<R> {
    let work = lane.drive(work);
    tokio::select! {
        biased;
        result = work => result,
        () = cancelled(&mut cancel) => Err(Stop::Cancelled.into()),
        () = tokio::time::sleep_until(deadline.into()) => Err(Stop::Deadline.into()),
    }
}

async fn cancelled(cancel: &mut watch::Receiver<bool>) {
    // A sender that is gone can no longer cancel.
    if cancel.wait_for(|cancelled| *cancelled).await.is_err() {
        std::future::pending::<()>().await;
    }
}
