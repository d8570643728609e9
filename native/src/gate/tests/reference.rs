//! A second, slow implementation that reads patterns as text and looks at every row. The real
//! one must agree with it on random tables and requests.

use proptest::prelude::*;

use super::{Rule, config, path, table};
use crate::gate::{
    decide::{Resource, RuleId, Verdict, Why},
    key::{Key, KeyPrefix},
    protected,
    topic::Topic,
    verb::Verb,
};

/// Written as people write it, but owned.
type Owned = (Verdict, String);

/// A verdict, and the rule behind it.
type Answer = (Verdict, Option<RuleId>);

/// Which segments of `text` the pattern names literally, if it matches; `open` is the `**`.
struct Match {
    named: Vec<bool>,
    open: bool,
}

fn steps(text: &str, separator: char) -> (Vec<&str>, bool) {
    let mut steps: Vec<&str> = text.split(separator).filter(|step| !step.is_empty()).collect();
    let open = steps.last() == Some(&"**");
    steps.truncate(steps.len() - usize::from(open));
    (steps, open)
}

/// Whether a step matches a name, and whether it names it.
fn step(step: &str, name: &str) -> Option<bool> {
    match step.strip_prefix('{') {
        _ if step == "*" => Some(false),
        Some(set) => set.trim_end_matches('}').split(',').any(|one| one == name).then_some(true),
        None => (step == name).then_some(true),
    }
}

fn matched(pattern: &str, separator: char, names: &[&str]) -> Option<Match> {
    let (steps, open) = steps(pattern, separator);
    if steps.len() > names.len() || (steps.len() < names.len() && !open) {
        return None;
    }
    let named = steps.iter().zip(names).map(|(one, name)| step(one, name));
    Some(Match { named: named.collect::<Option<_>>()?, open })
}

/// The lowest of some rows: none is a deny.
fn lowest(rows: impl Iterator<Item = (usize, Verdict)>) -> Answer {
    let lowest = rows.map(|(number, verdict)| (verdict, number)).min();
    let rule = |(_, number): (Verdict, usize)| RuleId(number as u32);
    (lowest.map_or(Verdict::Deny, |lowest| lowest.0), lowest.map(rule))
}

fn of_path(rules: &[Owned], text: &str) -> Answer {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    let matches: Vec<_> = (0..)
        .zip(rules)
        .filter_map(|(at, (verdict, rule))| Some((at, *verdict, matched(rule, '/', &names)?)))
        .collect();
    let answer = lowest(matches.iter().map(|(at, verdict, _)| (*at, *verdict)));
    let guarded = |at: usize| {
        protected::guarded(
            &protected::mark(at, names[at]).into_iter().collect::<Vec<_>>(),
            Verb::FsWrite,
        ) != 0
    };
    let opens =
        |one: &Match| (0..names.len()).all(|at| !guarded(at) || one.named.get(at) == Some(&true));
    let opened = matches.iter().any(|(_, verdict, one)| *verdict == Verdict::Allow && opens(one))
        || !(0..names.len()).any(guarded);
    if answer.0 > Verdict::Deny && !opened { (Verdict::Deny, None) } else { answer }
}

/// Whether rows allow all of a tree and none is about a part of it.
fn of_tree(rules: &[Owned], text: &str) -> bool {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    let guarded = |at: usize| protected::mark(at, names[at]).is_some();
    let inside = rules.iter().any(|(_, rule)| {
        let (steps, _) = steps(rule, '/');
        steps.len() > names.len() && steps.iter().zip(&names).all(|(s, n)| step(s, n).is_some())
    });
    let covered = rules.iter().any(|(verdict, rule)| {
        matched(rule, '/', &names).is_some_and(|one| {
            *verdict == Verdict::Allow
                && one.open
                && (0..names.len()).all(|at| !guarded(at) || one.named.get(at) == Some(&true))
        })
    });
    of_path(rules, text).0 == Verdict::Allow && covered && !inside
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![1 => Just(Verdict::Deny), 1 => Just(Verdict::Ask), 4 => Just(Verdict::Allow)]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", ".git", ".GIT", ".env"])
}

fn joined(separator: &'static str, steps: Vec<String>, open: bool) -> String {
    let end = open.then(|| "**".to_owned());
    steps.into_iter().chain(end).collect::<Vec<_>>().join(separator)
}

fn one_step(names: impl Strategy<Value = &'static str> + Clone) -> impl Strategy<Value = String> {
    let set = prop::collection::btree_set(names.clone(), 1..3);
    prop_oneof![
        3 => names.prop_map(str::to_owned),
        1 => Just("*".to_owned()),
        1 => set.prop_map(|set| format!("{{{}}}", set.into_iter().collect::<Vec<_>>().join(","))),
    ]
}

/// Rules about paths, without their root.
fn path_rules() -> impl Strategy<Value = Vec<Owned>> {
    let steps = prop::collection::vec(one_step(name().boxed()), 0..4);
    let pattern = (steps, any::<bool>()).prop_map(|(steps, open)| joined("/", steps, open));
    prop::collection::vec((verdict(), pattern), 0..12)
}

fn names(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(name(), 0..=most).prop_map(|names| names.join("/"))
}

fn workspace(rules: &[Owned]) -> crate::gate::table::Table {
    let texts: Vec<_> = rules.iter().map(|(v, p)| (*v, format!("workspace://{p}"))).collect();
    let rules: Vec<Rule<'_>> = texts.iter().map(|(v, p)| (*v, Verb::FsWrite, &**p)).collect();
    table(&rules)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn paths(rules in path_rules(), text in names(5)) {
        let asked = path(&format!("workspace://{text}"));
        let table = workspace(&rules);
        let decision = table.decide(Verb::FsWrite, Resource::Path(&asked));
        prop_assert_eq!((decision.verdict, decision.rule), of_path(&rules, &text));
        prop_assert_eq!(decision.rule.is_some(), decision.why == Why::Rule);
        prop_assert_eq!(table.covers_below(Verb::FsWrite, &asked), of_tree(&rules, &text));
        let elsewhere = path(&format!("data://{text}"));
        let other = table.decide(Verb::FsWrite, Resource::Path(&elsewhere));
        prop_assert_eq!((other.verdict, other.why), (Verdict::Deny, Why::NoRule));
    }

    #[test]
    fn what_covers_a_tree_allows_all_ordinary_names_in_it(
        rules in path_rules(), text in names(3), below in "[a-z]{1,3}(/[a-z]{1,3}){0,3}",
    ) {
        let (table, root) = (workspace(&rules), path(&format!("workspace://{text}")));
        if table.covers_below(Verb::FsWrite, &root) {
            let slash = if text.is_empty() { "" } else { "/" };
            let asked = path(&format!("{root}{slash}{below}"));
            let decision = table.decide(Verb::FsWrite, Resource::Path(&asked));
            prop_assert_eq!(decision.verdict, Verdict::Allow);
        }
    }

    #[test]
    fn every_directory_above_an_allowed_path_may_hold_it(
        rules in path_rules(), text in names(5),
    ) {
        let (table, asked) = (workspace(&rules), path(&format!("workspace://{text}")));
        if table.decide(Verb::FsWrite, Resource::Path(&asked)).verdict == Verdict::Allow {
            let mut above = Some(asked);
            while let Some(directory) = above {
                prop_assert!(table.may_hold(Verb::FsWrite, &directory), "{directory}");
                above = directory.parent();
            }
        }
    }

    #[test]
    fn topics(
        rules in prop::collection::vec((
            verdict(),
            (prop::collection::vec(one_step(prop::sample::select(vec!["a", "b", "c"])), 1..4),
             any::<bool>()).prop_map(|(steps, open)| joined(".", steps, open)),
        ), 0..12),
        text in "[abc](\\.[abc]){0,4}",
    ) {
        let written: Vec<Rule<'_>> =
            rules.iter().map(|(v, p)| (*v, Verb::IpcPublish, &**p)).collect();
        let topic = Topic::parse(&text).expect("is a topic");
        let decision = table(&written).decide(Verb::IpcPublish, Resource::Topic(&topic));
        let names: Vec<&str> = text.split('.').collect();
        let matching = (0..).zip(&rules).filter(|(_, (_, p))| matched(p, '.', &names).is_some());
        prop_assert_eq!(
            (decision.verdict, decision.rule),
            lowest(matching.map(|(at, (verdict, _))| (at, *verdict))),
        );
    }

    #[test]
    fn keys(
        rules in prop::collection::vec((verdict(), "[abé/]{1,4}\\*?|\\*"), 0..12),
        text in "[abé/]{1,6}", prefix in "[abé/]{0,3}",
    ) {
        let written: Vec<Rule<'_>> = rules.iter().map(|(v, p)| (*v, Verb::KvRead, &**p)).collect();
        let table = table(&written);
        let covers = |pattern: &str, key: &str| {
            pattern.strip_suffix('*').is_some_and(|start| key.starts_with(start))
        };
        let lowest_of = |about: &dyn Fn(&str) -> bool| {
            lowest((0..).zip(&rules).filter(|(_, (_, p))| about(p)).map(|(at, (v, _))| (at, *v)))
        };

        let key = Key::kv(&text).expect("is a key");
        let decision = table.decide(Verb::KvRead, Resource::Key(&key));
        let expected = lowest_of(&|pattern| pattern == text || covers(pattern, &text));
        prop_assert_eq!((decision.verdict, decision.rule), expected);

        let all = KeyPrefix::parse(&prefix).expect("is a prefix");
        let decision = table.decide(Verb::KvRead, Resource::Prefix(&all));
        let inside = |pattern: &str| pattern.trim_end_matches('*').starts_with(&prefix);
        let covered = rules.iter().any(|(_, pattern)| covers(pattern, &prefix));
        let expected = lowest_of(&|pattern| covers(pattern, &prefix) || inside(pattern));
        let expected = if covered { expected } else { (Verdict::Deny, None) };
        prop_assert_eq!((decision.verdict, decision.rule), expected);
        if decision.verdict == Verdict::Allow && text.starts_with(&prefix) {
            let within = table.decide(Verb::KvRead, Resource::Key(&key));
            prop_assert_eq!(within.verdict, Verdict::Allow);
        }
    }
}
