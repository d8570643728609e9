//! The one way from a host call to its effect: decide, do, record.
//!
//! What a function's class asks for is true when `begin` returns: the decision is on disk, or in
//! the file, or will be recorded with the outcome.

use std::fmt::Write as _;

use tokio::task::block_in_place;

use super::bindings::astrid::capsule::types;
use super::functions::Function;
use super::guest::{Guest, Hosted};
use super::recording::refusal;
use super::refusals::{self, Refused};
use crate::audit::{Class, Ticket};
use crate::base::error::{Code, Error, Refusal, Result};
use crate::gate::decide::{AsResource, Decision, Resource, RuleId, Why};
use crate::gate::permit::Permit;
use crate::gate::verb::Verb;

/// Whether a verb brings something into the guest that it had not.
const fn is_read(verb: Verb) -> bool {
    matches!(verb, Verb::FsRead | Verb::KvRead)
}

/// A call that was allowed and is not recorded to its end yet.
#[must_use = "every call is recorded: pass it to Guest::end"]
pub struct Call<'a> {
    pub(super) verb: Verb,
    pub(super) rule: Option<RuleId>,
    pub(super) resource: String,
    pub(super) arguments: &'a [u8],
    /// Sequence of its first record, which has rule, resource and arguments; 0 if there is none.
    pub(super) cause: u64,
}

impl Call<'_> {
    /// The call as its outcome needs it, once its first record has the arguments.
    pub(super) fn recorded(self) -> Call<'static> {
        debug_assert!(self.cause != 0, "a call of the class batch has no first record");
        Call { arguments: &[], ..self }
    }
}

/// A call that was decided.
struct Asked<'a, R> {
    call: Call<'a>,
    said: std::result::Result<Permit<R>, Decision>,
    /// Of a record that must be written before anything else happens, and how far it must come.
    ticket: Option<(Ticket, Class)>,
}

impl Guest {
    /// Decides, does and records one call that needs no waiting.
    pub(super) fn perform<R: AsResource, T>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, Permit<R>) -> Result<T>,
    ) -> Hosted<T> {
        Ok(self.decide_and_do(function, resource, arguments, effect).map_err(types::Error::from))
    }

    /// As [`Guest::perform`], for callers inside the kernel.
    pub(super) fn decide_and_do<R: AsResource, T>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &[u8],
        effect: impl FnOnce(&mut Self, Permit<R>) -> Result<T>,
    ) -> Result<T> {
        let (permit, call) = self.begin_blocking(function, resource, arguments)?;
        let result = effect(self, permit);
        self.end(call, &result);
        result
    }

    /// Decides a call whose effect waits. The decision is as durable as the function's class says
    /// when this returns.
    pub(super) async fn begin<'a, R: AsResource>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<(Permit<R>, Call<'a>)> {
        let asked = self.ask(function, resource, arguments)?;
        let number = match &asked.ticket {
            Some((ticket, Class::Before)) => ticket.durable().await?,
            Some((ticket, _)) => ticket.written().await?,
            None => 0,
        };
        self.answered(asked, number)
    }

    /// As [`Guest::begin`], where Wasmtime gives no way to wait: blocks until the record is in the
    /// file, which takes as long as a write, or on disk; `ASTRID_DEADLINE` if that takes longer
    /// than the message has.
    pub(super) fn begin_blocking<'a, R: AsResource>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<(Permit<R>, Call<'a>)> {
        let asked = self.ask(function, resource, arguments)?;
        let number = match &asked.ticket {
            Some((ticket, class)) => self.wait(ticket, *class)?,
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
            let number = match self.repeat(&call, decision) {
                Some(number) => number,
                None => {
                    let ticket = self.record_refusal(&call, decision)?;
                    self.wait(&ticket, Class::With)?
                }
            };
            Err(self.refused(&call, decision, number))
        })
    }

    /// Decides, and records what must be in the file before anything else happens.
    fn ask<'a, R: AsResource>(
        &mut self,
        function: Function,
        resource: R,
        arguments: &'a [u8],
    ) -> Result<Asked<'a, R>> {
        let Function { verb, class, .. } = function;
        self.count(verb);
        self.recorder.ready(|| self.shared.log.mono_ns())?;
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        write_resource(&mut text, resource.as_resource());
        let said = self.shared.gate.request(verb, resource);
        let rule = match &said {
            Ok(permit) => Some(permit.rule()),
            Err(decision) => decision.rule,
        };
        let call = Call { verb, rule, resource: text, arguments, cause: 0 };
        if let Err(decision) = &said
            && let Some(number) = self.repeat(&call, *decision)
        {
            return Ok(Asked { call: Call { cause: number, ..call }, said, ticket: None });
        }
        let ticket = match &said {
            Err(decision) => Some((self.record_refusal(&call, *decision)?, Class::With)),
            Ok(_) if class == Class::Batch => None,
            Ok(_) => Some((self.record_decision(&call)?, class)),
        };
        Ok(Asked { call, said, ticket })
    }

    /// What the caller gets, once the record has its number.
    fn answered<'a, R>(
        &mut self,
        asked: Asked<'a, R>,
        number: u64,
    ) -> Result<(Permit<R>, Call<'a>)> {
        let Asked { call, said, ticket } = asked;
        match said {
            Ok(permit) => Ok((permit, Call { cause: number, ..call })),
            Err(decision) => {
                let number = if ticket.is_some() { number } else { call.cause };
                let refused = self.refused(&call, decision, number);
                self.text = call.resource;
                Err(refused)
            }
        }
    }

    fn wait(&self, ticket: &Ticket, class: Class) -> Result<u64> {
        let deadline = self.message.deadline;
        // Other guests must not wait with it.
        let reached = match class {
            Class::Before => block_in_place(|| ticket.wait_durable_until(deadline)),
            Class::With | Class::Batch => ticket
                .written_now()
                .or_else(|| block_in_place(|| ticket.wait_written_until(deadline))),
        };
        let late = "the deadline passed before the log could be written";
        reached.unwrap_or_else(|| Err(Error::new(Code::Deadline, late)))
    }

    pub(super) fn count(&mut self, verb: Verb) {
        self.meter.host_calls += 1;
        self.reads += u64::from(is_read(verb));
    }

    /// Both faces of a refusal: keeps the person's, gives the guest's.
    fn refused(&mut self, call: &Call<'_>, decision: Decision, number: u64) -> Error {
        self.meter.refused_calls += 1;
        let (verb, resource) = (call.verb.name(), &call.resource);
        let rule = call.rule.and_then(|rule| self.shared.rule(rule)).map(str::to_owned);
        self.recorder.follow(&refusal(&self.shared, call, decision), number);
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
