//! Every bound, from `tables/limits.json`; `docs/limits.md` is made from the same table.

use std::ops::RangeInclusive;

use super::error::{Code, Error, Result};

include!(concat!(env!("OUT_DIR"), "/limits.rs"));

/// `ASTRID_INVALID`, naming `name`, unless `value` is in `range`.
pub fn within(name: &str, value: u64, range: RangeInclusive<u64>) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (min, max) = range.into_inner();
    Err(Error::new(Code::Invalid, format!("{name} is not from {min} to {max}")))
}
