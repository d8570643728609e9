//! The words of a decision: verdict, rule, reason, and what was asked about.

use super::{
    hit::Hit,
    key::{Key, KeyPrefix},
    path::{ResourcePath, Tree},
    topic::Topic,
};

/// The answer to a request. A meet takes the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Verdict {
    /// No.
    Deny,
    /// Only if a person says so.
    Ask,
    /// Yes.
    Allow,
}

/// The number by which the control plane finds the rule a row came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// Why a decision is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// No row matches (or, for a tree or prefix, none covers all of it); absence is deny.
    NoRule,
    /// A row says so.
    Rule,
    /// A row about something inside the tree, which would not move with it.
    Inside,
    /// A protected name that no matching allow row names literally: its index in `protected::ROWS`.
    Protected(u16),
    /// The authority was revoked.
    Revoked,
}

/// A decision and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The lowest verdict of the matching rows; deny when there are none.
    pub verdict: Verdict,
    /// The rule behind it, the smallest of several; present exactly for `Rule` and `Inside`.
    pub rule: Option<RuleId>,
    /// The reason.
    pub why: Why,
}

impl Decision {
    /// A deny that no single rule caused.
    pub(super) const fn deny(why: Why) -> Self {
        Self { verdict: Verdict::Deny, rule: None, why }
    }

    /// What the matching rows, taken as one, say.
    pub(super) fn of(hit: Option<Hit>) -> Self {
        match hit {
            Some(hit) => Self { verdict: hit.verdict, rule: Some(hit.rule), why: Why::Rule },
            None => Self::deny(Why::NoRule),
        }
    }
}

/// What a request is about.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// Nothing in particular.
    Nothing,
    /// A path.
    Path(&'a ResourcePath),
    /// A path and everything below it.
    Tree(&'a ResourcePath),
    /// A topic.
    Topic(&'a Topic),
    /// A key of the store or of the settings.
    Key(&'a Key),
    /// All keys that start with a text.
    Prefix(&'a KeyPrefix),
}

/// A canonical resource that a permit can hold. Every type that implements it can be built only
/// by a strict parser, except `()`, which stands for no resource.
pub trait AsResource {
    /// The resource as the gate sees it.
    fn as_resource(&self) -> Resource<'_>;
}

impl AsResource for () {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Nothing
    }
}

impl AsResource for ResourcePath {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Path(self)
    }
}

impl AsResource for Tree {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Tree(&self.0)
    }
}

impl AsResource for Topic {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Topic(self)
    }
}

impl AsResource for Key {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Key(self)
    }
}

impl AsResource for KeyPrefix {
    fn as_resource(&self) -> Resource<'_> {
        Resource::Prefix(self)
    }
}

impl<T: AsResource> AsResource for &T {
    fn as_resource(&self) -> Resource<'_> {
        (**self).as_resource()
    }
}
