//! Rows about keys, as a radix tree: one node for each place where texts end or part.

use std::ops::Range;

use super::hit::Hit;

/// Literal keys and prefixes. A search costs the nodes on the way, not the rows.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// The root first, the children of a node side by side in the order of their first bytes.
    nodes: Vec<Node>,
    /// What the labels are cut from.
    text: Vec<u8>,
    /// For each node, all rows that end there or further down.
    inside: Vec<Option<Hit>>,
}

/// One cache line.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Node {
    /// What leads here from the parent, after the byte by which the parent finds this child.
    label: Range<u32>,
    /// The first bytes of the children's labels.
    bytes: Bytes,
    /// The number of the first child.
    children: u32,
    /// Rows for exactly this key.
    here: Option<Hit>,
    /// Rows for all keys that start with this text, or with less of it.
    covers: Option<Hit>,
}

/// A row's text, whether it is a prefix, and what the row says.
pub(super) type KeyRow<'a> = (&'a str, bool, Hit);

impl Keys {
    /// Indexes rows.
    pub fn new(mut rows: Vec<KeyRow<'_>>) -> Self {
        rows.sort_unstable_by_key(|(text, ..)| *text);
        let mut keys = Self { nodes: vec![Node::default()], text: vec![], inside: vec![None] };
        keys.fill(0, &rows, 0, None);
        keys
    }

    /// Makes node `number` of sorted rows that share their first `from` bytes.
    fn fill(&mut self, number: usize, rows: &[KeyRow<'_>], from: usize, covers: Option<Hit>) {
        let ([(first, ..), ..], [.., (last, ..)]) = (rows, rows) else { return };
        // The root has no label: every search starts by passing it.
        let end = if number == 0 { 0 } else { from + shared(first, last, from) };
        let ending = rows.partition_point(|row| row.0.len() == end);
        let (ending, longer) = rows.split_at(ending);
        let of = |open| ending.iter().filter(move |row| row.1 == open).map(|row| row.2);
        let covers = of(true).chain(covers).reduce(Hit::meet);
        let groups = || longer.chunk_by(|one, other| byte(one, end) == byte(other, end));
        let mut bytes = Bytes::default();
        groups().for_each(|group| bytes.push(byte(&group[0], end)));
        let label = self.store(first.as_bytes().get(from + 1..end).unwrap_or_default());
        let children = self.nodes.len();
        self.nodes.resize(children + groups().count(), Node::default());
        self.inside.resize(self.nodes.len(), None);
        self.inside[number] = rows.iter().map(|row| row.2).reduce(Hit::meet);
        self.nodes[number] = Node {
            label,
            bytes,
            children: children as u32,
            here: of(false).reduce(Hit::meet),
            covers,
        };
        for (child, group) in groups().enumerate() {
            self.fill(children + child, group, end, covers);
        }
    }

    fn store(&mut self, bytes: &[u8]) -> Range<u32> {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(bytes);
        start..self.text.len() as u32
    }

    /// The rows that match `key`, as one.
    pub fn find(&self, key: &str) -> Option<Hit> {
        let (node, rest) = self.descend(key.as_bytes());
        let node = &self.nodes[node];
        let here = node.here.filter(|_| rest.is_empty());
        Hit::meet_any(here, node.covers)
    }

    /// What holds for every key that starts with `prefix`: the rows that match all of them and,
    /// where there are such rows, those inside.
    pub fn find_all(&self, prefix: &str) -> Option<Hit> {
        let (node, rest) = self.descend(prefix.as_bytes());
        let covers = self.nodes[node].covers?;
        // The prefix may end within a child's label.
        let within = match self.child(node, rest) {
            None if rest.is_empty() => Some(node),
            child => {
                child.filter(|(child, rest)| self.label(*child).starts_with(rest)).map(|c| c.0)
            }
        };
        Hit::meet_any(Some(covers), within.and_then(|node| self.inside[node]))
    }

    /// The last node whose text `text` starts with, and what is left of that.
    fn descend<'a>(&self, text: &'a [u8]) -> (usize, &'a [u8]) {
        let (mut node, mut rest) = (0, text);
        while let Some((child, after)) = self.child(node, rest)
            && let Some(after) = after.strip_prefix(self.label(child))
        {
            (node, rest) = (child, after);
        }
        (node, rest)
    }

    /// The child for the first byte of `rest`, and what follows that byte.
    #[inline]
    fn child<'a>(&self, node: usize, rest: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let (node, (first, after)) = (&self.nodes[node], rest.split_first()?);
        let place = node.bytes.place(*first)?;
        Some(((node.children + place) as usize, after))
    }

    #[inline]
    fn label(&self, node: usize) -> &[u8] {
        let label = &self.nodes[node].label;
        &self.text[label.start as usize..label.end as usize]
    }
}

fn byte(row: &KeyRow<'_>, at: usize) -> u8 {
    row.0.as_bytes()[at]
}

/// How many bytes after the first `from` both go on with.
fn shared(one: &str, other: &str, from: usize) -> usize {
    one.bytes().zip(other.bytes()).skip(from).take_while(|(a, b)| a == b).count()
}

/// A set of bytes that knows how many of its members are below one.
#[derive(Clone, Copy, Debug, Default)]
struct Bytes {
    words: [u64; 4],
    /// How many members the words before each have.
    before: [u8; 4],
}

impl Bytes {
    /// Adds `byte`, which is above all members.
    fn push(&mut self, byte: u8) {
        let word = usize::from(byte / 64);
        self.words[word] |= 1 << (byte % 64);
        self.before[word + 1..].iter_mut().for_each(|count| *count += 1);
    }

    /// How many members are below `byte`, if that is one.
    #[inline]
    fn place(&self, byte: u8) -> Option<u32> {
        let (word, bit) = (usize::from(byte / 64), 1 << (byte % 64));
        let members = self.words[word];
        let below = || u32::from(self.before[word]) + (members & (bit - 1)).count_ones();
        (members & bit != 0).then(below)
    }
}
