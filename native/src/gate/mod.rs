//! The gate: what a capsule may do is decided here and nowhere else. Pure: no I/O, no clock.
//!
//! A request is a verb and a canonical resource. A `Table` of rows decides it; a `Gate` adds the
//! authority and turns an allowed request into a `Permit`, which the effect consumes.

pub mod decide;
mod fold;
mod hit;
pub mod key;
mod keys;
pub mod path;
pub mod pattern;
pub mod permit;
pub mod protected;
mod region;
mod segments;
pub mod table;
pub mod topic;
mod trie;
pub mod verb;

#[cfg(test)]
mod tests;
