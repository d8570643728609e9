//! One error type with one table of codes.

use std::fmt;

include!(concat!(env!("OUT_DIR"), "/errors.rs"));

/// What a guest learns of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The verb asked for, `fs.read` for example.
    pub verb: &'static str,
    /// The guest's own resource, in canonical form.
    pub resource: String,
    /// Number of the record that holds the decision.
    pub number: u64,
}

/// A failure with a code of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What callers match.
    pub code: Code,
    /// For people: lower case, no full stop.
    pub message: String,
    /// Present exactly when the gate refused. Boxed: refusals are rare, results are moved often.
    pub refusal: Option<Box<Refusal>>,
}

/// What most functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that is not a refusal.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), refusal: None }
    }

    /// A request the gate refused.
    pub fn denied(refusal: Refusal) -> Self {
        let message = format!("{} {} is not granted", refusal.verb, refusal.resource);
        Self { code: Code::Denied, message, refusal: Some(Box::new(refusal)) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
