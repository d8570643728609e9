//! Files under the three roots: the effects behind `wit/fs.wit`. Blocking calls of plain Rust.
//!
//! Every path is opened beneath its root without following links (`beneath`), and what was opened
//! is looked at again before it is used. What a call needs to know of a tree it finds out and has
//! decided before it changes anything (`survey`). The public calls are those of `Files`, and each
//! takes permits in place of paths.

mod append;
mod beneath;
mod copy;
mod file;
mod files;
mod flow;
pub mod host;
mod list;
mod node;
mod open;
pub mod opened;
pub mod opening;
mod os;
mod partial;
mod permits;
mod quota;
mod reaper;
mod remove;
mod rename;
mod root;
mod roots;
mod scratch;
mod streams;
mod survey;
mod sweep;
pub mod tally;
#[cfg(test)]
mod tests;
mod times;
mod workspace;

pub use beneath::has_openat2;
pub use copy::Patience;
pub use file::OpenFile;
pub use files::Files;
pub use list::{Entry, MayShow, Page, Window};
pub use node::{Attributes, FileId, Kind};
pub use open::Mode;
pub use permits::{CopyPermits, Decide, OpenPermit, RenamePermits};
pub use root::RootDir;
pub use roots::{Owner, Roots, TmpRoot};
pub use workspace::{WorkspaceDir, workspace_check};
