//! The three hashes of RFC 6962: leaves and nodes are told apart by their first byte.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// Root of the tree without leaves.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// Hash of a leaf that holds `entry`: for the log, 32 bytes of record hash.
pub fn leaf(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// Hash of a node over its two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}
