//! Every host function of `astrid:capsule`, with the verb that decides it and how durable its
//! record is before the effect. A function that asks for several things has a row for each.

use crate::audit::{Class, Kind};
use crate::gate::verb::Verb;

/// One thing that a host function asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Interface and function, as the contract names them.
    pub name: &'static str,
    /// What decides it.
    pub verb: Verb,
    /// When its decision is recorded.
    pub class: Class,
}

impl Function {
    /// What an allowed call leaves in the log; a refused one is a `call`.
    pub const fn kinds(self) -> &'static [Kind] {
        match self.class {
            Class::Before | Class::With => &[Kind::CallDecision, Kind::CallOutcome],
            Class::Batch => &[Kind::Call],
        }
    }

    /// The same for a call whose effect waits for a later record of its own: once that is on disk,
    /// so is this.
    pub const fn before_another(self) -> Self {
        let class = match self.class {
            Class::Before => Class::With,
            other => other,
        };
        Self { class, ..self }
    }
}

macro_rules! functions {
    ($($row:ident = $name:literal, $verb:ident, $class:ident;)*) => {
        $(
            #[doc = concat!("`", $name, "`, `", stringify!($verb), "`.")]
            pub const $row: Function =
                Function { name: $name, verb: Verb::$verb, class: Class::$class };
        )*

        /// All of them.
        pub const ALL: &[Function] = &[$($row,)*];
    };
}

functions! {
    CLOCK_NOW = "clock.now", ClockRead, Batch;
    CLOCK_MONOTONIC = "clock.monotonic", ClockRead, Batch;
    CLOCK_SLEEP = "clock.sleep", ClockRead, Batch;
    CONFIG_GET = "config.get", ConfigRead, Batch;
    CONFIG_KEYS = "config.keys", ConfigRead, Batch;
    FS_OPEN = "fs.open", FsRead, Batch;
    FS_OPEN_TO_WRITE = "fs.open", FsWrite, Before;
    FS_STAT = "fs.stat", FsRead, Batch;
    FS_LIST = "fs.list", FsRead, Batch;
    FS_CREATE_DIRECTORY = "fs.create-directory", FsWrite, Before;
    FS_REMOVE = "fs.remove", FsWrite, Before;
    FS_RENAME_READ = "fs.rename", FsRead, Batch;
    FS_RENAME = "fs.rename", FsWrite, Before;
    FS_COPY_READ = "fs.copy", FsRead, Batch;
    FS_COPY = "fs.copy", FsWrite, Before;
    FILE_READ = "fs.file.read", FsRead, Batch;
    FILE_WRITE = "fs.file.write", FsWrite, With;
    FILE_APPEND = "fs.file.append", FsWrite, With;
    FILE_TRUNCATE = "fs.file.truncate", FsWrite, Before;
    FILE_SYNC = "fs.file.sync", FsWrite, With;
    FILE_STAT = "fs.file.stat", FsRead, Batch;
    FILE_READ_STREAM = "fs.file.read-stream", FsRead, Batch;
    FILE_WRITE_STREAM = "fs.file.write-stream", FsWrite, With;
    FILE_CLOSE = "fs.file", FsWrite, Batch;
    IPC_PUBLISH = "ipc.publish", IpcPublish, With;
    KV_GET = "kv.get", KvRead, Batch;
    KV_SET = "kv.set", KvWrite, With;
    KV_DELETE = "kv.delete", KvWrite, With;
    KV_LIST = "kv.list", KvRead, Batch;
    KV_COMPARE = "kv.compare-and-swap", KvRead, Batch;
    KV_SWAP = "kv.compare-and-swap", KvWrite, With;
    LOG_WRITE = "log.write", LogWrite, Batch;
    RANDOM_BYTES = "random.bytes", RandomRead, Batch;
}
