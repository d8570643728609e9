//! The one way from a host call to its effect: decide, do, record.
//!
//! A call of the *before* class leaves the sandbox: its decision is in the file before the effect
//! starts, and its outcome is a second record. All others are one record after the call.

use std::fmt::Write as _;
use std::slice;

use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::bindings::astrid::capsule::types;
use super::guest::{Guest, Hosted, Shared};
use super::port::{End, OnEnd};
use super::refusals::{self, Refused};
use crate::audit::{self, Entry, Kind, Outcome, Ticket};
use crate::base::error::{Code, Error, Refusal, Result};
use crate::gate::decide::{AsResource, Decision, Resource, RuleId, Verdict, Why};
use crate::gate::permit::Permit;
use crate::gate::verb::Verb;

/// Whether a verb's decision is in the file before its effect starts.
const fn is_before(verb: Verb) -> bool {
    match verb {
        Verb::FsWrite | Verb::IpcPublish | Verb::KvWrite => true,
        Verb::FsRead
        | Verb::KvRead
        | Verb::ClockRead
        | Verb::RandomRead
        | Verb::LogWrite
        | Verb::ConfigRead => false,
    }
}

/// Whether a verb brings something into the guest that it had not.
const fn is_read(verb: Verb) -> bool {
    matches!(verb, Verb::FsRead | Verb::KvRead)
}

/// A call that was allowed and is not recorded to its end yet.
#[must_use = "every call is recorded: pass it to Guest::end"]
pub struct Call<'a> {
    verb: Verb,
    rule: Option<RuleId>,
    resource: String,
    arguments: &'a [u8],
    /// Sequence of its first record, which has rule, resource and arguments; 0 if there is none.
    cause: u64,
}

impl Call<'_> {
    /// The call as its outcome needs it, once its first record has the arguments.
    pub(super) fn recorded(self) -> Call<'static> {
        debug_assert!(self.cause != 0, "only a before call has a first record");
        Call { arguments: &[], ..self }
    }
}

/// A call that was decided.
struct Asked<'a, R> {
    call: Call<'a>,
    said: std::result::Result<Permit<R>, Decision>,
    /// Of a record that must be in the file before anything else happens.
    ticket: Option<Ticket>,
}

impl Guest {
    /// Decides, does and records one call that needs no waiting.
    pub(super) fn perform<R: AsResource, T>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, Permit<R>) -> Result<T>,
    ) -> Hosted<T> {
        Ok(self.decide_and_do(verb, resource, arguments, effect).map_err(types::Error::from))
    }

    /// As [`Guest::perform`], for callers inside the kernel.
    pub(super) fn decide_and_do<R: AsResource, T>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, Permit<R>) -> Result<T>,
    ) -> Result<T> {
        let (permit, call) = self.begin_blocking(verb, resource, arguments)?;
        let result = effect(self, permit);
        self.end(call, &result);
        result
    }

    /// Decides a call whose effect waits. The decision of a *before* call is in the file when this
    /// returns.
    pub(super) async fn begin<'a, R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<(Permit<R>, Call<'a>)> {
        let asked = self.ask(verb, resource, arguments)?;
        let number = match &asked.ticket {
            Some(ticket) => ticket.written().await?,
            None => 0,
        };
        self.answered(asked, number)
    }

    /// As [`Guest::begin`], where Wasmtime gives no way to wait: blocks until the record is in the
    /// file, which takes as long as a write; `ASTRID_DEADLINE` if the log is held by others for
    /// longer than the message has.
    pub(super) fn begin_blocking<'a, R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<(Permit<R>, Call<'a>)> {
        let asked = self.ask(verb, resource, arguments)?;
        let number = match &asked.ticket {
            Some(ticket) => self.wait(ticket)?,
            None => 0,
        };
        self.answered(asked, number)
    }

    /// Decides about something that turned up during a call that is recorded as one. A refusal is
    /// recorded by itself.
    pub(super) fn decide_on_the_way<R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
    ) -> Result<Permit<R>> {
        let mut text = String::new();
        write_resource(&mut text, resource.as_resource());
        self.shared.gate.request(verb, resource).or_else(|decision| {
            let call = Call { verb, rule: decision.rule, resource: text, arguments: &[], cause: 0 };
            let ticket = self.record_refusal(&call, decision)?;
            let number = self.wait(&ticket)?;
            Err(self.refused(&call, decision, number))
        })
    }

    /// Decides, and records what must be in the file before anything else happens.
    fn ask<'a, R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<Asked<'a, R>> {
        self.count(verb);
        self.buffer.ready()?;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        write_resource(&mut text, resource.as_resource());
        let said = self.shared.gate.request(verb, resource);
        let rule = match &said {
            Ok(permit) => Some(permit.rule()),
            Err(decision) => decision.rule,
        };
        let call = Call { verb, rule, resource: text, arguments, cause: 0 };
        let ticket = match &said {
            Err(decision) => Some(self.record_refusal(&call, *decision)?),
            Ok(_) if is_before(verb) => Some(self.record_decision(&call)?),
            Ok(_) => None,
        };
        Ok(Asked { call, said, ticket })
    }

    /// What the caller gets, once the record has its number.
    fn answered<'a, R>(
        &mut self,
        asked: Asked<'a, R>,
        number: u64,
    ) -> Result<(Permit<R>, Call<'a>)> {
        let Asked { call, said, .. } = asked;
        match said {
            Ok(permit) => Ok((permit, Call { cause: number, ..call })),
            Err(decision) => {
                let refused = self.refused(&call, decision, number);
                self.text = call.resource;
                Err(refused)
            }
        }
    }

    fn wait(&self, ticket: &Ticket) -> Result<u64> {
        ticket.written_now().unwrap_or_else(|| {
            // Other guests must not wait with it.
            let written = block_in_place(|| ticket.wait_written_until(self.message.deadline));
            let late = "the deadline passed before the log could be written";
            written.unwrap_or_else(|| Err(Error::new(Code::Deadline, late)))
        })
    }

    /// Records how a call ended.
    pub(super) fn end<T>(&mut self, call: Call<'_>, result: &Result<T>) {
        let error = result.as_ref().err();
        if call.cause == 0 {
            let entry = Entry {
                outcome: Some(outcome(error)),
                code: error.map(|error| error.code),
                ..decided(&self.shared, Kind::Call, &call)
            };
            self.buffer.push_ended(&entry);
        } else {
            let entry = Entry {
                cause: call.cause,
                verb: Some(call.verb.name()),
                outcome: Some(outcome(error)),
                code: error.map(|error| error.code),
                ..Entry::new(Kind::CallOutcome, self.shared.log.mono_ns())
            };
            self.buffer.push_ended(&entry);
        }
        self.text = call.resource;
    }

    /// Records how a call to TypeScript ended, whenever that is.
    pub(super) fn end_later(&self, call: &Call<'_>) -> OnEnd {
        let (verb, cause) = (call.verb.name(), call.cause);
        let (log, context) = (self.shared.log.clone(), self.context.clone());
        let (threads, room) = (Handle::current(), log.clone());
        Box::new(move |end| {
            let (outcome, code) = match end {
                End::Answered(Ok(_)) => (Outcome::Ok, None),
                End::Answered(Err(error)) => (Outcome::Error, Some(error.code)),
                End::NotSent => (Outcome::NotSent, None),
                End::Unknown => (Outcome::Unknown, None),
            };
            let append = move || {
                let entry = Entry {
                    cause,
                    verb: Some(verb),
                    outcome: Some(outcome),
                    code,
                    ..Entry::new(Kind::CallOutcome, log.mono_ns())
                };
                log.buffer(context).push_ended(&entry);
            };
            // Answers come on JavaScript's thread, which must not wait for a full queue.
            if Handle::try_current().is_ok() || room.has_room() {
                append();
            } else {
                drop(threads.spawn(async move { append() }));
            }
        })
    }

    /// Counts and records a call whose argument is not of the documented form: nothing to decide.
    pub(super) fn refuse_argument(&mut self, verb: Verb, error: Error) -> Error {
        self.count(verb);
        let entry = Entry {
            verb: Some(verb.name()),
            decision: Some(audit::Decision { verdict: audit::Verdict::Deny, rule: None }),
            outcome: Some(Outcome::Error),
            code: Some(error.code),
            ..Entry::new(Kind::Call, self.shared.log.mono_ns())
        };
        self.buffer.push_ended(&entry);
        error
    }

    /// As [`Guest::refuse_argument`], for a host function to return.
    pub(super) fn invalid<T>(&mut self, verb: Verb, error: Error) -> Hosted<T> {
        Ok(Err(self.refuse_argument(verb, error).into()))
    }

    /// Counts and records a call that only shows what other calls may show.
    pub(super) fn note(&mut self, verb: Verb) -> Result<()> {
        self.count(verb);
        self.buffer.ready()?;
        let entry = Entry {
            verb: Some(verb.name()),
            decision: Some(audit::Decision { verdict: audit::Verdict::Allow, rule: None }),
            outcome: Some(Outcome::Ok),
            ..Entry::new(Kind::Call, self.shared.log.mono_ns())
        };
        self.buffer.push_ended(&entry);
        Ok(())
    }

    /// One record a WASI function: so often the message called it.
    pub(super) fn record_wasi(&mut self) {
        for (function, count) in self.wasi.counts.take() {
            let granted = function.verb().map(|verb| {
                if self.holds(verb) { audit::Verdict::Allow } else { audit::Verdict::Deny }
            });
            let entry = Entry {
                verb: Some(function.name()),
                count,
                decision: granted.map(|verdict| audit::Decision { verdict, rule: None }),
                ..Entry::new(Kind::Wasi, self.shared.log.mono_ns())
            };
            self.buffer.push_ended(&entry);
        }
    }

    fn count(&mut self, verb: Verb) {
        self.meter.host_calls += 1;
        self.reads += u64::from(is_read(verb));
    }

    fn record_decision(&mut self, call: &Call<'_>) -> Result<Ticket> {
        self.buffer.push_sync(&decided(&self.shared, Kind::CallDecision, call))
    }

    fn record_refusal(&mut self, call: &Call<'_>, decision: Decision) -> Result<Ticket> {
        let verdict = match decision.verdict {
            Verdict::Ask => audit::Verdict::Ask,
            // An allow without a permit is a revoked one.
            Verdict::Deny | Verdict::Allow => audit::Verdict::Deny,
        };
        let entry = decided(&self.shared, Kind::Call, call);
        let entry = Entry {
            decision: entry.decision.map(|decision| audit::Decision { verdict, ..decision }),
            outcome: Some(Outcome::Denied),
            code: Some(Code::Denied),
            ..entry
        };
        self.buffer.push_sync(&entry)
    }

    /// Both faces of a refusal: keeps the person's, gives the guest's.
    fn refused(&mut self, call: &Call<'_>, decision: Decision, number: u64) -> Error {
        self.meter.refused_calls += 1;
        let (verb, resource) = (call.verb.name(), &call.resource);
        let rule = call.rule.and_then(|rule| self.shared.rule(rule)).map(str::to_owned);
        self.refusals.push(Refused {
            number,
            verb,
            resource: resource.clone(),
            why: refusals::word(decision.why),
            rule,
            protected: refusals::protected(decision.why),
        });
        if decision.why == Why::Revoked {
            return Error::new(Code::Revoked, "the authority was revoked");
        }
        Error::denied(Refusal { verb, resource: resource.clone(), number })
    }
}

/// What all records of an allowed call share.
fn decided<'e>(shared: &'e Shared, kind: Kind, call: &'e Call<'_>) -> Entry<'e> {
    let Call { verb, rule, resource, arguments, .. } = call;
    let rule = rule.and_then(|rule| shared.rule(rule));
    Entry {
        verb: Some(verb.name()),
        resource: (!resource.is_empty()).then_some(resource),
        arguments: if arguments.is_empty() { &[] } else { slice::from_ref(arguments) },
        keep: shared.keep.of_calls(*verb),
        decision: Some(audit::Decision { verdict: audit::Verdict::Allow, rule }),
        ..Entry::new(kind, shared.log.mono_ns())
    }
}

fn outcome(error: Option<&Error>) -> Outcome {
    if error.is_some() { Outcome::Error } else { Outcome::Ok }
}

/// The resource as records and refusals name it.
fn write_resource(text: &mut String, resource: Resource<'_>) {
    match resource {
        Resource::Nothing => {}
        Resource::Path(path) | Resource::Tree(path) => {
            // A String takes all that is written to it.
            let _ = write!(text, "{path}");
        }
        Resource::Topic(topic) => text.push_str(topic.as_str()),
        Resource::Key(key) => text.push_str(key.as_str()),
        Resource::Prefix(prefix) => text.push_str(prefix.as_str()),
    }
}
