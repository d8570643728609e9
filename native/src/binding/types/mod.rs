//! One crossing type a file.

mod call;
mod end;
mod load;
mod log;
mod open;
mod port;
mod prune;
mod record;
mod workspace;

pub use call::{NativeCall, unsigned};
pub use end::{NativeEnded, NativeFailure};
pub use load::{NativeLoad, NativeLoaded};
pub use log::{NativeCheckpoint, NativeProof, NativeVerified};
pub use open::NativeOpen;
pub use port::{NativeAnswer, NativeBatch};
pub use prune::{NativePruned, NativeReceipt, NativeUntil, number};
pub use record::{NativeHead, NativeRecord};
pub use workspace::NativeWorkspace;
