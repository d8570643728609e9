//! Permits come from an allow, and stay good until the authority is revoked.

use super::{path, table};
use crate::gate::{
    decide::{RuleId, Verdict::*, Why},
    path::Tree,
    permit::{AuthorityId, Gate},
    verb::Verb,
};

fn gate(authority: u8) -> Gate {
    let rules = [
        (Allow, Verb::FsRead, "workspace://a/**"),
        (Ask, Verb::FsRead, "workspace://b"),
        (Allow, Verb::ClockRead, ""),
    ];
    Gate::new(table(&rules), AuthorityId([authority; 8]))
}

#[test]
fn a_permit_is_for_what_was_asked() {
    let gate = gate(0xAB);
    let permit = gate.request(Verb::FsRead, path("workspace://a/x")).expect("is allowed");
    assert_eq!(permit.verb(), Verb::FsRead);
    assert_eq!(permit.resource(), &path("workspace://a/x"));
    assert_eq!(permit.rule(), RuleId(0));
    assert_eq!(permit.authority().to_string(), "abababababababab");
    assert!(gate.request(Verb::FsRead, Tree(path("workspace://a"))).is_ok());
    assert_eq!(gate.request(Verb::ClockRead, ()).map(|permit| permit.rule()), Ok(RuleId(2)));
}

#[test]
fn neither_an_ask_nor_a_deny_is_a_permit() {
    let gate = gate(1);
    let refused = |text| gate.request(Verb::FsRead, &path(text)).map(|_| ()).map_err(|d| d.verdict);
    assert_eq!(refused("workspace://b"), Err(Ask));
    assert_eq!(refused("workspace://c"), Err(Deny));
}

#[test]
fn revoking_ends_old_permits_and_gives_no_new_ones() {
    let gate = gate(1);
    let permit = gate.request(Verb::ClockRead, ()).expect("is allowed");
    assert!(gate.is_current(&permit));
    for _ in 0..2 {
        gate.revoke();
        assert!(!gate.is_current(&permit));
        let refused = gate.request(Verb::ClockRead, ()).map(|_| ());
        assert_eq!(refused.map_err(|decision| decision.why), Err(Why::Revoked));
    }
}

#[test]
fn a_permit_is_not_current_at_another_authority_s_gate() {
    let permit = gate(1).request(Verb::ClockRead, ()).expect("is allowed");
    assert!(gate(1).is_current(&permit));
    assert!(!gate(2).is_current(&permit));
}
