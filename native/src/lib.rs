//! The data plane of Astrid Native: runs guests, meters them, decides and records what they ask.

pub mod audit;
pub mod base;
pub mod engine;
pub mod gate;
pub mod kernel;
pub mod services;
