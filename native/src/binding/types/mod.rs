//! One crossing type a file.

mod call;
mod end;
mod event;
mod kept;
mod load;
mod log;
mod open;
mod port;
mod prune;
mod query;
mod record;
mod workspace;

pub use call::{NativeCall, unsigned};
pub use end::{NativeEnded, NativeFailure};
pub use event::NativeAbout;
pub use kept::{NativeForgotten, NativeKept};
pub use load::{NativeLoad, NativeLoaded};
pub use log::{NativeCheckpoint, NativeProof, NativeVerified};
pub use open::NativeOpen;
pub use port::{NativeAnswer, NativeBatch};
pub use prune::{NativePruned, NativeReceipt, NativeUntil};
pub use query::{NativePage, NativeQuery, number};
pub use record::{NativeHead, NativeRecord};
pub use workspace::NativeWorkspace;
