//! Keys, case by case.

use super::table;
use crate::gate::{
    decide::{Resource, Verdict, Verdict::*},
    key::{Key, KeyPrefix},
    verb::Verb,
};

#[test]
fn a_prefix_covers_what_starts_with_it() {
    let table = table(&[
        (Allow, Verb::KvRead, "user/*"),
        (Deny, Verb::KvRead, "user/1/secret"),
        (Allow, Verb::KvRead, "one"),
        (Allow, Verb::KvRead, "é"),
    ]);
    let of = |verb, key: &str| -> Verdict {
        table.decide(verb, Resource::Key(&Key::kv(key).expect("is a key"))).verdict
    };
    for key in ["user/", "user/1", "user/1/secrets", "one", "é"] {
        assert_eq!(of(Verb::KvRead, key), Allow, "{key}");
        assert_eq!(of(Verb::KvWrite, key), Deny, "{key}");
    }
    for key in ["user", "users", "User/1", "user/1/secret", "on", "ones", "è", "e\u{301}"] {
        assert_eq!(of(Verb::KvRead, key), Deny, "{key}");
    }
    let all = |text| table.covers_prefix(Verb::KvRead, &KeyPrefix::parse(text).expect("is one"));
    assert!(all("user/2") && all("user/1/t") && all("user/1/secrets"));
    assert!(!all("") && !all("user") && !all("user/1") && !all("user/") && !all("one"));
}

#[test]
fn a_star_alone_covers_every_key() {
    let table = table(&[(Allow, Verb::ConfigRead, "*")]);
    let key = Key::config("any").expect("is a key");
    assert_eq!(table.decide(Verb::ConfigRead, Resource::Key(&key)).verdict, Allow);
    assert!(table.covers_prefix(Verb::ConfigRead, &KeyPrefix::parse("").expect("is one")));
}
