//! The tamper-evident log: who did what for whom, under which rule, how it ended and what it cost.
//!
//! Instances push entries into a [`Buffer`] of their own; buffers go to one bounded queue; one
//! writer thread stamps, commits, chains and writes. Format and promises: docs/audit.md.

mod account;
mod archive;
mod batch;
mod body;
mod buffer;
pub mod chain;
mod checkpoint;
pub mod commitment;
mod decode;
mod entry;
mod fault;
pub mod field;
mod folder;
mod frame;
mod handover;
mod kind;
mod log;
mod media;
mod order;
mod origin;
mod pending;
mod queue;
mod reader;
mod record;
mod recorder;
mod salts;
mod scan;
mod scribe;
mod segment;
mod store;
mod text;
mod ticket;
pub mod tree;
mod verify;
mod work;
mod writer;

pub use account::{Account, Accounts, Standing};
pub use archive::{Archive, Proved};
pub use body::encode;
pub use buffer::Buffer;
pub use checkpoint::Checkpoint;
pub use decode::{Fault, decode};
pub use entry::{Context, Decision, Entry, Subject};
pub use kind::{Class, KINDS, Kind, Row};
pub use log::{Log, Options};
pub use queue::{Head, Health, Room};
pub use reader::{Item, Reader};
pub use record::{Outcome, Record, Usage, Verdict};
pub use recorder::{Recorder, Refusal};
pub use text::Text;
pub use ticket::{Settled, Ticket};
pub use verify::{Break, Report};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
