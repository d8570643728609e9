//! `clock.wit`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime::component::{Access, FutureReader};

use super::bindings::astrid::capsule::{clock, types};
use super::functions;
use super::guest::{Guest, Hosted};
use crate::base::error::{Code, Error, Result};
use crate::base::limits;

/// Wall time in microseconds since 1970-01-01T00:00:00Z; 0 before it.
pub fn wall_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl clock::Host for Guest {
    fn now(&mut self) -> Hosted<u64> {
        self.perform(functions::CLOCK_NOW, (), &[], |_, _permit| Ok(wall_micros()))
    }

    fn monotonic(&mut self) -> Hosted<u64> {
        self.perform(functions::CLOCK_MONOTONIC, (), &[], |guest, _permit| Ok(micros(guest.age())))
    }
}

impl<T: 'static> clock::HostWithStore<T> for wasmtime::component::HasSelf<Guest> {
    fn sleep(
        mut access: Access<'_, T, Self>,
        duration_ms: u32,
    ) -> wasmtime::Result<FutureReader<std::result::Result<(), types::Error>>> {
        let guest = access.get();
        let arguments = duration_ms.to_le_bytes();
        let sleeping =
            guest.perform(functions::CLOCK_SLEEP, (), &arguments, |guest, _permit| {
                if u64::from(duration_ms) > limits::SLEEP_MS {
                    let most = limits::SLEEP_MS;
                    return Err(Error::new(Code::TooLarge, format!("over {most} ms (sleep-ms)")));
                }
                let wait = Duration::from_millis(duration_ms.into());
                // The clock runs from the call on, not from the first read of the future.
                let timer = tokio::time::sleep(wait);
                Ok(guest.message.pending()?.unless_ended(async move {
                    timer.await;
                    Result::Ok(())
                }))
            })?;
        guest.hand_over();
        FutureReader::new(&mut access, async move {
            wasmtime::error::Ok(match sleeping {
                Ok(sleeping) => sleeping.await.map_err(types::Error::from),
                Err(error) => Err(error),
            })
        })
    }
}
