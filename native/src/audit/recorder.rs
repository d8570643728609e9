//! What one instance records: its buffer, and refusals that repeat. The first of a series is an
//! entry of its own; what equals it and follows at once is one more, with count and times.

use std::sync::Arc;

use super::{
    account::{Account, Standing},
    buffer::Buffer,
    entry::{Context, Decision, Entry},
    kind::Kind,
    queue::Room,
    record::{Outcome, Verdict},
    ticket::Ticket,
};
use crate::base::{
    error::{Code, Error, Result},
    limits,
};

const FOLD_NS: u64 = limits::AUDIT_FOLD_MS * 1_000_000;

/// What makes two refusals equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// What was asked.
    pub verb: &'static str,
    /// Of what; empty if it was nothing that can be named.
    pub resource: &'a str,
    /// Deny or ask.
    pub verdict: Verdict,
    /// Denied, or refused before there was anything to decide.
    pub outcome: Outcome,
    /// Why.
    pub code: Code,
    /// The rule that said so.
    pub rule: Option<&'a str>,
}

impl<'a> Refusal<'a> {
    /// The entry of one.
    pub fn entry(&self, mono_ns: u64, arguments: &'a [&'a [u8]]) -> Entry<'a> {
        Entry {
            verb: Some(self.verb),
            resource: (!self.resource.is_empty()).then_some(self.resource),
            arguments,
            decision: Some(Decision { verdict: self.verdict, rule: self.rule }),
            outcome: Some(self.outcome),
            code: Some(self.code),
            ..Entry::new(Kind::Call, mono_ns)
        }
    }
}

/// A refusal and those like it that followed.
#[derive(Debug)]
struct Series {
    verb: &'static str,
    resource: String,
    verdict: Verdict,
    outcome: Outcome,
    code: Code,
    rule: Option<String>,
    /// Sequence of the first, which is recorded; 0 if nobody was told.
    number: u64,
    /// Those that are not recorded yet, and when the first and the last of them were.
    count: u32,
    since_ns: u64,
    until_ns: u64,
}

impl Series {
    fn refusal(&self) -> Refusal<'_> {
        Refusal {
            verb: self.verb,
            resource: &self.resource,
            verdict: self.verdict,
            outcome: self.outcome,
            code: self.code,
            rule: self.rule.as_deref(),
        }
    }
}

/// See the module. Every entry ends the series before it, so that the order stays.
#[derive(Debug)]
pub struct Recorder {
    buffer: Buffer,
    series: Option<Series>,
    account: Arc<Account>,
    /// Whether the last look at the account said so.
    is_full: bool,
}

impl Recorder {
    /// One that records into a buffer, on a principal's account.
    pub fn new(buffer: Buffer, account: Arc<Account>) -> Self {
        Self { buffer, series: None, account, is_full: false }
    }

    /// Says for whom the following entries are.
    pub fn set_context(&mut self, context: Context) {
        self.end_series();
        self.buffer.set_context(context);
    }

    /// As [`Buffer::ready`]; also `ASTRID_LOG_FULL` as long as the account says so. The clock is
    /// read only then.
    pub fn ready(&mut self, mono_ns: impl FnOnce() -> u64) -> Result<()> {
        self.buffer.ready()?;
        if self.is_full && self.settle(mono_ns()) == Standing::Full {
            return Err(Error::new(Code::LogFull, "the log's disk is nearly full"));
        }
        Ok(())
    }

    /// Charges the account for what was recorded; whether the guest may go on.
    pub fn settle(&mut self, mono_ns: u64) -> Standing {
        let (standing, charge) = self.account.charge(self.buffer.take_recorded());
        self.is_full = standing == Standing::Full;
        if let Some(charge) = charge {
            self.push_ended(&charge.entry(mono_ns));
        }
        standing
    }

    /// As [`Buffer::push`].
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<Room> {
        self.end_series();
        self.buffer.push(entry)
    }

    /// As [`Buffer::push_ended`].
    pub fn push_ended(&mut self, entry: &Entry<'_>) {
        self.end_series();
        self.buffer.push_ended(entry);
    }

    /// As [`Buffer::push_sync`].
    pub fn push_sync(&mut self, entry: &Entry<'_>) -> Result<Ticket> {
        self.end_series();
        self.buffer.push_sync(entry)
    }

    /// As [`Buffer::hand_over`]; for one that waits, also what was counted.
    pub fn hand_over(&mut self) -> Result<Room> {
        self.write_series();
        self.buffer.hand_over()
    }

    /// Counts a refusal that equals the last entry; the number that it has then. None if it has to
    /// be recorded by itself.
    pub fn repeat(&mut self, refusal: &Refusal<'_>, mono_ns: u64) -> Option<u64> {
        let series = self.series.as_mut().filter(|series| series.refusal() == *refusal)?;
        if series.count == 0 {
            series.since_ns = mono_ns;
        }
        series.count = series.count.saturating_add(1);
        series.until_ns = mono_ns;
        let number = series.number;
        if mono_ns.saturating_sub(series.since_ns) >= FOLD_NS || series.count == u32::MAX {
            self.write_series();
        }
        Some(number)
    }

    /// Says that the last entry is this refusal, if no series goes on, and what the guest is told
    /// as its number.
    pub fn follow(&mut self, refusal: &Refusal<'_>, number: u64) {
        if self.series.is_some() {
            return;
        }
        let Refusal { verb, verdict, outcome, code, .. } = *refusal;
        self.series = Some(Series {
            verb,
            resource: refusal.resource.to_owned(),
            verdict,
            outcome,
            code,
            rule: refusal.rule.map(str::to_owned),
            number,
            count: 0,
            since_ns: 0,
            until_ns: 0,
        });
    }

    fn end_series(&mut self) {
        self.write_series();
        self.series = None;
    }

    /// Records what was counted; the series goes on.
    fn write_series(&mut self) {
        let Some(series) = self.series.as_mut().filter(|series| series.count > 0) else { return };
        let count = std::mem::take(&mut series.count);
        let entry = Entry {
            count,
            since_ns: (count > 1).then_some(series.since_ns),
            ..series.refusal().entry(series.until_ns, &[])
        };
        self.buffer.push_ended(&entry);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.write_series();
    }
}
