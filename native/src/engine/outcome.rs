//! How a call to a guest ends, as data.

use std::fmt;

use wasmtime::{PoolConcurrencyLimitError, Trap};

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

impl Stop {
    /// What a caller is told.
    pub fn error(self) -> Error {
        let code = match self {
            Self::Deadline => Code::Deadline,
            Self::Cancelled => Code::Cancelled,
            Self::Exit { .. } => Code::GuestExit,
        };
        Error::new(code, self.to_string())
    }
}

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
        None => untyped(error),
    }
}

/// Whether the engine's pool had no slot left.
pub fn is_pool_full(error: &wasmtime::Error) -> bool {
    error.is::<PoolConcurrencyLimitError>()
}

/// Marks an error that came before the guest's first instruction, or between its modules: no trap
/// of the guest and no decision of ours.
pub fn not_started(error: wasmtime::Error) -> wasmtime::Error {
    if error.is::<Trap>() || error.is::<Stop>() || is_pool_full(&error) {
        return error;
    }
    NotStarted(format!("{error:#}")).into()
}

/// A component could not be instantiated.
#[derive(Debug)]
struct NotStarted(String);

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotStarted {}

/// Errors that Wasmtime gives no type.
fn untyped(error: &wasmtime::Error) -> (Outcome, Error) {
    if is_pool_full(error) {
        let why = "every slot of the engine's pool is taken; try again, or raise live-instances";
        return limit(Outcome::Refused, Code::Busy, why);
    }
    if let Some(NotStarted(why)) = error.downcast_ref() {
        return limit(Outcome::Refused, Code::Instantiate, why);
    }
    let words = error.root_cause().to_string();
    // Bounds of the host's own tables and buffers, which count as memory of the instance.
    const BOUNDS: [&str; 2] = ["store handle limit exceeded", "fuel allocated for hostcalls"];
    if BOUNDS.iter().any(|bound| words.contains(bound)) {
        let why = "the host holds no more for it (resource-handles, hostcall-bytes)";
        return limit(Outcome::OutOfMemory, Code::OutOfMemory, why);
    }
    (Outcome::Trap, Error::new(Code::Trap, words))
}

fn limit(outcome: Outcome, code: Code, message: &str) -> (Outcome, Error) {
    (outcome, Error::new(code, message))
}

fn stopped(stop: Stop) -> (Outcome, Error) {
    let outcome = match stop {
        Stop::Deadline => Outcome::Deadline,
        Stop::Cancelled => Outcome::Cancelled,
        Stop::Exit { .. } => Outcome::GuestError,
    };
    (outcome, stop.error())
}
