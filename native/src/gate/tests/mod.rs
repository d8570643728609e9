//! Tests of the gate as a whole; what one file can show alone is tested in that file.

mod decide;
mod key;
mod path;
mod pattern;
mod permit;
mod reference;

use proptest::test_runner::Config;

use super::{
    decide::{RuleId, Verdict},
    path::ResourcePath,
    pattern::Pattern,
    table::{Row, Table},
    verb::Verb,
};

/// A rule as people write it.
pub type Rule<'a> = (Verdict, Verb, &'a str);

/// A table whose rules are numbered from 0.
pub fn table(rules: &[Rule<'_>]) -> Table {
    let row = |(number, (verdict, verb, pattern)): (u32, &Rule<'_>)| Row {
        verdict: *verdict,
        verb: *verb,
        pattern: Pattern::parse(*verb, pattern).expect("is a pattern"),
        rule: RuleId(number),
    };
    let rows: Vec<Row> = (0..).zip(rules).map(row).collect();
    Table::compile(&rows).expect("compiles")
}

pub fn path(text: &str) -> ResourcePath {
    ResourcePath::parse(text).expect("is a path")
}

/// Enough cases to meet each combination of a few small names, and no files beside the source.
pub fn config() -> Config {
    Config { cases: 2000, failure_persistence: None, ..Config::default() }
}
