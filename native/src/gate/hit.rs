//! Rows that match together, as one.

use super::decide::{RuleId, Verdict};

/// All rows that end at one place of an index. Their order never matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// The lowest.
    pub verdict: Verdict,
    /// The smallest rule with that verdict.
    pub rule: RuleId,
    /// Whether one of the rows allows; only such a row opens a protected name.
    pub allows: bool,
}

impl Hit {
    /// One row.
    pub fn new(verdict: Verdict, rule: RuleId) -> Self {
        Self { verdict, rule, allows: verdict == Verdict::Allow }
    }

    /// Whether one of the rows does not allow.
    pub fn refuses(self) -> bool {
        self.verdict < Verdict::Allow
    }

    /// Both sets of rows as one.
    pub fn meet(self, other: Self) -> Self {
        let allows = self.allows || other.allows;
        let lower = (other.verdict, other.rule) < (self.verdict, self.rule);
        Self { allows, ..if lower { other } else { self } }
    }

    /// `meet` where either may be no rows at all.
    pub fn meet_any(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.meet(other)),
            (one, other) => one.or(other),
        }
    }
}
