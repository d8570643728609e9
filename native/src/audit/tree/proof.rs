//! Proofs, made in one pass over the entries: each hash of a proof is the root of a range of
//! leaves, and the ranges don't overlap.

use std::ops::Range;

use super::{
    frontier::Frontier,
    hash::{Hash, leaf, node},
};

/// A proof that is being made.
#[derive(Debug)]
pub struct Proof {
    /// In the proof's order.
    parts: Vec<(Range<u64>, Frontier)>,
}

/// The proof that leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1); none unless
/// `index` is less than `size`. At most 64 hashes.
pub fn inclusion(index: u64, size: u64) -> Option<Proof> {
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    if index >= size {
        return None;
    }
    while tree.end - tree.start > 1 {
        let middle = split(&tree);
        let left = index < middle;
        ranges.push(take_half(&mut tree, middle, left));
    }
    Some(Proof::of(ranges))
}

/// The proof that the tree of `size` leaves begins with the tree of `old` leaves (RFC 6962, 2.1.2);
/// none unless `old` is from 1 to `size`. At most 65 hashes.
pub fn consistency(old: u64, size: u64) -> Option<Proof> {
    if old == 0 || old > size {
        return None;
    }
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    while old < tree.end {
        let middle = split(&tree);
        let left = old <= middle;
        ranges.push(take_half(&mut tree, middle, left));
    }
    // Whoever checks the proof knows the old tree itself.
    if tree.start > 0 {
        ranges.push(tree);
    }
    Some(Proof::of(ranges))
}

/// Where the left subtree ends: at the largest power of two less than the number of leaves, which
/// is at least 2.
fn split(tree: &Range<u64>) -> u64 {
    let last = tree.end - tree.start - 1;
    tree.start + (1 << last.ilog2())
}

/// Goes into one half of the tree; the other half.
fn take_half(tree: &mut Range<u64>, middle: u64, left: bool) -> Range<u64> {
    let (into, other) = if left {
        (tree.start..middle, middle..tree.end)
    } else {
        (middle..tree.end, tree.start..middle)
    };
    *tree = into;
    other
}

/// The root of the tree of `size` leaves in which leaf `index` holds `entry`, by an inclusion proof
/// (RFC 9162, 2.1.3.2); none if it is no proof of that form.
pub fn root_by(proof: &[Hash], entry: &[u8], (index, size): (u64, u64)) -> Option<Hash> {
    let (mut at, mut last) = (index, size.checked_sub(1).filter(|last| index <= *last)?);
    let mut hash = leaf(entry);
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node(sibling, &hash);
            // A subtree without a right neighbour goes up as it is.
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            hash = node(&hash, sibling);
        }
        (at, last) = (at / 2, last / 2);
    }
    (last == 0).then_some(hash)
}

impl Proof {
    /// From the root down, turned over: a proof goes from the leaf up.
    fn of(ranges: Vec<Range<u64>>) -> Self {
        let parts = ranges.into_iter().rev();
        Self { parts: parts.map(|range| (range, Frontier::default())).collect() }
    }

    /// Takes the entry of leaf `index`. All leaves are to be fed once, from 0 on.
    pub fn feed(&mut self, index: u64, entry: &[u8]) {
        let part = self.parts.iter_mut().find(|(range, _)| range.contains(&index));
        if let Some((_, tree)) = part {
            tree.push(entry);
        }
    }

    /// Takes the root of the 2^height leaves from `index` on, a multiple of that, in place of them;
    /// whether it could: not if the proof has a part of them only.
    pub fn feed_subtree(&mut self, index: u64, hash: &Hash, height: u32) -> bool {
        let last = index + (1 << height) - 1;
        let has = |range: &Range<u64>| range.contains(&index) && range.contains(&last);
        let part = self.parts.iter_mut().find(|(range, _)| has(range));
        part.map(|(_, tree)| tree.push_subtree(*hash, height)).is_some()
    }

    /// The hashes, leaf to root.
    pub fn hashes(&self) -> Vec<Hash> {
        self.parts.iter().map(|(_, tree)| tree.root()).collect()
    }
}
