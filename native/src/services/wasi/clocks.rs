//! `wasi:clocks`: with `clock.read` the real ones, else the message's arrival, standing still.

use std::time::Duration;

use wasmtime::component::Resource;

use super::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use super::io::Pollable;
use super::table::Function;
use crate::services::clock::wall_micros;
use crate::services::guest::Guest;

const RESOLUTION_NANOS: u64 = 1_000;

impl monotonic_clock::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<u64> {
        let granted = self.wasi_call(Function::MonotonicNow);
        let age = if granted { self.age() } else { self.message.arrival_age };
        let steps = age.as_nanos() / u128::from(RESOLUTION_NANOS);
        Ok(u64::try_from(steps).unwrap_or(u64::MAX).saturating_mul(RESOLUTION_NANOS))
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        self.wasi_call(Function::MonotonicResolution);
        Ok(RESOLUTION_NANOS)
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<Pollable>> {
        let granted = self.wasi_call(Function::Subscribe);
        let wait = Duration::from_nanos(when).saturating_sub(self.age());
        self.pollable_after(wait, granted)
    }

    fn subscribe_duration(&mut self, wait: u64) -> wasmtime::Result<Resource<Pollable>> {
        let granted = self.wasi_call(Function::Subscribe);
        self.pollable_after(Duration::from_nanos(wait), granted)
    }
}

impl Guest {
    /// Without `clock.read` a wait is over at once: how long it takes would tell the time.
    fn pollable_after(
        &mut self,
        wait: Duration,
        granted: bool,
    ) -> wasmtime::Result<Resource<Pollable>> {
        let pollable = if granted { Pollable::after(wait) } else { Pollable::Ready };
        Ok(self.table.push(pollable)?)
    }
}

impl wall_clock::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        let granted = self.wasi_call(Function::WallNow);
        let micros = if granted { wall_micros() } else { self.message.arrival_micros };
        Ok(wall_clock::Datetime {
            seconds: micros / 1_000_000,
            nanoseconds: (micros % 1_000_000) as u32 * 1_000,
        })
    }

    fn resolution(&mut self) -> wasmtime::Result<wall_clock::Datetime> {
        self.wasi_call(Function::WallResolution);
        Ok(wall_clock::Datetime { seconds: 0, nanoseconds: RESOLUTION_NANOS as u32 })
    }
}
