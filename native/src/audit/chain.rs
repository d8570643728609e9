//! The chain: each link commits to a record and to all links before it.
//!
//! Four keyed BLAKE3 functions, each under a key of its own, so that no value of one can pass for
//! a value of another.

use std::sync::LazyLock;

/// A BLAKE3 value.
pub type Digest = [u8; 32];

fn key(domain: &str) -> Digest {
    blake3::derive_key(domain, &[])
}

static GENESIS: LazyLock<Digest> = LazyLock::new(|| key("astrid-native audit v1 genesis"));
static RECORD: LazyLock<Digest> = LazyLock::new(|| key("astrid-native audit v1 record"));
static TREE: LazyLock<Digest> = LazyLock::new(|| key("astrid-native audit v1 tree"));
static INDEX: LazyLock<Digest> = LazyLock::new(|| key("astrid-native audit v1 index"));
static LINK: LazyLock<Digest> = LazyLock::new(|| key("astrid-native audit v1 link"));

/// The link before the first record of the log with this origin.
pub fn genesis(origin: &Digest) -> Digest {
    *blake3::keyed_hash(&GENESIS, origin).as_bytes()
}

/// The hash that stands for a record, also when its body is pruned.
pub fn record_hash(body: &[u8]) -> Digest {
    *blake3::keyed_hash(&RECORD, body).as_bytes()
}

/// The link of a record that follows `previous`.
pub fn link(previous: &Digest, record: &Digest) -> Digest {
    // 64 bytes: one compression.
    let mut both = [0; 64];
    both[..32].copy_from_slice(previous);
    both[32..].copy_from_slice(record);
    *blake3::keyed_hash(&LINK, &both).as_bytes()
}

/// What tells a whole tree file from a damaged one.
pub fn tree_check(bytes: &[u8]) -> Digest {
    *blake3::keyed_hash(&TREE, bytes).as_bytes()
}

/// The same for an index file.
pub fn index_check(bytes: &[u8]) -> Digest {
    *blake3::keyed_hash(&INDEX, bytes).as_bytes()
}
