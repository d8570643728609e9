//! Decisions, case by case.

use super::{path, table};
use crate::gate::{
    decide::{Decision, Resource, RuleId, Verdict, Verdict::*, Why},
    protected::ROWS,
    table::Table,
    verb::Verb,
};

fn decide(table: &Table, verb: Verb, text: &str) -> Decision {
    table.decide(verb, Resource::Path(&path(text)))
}

fn verdict(table: &Table, verb: Verb, text: &str) -> Verdict {
    decide(table, verb, text).verdict
}

#[test]
fn an_empty_table_denies_everything() {
    let table = table(&[]);
    for verb in Verb::ALL {
        let decision = table.decide(verb, Resource::Nothing);
        assert_eq!((decision.verdict, decision.why), (Deny, Why::NoRule));
        assert!(!table.grants_any(verb));
    }
    assert_eq!(verdict(&table, Verb::FsRead, "tmp://"), Deny);
}

#[test]
fn two_stars_cover_the_directory_and_all_below_and_nothing_beside() {
    let table = table(&[(Allow, Verb::FsRead, "workspace://docs/**")]);
    for text in ["workspace://docs", "workspace://docs/a", "workspace://docs/a/b/c"] {
        assert_eq!(verdict(&table, Verb::FsRead, text), Allow, "{text}");
        assert_eq!(verdict(&table, Verb::FsWrite, text), Deny, "{text}");
    }
    for text in ["workspace://", "workspace://doc", "workspace://docsx", "workspace://Docs"] {
        assert_eq!(verdict(&table, Verb::FsRead, text), Deny, "{text}");
    }
    assert_eq!(verdict(&table, Verb::FsRead, "data://docs"), Deny);
}

#[test]
fn the_lowest_of_the_matching_rows_decides_whatever_their_order() {
    let rules = [
        (Allow, Verb::FsRead, "workspace://**"),
        (Ask, Verb::FsRead, "workspace://a/**"),
        (Deny, Verb::FsRead, "workspace://a/*/c"),
        (Allow, Verb::FsRead, "workspace://a/b/c"),
    ];
    let table = table(&rules);
    let rule = |text| decide(&table, Verb::FsRead, text).rule;
    assert_eq!(rule("workspace://b"), Some(RuleId(0)));
    assert_eq!(rule("workspace://a/b"), Some(RuleId(1)));
    assert_eq!(rule("workspace://a/b/c"), Some(RuleId(2)));
}

#[test]
fn a_resource_of_another_kind_is_denied() {
    let table = table(&[(Allow, Verb::ClockRead, ""), (Allow, Verb::FsRead, "tmp://**")]);
    assert_eq!(table.decide(Verb::ClockRead, Resource::Nothing).verdict, Allow);
    assert_eq!(table.decide(Verb::FsRead, Resource::Nothing).verdict, Deny);
    assert_eq!(verdict(&table, Verb::ClockRead, "tmp://a"), Deny);
}

#[test]
fn a_verb_is_granted_by_an_allow_or_an_ask() {
    let rules = [
        (Ask, Verb::FsRead, "tmp://a"),
        (Deny, Verb::FsWrite, "tmp://**"),
        (Allow, Verb::LogWrite, ""),
    ];
    let granted = Verb::ALL.into_iter().filter(|verb| table(&rules).grants_any(*verb));
    assert_eq!(granted.collect::<Vec<_>>(), [Verb::FsRead, Verb::LogWrite]);
}

#[test]
fn wildcards_open_no_protected_name() {
    let table = table(&[
        (Allow, Verb::FsWrite, "workspace://**"),
        (Allow, Verb::FsWrite, "workspace://*"),
        (Allow, Verb::FsWrite, "workspace://*/**"),
    ]);
    for row in ROWS.iter().filter(|row| row.write) {
        for name in [row.text.to_owned(), row.text.to_uppercase()] {
            for text in [format!("workspace://{name}"), format!("workspace://a/{name}/b")] {
                let why = decide(&table, Verb::FsWrite, &text).why;
                assert!(matches!(why, Why::Protected(_)), "{text}: {why:?}");
            }
        }
    }
}

#[test]
fn a_literal_opens_the_protected_name_at_its_place_only() {
    let table = table(&[
        (Allow, Verb::FsWrite, "workspace://**"),
        (Allow, Verb::FsWrite, "workspace://.git/**"),
        (Allow, Verb::FsWrite, "workspace://a/{.env,b}"),
    ]);
    let of = |text| verdict(&table, Verb::FsWrite, text);
    assert_eq!([of("workspace://.git"), of("workspace://.git/hooks/x")], [Allow, Allow]);
    assert_eq!(of("workspace://a/.env"), Allow);
    for text in [
        "workspace://.GIT",
        "workspace://.git/.env",
        "workspace://a/.git",
        "workspace://.env",
        "workspace://a/.env.local",
        "workspace://a/.env/b",
    ] {
        assert_eq!(of(text), Deny, "{text}");
    }
}

#[test]
fn the_refusal_names_the_row_of_the_name_that_was_not_opened() {
    let table = table(&[
        (Allow, Verb::FsRead, "workspace://**"),
        (Allow, Verb::FsRead, "workspace://.ssh/**"),
    ]);
    let Why::Protected(row) = decide(&table, Verb::FsRead, "workspace://.ssh/.env").why else {
        panic!("is protected")
    };
    assert_eq!(ROWS[usize::from(row)].text, ".env");
}

#[test]
fn one_row_must_open_all_protected_names_of_a_path() {
    let table = table(&[
        (Allow, Verb::FsWrite, "workspace://.git/*"),
        (Allow, Verb::FsWrite, "workspace://*/.env"),
    ]);
    assert_eq!(verdict(&table, Verb::FsWrite, "workspace://.git/.env"), Deny);
}

#[test]
fn only_an_allow_row_opens_a_protected_name() {
    let rules =
        [(Allow, Verb::FsWrite, "workspace://**"), (Ask, Verb::FsWrite, "workspace://.git")];
    assert_eq!(verdict(&table(&rules), Verb::FsWrite, "workspace://.git"), Deny);
    let rules =
        [(Ask, Verb::FsWrite, "workspace://**"), (Allow, Verb::FsWrite, "workspace://.git")];
    assert_eq!(verdict(&table(&rules), Verb::FsWrite, "workspace://.git"), Ask);
}

#[test]
fn names_protected_from_writing_can_be_read() {
    let table =
        table(&[(Allow, Verb::FsRead, "workspace://**"), (Allow, Verb::FsWrite, "workspace://**")]);
    assert_eq!(verdict(&table, Verb::FsRead, "workspace://.git/config"), Allow);
    assert_eq!(verdict(&table, Verb::FsWrite, "workspace://.git/config"), Deny);
    assert_eq!(verdict(&table, Verb::FsRead, "workspace://.env"), Deny);
}

#[test]
fn a_tree_is_covered_when_no_row_is_about_a_part_of_it() {
    let table = table(&[
        (Allow, Verb::FsWrite, "workspace://**"),
        (Deny, Verb::FsWrite, "workspace://a/secret"),
        (Allow, Verb::FsWrite, "workspace://b/*/c"),
        (Allow, Verb::FsWrite, "workspace://.git"),
    ]);
    let covers = |text| table.covers_below(Verb::FsWrite, &path(text));
    assert!(covers("workspace://c") && covers("workspace://a/b") && covers("workspace://b/c/c/d"));
    assert!(!covers("workspace://") && !covers("workspace://a") && !covers("workspace://b/x"));
    assert!(!covers("workspace://.git"), "the row that opens it covers nothing below");
    let tree = table.decide(Verb::FsWrite, Resource::Tree(&path("workspace://a")));
    assert_eq!((tree.rule, tree.why), (Some(RuleId(1)), Why::Inside));
}

#[test]
fn what_asks_about_a_tree_opens_no_protected_name_below() {
    let rules = [(Allow, Verb::FsWrite, "tmp://.git"), (Ask, Verb::FsWrite, "tmp://.git/**")];
    let table = table(&rules);
    assert_eq!(verdict(&table, Verb::FsWrite, "tmp://.git"), Ask);
    let tree = table.decide(Verb::FsWrite, Resource::Tree(&path("tmp://.git")));
    assert_eq!(tree.verdict, verdict(&table, Verb::FsWrite, "tmp://.git/config"));
    assert_eq!(tree.verdict, Deny);
}

#[test]
fn a_name_leads_on_only_from_its_own_directory() {
    let patterns: Vec<String> = (0..2000)
        .map(|n| format!("tmp://{n}/{}", if n % 2 == 0 { "even" } else { "odd" }))
        .collect();
    let rules: Vec<_> = patterns.iter().map(|p| (Allow, Verb::FsRead, &**p)).collect();
    let table = table(&rules);
    for n in 0..2000 {
        let even = verdict(&table, Verb::FsRead, &format!("tmp://{n}/even"));
        assert_eq!(even == Allow, n % 2 == 0, "{n}");
    }
}

#[test]
fn directories_on_the_way_to_a_grant_are_shown_and_others_are_not() {
    let table = table(&[
        (Allow, Verb::FsRead, "workspace://a/b/**"),
        (Allow, Verb::FsRead, "workspace://x/.ssh/config"),
        (Ask, Verb::FsRead, "workspace://asked/**"),
        (Allow, Verb::FsRead, "workspace://*/wild/config"),
        (Allow, Verb::FsRead, "workspace://gone/a"),
        (Deny, Verb::FsRead, "workspace://gone/**"),
    ]);
    let shown = |text| table.may_hold(Verb::FsRead, &path(text));
    for text in ["workspace://", "workspace://a", "workspace://a/b/c", "workspace://x/.ssh"] {
        assert!(shown(text), "{text}");
    }
    for text in ["workspace://b/c", "workspace://a/c", "workspace://asked/a", "workspace://gone/a"]
    {
        assert!(!shown(text), "{text}");
    }
    for text in ["workspace://a/b/.ssh", "workspace://.ssh", "workspace://.ssh/wild"] {
        assert!(!shown(text), "{text} is protected, and opened by no row");
    }
    assert!(!table.may_hold(Verb::FsWrite, &path("workspace://a")));
}
