//! The closed table of record kinds. A new kind is a new row; a code is never used again.

use super::field::{
    CAUSE, CODE, COMMITMENT, Fields, LOST, OUTCOME, PRINCIPAL, RESOURCE, RULE, SUBJECT, USAGE,
    VERB, VERDICT,
};

/// What a record tells of. The discriminant is the code on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Kind {
    /// A kernel started; the resource is its version.
    KernelStart = 1,
    /// A kernel stopped in order.
    KernelStop = 2,
    /// A capsule was loaded or refused.
    CapsuleLoad = 3,
    /// A capsule was unloaded.
    CapsuleUnload = 4,
    /// A message was handed to a capsule or refused; the resource is the topic.
    MessageDeliver = 5,
    /// A capsule is done with a message.
    MessageEnd = 6,
    /// A host call with its decision and its outcome.
    Call = 7,
    /// The decision of a call that leaves the sandbox; written before the effect.
    CallDecision = 8,
    /// What became of a decided call; the cause is its decision.
    CallOutcome = 9,
    /// All calls of one WASI function during one message; the verb is the function.
    Wasi = 10,
    /// The end of the log was torn and cut off; says how many bytes.
    LogRecovered = 11,
    /// Entries could not be kept while the log could not be written; says how many.
    LogLost = 12,
    /// The key that signs checkpoints was replaced; the resource certifies the next.
    KeyEpoch = 13,
    /// Bodies of old records were taken out; the resource says which.
    LogPruned = 14,
}

/// What one kind is called and what its records carry.
#[derive(Debug)]
pub struct Row {
    /// The kind described.
    pub kind: Kind,
    /// As people read it.
    pub name: &'static str,
    /// Fields a record of this kind has.
    pub requires: Fields,
    /// Fields it may have besides.
    pub allows: Fields,
}

const fn row(kind: Kind, name: &'static str, requires: Fields, allows: Fields) -> Row {
    Row { kind, name, requires, allows }
}

/// What a decision and its subject may show.
const DECISION: Fields = SUBJECT | CAUSE | RESOURCE | COMMITMENT | RULE;
/// How something ended, and at what cost.
const ENDING: Fields = CODE | USAGE;

/// All kinds, by code.
pub const KINDS: [Row; 14] = [
    row(Kind::KernelStart, "kernel.start", 0, PRINCIPAL | RESOURCE),
    row(Kind::KernelStop, "kernel.stop", 0, PRINCIPAL | CAUSE | OUTCOME | ENDING),
    row(Kind::CapsuleLoad, "capsule.load", OUTCOME, DECISION | VERDICT | ENDING),
    row(Kind::CapsuleUnload, "capsule.unload", 0, SUBJECT | CAUSE | OUTCOME | ENDING),
    row(Kind::MessageDeliver, "message.deliver", 0, DECISION | VERDICT | VERB | OUTCOME | CODE),
    row(Kind::MessageEnd, "message.end", OUTCOME, SUBJECT | CAUSE | ENDING),
    row(Kind::Call, "call", VERB | VERDICT | OUTCOME, DECISION | ENDING),
    row(Kind::CallDecision, "call.decision", VERB | VERDICT, DECISION),
    row(
        Kind::CallOutcome,
        "call.outcome",
        CAUSE | OUTCOME,
        (DECISION & !(RULE | CAUSE)) | VERB | ENDING,
    ),
    row(Kind::Wasi, "wasi", VERB, DECISION | VERDICT | OUTCOME | ENDING),
    row(Kind::LogRecovered, "log.recovered", LOST, 0),
    row(Kind::LogLost, "log.lost", LOST, 0),
    row(Kind::KeyEpoch, "key.epoch", RESOURCE, PRINCIPAL),
    row(Kind::LogPruned, "log.pruned", RESOURCE, PRINCIPAL),
];

impl Kind {
    /// The kind with this code, or none.
    pub fn of(code: u16) -> Option<Self> {
        KINDS.get(usize::from(code).checked_sub(1)?).map(|row| row.kind)
    }

    /// Its row of the table.
    pub const fn row(self) -> &'static Row {
        &KINDS[self as usize - 1]
    }

    /// As people read it, `call.decision` for example.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether pruning leaves its records whole: they tell what ran, and who was given what.
    pub const fn is_kept(self) -> bool {
        !matches!(
            self,
            Self::MessageDeliver
                | Self::MessageEnd
                | Self::Call
                | Self::CallDecision
                | Self::CallOutcome
                | Self::Wasi
        )
    }

    /// Whether a record of this kind may carry exactly these fields.
    pub const fn carries(self, fields: Fields) -> bool {
        let row = self.row();
        fields & row.requires == row.requires && fields & !(row.requires | row.allows) == 0
    }
}
