//! Payloads: JSON text, bounded in size and depth, checked without building a tree.

use super::error::{Code, Error, Result};
use super::limits;

/// Checks that `text` is one JSON document (RFC 8259) within `payload-bytes`, `payload-depth` and
/// `payload-values`.
///
/// Fails with `ASTRID_TOO_LARGE` or `ASTRID_INVALID`, naming the byte where it went wrong.
pub fn check(text: &str) -> Result<()> {
    if text.len() as u64 > limits::PAYLOAD_BYTES {
        let most = limits::PAYLOAD_BYTES;
        return Err(Error::new(Code::TooLarge, format!("over {most} bytes (payload-bytes)")));
    }
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, values: 0 };
    scanner.space();
    scanner.value(0)?;
    scanner.space();
    if scanner.at < text.len() {
        return Err(scanner.wrong("text after the document"));
    }
    Ok(())
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    values: u64,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> Error {
        Error::new(Code::Invalid, format!("not JSON: {what} at byte {}", self.at))
    }

    fn value(&mut self, depth: u64) -> Result<()> {
        if depth >= limits::PAYLOAD_DEPTH {
            let most = limits::PAYLOAD_DEPTH;
            return Err(Error::new(Code::TooLarge, format!("over {most} levels (payload-depth)")));
        }
        self.values += 1;
        if self.values > limits::PAYLOAD_VALUES {
            let most = limits::PAYLOAD_VALUES;
            return Err(Error::new(Code::TooLarge, format!("over {most} values (payload-values)")));
        }
        match self.peek() {
            Some(b'{') => self.members(b'}', |scanner| {
                scanner.string()?;
                scanner.space();
                if !scanner.take(b':') {
                    return Err(scanner.wrong("no colon"));
                }
                scanner.space();
                scanner.value(depth + 1)
            }),
            Some(b'[') => self.members(b']', |scanner| scanner.value(depth + 1)),
            Some(b'"') => self.string(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.wrong("no value")),
        }
    }

    fn members(
        &mut self,
        close: u8,
        mut member: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.at += 1;
        self.space();
        if self.take(close) {
            return Ok(());
        }
        loop {
            member(self)?;
            self.space();
            if self.take(close) {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.wrong("no comma"));
            }
            self.space();
        }
    }

    fn string(&mut self) -> Result<()> {
        if !self.take(b'"') {
            return Err(self.wrong("no string"));
        }
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(0..=0x1f) | None => return Err(self.wrong("an unfinished string")),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<()> {
        let known = matches!(self.peek(), Some(c) if b"\"\\/bfnrt".contains(&c));
        let unicode = self.peek() == Some(b'u')
            && self
                .bytes
                .get(self.at + 1..self.at + 5)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if !known && !unicode {
            return Err(self.wrong("an unknown escape"));
        }
        self.at += if unicode { 5 } else { 1 };
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<()> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.wrong("an unknown word"));
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("no digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<()> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_pass() {
        for text in [
            "null",
            " [1, -0, 2.5e+3, true, false] ",
            r#"{"a":{"b":[]},"c":"\u00e9\n\""}"#,
            "0",
            "\"\"",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_document_fails() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "nul",
            "[1,]",
            "{\"a\"}",
            "{a:1}",
            "'a'",
            "[1] 2",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "\"",
            "NaN",
            "[",
            "{\"a\":1,}",
            "\u{feff}1",
        ] {
            assert_eq!(check(text).map_err(|e| e.code), Err(Code::Invalid), "{text:?}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check(&nested(64)), Ok(()));
        assert_eq!(check(&nested(65)).map_err(|e| e.code), Err(Code::TooLarge));
        assert_eq!(check(&"[".repeat(1 << 20)).map_err(|e| e.code), Err(Code::TooLarge));
        let many = |values: usize| format!("[{}]", vec!["{}"; values].join(","));
        assert_eq!(check(&many(65_535)), Ok(()));
        assert_eq!(check(&many(65_536)).map_err(|e| e.code), Err(Code::TooLarge));
        let long = format!("\"{}\"", "a".repeat(1 << 20));
        assert_eq!(check(&long).map_err(|e| e.code), Err(Code::TooLarge));
    }
}
