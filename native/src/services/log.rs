//! `log.wit`.

use super::bindings::astrid::capsule::log;
use super::functions;
use super::guest::{Guest, Hosted};
use super::port::Line;
use crate::base::error::{Code, Error, Result};
use crate::base::limits;
use crate::gate::permit::Permit;

pub use log::Level;

/// What a line costs beside its text: an empty one is not free.
pub const LINE_BYTES: u64 = 64;

const fn name(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

impl log::Host for Guest {
    fn write(&mut self, level: Level, text: String) -> Hosted<()> {
        wasmtime::error::Ok(self.log_line(level, &text).map_err(Into::into))
    }
}

impl Guest {
    /// Writes one line to the log. Errors as `log.write` in `log.wit`.
    pub(super) fn log_line(&mut self, level: Level, text: &str) -> Result<()> {
        self.decide_and_do(functions::LOG_WRITE, (), text.as_bytes(), |guest, permit| {
            guest.write_line(permit, level, text)
        })
    }

    fn write_line(&mut self, _permit: Permit<()>, level: Level, text: &str) -> Result<()> {
        if text.len() as u64 > limits::LOG_LINE_BYTES {
            let most = limits::LOG_LINE_BYTES;
            return Err(Error::new(Code::TooLarge, format!("over {most} bytes (log-line-bytes)")));
        }
        let bytes = text.len() as u64 + LINE_BYTES;
        if self.message.log_bytes + bytes > limits::LOG_BYTES_PER_MESSAGE {
            let most = limits::LOG_BYTES_PER_MESSAGE;
            let why = format!("this message logged {most} bytes (log-bytes-per-message)");
            return Err(Error::new(Code::Quota, why));
        }
        self.meter.charge(bytes as usize)?;
        self.message.log_bytes += bytes;
        self.meter.bytes_out += text.len() as u64;
        self.shared.port.line(Line {
            capsule: self.shared.capsule.name.to_string(),
            level: name(level),
            text: text.to_owned(),
        })
    }
}
