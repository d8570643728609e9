//! Wasmtime, and nothing of what guests may ask: configuration, compilation, metering, lanes and
//! how a call ends.

pub mod bounds;
pub mod cache;
pub mod compile;
pub mod compiler;
pub mod config;
pub mod inspect;
pub mod key;
pub mod lane;
pub mod meter;
pub mod outcome;
pub mod run;
pub mod threads;
pub mod ticker;

/// The version of the engine, from the lock file.
pub const WASMTIME_VERSION: &str = env!("ASTRID_WASMTIME_VERSION");
