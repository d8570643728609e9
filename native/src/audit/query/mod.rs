//! Looks records up, by an index where that saves reading them.

mod filter;
mod part;
mod search;
mod sieve;
mod wildcard;

pub use filter::{Filter, kind_named, outcome_named, verdict_named};
pub use part::{Found, Part};
pub use search::search;

use super::reader::Item;
use crate::base::error::{Code, Error, Result};

/// What is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which records.
    pub filter: Filter,
    /// Sequence of the first record to look at, 1 or the last one if it is not said.
    pub from: Option<u64>,
    /// At most so many records at once.
    pub limit: usize,
    /// From there on back, rather than forward.
    pub newest_first: bool,
    /// Use no index file: what is found then depends on nothing but the records.
    pub by_records: bool,
}

impl Query {
    /// Errors: `ASTRID_INVALID`.
    pub fn check(&self) -> Result<()> {
        if self.limit == 0 {
            return Err(Error::new(Code::Invalid, "a query for no records"));
        }
        self.filter.check()
    }
}

/// What one call found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In the query's direction. May be none although there are more.
    pub items: Vec<Item>,
    /// Where to go on.
    pub next: u64,
    /// There is nothing more, for now.
    pub is_end: bool,
}
