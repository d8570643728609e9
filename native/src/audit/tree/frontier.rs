//! A tree that only grows, of which no more is kept than its root and growth need.

use super::hash::{Hash, empty, leaf, node};

/// The full subtrees along the right edge: one for each one bit of the size, at most 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Largest first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree of `size` leaves with these subtrees, largest first; none if that is not their
    /// number.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Adds a leaf that holds `entry`.
    pub fn push(&mut self, entry: &[u8]) {
        self.push_subtree(leaf(entry), 0);
    }

    /// Adds a full subtree of 2^height leaves with this root. The size is a multiple of that.
    pub fn push_subtree(&mut self, mut hash: Hash, height: u32) {
        // As adding one to the size carries: two subtrees of one size become one.
        for _ in 0..(self.size >> height).trailing_ones() {
            hash = self.peaks.pop().map_or(hash, |left| node(&left, &hash));
        }
        self.peaks.push(hash);
        self.size += 1 << height;
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its full subtrees, largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        let folded = self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right));
        folded.unwrap_or_else(empty)
    }
}
