//! Commitments to arguments: BLAKE3 keyed with a random salt, over each part's length and bytes.

use super::chain::Digest;

/// The parts as the bytes that are committed to: each after its length in 64 bits.
#[inline]
pub fn frame(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_le_bytes());
        out.extend_from_slice(part);
    }
}

/// Bytes that [`frame`] appends.
#[inline]
pub fn framed_bytes(parts: &[&[u8]]) -> usize {
    parts.iter().map(|part| 8 + part.len()).sum()
}

/// The commitment to framed arguments.
pub fn of_framed(salt: &Digest, framed: &[u8]) -> Digest {
    *blake3::keyed_hash(salt, framed).as_bytes()
}

/// The commitment to the parts, without copying them. Anyone with salt and arguments can recompute
/// it.
pub fn of_parts(salt: &Digest, parts: &[&[u8]]) -> Digest {
    let mut hasher = blake3::Hasher::new_keyed(salt);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}
