//! Patterns: what can be written, and that it is written back.

use proptest::prelude::*;

use super::config;
use crate::{
    base::{
        error::Code,
        limits::{GRANTS, PATTERN_BYTES},
    },
    gate::{
        decide::{RuleId, Verdict},
        pattern::Pattern,
        table::{Row, Table},
        verb::Verb,
    },
};

#[test]
fn every_form_is_written_back_as_it_was() {
    let patterns = [
        (Verb::FsRead, "workspace://"),
        (Verb::FsRead, "workspace://**"),
        (Verb::FsWrite, "data://a/*/{b,c}/**"),
        (Verb::FsWrite, "tmp://[slug].tsx"),
        (Verb::FsRead, "workspace://*"),
        (Verb::IpcPublish, "tool.*.{a,b}.**"),
        (Verb::IpcPublish, "**"),
        (Verb::KvRead, "user/1"),
        (Verb::KvWrite, "user/*"),
        (Verb::ConfigRead, "*"),
        (Verb::ClockRead, ""),
    ];
    for (verb, text) in patterns {
        let pattern = Pattern::parse(verb, text).expect("is a pattern");
        assert_eq!(pattern.to_string(), text);
        assert_eq!(pattern.kind(), verb.kind());
    }
}

#[test]
fn members_of_a_set_have_no_order() {
    let parse = |text| Pattern::parse(Verb::FsRead, text).expect("is a pattern");
    assert_eq!(parse("tmp://{b,a}"), parse("tmp://{a,b}"));
}

#[test]
fn what_can_not_mean_what_it_seems_to_is_refused() {
    let patterns = [
        (Verb::FsRead, ""),
        (Verb::FsRead, "*"),
        (Verb::FsRead, "**"),
        (Verb::FsRead, "/etc/**"),
        (Verb::FsRead, "workspace://a/"),
        (Verb::FsRead, "workspace://a//**"),
        (Verb::FsRead, "workspace://../**"),
        (Verb::FsRead, "workspace://{.,..}"),
        (Verb::FsRead, "workspace://**/a"),
        (Verb::FsRead, "workspace://**/**"),
        (Verb::FsRead, "workspace://***"),
        (Verb::FsRead, "workspace://*.pem"),
        (Verb::FsRead, "workspace://a*"),
        (Verb::FsRead, "workspace://a?"),
        (Verb::FsRead, "workspace://{a"),
        (Verb::FsRead, "workspace://a}"),
        (Verb::FsRead, "workspace://{a,b}c"),
        (Verb::FsRead, "workspace://{}"),
        (Verb::FsRead, "workspace://{a,}"),
        (Verb::FsRead, "workspace://{a,a}"),
        (Verb::FsRead, "workspace://{a,{b}}"),
        (Verb::FsRead, "workspace://{a,*}"),
        (Verb::FsRead, "workspace://{a/b,c}"),
        (Verb::FsRead, "workspace://a\0"),
        (Verb::FsRead, "workspace://a\ngranted: all"),
        (Verb::FsRead, "workspace://{a,\u{9b}2J}"),
        (Verb::KvRead, "a\u{1b}[2J*"),
        (Verb::IpcPublish, "a\n"),
        (Verb::IpcPublish, ""),
        (Verb::IpcPublish, "Tool.*"),
        (Verb::IpcPublish, "tool..a"),
        (Verb::IpcPublish, "tool/**"),
        (Verb::KvRead, ""),
        (Verb::KvRead, "**"),
        (Verb::KvRead, "user/*/a"),
        (Verb::KvRead, "user/{a,b}"),
        (Verb::KvRead, "a\0*"),
        (Verb::LogWrite, "*"),
        (Verb::ClockRead, " "),
    ];
    for (verb, text) in patterns {
        let code = Pattern::parse(verb, text).map_err(|e| e.code);
        assert_eq!(code, Err(Code::Grant), "{}={text}", verb.name());
    }
    let message = Pattern::parse(Verb::FsRead, "tmp://a\nb").map_err(|e| e.message);
    assert!(message.is_err_and(|text| !text.contains(char::is_control)));
    let message = Pattern::parse(Verb::FsRead, "tmp://*.pem").map_err(|e| e.message);
    assert!(message.is_err_and(|text| text.starts_with("fs.read=tmp://*.pem: \"*.pem\" mixes")));
}

#[test]
fn texts_and_tables_are_bounded() {
    let long = format!("tmp://{}", "a".repeat(PATTERN_BYTES as usize));
    assert!(Pattern::parse(Verb::FsRead, &long).is_err());
    let segments = ["a"; 129].join("/");
    assert!(Pattern::parse(Verb::FsRead, &format!("tmp://{segments}")).is_err());
    assert!(Pattern::parse(Verb::IpcPublish, &["*"; 129].join(".")).is_err());
    assert!(Pattern::parse(Verb::KvRead, &"k".repeat(513)).is_err());

    let rows = |pattern: &str, count: u64| {
        let pattern = Pattern::parse(Verb::FsRead, pattern).expect("is a pattern");
        let row = |rule| Row {
            verdict: Verdict::Allow,
            verb: Verb::FsRead,
            pattern: pattern.clone(),
            rule: RuleId(rule as u32),
        };
        Table::compile(&(0..count).map(row).collect::<Vec<_>>()).map_err(|e| e.code)
    };
    assert!(rows("tmp://a", GRANTS).is_ok());
    assert_eq!(rows("tmp://a", GRANTS + 1).err(), Some(Code::Quota));
    assert!(rows("tmp://{a,b}", GRANTS / 2).is_ok());
    assert_eq!(rows("tmp://{a,b}", GRANTS / 2 + 1).err(), Some(Code::Quota));
    let bomb = format!("tmp://{}", ["{a,b}"; 128].join("/"));
    assert_eq!(rows(&bomb, 1).err(), Some(Code::Quota));
}

#[test]
fn a_pattern_of_another_kind_than_its_verb_does_not_compile() {
    let pattern = Pattern::parse(Verb::KvRead, "*").expect("is a pattern");
    let row = Row { verdict: Verdict::Allow, verb: Verb::FsRead, pattern, rule: RuleId(0) };
    assert_eq!(Table::compile(&[row]).map_err(|e| e.code).err(), Some(Code::Grant));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_canonical_text_means_the_same(
        text in "(tmp|data)://([ab*{},]{0,5}/){0,2}[ab*{},]{0,5}",
    ) {
        if let Ok(pattern) = Pattern::parse(Verb::FsRead, &text) {
            prop_assert_eq!(Pattern::parse(Verb::FsRead, &pattern.to_string()), Ok(pattern));
        }
    }
}
