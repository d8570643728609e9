//! What every layer stands on: error codes, limits, bytes. Knows nothing of the layers above.

pub mod error;
pub mod hex;
pub mod limits;
pub mod payload;
