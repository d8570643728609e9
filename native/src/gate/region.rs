//! What the rows of a trie say about one path, and about all below it.

use super::{
    decide::{Decision, Verdict, Why},
    hit::Hit,
    path::ResourcePath,
    protected,
    topic::Topic,
    trie::{Trie, Visit},
    verb::Verb,
};

/// The rows that match one path or topic.
pub(super) struct Matches {
    hit: Option<Hit>,
    /// Protected components that even the best matching allow row does not name literally, a bit
    /// each. All of them until such a row is met.
    unnamed: u128,
}

impl Matches {
    /// The rows that match `path`.
    pub fn of(trie: &Trie, verb: Verb, path: &ResourcePath) -> Self {
        let guarded = protected::guarded(path.marks(), verb);
        let mut matches = Self { hit: None, unnamed: guarded };
        trie.walk(path.segments(), guarded, &mut matches);
        matches
    }

    /// The rows that match `topic`; no name in it is protected.
    pub fn of_topic(trie: &Trie, topic: &Topic) -> Self {
        let mut matches = Self { hit: None, unnamed: 0 };
        trie.walk(topic.segments(), 0, &mut matches);
        matches
    }

    /// The decision about the path the rows were collected for.
    pub fn decide(&self, verb: Verb, path: &ResourcePath) -> Decision {
        match self.hit {
            Some(hit) if hit.verdict > Verdict::Deny && self.unnamed != 0 => {
                let at = self.unnamed.trailing_zeros() as usize;
                let row = protected::row(path.marks(), at, verb);
                Decision::deny(row.map_or(Why::NoRule, Why::Protected))
            }
            hit => Decision::of(hit),
        }
    }

    /// The decision where no name is protected.
    pub fn unguarded(&self) -> Decision {
        Decision::of(self.hit)
    }
}

impl Visit for Matches {
    #[inline]
    fn matched(&mut self, hit: Hit, _below: bool, unnamed: u128) {
        if self.unnamed != 0 && hit.allows && rank(unnamed) < rank(self.unnamed) {
            self.unnamed = unnamed;
        }
        self.hit = Hit::meet_any(self.hit, Some(hit));
    }
}

/// Orders sets of components left unnamed: fewer is better, then the first by position.
fn rank(unnamed: u128) -> (u32, u128) {
    (unnamed.count_ones(), unnamed)
}

/// The rows that match one path, and those that reach below it.
pub(super) struct Region {
    matches: Matches,
    /// The rows that match the path and all below it.
    below: Option<Hit>,
    /// Whether one of them opens the protected names of the path, or none has to.
    opened: bool,
    /// The rows about something below the path, but not all of it.
    inside: Option<Hit>,
    /// Whether one of them allows, and its pattern names the protected names of the path.
    leads: bool,
}

impl Region {
    /// The rows that match `path` or reach below it.
    pub fn of(trie: &Trie, verb: Verb, path: &ResourcePath) -> Self {
        let guarded = protected::guarded(path.marks(), verb);
        let matches = Matches { hit: None, unnamed: guarded };
        let mut region =
            Self { matches, below: None, opened: guarded == 0, inside: None, leads: false };
        trie.walk(path.segments(), guarded, &mut region);
        region
    }

    /// Whether rows are about the path and all below it, its protected names included.
    fn covered(&self) -> bool {
        self.below.is_some() && self.opened
    }

    /// The decision about the path with all below it.
    pub fn decide(&self, verb: Verb, path: &ResourcePath) -> Decision {
        let decision = self.matches.decide(verb, path);
        match self.inside {
            _ if decision.verdict == Verdict::Deny => decision,
            _ if !self.covered() => Decision::deny(Why::NoRule),
            Some(hit) => {
                Decision { verdict: Verdict::Deny, rule: Some(hit.rule), why: Why::Inside }
            }
            None => decision,
        }
    }

    /// Whether the path is allowed, or something below it may be.
    pub fn may_hold(&self, verb: Verb, path: &ResourcePath) -> bool {
        let refused = self.below.is_some_and(Hit::refuses);
        let below = (self.covered() || self.leads) && !refused;
        below || self.matches.decide(verb, path).verdict == Verdict::Allow
    }
}

impl Visit for Region {
    fn matched(&mut self, hit: Hit, below: bool, unnamed: u128) {
        self.matches.matched(hit, below, unnamed);
        if below {
            self.below = Hit::meet_any(self.below, Some(hit));
            self.opened |= hit.allows && unnamed == 0;
        }
    }

    fn ended(&mut self, inside: Option<Hit>, unnamed: u128) {
        self.inside = Hit::meet_any(self.inside, inside);
        self.leads |= unnamed == 0 && inside.is_some_and(|hit| hit.allows);
    }
}
