//! A record: who, for whom, what, which rule, how it ended, what it cost.

use super::{field, field::Fields, kind::Kind, text::Text};

/// What the gate said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Verdict {
    /// No.
    Deny = 1,
    /// Only with an approval.
    Ask = 2,
    /// Yes.
    Allow = 3,
}

impl Verdict {
    const ALL: [Self; 3] = [Self::Deny, Self::Ask, Self::Allow];

    /// The verdict with this code (1 to 3), or none.
    pub fn of(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Allow => "allow",
        }
    }
}

macro_rules! outcomes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// How a message or a host call ended. The discriminant is the code on disk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Outcome { $($(#[$doc])* $variant = $code,)* }

        impl Outcome {
            /// All outcomes, by code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As people read it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

outcomes! {
    /// The capsule answered.
    Done = 1, "done";
    /// The capsule answered with an error, or ended itself.
    GuestError = 2, "guest-error";
    /// The capsule broke its contract.
    Trap = 3, "trap";
    /// The capsule used all its fuel.
    OutOfFuel = 4, "out-of-fuel";
    /// Time ran out.
    Deadline = 5, "deadline";
    /// The capsule wanted more memory than its budget.
    OutOfMemory = 6, "out-of-memory";
    /// The capsule recursed too deeply.
    StackOverflow = 7, "stack-overflow";
    /// The gate said no.
    Denied = 8, "denied";
    /// The capsule was not loaded.
    Refused = 9, "refused";
    /// The authority was revoked meanwhile.
    Revoked = 10, "revoked";
    /// The caller gave up.
    Cancelled = 11, "cancelled";
    /// The host call succeeded.
    Ok = 12, "ok";
    /// The host call failed with the record's code.
    Error = 13, "error";
    /// Stopped before anything left the sandbox.
    NotSent = 14, "not-sent";
    /// Stopped after the effect was sent.
    Sent = 15, "sent";
    /// Stopped, and nobody knows whether the effect was sent.
    Unknown = 16, "unknown";
}

impl Outcome {
    /// The outcome with this code, or none.
    pub fn of(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// Whether an error code may stand beside it.
    pub const fn takes_code(self) -> bool {
        !matches!(self, Self::Done | Self::Ok)
    }
}

/// What a message or a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Fuel used.
    pub fuel: u64,
    /// Wall time in microseconds.
    pub wall_us: u64,
    /// Peak memory in bytes.
    pub memory_bytes: u64,
    /// Host calls made.
    pub host_calls: u64,
    /// Bytes the guest received.
    pub bytes_in: u64,
    /// Bytes the guest sent.
    pub bytes_out: u64,
}

impl Usage {
    pub(super) const BYTES: usize = 48;

    pub(super) fn numbers(&self) -> [u64; 6] {
        let (a, b, c) = (self.fuel, self.wall_us, self.memory_bytes);
        [a, b, c, self.host_calls, self.bytes_in, self.bytes_out]
    }

    pub(super) fn from_numbers(numbers: [u64; 6]) -> Self {
        let [fuel, wall_us, memory_bytes, host_calls, bytes_in, bytes_out] = numbers;
        Self { fuel, wall_us, memory_bytes, host_calls, bytes_in, bytes_out }
    }
}

/// One decoded record; its texts are those of the bytes it was decoded from. [`super::encode`] and
/// [`super::decode`] are each other's inverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it tells of.
    pub kind: Kind,
    /// Place in the log, from 1, without gaps.
    pub sequence: u64,
    /// Microseconds since 1970-01-01T00:00:00Z, by the writing kernel's clock.
    pub wall_us: u64,
    /// Nanoseconds since the writing kernel's start.
    pub mono_ns: u64,
    /// Which start of which kernel wrote it.
    pub run: [u8; 8],
    /// Its number among the records of that start, from 1; 0 for the log's own notes.
    pub counter: u64,
    /// How many equal calls it stands for; at least 1.
    pub count: u32,
    /// Sequence of the record it follows from; 0 for none.
    pub cause: u64,
    /// For whom.
    pub principal: Option<Text<'a>>,
    /// `name@source`.
    pub capsule: Option<Text<'a>>,
    /// Digest of the component.
    pub component: Option<[u8; 32]>,
    /// Id of the authority.
    pub authority: Option<[u8; 8]>,
    /// Correlation id of the message.
    pub message: Option<Text<'a>>,
    /// `fs.read`, for example.
    pub verb: Option<Text<'a>>,
    /// In canonical form. Data of the guest: escape it before showing it.
    pub resource: Option<Text<'a>>,
    /// BLAKE3 of the arguments under a salt kept elsewhere.
    pub commitment: Option<[u8; 32]>,
    /// What the gate said.
    pub verdict: Option<Verdict>,
    /// Which rule said it.
    pub rule: Option<Text<'a>>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// `ASTRID_NOT_FOUND`, for example.
    pub code: Option<Text<'a>>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// Bytes (`log.recovered`) or entries (`log.lost`) that are missing.
    pub lost: Option<u64>,
    /// Wall time of the first of `count` equal calls, in microseconds; `wall_us` is the last's.
    pub since_us: Option<u64>,
}

impl Record<'_> {
    /// The same record, owning its texts.
    pub fn into_owned(self) -> Record<'static> {
        let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
        Record {
            kind: self.kind,
            sequence: self.sequence,
            wall_us: self.wall_us,
            mono_ns: self.mono_ns,
            run: self.run,
            counter: self.counter,
            count: self.count,
            cause: self.cause,
            principal: own(self.principal),
            capsule: own(self.capsule),
            component: self.component,
            authority: self.authority,
            message: own(self.message),
            verb: own(self.verb),
            resource: own(self.resource),
            commitment: self.commitment,
            verdict: self.verdict,
            rule: own(self.rule),
            outcome: self.outcome,
            code: own(self.code),
            usage: self.usage,
            lost: self.lost,
            since_us: self.since_us,
        }
    }

    /// The fields it carries, verdict and outcome included.
    pub fn fields(&self) -> Fields {
        let bit = |present: bool, field: Fields| if present { field } else { 0 };
        bit(self.cause != 0, field::CAUSE)
            | bit(self.principal.is_some(), field::PRINCIPAL)
            | bit(self.capsule.is_some(), field::CAPSULE)
            | bit(self.component.is_some(), field::COMPONENT)
            | bit(self.authority.is_some(), field::AUTHORITY)
            | bit(self.message.is_some(), field::MESSAGE)
            | bit(self.verb.is_some(), field::VERB)
            | bit(self.resource.is_some(), field::RESOURCE)
            | bit(self.commitment.is_some(), field::COMMITMENT)
            | bit(self.rule.is_some(), field::RULE)
            | bit(self.code.is_some(), field::CODE)
            | bit(self.usage.is_some(), field::USAGE)
            | bit(self.lost.is_some(), field::LOST)
            | bit(self.since_us.is_some(), field::SINCE)
            | bit(self.verdict.is_some(), field::VERDICT)
            | bit(self.outcome.is_some(), field::OUTCOME)
    }
}
