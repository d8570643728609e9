//! Which fields a record carries: one bit each, in the order of the encoding.

/// A set of fields.
pub type Fields = u32;

/// Sequence of the record this one follows from.
pub const CAUSE: Fields = 1;
/// For whom.
pub const PRINCIPAL: Fields = 1 << 1;
/// Which capsule.
pub const CAPSULE: Fields = 1 << 2;
/// Digest of the capsule's component.
pub const COMPONENT: Fields = 1 << 3;
/// Id of the authority.
pub const AUTHORITY: Fields = 1 << 4;
/// Correlation id of the message.
pub const MESSAGE: Fields = 1 << 5;
/// What was asked.
pub const VERB: Fields = 1 << 6;
/// On what.
pub const RESOURCE: Fields = 1 << 7;
/// Commitment to the arguments.
pub const COMMITMENT: Fields = 1 << 8;
/// The rule that decided.
pub const RULE: Fields = 1 << 9;
/// The error's code.
pub const CODE: Fields = 1 << 10;
/// What it cost.
pub const USAGE: Fields = 1 << 11;
/// How much is missing.
pub const LOST: Fields = 1 << 12;
/// When the first of several equal calls was.
pub const SINCE: Fields = 1 << 13;

/// Every field that has a bit on disk.
pub const ON_DISK: Fields = (1 << 14) - 1;

/// The verdict byte is not zero. Not on disk: lets one mask say all that a kind carries.
pub const VERDICT: Fields = 1 << 30;
/// The outcome byte is not zero. Not on disk.
pub const OUTCOME: Fields = 1 << 31;

/// What a [`super::entry::Context`] holds.
pub const SUBJECT: Fields = PRINCIPAL | CAPSULE | COMPONENT | AUTHORITY | MESSAGE;
