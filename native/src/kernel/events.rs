//! What the control plane tells the log of: decisions of people, and what was refused before it
//! came here.

use super::Kernel;
use crate::audit::{Context, Decision, Entry, Kind, Outcome, Subject, Verdict};
use crate::base::error::{Code, Error, Result};

/// Kinds that the control plane may record: none is of a call, which only its gate decides.
const KINDS: [Kind; 5] =
    [Kind::CapsuleLoad, Kind::KeyEpoch, Kind::LogPruned, Kind::LogOrigin, Kind::GrantChange];

/// One event. Texts are cut as those of any record.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// A kind of these: `capsule.load` (refused), `key.epoch`, `log.pruned`, `log.origin`,
    /// `grant.change`.
    pub kind: String,
    /// What it is about; none if empty.
    pub resource: String,
    /// For whom.
    pub principal: Option<String>,
    /// `name@source`.
    pub capsule: Option<String>,
    /// Digest of its component.
    pub component: Option<[u8; 32]>,
    /// Of `grant.change`: what was granted.
    pub verb: Option<String>,
    /// Of `grant.change`: whether it is granted from now on, and on whose word.
    pub grant: Option<(bool, String)>,
    /// Of a load: why it was refused, one of the table.
    pub refused: Option<String>,
}

impl Kernel {
    /// Records an event durably; its sequence.
    ///
    /// Fails with `ASTRID_INVALID` for another kind, fields the kind doesn't have or an unknown
    /// code, and as the log does.
    pub async fn record(&self, event: &Event) -> Result<u64> {
        let invalid = |what: &str| Error::new(Code::Invalid, what);
        let kind = KINDS.into_iter().find(|kind| kind.name() == event.kind);
        let kind = kind.ok_or_else(|| invalid("no kind that services may record"))?;
        let known = |name: &String| {
            let code = Code::ALL.iter().copied().find(|code| code.name() == name);
            code.ok_or_else(|| invalid("no code of the table"))
        };
        let code = event.refused.as_ref().map(known).transpose()?;
        let context = Context::new(&Subject {
            principal: event.principal.as_deref(),
            capsule: event.capsule.as_deref(),
            component: event.component,
            ..Subject::default()
        });
        let entry = Entry {
            verb: event.verb.as_deref(),
            resource: (!event.resource.is_empty()).then_some(&event.resource),
            decision: event.grant.as_ref().map(|(given, rule)| Decision {
                verdict: if *given { Verdict::Allow } else { Verdict::Deny },
                rule: Some(rule),
            }),
            outcome: code.map(|_| Outcome::Refused),
            code,
            ..Entry::new(kind, self.log.mono_ns())
        };
        let misfit = |error: Error| match error.code {
            Code::Internal => Error::new(Code::Invalid, error.message),
            _ => error,
        };
        self.log.append(&context, &entry).map_err(misfit)?.durable().await
    }
}
