//! The closed table of record kinds. A new kind is a new row; a code is never used again.

use super::field::{
    CAUSE, CODE, COMMITMENT, Fields, LOST, OUTCOME, PRINCIPAL, RESOURCE, RULE, SINCE, SUBJECT,
    USAGE, VERB, VERDICT,
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
    /// Bodies are removed; the resource says which, and on whose word.
    LogPruned = 14,
    /// This log follows an older one, which the resource names.
    LogOrigin = 15,
    /// An approval was given or taken back; verb and resource say of what.
    GrantChange = 16,
    /// A configuration holds from now on; the resource names what it is of.
    ConfigChange = 17,
    /// The subject recorded more than its share and was slowed or refused.
    LogCharge = 18,
}

/// When a record is written and when it is on disk. docs/audit.md says what a crash may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// On disk before what it tells of happens.
    Before,
    /// In the file before what it tells of happens, and on disk within `audit-sync-ms`.
    With,
    /// Written after it, in company.
    Batch,
}

impl Class {
    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::With => "with",
            Self::Batch => "batch",
        }
    }
}

/// What one kind is called and what its records carry.
#[derive(Debug)]
pub struct Row {
    /// The kind described.
    pub kind: Kind,
    /// As people read it.
    pub name: &'static str,
    /// The weakest durability such a record has.
    pub class: Class,
    /// Whether pruning leaves its body: it tells of the log's or somebody's authority. What guests
    /// and senders can make as many of as they like is not kept, or they could fill the disk.
    pub is_kept: bool,
    /// Fields a record of this kind has.
    pub requires: Fields,
    /// Fields it may have besides.
    pub allows: Fields,
}

const fn row(kind: Kind, name: &'static str, (requires, allows): (Fields, Fields)) -> Row {
    Row { kind, name, class: Class::Batch, is_kept: false, requires, allows }
}

impl Row {
    const fn class(self, class: Class) -> Self {
        Self { class, ..self }
    }

    const fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }
}

/// What a decision and its subject may show.
const DECISION: Fields = SUBJECT | CAUSE | RESOURCE | COMMITMENT | RULE;
/// How something ended, and at what cost.
const ENDING: Fields = CODE | USAGE;

/// All kinds, by code.
pub const KINDS: [Row; 18] = [
    row(Kind::KernelStart, "kernel.start", (0, PRINCIPAL | RESOURCE)).class(Class::Before).kept(),
    row(Kind::KernelStop, "kernel.stop", (0, PRINCIPAL | CAUSE | OUTCOME | ENDING))
        .class(Class::Before)
        .kept(),
    row(Kind::CapsuleLoad, "capsule.load", (OUTCOME, DECISION | VERDICT | ENDING))
        .class(Class::Before)
        .kept(),
    row(Kind::CapsuleUnload, "capsule.unload", (0, SUBJECT | CAUSE | OUTCOME | ENDING)),
    row(
        Kind::MessageDeliver,
        "message.deliver",
        (0, DECISION | VERDICT | VERB | OUTCOME | CODE | SINCE),
    ),
    row(Kind::MessageEnd, "message.end", (OUTCOME, SUBJECT | CAUSE | ENDING)).class(Class::With),
    row(Kind::Call, "call", (VERB | VERDICT | OUTCOME, DECISION | ENDING | SINCE)),
    row(Kind::CallDecision, "call.decision", (VERB | VERDICT, DECISION)).class(Class::With),
    row(
        Kind::CallOutcome,
        "call.outcome",
        (CAUSE | OUTCOME, (DECISION & !(RULE | CAUSE)) | VERB | ENDING),
    ),
    row(Kind::Wasi, "wasi", (VERB, DECISION | VERDICT | OUTCOME | ENDING)),
    row(Kind::LogRecovered, "log.recovered", (LOST, 0)).class(Class::With).kept(),
    row(Kind::LogLost, "log.lost", (LOST, 0)).class(Class::With).kept(),
    row(Kind::KeyEpoch, "key.epoch", (RESOURCE, PRINCIPAL)).class(Class::Before).kept(),
    row(Kind::LogPruned, "log.pruned", (RESOURCE, PRINCIPAL)).class(Class::Before).kept(),
    row(Kind::LogOrigin, "log.origin", (RESOURCE, PRINCIPAL)).class(Class::Before).kept(),
    row(Kind::GrantChange, "grant.change", (VERB | VERDICT, DECISION)).class(Class::Before).kept(),
    row(Kind::ConfigChange, "config.change", (RESOURCE, SUBJECT | CAUSE | COMMITMENT))
        .class(Class::Before)
        .kept(),
    row(Kind::LogCharge, "log.charge", (OUTCOME, SUBJECT | CODE | SINCE)),
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

    /// Whether the log itself writes it, about itself: it passes no queue and has no counter.
    pub const fn is_note(self) -> bool {
        matches!(self, Self::LogRecovered | Self::LogLost)
    }

    /// As people read it, `call.decision` for example.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether a record of this kind may carry exactly these fields.
    pub const fn carries(self, fields: Fields) -> bool {
        let row = self.row();
        fields & row.requires == row.requires && fields & !(row.requires | row.allows) == 0
    }
}
