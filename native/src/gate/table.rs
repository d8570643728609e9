//! Tables: rows compiled so that a decision costs the same for ten rows and ten thousand.

use super::{
    decide::{Decision, Resource, RuleId, Verdict, Why},
    hit::Hit,
    key::KeyPrefix,
    keys::Keys,
    path::{ResourcePath, Root},
    pattern::{Form, Pattern},
    region::{Matches, Region},
    trie::Trie,
    verb::{Kind, Verb},
};
use crate::base::{
    error::{Code, Error, Result},
    limits::GRANTS,
};

/// One rule about one verb and pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the rule says.
    pub verdict: Verdict,
    /// About which verb.
    pub verb: Verb,
    /// About which resources.
    pub pattern: Pattern,
    /// The rule the row came from.
    pub rule: RuleId,
}

/// The rows of one authority. Never changes; deciding is total and deterministic and allocates
/// nothing.
#[derive(Debug)]
pub struct Table {
    /// In the order of `Verb::ALL`.
    verbs: Vec<Rows>,
    /// The verbs with an allow or ask row.
    granted: [bool; Verb::ALL.len()],
}

/// The rows of one verb.
#[derive(Debug)]
enum Rows {
    Nothing(Option<Hit>),
    /// In the order of `Root::ALL`.
    Paths(Box<[Trie; Root::ALL.len()]>),
    Topics(Trie),
    Keys(Keys),
}

impl Table {
    /// Compiles rows; their order means nothing.
    ///
    /// At most `grants` rows, where a row with sets counts once for each combination of their
    /// members; `ASTRID_QUOTA` over that. `ASTRID_GRANT` for a pattern of another kind than its
    /// verb.
    pub fn compile(rows: &[Row]) -> Result<Self> {
        check_count(rows)?;
        if let Some(row) = rows.iter().find(|row| row.pattern.kind() != row.verb.kind()) {
            let message = format!("{} can't be about {}", row.verb.name(), row.pattern);
            return Err(Error::new(Code::Grant, message));
        }
        let of = |verb| rows.iter().filter(move |row| row.verb == verb);
        let granted = Verb::ALL.map(|verb| of(verb).any(|row| row.verdict > Verdict::Deny));
        let verbs = Verb::ALL.map(|verb| Rows::compile(verb, of(verb)));
        Ok(Self { verbs: verbs.into(), granted })
    }

    /// The verdict for one request: the lowest of the rows that match, deny when none does. A
    /// resource of another kind than the verb's is a deny.
    pub fn decide(&self, verb: Verb, resource: Resource<'_>) -> Decision {
        match (&self.verbs[verb as usize], resource) {
            (Rows::Nothing(hit), Resource::Nothing) => Decision::of(*hit),
            (Rows::Paths(tries), Resource::Path(path)) => {
                Matches::of(&tries[path.root() as usize], verb, path).decide(verb, path)
            }
            (Rows::Paths(tries), Resource::Tree(path)) => {
                Region::of(&tries[path.root() as usize], verb, path).decide(verb, path)
            }
            (Rows::Topics(trie), Resource::Topic(topic)) => {
                Matches::of_topic(trie, topic).unguarded()
            }
            (Rows::Keys(keys), Resource::Key(key)) => Decision::of(keys.find(key.as_str())),
            (Rows::Keys(keys), Resource::Prefix(prefix)) => {
                Decision::of(keys.find_all(prefix.as_str()))
            }
            _ => Decision::deny(Why::NoRule),
        }
    }

    /// Whether rows allow `path` and everything below it, and none lies inside: what moving a
    /// directory needs, of its old place (for both verbs) and of its new one.
    ///
    /// This answers for rows only. Protected names can be in any directory, so whoever moves one
    /// also walks it and asks for each entry.
    pub fn covers_below(&self, verb: Verb, path: &ResourcePath) -> bool {
        self.decide(verb, Resource::Tree(path)).verdict == Verdict::Allow
    }

    /// Whether `path` is allowed or a row allows something below it, so that a listing shows the
    /// directories on the way to what was granted. May be true of a directory in which other rows
    /// deny all; that gives away the name, never what is in it.
    pub fn may_hold(&self, verb: Verb, path: &ResourcePath) -> bool {
        let Rows::Paths(tries) = &self.verbs[verb as usize] else { return false };
        Region::of(&tries[path.root() as usize], verb, path).may_hold(verb, path)
    }

    /// Whether all keys that start with `prefix` are allowed.
    pub fn covers_prefix(&self, verb: Verb, prefix: &KeyPrefix) -> bool {
        self.decide(verb, Resource::Prefix(prefix)).verdict == Verdict::Allow
    }

    /// Whether a row allows or asks anything for `verb`: then its interface is linked.
    pub fn grants_any(&self, verb: Verb) -> bool {
        self.granted[verb as usize]
    }
}

impl Rows {
    fn compile<'a>(verb: Verb, rows: impl Iterator<Item = &'a Row>) -> Self {
        let rows = rows.map(|row| (&row.pattern.0, Hit::new(row.verdict, row.rule)));
        match verb.kind() {
            Kind::Nothing => Self::Nothing(rows.map(|row| row.1).reduce(Hit::meet)),
            Kind::Path => {
                let mut tries = Box::new(Root::ALL.map(|_| Trie::new()));
                for (form, hit) in rows {
                    if let Form::Path(root, segments) = form {
                        tries[*root as usize].insert(segments, hit);
                    }
                }
                Self::Paths(tries)
            }
            Kind::Topic => {
                let mut trie = Trie::new();
                for (form, hit) in rows {
                    if let Form::Topic(segments) = form {
                        trie.insert(segments, hit);
                    }
                }
                Self::Topics(trie)
            }
            Kind::Key => Self::Keys(Keys::new(
                rows.filter_map(|(form, hit)| match form {
                    Form::Key { text, open } => Some((&**text, *open, hit)),
                    _ => None,
                })
                .collect(),
            )),
        }
    }
}

fn check_count(rows: &[Row]) -> Result<()> {
    let count = rows
        .iter()
        .try_fold(0_usize, |sum, row| sum.checked_add(row.pattern.alternatives()?))
        .filter(|count| *count as u64 <= GRANTS);
    match count {
        Some(_) => Ok(()),
        None => {
            let bound = format!("a table has at most {GRANTS} rows (grants)");
            Err(Error::new(Code::Quota, bound))
        }
    }
}
