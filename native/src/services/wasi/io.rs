//! `wasi:io`: stdin is empty, stdout and stderr are lines of the log, pollables are ready or
//! timers.

use std::time::Duration;

use tokio::time::Instant;
use wasmtime::component::Resource;

use super::bindings::wasi::io::{error, poll, streams};
use super::table::Function;
use crate::base::limits;
use crate::services::guest::Guest;
use crate::services::log::Level;

/// What a write may carry at once, as `check-write` says.
const WRITE_BYTES: usize = 4096;

/// A stream's error: none is ever made.
pub enum NoError {}

/// Standard input: always at its end.
pub struct Input;

/// Standard output or error.
pub struct Output;

/// Something to wait for.
#[derive(Clone, Copy)]
pub enum Pollable {
    /// It happened.
    Ready,
    /// It happens then.
    At(Instant),
}

impl Pollable {
    /// Ready after `wait`; a wait beyond `sleep-ms` ends there.
    pub fn after(wait: Duration) -> Self {
        let longest = Duration::from_millis(limits::SLEEP_MS);
        Self::At(Instant::now() + wait.min(longest))
    }

    fn is_ready(self) -> bool {
        match self {
            Self::Ready => true,
            Self::At(when) => when <= Instant::now(),
        }
    }
}

type Stream<T> = wasmtime::Result<Result<T, streams::StreamError>>;

impl error::Host for Guest {}

impl error::HostError for Guest {
    fn to_debug_string(&mut self, error: Resource<NoError>) -> wasmtime::Result<String> {
        self.wasi_call(Function::ErrorText);
        match *self.table.get(&error)? {}
    }

    fn drop(&mut self, error: Resource<NoError>) -> wasmtime::Result<()> {
        self.table.delete(error)?;
        Ok(())
    }
}

impl poll::Host for Guest {
    async fn poll(&mut self, pollables: Vec<Resource<Pollable>>) -> wasmtime::Result<Vec<u32>> {
        self.wasi_call(Function::Poll);
        if pollables.is_empty() {
            return Err(wasmtime::Error::msg("poll of an empty list"));
        }
        let mut all = Vec::with_capacity(pollables.len());
        for pollable in &pollables {
            all.push(*self.table.get(pollable)?);
        }
        if !all.iter().any(|pollable| pollable.is_ready()) {
            let first = all.iter().filter_map(|pollable| match pollable {
                Pollable::Ready => None,
                Pollable::At(when) => Some(*when),
            });
            if let Some(first) = first.min() {
                self.hand_over();
                tokio::time::sleep_until(first).await;
            }
        }
        let ready = all.iter().zip(0..).filter(|(pollable, _)| pollable.is_ready());
        Ok(ready.map(|(_, index)| index).collect())
    }
}

impl poll::HostPollable for Guest {
    fn ready(&mut self, pollable: Resource<Pollable>) -> wasmtime::Result<bool> {
        self.wasi_call(Function::Poll);
        Ok(self.table.get(&pollable)?.is_ready())
    }

    async fn block(&mut self, pollable: Resource<Pollable>) -> wasmtime::Result<()> {
        self.wasi_call(Function::Poll);
        if let Pollable::At(when) = *self.table.get(&pollable)? {
            self.hand_over();
            tokio::time::sleep_until(when).await;
        }
        Ok(())
    }

    fn drop(&mut self, pollable: Resource<Pollable>) -> wasmtime::Result<()> {
        self.table.delete(pollable)?;
        Ok(())
    }
}

impl streams::Host for Guest {}

impl streams::HostInputStream for Guest {
    fn read(&mut self, _: Resource<Input>, _len: u64) -> Stream<Vec<u8>> {
        self.wasi_call(Function::StreamRead);
        Ok(Err(streams::StreamError::Closed))
    }

    fn blocking_read(&mut self, stream: Resource<Input>, len: u64) -> Stream<Vec<u8>> {
        streams::HostInputStream::read(self, stream, len)
    }

    fn subscribe(&mut self, _: Resource<Input>) -> wasmtime::Result<Resource<Pollable>> {
        self.wasi_call(Function::StreamSubscribe);
        Ok(self.table.push(Pollable::Ready)?)
    }

    fn drop(&mut self, stream: Resource<Input>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl streams::HostOutputStream for Guest {
    fn check_write(&mut self, _: Resource<Output>) -> Stream<u64> {
        self.wasi_call(Function::StreamCheck);
        Ok(Ok(WRITE_BYTES as u64))
    }

    fn write(&mut self, _: Resource<Output>, contents: Vec<u8>) -> Stream<()> {
        let granted = self.wasi_call(Function::StreamWrite);
        if contents.len() > WRITE_BYTES {
            return Err(wasmtime::Error::msg("a write beyond what check-write allowed"));
        }
        if granted {
            self.stdio(&contents);
        }
        Ok(Ok(()))
    }

    fn blocking_write_and_flush(
        &mut self,
        stream: Resource<Output>,
        contents: Vec<u8>,
    ) -> Stream<()> {
        streams::HostOutputStream::write(self, stream, contents)
    }

    fn flush(&mut self, _: Resource<Output>) -> Stream<()> {
        self.wasi_call(Function::StreamFlush);
        Ok(Ok(()))
    }

    fn blocking_flush(&mut self, stream: Resource<Output>) -> Stream<()> {
        streams::HostOutputStream::flush(self, stream)
    }

    fn subscribe(&mut self, _: Resource<Output>) -> wasmtime::Result<Resource<Pollable>> {
        self.wasi_call(Function::StreamSubscribe);
        Ok(self.table.push(Pollable::Ready)?)
    }

    fn drop(&mut self, stream: Resource<Output>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl Guest {
    /// Cuts what the runtime prints into lines of the log.
    fn stdio(&mut self, contents: &[u8]) {
        for byte in contents {
            if *byte == b'\n' || self.wasi.line.len() as u64 >= limits::LOG_LINE_BYTES {
                self.end_stdio_line();
            }
            if *byte != b'\n' {
                self.wasi.line.push(*byte);
            }
        }
    }

    /// Writes the unfinished line, if there is one: at its end, and at the message's.
    pub(crate) fn end_stdio_line(&mut self) {
        let line = std::mem::take(&mut self.wasi.line);
        if !line.is_empty() {
            // Beyond the message's log bytes the line is dropped; the count of writes stays exact.
            let _ = self.log_line(Level::Info, &String::from_utf8_lossy(&line));
        }
    }
}
