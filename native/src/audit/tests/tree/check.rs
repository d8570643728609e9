//! Checks proofs as RFC 9162 (2.1.3.2, 2.1.4.2) says, which is not how they are made.

use crate::audit::tree::{Hash, leaf, node};

/// Whether `entry` is leaf `at.0` of the tree of `at.1` leaves with this root.
pub fn included(entry: &[u8], at: (u64, u64), proof: &[Hash], root: &Hash) -> bool {
    let (index, size) = at;
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf(entry));
    for part in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(part, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, part);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the tree of `size` leaves begins with the one of `old`; each with its root.
pub fn consistent(old: (u64, &Hash), size: (u64, &Hash), proof: &[Hash]) -> bool {
    if old.0 == size.0 {
        return proof.is_empty() && old.1 == size.1;
    }
    if old.0 == 0 || old.0 > size.0 {
        return false;
    }
    let mut parts = proof.iter().copied();
    let first = if old.0.is_power_of_two() { Some(*old.1) } else { parts.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old.0 - 1, size.0 - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (first, first);
    for part in parts {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (of_old, of_new) = (node(&part, &of_old), node(&part, &of_new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            of_new = node(&of_new, &part);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && of_old == *old.1 && of_new == *size.1
}
