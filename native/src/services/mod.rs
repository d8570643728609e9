//! What guests may ask: one file an interface of `wit/`, and the one way to the effects (`calls`).

pub mod bindings;
pub mod calls;
pub mod fs;
pub mod functions;
pub mod guest;
pub mod keep;
pub mod kv;
pub mod message;
pub mod port;
pub mod refusals;
pub mod wasi;

mod clock;
mod config;
mod ipc;
mod log;
mod random;
mod recording;

#[cfg(test)]
mod tests;
