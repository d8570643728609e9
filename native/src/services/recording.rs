//! What a call leaves in the log. A call of the classes *before* and *with* leaves two records, its
//! decision and its outcome; one of the class *batch* leaves one, after it.

use std::slice;

use tokio::runtime::Handle;

use super::calls::Call;
use super::fs::opened::Opening;
use super::fs::tally::Written;
use super::functions::{self, Function};
use super::guest::{Guest, Hosted, Shared};
use super::port::{End, OnEnd};
use crate::audit::{self, Entry, Kind, Outcome, Refusal, Ticket};
use crate::base::error::{Code, Error, Result};
use crate::gate::decide::{Decision, Verdict, Why};
use crate::gate::verb::Verb;

impl Guest {
    /// Records how a call ended.
    pub(super) fn end<T>(&mut self, call: Call<'_>, result: &Result<T>) {
        let error = result.as_ref().err();
        if call.cause == 0 {
            let entry = Entry {
                outcome: Some(outcome(error)),
                code: error.map(|error| error.code),
                ..decided(&self.shared, Kind::Call, &call)
            };
            self.recorder.push_ended(&entry);
        } else {
            let entry = Entry {
                cause: call.cause,
                verb: Some(call.verb.name()),
                outcome: Some(outcome(error)),
                code: error.map(|error| error.code),
                ..Entry::new(Kind::CallOutcome, self.shared.log.mono_ns())
            };
            self.recorder.push_ended(&entry);
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
        let refusal = Refusal {
            verb: verb.name(),
            resource: "",
            verdict: audit::Verdict::Deny,
            outcome: Outcome::Error,
            code: error.code,
            rule: None,
        };
        let now = self.shared.log.mono_ns();
        if self.recorder.repeat(&refusal, now).is_none() {
            self.recorder.push_ended(&refusal.entry(now, &[]));
            self.recorder.follow(&refusal, 0);
        }
        error
    }

    /// As [`Guest::refuse_argument`], for a host function to return.
    pub(super) fn invalid<T>(&mut self, verb: Verb, error: Error) -> Hosted<T> {
        Ok(Err(self.refuse_argument(verb, error).into()))
    }

    /// Counts and records a call that only shows what other calls may show.
    pub(super) fn note(&mut self, function: Function) -> Result<()> {
        self.count(function.verb);
        self.recorder.ready(|| self.shared.log.mono_ns())?;
        let entry = Entry {
            verb: Some(function.verb.name()),
            decision: Some(audit::Decision { verdict: audit::Verdict::Allow, rule: None }),
            outcome: Some(Outcome::Ok),
            ..Entry::new(Kind::Call, self.shared.log.mono_ns())
        };
        self.recorder.push_ended(&entry);
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
            self.recorder.push_ended(&entry);
        }
    }

    /// Records that a file closed which was written through a handle: how much, and a commitment to
    /// the digest of all of it. The cause is the decision to open it.
    pub(super) fn record_close(&mut self, opening: &Opening, written: &Written) {
        let arguments: &[&[u8]] = &[&written.digest];
        let usage = audit::Usage { bytes_out: written.bytes, ..audit::Usage::default() };
        let entry = Entry {
            cause: opening.cause,
            verb: Some(functions::FILE_CLOSE.verb.name()),
            resource: Some(&opening.path.to_string()),
            arguments,
            decision: Some(audit::Decision { verdict: audit::Verdict::Allow, rule: None }),
            // A write that failed may have left some of its bytes.
            outcome: Some(if written.failed.is_some() { Outcome::Unknown } else { Outcome::Ok }),
            code: written.failed,
            usage: Some(usage),
            ..Entry::new(Kind::Call, self.shared.log.mono_ns())
        };
        self.recorder.push_ended(&entry);
    }

    pub(super) fn record_decision(&mut self, call: &Call<'_>) -> Result<Ticket> {
        self.recorder.push_sync(&decided(&self.shared, Kind::CallDecision, call))
    }

    pub(super) fn record_refusal(&mut self, call: &Call<'_>, decision: Decision) -> Result<Ticket> {
        let refusal = refusal(&self.shared, call, decision);
        let arguments: &[&[u8]] =
            if call.arguments.is_empty() { &[] } else { slice::from_ref(&call.arguments) };
        self.recorder.push_sync(&refusal.entry(self.shared.log.mono_ns(), arguments))
    }

    /// Counts a refusal that is the same as the last; its number. The arguments may differ.
    pub(super) fn repeat(&mut self, call: &Call<'_>, decision: Decision) -> Option<u64> {
        let refusal = refusal(&self.shared, call, decision);
        self.recorder.repeat(&refusal, self.shared.log.mono_ns())
    }
}

/// A refused call, as far as refusals are compared.
pub(super) fn refusal<'e>(
    shared: &'e Shared,
    call: &'e Call<'_>,
    decision: Decision,
) -> Refusal<'e> {
    Refusal {
        verb: call.verb.name(),
        resource: &call.resource,
        verdict: match decision.verdict {
            Verdict::Ask => audit::Verdict::Ask,
            // An allow without a permit is a revoked one.
            Verdict::Deny | Verdict::Allow => audit::Verdict::Deny,
        },
        outcome: Outcome::Denied,
        code: if decision.why == Why::Revoked { Code::Revoked } else { Code::Denied },
        rule: call.rule.and_then(|rule| shared.rule(rule)),
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
