//! A frame: a length word, a body (or its hash, once the body is pruned), and the link after it.

use super::{body::BODY_BYTES_MAX, chain::Digest};

const WHOLE: u8 = 1;
const PRUNED: u8 = 2;

/// Bytes of the length word: 24 bits of length, then the type. No frame begins with four zeros, so
/// a hole is never taken for one.
pub const WORD_BYTES: usize = 4;
/// Bytes of a link.
pub const LINK_BYTES: usize = 32;
/// No frame is larger.
pub const FRAME_BYTES_MAX: usize = WORD_BYTES + BODY_BYTES_MAX + LINK_BYTES;

/// What follows a length word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A body of so many bytes.
    Body(usize),
    /// The record hash of a body that was pruned.
    Hash,
}

impl Content {
    /// Bytes between length word and link.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Body(length) => length,
            Self::Hash => size_of::<Digest>(),
        }
    }

    /// What this word announces, or none if no frame begins so.
    pub fn of(word: [u8; WORD_BYTES]) -> Option<Self> {
        let [a, b, c, form] = word;
        let length = u32::from_le_bytes([a, b, c, 0]) as usize;
        match form {
            WHOLE if (1..=BODY_BYTES_MAX).contains(&length) => Some(Self::Body(length)),
            PRUNED if length == size_of::<Digest>() => Some(Self::Hash),
            _ => None,
        }
    }

    /// The word that announces it.
    pub fn word(self) -> [u8; WORD_BYTES] {
        let form = if self == Self::Hash { PRUNED } else { WHOLE };
        // At most BODY_BYTES_MAX, which fits 24 bits.
        let [a, b, c, _] = (self.bytes() as u32).to_le_bytes();
        [a, b, c, form]
    }
}

const _: () = assert!(BODY_BYTES_MAX < 1 << 24);
