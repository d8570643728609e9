//! Whose arguments are kept as sealed text beside the log: what a load asks for. By default,
//! nobody's.

use crate::audit::TextKey;
use crate::base::error::{Code, Error, Result};
use crate::gate::verb::Verb;

/// The word for the payloads of messages, beside the verbs.
const MESSAGE: &str = "message";

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Keep {
    key: Option<TextKey>,
    verbs: Vec<Verb>,
    messages: bool,
}

impl Keep {
    /// Keeps the texts of calls of these verbs, and of messages where that word is among them.
    /// `ASTRID_INVALID` for another word, or without a key of 32 bytes for them.
    pub fn new(words: &[String], key: Option<&[u8]>) -> Result<Self> {
        let mut keep = Self::default();
        for word in words {
            match Verb::ALL.into_iter().find(|verb| verb.name() == word) {
                Some(verb) => keep.verbs.push(verb),
                None if word == MESSAGE => keep.messages = true,
                None => {
                    let message = format!("{word:?} is neither a verb nor {MESSAGE:?}");
                    return Err(Error::new(Code::Invalid, message));
                }
            }
        }
        keep.key = key.map(TextKey::of).transpose()?;
        if keep.key.is_none() && !words.is_empty() {
            return Err(Error::new(Code::Invalid, "texts are kept only for a key"));
        }
        Ok(keep)
    }

    /// Whose key the arguments of this verb's calls are sealed for.
    pub fn of_calls(&self, verb: Verb) -> Option<&TextKey> {
        self.key.as_ref().filter(|_| self.verbs.contains(&verb))
    }

    /// Whose key the payloads of messages are sealed for.
    pub fn of_messages(&self) -> Option<&TextKey> {
        self.key.as_ref().filter(|_| self.messages)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn keep(words: &[&str], key: Option<&[u8]>) -> Result<Keep> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        Keep::new(&words, key)
    }

    #[test]
    fn nothing_is_kept_but_what_was_asked_for() {
        let some = keep(&["kv.write", "message"], Some(&[9; 32])).unwrap();
        for verb in Verb::ALL {
            assert_eq!(some.of_calls(verb).is_some(), verb == Verb::KvWrite);
        }
        assert!(some.of_messages().is_some());
        let none = keep(&[], Some(&[9; 32])).unwrap();
        assert_eq!((none.of_messages(), none.of_calls(Verb::KvWrite)), (None, None));
    }

    #[test]
    fn words_and_keys_are_checked() {
        for (words, key) in [
            (&["kv.*"][..], Some(&[9; 32][..])),
            (&["Message"], Some(&[9; 32])),
            (&["message"], None),
            (&["message"], Some(&[9; 31])),
        ] {
            assert_eq!(keep(words, key).unwrap_err().code, Code::Invalid, "{words:?}");
        }
    }
}
