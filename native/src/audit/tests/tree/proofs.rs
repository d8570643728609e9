//! Roots and proofs against the vectors, a naive tree and a checker of its own.

use std::{fs, path::Path};

use proptest::prelude::*;

use super::check::{consistent, included};
use crate::audit::{
    tests::unhex,
    tree::{Frontier, Hash, Proof, consistency, inclusion, leaf, node},
};

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut tree = Frontier::default();
    entries.iter().for_each(|entry| tree.push(entry));
    tree.root()
}

/// As RFC 6962 defines it.
fn naive(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => root(&[]),
        [one] => leaf(one),
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            node(&naive(left), &naive(right))
        }
    }
}

fn made(proof: Option<Proof>, entries: &[Vec<u8>]) -> Vec<Hash> {
    let mut proof = proof.unwrap();
    (0..).zip(entries).for_each(|(index, entry)| proof.feed(index, entry));
    proof.hashes()
}

fn numbered(count: u32) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_le_bytes().repeat(8)).collect()
}

#[test]
fn roots_and_proofs_are_as_the_vectors_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/tree/rfc6962.txt");
    let text = fs::read_to_string(path).unwrap();
    let (_, lines) = text.split_once("\n\n").unwrap();
    let (mut entries, mut checked) = (Vec::new(), 0);
    for line in lines.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<usize>().unwrap();
        let hash = |word: &&str| Hash::try_from(unhex(word)).unwrap();
        let hashes = |from: usize| words[from..].iter().map(hash).collect::<Vec<_>>();
        match words[0] {
            "entry" => entries.push(words.get(1).map_or(Vec::new(), |hex| unhex(hex))),
            "root" => assert_eq!(root(&entries[..number(1)]), hashes(2)[0], "{line}"),
            "inclusion" => {
                let proof = inclusion(number(1) as u64, number(2) as u64);
                assert_eq!(made(proof, &entries[..number(2)]), hashes(3), "{line}");
            }
            _ => {
                let proof = consistency(number(1) as u64, number(2) as u64);
                assert_eq!(made(proof, &entries[..number(2)]), hashes(3), "{line}");
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 8 + 9 + 36 + 36);
}

#[test]
fn the_root_is_that_of_a_naive_tree_and_every_proof_verifies() {
    let entries = numbered(300);
    let roots: Vec<_> = (0..=300).map(|size| naive(&entries[..size])).collect();
    for size in 0..=300 {
        let (leaves, whole, last) = (&entries[..size], &roots[size], size as u64);
        assert_eq!(root(leaves), *whole, "{size}");
        // All of the small trees, and of the others one leaf in seven.
        let step = if size < 70 { 1 } else { 7 };
        for index in (0..size).step_by(step) {
            let proof = made(inclusion(index as u64, last), leaves);
            assert!(
                included(&leaves[index], (index as u64, last), &proof, whole),
                "{index} {size}"
            );
            let old = (index as u64 + 1, &roots[index + 1]);
            let proof = made(consistency(old.0, last), leaves);
            assert!(consistent(old, (last, whole), &proof), "{} {size}", old.0);
        }
    }
}

#[test]
fn what_can_not_be_proved_is_refused() {
    assert!(inclusion(0, 0).is_none() && inclusion(5, 5).is_none());
    assert!(consistency(0, 3).is_none() && consistency(4, 3).is_none());
    // The largest tree there can be: no loop over it, no overflow.
    assert_eq!(inclusion(u64::MAX - 1, u64::MAX).unwrap().hashes().len(), 63);
    assert!(consistency(1, u64::MAX).is_some() && inclusion(0, u64::MAX).is_some());
}

proptest! {
    #[test]
    fn a_flipped_bit_fails_every_proof(
        size in 2..200u32,
        pick: prop::sample::Index,
        bit in 0..256usize,
    ) {
        let entries = numbered(size);
        let (whole, last) = (root(&entries), u64::from(size));
        let index = pick.index(entries.len());
        let good = made(inclusion(index as u64, last), &entries);
        for part in 0..good.len() {
            let mut bad = good.clone();
            bad[part][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!included(&entries[index], (index as u64, last), &bad, &whole));
        }
        let mut entry = entries[index].clone();
        entry[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!included(&entry, (index as u64, last), &good, &whole));
        prop_assert!(!included(&entries[index], (index as u64, last), &good[1..], &whole));
        let old = (index as u64 + 1, &root(&entries[..=index]));
        let good = made(consistency(old.0, last), &entries);
        for part in 0..good.len() {
            let mut bad = good.clone();
            bad[part][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!consistent(old, (last, &whole), &bad));
        }
    }
}
