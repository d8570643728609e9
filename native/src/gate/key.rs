//! Keys of the store and of the settings.

use std::fmt;

use crate::base::{
    error::{Code, Error, Result},
    limits::{CONFIG_KEY_BYTES, KV_KEY_BYTES},
};

/// A key: UTF-8 without NUL, at least one byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<str>);

impl Key {
    /// A key of the store, at most `kv-key-bytes` bytes. `ASTRID_TOO_LARGE` over that,
    /// `ASTRID_INVALID` when it is empty or has a NUL.
    pub fn kv(text: &str) -> Result<Self> {
        check_length(text, KV_KEY_BYTES, "kv-key-bytes")?;
        check_key(text)?;
        Ok(Self(text.into()))
    }

    /// A key of the settings, at most `config-key-bytes` bytes. Errors as `kv`.
    pub fn config(text: &str) -> Result<Self> {
        check_length(text, CONFIG_KEY_BYTES, "config-key-bytes")?;
        check_key(text)?;
        Ok(Self(text.into()))
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All keys of the store that start with a text; every key for the empty one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPrefix(Box<str>);

impl KeyPrefix {
    /// Parses a guest's string, at most `kv-key-bytes` bytes. `ASTRID_TOO_LARGE` over that,
    /// `ASTRID_INVALID` when it has a NUL.
    pub fn parse(text: &str) -> Result<Self> {
        check_length(text, KV_KEY_BYTES, "kv-key-bytes")?;
        check_nul(text)?;
        Ok(Self(text.into()))
    }

    /// The text that the keys start with.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_length(text: &str, most: u64, limit: &str) -> Result<()> {
    if text.len() as u64 > most {
        let bound = format!("a key has at most {most} bytes ({limit})");
        return Err(Error::new(Code::TooLarge, bound));
    }
    Ok(())
}

/// `ASTRID_INVALID` unless `text` can be a key.
fn check_key(text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::new(Code::Invalid, "a key has at least one byte"));
    }
    check_nul(text)
}

/// `ASTRID_INVALID` for a text with a NUL.
pub(super) fn check_nul(text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::new(Code::Invalid, "a key can't have a NUL"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_bounds_and_no_nul() {
        for text in ["a", "user/1", "é", " ", "a*"] {
            assert_eq!(Key::kv(text).expect("is a key").as_str(), text);
        }
        let invalid = |text| Key::kv(text).map_err(|e| e.code) == Err(Code::Invalid);
        assert!(invalid("") && invalid("\0") && invalid("a\0b"));
        assert!(KeyPrefix::parse("").is_ok() && KeyPrefix::parse("\0").is_err());
    }

    #[test]
    fn each_kind_of_key_has_its_own_length() {
        let text = |bytes: u64| "k".repeat(bytes as usize);
        assert!(Key::kv(&text(KV_KEY_BYTES)).is_ok());
        assert!(Key::config(&text(CONFIG_KEY_BYTES)).is_ok());
        let over = [Key::kv(&text(KV_KEY_BYTES + 1)), Key::config(&text(CONFIG_KEY_BYTES + 1))];
        for key in over {
            assert_eq!(key.map_err(|e| e.code), Err(Code::TooLarge));
        }
    }
}
