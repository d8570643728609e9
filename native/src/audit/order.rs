//! Whether the records of each run stand in the log as they were made: their counters go up by one.
//!
//! A counter may be missing only where the run said before that it lost entries, or where bodies
//! were pruned, whose run and counter nobody can read.

use std::collections::{HashMap, VecDeque};

use super::{kind::Kind, record::Record};
use crate::base::limits;

const RUNS: usize = limits::AUDIT_VERIFY_RUNS as usize;

type Id = [u8; 8];

/// What is known of one run.
#[derive(Debug, Default)]
struct Run {
    /// Counter of its last record.
    last: u64,
    /// Lost entries it told of whose counters were not missed yet.
    lost: u64,
    /// Pruned bodies of any run before its last record.
    pruned: u64,
    /// Whether its beginning may have been forgotten: any counter may be its next.
    is_open: bool,
    /// Whether it had a record since it was last in line to be forgotten.
    is_active: bool,
}

/// See the module. Keeps the last `audit-verify-runs` runs that wrote.
#[derive(Debug, Default)]
pub struct Order {
    runs: HashMap<Id, Run>,
    line: VecDeque<Id>,
    pruned: u64,
    forgets: bool,
}

impl Order {
    /// Takes the next record, none for one whose body was pruned. Errors: what is wrong with its
    /// place.
    pub fn take(&mut self, record: Option<&Record>) -> Result<(), String> {
        let Some(record) = record else {
            self.pruned += 1;
            return Ok(());
        };
        if !self.runs.contains_key(&record.run) {
            self.meet(record.run);
        }
        let pruned = self.pruned;
        let Some(run) = self.runs.get_mut(&record.run) else { return Ok(()) };
        run.is_active = true;
        if record.kind == Kind::LogLost {
            run.lost = run.lost.saturating_add(record.lost.unwrap_or_default());
        }
        if record.kind.is_note() { Ok(()) } else { run.go_on(record.counter, pruned) }
    }

    /// Makes room for a run that is new here. One that wrote lately gets another chance.
    fn meet(&mut self, id: Id) {
        while self.runs.len() >= RUNS
            && let Some(oldest) = self.line.pop_front()
        {
            match self.runs.get_mut(&oldest) {
                Some(run) if run.is_active => {
                    run.is_active = false;
                    self.line.push_back(oldest);
                }
                _ => {
                    self.runs.remove(&oldest);
                    self.forgets = true;
                }
            }
        }
        self.runs.insert(id, Run { is_open: self.forgets, ..Run::default() });
        self.line.push_back(id);
    }
}

impl Run {
    fn go_on(&mut self, counter: u64, pruned: u64) -> Result<(), String> {
        let last = std::mem::replace(&mut self.last, counter);
        let is_open = std::mem::take(&mut self.is_open);
        let gone = pruned - std::mem::replace(&mut self.pruned, pruned);
        let Some(missing) = counter.checked_sub(last.saturating_add(1)) else {
            return Err(format!("number {counter} of its run after number {last}"));
        };
        // What a pruned body explains needs no loss to do so.
        let lost = missing.saturating_sub(gone);
        if is_open || lost == 0 {
            return Ok(());
        }
        match self.lost.checked_sub(lost) {
            Some(left) => {
                self.lost = left;
                Ok(())
            }
            None => Err(format!("number {counter} of its run after number {last}: a gap")),
        }
    }
}
