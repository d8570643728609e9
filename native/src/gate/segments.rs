//! A text cut at its separators, once: a decision then neither scans nor hashes it again.

use std::{hash::BuildHasher as _, sync::LazyLock};

use hashbrown::DefaultHashBuilder;

/// Seeded once a process, so that nobody outside can tell which segments collide.
static HASHER: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);

/// A text and where its segments are. The empty text has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Segments {
    text: Box<str>,
    cuts: Box<[Cut]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Cut {
    start: u32,
    end: u32,
    hash: u64,
}

impl Segments {
    /// Cuts `text`, far shorter than 2^32 bytes, at every `separator`, an ASCII character.
    pub fn new(text: &str, separator: u8) -> Self {
        let separators = text.bytes().filter(|byte| *byte == separator).count();
        let mut cuts = Vec::with_capacity(separators + 1);
        let mut start = 0;
        for name in text.split(char::from(separator)).filter(|_| !text.is_empty()) {
            let end = start + name.len() as u32;
            cuts.push(Cut { start, end, hash: hash(name.as_bytes()) });
            start = end + 1;
        }
        Self { text: text.into(), cuts: cuts.into() }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many segments there are.
    pub fn count(&self) -> usize {
        self.cuts.len()
    }

    /// The bytes of segment number `at`, and their hash; none at the end.
    #[inline]
    pub fn get(&self, at: usize) -> Option<(&[u8], u64)> {
        let cut = self.cuts.get(at)?;
        Some((&self.text.as_bytes()[cut.start as usize..cut.end as usize], cut.hash))
    }

    /// All segments, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator + Clone {
        self.cuts.iter().map(|cut| &self.text[cut.start as usize..cut.end as usize])
    }
}

/// The hash that `Segments` keeps of a segment.
pub(super) fn hash(name: &[u8]) -> u64 {
    HASHER.hash_one(name)
}
