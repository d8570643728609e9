//! Decisions whose outcome no record tells.

use std::collections::BTreeSet;

use super::{kind::Kind, record::Record};
use crate::base::limits;

const OPEN_MAX: usize = limits::AUDIT_VERIFY_OPEN_DECISIONS as usize;

/// Takes the records in order.
#[derive(Debug, Default)]
pub struct Decisions {
    open: BTreeSet<u64>,
    /// Those for which there was no room.
    untold: u64,
}

impl Decisions {
    /// The next record.
    pub fn take(&mut self, record: &Record<'_>) {
        match record.kind {
            Kind::CallOutcome => _ = self.open.remove(&record.cause),
            Kind::CallDecision if self.open.len() < OPEN_MAX => {
                self.open.insert(record.sequence);
            }
            Kind::CallDecision => self.untold += 1,
            _ => {}
        }
    }

    /// How many are without one; too many if ever more than `audit-verify-open-decisions` were at
    /// once.
    pub fn count(&self) -> u64 {
        self.open.len() as u64 + self.untold
    }

    /// The first of them, at most `audit-verify-open-shown`.
    pub fn first(&self) -> Vec<u64> {
        self.open.iter().copied().take(limits::AUDIT_VERIFY_OPEN_SHOWN as usize).collect()
    }
}
