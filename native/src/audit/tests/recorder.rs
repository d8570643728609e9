//! A series of refusals in time.

use super::{Scratch, open, read_all, subject};
use crate::{
    audit::{Accounts, Outcome, Recorder, Refusal, Verdict},
    base::{error::Code, limits},
};

const FOLD_NS: u64 = limits::AUDIT_FOLD_MS * 1_000_000;

#[test]
fn a_series_is_written_each_time_its_age_is_reached_and_at_its_end() {
    let scratch = Scratch::new();
    let log = open(&scratch.log());
    let account = Accounts::new(&scratch.log()).of(&"main".into());
    let mut recorder = Recorder::new(log.buffer(subject()), account);
    let refusal = Refusal {
        verb: "fs.read",
        resource: "data://no",
        verdict: Verdict::Deny,
        outcome: Outcome::Denied,
        code: Code::Denied,
        rule: None,
    };
    assert_eq!(recorder.repeat(&refusal, 1), None, "nothing to repeat yet");
    let number = recorder.push_sync(&refusal.entry(1, &[])).unwrap().wait_written().unwrap();
    recorder.follow(&refusal, number);
    for at in [2, 2 + FOLD_NS / 2, 2 + FOLD_NS, 3 + FOLD_NS, 4 + FOLD_NS] {
        assert_eq!(recorder.repeat(&refusal, at), Some(number));
    }
    let other = Refusal { code: Code::Revoked, ..refusal };
    assert_eq!(recorder.repeat(&other, 5 + FOLD_NS), None, "another code is another refusal");
    drop(recorder);
    log.close().unwrap();
    let records: Vec<_> =
        read_all(&scratch.log()).into_iter().filter_map(|item| item.record).collect();
    let times = records.iter().map(|record| (record.count, record.mono_ns));
    assert_eq!(times.collect::<Vec<_>>(), [(1, 1), (3, 2 + FOLD_NS), (2, 4 + FOLD_NS)]);
    assert!(records[1].since_us.is_some_and(|since| since <= records[1].wall_us));
}
