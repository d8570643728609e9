//! `NativeCall`.

use napi::bindgen_prelude::BigInt;
use napi_derive::napi;

use astrid_native::base::error::{Code, Error, Result};
use astrid_native::kernel::Budget;
use astrid_native::services::message::Stamp;

#[napi(object, object_to_js = false)]
pub struct NativeCall {
    pub topic: String,
    pub payload: String,
    pub sender: String,
    pub id: String,
    pub fuel: BigInt,
    pub deadline_ms: u32,
    pub token: u32,
}

impl NativeCall {
    /// The message and what it may use. `ASTRID_INVALID` for fuel that is no u64.
    pub fn parts(self) -> Result<(Stamp, Budget)> {
        let fuel = unsigned(&self.fuel)
            .ok_or_else(|| Error::new(Code::Invalid, "fuel is not a whole number of 64 bits"))?;
        let budget = Budget { fuel, deadline_ms: self.deadline_ms };
        let stamp =
            Stamp { topic: self.topic, payload: self.payload, sender: self.sender, id: self.id };
        Ok((stamp, budget))
    }
}

/// The value of a bigint that is a u64.
pub fn unsigned(number: &BigInt) -> Option<u64> {
    let (negative, value, lossless) = number.get_u64();
    (lossless && (!negative || value == 0)).then_some(value)
}
