//! The ways the log fails, as errors of the table.

use std::{fmt::Display, path::Path};

use crate::base::error::{Code, Error};

/// The log can't be written or read now: `ASTRID_AUDIT_WRITE`.
pub fn write(doing: &str, path: &Path, cause: impl Display) -> Error {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Error::new(Code::AuditWrite, format!("can't {doing} the log ({name}): {cause}"))
}

/// The log does not verify: `ASTRID_AUDIT_CORRUPT`.
pub fn corrupt(name: &str, what: impl Display) -> Error {
    Error::new(Code::AuditCorrupt, format!("{name}: {what}"))
}

/// Another process holds the log's lock for longer than `audit-lock-ms`: `ASTRID_LOG_BUSY`.
pub fn busy() -> Error {
    Error::new(Code::LogBusy, "another process holds the log's lock")
}
