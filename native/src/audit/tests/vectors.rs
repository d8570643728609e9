//! The record format against files: each states its outcome class and, if it is a record, all its
//! fields.

use std::{fmt::Write as _, fs, path::PathBuf};

use super::unhex;
use crate::{
    audit::{Fault, Record, Text, chain, decode, encode},
    base::hex,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/record")
}

/// The fields as a vector lists them.
fn describe(record: &Record<'_>) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        writeln!(out, "{name}: {value}").unwrap();
    };
    line("kind", &record.kind.name());
    line("sequence", &record.sequence);
    line("wall-us", &record.wall_us);
    line("mono-ns", &record.mono_ns);
    line("run", &hex::encode(&record.run));
    line("counter", &record.counter);
    line("count", &record.count);
    if record.cause != 0 {
        line("cause", &record.cause);
    }
    let mut text = |name: &str, text: &Option<Text<'_>>| {
        let Some(text) = text else { return };
        let shown = text.kept.escape_default().to_string();
        let short = if shown.len() > 80 { format!("({} bytes)", text.kept.len()) } else { shown };
        line(name, &short);
        if let Some(whole) = &text.whole {
            line(&format!("{name}-whole"), &hex::encode(whole));
        }
    };
    text("principal", &record.principal);
    text("capsule", &record.capsule);
    text("message", &record.message);
    text("verb", &record.verb);
    text("resource", &record.resource);
    text("rule", &record.rule);
    text("code", &record.code);
    for (name, bytes) in [
        ("component", record.component.as_ref().map(|b| b.as_slice())),
        ("authority", record.authority.as_ref().map(|b| b.as_slice())),
        ("commitment", record.commitment.as_ref().map(|b| b.as_slice())),
    ] {
        if let Some(bytes) = bytes {
            line(name, &hex::encode(bytes));
        }
    }
    if let Some(verdict) = record.verdict {
        line("verdict", &verdict.name());
    }
    if let Some(outcome) = record.outcome {
        line("outcome", &outcome.name());
    }
    if let Some(usage) = record.usage {
        line("usage", &format!("{:?}", usage.numbers()));
    }
    if let Some(lost) = record.lost {
        line("lost", &lost);
    }
    if let Some(since) = record.since_us {
        line("since-us", &since);
    }
    out
}

#[test]
fn every_vector_has_the_outcome_it_states() {
    let mut classes = Vec::new();
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "chain.txt" {
            continue;
        }
        let (head, bytes) = text.split_once("\n\n").unwrap();
        let (expect, fields) = head.split_once('\n').unwrap_or((head, ""));
        let (expect, bytes) = (expect.strip_prefix("expect: ").unwrap(), unhex(bytes));
        match decode(&bytes) {
            Ok(record) => {
                assert_eq!(expect, "ok", "{name}");
                assert_eq!(describe(&record).trim_end(), fields.trim_end(), "{name}");
                assert_eq!(encode(&record), bytes, "{name}");
            }
            Err(fault) => assert_eq!(expect, fault.name(), "{name}"),
        }
        classes.push(expect.to_owned());
    }
    for fault in [
        Fault::TooLarge,
        Fault::BadLength,
        Fault::Trailing,
        Fault::UnknownKind,
        Fault::UnknownField,
        Fault::UnknownValue,
        Fault::NotUtf8,
        Fault::NotCanonical,
        Fault::WrongFields,
    ] {
        assert!(classes.iter().any(|c| c == fault.name()), "no vector is {}", fault.name());
    }
}

#[test]
fn the_chain_is_as_the_vector_says() {
    let text = fs::read_to_string(folder().join("chain.txt")).unwrap();
    let value = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
        unhex(line.unwrap_or_else(|| panic!("chain.txt has {name}")))
    };
    let origin: [u8; 32] = value("origin").try_into().unwrap();
    let genesis = chain::genesis(&origin);
    let hash = chain::record_hash(&value("body"));
    assert_eq!(hex::encode(&genesis), hex::encode(&value("genesis")));
    assert_eq!(hex::encode(&hash), hex::encode(&value("hash")));
    assert_eq!(hex::encode(&chain::link(&genesis, &hash)), hex::encode(&value("link")));
}
