//! What a caller hands in: an entry, and the context that all entries of a message share.

use std::sync::Arc;

use super::{
    field::{self, Fields},
    kind::Kind,
    record::{Outcome, Usage, Verdict},
    text::{NAME_BYTES, Text},
};
use crate::base::error::Code;

/// For whom and by which capsule something is done. Texts over `audit-name-bytes` are cut, with
/// their digest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The principal's id.
    pub principal: Option<&'a str>,
    /// `name@source`.
    pub capsule: Option<&'a str>,
    /// Digest of the component.
    pub component: Option<[u8; 32]>,
    /// Id of the authority.
    pub authority: Option<[u8; 8]>,
    /// Correlation id of the message.
    pub message: Option<&'a str>,
}

/// A subject in its encoded form. Make one for each message; clones share it.
#[derive(Clone, Debug)]
pub struct Context(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    fields: Fields,
    bytes: Vec<u8>,
}

impl Context {
    /// Encodes the subject once for all entries.
    pub fn new(subject: &Subject<'_>) -> Self {
        let (mut fields, mut bytes) = (0, Vec::new());
        let mut text = |out: &mut Vec<u8>, field: Fields, value: Option<&str>| {
            let Some(value) = value else { return };
            fields |= field;
            Text::new(value, NAME_BYTES).encode(out);
        };
        text(&mut bytes, field::PRINCIPAL, subject.principal);
        text(&mut bytes, field::CAPSULE, subject.capsule);
        if let Some(component) = &subject.component {
            bytes.extend_from_slice(component);
        }
        if let Some(authority) = &subject.authority {
            bytes.extend_from_slice(authority);
        }
        text(&mut bytes, field::MESSAGE, subject.message);
        if subject.component.is_some() {
            fields |= field::COMPONENT;
        }
        if subject.authority.is_some() {
            fields |= field::AUTHORITY;
        }
        Self(Arc::new(Encoded { fields, bytes }))
    }

    /// The context of what the kernel itself does.
    pub fn kernel() -> Self {
        Self::new(&Subject::default())
    }

    pub(super) fn fields(&self) -> Fields {
        self.0.fields
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }
}

/// What the gate said, and which rule.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Deny, ask or allow.
    pub verdict: Verdict,
    /// The rule as a person reads it, `builtin:tmp` for example; none if no rule matched. Cut at
    /// `audit-text-bytes`.
    pub rule: Option<&'a str>,
}

/// One thing to record. Write `Entry { verb: Some("kv.read"), ..Entry::new(kind, mono_ns) }`.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What it tells of; says which of the fields below it carries.
    pub kind: Kind,
    /// Nanoseconds since the kernel's start, see [`super::Log::mono_ns`].
    pub mono_ns: u64,
    /// How many equal calls it stands for; 0 is taken as 1.
    pub count: u32,
    /// When the first of several equal calls was, as `mono_ns`; only with a count over 1.
    pub since_ns: Option<u64>,
    /// Sequence of the record it follows from; 0 for none.
    pub cause: u64,
    /// `fs.read`, for example. Cut at `audit-name-bytes`.
    pub verb: Option<&'a str>,
    /// Canonical resource. Cut at `audit-text-bytes`.
    pub resource: Option<&'a str>,
    /// The arguments, in order; committed to, not kept. None if empty.
    pub arguments: &'a [&'a [u8]],
    /// What the gate said.
    pub decision: Option<Decision<'a>>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Code of the error; only beside an outcome that is not `done` or `ok`.
    pub code: Option<Code>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// How much is missing; for the log's own entries.
    pub lost: Option<u64>,
}

impl Entry<'_> {
    /// An entry with nothing but kind and time.
    pub const fn new(kind: Kind, mono_ns: u64) -> Self {
        Self {
            kind,
            mono_ns,
            count: 1,
            since_ns: None,
            cause: 0,
            verb: None,
            resource: None,
            arguments: &[],
            decision: None,
            outcome: None,
            code: None,
            usage: None,
            lost: None,
        }
    }
}
