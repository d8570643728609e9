//! The three hashes of RFC 6962: leaves and nodes are told apart by their first byte.

use sha2::{Digest, Sha256, compress256, digest::generic_array::GenericArray};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// What SHA-256 begins with (FIPS 180-4, 5.3.3).
const BEGIN: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Root of the tree without leaves.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// Hash of a leaf that holds `entry`: for the log, 32 bytes of record hash.
pub fn leaf(entry: &[u8]) -> Hash {
    let Ok(entry) = Hash::try_from(entry) else {
        return Sha256::new().chain_update([0]).chain_update(entry).finalize().into();
    };
    let mut blocks = [[0; 64]];
    blocks.as_flattened_mut()[1..33].copy_from_slice(&entry);
    sha256(&mut blocks, 33)
}

/// Hash of a node over its two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut blocks = [[0; 64]; 2];
    let bytes = blocks.as_flattened_mut();
    bytes[0] = 1;
    bytes[1..33].copy_from_slice(left);
    bytes[33..65].copy_from_slice(right);
    sha256(&mut blocks, 65)
}

/// SHA-256 of the first `length` bytes, which leave nine bytes or more of the last block. A record
/// takes two of these, and a hasher's buffer costs as much as half of one.
fn sha256<const BLOCKS: usize>(blocks: &mut [[u8; 64]; BLOCKS], length: usize) -> Hash {
    let bytes = blocks.as_flattened_mut();
    bytes[length] = 0x80;
    let end = bytes.len() - 8;
    bytes[end..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    let mut state = BEGIN;
    compress256(&mut state, &blocks.map(GenericArray::from));
    let mut hash = [0; 32];
    for (out, word) in hash.chunks_exact_mut(4).zip(state) {
        out.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{Hash, leaf, node};

    #[test]
    fn leaves_and_nodes_are_sha_256_of_their_bytes() {
        let (left, right): (Hash, Hash) = ([0xa5; 32], std::array::from_fn(|at| at as u8));
        let whole = |parts: &[&[u8]]| -> Hash { Sha256::digest(parts.concat()).into() };
        for entry in [&right[..], &right[1..], &[]] {
            assert_eq!(leaf(entry), whole(&[&[0], entry]));
        }
        assert_eq!(node(&left, &right), whole(&[&[1], &left, &right]));
    }
}
