//! The store behind `wit/kv.wit`: one SQLite file a home, in it one namespace a capsule and
//! principal. Blocking calls of plain Rust.
//!
//! Several processes may use one home; every change is one transaction that takes the write lock
//! first, so that what it decided on still holds when it writes.

mod database;
mod host;
mod list;
mod namespace;
mod sync;
#[cfg(test)]
mod tests;

pub use list::Page;
pub use namespace::Namespace;

use std::{path::Path, sync::Arc};

use crate::base::error::Result;
use database::Database;

/// The store of one home.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Database>,
}

impl Store {
    /// Opens `kv.sqlite` in the folder `home`, readable for this account alone, and makes it if
    /// it is missing. `ASTRID_IO` if it can't be opened, is damaged or of another version.
    pub fn open(home: &Path) -> Result<Self> {
        Ok(Self { database: Arc::new(Database::open(home)?) })
    }

    /// The namespace of a capsule, by its identity, for a principal, by its id. `ASTRID_IO`.
    pub fn namespace(&self, capsule: &str, principal: &str) -> Result<Namespace> {
        Namespace::open(&self.database, capsule, principal)
    }
}
