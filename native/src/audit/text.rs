//! Text of a record: bounded, and never interpreted.
//!
//! On disk: a 16-bit length whose top bit says that the text was cut, the bytes, and for a cut text
//! the BLAKE3 digest of the whole. A text is cut only when it is over its bound, at the last
//! character boundary within the bound, so each text has one encoding.

use std::borrow::Cow;

use crate::base::limits;

/// Bound of principal, capsule, message id, verb and code, in bytes.
pub const NAME_BYTES: usize = limits::AUDIT_NAME_BYTES as usize;
/// Bound of resource and rule, in bytes.
pub const TEXT_BYTES: usize = limits::AUDIT_TEXT_BYTES as usize;

/// Bytes a text takes on disk at most: length, text and digest.
pub const fn encoded_max(bound: usize) -> usize {
    2 + bound + 32
}

const CUT: u16 = 1 << 15;
const _: () = assert!(NAME_BYTES < CUT as usize);
const _: () = assert!(TEXT_BYTES < CUT as usize);

/// A text, or the beginning of one that was too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// What was kept; at most the field's bound.
    pub kept: Cow<'a, str>,
    /// BLAKE3 of the whole text, if it was cut.
    pub whole: Option<[u8; 32]>,
}

impl<'a> Text<'a> {
    /// `text` within `bound` bytes.
    #[inline]
    pub fn new(text: &'a str, bound: usize) -> Self {
        if text.len() <= bound {
            return Self { kept: Cow::Borrowed(text), whole: None };
        }
        Self::cut(text, bound)
    }

    #[cold]
    fn cut(text: &'a str, bound: usize) -> Self {
        let kept = &text[..text.floor_char_boundary(bound)];
        Self { kept: Cow::Borrowed(kept), whole: Some(*blake3::hash(text.as_bytes()).as_bytes()) }
    }

    /// Appends the encoding.
    #[inline]
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let cut = if self.whole.is_some() { CUT } else { 0 };
        // Both bounds are below 2^15, as asserted above.
        out.extend_from_slice(&(self.kept.len() as u16 | cut).to_le_bytes());
        out.extend_from_slice(self.kept.as_bytes());
        if let Some(whole) = &self.whole {
            out.extend_from_slice(whole);
        }
    }

    /// Splits the length word into length and "was cut".
    pub(super) const fn length(word: u16) -> (usize, bool) {
        ((word & !CUT) as usize, word & CUT != 0)
    }

    /// Whether a text of `length` bytes may stand in a field of `bound` bytes.
    pub(super) const fn fits(length: usize, cut: bool, bound: usize) -> bool {
        // A character has at most 4 bytes: a cut leaves at most 3 unused.
        length <= bound && (!cut || length + 3 >= bound)
    }

    /// The same text, owning its bytes.
    pub fn into_owned(self) -> Text<'static> {
        Text { kept: Cow::Owned(self.kept.into_owned()), whole: self.whole }
    }
}
