//! Topics: dotted names that messages are published under.

use std::fmt;

use super::segments::Segments;
use crate::base::{
    error::{Code, Error, Result},
    limits::TOPIC_BYTES,
};

/// A topic: segments of `[a-z0-9_-]` joined by dots, 1 to `topic-bytes` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(Segments);

impl Topic {
    /// Parses a guest's string. `ASTRID_TOO_LARGE` over `topic-bytes`, `ASTRID_INVALID` when it is
    /// not a topic.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() as u64 > TOPIC_BYTES {
            let bound = format!("a topic has at most {TOPIC_BYTES} bytes (topic-bytes)");
            return Err(Error::new(Code::TooLarge, bound));
        }
        text.split('.').try_for_each(check_segment)?;
        Ok(Self(Segments::new(text, b'.')))
    }

    /// The topic's text.
    pub fn as_str(&self) -> &str {
        self.0.text()
    }

    /// The segments, cut.
    pub(super) fn segments(&self) -> &Segments {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `ASTRID_INVALID` unless `segment` can stand between the dots of a topic.
pub(super) fn check_segment(segment: &str) -> Result<()> {
    let wrong = match segment.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_' | '-')) {
        Some(c) => format!("the character {c:?}: only a-z, 0-9, _ and - can stand in a segment"),
        None if segment.is_empty() => "an empty segment".to_owned(),
        None => return Ok(()),
    };
    Err(Error::new(Code::Invalid, format!("a topic can't have {wrong}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_dotted_lower_case_segments() {
        for text in ["a", "tool.search", "a-b_c.9"] {
            assert_eq!(Topic::parse(text).expect("is a topic").to_string(), text);
        }
        for text in ["", ".", "a.", ".a", "a..b", "A", "a b", "a/b", "a.*", "é", "a\0", "a\n"] {
            assert_eq!(Topic::parse(text).map_err(|e| e.code), Err(Code::Invalid), "{text:?}");
        }
        let most = TOPIC_BYTES as usize;
        assert!(Topic::parse(&"a".repeat(most)).is_ok());
        let over = Topic::parse(&"a".repeat(most + 1));
        assert_eq!(over.map_err(|e| e.code), Err(Code::TooLarge));
    }
}
