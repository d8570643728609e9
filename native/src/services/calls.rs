//! The one way from a host call to its effect: decide, do, record.
//!
//! A call of the *before* class leaves the sandbox: its decision is in the file before the effect
//! starts, and its outcome is a second record. All others are one record after the call.

use std::fmt::Write as _;

use tokio::runtime::Handle;

use super::bindings::astrid::capsule::types;
use super::guest::{Guest, Hosted};
use super::port::{End, OnEnd};
use super::refusals::{self, Refused};
use crate::audit::{self, Entry, Kind, Outcome};
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
pub struct Call {
    verb: Verb,
    rule: RuleId,
    resource: String,
    /// Those of a *before* call are in its first record.
    arguments: Vec<u8>,
    /// Sequence of the first record; 0 if there is none.
    cause: u64,
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
        debug_assert!(!is_before(verb), "a before call begins with its decision");
        self.count(verb);
        self.buffer.ready()?;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        write_resource(&mut text, resource.as_resource());
        let result = match self.shared.gate.request(verb, resource) {
            Ok(permit) => {
                let rule = permit.rule();
                let result = effect(self, permit);
                self.record_call(verb, rule, (&text, arguments), result.as_ref().err());
                result
            }
            Err(decision) => {
                let ticket = self.record_refusal(verb, decision, &text, arguments);
                let number = ticket.and_then(|ticket| ticket.wait_written());
                number.and_then(|number| Err(self.refused(verb, decision, &text, number)))
            }
        };
        self.text = text;
        result
    }

    /// Decides a call whose effect waits. The decision of a *before* call is in the file when this
    /// returns.
    pub(super) async fn begin<R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &[u8],
    ) -> Result<(Permit<R>, Call)> {
        self.count(verb);
        self.buffer.ready()?;
        let mut text = String::new();
        write_resource(&mut text, resource.as_resource());
        match self.shared.gate.request(verb, resource) {
            Ok(permit) if is_before(verb) => {
                let ticket = self.record_decision(verb, permit.rule(), &text, arguments)?;
                let cause = ticket.written().await?;
                let call = Call {
                    verb,
                    rule: permit.rule(),
                    resource: String::new(),
                    arguments: Vec::new(),
                    cause,
                };
                Ok((permit, call))
            }
            Ok(permit) => {
                let (rule, arguments) = (permit.rule(), arguments.to_vec());
                Ok((permit, Call { verb, rule, resource: text, arguments, cause: 0 }))
            }
            Err(decision) => {
                let ticket = self.record_refusal(verb, decision, &text, arguments)?;
                let number = ticket.written().await?;
                Err(self.refused(verb, decision, &text, number))
            }
        }
    }

    /// As [`Guest::begin`], where Wasmtime gives no way to wait: blocks until the record is in the
    /// file, which takes the writer about as long as one write call.
    pub(super) fn begin_blocking<R: AsResource>(
        &mut self,
        verb: Verb,
        resource: R,
        arguments: &[u8],
    ) -> Result<(Permit<R>, Call)> {
        self.count(verb);
        self.buffer.ready()?;
        let mut text = String::new();
        write_resource(&mut text, resource.as_resource());
        match self.shared.gate.request(verb, resource) {
            Ok(permit) => {
                let rule = permit.rule();
                let cause = self.record_decision(verb, rule, &text, arguments)?.wait_written()?;
                let (resource, arguments) = (String::new(), Vec::new());
                Ok((permit, Call { verb, rule, resource, arguments, cause }))
            }
            Err(decision) => {
                let ticket = self.record_refusal(verb, decision, &text, arguments)?;
                let number = ticket.wait_written()?;
                Err(self.refused(verb, decision, &text, number))
            }
        }
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
            let number = self.record_refusal(verb, decision, &text, &[])?.wait_written()?;
            Err(self.refused(verb, decision, &text, number))
        })
    }

    /// Records how a call ended.
    pub(super) fn end<T>(&mut self, call: Call, result: &Result<T>) {
        let error = result.as_ref().err();
        if call.cause == 0 {
            self.record_call(call.verb, call.rule, (&call.resource, &call.arguments), error);
            return;
        }
        let entry = Entry {
            cause: call.cause,
            verb: Some(call.verb.name()),
            outcome: Some(outcome(error)),
            code: error.map(|error| error.code),
            ..Entry::new(Kind::CallOutcome, self.shared.log.mono_ns())
        };
        self.push(&entry);
    }

    /// Records how a call to TypeScript ended, whenever that is.
    pub(super) fn end_later(&self, call: &Call) -> OnEnd {
        let (verb, cause) = (call.verb.name(), call.cause);
        let (log, context) = (self.shared.log.clone(), self.context.clone());
        let threads = Handle::current();
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
                // A log that can't be written now states what it lost; the effect is over.
                let _ = log.append(&context, &entry);
            };
            // Answers come on JavaScript's thread, which must not wait for a full queue.
            match Handle::try_current() {
                Ok(_) => append(),
                Err(_) => drop(threads.spawn(async move { append() })),
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
        self.push(&entry);
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
        self.push(&entry);
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
            self.push(&entry);
        }
    }

    fn count(&mut self, verb: Verb) {
        self.meter.host_calls += 1;
        self.reads += u64::from(is_read(verb));
    }

    fn record_call(
        &mut self,
        verb: Verb,
        rule: RuleId,
        (resource, arguments): (&str, &[u8]),
        error: Option<&Error>,
    ) {
        let shared = self.shared.clone();
        let entry = Entry {
            verb: Some(verb.name()),
            resource: (!resource.is_empty()).then_some(resource),
            arguments: if arguments.is_empty() { &[] } else { &[arguments] },
            decision: Some(audit::Decision {
                verdict: audit::Verdict::Allow,
                rule: shared.rule(rule),
            }),
            outcome: Some(outcome(error)),
            code: error.map(|error| error.code),
            ..Entry::new(Kind::Call, shared.log.mono_ns())
        };
        self.push(&entry);
    }

    fn record_decision(
        &mut self,
        verb: Verb,
        rule: RuleId,
        resource: &str,
        arguments: &[u8],
    ) -> Result<audit::Ticket> {
        let shared = self.shared.clone();
        let entry = Entry {
            verb: Some(verb.name()),
            resource: (!resource.is_empty()).then_some(resource),
            arguments: &[arguments],
            decision: Some(audit::Decision {
                verdict: audit::Verdict::Allow,
                rule: shared.rule(rule),
            }),
            ..Entry::new(Kind::CallDecision, shared.log.mono_ns())
        };
        self.buffer.push_sync(&entry)
    }

    fn record_refusal(
        &mut self,
        verb: Verb,
        decision: Decision,
        resource: &str,
        arguments: &[u8],
    ) -> Result<audit::Ticket> {
        let shared = self.shared.clone();
        let verdict = match decision.verdict {
            Verdict::Ask => audit::Verdict::Ask,
            // An allow without a permit is a revoked one.
            Verdict::Deny | Verdict::Allow => audit::Verdict::Deny,
        };
        let entry = Entry {
            verb: Some(verb.name()),
            resource: (!resource.is_empty()).then_some(resource),
            arguments: if arguments.is_empty() { &[] } else { &[arguments] },
            decision: Some(audit::Decision {
                verdict,
                rule: decision.rule.and_then(|rule| shared.rule(rule)),
            }),
            outcome: Some(Outcome::Denied),
            code: Some(Code::Denied),
            ..Entry::new(Kind::Call, shared.log.mono_ns())
        };
        self.buffer.push_sync(&entry)
    }

    /// Both faces of a refusal: keeps the person's, gives the guest's.
    fn refused(&mut self, verb: Verb, decision: Decision, text: &str, number: u64) -> Error {
        self.meter.refused_calls += 1;
        let rule = decision.rule.and_then(|rule| self.shared.rule(rule)).map(str::to_owned);
        self.refusals.push(Refused {
            number,
            verb: verb.name(),
            resource: text.to_owned(),
            why: refusals::word(decision.why),
            rule,
            protected: refusals::protected(decision.why),
        });
        if decision.why == Why::Revoked {
            return Error::new(Code::Revoked, "the authority was revoked");
        }
        Error::denied(Refusal { verb: verb.name(), resource: text.to_owned(), number })
    }

    /// Buffers a record of something that was allowed while the log took entries. If it stopped
    /// meanwhile, it states how many entries it lost.
    fn push(&mut self, entry: &Entry<'_>) {
        let _ = self.buffer.push(entry);
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
