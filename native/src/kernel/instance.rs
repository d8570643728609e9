//! A live instance: a store with its guest, one message at a time.

use wasmtime::Store;

use super::Kernel;
use super::call::{Task, Usage};
use super::loaded::Loaded;
use super::places::Place;
use crate::audit::{Entry, Ticket};
use crate::base::error::Result;
use crate::engine::lane::Lane;
use crate::engine::meter::bound_store;
use crate::engine::outcome::not_started;
use crate::engine::run::{self, Guest as _};
use crate::services::bindings::All;
use crate::services::bindings::astrid::capsule::types;
use crate::services::guest::Guest;
use crate::services::message::Stamp;
use crate::services::refusals::Refused;

/// What the handler answered.
pub type Answer = std::result::Result<Option<String>, types::Error>;

/// One instance and its place; the store is dropped first, as it uses the place's slots.
pub struct Instance {
    store: Store<Guest>,
    /// None until the first message's budget paid for the start function.
    exports: Option<All>,
    _place: Place,
}

impl Loaded {
    /// An idle instance, or what becomes a fresh one. `ASTRID_BUSY` when all places are taken.
    pub(super) fn instance(&self, kernel: &Kernel) -> Result<Instance> {
        if let Some(instance) = self.idle.take() {
            return Ok(instance);
        }
        let place = kernel.places.take()?;
        let lane = Lane::new(self.slow_lane.clone());
        let guest = Guest::new(self.shared.clone(), self.memory_mib, lane);
        let mut store = Store::new(&self.engine, guest);
        bound_store(&mut store);
        run::slice_store(&mut store);
        Ok(Instance { store, exports: None, _place: place })
    }
}

impl Instance {
    /// Makes it the message's.
    pub fn start(&mut self, task: &Task<'_>) {
        let guest = self.store.data_mut();
        let cancel = task.cancel.clone();
        let message = guest.message.next(&task.stamp.id, guest.age(), task.deadline, cancel);
        guest.start_message(task.context.clone(), message);
    }

    /// Records something about the message. Errors: as [`crate::audit::Buffer::push`].
    pub fn record(&mut self, entry: &Entry<'_>) -> Result<()> {
        // Whoever records too much is slowed down at its next slice.
        self.store.data_mut().record(entry).map(drop)
    }

    /// Where it stands.
    pub fn lane(&self) -> Lane {
        self.store.data().lane().clone()
    }

    /// What the kernel keeps for it.
    pub fn guest(&self) -> &Guest {
        self.store.data()
    }

    /// Runs the handler; before the first message also the start function.
    pub async fn answer(
        &mut self,
        loaded: &Loaded,
        stamp: &Stamp,
        fuel: u64,
    ) -> wasmtime::Result<Answer> {
        run::start_message(&mut self.store, fuel)?;
        let message = types::Message {
            topic: stamp.topic.clone(),
            payload: stamp.payload.clone(),
            sender: stamp.sender.clone(),
            principal: loaded.shared.principal.to_string(),
            authority: loaded.authority().to_string(),
            id: stamp.id.clone(),
        };
        let exports = match &self.exports {
            Some(exports) => exports,
            None => {
                let made = loaded.pre.instantiate_async(&mut self.store).await;
                self.exports.insert(made.map_err(not_started)?)
            }
        };
        self.store.run_concurrent(async |a| exports.call_handle(a, message).await).await?
    }

    /// What the message used of `fuel` and of the rest; the payloads are the caller's to add.
    pub fn usage(&self, fuel: u64) -> Usage {
        let guest = self.store.data();
        let left = self.store.get_fuel().unwrap_or_default();
        Usage {
            fuel: fuel.saturating_sub(left),
            wall_micros: 0,
            peak_memory_bytes: guest.meter.peak_bytes() as u64,
            host_calls: guest.meter.host_calls,
            reads: guest.reads,
            refused_calls: guest.meter.refused_calls,
            bytes_in: guest.meter.bytes_in,
            bytes_out: guest.meter.bytes_out,
        }
    }

    /// Ends the message, `end` being its last record; its first refusals.
    pub fn finish(&mut self, end: &Entry<'_>) -> (Vec<Refused>, Result<Ticket>) {
        let guest = self.store.data_mut();
        let ticket = guest.end_message(end);
        (guest.refusals.take(), ticket)
    }
}
