//! One message, from delivery to end: instance, fuel, deadline, outcome, records.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::Kernel;
use super::instance::{Answer, Instance};
use super::loaded::Loaded;
use crate::audit::{self, Context, Entry, Kind, Standing};
use crate::base::error::{Code, Error, Result};
use crate::base::limits::{self, within};
use crate::base::payload;
use crate::engine::outcome::{Outcome, classify, is_pool_full};
use crate::engine::run;
use crate::gate::topic::Topic;
use crate::services::guest::Guest;
use crate::services::message::Stamp;
use crate::services::refusals::Refused;

/// What one message may use.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Fuel, as Wasmtime counts it.
    pub fuel: u64,
    /// Wall time from delivery to end, in milliseconds.
    pub deadline_ms: u32,
}

/// What one message used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Fuel.
    pub fuel: u64,
    /// Microseconds from delivery to end.
    pub wall_micros: u64,
    /// Most bytes the instance held at once.
    pub peak_memory_bytes: u64,
    /// Host calls.
    pub host_calls: u64,
    /// Those of them that read something into the guest.
    pub reads: u64,
    /// Those of them that the gate refused.
    pub refused_calls: u64,
    /// Bytes that came into the guest, its payload included.
    pub bytes_in: u64,
    /// Bytes that went out, its answer included.
    pub bytes_out: u64,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// One of the closed set.
    pub outcome: Outcome,
    /// JSON, for `done`, when the handler answered something.
    pub output: Option<String>,
    /// For every other outcome: code and message. A guest's own code is its own.
    pub error: Option<(String, String)>,
    /// What it used.
    pub usage: Usage,
    /// Its first refusals.
    pub refusals: Vec<Refused>,
    /// Sequence of the record of the end.
    pub record: u64,
    /// The log's end, that record or a later one.
    pub head: audit::Head,
}

/// One message as an instance serves it.
pub(super) struct Task<'a> {
    pub context: Context,
    pub stamp: &'a Stamp,
    pub fuel: u64,
    pub deadline: Instant,
    pub cancel: watch::Receiver<bool>,
}

impl Loaded {
    /// Delivers one message and waits for its end. An outcome is data; an error means that nothing
    /// was delivered: `ASTRID_INPUT`, `ASTRID_INVALID`, `ASTRID_BUSY`, `ASTRID_LOG_FULL`,
    /// `ASTRID_AUDIT_WRITE`. The last also when the end could not be recorded within
    /// `audit-lock-ms`, whatever the deadline: what the message did stands, its answer is withheld.
    pub async fn call(
        &self,
        kernel: &Kernel,
        stamp: Stamp,
        budget: Budget,
        cancel: watch::Receiver<bool>,
    ) -> Result<Ended> {
        let started = Instant::now();
        let context = Context::new(&self.subject(Some(&stamp.id)));
        self.pay(&context, Duration::from_millis(budget.deadline_ms.into())).await?;
        let free = check(&stamp, budget).and_then(|()| self.instance(kernel));
        let mut instance =
            free.inspect_err(|error| self.record_undelivered(&stamp, &context, error))?;
        let deadline = started + Duration::from_millis(budget.deadline_ms.into());
        let task = Task { context, stamp: &stamp, fuel: budget.fuel, deadline, cancel };
        instance.start(&task);
        instance.record(&self.delivery(&stamp, &[stamp.payload.as_bytes()]))?;
        let mut result = self.serve(&mut instance, &task).await;
        if result.as_ref().is_err_and(is_pool_full) && kernel.places.clear() {
            // Idle instances may hold more of the pool than their places say; now they are gone.
            if let Ok(next) = self.instance(kernel) {
                instance = next;
                instance.start(&task);
                result = self.serve(&mut instance, &task).await;
            }
        }
        let mut ending = Ending::of(result, instance.guest());
        ending.usage = instance.usage(budget.fuel);
        ending.usage.bytes_in += stamp.payload.len() as u64;
        ending.usage.bytes_out += ending.output.as_ref().map_or(0, String::len) as u64;
        ending.usage.wall_micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (refusals, ticket) = instance.finish(&self.end(&ending));
        let record = ticket?.written().await?;
        // Futures that a guest never reads keep their places: the next messages need them.
        if ending.instance_lives && !instance.guest().message.is_crowded() {
            self.idle.put(instance);
        }
        let head = self.log().head();
        let Ending { outcome, output, error, usage, .. } = ending;
        Ok(Ended { outcome, output, error, usage, refusals, record, head })
    }

    async fn serve(&self, instance: &mut Instance, task: &Task<'_>) -> wasmtime::Result<Answer> {
        let lane = instance.lane();
        let work = instance.answer(self, task.stamp, task.fuel);
        run::within(work, &lane, task.deadline, task.cancel.clone()).await
    }

    fn delivery<'e>(&'e self, stamp: &'e Stamp, payload: &'e [&[u8]]) -> Entry<'e> {
        Entry {
            resource: Some(&stamp.topic),
            arguments: payload,
            keep: self.shared.keep.of_messages(),
            ..Entry::new(Kind::MessageDeliver, self.log().mono_ns())
        }
    }

    /// Waits while the principal records too much, at most so long. `ASTRID_LOG_FULL` when the disk
    /// has no room for more of it; that alone leaves no record but the account's.
    async fn pay(&self, context: &Context, most: Duration) -> Result<()> {
        match self.charge(context, 0) {
            Standing::Free => Ok(()),
            Standing::Wait(time) => {
                tokio::time::sleep(time.min(most)).await;
                Ok(())
            }
            Standing::Full => Err(Error::new(Code::LogFull, "the log's disk is nearly full")),
        }
    }

    /// Records a message that came to nothing, if the log takes anything.
    fn record_undelivered(&self, stamp: &Stamp, context: &Context, error: &Error) {
        let entry = Entry {
            outcome: Some(audit::Outcome::Refused),
            code: Some(error.code),
            ..self.delivery(stamp, &[])
        };
        let mut buffer = self.log().buffer(context.clone());
        buffer.push_ended(&entry);
        // The next message learns whether that was too much.
        let _ = self.charge(context, buffer.take_recorded());
    }

    /// Charges the principal for records of its messages.
    fn charge(&self, context: &Context, bytes: u64) -> Standing {
        let (standing, charge) = self.shared.account.charge(bytes);
        if let Some(charge) = charge {
            let entry = charge.entry(self.log().mono_ns());
            self.log().buffer(context.clone()).push_ended(&entry);
        }
        standing
    }

    fn end(&self, ending: &Ending) -> Entry<'static> {
        let usage = &ending.usage;
        Entry {
            outcome: Some(recorded(ending.outcome)),
            code: ending.code,
            usage: Some(audit::Usage {
                fuel: usage.fuel,
                wall_us: usage.wall_micros,
                memory_bytes: usage.peak_memory_bytes,
                host_calls: usage.host_calls,
                bytes_in: usage.bytes_in,
                bytes_out: usage.bytes_out,
            }),
            ..Entry::new(Kind::MessageEnd, self.log().mono_ns())
        }
    }
}

fn check(stamp: &Stamp, budget: Budget) -> Result<()> {
    payload::check(&stamp.payload).map_err(|e| Error::new(Code::Input, e.message))?;
    Topic::parse(&stamp.topic)?;
    within("fuel", budget.fuel, limits::FUEL_MIN..=limits::FUEL_MAX)?;
    let deadline = u64::from(budget.deadline_ms);
    within("deadline-ms", deadline, limits::DEADLINE_MS_MIN..=limits::DEADLINE_MS_MAX)
}

/// A call's end, sorted.
struct Ending {
    outcome: Outcome,
    output: Option<String>,
    error: Option<(String, String)>,
    /// Code of the error, if it is one of ours.
    code: Option<Code>,
    usage: Usage,
    /// Whether the instance may serve another message.
    instance_lives: bool,
}

impl Ending {
    fn of(result: wasmtime::Result<Answer>, guest: &Guest) -> Self {
        match result {
            Ok(Ok(output)) => match output.as_deref().map_or(Ok(()), payload::check) {
                Ok(()) => Self::new(Outcome::Done, true, output),
                Err(error) => {
                    let code = Code::GuestOutput;
                    let why = format!("the answer is {}", error.message);
                    Self::new(Outcome::GuestError, true, None).failed(code.name(), why, Some(code))
                }
            },
            // Some language runtimes turn a refused growth into an error of their own.
            Ok(Err(_)) if guest.meter.refused() => {
                let (code, why) = (Code::OutOfMemory, "the memory budget refused a growth".into());
                Self::new(Outcome::OutOfMemory, false, None).failed(code.name(), why, Some(code))
            }
            Ok(Err(error)) => {
                let code = guest_code(&error.code);
                Self::new(Outcome::GuestError, true, None).failed(
                    code,
                    error.message,
                    Some(Code::GuestError),
                )
            }
            Err(error) => {
                let (outcome, error) = classify(&error, guest.meter.refused());
                Self::new(outcome, false, None).failed(
                    error.code.name(),
                    error.message,
                    Some(error.code),
                )
            }
        }
    }

    fn new(outcome: Outcome, instance_lives: bool, output: Option<String>) -> Self {
        let usage = Usage::default();
        Self { outcome, output, error: None, code: None, usage, instance_lives }
    }

    fn failed(mut self, code: &str, message: String, ours: Option<Code>) -> Self {
        self.error = Some((code.to_owned(), message));
        self.code = ours;
        self
    }
}

/// A guest's own code, if it looks like one: callers match it. A host call's code may pass, as
/// guests hand on what they were told; those that say how a guest itself ended may not.
fn guest_code(code: &str) -> &str {
    let ends = [Code::GuestExit, Code::GuestStalled, Code::GuestOutput];
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let good = !code.is_empty() && code.len() <= 64 && code.bytes().all(fits);
    let forged = ends.iter().any(|end| end.name() == code);
    if good && !forged { code } else { Code::GuestError.name() }
}

fn recorded(outcome: Outcome) -> audit::Outcome {
    match outcome {
        Outcome::Done => audit::Outcome::Done,
        Outcome::GuestError => audit::Outcome::GuestError,
        Outcome::Trap => audit::Outcome::Trap,
        Outcome::OutOfFuel => audit::Outcome::OutOfFuel,
        Outcome::Deadline => audit::Outcome::Deadline,
        Outcome::OutOfMemory => audit::Outcome::OutOfMemory,
        Outcome::StackOverflow => audit::Outcome::StackOverflow,
        Outcome::Denied => audit::Outcome::Denied,
        Outcome::Refused => audit::Outcome::Refused,
        Outcome::Revoked => audit::Outcome::Revoked,
        Outcome::Cancelled => audit::Outcome::Cancelled,
    }
}
