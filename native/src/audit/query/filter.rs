//! Which records are wanted.

use super::wildcard::matches;
use crate::{
    audit::{
        kind::{KINDS, Kind},
        record::{Outcome, Record, Verdict},
        text::{TEXT_BYTES, Text},
    },
    base::error::{Code, Error, Result},
};

/// What is asked of a record; what is left out is not asked. Texts that were cut are compared by
/// what was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Wall time in microseconds, this included.
    pub since_us: Option<u64>,
    /// Wall time in microseconds, this not included.
    pub until_us: Option<u64>,
    /// For whom.
    pub principal: Option<String>,
    /// A name, or `name@source`.
    pub capsule: Option<String>,
    /// What it tells of.
    pub kind: Option<Kind>,
    /// What was asked.
    pub verb: Option<String>,
    /// What the gate said.
    pub verdict: Option<Verdict>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Code of the error.
    pub code: Option<String>,
    /// `*` stands for any characters; a record without a resource has the empty one.
    pub resource: Option<String>,
}

impl Filter {
    /// Whether a record is wanted.
    pub fn wants(&self, record: &Record<'_>) -> bool {
        let is = |wanted: &Option<String>, text: &Option<Text<'_>>| {
            wanted.as_deref().is_none_or(|wanted| kept(text) == Some(wanted))
        };
        self.covers(record.wall_us)
            && self.kind.is_none_or(|kind| kind == record.kind)
            && self.verdict.is_none_or(|verdict| Some(verdict) == record.verdict)
            && self.outcome.is_none_or(|outcome| Some(outcome) == record.outcome)
            && is(&self.principal, &record.principal)
            && is(&self.verb, &record.verb)
            && is(&self.code, &record.code)
            && self.wants_capsule(kept(&record.capsule))
            && self.wants_resource(kept(&record.resource).unwrap_or(""))
    }

    /// Whether the time is within.
    pub fn covers(&self, wall_us: u64) -> bool {
        self.since_us.is_none_or(|since| wall_us >= since)
            && self.until_us.is_none_or(|until| wall_us < until)
    }

    /// Whether the capsule is the one.
    pub fn wants_capsule(&self, capsule: Option<&str>) -> bool {
        self.capsule.as_deref().is_none_or(|wanted| {
            capsule.is_some_and(|identity| {
                identity == wanted || identity.split('@').next() == Some(wanted)
            })
        })
    }

    /// Whether the resource fits the pattern.
    pub fn wants_resource(&self, resource: &str) -> bool {
        self.resource.as_deref().is_none_or(|pattern| matches(pattern, resource))
    }

    /// `ASTRID_INVALID` if the pattern is longer than `audit-text-bytes`.
    pub fn check(&self) -> Result<()> {
        match &self.resource {
            Some(pattern) if pattern.len() > TEXT_BYTES => {
                Err(Error::new(Code::Invalid, "the pattern is longer than audit-text-bytes"))
            }
            _ => Ok(()),
        }
    }
}

/// The kind of this name. Errors: `ASTRID_INVALID`, naming all.
pub fn kind_named(name: &str) -> Result<Kind> {
    named("kind", name, KINDS.iter().map(|row| (row.kind, row.name)))
}

/// The verdict of this name. Errors: as [`kind_named`].
pub fn verdict_named(name: &str) -> Result<Verdict> {
    let all = [Verdict::Deny, Verdict::Ask, Verdict::Allow];
    named("verdict", name, all.into_iter().map(|verdict| (verdict, verdict.name())))
}

/// The outcome of this name. Errors: as [`kind_named`].
pub fn outcome_named(name: &str) -> Result<Outcome> {
    named("outcome", name, Outcome::ALL.iter().map(|outcome| (*outcome, outcome.name())))
}

fn named<T>(
    what: &str,
    wanted: &str,
    all: impl Iterator<Item = (T, &'static str)> + Clone,
) -> Result<T> {
    let found = all.clone().find(|(_, name)| *name == wanted);
    found.map(|(value, _)| value).ok_or_else(|| {
        let names: Vec<_> = all.map(|(_, name)| name).collect();
        let message = format!("no {what} is called {wanted:?}; there are {}", names.join(", "));
        Error::new(Code::Invalid, message)
    })
}

fn kept<'a>(text: &'a Option<Text<'_>>) -> Option<&'a str> {
    text.as_ref().map(|text| text.kept.as_ref())
}
