//! How a call to a guest ends, as data.

use std::fmt;

use wasmtime::Trap;

use crate::base::error::{Code, Error};

/// The closed set of ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The handler answered.
    Done,
    /// The handler answered with an error, exited, or waits for nothing.
    GuestError,
    /// The guest broke its contract.
    Trap,
    /// The message's fuel is used up.
    OutOfFuel,
    /// The message's time is over.
    Deadline,
    /// The instance's memory budget refused.
    OutOfMemory,
    /// The guest's stack is exhausted.
    StackOverflow,
    /// The gate refused the delivery.
    Denied,
    /// The component was not loaded.
    Refused,
    /// The authority was revoked.
    Revoked,
    /// The caller gave up.
    Cancelled,
}

impl Outcome {
    /// The outcome as callers and records see it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::GuestError => "guest-error",
            Self::Trap => "trap",
            Self::OutOfFuel => "out-of-fuel",
            Self::Deadline => "deadline",
            Self::OutOfMemory => "out-of-memory",
            Self::StackOverflow => "stack-overflow",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why the host ended a call. Travels through Wasmtime as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The message's time is over.
    Deadline,
    /// The caller gave up.
    Cancelled,
    /// The guest called exit; whether with success.
    Exit {
        /// What the guest said of itself.
        success: bool,
    },
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "the deadline passed",
            Self::Cancelled => "the caller cancelled the call",
            Self::Exit { success: true } => "the capsule exited with success",
            Self::Exit { success: false } => "the capsule exited with failure",
        })
    }
}

impl std::error::Error for Stop {}

/// Sorts an error that ended a guest. `memory_refused` is [`Meter::refused`].
///
/// [`Meter::refused`]: super::meter::Meter::refused
pub fn classify(error: &wasmtime::Error, memory_refused: bool) -> (Outcome, Error) {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stopped(*stop);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => limit(Outcome::OutOfFuel, Code::OutOfFuel, "the fuel is used up"),
        Some(Trap::Interrupt) => limit(Outcome::Deadline, Code::Deadline, "the deadline passed"),
        Some(Trap::AsyncDeadlock | Trap::NoAsyncResult) => (
            Outcome::GuestError,
            Error::new(Code::GuestStalled, "the handler waits for something nothing will settle"),
        ),
        _ if memory_refused => {
            limit(Outcome::OutOfMemory, Code::OutOfMemory, "the memory budget refused a growth")
        }
        Some(Trap::StackOverflow) => {
            limit(Outcome::StackOverflow, Code::StackOverflow, "the stack is exhausted")
        }
        Some(trap) => (Outcome::Trap, Error::new(Code::Trap, trap.to_string())),
        None => (Outcome::Trap, Error::new(Code::Trap, error.root_cause().to_string())),
    }
}

fn limit(outcome: Outcome, code: Code, message: &str) -> (Outcome, Error) {
    (outcome, Error::new(code, message))
}

fn stopped(stop: Stop) -> (Outcome, Error) {
    let (outcome, code) = match stop {
        Stop::Deadline => (Outcome::Deadline, Code::Deadline),
        Stop::Cancelled => (Outcome::Cancelled, Code::Cancelled),
        Stop::Exit { .. } => (Outcome::GuestError, Code::GuestExit),
    };
    (outcome, Error::new(code, stop.to_string()))
}
