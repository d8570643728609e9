//! One budget an instance: memories, tables, handles, host buffers and log bytes together.

use wasmtime::ResourceLimiter;

use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// What Wasmtime keeps for one table element.
const TABLE_ELEMENT_BYTES: usize = 16;

/// Core instances, memories and tables a store may make; the pool bounds them for one component.
const STORE_ITEMS: usize = 64;

/// Counts what one instance holds and what the message it serves has used.
#[derive(Debug)]
pub struct Meter {
    budget_bytes: usize,
    held_bytes: usize,
    peak_bytes: usize,
    last_growth_bytes: usize,
    refused: bool,
    /// Host calls of this message.
    pub host_calls: u64,
    /// How many of them the gate refused.
    pub refused_calls: u64,
    /// Bytes that host calls of this message brought into the guest.
    pub bytes_in: u64,
    /// Bytes that host calls of this message took out of the guest.
    pub bytes_out: u64,
}

impl Meter {
    /// A meter for one instance with `memory_mib` MiB for everything together.
    pub fn new(memory_mib: u32) -> Self {
        Self {
            budget_bytes: (memory_mib as usize) << 20,
            held_bytes: 0,
            peak_bytes: 0,
            last_growth_bytes: 0,
            refused: false,
            host_calls: 0,
            refused_calls: 0,
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    /// Starts counting for the next message; what the instance holds stays.
    pub fn start_message(&mut self) {
        self.peak_bytes = self.held_bytes;
        self.refused = false;
        (self.host_calls, self.refused_calls, self.bytes_in, self.bytes_out) = (0, 0, 0, 0);
    }

    /// Takes `bytes` from the budget; whether there was room.
    #[must_use]
    pub fn take(&mut self, bytes: usize) -> bool {
        match self.held_bytes.checked_add(bytes) {
            Some(held) if held <= self.budget_bytes => {
                self.held_bytes = held;
                self.peak_bytes = self.peak_bytes.max(held);
                true
            }
            _ => {
                self.refused = true;
                false
            }
        }
    }

    /// Takes `bytes` for something the host keeps for the guest. `ASTRID_QUOTA` when there is no
    /// room; unlike a refused growth, the guest is told.
    pub fn charge(&mut self, bytes: usize) -> Result<()> {
        let refused = self.refused;
        let taken = self.take(bytes);
        self.refused = refused;
        if taken {
            return Ok(());
        }
        let why = "no room for it in the instance's memory budget (memory-mib)";
        Err(Error::new(Code::Quota, why))
    }

    /// Gives `bytes` back that were taken before.
    pub fn give_back(&mut self, bytes: usize) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
    }

    /// The most this message held at once, in bytes.
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes
    }

    /// Whether the budget said no during this message. Language runtimes answer a refused growth
    /// with a plain trap, so this tells out-of-memory from other traps.
    pub fn refused(&self) -> bool {
        self.refused
    }

    fn grow(&mut self, current: usize, desired: usize, unit: usize) -> bool {
        let growth = desired.saturating_sub(current).saturating_mul(unit);
        self.last_growth_bytes = growth;
        self.take(growth)
    }

    fn undo_growth(&mut self) {
        let growth = std::mem::take(&mut self.last_growth_bytes);
        self.give_back(growth);
        self.refused = true;
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, 1))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo_growth();
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired, TABLE_ELEMENT_BYTES))
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo_growth();
        Ok(())
    }

    fn instances(&self) -> usize {
        STORE_ITEMS
    }

    fn tables(&self) -> usize {
        STORE_ITEMS
    }

    fn memories(&self) -> usize {
        STORE_ITEMS
    }
}

/// Store data that carries a meter.
pub trait Metered {
    /// The meter of this instance.
    fn meter(&mut self) -> &mut Meter;
}

/// Bounds that a store needs beside its limiter: Wasmtime's own defaults are generous.
pub fn bound_store<T: Metered + 'static>(store: &mut wasmtime::Store<T>) {
    store.limiter(|data| data.meter());
    store.set_hostcall_fuel(limits::HOSTCALL_BYTES as usize);
    store.set_max_component_handles(limits::RESOURCE_HANDLES as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_memories_and_tables_share_one_budget() {
        let mut meter = Meter::new(1);
        assert!(meter.memory_growing(0, 512 << 10, None).expect("never fails"));
        assert!(meter.memory_growing(0, 448 << 10, None).expect("never fails"));
        assert!(!meter.table_growing(0, 4097, None).expect("never fails"));
        assert!(meter.refused());
        assert!(meter.table_growing(0, 4096, None).expect("never fails"));
        assert_eq!(meter.peak_bytes(), 1 << 20);
    }

    #[test]
    fn a_growth_that_failed_is_given_back() {
        let mut meter = Meter::new(1);
        assert!(meter.memory_growing(0, 1 << 20, None).expect("never fails"));
        meter.memory_grow_failed(wasmtime::Error::msg("no pages")).expect("never fails");
        assert!(meter.take(1 << 20));
    }

    #[test]
    fn what_the_host_keeps_counts_and_is_refused_with_a_code() {
        let mut meter = Meter::new(1);
        assert!(meter.memory_growing(0, 1 << 19, None).expect("never fails"));
        assert_eq!(meter.charge(1 << 19), Ok(()));
        assert_eq!(meter.charge(1).map_err(|e| e.code), Err(Code::Quota));
        assert!(!meter.refused());
        meter.give_back(1 << 19);
        assert_eq!(meter.charge(1 << 19), Ok(()));
    }

    #[test]
    fn an_overflowing_request_is_refused() {
        let mut meter = Meter::new(4096);
        assert!(!meter.table_growing(0, usize::MAX, None).expect("never fails"));
        assert!(!meter.take(usize::MAX));
    }
}
