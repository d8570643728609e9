//! Rows about paths or topics, indexed by segment.

use hashbrown::HashTable;

use super::{
    hit::Hit,
    pattern::{Step, Steps},
    segments::{Segments, hash},
};
use crate::base::limits::{GRANTS, PATTERN_BYTES};

/// The root's number. It is nobody's child, so as a child it stands for none.
const ROOT: u32 = 0;

/// Patterns as a tree: one edge a segment. A walk follows the literal and the `*` edge of each
/// node, so it visits at most the nodes that match so far, not the rows.
///
/// Guests choose what is looked up, never what is stored, so they can't make lookups collide.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// The nodes that a literal leads to, by parent and name.
    literals: HashTable<u32>,
    /// The names that lead to nodes.
    names: Vec<u8>,
    /// For each node, all rows that end at a later one.
    inside: Vec<Option<Hit>>,
}

/// A place where patterns end or go on: half a cache line.
#[derive(Clone, Debug, Default)]
struct Node {
    /// Rows whose pattern ends here.
    here: Option<Hit>,
    /// Rows whose pattern ends here with `**`: they match this and all below.
    below: Option<Hit>,
    parent: u32,
    star: u32,
    /// Where in `names` the literal that leads here starts.
    name: u32,
    bytes: u16,
    /// Whether a literal leads from here: most walks end without a lookup.
    branches: bool,
}

/// What a walk meets. `unnamed` has a bit for each guarded segment that the pattern does not
/// name literally.
pub(super) trait Visit {
    /// Rows that match; `below` when they match all below too.
    fn matched(&mut self, hit: Hit, below: bool, unnamed: u128);

    /// The text ends at a node; `inside` are the rows about something further down.
    fn ended(&mut self, _inside: Option<Hit>, _unnamed: u128) {}
}

impl Trie {
    /// No rows.
    pub fn new() -> Self {
        let mut trie = Self {
            nodes: Vec::new(),
            literals: HashTable::new(),
            names: Vec::new(),
            inside: Vec::new(),
        };
        trie.add(Node::default());
        trie
    }

    /// Adds rows with one pattern.
    pub fn insert(&mut self, pattern: &Steps, hit: Hit) {
        self.insert_at(ROOT, &pattern.steps, pattern.open, hit);
    }

    fn insert_at(&mut self, node: u32, steps: &[Step], open: bool, hit: Hit) {
        let Some((step, rest)) = steps.split_first() else {
            let node = &mut self.nodes[node as usize];
            let end = if open { &mut node.below } else { &mut node.here };
            *end = Hit::meet_any(*end, Some(hit));
            return;
        };
        let inside = &mut self.inside[node as usize];
        *inside = Hit::meet_any(*inside, Some(hit));
        match step {
            Step::Any => {
                let child = self.star(node);
                self.insert_at(child, rest, open, hit);
            }
            Step::Name(name) => {
                let child = self.literal(node, name.as_bytes());
                self.insert_at(child, rest, open, hit);
            }
            Step::OneOf(names) => {
                for name in names {
                    let child = self.literal(node, name.as_bytes());
                    self.insert_at(child, rest, open, hit);
                }
            }
        }
    }

    fn star(&mut self, node: u32) -> u32 {
        if self.nodes[node as usize].star == ROOT {
            self.nodes[node as usize].star = self.add(Node::default());
        }
        self.nodes[node as usize].star
    }

    fn literal(&mut self, parent: u32, name: &[u8]) -> u32 {
        if let Some(child) = self.follow(parent, name, hash(name)) {
            return child;
        }
        let start = small(self.names.len());
        let bytes = u16::try_from(name.len()).expect("pattern-bytes bounds a name");
        self.names.extend_from_slice(name);
        let child = self.add(Node { parent, name: start, bytes, ..Node::default() });
        self.nodes[parent as usize].branches = true;
        let (nodes, names) = (&self.nodes, &self.names);
        let place = |child: &u32| {
            let node = &nodes[*child as usize];
            place(node.parent, hash(node.name(names)))
        };
        self.literals.insert_unique(place(&child), child, place);
        child
    }

    fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.inside.push(None);
        small(self.nodes.len() - 1)
    }

    /// The node that the literal `name` leads to.
    #[inline]
    fn follow(&self, parent: u32, name: &[u8], hash: u64) -> Option<u32> {
        let same = |child: &u32| {
            let node = &self.nodes[*child as usize];
            node.parent == parent && node.name(&self.names) == name
        };
        self.literals.find(place(parent, hash), same).copied()
    }

    /// Shows `visit` all rows that match `text`. Bit n of `guarded` says that segment n must be
    /// named literally.
    pub fn walk(&self, text: &Segments, guarded: u128, visit: &mut impl Visit) {
        self.walk_from(Place { node: ROOT, at: 0, unnamed: 0 }, (text, guarded), visit);
    }

    /// Recurs once a `*`, so at most as deep as the text has segments.
    fn walk_from(&self, mut place: Place, what: (&Segments, u128), visit: &mut impl Visit) {
        let (text, guarded) = what;
        loop {
            let node = &self.nodes[place.node as usize];
            if let Some(hit) = node.below {
                let rest = guarded & bits_from(place.at, u128::MAX);
                visit.matched(hit, true, place.unnamed | rest);
            }
            let Some((name, hash)) = text.get(place.at as usize) else {
                if let Some(hit) = node.here {
                    visit.matched(hit, false, place.unnamed);
                }
                return visit.ended(self.inside[place.node as usize], place.unnamed);
            };
            let next = Place { at: place.at + 1, ..place };
            if node.star != ROOT {
                let unnamed = place.unnamed | (guarded & bits_from(place.at, 1));
                self.walk_from(Place { node: node.star, unnamed, ..next }, what, visit);
            }
            if !node.branches {
                return;
            }
            let Some(child) = self.follow(place.node, name, hash) else { return };
            place = Place { node: child, ..next };
        }
    }
}

impl Node {
    #[inline]
    fn name<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        &names[self.name as usize..][..self.bytes.into()]
    }
}

/// Where a walk is: at a node, after `at` segments.
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    at: u32,
    unnamed: u128,
}

/// Where the child of `parent` for a segment of that hash is kept.
fn place(parent: u32, hash: u64) -> u64 {
    // An odd factor with its bits spread (2^64 over the golden ratio): parents don't share places.
    hash ^ u64::from(parent).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// `bits`, moved up by `at`; none where that is past the end.
fn bits_from(at: u32, bits: u128) -> u128 {
    bits.checked_shl(at).unwrap_or(0)
}

/// `grants` and `pattern-bytes` bound all names of a trie, and so its nodes, far below 2^32.
fn small(number: usize) -> u32 {
    u32::try_from(number).expect("grants times pattern-bytes is below 2^32")
}

const _: () = assert!(GRANTS * PATTERN_BYTES < 1 << 32 && PATTERN_BYTES < 1 << 16);
