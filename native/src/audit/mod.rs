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
mod decisions;
mod decode;
mod entry;
mod fault;
pub mod field;
mod folder;
mod follow;
mod forget;
mod frame;
mod handover;
mod index;
mod kept;
mod kind;
mod log;
mod media;
mod opening;
mod order;
mod origin;
mod pending;
mod prove;
mod prune;
mod query;
mod queue;
mod random;
mod reader;
mod record;
mod recorder;
mod salts;
mod scan;
mod scribe;
mod seal;
mod segment;
mod store;
mod text;
mod texts;
mod ticket;
mod tiles;
pub mod tree;
mod verify;
mod work;
mod writer;

pub use account::{Account, Accounts, Standing};
pub use archive::Archive;
pub use body::encode;
pub use buffer::Buffer;
pub use checkpoint::Checkpoint;
pub use decode::{Fault, decode};
pub use entry::{Context, Decision, Entry, Subject};
pub use forget::Forgotten;
pub use kept::TextKey;
pub use kind::{Class, KINDS, Kind, Row};
pub use log::{Log, Options};
pub use opening::Kept;
pub use prove::Proved;
pub use prune::{Pruned, Until};
pub use query::{Filter, Page, Query, kind_named, outcome_named, verdict_named};
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
