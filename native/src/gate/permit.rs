//! Permits: the only way from a request to its effect.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    decide::{AsResource, Decision, RuleId, Verdict, Why},
    table::Table,
    verb::Verb,
};
use crate::base::hex;

/// Names an authority, in records and on messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuthorityId(pub [u8; 8]);

impl fmt::Display for AuthorityId {
    /// 16 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// The generation in which a gate gives permits; every later one is a revoked authority's.
const LIVE: u64 = 0;

/// One authority's gate.
#[derive(Debug)]
pub struct Gate {
    table: Table,
    authority: AuthorityId,
    generation: AtomicU64,
}

impl Gate {
    /// A gate that decides by `table` for `authority`; the caller answers for the id being of
    /// these rows and no others.
    pub fn new(table: Table, authority: AuthorityId) -> Self {
        Self { table, authority, generation: AtomicU64::new(LIVE) }
    }

    /// The rows it decides by.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The authority it decides for.
    pub fn authority(&self) -> AuthorityId {
        self.authority
    }

    /// Decides one request: a permit if it is allowed, else the decision that says why not. An ask
    /// is not a permit.
    pub fn request<R: AsResource>(&self, verb: Verb, resource: R) -> Result<Permit<R>, Decision> {
        let generation = self.generation.load(Ordering::Acquire);
        if generation != LIVE {
            return Err(Decision::deny(Why::Revoked));
        }
        match self.table.decide(verb, resource.as_resource()) {
            Decision { verdict: Verdict::Allow, rule: Some(rule), .. } => {
                Ok(Permit { verb, resource, rule, authority: self.authority, generation })
            }
            decision => Err(decision),
        }
    }

    /// Whether what the permit allowed still may be done: it is this authority's, and that was
    /// not revoked since. What lasts (a handle, a stream) asks at each use.
    pub fn is_current<R>(&self, permit: &Permit<R>) -> bool {
        permit.authority == self.authority
            && permit.generation == self.generation.load(Ordering::Acquire)
    }

    /// Revokes the authority for good: no permit is current from now on and none is given.
    pub fn revoke(&self) {
        self.generation.fetch_max(LIVE + 1, Ordering::AcqRel);
    }
}

/// The right to do one thing once: made only by the gate, consumed by the effect, which takes the
/// resource from here and nowhere else.
///
/// ```compile_fail
/// fn twice<R>(permit: astrid_native::gate::permit::Permit<R>) {
///     drop(permit.clone());
/// }
/// ```
#[derive(Debug)]
#[must_use = "a permit is for an effect"]
pub struct Permit<R> {
    verb: Verb,
    resource: R,
    rule: RuleId,
    authority: AuthorityId,
    generation: u64,
}

impl<R> Permit<R> {
    /// What may be done.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// To what it may be done.
    pub fn resource(&self) -> &R {
        &self.resource
    }

    /// The rule that allows it.
    pub fn rule(&self) -> RuleId {
        self.rule
    }

    /// The authority it was given under.
    pub fn authority(&self) -> AuthorityId {
        self.authority
    }
}
