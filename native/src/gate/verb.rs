//! The verbs of this version and the kind of resource each is about.

use crate::base::error::{Code, Error, Result};

/// What a capsule may ask to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Verb {
    /// Read files and list directories.
    FsRead,
    /// Make, change, move and remove files and directories.
    FsWrite,
    /// Publish a message under a topic.
    IpcPublish,
    /// Read and list keys of the capsule's store.
    KvRead,
    /// Set and delete keys of the capsule's store.
    KvWrite,
    /// Read clocks, and sleep.
    ClockRead,
    /// Draw random bytes.
    RandomRead,
    /// Write log lines.
    LogWrite,
    /// Read settings.
    ConfigRead,
}

/// What a verb's resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is none: the verb is granted whole or not at all.
    Nothing,
    /// A path under one of the roots.
    Path,
    /// A dotted topic.
    Topic,
    /// A key of the store or of the settings.
    Key,
}

impl Verb {
    /// All verbs, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::FsRead,
        Self::FsWrite,
        Self::IpcPublish,
        Self::KvRead,
        Self::KvWrite,
        Self::ClockRead,
        Self::RandomRead,
        Self::LogWrite,
        Self::ConfigRead,
    ];

    /// The verb as grants and refusals spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FsRead => "fs.read",
            Self::FsWrite => "fs.write",
            Self::IpcPublish => "ipc.publish",
            Self::KvRead => "kv.read",
            Self::KvWrite => "kv.write",
            Self::ClockRead => "clock.read",
            Self::RandomRead => "random.read",
            Self::LogWrite => "log.write",
            Self::ConfigRead => "config.read",
        }
    }

    /// The verb of that exact name. `ASTRID_GRANT` when there is none.
    pub fn parse(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|verb| verb.name() == name)
            .ok_or_else(|| Error::new(Code::Grant, format!("{name:?} is not a verb")))
    }

    /// The kind of resource the verb is about.
    pub const fn kind(self) -> Kind {
        match self {
            Self::FsRead | Self::FsWrite => Kind::Path,
            Self::IpcPublish => Kind::Topic,
            Self::KvRead | Self::KvWrite | Self::ConfigRead => Kind::Key,
            Self::ClockRead | Self::RandomRead | Self::LogWrite => Kind::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_to_their_verb_and_nothing_else_does() {
        for (number, verb) in Verb::ALL.into_iter().enumerate() {
            assert_eq!(verb as usize, number);
            assert_eq!(Verb::parse(verb.name()), Ok(verb));
        }
        for name in ["", "fs", "FS.READ", "fs.read ", "fs.*", "fs.read=x"] {
            assert_eq!(Verb::parse(name).map_err(|e| e.code), Err(Code::Grant), "{name:?}");
        }
    }
}
